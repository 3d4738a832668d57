//! Which states are wrong, and which ways lead through one.

use std::rc::Rc;

use mtlsctl::resource::Hostname;
use mtlsctl::resource::ZoneName;

use crate::oracle::account::Course;
use crate::oracle::account::Edit;
use crate::oracle::account::Effect;
use crate::oracle::account::Work;
use crate::oracle::account::Zone;
use crate::oracle::clients::Cas;
use crate::oracle::clients::READINGS;
use crate::oracle::host::Host;
use crate::oracle::host::Moment;
use crate::oracle::host::Verdicts;
use crate::oracle::language::GUARDS;
use crate::oracle::language::Guards;
use crate::oracle::language::guard;

/// With more steps of one wave that matter to a host the wave is not taken apart.
const MOST_STEPS: usize = 12;

/// What is wrong with a state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Wrong {
    /// A verdict that is neither the first nor the last.
    Flicker { class: usize, guard: usize },
    /// A verdict that was the last one already.
    Relapse { class: usize, guard: usize },
    /// Neither all clients that get in at first nor all that do at last get in.
    Gap { reading: usize, guard: usize },
}

/// What became of a plan, for one host.
pub(super) struct Judged {
    /// In words; none if nothing is wrong.
    pub(super) wrong: Option<String>,
    /// Whether every state was looked at.
    pub(super) is_whole: bool,
    /// How many states were looked at.
    pub(super) states: usize,
    pub(super) now: Rc<Verdicts>,
    pub(super) end: Rc<Verdicts>,
}

/// A host's way through a plan.
pub(super) struct Passage<'c> {
    course: &'c Course,
    zone: &'c ZoneName,
    /// `None` is any other host of the zone.
    host: Option<&'c Hostname>,
    pub(super) view: Host<'c>,
    first: Moment,
}

impl<'c> Passage<'c> {
    pub(super) fn new(
        course: &'c Course,
        name: &'c ZoneName,
        zone: &'c Zone,
        host: Option<&'c Hostname>,
    ) -> Self {
        let any_other = || format!("any.other.{name}");
        let spelled = host.map_or_else(any_other, ToString::to_string);
        let unknown = zone.rules.iter();
        let unknown = unknown
            .filter(|rule| rule.effect == Effect::Unknown)
            .count();
        assert!(unknown < 2, "one rule at most that nobody can read");
        let mut view = Host::new(&course.callers, &spelled, unknown > 0);
        let rules = zone.rules.iter();
        let first = Moment {
            account: course.cas,
            here: host.map_or(0, |host| zone.cas_of(host)),
            rules: rules
                .map(|rule| Moment::standing(view.note(rule)))
                .collect(),
        };
        Self {
            course,
            zone: name,
            host,
            view,
            first,
        }
    }

    /// Looks at every state.
    pub(super) fn judge(&mut self) -> Judged {
        let now = self.view.verdicts(&self.first);
        let mut last = self.first.clone();
        for wave in &self.course.waves {
            self.take(&mut last, wave, usize::MAX, &[]);
        }
        let end = self.view.verdicts(&last);
        let mut judged = Judged {
            wrong: None,
            is_whole: true,
            states: 0,
            now,
            end,
        };
        let mut base = self.first.clone();
        for (nth, wave) in self.course.waves.iter().enumerate() {
            let mattering: Vec<usize> = (0..wave.len())
                .filter(|at| self.matters(&wave[*at]))
                .collect();
            if mattering.len() > MOST_STEPS {
                judged.is_whole = false;
            } else if judged.wrong.is_none() {
                self.wave(nth, wave, &mattering, &base, &mut judged);
            }
            self.take(&mut base, wave, usize::MAX, &mattering);
            base.settle();
        }
        judged
    }

    /// Looks at every subset of a wave, and at every step from one to the next.
    fn wave(
        &mut self,
        nth: usize,
        wave: &[Work],
        mattering: &[usize],
        base: &Moment,
        judged: &mut Judged,
    ) {
        let mut seen: Vec<Rc<Verdicts>> = Vec::new();
        for subset in 0..1_usize << mattering.len() {
            let mut moment = base.clone();
            self.take(&mut moment, wave, subset, mattering);
            moment.settle();
            let here = self.view.verdicts(&moment);
            let taken = (0..mattering.len()).filter(|bit| subset >> bit & 1 == 1);
            let before = taken.map(|bit| &seen[subset & !(1 << bit)]);
            let (now, end) = (&judged.now, &judged.end);
            let wrong = state(&self.view, now, &here, end).or_else(|| {
                let mut before = before;
                before.find_map(|one| relapse(one, &here, end, self.view.guards))
            });
            if let Some(wrong) = wrong {
                let done = (0..mattering.len()).filter(|bit| subset >> bit & 1 == 1);
                let done: Vec<String> = done
                    .map(|bit| format!("{:?}", wave[mattering[bit]]))
                    .collect();
                judged.wrong = Some(format!(
                    "{} in wave {} after {done:#?}",
                    self.told(wrong, &judged.now, &here, &judged.end),
                    nth + 1
                ));
                return;
            }
            judged.states += 1;
            seen.push(here);
        }
    }

    /// Lets the steps of a wave take effect: of those that matter the ones in `subset`, and all others.
    fn take(&mut self, moment: &mut Moment, wave: &[Work], subset: usize, mattering: &[usize]) {
        for (at, work) in wave.iter().enumerate() {
            let bit = mattering.iter().position(|one| *one == at);
            let takes_effect = bit.is_none_or(|bit| subset >> bit & 1 == 1);
            match work {
                Work::Upload(ca) if takes_effect => moment.account |= ca,
                Work::Delete(ca) if takes_effect => {
                    moment.account &= !ca;
                    moment.here &= !ca;
                }
                Work::List { zone, ca, after } if takes_effect && zone == self.zone => {
                    if self.host.is_some_and(|host| after.contains(host)) {
                        moment.here |= ca;
                    } else {
                        moment.here &= !ca;
                    }
                }
                Work::Rule { zone, edit } if zone == self.zone => {
                    moment.edit(edit, takes_effect, &mut self.view);
                }
                _ => {}
            }
        }
    }

    /// Whether a step can make a difference to the host, whenever it is taken.
    fn matters(&self, work: &Work) -> bool {
        match work {
            Work::Upload(_) | Work::Delete(_) => {
                self.first.here != 0 || self.memberships(None).any(|is_listed| is_listed)
            }
            Work::List { zone, ca, .. } => {
                let at_first = self.first.here & ca != 0;
                let mut later = self.memberships(Some(*ca));
                zone == self.zone && later.any(|is_listed| is_listed != at_first)
            }
            Work::Rule { zone, edit } => zone == self.zone && self.edits(edit),
        }
    }

    /// For each step that replaces a list of the zone, of one CA if it is given, whether the host is in it then.
    fn memberships(&self, of: Option<Cas>) -> impl Iterator<Item = bool> {
        let works = self.course.waves.iter().flatten();
        works.filter_map(move |work| match work {
            Work::List { zone, ca, after }
                if zone == self.zone && of.is_none_or(|of| of == *ca) =>
            {
                Some(self.host.is_some_and(|host| after.contains(host)))
            }
            _ => None,
        })
    }

    /// Whether the rule that a step edits ever decides something for the host.
    fn edits(&self, edit: &Edit) -> bool {
        let name = match edit {
            Edit::Insert(rule, _) | Edit::Replace(rule) => &rule.name,
            Edit::Move(name, _) | Edit::Remove(name) => name,
        };
        let mut noted = 0..self.view.count();
        noted.any(|rule| self.view.name_of(rule) == name && self.view.is_decided_by(rule))
    }

    fn told(&self, wrong: Wrong, now: &Verdicts, here: &Verdicts, end: &Verdicts) -> String {
        let of = |class: usize, nth: usize| {
            let words = [now, here, end].map(|verdicts| word(verdicts[class], nth));
            let client = self.view.callers().clients[class / READINGS.len()].name();
            let reading = READINGS[class % READINGS.len()];
            format!(
                "clients {client} on {} ({}, {reading:?}): {}",
                self.view.spelled,
                guard(nth % GUARDS),
                words.join(" → ")
            )
        };
        match wrong {
            Wrong::Flicker { class, guard } => of(class, guard),
            Wrong::Relapse { class, guard } => format!("once again {}", of(class, guard)),
            Wrong::Gap {
                reading,
                guard: nth,
            } => {
                let clients = self.view.callers().clients.iter().enumerate();
                let lines = clients.map(|(at, _)| of(at * READINGS.len() + reading, nth));
                format!("a gap:\n{}\n", lines.collect::<Vec<_>>().join("\n"))
            }
        }
    }
}

/// A verdict of some guard.
pub(super) fn word([pass, challenge, _]: [Guards; 3], guard: usize) -> &'static str {
    match (pass >> guard & 1, challenge >> guard & 1) {
        (1, _) => "pass",
        (_, 1) => "challenge",
        _ => "block",
    }
}

/// The first guard of a set.
pub(super) fn first(guards: Guards) -> Option<usize> {
    (guards != 0).then(|| guards.trailing_zeros() as usize)
}

/// The guards on which two verdicts are the same.
fn same(one: [Guards; 3], other: [Guards; 3]) -> Guards {
    (0..3).fold(0, |all, nth| all | one[nth] & other[nth])
}

/// A verdict that is neither the first nor the last.
fn flicker(now: &Verdicts, here: &Verdicts, end: &Verdicts, guards: Guards) -> Option<Wrong> {
    (0..here.len()).find_map(|class| {
        let right = same(here[class], now[class]) | same(here[class], end[class]);
        first(guards & !right).map(|guard| Wrong::Flicker { class, guard })
    })
}

/// A verdict that was the last one already.
pub(super) fn relapse(
    before: &Verdicts,
    here: &Verdicts,
    end: &Verdicts,
    guards: Guards,
) -> Option<Wrong> {
    (0..here.len()).find_map(|class| {
        let lost = same(before[class], end[class]) & !same(here[class], end[class]);
        first(guards & lost).map(|guard| Wrong::Relapse { class, guard })
    })
}

/// What is wrong with a state in itself.
pub(super) fn state(
    view: &Host<'_>,
    now: &Verdicts,
    here: &Verdicts,
    end: &Verdicts,
) -> Option<Wrong> {
    flicker(now, here, end, view.guards).or_else(|| gap(view, now, here, end))
}

/// Of the clients with a certificate that get in at first one is missing, and one of those at last.
fn gap(view: &Host<'_>, now: &Verdicts, here: &Verdicts, end: &Verdicts) -> Option<Wrong> {
    let clients = &view.callers().clients;
    // What a stranger's certificate says is part of the request: one of them at a time.
    let strangers = (0..clients.len()).filter(|at| clients[*at].is_stranger());
    for stranger in strangers {
        for reading in 0..READINGS.len() {
            let [mut some_now, mut some_end, mut lost_now, mut lost_end]: [Guards; 4] = [0; 4];
            // The first is the one without a certificate.
            for (at, client) in clients.iter().enumerate().skip(1) {
                if client.is_stranger() && at != stranger {
                    continue;
                }
                let passing = |verdicts: &Verdicts| verdicts[at * READINGS.len() + reading][0];
                some_now |= passing(now);
                some_end |= passing(end);
                lost_now |= passing(now) & !passing(here);
                lost_end |= passing(end) & !passing(here);
            }
            if let Some(guard) = first(some_now & some_end & lost_now & lost_end) {
                return Some(Wrong::Gap { reading, guard });
            }
        }
    }
    None
}
