//! The order of a plan's steps: the normal one, and others for where that is not safe.
//!
//! Each zone is looked at for itself, together with what happens to the account's CAs. The first order in
//! which nothing is wrong is taken; where there is none it stays with the normal one, and the plan says what
//! is wrong with it.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use crate::plan::Change;
use crate::plan::Phase;
use crate::plan::Place;
use crate::plan::RuleChange;
use crate::plan::Step;
use crate::plan::Wave;
use crate::plan::safety::Assessor;
use crate::plan::wave;
use crate::plan::wave::Moment;
use crate::plan::wave::When;
use crate::resource::ZoneName;

/// Steps with when and under which heading they are taken.
type Timed = Vec<(When, Phase, Step)>;

/// Orders steps so that nothing is wrong on the way, where there is such an order.
#[must_use]
pub(super) fn find(steps: Vec<(Phase, Step)>, assessor: &mut Assessor<'_>) -> Vec<Wave> {
    let mut account: Timed = Vec::new();
    let mut zones: BTreeMap<ZoneName, Vec<(Phase, Step)>> = BTreeMap::new();
    for (phase, step) in steps {
        match step.change.zone() {
            Some(zone) => zones.entry(zone.clone()).or_default().push((phase, step)),
            None => account.push((phase.when(), phase, step)),
        }
    }
    let mut timed = account.clone();
    for (zone, steps) in &zones {
        timed.extend(route(zone, steps, &account, assessor));
    }
    wave::arrange(timed)
}

/// Lets the edge settle before each wave that could do harm while the waves before it are not everywhere yet:
/// where all of them since the last time, taken as one, would not be safe too.
pub(super) fn settle(waves: &mut [Wave], assessor: &mut Assessor<'_>) {
    let mut since = 0;
    for at in 1..waves.len() {
        let (before, rest) = waves.split_at(since);
        let (together, after) = rest.split_at(at + 1 - since);
        let merged: Vec<Wave> = wave::merged(together).into_iter().collect();
        if !assessor.is_safe(&[before, &merged, after].concat()) {
            since = at;
            if let Some(wave) = waves.get_mut(at) {
                wave.settles_first = true;
            }
        }
    }
}

/// The first safe order for the steps of one zone, else the normal one.
fn route(
    zone: &ZoneName,
    steps: &[(Phase, Step)],
    account: &Timed,
    assessor: &mut Assessor<'_>,
) -> Timed {
    for order in orders(steps) {
        let waves = wave::arrange([account.clone(), order.clone()].concat());
        if is_runnable(&waves) && assessor.is_safe_in(zone, &waves) {
            return order;
        }
    }
    normal(steps)
}

/// Whether each rule that is put below another comes after it.
fn is_runnable(waves: &[Wave]) -> bool {
    let mut coming: BTreeSet<&str> = BTreeSet::new();
    // From the last: what is still to come is known by then.
    for step in waves.iter().flat_map(|wave| &wave.steps).rev() {
        let Change::Rule { change, .. } = &step.change else {
            continue;
        };
        let place = match change {
            RuleChange::Create { rule, place } => {
                coming.insert(&rule.reference);
                place
            }
            RuleChange::Move { place, .. } => place,
            RuleChange::Replace { .. } | RuleChange::Delete { .. } => continue,
        };
        if matches!(place, Place::After(above) if coming.contains(above.as_str())) {
            return false;
        }
    }
    true
}

/// The orders that are tried, the usual ones first.
fn orders(steps: &[(Phase, Step)]) -> Vec<Timed> {
    let plain = plain(steps);
    let mut orders = vec![normal(steps)];
    // All rules at once, after, before or around the host lists, and before a CA comes.
    for moment in [
        Moment::Rules,
        Moment::RulesBeforeLists,
        Moment::RulesBeforeUpload,
    ] {
        orders.push(with_rules(&plain, |_, _| (moment, 0)));
    }
    // Rules that narrow before those that widen, and the other way round before the host lists.
    orders.push(with_rules(&plain, |phase, _| {
        let second = phase != Phase::Narrow;
        (Moment::Rules, u16::from(second))
    }));
    orders.push(with_rules(steps, |phase, _| match phase {
        Phase::Narrow => (Moment::Rules, 1),
        _ => (Moment::RulesBeforeLists, 0),
    }));
    orders.push(with_rules(steps, |phase, _| match phase {
        Phase::Narrow => (Moment::Rules, 1),
        _ => (Moment::RulesBeforeUpload, 0),
    }));
    // What turns more requests away first.
    for moment in [Moment::RulesBeforeLists, Moment::RulesBeforeUpload] {
        orders.push(with_rules(steps, |phase, _| match phase {
            Phase::Narrow => (moment, 0),
            _ => (Moment::Rules, 0),
        }));
    }
    orders.push(with_rules(steps, |phase, _| match phase {
        Phase::Narrow => (Moment::RulesAfterLists, 0),
        _ => (Moment::Rules, 0),
    }));
    // One rule after the other, from either end.
    let count = plain.len();
    for moment in [
        Moment::Rules,
        Moment::RulesBeforeLists,
        Moment::RulesBeforeUpload,
    ] {
        let number = |nth: usize| u16::try_from(nth).unwrap_or(u16::MAX);
        orders.push(with_rules(&plain, |_, nth| (moment, number(nth))));
        orders.push(with_rules(&plain, |_, nth| (moment, number(count - nth))));
    }
    orders
}

/// The order of phases.
fn normal(steps: &[(Phase, Step)]) -> Timed {
    let steps = steps.iter().cloned();
    steps
        .map(|(phase, step)| (phase.when(), phase, step))
        .collect()
}

/// The order of phases, but for rules.
fn with_rules(steps: &[(Phase, Step)], of_rule: impl Fn(Phase, usize) -> (Moment, u16)) -> Timed {
    let steps = steps.iter().cloned().enumerate();
    steps
        .map(|(nth, (phase, step))| {
            let when = match step.change {
                Change::Rule { .. } => {
                    let (moment, number) = of_rule(phase, nth);
                    moment.number(number)
                }
                _ => phase.when(),
            };
            (when, phase, step)
        })
        .collect()
}

/// The same steps, with a rule that is changed twice changed once.
pub(super) fn plain(steps: &[(Phase, Step)]) -> Vec<(Phase, Step)> {
    let mut plain: Vec<(Phase, Step)> = Vec::new();
    for (phase, step) in steps {
        let changed = |change: &Change| match change {
            Change::Rule {
                change: RuleChange::Replace { before, .. },
                ..
            } => Some(before.reference.clone()),
            _ => None,
        };
        let reference = changed(&step.change);
        let earlier = plain
            .iter_mut()
            .find(|(_, earlier)| reference.is_some() && changed(&earlier.change) == reference);
        match (earlier, &step.change) {
            (
                Some((earlier_phase, earlier)),
                Change::Rule {
                    change: RuleChange::Replace { after: last, .. },
                    ..
                },
            ) => {
                if let Change::Rule {
                    change: RuleChange::Replace { after, .. },
                    ..
                } = &mut earlier.change
                {
                    after.clone_from(last);
                }
                earlier.reason = step.reason.clone();
                *earlier_phase = *phase;
            }
            _ => plain.push((*phase, step.clone())),
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::is_runnable;
    use crate::plan::Address;
    use crate::plan::Change;
    use crate::plan::Phase;
    use crate::plan::Place;
    use crate::plan::Reason;
    use crate::plan::RuleChange;
    use crate::plan::Step;
    use crate::plan::Wave;
    use crate::resource::RuleBody;
    use crate::resource::ZoneName;

    /// A wave that makes a rule.
    fn making(reference: &str, place: Place) -> Wave {
        let zone = ZoneName::parse("example.com").unwrap();
        let rule = RuleBody {
            reference: reference.to_owned(),
            description: String::new(),
            action: "block".to_owned(),
            parameters: json!({}),
            expression: "true".to_owned(),
            enabled: true,
        };
        let address = Address::Zone { zone: zone.clone() };
        let change = RuleChange::Create { rule, place };
        let step = Step {
            address,
            change: Change::Rule { zone, change },
            reason: Reason::Missing,
        };
        Wave {
            phase: Phase::Widen,
            steps: vec![step],
            settles_first: false,
        }
    }

    #[test]
    fn a_rule_goes_below_another_only_once_that_is_there() {
        let first = || making("first", Place::First);
        let below = || making("second", Place::After("first".to_owned()));
        assert!(is_runnable(&[first(), below()]));
        assert!(!is_runnable(&[below(), first()]));
        // One that is in the account already.
        assert!(is_runnable(&[
            making("third", Place::After("live".to_owned())),
            first()
        ]));
    }
}
