//! The shortest way of some hosts from now to the end.

use std::cmp::Reverse;
use std::collections::BTreeMap;
use std::collections::BinaryHeap;

use crate::plan::detour::band::Band;
use crate::plan::detour::band::Local;
use crate::plan::detour::band::Part;
use crate::plan::detour::band::is_nothing;
use crate::plan::detour::terrain::Event;
use crate::plan::detour::terrain::Turn;
use crate::plan::safety::moment::Moment;

/// One part takes another form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Move {
    pub(super) part: usize,
    pub(super) form: usize,
    pub(super) rank: Rank,
}

/// What comes first by preference, as in the normal order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Rank {
    Joins,
    Turns,
    Changes,
    Leaves,
}

/// How many events have happened, and the form of each part.
type Stand = (usize, Local);

/// Places that were reached: at what cost, from where, and by what move if it was none of the events.
type Reached = BTreeMap<Stand, (usize, Option<(Stand, Option<Move>)>)>;

impl Band<'_> {
    /// What these hosts do before each event and after the last one; `None` where there is no way.
    pub(super) fn way(&mut self, events: &[Event]) -> Option<Vec<Vec<Move>>> {
        let start = (0, self.local(Part::now));
        let goal = (events.len(), self.local(Part::last));
        let first = self.at(events, &start);
        let last = self.at(events, &goal);
        if !self.set_ends(&first, &last) || !self.allows(None, &first) {
            return None;
        }
        let mut open = BinaryHeap::from([(Reverse(self.left(&start.1)), 0_usize, start.clone())]);
        let mut came: Reached = BTreeMap::from([(start, (0, None))]);
        let mut count = 0;
        while let Some((Reverse(expected), _, stand)) = open.pop() {
            if stand == goal {
                return Some(traced(&came, goal, events.len()));
            }
            let cost = came.get(&stand).map_or(0, |(cost, _)| *cost);
            if expected > cost + self.left(&stand.1) {
                continue;
            }
            let here = self.at(events, &stand);
            // What is preferred is pushed last, and popped first among equals.
            for (next, taken) in self.nexts(events, &stand).into_iter().rev() {
                let cost = cost + usize::from(taken.is_some());
                if came.get(&next).is_some_and(|(known, _)| *known <= cost) {
                    continue;
                }
                self.budget = self.budget.checked_sub(1)?;
                let there = self.at(events, &next);
                if !Self::is_possible(&there) || !self.allows(Some(&here), &there) {
                    continue;
                }
                count += 1;
                open.push((Reverse(cost + self.left(&next.1)), count, next.clone()));
                came.insert(next, (cost, Some((stand.clone(), taken))));
            }
        }
        None
    }

    fn at(&self, events: &[Event], (happened, local): &Stand) -> Moment {
        self.moment(events.get(..*happened).unwrap_or(events), local)
    }

    /// How many parts are not yet as they shall be.
    fn left(&self, local: &[usize]) -> usize {
        let parts = self.parts.iter().zip(local);
        parts.filter(|(part, form)| part.last() != **form).count()
    }

    /// Where one can get from a place, the preferred first.
    fn nexts(&self, events: &[Event], (happened, local): &Stand) -> Vec<(Stand, Option<Move>)> {
        let mut nexts = Vec::new();
        for (part, now) in local.iter().enumerate() {
            for form in (0..self.count(part)).filter(|form| form != now) {
                let mut local = local.clone();
                if let Some(one) = local.get_mut(part) {
                    *one = form;
                }
                let rank = self.rank(part, *now, form);
                let taken = Move { part, form, rank };
                nexts.push((Some(rank), (*happened, local), Some(taken)));
            }
        }
        nexts.sort_by_key(|(rank, _, taken)| {
            let is_last = taken.as_ref().is_some_and(|taken| {
                self.parts.get(taken.part).map(Part::last) == Some(taken.form)
            });
            (*rank, !is_last)
        });
        if let Some(event) = events.get(*happened) {
            let comes = match event {
                Event::Turn(turns) => turns.iter().all(|turn| matches!(turn, Turn::Comes(_))),
                Event::Switch(_) | Event::Move(_) => true,
            };
            let next = (None, (happened + 1, local.clone()), None);
            nexts.insert(if comes { 0 } else { nexts.len() }, next);
        }
        nexts
            .into_iter()
            .map(|(_, stand, taken)| (stand, taken))
            .collect()
    }

    fn rank(&self, part: usize, now: usize, form: usize) -> Rank {
        match self.parts.get(part) {
            Some(Part::List { is_listed, .. }) => {
                if *is_listed == (form == 0) {
                    Rank::Joins
                } else {
                    Rank::Leaves
                }
            }
            Some(Part::Rule { forms, .. }) if is_nothing(forms.expression(now)) => Rank::Turns,
            _ => Rank::Changes,
        }
    }
}

/// The way to a place, cut at the events.
fn traced(came: &Reached, goal: Stand, events: usize) -> Vec<Vec<Move>> {
    let mut way = vec![Vec::new(); events + 1];
    let mut at = goal;
    while let Some((_, Some((from, taken)))) = came.get(&at) {
        if let (Some(taken), Some(moves)) = (taken, way.get_mut(from.0)) {
            moves.push(*taken);
        }
        at = from.clone();
    }
    for moves in &mut way {
        moves.reverse();
    }
    way
}
