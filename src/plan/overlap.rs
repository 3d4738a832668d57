//! Rotation: a CA that is replaced on a host stays a member there until its successor has been accepted for
//! `min_overlap`.
//!
//! Everything is said by a desired state to which the members are added that are held, so that whatever
//! plans after this sees one state. Since when a successor is accepted stands in the description of our
//! rules; where none remembers it, the day of its upload counts.

mod member;
mod memory;
mod queue;
mod standing;

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::desired::Ca;
use crate::desired::Content;
use crate::desired::Desired;
use crate::desired::Requirement;
use crate::live::Live;
use crate::live::LiveCa;
use crate::plan::Address;
use crate::plan::Held;
use crate::plan::HeldBecause;
use crate::plan::cas;
use crate::resource::Bundle;
use crate::resource::Hostname;
use crate::resource::Issuer;
use crate::resource::KeyId;
use crate::resource::Name;

use memory::Remembered;
use memory::Since;
pub(super) use standing::Standing;
pub(super) use standing::Standings;
pub use standing::clauses;

/// CAs that need not wait for `min_overlap`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Allowed {
    /// What they are called: in the file, in the account, or in a plan.
    pub cas: BTreeSet<String>,
}

impl Allowed {
    /// The names that no CA has, in the file or in the account.
    #[must_use]
    pub fn unknown(&self, desired: &Desired, live: &Live) -> Vec<&str> {
        let declared: BTreeSet<&str> = desired.cas.keys().map(Name::as_str).collect();
        let called = live.cas.iter().flat_map(|ca| names(desired, ca));
        let called: BTreeSet<String> = called.collect();
        let is_unknown = |name: &&str| !declared.contains(name) && !called.contains(*name);
        self.cas
            .iter()
            .map(String::as_str)
            .filter(is_unknown)
            .collect()
    }

    fn covers(&self, desired: &Desired, ca: &LiveCa) -> bool {
        names(desired, ca).any(|name| self.cas.contains(&name))
    }
}

/// What a CA is called, by the file, by its mark, in a plan and in the account.
fn names(desired: &Desired, ca: &LiveCa) -> impl Iterator<Item = String> {
    let mark = ca.mark().filter(|mark| desired.is_ours(&mark.owner));
    let marked = mark.map(|mark| mark.name.to_string());
    let names = [Some(cas::label(desired, ca)), Some(ca.name.clone()), marked];
    names.into_iter().flatten()
}

/// The desired state with the members that are held.
pub(super) struct Overlap {
    pub(super) desired: Desired,
    pub(super) held: Vec<Held>,
    pub(super) acceptance: Acceptance,
}

/// Adds to the desired state what must not go yet.
pub(super) fn overlap(desired: &Desired, live: &Live, at: Timestamp, allowed: &Allowed) -> Overlap {
    let mut desired = desired.clone();
    let mut held = queue::wait(&mut desired, live, at, allowed);
    let holds = Holds::of(&desired, live, at, allowed);
    held.extend(holds.told(&desired));
    holds.join(&mut desired);
    let acceptance = Acceptance::of(&desired, live, at);
    Overlap {
        desired,
        held,
        acceptance,
    }
}

/// What a plan works towards: the desired state, and in it every CA that is held or waits for a slot, as it
/// is in the account.
#[must_use]
pub fn effective(desired: &Desired, live: &Live, at: Timestamp, allowed: &Allowed) -> Desired {
    overlap(desired, live, at, allowed).desired
}

/// Members that are held: each CA with its hosts, by the day on which it may go.
struct Holds<'l>(Vec<Hold<'l>>);

struct Hold<'l> {
    ca: &'l LiveCa,
    content: &'l Bundle,
    hosts: BTreeMap<Date, Vec<Hostname>>,
}

impl<'l> Holds<'l> {
    fn of(desired: &Desired, live: &'l Live, at: Timestamp, allowed: &Allowed) -> Self {
        if desired.guards.min_overlap.is_zero() {
            return Self(Vec::new());
        }
        let acceptance = Acceptance::of(desired, live, at);
        let holds = live.cas.iter().filter_map(|ca| {
            let content = ca.bundle.as_ref().filter(|_| ca.is_uploaded_ca())?;
            if allowed.covers(desired, ca) {
                return None;
            }
            let leaving = Leaving::of(desired, ca, content)?;
            let mut hosts: BTreeMap<Date, Vec<Hostname>> = BTreeMap::new();
            for host in desired.hosts.keys() {
                if let Some(until) = acceptance.keeps(desired, &leaving, host) {
                    hosts.entry(until).or_default().push(host.clone());
                }
            }
            (!hosts.is_empty()).then_some(Hold { ca, content, hosts })
        });
        Self(holds.collect())
    }

    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn told(&self, desired: &Desired) -> Vec<Held> {
        let one = |hold: &Hold<'_>| {
            let label = cas::label(desired, hold.ca);
            let held = |(until, hosts): (&Date, &Vec<Hostname>)| Held {
                address: Address::Ca {
                    label: label.clone(),
                },
                because: HeldBecause::Overlap {
                    until: *until,
                    hosts: hosts.clone(),
                    ca: label.clone(),
                },
            };
            hold.hosts.iter().map(held).collect::<Vec<_>>()
        };
        self.0.iter().flat_map(one).collect()
    }

    fn join(&self, desired: &mut Desired) {
        for Hold { ca, content, hosts } in &self.0 {
            let declared = desired.ca_of(content).map(|(name, _)| name.clone());
            let name = declared.or_else(|| member::declare(desired, &ca.mark()?, content));
            let Some(name) = name else { continue };
            for host in hosts.values().flatten() {
                member::join(desired, &name, host);
            }
        }
        member::accept(desired);
    }
}

/// A CA of ours, or one that the file dates, that may be about to leave hosts.
struct Leaving<'d> {
    issuer: Issuer,
    keys: BTreeSet<KeyId>,
    /// Its name in the file.
    declared: Option<&'d Name>,
    /// The CA that has its name now.
    successor: Option<&'d Name>,
}

impl<'d> Leaving<'d> {
    fn of(desired: &'d Desired, ca: &LiveCa, content: &Bundle) -> Option<Self> {
        let mark = ca.mark().filter(|mark| desired.is_ours(&mark.owner));
        let declared = desired.ca_of(content);
        if mark.is_none() && declared.is_none_or(|(_, ca)| ca.retire.is_none()) {
            return None;
        }
        let declared = declared.map(|(name, _)| name);
        let successor = mark.and_then(|mark| desired.cas.get_key_value(&mark.name));
        Some(Self {
            issuer: Issuer::Uploaded(ca.id.clone()),
            keys: content.key_ids(),
            declared,
            successor: successor
                .map(|(name, _)| name)
                .filter(|name| declared != Some(*name)),
        })
    }
}

/// Since when the CAs of the file are accepted on its hosts.
pub(super) struct Acceptance {
    standings: Standings,
    /// What the account has of each CA: its id, and the day of its upload.
    uploaded: BTreeMap<Name, (Issuer, Date)>,
    /// The hosts whose rules can remember something.
    ruled: BTreeSet<Hostname>,
    today: Date,
    min_overlap: std::time::Duration,
}

/// Since when a CA is accepted on a host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Accepted {
    on: Date,
    /// Whether it becomes so by this plan.
    joins: bool,
}

impl Acceptance {
    fn of(desired: &Desired, live: &Live, at: Timestamp) -> Self {
        let uploaded = desired.cas.iter().filter_map(|(name, ca)| {
            let known = match &ca.content {
                Content::CloudflareManaged => (Issuer::CloudflareManaged, Date::MIN),
                Content::Uploaded(bundle) => {
                    let found = live.ca_of(bundle)?;
                    let on = found.uploaded_on.map_or(Date::MIN, day);
                    (Issuer::Uploaded(found.id.clone()), on)
                }
            };
            Some((name.clone(), known))
        });
        let requirements = desired.rules.iter().flat_map(|rule| rule.zones.values());
        let ruled = requirements.flat_map(|requirement| requirement.hosts.keys());
        Self {
            standings: Standings::of(desired, live),
            uploaded: uploaded.collect(),
            ruled: ruled.cloned().collect(),
            today: day(at),
            min_overlap: desired.guards.min_overlap,
        }
    }

    /// Until when a CA stays a member on a host that it is to leave; `None` where it may go, does not go,
    /// or is none.
    fn keeps(&self, desired: &Desired, leaving: &Leaving<'_>, host: &Hostname) -> Option<Date> {
        let standing = self.standings.get(host)?;
        let members = &desired.hosts.get(host)?.cas;
        let stays = leaving.declared.is_some_and(|name| members.contains(name));
        if stays || !standing.accepts_any(&leaving.issuer, &leaving.keys) {
            return None;
        }
        let accepted = |name: &Name| {
            let ca = desired.cas.get(name)?;
            Some(self.since(name, ca, host).on)
        };
        let successor = leaving.successor.filter(|name| members.contains(*name));
        let since = match successor {
            Some(name) => accepted(name),
            None => members.iter().filter_map(accepted).max(),
        };
        let until = since?.saturating_add(self.min_overlap);
        (until > self.today).then_some(until)
    }

    fn since(&self, name: &Name, ca: &Ca, host: &Hostname) -> Accepted {
        let standing = self.standings.get(host);
        let known = self.uploaded.get(name);
        let keys = match &ca.content {
            Content::CloudflareManaged => ca.pins.clone(),
            Content::Uploaded(bundle) => bundle.key_ids(),
        };
        let accepted = |standing: &&standing::Standing| {
            known.is_some_and(|(issuer, _)| standing.accepts(issuer, &keys))
        };
        let uploaded = known.map_or(self.today, |(_, on)| *on);
        let Some(standing) = standing.filter(accepted) else {
            // Nothing would remember the day: tomorrow's plan has to come to the same.
            let forgotten = known.is_some() && !self.ruled.contains(host);
            let on = if forgotten { uploaded } else { self.today };
            return Accepted { on, joins: true };
        };
        let remembered = standing.since(&Remembered::of(name, ca));
        Accepted {
            on: remembered.unwrap_or(uploaded).min(self.today),
            joins: false,
        }
    }

    /// What a rule of these hosts has to remember.
    pub(super) fn of_rule(&self, desired: &Desired, requirement: &Requirement) -> Recollection {
        let mut recollection = Recollection::default();
        if self.min_overlap.is_zero() {
            return recollection;
        }
        for host in requirement.hosts.keys() {
            let Some(standing) = self.standings.get(host) else {
                continue;
            };
            let members = desired
                .hosts
                .get(host)
                .into_iter()
                .flat_map(|host| &host.cas);
            for (name, ca) in members.filter_map(|name| desired.cas.get_key_value(name)) {
                let accepted = self.since(name, ca, host);
                let known = self.uploaded.get(name);
                let is_beside = |issuer| known.is_none_or(|(own, _)| own != issuer);
                let is_new = accepted.joins && standing.listed.iter().any(is_beside);
                let remembered = standing.since(&Remembered::of(name, ca)).is_some();
                let matters = accepted.on.saturating_add(self.min_overlap) > self.today;
                if matters && (is_new || (remembered && !accepted.joins)) {
                    // What is uploaded by this plan needs no other memory than that.
                    let needed = is_new && known.is_some();
                    recollection.note(Remembered::of(name, ca), accepted.on, needed);
                }
            }
        }
        recollection
    }
}

/// What a rule has to remember.
#[derive(Debug, Default)]
pub(super) struct Recollection {
    since: Vec<Since>,
    /// Those that are worth a step of their own.
    needed: Vec<Since>,
}

impl Recollection {
    fn note(&mut self, ca: Remembered, on: Date, needed: bool) {
        let lists = [Some(&mut self.since), needed.then_some(&mut self.needed)];
        for list in lists.into_iter().flatten() {
            match list.iter_mut().find(|since| since.ca.is(&ca)) {
                Some(since) => since.on = since.on.max(on),
                None => list.push(Since { ca: ca.clone(), on }),
            }
        }
    }

    /// Whether a description has all that is worth a step of its own.
    pub(super) fn is_in(&self, description: &str) -> bool {
        let read = memory::read(description);
        let knows = |since: &Since| {
            let mut known = read.iter().filter(|known| known.ca.is(&since.ca));
            known.any(|known| known.on >= since.on)
        };
        self.needed.iter().all(knows)
    }

    /// A text with what is remembered behind it.
    pub(super) fn behind(&self, text: &str) -> String {
        memory::written(text, &self.since)
    }
}

/// A text with behind it what a description remembers already.
pub(super) fn as_remembered(text: &str, description: &str) -> String {
    memory::written(text, &memory::read(description))
}

/// The day of a moment, in UTC.
fn day(at: Timestamp) -> Date {
    TimeZone::UTC.to_datetime(at).date()
}
