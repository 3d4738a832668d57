//! An account taken apart into the single things that reach the edge each at its own time.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::sync::Arc;

use crate::sandbox::account::Account;
use crate::sandbox::edge::authority::Authority;
use crate::sandbox::edge::rank::Rank;
use crate::sandbox::edge::rank::ranks;
use crate::sandbox::edge::rule::Rule;
use crate::sandbox::phase::Phase;
use crate::sandbox::ruleset::Ruleset;
use crate::sandbox::ruleset::RulesetKind;
use crate::sandbox::zone::Zone;
use crate::sandbox::zone::ZoneStatus;

/// One thing.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Thing {
    /// A zone, by its id.
    Zone(String),
    /// An uploaded CA, by its id.
    Ca(String),
    /// The hosts of one CA in one zone; without an id, of the managed CA.
    Hosts { zone: String, ca: Option<String> },
    /// That a rule is there, and where among the others.
    Place(Spot),
    /// What a rule says.
    Rule(Spot),
}

/// Which rule.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Spot {
    pub(crate) zone: String,
    /// The custom ruleset that it is in; `None` for the entry point, whatever its id.
    pub(crate) ruleset: Option<String>,
    /// Its id.
    pub(crate) rule: String,
}

/// How a thing is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Fact {
    /// A zone of this name goes through the edge.
    Zone(String),
    Ca(Arc<Authority>),
    /// Never empty: an empty list is none.
    Hosts(BTreeSet<String>),
    Place(Rank),
    Rule(Arc<Rule>),
}

/// Things as they are.
pub(crate) type Facts = BTreeMap<Thing, Fact>;

/// What of an account matters at the edge. What is as it was `before` is taken from there: it is compiled
/// already, and rules that did not move keep their places.
pub(crate) fn facts(account: &Account, before: &Facts) -> Facts {
    let mut facts = Facts::new();
    for certificate in account.certificates().values() {
        if !certificate.exists() || !certificate.holds_slot() {
            continue;
        }
        let thing = Thing::Ca(certificate.id.clone());
        // An id stands for a content, for ever.
        let fact = before.get(&thing).cloned();
        let fact =
            fact.unwrap_or_else(|| Fact::Ca(Arc::new(Authority::from_pem(certificate.pem()))));
        facts.insert(thing, fact);
    }
    for zone in account.zones() {
        of_zone(zone, before, &mut facts);
    }
    facts
}

fn of_zone(zone: &Zone, before: &Facts, facts: &mut Facts) {
    if zone.facts.status == ZoneStatus::Active && !zone.facts.paused {
        let name = Fact::Zone(zone.facts.name.clone());
        facts.insert(Thing::Zone(zone.id.clone()), name);
    }
    let uploaded = zone.associations.iter();
    let lists = uploaded
        .map(|(id, list)| (Some(id.clone()), list))
        .chain([(None, &zone.managed)]);
    for (ca, list) in lists.filter(|(_, list)| !list.hosts().is_empty()) {
        let zone = zone.id.clone();
        facts.insert(Thing::Hosts { zone, ca }, Fact::Hosts(list.hosts().clone()));
    }
    let rulesets = zone.rulesets.iter();
    for ruleset in rulesets.filter(|ruleset| ruleset.phase == Phase::CustomRules) {
        of_ruleset(&zone.id, ruleset, before, facts);
    }
}

fn of_ruleset(zone: &str, ruleset: &Ruleset, before: &Facts, facts: &mut Facts) {
    let within = (ruleset.kind == RulesetKind::Custom).then(|| ruleset.id.clone());
    let places = before
        .iter()
        .filter_map(|(thing, fact)| match (thing, fact) {
            (Thing::Place(spot), Fact::Place(rank))
                if spot.zone == zone && spot.ruleset == within =>
            {
                Some((spot.rule.as_str(), rank.clone()))
            }
            _ => None,
        });
    let order: Vec<&str> = ruleset.rules.iter().map(|rule| rule.id.as_str()).collect();
    let ranks = ranks(&places.collect(), &order);
    for (rule, rank) in ruleset.rules.iter().zip(ranks) {
        let spot = Spot {
            zone: zone.to_owned(),
            ruleset: within.clone(),
            rule: rule.id.clone(),
        };
        facts.insert(Thing::Place(spot.clone()), Fact::Place(rank));
        let thing = Thing::Rule(spot);
        let compiled = match before.get(&thing) {
            Some(Fact::Rule(known)) if known.is_of(rule) => Arc::clone(known),
            _ => Arc::new(Rule::of(rule)),
        };
        facts.insert(thing, Fact::Rule(compiled));
    }
}
