//! The ways of all kinds of hosts, walked in step: what is done at the same time to one list or rule is one step.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use crate::expression::Expression;
use crate::live::HostList;
use crate::plan::Change;
use crate::plan::Phase;
use crate::plan::Place;
use crate::plan::Reason;
use crate::plan::RuleChange;
use crate::plan::Step;
use crate::plan::compile;
use crate::plan::detour::band::Band;
use crate::plan::detour::band::Local;
use crate::plan::detour::band::Part;
use crate::plan::detour::band::is_nothing;
use crate::plan::detour::terrain::Event;
use crate::plan::detour::terrain::List;
use crate::plan::detour::terrain::Slot;
use crate::plan::detour::terrain::Staged;
use crate::plan::detour::terrain::Terrain;
use crate::plan::detour::way::Move;
use crate::plan::route::Timed;
use crate::plan::rules;
use crate::plan::seal::sealed;
use crate::plan::wave::When;
use crate::resource::EXPRESSION_LIMIT;
use crate::resource::Hostname;
use crate::resource::RuleBody;
use crate::resource::ZoneName;

/// Turns ways into steps.
pub(super) struct Itinerary<'a> {
    zone: &'a ZoneName,
    terrain: &'a Terrain,
    bands: &'a [Band<'a>],
    /// The forms of each band's parts.
    locals: Vec<Local>,
    lists: Vec<HostList>,
    rules: Vec<Option<RuleBody>>,
    moved: BTreeSet<usize>,
    switched: BTreeSet<usize>,
    stretch: u16,
    number: u16,
    timed: Timed,
}

/// A rule that has no room on the way.
struct NoRoom;

impl<'a> Itinerary<'a> {
    pub(super) fn new(zone: &'a ZoneName, terrain: &'a Terrain, bands: &'a [Band<'a>]) -> Self {
        Self {
            zone,
            terrain,
            bands,
            locals: bands.iter().map(|band| band.local(Part::now)).collect(),
            lists: terrain
                .lists
                .iter()
                .map(|list| list.before.clone())
                .collect(),
            rules: terrain
                .rules
                .iter()
                .map(|rule| rule.before.clone())
                .collect(),
            moved: BTreeSet::new(),
            switched: BTreeSet::new(),
            stretch: 0,
            number: 0,
            timed: Vec::new(),
        }
    }

    /// The steps; `None` where a rule could not be written down on the way.
    pub(super) fn walk(mut self, events: &[Event], ways: &[Vec<Vec<Move>>]) -> Option<Timed> {
        for segment in 0..=events.len() {
            let mut moves: Vec<&[Move]> = ways
                .iter()
                .map(|way| way.get(segment).map_or(&[][..], Vec::as_slice))
                .collect();
            while let Some(first) = moves
                .iter()
                .filter_map(|moves| moves.first())
                .map(|one| one.rank)
                .min()
            {
                for (moves, local) in moves.iter_mut().zip(&mut self.locals) {
                    let Some((taken, rest)) =
                        moves.split_first().filter(|(taken, _)| taken.rank == first)
                    else {
                        continue;
                    };
                    if let Some(form) = local.get_mut(taken.part) {
                        *form = taken.form;
                    }
                    *moves = rest;
                }
                self.write().ok()?;
            }
            match events.get(segment) {
                Some(Event::Turn(_)) => {
                    self.stretch += 1;
                    self.number = 0;
                }
                Some(Event::Switch(number)) => {
                    self.switched.insert(*number);
                    self.write().ok()?;
                }
                Some(Event::Move(number)) => self.relocate(*number),
                None => {}
            }
        }
        // What no host can tell, such as a description, where nothing else was to be done.
        self.write().ok()?;
        Some(self.timed)
    }

    /// Writes down what is different now.
    fn write(&mut self) -> Result<(), NoRoom> {
        self.number += 1;
        for number in 0..self.lists.len() {
            self.write_list(number);
        }
        for number in 0..self.rules.len() {
            self.write_rule(number)?;
        }
        Ok(())
    }

    fn push(&mut self, phase: Phase, step: Step) {
        let when = When::in_stretch(self.stretch, self.number);
        self.timed.push((when, phase, step));
    }

    fn write_list(&mut self, number: usize) {
        let terrain = self.terrain;
        let (Some(list), Some(before)) = (terrain.lists.get(number), self.lists.get(number)) else {
            return;
        };
        let after = self.list(number, list);
        if *before == after {
            return;
        }
        let is_joined = after.0.is_superset(&before.0);
        let (phase, reason) = if is_joined {
            (Phase::Associate, Reason::Missing)
        } else {
            (Phase::Dissociate, list.leaves.clone())
        };
        let change = Change::ReplaceHosts {
            zone: self.zone.clone(),
            ca: list.ca.clone(),
            before: before.clone(),
            after: after.clone(),
        };
        let address = list.address.clone();
        let step = Step {
            address,
            change,
            reason,
        };
        self.push(phase, step);
        if let Some(list) = self.lists.get_mut(number) {
            *list = after;
        }
    }

    /// A list as it has to be now.
    fn list(&self, number: usize, list: &List) -> HostList {
        let bands = self.bands.iter().zip(&self.locals);
        let forms = bands.flat_map(|(band, local)| {
            let parts = band.parts.iter().zip(local);
            let form = parts.filter_map(move |(part, form)| match part {
                Part::List { number: one, .. } if *one == number => Some(*form),
                _ => None,
            });
            form.map(move |form| (band, form))
        });
        let (mut done, mut waiting) = (BTreeSet::new(), BTreeSet::new());
        for (band, form) in forms {
            let hosts = if form == 0 { &mut waiting } else { &mut done };
            hosts.extend(band.hosts());
        }
        if waiting.is_empty() {
            return list.after.clone();
        }
        let is_one_of = |listed: &String, hosts: &BTreeSet<&Hostname>| {
            Hostname::parse(listed).is_ok_and(|host| hosts.contains(&host))
        };
        let before = list.before.0.iter();
        let after = list.after.0.iter();
        let stay = before.filter(|listed| !is_one_of(listed, &done));
        let come = after.filter(|listed| is_one_of(listed, &done));
        HostList(stay.chain(come).cloned().collect())
    }

    fn write_rule(&mut self, number: usize) -> Result<(), NoRoom> {
        let terrain = self.terrain;
        let (Some(rule), Some(before)) = (terrain.rules.get(number), self.rules.get(number)) else {
            return Ok(());
        };
        let after = self.body(number, rule)?;
        if *before == after {
            return Ok(());
        }
        let reason = if after == rule.after {
            rule.reason.clone()
        } else {
            Reason::OnTheWay
        };
        let (phase, change) = match (before.clone(), after.clone()) {
            (Some(before), Some(after)) => (
                rules::phase(&before, &after),
                RuleChange::Replace { before, after },
            ),
            (None, Some(rule)) => {
                let place = self.place(number);
                (Phase::Widen, RuleChange::Create { rule, place })
            }
            (Some(rule), None) => (Phase::Narrow, RuleChange::Delete { rule }),
            (None, None) => return Ok(()),
        };
        self.push(
            phase,
            rules::step(self.zone, rule.reference.clone(), change, reason),
        );
        if let Some(body) = self.rules.get_mut(number) {
            *body = after;
        }
        Ok(())
    }

    /// Moves a rule, unless others went and it stands where it shall already.
    fn relocate(&mut self, number: usize) {
        let before = self.place(number);
        self.moved.insert(number);
        self.number += 1;
        let Some(Some(rule)) = self.rules.get(number).cloned() else {
            return;
        };
        if self.place(number) == before {
            return;
        }
        let reference = rule.reference.clone();
        let place = self.place(number);
        let change = RuleChange::Move { rule, place };
        let reason = self.terrain.why_moved(number);
        self.push(
            Phase::Widen,
            rules::step(self.zone, reference, change, reason),
        );
    }

    /// Where a rule stands among those that are there.
    fn place(&self, number: usize) -> Place {
        let order = self.terrain.order(&self.moved).into_iter();
        let above = order.take_while(|slot| !matches!(slot, Slot::Own(one) if *one == number));
        let there = above.filter_map(|slot| match slot {
            Slot::Other(rule) => Some(rule.reference.clone()),
            Slot::Own(number) => {
                let body = self.rules.get(*number)?.as_ref();
                body.map(|body| body.reference.clone())
            }
        });
        there.last().map_or(Place::First, Place::After)
    }

    /// A rule as it has to be now.
    fn body(&self, number: usize, rule: &Staged) -> Result<Option<RuleBody>, NoRoom> {
        if rule.conditions.is_none() {
            let is_switched = self.switched.contains(&number);
            let body = if is_switched {
                &rule.after
            } else {
                &rule.before
            };
            return Ok(body.clone());
        }
        let (mut is_now, mut is_last) = (true, true);
        let mut said: BTreeMap<&Expression, Vec<&Hostname>> = BTreeMap::new();
        for (band, local) in self.bands.iter().zip(&self.locals) {
            let parts = band.parts.iter().zip(local);
            let mut forms = parts.filter_map(|(part, form)| match part {
                Part::Rule { number: one, forms } if *one == number => Some((part, forms, *form)),
                _ => None,
            });
            let expression = if let Some((part, forms, form)) = forms.next() {
                is_now &= form == part.now();
                is_last &= form == part.last();
                Some(forms.expression(form))
            } else {
                band.fixed(number)
            };
            let expression = expression.filter(|expression| !is_nothing(expression));
            if let Some(expression) = expression {
                said.entry(expression).or_default().extend(band.hosts());
            }
        }
        let acts_as_later = !rule.is_switched() || self.switched.contains(&number);
        if is_last && acts_as_later {
            return Ok(rule.after.clone());
        }
        if is_now && !(acts_as_later && rule.is_switched()) {
            return Ok(rule.before.clone());
        }
        let (before, after) = (rule.before.as_ref(), rule.after.as_ref());
        let frame = if acts_as_later {
            after.or(before)
        } else {
            before.or(after)
        };
        let frame = frame.unwrap_or(self.terrain.bridge_body()).clone();
        if said.is_empty() {
            // One that has to stay says nothing while it is off.
            let stays = before.is_some() && after.is_some();
            return Ok(stays.then(|| {
                sealed(RuleBody {
                    enabled: false,
                    ..frame
                })
            }));
        }
        let clauses = said.into_iter().map(|(expression, hosts)| {
            let on_hosts = compile::host().in_strings(hosts.into_iter().map(Hostname::as_str));
            Expression::and([on_hosts, expression.clone()])
        });
        let text = format!("({})", Expression::or(clauses));
        if text.chars().count() > EXPRESSION_LIMIT {
            return Err(NoRoom);
        }
        Ok(Some(sealed(RuleBody {
            expression: text,
            enabled: true,
            ..frame
        })))
    }
}
