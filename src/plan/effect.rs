//! What steps do to the account as the edge sees it.

use jiff::Timestamp;

use crate::desired::Content;
use crate::desired::Desired;
use crate::edge;
use crate::edge::Authority;
use crate::edge::Rule;
use crate::edge::State;
use crate::live::HostList;
use crate::live::Live;
use crate::live::LiveCa;
use crate::plan::CaRef;
use crate::plan::Change;
use crate::plan::Place;
use crate::plan::Plan;
use crate::plan::RuleChange;
use crate::resource::Hostname;
use crate::resource::ZoneName;

/// The account as the edge sees it now, with what the file knows of its CAs: the intermediates below them and
/// the key ids of the managed one.
#[must_use]
pub fn state_now(desired: &Desired, live: &Live, at: Timestamp) -> State {
    let mut state = live.state(at);
    for ca in desired.cas.values() {
        match &ca.content {
            Content::CloudflareManaged => state.managed_key_ids.extend(ca.pins.iter().cloned()),
            Content::Uploaded(bundle) => {
                if let Some(known) = state.cas.get_mut(&Authority::of(bundle)) {
                    known.issuers.clone_from(&ca.issuers);
                }
            }
        }
    }
    state
}

/// The account as the edge sees it once all steps of a plan have taken effect.
#[must_use]
pub fn state_after(desired: &Desired, live: &Live, plan: &Plan, at: Timestamp) -> State {
    let mut state = state_now(desired, live, at);
    let steps = plan.waves.iter().flat_map(|wave| &wave.steps);
    for step in steps {
        apply(&mut state, &step.change, desired, live, at);
    }
    state
}

/// Lets one change take effect.
fn apply(state: &mut State, change: &Change, desired: &Desired, live: &Live, at: Timestamp) {
    match change {
        Change::UploadCa { mark, bundle } => {
            let declared = desired.cas.get(&mark.name);
            let issuers = declared.map(|ca| ca.issuers.clone()).unwrap_or_default();
            let ca = edge::Ca::new(mark.name.as_str(), bundle, at).with_issuers(issuers);
            state.cas.insert(Authority::of(bundle), ca);
        }
        Change::DeleteCa { id, .. } => {
            if let Some(authority) = live.ca(id).and_then(LiveCa::authority) {
                state.cas.remove(&authority);
            }
        }
        Change::ReplaceHosts {
            zone, ca, after, ..
        } => {
            if let Some(authority) = authority(ca, desired, live) {
                replace_hosts(state, zone, &authority, after);
            }
        }
        Change::Rule { zone, change } => change_rule(state, zone, change),
    }
}

fn authority(ca: &CaRef, desired: &Desired, live: &Live) -> Option<Authority> {
    match ca {
        CaRef::CloudflareManaged => Some(Authority::Managed),
        CaRef::Known(id) => live.ca(id)?.authority(),
        CaRef::UploadedBy(name) => match &desired.cas.get(name)?.content {
            Content::Uploaded(bundle) => Some(Authority::of(bundle)),
            Content::CloudflareManaged => None,
        },
    }
}

fn replace_hosts(state: &mut State, zone: &ZoneName, authority: &Authority, after: &HostList) {
    let hosts = &mut state.zones.entry(zone.clone()).or_default().hosts;
    hosts.retain(|_, authorities| {
        authorities.remove(authority);
        !authorities.is_empty()
    });
    for host in after.0.iter().filter_map(|one| Hostname::parse(one).ok()) {
        hosts.entry(host).or_default().insert(authority.clone());
    }
}

fn change_rule(state: &mut State, zone: &ZoneName, change: &RuleChange) {
    let rules = &mut state.zones.entry(zone.clone()).or_default().rules;
    match change {
        RuleChange::Create { rule, place } => insert(rules, Rule::written(rule), place),
        RuleChange::Replace { before, after } => {
            let mut rules = rules.iter_mut();
            if let Some(rule) = rules.find(|rule| rule.reference == before.reference) {
                *rule = Rule::written(after);
            }
        }
        RuleChange::Move { rule, place } => {
            let at = rules.iter().position(|one| one.reference == rule.reference);
            if let Some(at) = at {
                let moved = rules.remove(at);
                insert(rules, moved, place);
            }
        }
        RuleChange::Delete { rule } => rules.retain(|one| one.reference != rule.reference),
    }
}

fn insert(rules: &mut Vec<Rule>, rule: Rule, place: &Place) {
    let at = match place {
        Place::First => 0,
        Place::After(reference) => {
            let above = rules.iter().position(|one| one.reference == *reference);
            above.map_or(rules.len(), |above| above + 1)
        }
    };
    rules.insert(at, rule);
}
