//! The order of a plan's steps: the normal one, and a way around where that is not safe.
//!
//! The normal order is taken wherever nothing is wrong with it. For a zone in which something is, each kind of
//! host looks for its own way by the smallest steps there are ([`detour`](crate::plan::detour)), and the ways
//! are joined; should that need CAs to come and go in another order, all zones look again. Where there is no
//! way it stays with the normal order, and the plan says what is wrong with it.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::desired::Desired;
use crate::edge::clients;
use crate::live::Live;
use crate::plan::Change;
use crate::plan::Phase;
use crate::plan::Step;
use crate::plan::Wave;
use crate::plan::detour::Detour;
use crate::plan::safety::Assessment;
use crate::plan::safety::Assessor;
use crate::plan::safety::Course;
use crate::plan::safety::Violation;
use crate::plan::safety::ground::Ground;
use crate::plan::wave;
use crate::plan::wave::When;
use crate::resource::ZoneName;

/// Steps with when and under which heading they are taken.
pub(super) type Timed = Vec<(When, Phase, Step)>;

/// More orders in which CAs come and go than this are not tried.
const MAX_TURNS: usize = 32;

/// More CAs than this do not come and go one by one.
const MAX_SINGLE: usize = 4;

/// Orders steps so that nothing is wrong on the way, where there is such an order, and says what the model
/// makes of it.
#[must_use]
pub(super) fn find(
    steps: Vec<(Phase, Step)>,
    (desired, live): (&Desired, &Live),
    at: Timestamp,
) -> (Vec<Wave>, Assessment) {
    if steps.is_empty() {
        return (Vec::new(), Assessment::default());
    }
    let course = Course::of(desired, live, at, steps.iter().map(|(_, step)| step));
    let normal = wave::arrange(normal(&steps));
    let mut assessor = Assessor::of(&course, desired, live, &normal);
    let is_within_quota = peak(live, &normal) <= desired.quota;
    if !is_within_quota || !assessor.is_safe(&normal) {
        let around = Around {
            steps: &steps,
            course: &course,
            files: (desired, live),
        };
        if let Some(waves) = around.find(&mut assessor, is_within_quota) {
            let mut assessor = Assessor::of(&course, desired, live, &waves);
            return settled(waves, &mut assessor, course.failing());
        }
    }
    settled(normal, &mut assessor, course.failing())
}

/// The most CAs that the account holds at some moment of waves.
#[must_use]
pub(super) fn peak(live: &Live, waves: &[Wave]) -> usize {
    let mut held = live.slots_used();
    let mut peak = held;
    for wave in waves {
        let count = |is_meant: fn(&Change) -> bool| {
            let steps = wave.steps.iter();
            steps.filter(|step| is_meant(&step.change)).count()
        };
        held += count(|change| matches!(change, Change::UploadCa { .. }));
        peak = peak.max(held);
        held = held.saturating_sub(count(|change| matches!(change, Change::DeleteCa { .. })));
    }
    peak
}

/// The order of phases.
fn normal(steps: &[(Phase, Step)]) -> Timed {
    let steps = steps.iter().cloned();
    steps
        .map(|(phase, step)| (phase.when(), phase, step))
        .collect()
}

fn settled(
    mut waves: Vec<Wave>,
    assessor: &mut Assessor<'_>,
    failing: Vec<Violation>,
) -> (Vec<Wave>, Assessment) {
    settle(&mut waves, assessor);
    let mut safety = assessor.assess(&waves);
    safety.violations.extend(failing);
    (waves, safety)
}

/// Lets the edge settle before each wave that could do harm while the waves before it are not everywhere yet:
/// where all of them since the last time, taken as one, would not be safe too.
fn settle(waves: &mut [Wave], assessor: &mut Assessor<'_>) {
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

/// The search for a way around.
struct Around<'a> {
    steps: &'a [(Phase, Step)],
    course: &'a Course,
    files: (&'a Desired, &'a Live),
}

/// CAs that come or go together, at the ends of one stretch after the other.
type Turns = Vec<Vec<(Phase, Step)>>;

impl Around<'_> {
    /// The first way that is safe and stays within the quota.
    fn find(&self, assessor: &mut Assessor<'_>, is_within_quota: bool) -> Option<Vec<Wave>> {
        let (desired, live) = self.files;
        let zones = self.zones();
        let detours = zones.iter().map(|(zone, steps)| self.detour(zone, steps));
        let detours = detours.collect::<Option<Vec<Detour<'_>>>>()?;
        let clients = clients([&self.course.now, &self.course.after]);
        let bands = detours
            .iter()
            .map(|detour| detour.bands(desired, self.course, &clients));
        let mut bands = bands.collect::<Option<Vec<_>>>()?;

        let usual = self.usual();
        let normal = wave::arrange(normal(self.steps));
        let others = self.turns().into_iter().filter(|turns| {
            *turns != usual && peak(live, &wave::arrange(timed(turns))) <= desired.quota
        });
        let first = is_within_quota.then(|| usual.clone());
        let mut all = first.into_iter().chain(others.take(MAX_TURNS));
        all.find_map(|turns| {
            let mut steps = timed(&turns);
            let ways = zones.iter().zip(&detours).zip(&mut bands);
            for (((zone, normally), detour), bands) in ways {
                if turns == usual && assessor.is_safe_in(zone, &normal) {
                    steps.extend(self::normal(normally));
                } else {
                    steps.extend(detour.find(bands, &turns, live)?);
                }
            }
            let waves = wave::arrange(steps);
            let mut assessor = Assessor::of(self.course, desired, live, &waves);
            let is_safe = assessor.is_safe(&waves);
            is_safe.then(|| compressed(waves, &mut assessor))
        })
    }

    /// The steps of each zone.
    fn zones(&self) -> BTreeMap<&ZoneName, Vec<(Phase, Step)>> {
        let mut zones: BTreeMap<&ZoneName, Vec<(Phase, Step)>> = BTreeMap::new();
        for (phase, step) in self.steps {
            if let Some(zone) = step.change.zone() {
                let steps = zones.entry(zone).or_default();
                steps.push((*phase, step.clone()));
            }
        }
        zones
    }

    fn detour<'z>(&'z self, zone: &'z ZoneName, steps: &[(Phase, Step)]) -> Option<Detour<'z>> {
        let states = (&self.course.now, &self.course.after);
        let all = self.steps.iter().map(|(_, step)| step);
        let ground = Ground::of(zone, states, self.files, all);
        Detour::of(zone, steps, ground, self.files)
    }

    /// First all that come, then all that go.
    fn usual(&self) -> Turns {
        [Phase::Upload, Phase::Delete]
            .map(|phase| self.of(phase))
            .into()
    }

    fn of(&self, phase: Phase) -> Vec<(Phase, Step)> {
        let steps = self.steps.iter().filter(|(one, _)| *one == phase);
        steps.cloned().collect()
    }

    /// The orders in which CAs may come and go.
    fn turns(&self) -> Vec<Turns> {
        let [comes, goes] = [Phase::Upload, Phase::Delete].map(|phase| self.of(phase));
        let mut all = vec![self.usual(), vec![goes.clone(), comes.clone()]];
        let singles = [comes, goes].concat();
        if singles.len() <= MAX_SINGLE {
            all.extend(orders(&singles));
        }
        all
    }
}

/// Every order of some steps, each in a turn of its own.
fn orders(steps: &[(Phase, Step)]) -> Vec<Turns> {
    if steps.is_empty() {
        return vec![Vec::new()];
    }
    let firsts = steps.iter().enumerate();
    let orders = firsts.flat_map(|(at, first)| {
        let mut rest = steps.to_vec();
        rest.remove(at);
        let rests = orders(&rest).into_iter();
        rests.map(move |rest| [vec![vec![first.clone()]], rest].concat())
    });
    orders.collect()
}

fn timed(turns: &Turns) -> Timed {
    let turns = (0..).zip(turns);
    let steps = turns.flat_map(|(stretch, turn)| {
        let steps = turn.iter().cloned();
        steps.map(move |(phase, step)| (When::at_end_of(stretch), phase, step))
    });
    steps.collect()
}

/// The same with waves of one phase that follow each other made one, where that is safe too.
fn compressed(waves: Vec<Wave>, assessor: &mut Assessor<'_>) -> Vec<Wave> {
    let mut waves = waves;
    let mut at = 1;
    while at < waves.len() {
        let (before, rest) = waves.split_at(at - 1);
        let (pair, after) = rest.split_at(2);
        let together = match pair {
            [one, other] if one.phase == other.phase && are_apart(one, other) => wave::merged(pair),
            _ => None,
        };
        let shorter = together.map(|together| [before, &[together], after].concat());
        match shorter.filter(|shorter| assessor.is_safe(shorter)) {
            Some(shorter) => waves = shorter,
            None => at += 1,
        }
    }
    waves
}

/// Whether nothing is changed by both.
fn are_apart(one: &Wave, other: &Wave) -> bool {
    let mut steps = one.steps.iter();
    steps.all(|step| {
        let mut others = other.steps.iter();
        others.all(|other| other.address != step.address)
    })
}
