//! Whether a plan is safe at every step, and who changes verdict by it.
//!
//! Every state is looked at that the plan can pass through: the steps of a wave take effect in any order, so
//! after a wave begins any subset of them may have. For every host, every client and every guard the verdict
//! in such a state has to be the one it has now or the one it has in the end, and once it is the latter it
//! stays so (*no flicker*). And if some certificate client gets in now and some does in the end, then all
//! clients of the one or all of the other get in (*no gap*). Both under both readings of `cert_verified`.
//!
//! Hosts that neither the rules nor the steps tell apart are looked at once.

mod contrast;
pub(super) mod ground;
pub(super) mod judge;
pub(super) mod kin;
pub(super) mod moment;
mod opening;
mod passage;
mod shift;
pub(super) mod trial;
mod violation;

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::desired::Desired;
use crate::edge::Client;
use crate::edge::Reading;
use crate::edge::State;
use crate::edge::clients;
use crate::expression::Bound;
use crate::live::Live;
use crate::plan::Step;
use crate::plan::Wave;
use crate::plan::access;
use crate::plan::access::FailedTest;
use crate::plan::access::Placed;
use crate::plan::effect;
use crate::resource::Hostname;
use crate::resource::ZoneName;

pub use contrast::Contrast;
pub use contrast::Unknown;
pub use contrast::contrast;
pub use shift::Certainty;
pub use shift::Shift;
pub use violation::Violation;
pub use violation::When;
pub use violation::Wrong;

use ground::Ground;
use kin::Kin;
use kin::Oracle;
use passage::Depth;
use passage::Passage;
use passage::Touching;
use trial::Trial;

/// What the model says of a plan.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Assessment {
    /// What is wrong with it, the earliest first; none if it is safe.
    pub violations: Vec<Violation>,
    /// Whose requests end up with another verdict.
    pub shifts: Vec<Shift>,
    /// The hosts that it opens: clients without a certificate get in afterwards wherever they are
    /// stopped now, or wherever only a certificate gets them in now, under at least one reading. Any other host of a zone has no name and is not among them.
    pub opened: BTreeSet<Hostname>,
    /// What was looked at to know that.
    pub evidence: Evidence,
}

/// What was looked at.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Evidence {
    /// Hosts; those that stand for *any other host* of a zone count as one.
    pub hosts: usize,
    /// Kinds of clients.
    pub clients: usize,
    /// States that some host could tell apart, under both readings.
    pub states: usize,
}

impl Assessment {
    /// Whether nothing is wrong.
    #[must_use]
    pub fn is_safe(&self) -> bool {
        self.violations.is_empty()
    }
}

/// Looks at the states that some steps pass through, in whatever order they are taken.
pub(super) struct Assessor<'a> {
    clients: Vec<Client>,
    zones: BTreeMap<&'a ZoneName, Zone<'a>>,
}

/// One zone, with the hosts that can be told apart there.
struct Zone<'a> {
    course: &'a Course,
    ground: Ground<'a>,
    groups: Vec<(Kin<'a>, Option<Oracle>)>,
}

/// What waves come to in one zone.
#[derive(Default)]
struct Effects {
    shifts: Vec<Shift>,
    opened: Vec<Hostname>,
    /// Where that could not be found out.
    unknown: Vec<Violation>,
}

/// Where the account comes from and where it is to go, as the edge sees it.
pub(super) struct Course {
    pub(super) now: State,
    pub(super) after: State,
    /// The access tests that hold in the end, and those that do not.
    pub(super) tests: Vec<Placed>,
    failing: Vec<FailedTest>,
}

impl Course {
    /// The course that some steps take the account.
    pub(super) fn of<'s>(
        desired: &Desired,
        live: &Live,
        at: Timestamp,
        steps: impl Iterator<Item = &'s Step>,
    ) -> Self {
        let now = effect::state_now(desired, live, at);
        let after = effect::state_from(now.clone(), (desired, live), steps, at);
        Self::between(now, after, access::tests(desired, at))
    }

    /// The course from one state to another, with the access tests of the file about their zones.
    pub(super) fn between(now: State, after: State, tests: Vec<Placed>) -> Self {
        let failing = access::failing(&tests, &after);
        let mut tests = tests;
        tests.retain(|one| !failing.iter().any(|failed| failed.test == one.test));
        Self {
            now,
            after,
            tests,
            failing,
        }
    }

    /// The access tests that do not hold in the end.
    pub(super) fn failing(&self) -> Vec<Violation> {
        let failing = self.failing.iter().cloned();
        failing.map(Violation::in_the_end).collect()
    }
}

impl<'a> Assessor<'a> {
    /// For the steps of waves, in whatever order.
    pub(super) fn of(course: &'a Course, desired: &Desired, live: &Live, waves: &[Wave]) -> Self {
        let steps = || waves.iter().flat_map(|wave| &wave.steps);
        let clients = clients([&course.now, &course.after]);
        let zones = course.now.zones.keys().map(|zone| {
            let states = (&course.now, &course.after);
            let ground = Ground::of(zone, states, (desired, live), steps());
            let groups = ground.groups(desired).into_iter();
            let groups = groups
                .map(|hosts| (Kin::of(&ground, hosts), None))
                .collect();
            let zone_of = Zone {
                course,
                ground,
                groups,
            };
            (zone, zone_of)
        });
        Self {
            zones: zones.collect(),
            clients,
        }
    }

    /// Whether nothing is wrong in any zone.
    pub(super) fn is_safe(&mut self, waves: &[Wave]) -> bool {
        let clients = &self.clients;
        let mut zones = self.zones.values_mut();
        zones.all(|zone| zone.violations(waves, clients, Depth::Any).is_empty())
    }

    /// Whether nothing is wrong in one zone.
    pub(super) fn is_safe_in(&mut self, zone: &ZoneName, waves: &[Wave]) -> bool {
        let clients = &self.clients;
        self.zones.get_mut(zone).is_none_or(|zone| {
            let found = zone.violations(waves, clients, Depth::Any);
            found.is_empty()
        })
    }

    /// Looks at every state of every zone.
    pub(super) fn assess(&mut self, waves: &[Wave]) -> Assessment {
        let mut assessment = Assessment::default();
        if waves.is_empty() {
            return assessment;
        }
        let clients = &self.clients;
        assessment.evidence.clients = clients.len();
        for zone in self.zones.values_mut() {
            // Those of other orders are no evidence for this one.
            let oracles = zone
                .groups
                .iter_mut()
                .filter_map(|(_, oracle)| oracle.as_mut());
            oracles.for_each(Oracle::forget);
            assessment.evidence.hosts += zone.hosts();
            let violations = zone.violations(waves, clients, Depth::Worst);
            let effects = zone.effects(waves, clients);
            let unknown = effects.unknown.into_iter();
            let unknown = unknown.filter(|one| !violations.contains(one));
            assessment.violations.extend(unknown);
            assessment.violations.extend(violations);
            assessment.shifts.extend(effects.shifts);
            assessment.opened.extend(effects.opened);
            assessment.evidence.states += zone.states();
        }
        assessment.violations.sort_by_key(Violation::order);
        assessment.shifts = shift::joined(assessment.shifts);
        assessment
    }
}

impl Zone<'_> {
    /// What is wrong with waves, at most once for each group of hosts.
    fn violations(&mut self, waves: &[Wave], clients: &[Client], depth: Depth) -> Vec<Violation> {
        let waves = self.ground.waves(waves);
        let Course {
            now, after, tests, ..
        } = self.course;
        let mut found = Vec::new();
        for (kin, oracle) in &mut self.groups {
            let touching = touching(kin, &waves);
            if touching.iter().all(Touching::is_empty) {
                continue;
            }
            let ground = &self.ground;
            let oracle = oracle.get_or_insert_with(|| {
                let trials = Trial::of(kin, tests, &[now, after]);
                kin.oracle(ground, clients, trials)
            });
            match violation((kin, ground), &touching, clients, (oracle, depth)) {
                Ok(violation) => found.extend(violation),
                Err(bound) => found.push(Violation::unknown(kin, bound)),
            }
            if depth == Depth::Any && !found.is_empty() {
                break;
            }
        }
        found
    }

    /// Who changes verdict by waves.
    fn effects(&mut self, waves: &[Wave], clients: &[Client]) -> Effects {
        let waves = self.ground.waves(waves);
        let mut effects = Effects::default();
        for (kin, oracle) in &mut self.groups {
            let touching = touching(kin, &waves);
            let Some(oracle) = oracle
                .as_mut()
                .filter(|_| touching.iter().any(|wave| !wave.is_empty()))
            else {
                continue;
            };
            let mut of = || {
                let (mut under, mut is_opened) = (Vec::new(), false);
                for reading in Reading::BOTH {
                    let mut passage =
                        passage((kin, &self.ground), clients, reading, (oracle, Depth::Any));
                    let ends = passage.ends(&touching)?;
                    let place = (kin.zone, &kin.hosts[..]);
                    under.push(shift::of(place, clients, &ends, &mut oracle.model)?);
                    is_opened |= opening::is_opened(clients, &ends, &mut oracle.model)?;
                }
                Ok::<_, Bound>((shift::under_both(under), is_opened))
            };
            match of() {
                Ok((shifts, is_opened)) => {
                    effects.shifts.extend(shifts);
                    let opened = kin.hosts.iter().filter(|_| is_opened);
                    effects.opened.extend(opened.cloned());
                }
                Err(bound) => effects.unknown.push(Violation::unknown(kin, bound)),
            }
        }
        effects
    }

    fn hosts(&self) -> usize {
        self.groups
            .iter()
            .map(|(kin, _)| kin.hosts.len().max(1))
            .sum()
    }

    fn states(&self) -> usize {
        self.groups
            .iter()
            .filter_map(|(_, oracle)| oracle.as_ref())
            .map(Oracle::states)
            .sum()
    }
}

fn touching<'w>(kin: &Kin<'_>, waves: &'w [Vec<ground::Named<'w>>]) -> Vec<Touching<'w>> {
    let waves = waves.iter();
    waves.map(|steps| Touching::of(kin, steps)).collect()
}

fn passage<'a, 'p>(
    (kin, ground): (&'a Kin<'p>, &'a Ground<'p>),
    clients: &'a [Client],
    reading: Reading,
    (oracle, depth): (&'a mut Oracle, Depth),
) -> Passage<'a, 'p> {
    Passage {
        kin,
        ground,
        clients,
        reading,
        oracle,
        depth,
    }
}

/// What is wrong, under either reading.
fn violation(
    (kin, ground): (&Kin<'_>, &Ground<'_>),
    waves: &[Touching<'_>],
    clients: &[Client],
    (oracle, depth): (&mut Oracle, Depth),
) -> Result<Option<Violation>, Bound> {
    let mut worst: Option<Violation> = None;
    for reading in Reading::BOTH {
        let mut passage = passage((kin, ground), clients, reading, (oracle, depth));
        let ends = passage.ends(waves)?;
        let violation = passage.violation(waves, &ends)?;
        let is_worse = |violation: &Violation| {
            let worst = worst.as_ref();
            worst.is_none_or(|worst| violation.exposes() && !worst.exposes())
        };
        if let Some(violation) = violation.filter(is_worse) {
            let is_enough = depth == Depth::Any || violation.exposes();
            worst = Some(violation);
            if is_enough {
                break;
            }
        }
    }
    Ok(worst)
}
