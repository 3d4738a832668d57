//! Whether a run may go on after somebody changed rules of a zone under it.
//!
//! Judged as the plan was: from the account as it is by then, the steps that are left have to be safe at every
//! moment. What was consented to holds, and what a plan comes to in the end is not asked about again, but for
//! one thing: the rest may not open a host that the plan as it was approved did not.

use std::collections::BTreeSet;
use std::fmt;

use crate::live::Live;
use crate::live::Rules;
use crate::plan::Approved;
use crate::plan::Assessment;
use crate::plan::Change;
use crate::plan::Place;
use crate::plan::RuleChange;
use crate::plan::Step;
use crate::plan::Wave;
use crate::plan::access;
use crate::plan::effect;
use crate::plan::guard;
use crate::plan::ownership;
use crate::plan::safety::Assessor;
use crate::plan::safety::Course;
use crate::plan::safety::Violation;
use crate::resource::CustomRule;
use crate::resource::Hostname;
use crate::resource::ZoneName;

/// What keeps a run from going on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Hindrance {
    /// A rule of ours, or one that a step counts on, is not as the run left it.
    CountedOn,
    /// A state that the rest passes through is not safe.
    Unsafe {
        /// Which, and what is wrong there.
        violation: Box<Violation>,
    },
    /// The rest would open hosts, and the plan as it was approved did not.
    Opens {
        /// Which.
        hosts: BTreeSet<Hostname>,
    },
}

impl fmt::Display for Hindrance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CountedOn => f.write_str("the remaining steps count on what was changed"),
            Self::Unsafe { violation } => {
                write!(f, "the remaining steps are not safe with that: {violation}")
            }
            Self::Opens { hosts } => {
                let hosts: Vec<&str> = hosts.iter().map(Hostname::as_str).collect();
                let hosts = hosts.join(", ");
                write!(
                    f,
                    "with that the remaining steps would open {hosts} to clients without a certificate"
                )
            }
        }
    }
}

/// Whether the waves after the first `done` may be run although the rules of a zone are not `known`, as the run
/// left them, but `read`.
///
/// `live` is the account as it was before the first wave. None of the waves that are left may have touched the
/// zone yet.
///
/// # Errors
/// The first [`Hindrance`].
pub fn goes_on(
    (approved, live): (&Approved, &Live),
    done: usize,
    zone: &ZoneName,
    (known, read): (&Rules, &Rules),
) -> Result<(), Hindrance> {
    let (before, left) = approved.plan().waves.split_at(done);
    let (before, left) = (in_zone(before, zone), in_zone(left, zone));
    let is_later = is_later(read, known);
    if !is_later || !rest_is_as_it_was(approved, (zone, &left), (known.as_slice(), read.as_slice()))
    {
        return Err(Hindrance::CountedOn);
    }
    let mut live = live.clone();
    match live.zones.get_mut(zone) {
        Some(zone) if zone.lists.is_some() => zone.rules = Some(read.clone()),
        // Who gets in where is not known.
        _ => return Err(Hindrance::CountedOn),
    }
    let assessment = assess(approved, &live, zone, (&before, &left));
    let mut violations = assessment.violations.iter();
    if let Some(violation) = violations.find(|one| !approved.consent.covers(one)) {
        let mut violation = violation.clone();
        if let Some(when) = &mut violation.when {
            when.wave += done;
        }
        let violation = Box::new(violation);
        return Err(Hindrance::Unsafe { violation });
    }
    let hosts = guard::opened(&assessment, &approved.desired, &approved.consent);
    if hosts.is_empty() {
        Ok(())
    } else {
        Err(Hindrance::Opens { hosts })
    }
}

/// Whether a read can show what became of what is known; one of an earlier version lags.
fn is_later(read: &Rules, known: &Rules) -> bool {
    match (read, known) {
        (Rules::EntryPoint(read), Rules::EntryPoint(known)) => {
            read.id != known.id || read.version > known.version
        }
        _ => true,
    }
}

/// The steps of a zone and of the account, in their waves.
fn in_zone(waves: &[Wave], zone: &ZoneName) -> Vec<Wave> {
    let is_here = |step: &&Step| step.change.zone().is_none_or(|there| there == zone);
    let waves = waves.iter().map(|wave| Wave {
        steps: wave.steps.iter().filter(is_here).cloned().collect(),
        ..wave.clone()
    });
    waves.collect()
}

/// Looks at every state of a zone that the waves that are left pass through. The rules of `live` are those of now,
/// and the rest of it is what was there before any wave.
fn assess(
    approved: &Approved,
    live: &Live,
    zone: &ZoneName,
    (before, left): (&[Wave], &[Wave]),
) -> Assessment {
    let (desired, at) = (&approved.desired, approved.at);
    let is_in_live = |step: &&Step| matches!(step.change, Change::Rule { .. });
    let before = before.iter().flat_map(|wave| &wave.steps);
    let before = before.filter(|step| !is_in_live(step));
    let mut now = effect::state_after(desired, live, before, at);
    now.zones.retain(|name, _| name == zone);
    let steps = left.iter().flat_map(|wave| &wave.steps);
    let after = effect::state_from(now.clone(), (desired, live), steps, at);
    let mut tests = access::tests(desired, at);
    tests.retain(|test| test.zone == *zone);
    let course = Course::between(now, after, tests);
    let mut assessment = Assessor::of(&course, desired, live, left).assess(left);
    assessment.violations.extend(course.failing());
    assessment
}

/// Whether the rules that are ours, and those that steps are about, are there as they were and in their order, and
/// the rules below which steps put others are there.
fn rest_is_as_it_was(
    approved: &Approved,
    (zone, waves): (&ZoneName, &[Wave]),
    (known, read): (&[CustomRule], &[CustomRule]),
) -> bool {
    let steps = || waves.iter().flat_map(|wave| &wave.steps);
    let changes = || {
        steps().filter_map(|step| match &step.change {
            Change::Rule { change, .. } => Some(change),
            _ => None,
        })
    };
    let touched: BTreeSet<&str> = changes().map(reference).collect();
    let of_ours = |rules: &[CustomRule]| {
        let rules = rules.iter().filter(|rule| {
            touched.contains(rule.reference.as_str())
                || ownership::is_our_rule(&approved.desired, zone, rule)
        });
        rules
            .map(|rule| (rule.id.clone(), rule.body()))
            .collect::<Vec<_>>()
    };
    let is_there = |rules: &[CustomRule], anchor: &str| {
        let mut rules = rules.iter();
        rules.any(|rule| rule.reference == anchor)
    };
    let mut anchors = changes().filter_map(anchor);
    of_ours(known) == of_ours(read)
        && anchors.all(|anchor| is_there(read, anchor) || !is_there(known, anchor))
}

/// The `ref` of the rule that a change is about.
fn reference(change: &RuleChange) -> &str {
    match change {
        RuleChange::Create { rule, .. }
        | RuleChange::Replace { before: rule, .. }
        | RuleChange::Move { rule, .. }
        | RuleChange::Delete { rule } => &rule.reference,
    }
}

/// The `ref` of the rule below which a change puts its own.
fn anchor(change: &RuleChange) -> Option<&str> {
    match change {
        RuleChange::Create { place, .. } | RuleChange::Move { place, .. } => match place {
            Place::After(anchor) => Some(anchor),
            Place::First => None,
        },
        RuleChange::Replace { .. } | RuleChange::Delete { .. } => None,
    }
}
