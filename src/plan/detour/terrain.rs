//! What changes in one zone, taken apart: lists, rules, and what happens to the whole zone at once.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::desired::Desired;
use crate::edge::Authority;
use crate::edge::Rule;
use crate::expression::Expression;
use crate::live::HostList;
use crate::live::Live;
use crate::plan::Address;
use crate::plan::CaRef;
use crate::plan::Change;
use crate::plan::Phase;
use crate::plan::Place;
use crate::plan::Reason;
use crate::plan::RuleChange;
use crate::plan::Step;
use crate::plan::detour::bridge;
use crate::plan::effect;
use crate::plan::safety::ground::Ground;
use crate::resource::Hostname;
use crate::resource::RuleBody;

/// What changes in one zone.
pub(super) struct Terrain {
    pub(super) lists: Vec<List>,
    /// Rules of ours that change; the last is the temporary one.
    pub(super) rules: Vec<Staged>,
    /// All rules that there are at some time.
    slots: Vec<Slot>,
    /// As they stand now, and as they shall.
    now: Vec<usize>,
    last: Vec<usize>,
    moves: Vec<(usize, Reason)>,
    bridge: RuleBody,
}

/// A host list that changes.
pub(super) struct List {
    pub(super) address: Address,
    pub(super) ca: CaRef,
    pub(super) authority: Authority,
    pub(super) before: HostList,
    pub(super) after: HostList,
    /// The same as hosts.
    pub(super) hosts: [BTreeSet<Hostname>; 2],
    /// Why hosts leave it.
    pub(super) leaves: Reason,
}

/// A rule of ours that changes, comes or goes.
pub(super) struct Staged {
    pub(super) reference: String,
    pub(super) before: Option<RuleBody>,
    pub(super) after: Option<RuleBody>,
    pub(super) reason: Reason,
    /// What it matches now and later; `None` if it can only be changed for all hosts at once.
    pub(super) conditions: Option<[Expression; 2]>,
}

/// A rule in the zone's list.
pub(super) enum Slot {
    /// One that stays as it is.
    Other(Arc<Rule>),
    /// One of ours, by its number.
    Own(usize),
}

/// What happens for all hosts at once.
#[derive(Clone)]
pub(super) enum Event {
    /// CAs come and go.
    Turn(Vec<Turn>),
    /// A rule comes to do with requests what it shall; one that cannot be taken apart becomes what it shall be.
    Switch(usize),
    /// A rule goes where it shall stand.
    Move(usize),
}

/// A CA comes or goes.
#[derive(Clone)]
pub(super) enum Turn {
    Comes(Authority),
    Goes(Authority),
}

impl Terrain {
    /// Takes the steps of a zone apart; `None` where that cannot be done.
    pub(super) fn of(
        steps: &[(Phase, Step)],
        ground: &Ground<'_>,
        files: (&Desired, &Live),
    ) -> Option<Self> {
        let (desired, _) = files;
        let mut terrain = Self {
            lists: Vec::new(),
            rules: Vec::new(),
            slots: Vec::new(),
            now: Vec::new(),
            last: Vec::new(),
            moves: Vec::new(),
            bridge: bridge::body(desired),
        };
        let mut bridging = Staged::new(terrain.bridge.reference.clone(), Reason::Served);
        let mut places: Vec<(String, Place)> = Vec::new();
        for (_, step) in steps {
            match &step.change {
                Change::ReplaceHosts { .. } => terrain.list(step, files)?,
                Change::Rule { change, .. } => {
                    terrain.rule(change, &step.reason, (&mut bridging, &mut places));
                }
                Change::UploadCa { .. } | Change::DeleteCa { .. } => {}
            }
        }
        bridging.conditions = bridging
            .condition_now()
            .map(|now| [now, Expression::Constant(false)]);
        bridge::choose_action(&mut terrain.bridge, &terrain.rules);
        terrain.rules.push(bridging);
        terrain.arrange(ground, &places);
        Some(terrain)
    }

    /// The temporary rule, but for what it matches.
    pub(super) fn bridge_body(&self) -> &RuleBody {
        &self.bridge
    }

    /// The number of the temporary rule.
    pub(super) fn bridge(&self) -> usize {
        self.rules.len().saturating_sub(1)
    }

    fn list(&mut self, step: &Step, (desired, live): (&Desired, &Live)) -> Option<()> {
        let Change::ReplaceHosts {
            ca, before, after, ..
        } = &step.change
        else {
            return None;
        };
        let known = self.lists.iter_mut().find(|list| list.ca == *ca);
        if let Some(list) = known {
            list.after = after.clone();
            list.hosts[1] = hosts(after);
            list.leaves = step.reason.clone();
        } else {
            self.lists.push(List {
                address: step.address.clone(),
                ca: ca.clone(),
                authority: effect::authority(ca, desired, live)?,
                before: before.clone(),
                after: after.clone(),
                hosts: [before, after].map(hosts),
                leaves: step.reason.clone(),
            });
        }
        Some(())
    }

    fn rule(
        &mut self,
        change: &RuleChange,
        reason: &Reason,
        (bridging, places): (&mut Staged, &mut Vec<(String, Place)>),
    ) {
        let (before, after) = match change {
            RuleChange::Create { rule, place } => {
                places.push((rule.reference.clone(), place.clone()));
                (None, Some(rule))
            }
            RuleChange::Replace { before, after } => (Some(before), Some(after)),
            RuleChange::Delete { rule } => (Some(rule), None),
            RuleChange::Move { rule, place } => {
                places.push((rule.reference.clone(), place.clone()));
                let number = self.number(&rule.reference).unwrap_or_else(|| {
                    let mut still = Staged::new(rule.reference.clone(), reason.clone());
                    (still.before, still.after) = (Some(rule.clone()), Some(rule.clone()));
                    still.take_apart();
                    self.rules.push(still);
                    self.rules.len() - 1
                });
                self.moves.push((number, reason.clone()));
                return;
            }
        };
        let Some(reference) = before.or(after).map(|body| body.reference.clone()) else {
            return;
        };
        if reference == bridging.reference {
            bridging.before = before.cloned();
            return;
        }
        // One that moves as well is there already.
        let number = self.number(&reference).unwrap_or_else(|| {
            self.rules.push(Staged::new(reference, reason.clone()));
            self.rules.len() - 1
        });
        if let Some(rule) = self.rules.get_mut(number) {
            (rule.before, rule.after) = (before.cloned(), after.cloned());
            rule.reason = reason.clone();
            rule.take_apart();
        }
    }

    fn number(&self, reference: &str) -> Option<usize> {
        self.rules
            .iter()
            .position(|rule| rule.reference == reference)
    }

    /// Gives every rule its slot, and finds out how they stand now and in the end.
    fn arrange(&mut self, ground: &Ground<'_>, places: &[(String, Place)]) {
        for rule in &ground.rules_now {
            let number = self.number(&rule.reference);
            self.slots.push(match number {
                Some(number) => Slot::Own(number),
                None => Slot::Other(Arc::clone(rule)),
            });
        }
        self.now = (0..self.slots.len()).collect();
        let mut names: Vec<String> = ground
            .rules_now
            .iter()
            .map(|rule| rule.reference.clone())
            .collect();
        let mut last = self.now.clone();
        let at = |last: &[usize], names: &[String], reference: &str| {
            last.iter()
                .position(|slot| names.get(*slot).is_some_and(|name| name == reference))
        };
        let top = (self.rules.last()).filter(|bridge| bridge.before.is_none());
        let top = top.map(|bridge| (bridge.reference.clone(), Place::First));
        for (reference, place) in places.iter().cloned().chain(top) {
            let standing = at(&last, &names, &reference);
            let slot = if let Some(standing) = standing {
                last.remove(standing)
            } else {
                let Some(number) = self.number(&reference) else {
                    continue;
                };
                self.slots.push(Slot::Own(number));
                names.push(reference);
                names.len() - 1
            };
            let above = match &place {
                Place::First => None,
                Place::After(above) => at(&last, &names, above),
            };
            last.insert(above.map_or(0, |above| above + 1), slot);
        }
        self.last = last;
    }

    /// The rules from top to bottom once some have been moved. One that is still to be made stands where it will.
    pub(super) fn order(&self, moved: &BTreeSet<usize>) -> Vec<&Slot> {
        let waits = |slot: &usize| {
            matches!(self.slots.get(*slot), Some(Slot::Own(number))
                if !moved.contains(number) && self.moves.iter().any(|(one, _)| one == number))
        };
        let mut order: Vec<usize> = self
            .last
            .iter()
            .filter(|slot| !waits(slot))
            .copied()
            .collect();
        let is_moved = |slot: &usize| matches!(self.slots.get(*slot), Some(Slot::Own(number)) if moved.contains(number));
        for (at, slot) in self.now.iter().enumerate().filter(|(_, slot)| waits(slot)) {
            let place = |slot: &usize| {
                let stands = !is_moved(slot);
                order.iter().position(|one| stands && one == slot)
            };
            let (above, below) = self.now.split_at(at);
            let above = above.iter().rev().find_map(place).map(|above| above + 1);
            let place = above.or_else(|| below.iter().find_map(place));
            order.insert(place.unwrap_or(order.len()), *slot);
        }
        order
            .into_iter()
            .filter_map(|slot| self.slots.get(slot))
            .collect()
    }

    /// Why a rule is moved.
    pub(super) fn why_moved(&self, number: usize) -> Reason {
        let found = self.moves.iter().find(|(one, _)| *one == number);
        found.map_or(Reason::OnTheWay, |(_, reason)| reason.clone())
    }

    /// The orders in which what concerns all hosts may happen: CAs as they are told to, everything else all at
    /// once after any of them, or one by one anywhere.
    pub(super) fn courses(&self, turns: &[Vec<(Phase, Step)>], live: &Live) -> Vec<Vec<Event>> {
        let switches = self.rules.iter().enumerate();
        let switches = switches.filter(|(_, rule)| rule.is_switched());
        let switches = switches.map(|(number, _)| Event::Switch(number));
        let moves = self.moves.iter().map(|(number, _)| Event::Move(*number));
        let turns = turns.iter().map(|turn| {
            let turn = turn.iter().filter_map(|(_, step)| self::turn(step, live));
            Event::Turn(turn.collect())
        });
        let mut courses = vec![turns.collect()];
        for event in moves.chain(switches) {
            let longer = courses.iter().flat_map(|course: &Vec<Event>| {
                // After the CAs have come, by preference.
                let (count, event) = (course.len(), &event);
                let places = (1..=count).chain([0]).take(MAX_PLACES);
                places.map(move |at| {
                    let mut longer = course.clone();
                    longer.insert(at.min(count), event.clone());
                    longer
                })
            });
            courses = longer.take(super::MAX_COURSES).collect();
        }
        courses
    }
}

/// More places for one event are not tried.
const MAX_PLACES: usize = 6;

impl Staged {
    fn new(reference: String, reason: Reason) -> Self {
        Self {
            reference,
            before: None,
            after: None,
            reason,
            conditions: None,
        }
    }

    /// Its two conditions, unless one cannot be read.
    fn take_apart(&mut self) {
        let both = self.condition_now().zip(condition(self.after.as_ref()));
        self.conditions = both.map(|(before, after)| [before, after]);
    }

    /// Whether it comes to do something else with requests.
    pub(super) fn is_switched(&self) -> bool {
        let actions = self.before.as_ref().zip(self.after.as_ref());
        let is_other = actions.is_some_and(|(before, after)| before.action != after.action);
        self.conditions.is_none() || is_other
    }

    fn condition_now(&self) -> Option<Expression> {
        condition(self.before.as_ref())
    }
}

/// What a rule matches; nothing where there is none.
fn condition(body: Option<&RuleBody>) -> Option<Expression> {
    match body.filter(|body| body.enabled) {
        Some(body) => crate::expression::parse(&body.expression).ok(),
        None => Some(Expression::Constant(false)),
    }
}

fn hosts(list: &HostList) -> BTreeSet<Hostname> {
    let hosts = list.0.iter();
    hosts
        .filter_map(|host| Hostname::parse(host).ok())
        .collect()
}

fn turn(step: &Step, live: &Live) -> Option<Turn> {
    match &step.change {
        Change::UploadCa { bundle, .. } => Some(Turn::Comes(Authority::of(bundle))),
        Change::DeleteCa { id, .. } => Some(Turn::Goes(live.ca(id)?.authority()?)),
        Change::ReplaceHosts { .. } | Change::Rule { .. } => None,
    }
}
