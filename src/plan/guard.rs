//! What no plan does unless somebody says so: the guards of the file, and those that are always on.
//!
//! Judged on a finished plan, live against desired. Each objection names one flag, and the flag lifts that
//! objection and no other. What one objection says of a host, another one does not say again.

pub mod objection;
pub mod reliance;

mod beside;
mod rules;

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::time::Duration;

use jiff::SignedDuration;
use jiff::Timestamp;

use crate::desired::Desired;
use crate::desired::HostLimit;
use crate::desired::SideEffects;
use crate::live::Live;
use crate::plan::Address;
use crate::plan::Assessment;
use crate::plan::Change;
use crate::plan::Consent;
use crate::plan::Note;
use crate::plan::Plan;
use crate::plan::safety::Certainty;
use crate::resource::Hostname;

pub use objection::Hosts;
pub use objection::Objection;
pub use reliance::Reliance;
pub use reliance::ReliedOn;

pub(super) use objection::flag;
pub(super) use objection::if_so;
pub(super) use objection::some;

use rules::OurRules;

/// From how many hosts on a share of them says something.
const FEWEST: usize = 3;

/// Everything that a guard has against a plan and that `consent` does not lift.
pub(super) fn objections(
    plan: &Plan,
    (desired, live): (&Desired, &Live),
    at: Timestamp,
    consent: &Consent,
) -> Vec<Objection> {
    let now = OurRules::now(desired, live);
    let after = now.after(plan);
    let opened = opened(&plan.safety, desired, consent);
    let mut found = Vec::new();
    if !opened.is_empty() {
        let hosts = opened.iter().cloned().collect();
        found.push(Objection::Opened { hosts });
    }
    let protected = (&now.protected(), &after.protected());
    found.extend(hosts(plan, desired, protected, &opened, consent));
    let relied: Vec<Reliance> = reliance::reliances(plan, desired, live, at)
        .into_iter()
        .filter(|one| !is_subset(&one.hosts, &consent.side_effects))
        .collect();
    found.extend(beside(plan, (desired, live), &relied, consent));
    found.extend(relied.into_iter().map(Objection::Relied));
    found.extend(deletions(plan, desired, now.lost(&after), consent));
    found.extend(expiring(plan, desired, at, consent));
    found
}

/// What a plan does beside what the file is about, and may do as far as the guards of the file go.
pub(super) fn reported(desired: &Desired, live: &Live, safety: &Assessment) -> Vec<Note> {
    if desired.guards.side_effects == SideEffects::Refuse {
        return Vec::new();
    }
    let effects = beside::side_effects(desired, live, safety).into_iter();
    let notes = effects.filter_map(|(certainty, hosts)| match certainty {
        Certainty::Certain => None,
        Certainty::Possible(reading) => Some(Note::SideEffects { hosts, reading }),
    });
    notes.collect()
}

/// Hosts that would stand open without anybody having said that they may.
pub(super) fn opened(
    safety: &Assessment,
    desired: &Desired,
    consent: &Consent,
) -> BTreeSet<Hostname> {
    let listed = &desired.guards.may_open;
    let may_open = |host: &&Hostname| {
        consent.opened.contains(*host) || listed.iter().any(|one| one.value == **host)
    };
    let opened = safety.opened.iter();
    opened.filter(|host| !may_open(host)).cloned().collect()
}

/// Protected hosts that lose all protection, else those on which somebody changes verdict: they are allowed
/// together, so of both only what weighs more is said.
fn hosts(
    plan: &Plan,
    desired: &Desired,
    (now, after): (&BTreeSet<Hostname>, &BTreeSet<Hostname>),
    opened: &BTreeSet<Hostname>,
    consent: &Consent,
) -> Option<Objection> {
    let named = |hosts: &BTreeSet<Hostname>| Hosts {
        named: hosts.difference(opened).cloned().collect(),
        opened: hosts.intersection(opened).count(),
    };
    let is_allowed = |count: usize| consent.changed_hosts.is_some_and(|most| count <= most);
    let shifted = plan.safety.shifts.iter().flat_map(|shift| &shift.hosts);
    let changed: BTreeSet<Hostname> = shifted
        .filter(|host| now.contains(*host))
        .cloned()
        .collect();
    let lost: BTreeSet<Hostname> = now.difference(after).cloned().collect();
    let is_all = !lost.is_empty() && lost.len() == now.len();
    let is_most = lost.len() >= FEWEST && lost.len() * 2 > now.len();
    if (is_all || is_most) && !is_allowed(lost.len()) {
        return Some(Objection::Unprotected {
            hosts: named(&lost),
            of: now.len(),
            changed: lost.union(&changed).count(),
        });
    }
    let limit = desired.guards.max_changed_hosts;
    let is_within = match limit {
        HostLimit::Percent(percent) => {
            changed.len() < FEWEST || changed.len() * 100 <= usize::from(percent) * now.len()
        }
        HostLimit::Count(most) => changed.len() <= most,
    };
    (!is_within && !is_allowed(changed.len())).then(|| Objection::ChangedHosts {
        hosts: named(&changed),
        of: now.len(),
        limit,
    })
}

/// Hosts that are not ours and on which somebody changes verdict; those of which another objection tells are
/// left out.
fn beside(
    plan: &Plan,
    (desired, live): (&Desired, &Live),
    relied: &[Reliance],
    consent: &Consent,
) -> Vec<Objection> {
    let told: BTreeSet<&Hostname> = relied.iter().flat_map(|one| &one.hosts).collect();
    let is_open = |host: &Hostname| consent.side_effects.contains(host) || told.contains(host);
    let possible_too = desired.guards.side_effects == SideEffects::Refuse;
    let effects: BTreeMap<Certainty, Vec<Hostname>> =
        beside::side_effects(desired, live, &plan.safety);
    let refused = effects
        .into_iter()
        .filter(|(certainty, _)| possible_too || *certainty == Certainty::Certain);
    let objections = refused.filter_map(|(certainty, hosts)| {
        let hosts: Vec<Hostname> = hosts.into_iter().filter(|host| !is_open(host)).collect();
        (!hosts.is_empty()).then_some(Objection::SideEffects { hosts, certainty })
    });
    objections.collect()
}

/// More deletions than one plan may have.
fn deletions(
    plan: &Plan,
    desired: &Desired,
    rules: Vec<Address>,
    consent: &Consent,
) -> Option<Objection> {
    let is_deletion = |change: &Change| matches!(change, Change::DeleteCa { .. });
    let cas = plan.steps().filter(|step| is_deletion(&step.change));
    let mut objects: Vec<Address> = cas.map(|step| step.address.clone()).collect();
    objects.extend(rules);
    let most = desired.guards.max_deletes;
    let limit = consent.deletes.map_or(most, |allowed| allowed.max(most));
    (objects.len() > limit).then_some(Objection::Deletions { objects, limit })
}

/// CAs that are uploaded although they end soon.
fn expiring(plan: &Plan, desired: &Desired, at: Timestamp, consent: &Consent) -> Vec<Objection> {
    const DAY: u64 = 24 * 60 * 60;
    let least: Duration = desired.guards.min_validity;
    let uploads = plan.steps().filter_map(|step| match &step.change {
        Change::UploadCa { mark, bundle } => Some((&mark.name, bundle.verifies_until())),
        _ => None,
    });
    let soon = uploads.filter(|(name, on)| {
        let left: SignedDuration = on.duration_since(at);
        let enough = SignedDuration::try_from(least).unwrap_or(SignedDuration::MAX);
        left < enough && !consent.expiring.contains(*name)
    });
    let objections = soon.map(|(name, on)| Objection::Expiring {
        ca: name.clone(),
        on,
        left: on.duration_since(at).as_hours() / 24,
        least: least.as_secs() / DAY,
    });
    objections.collect()
}

fn is_subset(hosts: &[Hostname], of: &BTreeSet<Hostname>) -> bool {
    hosts.iter().all(|host| of.contains(host))
}
