//! Hosts that nothing tells apart, and what of a zone can change for them.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::edge::Authority;
use crate::edge::Client;
use crate::edge::Rule;
use crate::expression::Expression;
use crate::expression::Request;
use crate::plan::detour::bridge;
use crate::plan::detour::terrain::Event;
use crate::plan::detour::terrain::Slot;
use crate::plan::detour::terrain::Staged;
use crate::plan::detour::terrain::Terrain;
use crate::plan::detour::terrain::Turn;
use crate::plan::safety::ground::Ground;
use crate::plan::safety::judge::Judge;
use crate::plan::safety::kin::Kin;
use crate::plan::safety::moment::Moment;
use crate::plan::safety::trial::Trial;
use crate::resource::Hostname;

/// More moments than this are not looked at for one kind of hosts.
const MAX_MOMENTS: usize = 6_000;

/// Hosts that nothing tells apart.
pub(in crate::plan) struct Band<'a> {
    kin: Kin<'a>,
    judge: Judge<'a>,
    ground: &'a Ground<'a>,
    terrain: &'a Terrain,
    /// What can change for them, piece by piece.
    pub(super) parts: Vec<Part>,
    /// What each rule of ours says about them where that does not change.
    fixed: Vec<Option<[Arc<Rule>; 2]>>,
    /// How many more moments may be looked at for them.
    pub(super) budget: usize,
}

/// Something that can change for some hosts by itself.
pub(super) enum Part {
    /// Whether they are in a list; the forms are *as before* and *as later*.
    List { number: usize, is_listed: bool },
    /// What a rule says about them.
    Rule { number: usize, forms: Forms },
}

/// What a rule may say about some hosts.
pub(super) struct Forms {
    /// Each as the rule acts now, and as it acts later.
    all: Vec<(Expression, [Arc<Rule>; 2])>,
    now: usize,
    last: usize,
}

/// Which form each part has.
pub(super) type Local = Vec<usize>;

impl Part {
    pub(super) fn now(&self) -> usize {
        match self {
            Self::List { .. } => 0,
            Self::Rule { forms, .. } => forms.now,
        }
    }

    pub(super) fn last(&self) -> usize {
        match self {
            Self::List { .. } => 1,
            Self::Rule { forms, .. } => forms.last,
        }
    }

    fn count(&self) -> usize {
        match self {
            Self::List { .. } => 2,
            Self::Rule { forms, .. } => forms.all.len(),
        }
    }
}

impl Forms {
    /// The expression of a form.
    pub(super) fn expression(&self, form: usize) -> &Expression {
        self.all
            .get(form)
            .map_or(&Expression::Constant(false), |(expression, _)| expression)
    }
}

impl<'a> Band<'a> {
    /// `None` if a rule that is taken apart is about hosts that have no name.
    pub(super) fn of(
        kin: Kin<'a>,
        trials: Vec<Trial>,
        (ground, terrain): (&'a Ground<'a>, &'a Terrain),
        clients: &'a [Client],
    ) -> Option<Self> {
        let known = kin.known();
        let mut kin = kin;
        let mut parts = Vec::new();
        for (number, list) in terrain.lists.iter().enumerate() {
            let first = kin.hosts.first();
            let [before, after] = list
                .hosts
                .each_ref()
                .map(|hosts| first.is_some_and(|first| hosts.contains(first)));
            if before != after {
                parts.push(Part::List {
                    number,
                    is_listed: before,
                });
            }
        }
        let mut fixed: Vec<Option<[Arc<Rule>; 2]>> = Vec::new();
        let said = terrain.rules.iter().map(|rule| {
            let conditions = rule.conditions.as_ref();
            conditions.map(|both| both.each_ref().map(|one| one.given(&known)))
        });
        let said: Vec<Option<[Expression; 2]>> = said.collect();
        let changed = said.iter().zip(&terrain.rules);
        let changed: Vec<(&[Expression; 2], &Staged)> = changed
            .filter_map(|(said, rule)| Some((said.as_ref()?, rule)))
            .filter(|([now, last], _)| now != last)
            .collect();
        for (number, (rule, said)) in terrain.rules.iter().zip(&said).enumerate() {
            fixed.push(None);
            let Some([now, last]) = said else { continue };
            if kin.hosts.is_empty() && [now, last].iter().any(|one| !is_nothing(one)) {
                return None;
            }
            let also = if number == terrain.bridge() {
                bridge::forms(&terrain.bridge_body().action, &changed)
            } else {
                vec![
                    folded(Expression::and([now.clone(), last.clone()])),
                    folded(Expression::or([now.clone(), last.clone()])),
                ]
            };
            if now == last && (number != terrain.bridge() || also.is_empty()) {
                if !is_nothing(now) {
                    fixed[number] = Some(said_rules(rule, now, terrain));
                }
                continue;
            }
            let mut all: Vec<Expression> = Vec::new();
            for form in [now.clone(), last.clone()].into_iter().chain(also) {
                if !all.contains(&form) {
                    all.push(form);
                }
            }
            let place = |form: &Expression| all.iter().position(|one| one == form).unwrap_or(0);
            let (now, last) = (place(now), place(last));
            let all = all.into_iter().map(|form| {
                let rules = said_rules(rule, &form, terrain);
                (form, rules)
            });
            let forms = Forms {
                all: all.collect(),
                now,
                last,
            };
            parts.push(Part::Rule { number, forms });
        }
        let forms = parts.iter().filter_map(|part| match part {
            Part::List { .. } => None,
            Part::Rule { forms, .. } => Some(forms),
        });
        let made = forms.flat_map(|forms| forms.all.iter().map(|(_, rules)| rules));
        kin.note(made.chain(fixed.iter().flatten()).flatten());
        Some(Self {
            judge: Judge::of(&kin, ground, clients, trials),
            kin,
            ground,
            terrain,
            parts,
            fixed,
            budget: MAX_MOMENTS,
        })
    }

    /// None for any other host of the zone.
    pub(super) fn hosts(&self) -> &[Hostname] {
        &self.kin.hosts
    }

    /// What a rule says about them that does not change.
    pub(super) fn fixed(&self, number: usize) -> Option<&Expression> {
        let [rule, _] = self.fixed.get(number)?.as_ref()?;
        rule.condition.as_ref().ok()
    }

    /// The forms that each part has now, or in the end.
    pub(super) fn local(&self, of: fn(&Part) -> usize) -> Local {
        self.parts.iter().map(of).collect()
    }

    /// The forms that a part may take.
    pub(super) fn count(&self, part: usize) -> usize {
        self.parts.get(part).map_or(0, Part::count)
    }

    /// Whether the account lets it be: a host leaves the lists of a CA before that goes, and joins them after it
    /// has come.
    pub(super) fn is_possible(moment: &Moment) -> bool {
        let mut authorities = moment.authorities.iter();
        authorities.all(|one| *one == Authority::Managed || moment.cas.contains(one))
    }

    /// The account as these hosts see it, after some events and with these forms.
    pub(super) fn moment(&self, events: &[Event], local: &[usize]) -> Moment {
        let mut cas = self.ground.cas_now.clone();
        let mut moved = BTreeSet::new();
        let mut switched = BTreeSet::new();
        for event in events {
            match event {
                Event::Turn(turns) => {
                    for turn in turns {
                        match turn {
                            Turn::Comes(authority) => cas.insert(authority.clone()),
                            Turn::Goes(authority) => cas.remove(authority),
                        };
                    }
                }
                Event::Switch(number) => {
                    switched.insert(*number);
                }
                Event::Move(number) => {
                    moved.insert(*number);
                }
            }
        }
        let mut authorities = self.kin.authorities.clone();
        let forms = self.parts.iter().zip(local);
        for (part, form) in forms.clone() {
            let Part::List { number, is_listed } = part else {
                continue;
            };
            let Some(list) = self.terrain.lists.get(*number) else {
                continue;
            };
            if *is_listed == (*form == 0) {
                authorities.insert(list.authority.clone());
            } else {
                authorities.remove(&list.authority);
            }
        }
        let said = |number: usize| -> Option<Arc<Rule>> {
            let is_switched = switched.contains(&number);
            let acting =
                |[now, later]: &[Arc<Rule>; 2]| Arc::clone(if is_switched { later } else { now });
            let mut forms = forms.clone();
            let changing = forms.find_map(|(part, form)| match part {
                Part::Rule { number: one, forms } if *one == number => forms.all.get(*form),
                _ => None,
            });
            if let Some((expression, rules)) = changing {
                return (!is_nothing(expression)).then(|| acting(rules));
            }
            if let Some(rules) = self.fixed.get(number).and_then(Option::as_ref) {
                return Some(acting(rules));
            }
            let rule = self.terrain.rules.get(number)?;
            rule.conditions.is_none().then_some(())?;
            if is_switched {
                self.ground.written_as(&rule.reference)
            } else {
                self.ground.stands_as(&rule.reference)
            }
        };
        let rules = self.terrain.order(&moved).into_iter();
        let rules = rules.filter_map(|slot| match slot {
            Slot::Other(rule) => Some(Arc::clone(rule)),
            Slot::Own(number) => said(*number),
        });
        let rules = rules.collect();
        Moment::of(cas, authorities, rules)
    }

    /// Whether these hosts may be taken from one moment to another, or be at the other at all.
    pub(super) fn allows(&mut self, from: Option<&Moment>, to: &Moment) -> bool {
        self.judge
            .allows((&self.kin, self.ground), from, to)
            .unwrap_or(false)
    }

    /// Tells where all begins and ends.
    pub(super) fn set_ends(&mut self, now: &Moment, last: &Moment) -> bool {
        self.judge
            .set_ends((&self.kin, self.ground), now, last)
            .is_ok()
    }
}

pub(super) fn is_nothing(expression: &Expression) -> bool {
    *expression == Expression::Constant(false)
}

/// The same without constants inside.
pub(super) fn folded(expression: Expression) -> Expression {
    expression.given(&Request::default())
}

/// A rule as far as some hosts are concerned, as it acts now and as it acts later.
fn said_rules(rule: &Staged, condition: &Expression, terrain: &Terrain) -> [Arc<Rule>; 2] {
    let (before, after) = (rule.before.as_ref(), rule.after.as_ref());
    [before.or(after), after.or(before)].map(|body| {
        let effect = Rule::written(body.unwrap_or(terrain.bridge_body())).effect;
        Arc::new(Rule {
            name: rule.reference.clone(),
            reference: rule.reference.clone(),
            enabled: true,
            text: String::new(),
            condition: Ok(condition.clone()),
            effect,
        })
    })
}
