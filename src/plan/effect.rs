//! What steps do to the account as the edge sees it.

use std::borrow::Borrow;
use std::collections::BTreeMap;
use std::collections::BTreeSet;

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
use crate::plan::RuleChange;
use crate::plan::Step;
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
            Content::Uploaded(bundle) => state.note_issuers(bundle, &ca.issuers),
        }
    }
    state
}

/// The account as the edge sees it once some steps have taken effect.
#[must_use]
pub fn state_after<'s>(
    desired: &Desired,
    live: &Live,
    steps: impl Iterator<Item = &'s Step>,
    at: Timestamp,
) -> State {
    state_from(state_now(desired, live, at), (desired, live), steps, at)
}

/// A state once some steps have taken effect; `live` says which CAs there were before any.
#[must_use]
pub fn state_from<'s>(
    state: State,
    (desired, live): (&Desired, &Live),
    steps: impl Iterator<Item = &'s Step>,
    at: Timestamp,
) -> State {
    let mut state = state;
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
        Change::Rule { zone, change } => {
            let zone = state.zones.entry(zone.clone()).or_default();
            Edit::of(change).apply(&mut zone.rules);
        }
    }
}

/// The CA that a step names.
pub(super) fn authority(ca: &CaRef, desired: &Desired, live: &Live) -> Option<Authority> {
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

/// A change of a rule list, its rules read once.
#[derive(Debug, Clone)]
pub(super) enum Edit<R> {
    Insert(R, Place),
    /// The rule of this `ref` becomes that.
    Replace(String, R),
    Move(String, Place),
    Remove(String),
}

impl<R: From<Rule> + Borrow<Rule> + Clone> Edit<R> {
    pub(super) fn of(change: &RuleChange) -> Self {
        match change {
            RuleChange::Create { rule, place } => {
                Self::Insert(Rule::written(rule).into(), place.clone())
            }
            RuleChange::Replace { before, after } => {
                Self::Replace(before.reference.clone(), Rule::written(after).into())
            }
            RuleChange::Move { rule, place } => Self::Move(rule.reference.clone(), place.clone()),
            RuleChange::Delete { rule } => Self::Remove(rule.reference.clone()),
        }
    }

    /// The rule that it brings into the list, or changes one to.
    pub(super) fn written(&self) -> Option<&R> {
        match self {
            Self::Insert(rule, _) | Self::Replace(_, rule) => Some(rule),
            Self::Move(..) | Self::Remove(_) => None,
        }
    }

    /// The `ref` of the rule that it is about.
    pub(super) fn reference(&self) -> &str {
        match self {
            Self::Insert(rule, _) => &rule.borrow().reference,
            Self::Replace(reference, _) | Self::Move(reference, _) | Self::Remove(reference) => {
                reference
            }
        }
    }

    pub(super) fn apply(&self, rules: &mut Vec<R>) {
        let place_of = |rules: &[R], reference: &str| {
            rules
                .iter()
                .position(|rule| rule.borrow().reference == reference)
        };
        match self {
            Self::Insert(rule, place) => insert(rules, rule.clone(), place),
            Self::Replace(reference, after) => {
                let at = place_of(rules, reference);
                if let Some(rule) = at.and_then(|at| rules.get_mut(at)) {
                    *rule = after.clone();
                }
            }
            Self::Move(reference, place) => {
                if let Some(at) = place_of(rules, reference) {
                    let moved = rules.remove(at);
                    insert(rules, moved, place);
                }
            }
            Self::Remove(reference) => rules.retain(|rule| rule.borrow().reference != *reference),
        }
    }
}

/// Rules after some of the edits of one wave have taken effect, which may be any of them: one that has not yet
/// keeps its place, or the place that it will have.
pub(super) fn arranged<R: From<Rule> + Borrow<Rule> + Clone>(
    rules: &[R],
    edits: &[(&Edit<R>, bool)],
) -> Vec<R> {
    let mut all = rules.to_vec();
    let (mut moved, mut waiting) = (BTreeSet::new(), BTreeSet::new());
    let (mut bodies, mut absent) = (BTreeMap::new(), BTreeSet::new());
    for (edit, is_taken) in edits {
        let reference = edit.reference();
        match edit {
            Edit::Insert(..) | Edit::Move(..) => edit.apply(&mut all),
            Edit::Replace(..) | Edit::Remove(_) => {}
        }
        match (edit, is_taken) {
            (Edit::Move(..), true) => moved.insert(reference),
            (Edit::Move(..), false) => waiting.insert(reference),
            (Edit::Insert(..), false) | (Edit::Remove(_), true) => absent.insert(reference),
            (Edit::Replace(_, after), true) => bodies.insert(reference, after).is_none(),
            (Edit::Insert(..), true) | (Edit::Replace(..) | Edit::Remove(_), false) => false,
        };
    }
    all.retain(|rule| !waiting.contains(named(rule)));
    for (at, rule) in rules
        .iter()
        .enumerate()
        .filter(|(_, rule)| waiting.contains(named(*rule)))
    {
        let place = |rule: &R| {
            let stands = !moved.contains(named(rule));
            all.iter()
                .position(|one| stands && named(one) == named(rule))
        };
        let (above, below) = rules.split_at(at);
        let above = above.iter().rev().find_map(place).map(|above| above + 1);
        let place = above.or_else(|| below.iter().find_map(place));
        all.insert(place.unwrap_or(all.len()), rule.clone());
    }
    let all = all.into_iter().filter(|rule| !absent.contains(named(rule)));
    all.map(|rule| bodies.get(named(&rule)).copied().cloned().unwrap_or(rule))
        .collect()
}

fn named<R: Borrow<Rule>>(rule: &R) -> &str {
    &rule.borrow().reference
}

fn insert<R: Borrow<Rule>>(rules: &mut Vec<R>, rule: R, place: &Place) {
    let at = match place {
        Place::First => 0,
        Place::After(reference) => {
            let above = rules
                .iter()
                .position(|one| one.borrow().reference == *reference);
            above.map_or(0, |above| above + 1)
        }
    };
    rules.insert(at, rule);
}
