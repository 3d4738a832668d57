//! Looks for a safe way from one account to another, one step at a time, the shortest first.

use std::collections::HashMap;
use std::collections::VecDeque;
use std::rc::Rc;

use crate::oracle::account::Rule;
use crate::oracle::clients::Callers;
use crate::oracle::clients::Cas;
use crate::oracle::host::Host;
use crate::oracle::host::Moment;
use crate::oracle::host::Verdicts;
use crate::oracle::judge;

/// No more states than this are looked at.
const MOST_STATES: usize = 4_000;

/// Some hosts of the zone, one bit for each.
pub(super) type Hosts = u8;

/// A state of an account with one zone.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct State {
    pub(super) account: Cas,
    /// For each CA the hosts of its list.
    pub(super) lists: Vec<Hosts>,
    /// The rules in their order: which, and which of the things that it may be.
    pub(super) rules: Vec<(usize, usize)>,
}

/// A rule, and what becomes of it.
pub(super) struct Seat {
    pub(super) name: String,
    /// Everything that it may be.
    pub(super) may_be: Vec<Rule>,
    /// Whether it is only there for a while.
    pub(super) is_bridge: bool,
}

/// From where to where, and by which steps.
pub(super) struct Search<'a> {
    pub(super) callers: &'a Callers,
    pub(super) hosts: &'a [String],
    pub(super) seats: &'a [Seat],
    pub(super) first: State,
    pub(super) last: State,
    pub(super) quota: usize,
    pub(super) has_unknown: bool,
}

/// What was found.
pub(super) enum Found {
    /// The steps, in words.
    Way(Vec<String>),
    Nothing,
    /// There are too many states to say.
    TooMany,
}

/// Hosts with their rules, and what becomes of their clients at first and at last.
struct Views<'a> {
    hosts: Vec<Host<'a>>,
    /// For each host, rule and thing that it may be, its place among the host's rules.
    places: Vec<Vec<Vec<usize>>>,
    ends: Vec<(Rc<Verdicts>, Rc<Verdicts>)>,
}

impl Search<'_> {
    pub(super) fn run(&self) -> Found {
        let mut views = self.views();
        let mut known: HashMap<State, Option<Vec<Rc<Verdicts>>>> = HashMap::new();
        let mut came: HashMap<State, (State, String)> = HashMap::new();
        let mut waiting = VecDeque::from([self.first.clone()]);
        let at_first = views.verdicts(&self.first);
        known.insert(self.first.clone(), Some(at_first));
        while let Some(state) = waiting.pop_front() {
            if state == self.last {
                return Found::Way(way(&came, state));
            }
            if known.len() > MOST_STATES {
                return Found::TooMany;
            }
            let here = known[&state].clone().expect("a safe state");
            for (next, step) in self.steps(&state) {
                if came.contains_key(&next) || next == self.first {
                    continue;
                }
                let verdicts = known
                    .entry(next.clone())
                    .or_insert_with(|| views.if_safe(&next));
                let is_fine = verdicts
                    .as_ref()
                    .is_some_and(|next| views.is_step(&here, next));
                if is_fine {
                    came.insert(next.clone(), (state.clone(), step));
                    waiting.push_back(next);
                }
            }
        }
        Found::Nothing
    }

    fn views(&self) -> Views<'_> {
        let mut views = Views {
            hosts: Vec::new(),
            places: Vec::new(),
            ends: Vec::new(),
        };
        for host in self.hosts {
            let mut view = Host::new(self.callers, host, self.has_unknown);
            let seats = self.seats.iter();
            let places = seats.map(|seat| {
                let rules = seat.may_be.iter();
                rules.map(|rule| view.note(rule)).collect()
            });
            views.places.push(places.collect());
            views.hosts.push(view);
        }
        let ends = views.verdicts(&self.first).into_iter();
        views.ends = ends.zip(views.verdicts(&self.last)).collect();
        views
    }

    /// Everything that can be done, and what it makes of a state.
    fn steps(&self, state: &State) -> Vec<(State, String)> {
        let mut steps = Vec::new();
        self.cas(state, &mut steps);
        self.lists(state, &mut steps);
        self.rules(state, &mut steps);
        steps
    }

    fn cas(&self, state: &State, steps: &mut Vec<(State, String)>) {
        // The managed CA takes no slot.
        let used = state.account.count_ones() as usize - 1;
        for ca in 1..state.lists.len() {
            let bit: Cas = 1 << ca;
            let is_there = state.account & bit != 0;
            let (was, stays) = (self.first.account & bit != 0, self.last.account & bit != 0);
            let mut next = state.clone();
            next.account ^= bit;
            if !is_there && stays && used < self.quota {
                steps.push((next, format!("upload CA {ca}")));
            } else if is_there && was && !stays && state.lists[ca] == 0 {
                steps.push((next, format!("delete CA {ca}")));
            }
        }
    }

    fn lists(&self, state: &State, steps: &mut Vec<(State, String)>) {
        for (ca, list) in state.lists.iter().enumerate() {
            if state.account >> ca & 1 == 0 {
                continue;
            }
            let (live, desired) = (self.first.lists[ca], self.last.lists[ca]);
            let single = (0..self.hosts.len()).map(|host| 1 << host);
            let single = single.filter(|host| (live ^ desired) & host != 0);
            let lists = single
                .map(|host| list ^ host)
                .chain([live | desired, desired]);
            for after in lists.filter(|after| after != list) {
                let mut next = state.clone();
                next.lists[ca] = after;
                let hosts = self.hosts.iter().enumerate();
                let hosts = hosts.filter(|(host, _)| after >> host & 1 == 1);
                let hosts: Vec<&String> = hosts.map(|(_, host)| host).collect();
                steps.push((next, format!("list {hosts:?} for CA {ca}")));
            }
        }
    }

    fn rules(&self, state: &State, steps: &mut Vec<(State, String)>) {
        for (seat, rule) in self.seats.iter().enumerate() {
            let standing = state.rules.iter().position(|(one, _)| *one == seat);
            let stays = self.last.rules.iter().any(|(one, _)| *one == seat);
            let is_ours = rule.is_bridge || rule.name.starts_with("platform/");
            if !is_ours {
                continue;
            }
            let Some(at) = standing else {
                if !stays && !rule.is_bridge {
                    continue;
                }
                for (nth, text) in rule.may_be.iter().enumerate() {
                    for place in self.places(state, seat) {
                        let mut next = state.clone();
                        next.rules.insert(place, (seat, nth));
                        let said = format!("create {} at {place}: {}", rule.name, told(text));
                        steps.push((next, said));
                    }
                }
                continue;
            };
            for (nth, text) in rule.may_be.iter().enumerate() {
                if state.rules[at].1 != nth {
                    let mut next = state.clone();
                    next.rules[at].1 = nth;
                    steps.push((next, format!("change {}: {}", rule.name, told(text))));
                }
            }
            let mut without = state.clone();
            let moved = without.rules.remove(at);
            if !rule.is_bridge {
                for place in self.places(&without, seat) {
                    if place != at {
                        let mut next = without.clone();
                        next.rules.insert(place, moved);
                        steps.push((next, format!("move {} to {place}", rule.name)));
                    }
                }
            }
            if !stays {
                steps.push((without, format!("delete {}", rule.name)));
            }
        }
    }

    /// The top, and for what stays the place that it has at last.
    fn places(&self, state: &State, seat: usize) -> Vec<usize> {
        let mut places = vec![0];
        let last = self.last.rules.iter().map(|(one, _)| *one);
        let above: Vec<usize> = last.take_while(|one| *one != seat).collect();
        let nearest = state.rules.iter().rposition(|(one, _)| above.contains(one));
        if !self.seats[seat].is_bridge {
            places.extend(nearest.map(|at| at + 1));
        }
        places
    }
}

impl Views<'_> {
    fn verdicts(&mut self, state: &State) -> Vec<Rc<Verdicts>> {
        let places = &self.places;
        let hosts = self.hosts.iter_mut().enumerate();
        let verdicts = hosts.map(|(nth, view)| {
            let lists = state.lists.iter().enumerate();
            let lists = lists.filter(|(_, hosts)| **hosts >> nth & 1 == 1);
            let rules = state.rules.iter();
            view.verdicts(&Moment {
                account: state.account,
                here: lists.fold(0, |all, (ca, _)| all | 1 << ca),
                rules: rules
                    .map(|(seat, is)| Moment::standing(places[nth][*seat][*is]))
                    .collect(),
            })
        });
        verdicts.collect()
    }

    /// The verdicts of a state that nothing is wrong with.
    fn if_safe(&mut self, state: &State) -> Option<Vec<Rc<Verdicts>>> {
        let verdicts = self.verdicts(state);
        let mut hosts = self.hosts.iter().zip(&self.ends).zip(&verdicts);
        let is_safe =
            hosts.all(|((view, (now, end)), here)| judge::state(view, now, here, end).is_none());
        is_safe.then_some(verdicts)
    }

    /// Whether everything that is as it shall be stays so.
    fn is_step(&self, before: &[Rc<Verdicts>], after: &[Rc<Verdicts>]) -> bool {
        let mut hosts = self
            .hosts
            .iter()
            .zip(&self.ends)
            .zip(before.iter().zip(after));
        hosts.all(|((view, (_, end)), (before, after))| {
            Rc::ptr_eq(before, after) || judge::relapse(before, after, end, view.guards).is_none()
        })
    }
}

fn told(rule: &Rule) -> String {
    format!("{:?} {}", rule.effect, rule.text)
}

fn way(came: &HashMap<State, (State, String)>, last: State) -> Vec<String> {
    let mut steps = Vec::new();
    let mut state = last;
    while let Some((before, step)) = came.get(&state) {
        steps.push(step.clone());
        state = before.clone();
    }
    steps.reverse();
    steps
}
