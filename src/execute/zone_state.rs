//! What a run knows of one zone: as observed, and as its own writes have left it.

use std::collections::BTreeMap;

use crate::execute::Failure;
use crate::live::HostList;
use crate::live::LiveZone;
use crate::live::Rules;
use crate::plan::Address;
use crate::resource::CustomRule;
use crate::resource::Issuer;
use crate::resource::RuleId;
use crate::resource::Seal;
use crate::resource::ZoneId;
use crate::resource::ZoneName;

/// One zone, with the earlier states of this run: a read that shows one of those lags, and is no sign of
/// somebody else.
#[derive(Debug)]
pub(super) struct ZoneState {
    pub(super) id: ZoneId,
    pub(super) name: ZoneName,
    rules: Vec<Rules>,
    lists: BTreeMap<Issuer, Vec<HostList>>,
}

/// What a read says, held against what the run knows.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Seen<T> {
    /// The last state that this run knows of.
    Expected,
    /// An earlier state of this run: the read lags.
    Lagging,
    /// Neither: somebody else was there.
    Moved(T),
}

impl Seen<Failure> {
    /// Whether reads show the last state.
    pub(super) fn shown(self) -> Result<bool, Failure> {
        match self {
            Self::Expected => Ok(true),
            Self::Lagging => Ok(false),
            Self::Moved(failure) => Err(failure),
        }
    }
}

impl ZoneState {
    pub(super) fn observed(zone: &LiveZone) -> Self {
        Self {
            id: zone.zone.id.clone(),
            name: zone.zone.name.clone(),
            rules: vec![zone.rules.clone().unwrap_or(Rules::NoEntryPoint)],
            lists: zone
                .lists
                .iter()
                .flatten()
                .map(|(issuer, list)| (issuer.clone(), vec![list.clone()]))
                .collect(),
        }
    }

    /// The rules as this run knows them.
    pub(super) fn rules(&self) -> &Rules {
        self.rules.last().unwrap_or(&Rules::NoEntryPoint)
    }

    /// The version of the ruleset as this run knows it.
    pub(super) fn version(&self) -> Option<u64> {
        version(self.rules())
    }

    /// The id of the rule with this `ref`.
    pub(super) fn rule_id(&self, reference: &str) -> Option<RuleId> {
        let found = self
            .rules()
            .as_slice()
            .iter()
            .find(|rule| rule.reference == reference);
        found.map(|rule| rule.id.clone())
    }

    /// Remembers the rules of a zone, as a write of this run or somebody else has left them.
    pub(super) fn knows_rules(&mut self, rules: Rules) {
        self.rules.push(rules);
    }

    /// Remembers what a write has left.
    pub(super) fn wrote_hosts(&mut self, issuer: &Issuer, list: HostList) {
        self.lists
            .entry(issuer.clone())
            .or_insert_with(|| vec![HostList::default()])
            .push(list);
    }

    pub(super) fn judge_rules(&self, read: &Rules) -> Seen<Failure> {
        if is_same(read, self.rules()) {
            return Seen::Expected;
        }
        if self.rules.iter().any(|known| is_same(read, known)) {
            return Seen::Lagging;
        }
        let what = rules_moved(self.rules(), read);
        Seen::Moved(Failure::RulesMoved {
            zone: self.name.clone(),
            what,
        })
    }

    pub(super) fn judge_hosts(
        &self,
        issuer: &Issuer,
        read: &HostList,
        address: &Address,
    ) -> Seen<Failure> {
        let nothing = [HostList::default()];
        let known = self.lists.get(issuer).map_or(&nothing[..], Vec::as_slice);
        if known.last() == Some(read) {
            return Seen::Expected;
        }
        if known.contains(read) {
            return Seen::Lagging;
        }
        let known = known.last().cloned().unwrap_or_default();
        let gained = read.0.difference(&known.0).map(|host| format!("+{host}"));
        let lost = known.0.difference(&read.0).map(|host| format!("-{host}"));
        let what = gained.chain(lost).collect();
        Seen::Moved(Failure::HostsMoved {
            address: address.clone(),
            what,
        })
    }
}

fn version(rules: &Rules) -> Option<u64> {
    match rules {
        Rules::NoEntryPoint => None,
        Rules::EntryPoint(entry) => Some(entry.version),
    }
}

/// Whether two reads show the same version of the same ruleset; one that was made anew counts from 1.
fn is_same(one: &Rules, other: &Rules) -> bool {
    match (one, other) {
        (Rules::NoEntryPoint, Rules::NoEntryPoint) => true,
        (Rules::EntryPoint(one), Rules::EntryPoint(other)) => {
            (&one.id, one.version) == (&other.id, other.version)
        }
        _ => false,
    }
}

/// What is different between two reads of the rules, one phrase each.
fn rules_moved(known: &Rules, read: &Rules) -> Vec<String> {
    match (known, read) {
        (Rules::NoEntryPoint, Rules::NoEntryPoint) => Vec::new(),
        (Rules::EntryPoint(_), Rules::NoEntryPoint) => {
            vec!["the whole entry point is gone".to_owned()]
        }
        (Rules::NoEntryPoint, Rules::EntryPoint(made)) => {
            let mut what = vec!["an entry point was made".to_owned()];
            what.extend(rules_differ(&[], &made.rules));
            what
        }
        (Rules::EntryPoint(known), Rules::EntryPoint(read)) if known.id != read.id => {
            vec!["the entry point was deleted, and another one was made".to_owned()]
        }
        (Rules::EntryPoint(known), Rules::EntryPoint(read)) => {
            let mut what = rules_differ(&known.rules, &read.rules);
            if what.is_empty() {
                let is_in_order = known.rules.iter().map(|rule| &rule.id);
                what.push(if is_in_order.eq(read.rules.iter().map(|rule| &rule.id)) {
                    "its version rose, although the rules are the same".to_owned()
                } else {
                    "the order of the rules is another".to_owned()
                });
            }
            what
        }
    }
}

/// The rules that went, changed or came, whatever their order.
fn rules_differ(known: &[CustomRule], read: &[CustomRule]) -> Vec<String> {
    let find = |rules: &'_ [CustomRule], id: &RuleId| rules.iter().position(|rule| rule.id == *id);
    let mut what = Vec::new();
    for rule in known {
        match find(read, &rule.id).map(|at| &read[at]) {
            None => what.push(format!("`{}` is gone", called(rule))),
            Some(now) if now.body() != rule.body() => {
                what.push(format!("`{}` was changed", called(rule)));
            }
            Some(_) => {}
        }
    }
    let added = read.iter().filter(|rule| find(known, &rule.id).is_none());
    what.extend(added.map(|rule| format!("`{}` is new", called(rule))));
    what
}

/// What people call a rule; its seal is nothing to them.
fn called(rule: &CustomRule) -> String {
    Seal::cut(rule.label())
}
