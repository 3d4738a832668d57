//! Differences, from the steps that would take them away: those that come and go together are one unit.
//!
//! A host list is replaced as a whole, so the hosts that it lacks are one unit, and those that it has too many
//! another; verdicts on one host do not depend on the others. The hosts of a CA that is missing or has to go
//! come and go with it.

use std::collections::BTreeSet;

use crate::drift::Difference;
use crate::drift::Grade;
use crate::drift::Object;
use crate::drift::What;
use crate::drift::fingerprint;
use crate::drift::side::Sides;
use crate::drift::side::Told;
use crate::live::Live;
use crate::plan::Address;
use crate::plan::CaRef;
use crate::plan::Change;
use crate::plan::Comparison;
use crate::plan::Phase;
use crate::plan::Reason;
use crate::plan::RuleChange;
use crate::plan::Step;
use crate::resource::ZoneName;

/// Differences with the steps that take them away, by their places.
pub(super) struct Unit {
    pub(super) differences: Vec<Difference>,
    pub(super) steps: BTreeSet<usize>,
}

/// What differs, in the order of the steps.
pub(super) fn units(comparison: &Comparison, live: &Live, sides: &Sides<'_>) -> Vec<Unit> {
    let mut units: Vec<Unit> = Vec::new();
    let mut lists = Vec::new();
    for (at, (phase, step)) in comparison.steps.iter().enumerate() {
        match &step.change {
            Change::ReplaceHosts { .. } => lists.push((at, *phase, step)),
            Change::UploadCa { .. } | Change::DeleteCa { .. } => {
                units.push(of_ca(at, comparison, live, sides));
            }
            Change::Rule { zone, change } => {
                let difference = of_rule(step, (zone, change), sides);
                units.push(Unit {
                    differences: vec![difference],
                    steps: BTreeSet::from([at]),
                });
            }
        }
    }
    lists.retain(|(at, ..)| !units.iter().any(|unit| unit.steps.contains(at)));
    let lists = lists.into_iter();
    units.extend(lists.map(|(at, phase, step)| Unit {
        differences: of_list(phase, step, sides),
        steps: BTreeSet::from([at]),
    }));
    units.retain(|unit| !unit.differences.is_empty());
    units
}

/// A CA that comes or goes, and the steps about its host lists.
fn of_ca(at: usize, comparison: &Comparison, live: &Live, sides: &Sides<'_>) -> Unit {
    let mut steps = BTreeSet::from([at]);
    let mut hosts = Vec::new();
    let own = comparison.steps.get(at).map(|(_, step)| step);
    let reference = own.and_then(|step| match &step.change {
        Change::UploadCa { mark, .. } => Some(CaRef::UploadedBy(mark.name.clone())),
        Change::DeleteCa { id, .. } => Some(CaRef::Known(id.clone())),
        Change::ReplaceHosts { .. } | Change::Rule { .. } => None,
    });
    for (nth, (_, step)) in comparison.steps.iter().enumerate() {
        if let Change::ReplaceHosts {
            ca, before, after, ..
        } = &step.change
            && Some(ca) == reference.as_ref()
        {
            steps.insert(nth);
            hosts.extend(before.0.symmetric_difference(&after.0).cloned());
        }
    }
    let differences = own.map(|step| {
        let (what, told) = match &step.change {
            Change::UploadCa { mark, bundle } => {
                (What::Missing, sides.ca_missing(&mark.name, bundle, live))
            }
            _ => (What::Surplus, Sides::ca_surplus()),
        };
        let object = Object::Ca {
            label: label(step),
            hosts,
        };
        difference(object, what, told)
    });
    Unit {
        differences: differences.into_iter().collect(),
        steps,
    }
}

fn of_list(phase: Phase, step: &Step, sides: &Sides<'_>) -> Vec<Difference> {
    let Change::ReplaceHosts {
        zone,
        ca,
        before,
        after,
    } = &step.change
    else {
        return Vec::new();
    };
    let is_missing = phase == Phase::Associate;
    let hosts = before.0.symmetric_difference(&after.0);
    let pair = |host: &String| {
        let (what, told) = if is_missing {
            (What::Missing, sides.pair_missing(zone, ca, host))
        } else {
            (What::Surplus, sides.pair_surplus(zone, ca, host))
        };
        let object = Object::Pair {
            zone: zone.clone(),
            ca: label(step),
            host: host.clone(),
        };
        difference(object, what, told)
    };
    hosts.map(pair).collect()
}

fn of_rule(step: &Step, (zone, change): (&ZoneName, &RuleChange), sides: &Sides<'_>) -> Difference {
    let (what, told) = match (change, &step.reason) {
        (RuleChange::Create { rule, .. }, _) => (What::Missing, sides.rule_missing(zone, rule)),
        (RuleChange::Delete { rule }, _) => (What::Surplus, sides.rule_surplus(zone, rule)),
        (RuleChange::Move { .. }, reason) => {
            let reason = reason.clone();
            let told = Sides::misplaced(&reason);
            (What::Misplaced { reason }, told)
        }
        (RuleChange::Replace { before, after }, reason) => {
            let fields = match reason {
                Reason::Differs { fields } => fields.clone(),
                _ => Vec::new(),
            };
            let told = Sides::rule_differs(before, &fields);
            let contents = [before, after].map(fingerprint::content);
            (What::Differs { fields, contents }, told)
        }
    };
    let object = Object::Rule {
        zone: zone.clone(),
        label: label(step),
    };
    difference(object, what, told)
}

/// Not graded yet.
fn difference(object: Object, what: What, told: Told) -> Difference {
    let Told {
        side,
        may_be_stopped,
    } = told;
    Difference {
        object,
        what,
        side,
        may_be_stopped,
        grade: Grade::default(),
        is_hidden: false,
    }
}

fn label(step: &Step) -> String {
    match &step.address {
        Address::Ca { label } | Address::Rule { label, .. } => label.clone(),
        Address::Hosts { ca, .. } => ca.clone(),
        Address::Zone { zone } => zone.to_string(),
    }
}

/// Some of the steps, each as it is where the others are not taken.
pub(super) fn taken(steps: &[(Phase, Step)], is_taken: impl Fn(usize) -> bool) -> Vec<Step> {
    let chosen = steps.iter().enumerate().filter(|(at, _)| is_taken(*at));
    let chosen = chosen.map(|(_, (phase, step))| {
        let mut step = step.clone();
        if *phase == Phase::Dissociate {
            leave_out(&mut step, steps, &is_taken);
        }
        step
    });
    chosen.collect()
}

/// Takes out of a list what an earlier step would have added that is not taken.
fn leave_out(step: &mut Step, steps: &[(Phase, Step)], is_taken: &impl Fn(usize) -> bool) {
    let Change::ReplaceHosts {
        zone, ca, after, ..
    } = &mut step.change
    else {
        return;
    };
    let earlier = steps.iter().enumerate();
    let earlier = earlier.filter(|(at, (phase, _))| *phase == Phase::Associate && !is_taken(*at));
    for (_, (_, earlier)) in earlier {
        if let Change::ReplaceHosts {
            zone: there,
            ca: other,
            before: standing,
            after: grown,
        } = &earlier.change
            && (there, other) == (&*zone, &*ca)
        {
            let added: BTreeSet<&String> = grown.0.difference(&standing.0).collect();
            after.0.retain(|host| !added.contains(host));
        }
    }
}
