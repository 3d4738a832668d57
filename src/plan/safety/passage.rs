//! The way of some hosts through a plan, under one reading.

use std::rc::Rc;

use crate::edge::Client;
use crate::edge::Reading;
use crate::edge::Verdict;
use crate::expression::Bound;
use crate::expression::GuardSet;
use crate::plan::safety::ground::Ground;
use crate::plan::safety::ground::Named;
use crate::plan::safety::ground::Work;
use crate::plan::safety::kin::Kin;
use crate::plan::safety::kin::Oracle;
use crate::plan::safety::moment::Moment;
use crate::plan::safety::moment::Seen;
use crate::plan::safety::moment::Verdicts;
use crate::plan::safety::trial;
use crate::plan::safety::trial::Judged;
use crate::plan::safety::violation::Violation;
use crate::plan::safety::violation::When;
use crate::plan::safety::violation::Wrong;

/// More steps of one wave than this that matter to one host are not taken apart.
const MAX_STEPS: usize = 10;

/// The way of some hosts through a plan, under one reading.
pub(super) struct Passage<'a, 'p> {
    pub(super) kin: &'a Kin<'p>,
    pub(super) ground: &'a Ground<'p>,
    pub(super) clients: &'a [Client],
    pub(super) reading: Reading,
    pub(super) oracle: &'a mut Oracle,
    pub(super) depth: Depth,
}

/// How much is to be found out about what is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Depth {
    /// Whether anything is.
    Any,
    /// The worst.
    Worst,
}

/// What is wrong so far: what lets somebody in is worse than what keeps somebody out.
struct Worst {
    depth: Depth,
    found: Option<Wrong>,
}

impl Worst {
    fn new(depth: Depth) -> Self {
        Self { depth, found: None }
    }

    /// Takes note of it, and says whether nothing worse can come.
    fn takes(&mut self, wrong: Option<Wrong>) -> bool {
        let Some(wrong) = wrong else { return false };
        let exposes = wrong.exposes();
        if exposes || self.found.is_none() {
            self.found = Some(wrong);
        }
        exposes || self.depth == Depth::Any
    }
}

/// A state, as some hosts see it.
pub(super) struct Stand {
    seen: (Reading, Seen),
    verdicts: Rc<Verdicts>,
    judged: Judged,
}

/// Where a plan comes from, and where it leads.
pub(super) struct Ends {
    pub(super) now: Rc<Verdicts>,
    pub(super) end: Rc<Verdicts>,
}

/// The steps of a wave, and which of them can make a difference to some hosts.
pub(super) struct Touching<'w> {
    steps: &'w [Named<'w>],
    /// By their places.
    touching: Vec<usize>,
}

impl<'w> Touching<'w> {
    pub(super) fn of(kin: &Kin<'_>, steps: &'w [Named<'w>]) -> Self {
        let touching = steps.iter().enumerate();
        let touching = touching.filter(|(_, step)| kin.is_touched_by(&step.work));
        Self {
            steps,
            touching: touching.map(|(at, _)| at).collect(),
        }
    }

    /// Whether the hosts can tell nothing of it.
    pub(super) fn is_empty(&self) -> bool {
        self.touching.is_empty()
    }

    /// All steps, taken.
    fn all(&self) -> impl Iterator<Item = (&Work, bool)> {
        self.steps.iter().map(|step| (&*step.work, true))
    }

    /// All steps, of those that make a difference only some taken: one bit for each.
    fn some(&self, subset: usize) -> impl Iterator<Item = (&Work, bool)> {
        self.steps.iter().enumerate().map(move |(at, step)| {
            let bit = self.touching.iter().position(|one| *one == at);
            (&*step.work, bit.is_none_or(|bit| subset >> bit & 1 == 1))
        })
    }
}

impl Passage<'_, '_> {
    /// What becomes of each client's requests, and of the access tests, in a state.
    pub(super) fn stand(&mut self, moment: &Moment) -> Result<Stand, Bound> {
        let place = (self.kin, self.ground);
        let seen = (self.reading, moment.seen(self.kin));
        Ok(Stand {
            judged: self.oracle.judged(moment, place, self.reading),
            verdicts: (self.oracle).verdicts(moment, place, self.clients, &seen)?,
            seen,
        })
    }

    /// What becomes of each client's requests in a state.
    pub(super) fn at(&mut self, moment: &Moment) -> Result<Rc<Verdicts>, Bound> {
        Ok(self.stand(moment)?.verdicts)
    }

    /// The verdicts before the first wave and after the last.
    pub(super) fn ends(&mut self, waves: &[Touching<'_>]) -> Result<Ends, Bound> {
        let mut moment = Moment::now(self.kin, self.ground);
        let now = self.at(&moment)?;
        for wave in waves {
            moment = moment.after(wave.all(), self.kin);
        }
        let end = self.at(&moment)?;
        Ok(Ends { now, end })
    }

    /// The first state in which something is wrong, with the fewest steps of its wave; one in which somebody gets
    /// in comes before any in which somebody does not.
    pub(super) fn violation(
        &mut self,
        waves: &[Touching<'_>],
        ends: &Ends,
    ) -> Result<Option<Violation>, Bound> {
        let mut base = Moment::now(self.kin, self.ground);
        let mut worst: Option<Violation> = None;
        for (number, wave) in waves.iter().enumerate() {
            if wave.touching.len() > MAX_STEPS {
                return Err(Bound::Combinations {
                    limit: 1 << MAX_STEPS,
                });
            }
            let is_worse = |(_, wrong): &(When, Wrong)| {
                worst
                    .as_ref()
                    .is_none_or(|worst| wrong.exposes() && !worst.exposes())
            };
            let found = self.in_wave(number, wave, &base, ends)?.filter(is_worse);
            if let Some((when, wrong)) = found {
                let is_enough = self.depth == Depth::Any || wrong.exposes();
                let violation = Violation::new(self.kin, self.reading, when, wrong);
                if is_enough {
                    return Ok(Some(violation));
                }
                worst = Some(violation);
            }
            base = base.after(wave.all(), self.kin);
        }
        Ok(worst)
    }

    fn in_wave(
        &mut self,
        number: usize,
        wave: &Touching<'_>,
        base: &Moment,
        ends: &Ends,
    ) -> Result<Option<(When, Wrong)>, Bound> {
        let mut seen: Vec<Stand> = Vec::new();
        let mut first: Option<(When, Wrong)> = None;
        for subset in 0..1_usize << wave.touching.len() {
            let taken = || (0..wave.touching.len()).filter(move |bit| subset >> bit & 1 == 1);
            let moment = base.after(wave.some(subset), self.kin);
            let here = self.stand(&moment)?;
            let steps = taken().filter_map(|bit| wave.touching.get(bit));
            let steps = steps.filter_map(|at| wave.steps.get(*at));
            let done: Vec<_> = steps.map(|step| step.address.clone()).collect();
            let earlier = taken().filter_map(|bit| seen.get(subset & !(1 << bit)));
            let earlier: Vec<&Stand> = earlier.collect();
            let wrong = self.wrong(&here, &earlier, ends)?.filter(|wrong| {
                let rank = |count: usize, wrong: &Wrong| (!wrong.exposes(), count);
                first.as_ref().is_none_or(|(when, known)| {
                    rank(done.len(), wrong) < rank(when.done.len(), known)
                })
            });
            if let Some(wrong) = wrong {
                let when = When { wave: number, done };
                first = Some((when, wrong));
            }
            seen.push(here);
        }
        Ok(first)
    }

    /// What is wrong with a state that comes right after some others.
    pub(super) fn wrong(
        &mut self,
        here: &Stand,
        earlier: &[&Stand],
        ends: &Ends,
    ) -> Result<Option<Wrong>, Bound> {
        let mut worst = Worst::new(self.depth);
        let before: Vec<&Judged> = earlier.iter().map(|earlier| &earlier.judged).collect();
        let trials = &self.oracle.trials;
        let broken = trial::broken(trials, &here.judged, &before, self.kin.zone);
        if worst.takes(broken) {
            return Ok(worst.found);
        }
        if !self.oracle.fine.contains(&here.seen) {
            let is_enough = self.flicker(&here.verdicts, ends, &mut worst)?
                || worst.takes(self.gap(&here.verdicts, ends)?);
            if is_enough {
                return Ok(worst.found);
            }
            if worst.found.is_none() {
                self.oracle.fine.insert(here.seen.clone());
            }
        }
        for earlier in earlier {
            if self.relapse(&earlier.verdicts, &here.verdicts, ends, &mut worst)? {
                break;
            }
        }
        Ok(worst.found)
    }

    /// A verdict that is neither that of now nor that of the end.
    fn flicker(&mut self, here: &Verdicts, ends: &Ends, worst: &mut Worst) -> Result<bool, Bound> {
        for (index, client) in self.clients.iter().enumerate() {
            let of = |verdicts: &Verdicts| verdicts.get(index).copied().unwrap_or_default();
            let (now, here, end) = (of(&ends.now), of(here), of(&ends.end));
            if here == now || here == end {
                continue;
            }
            for [before, during, after] in changes() {
                let guards = [pick(now, before), pick(here, during), pick(end, after)];
                if worst.takes(self.shown(client, [before, during, after], guards)?) {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }

    /// A verdict that was that of the end already, and is not any more.
    fn relapse(
        &mut self,
        earlier: &Verdicts,
        here: &Verdicts,
        ends: &Ends,
        worst: &mut Worst,
    ) -> Result<bool, Bound> {
        if std::ptr::eq(earlier, here) {
            return Ok(false);
        }
        for (index, client) in self.clients.iter().enumerate() {
            let of = |verdicts: &Verdicts| verdicts.get(index).copied().unwrap_or_default();
            let (earlier, here, end) = (of(earlier), of(here), of(&ends.end));
            if here == earlier || here == end {
                continue;
            }
            for after in Verdict::ALL {
                for during in Verdict::ALL.into_iter().filter(|one| *one != after) {
                    let guards = [pick(earlier, after), pick(here, during), pick(end, after)];
                    if worst.takes(self.shown(client, [after, during, after], guards)?) {
                        return Ok(true);
                    }
                }
            }
        }
        Ok(false)
    }

    fn shown(
        &mut self,
        client: &Client,
        [before, during, after]: [Verdict; 3],
        guards: [GuardSet; 3],
    ) -> Result<Option<Wrong>, Bound> {
        let guards = self.all_of(&guards)?;
        let guard = self.oracle.model.witness(guards)?;
        Ok(guard.map(|guard| Wrong::Flicker {
            client: client.clone(),
            guard,
            before,
            during,
            after,
        }))
    }

    /// A moment at which neither all who get in now nor all who get in at the end do.
    fn gap(&mut self, here: &Verdicts, ends: &Ends) -> Result<Option<Wrong>, Bound> {
        let model = &mut self.oracle.model;
        let [mut some_now, mut some_end, mut lost_now, mut lost_end] = [GuardSet::NONE; 4];
        for (index, client) in self.clients.iter().enumerate() {
            if !client.has_certificate() {
                continue;
            }
            let passing = |verdicts: &Verdicts| {
                let verdicts = verdicts.get(index).copied().unwrap_or_default();
                pick(verdicts, Verdict::Pass)
            };
            let (now, here, end) = (passing(&ends.now), passing(here), passing(&ends.end));
            some_now = model.either(some_now, now)?;
            some_end = model.either(some_end, end)?;
            let lost = model.without(now, here)?;
            lost_now = model.either(lost_now, lost)?;
            let lost = model.without(end, here)?;
            lost_end = model.either(lost_end, lost)?;
        }
        let guards = self.all_of(&[some_now, some_end, lost_now, lost_end])?;
        let guard = self.oracle.model.witness(guards)?;
        Ok(guard.map(|guard| Wrong::Gap { guard }))
    }

    fn all_of(&mut self, sets: &[GuardSet]) -> Result<GuardSet, Bound> {
        let mut all = GuardSet::EVERY;
        for set in sets {
            all = self.oracle.model.both(all, *set)?;
        }
        Ok(all)
    }
}

/// The guards with a verdict.
pub(super) fn pick([pass, challenge, block]: [GuardSet; 3], verdict: Verdict) -> GuardSet {
    match verdict {
        Verdict::Pass => pass,
        Verdict::Challenge => challenge,
        Verdict::Block => block,
    }
}

/// Before, during and after, where during is neither of the others.
fn changes() -> impl Iterator<Item = [Verdict; 3]> {
    let all = Verdict::ALL.into_iter();
    let pairs = all.flat_map(|before| Verdict::ALL.map(|during| (before, during)));
    let all = pairs.flat_map(|(before, during)| Verdict::ALL.map(|after| [before, during, after]));
    all.filter(|[before, during, after]| during != before && during != after)
}
