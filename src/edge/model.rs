//! The rule lists that are compared with one another, and what becomes of requests in them.

use std::borrow::Borrow;

use crate::edge::Course;
use crate::edge::Decision;
use crate::edge::Effect;
use crate::edge::Place;
use crate::edge::Presented;
use crate::edge::Rule;
use crate::edge::Verdict;
use crate::expression::Bound;
use crate::expression::Expression;
use crate::expression::Guard;
use crate::expression::GuardSet;
use crate::expression::Guards;
use crate::expression::Request;

/// The guards over some rule lists: a guard means the same in all of them, and for all clients.
#[derive(Debug, Clone)]
pub struct Model {
    guards: Guards,
}

impl Model {
    /// A model of these rules, of one list or of several, for requests of which `known` is the same: the fewer fields are left, the less there is to
    /// keep apart. `others` are expressions that are asked about besides, such as [`Presented::also`].
    pub fn over<'r: 'e, 'e>(
        rules: impl IntoIterator<Item = &'r Rule>,
        others: impl IntoIterator<Item = &'e Expression>,
        known: &Request,
    ) -> Self {
        let mut expressions = Vec::new();
        let rules = rules.into_iter().map(|rule| -> &'e Rule { rule });
        conditions(rules, &mut expressions);
        expressions.extend(others);
        Self {
            guards: Guards::over(expressions, known),
        }
    }

    /// Takes a kind of requests through a rule list.
    ///
    /// A rule that cannot be read has an outcome that is not known but always the same.
    ///
    /// # Errors
    /// The bound that the question goes beyond.
    pub fn course<R: Borrow<Rule>>(
        &mut self,
        rules: &[R],
        request: &Presented,
    ) -> Result<Course, Bound> {
        let mut possible = GuardSet::EVERY;
        for expression in &request.also {
            let holding = self.guards.holding(expression, &request.known)?;
            possible = self.guards.both(possible, holding)?;
        }
        let mut walk = Walk {
            model: self,
            request: &request.known,
            decisions: Vec::new(),
            verdicts: [GuardSet::NONE; 3],
        };
        let undecided = walk.list(rules, None, possible)?;
        let rest = undecided.in_ruleset;
        let past = walk.model.guards.either(undecided.past_ruleset, rest)?;
        walk.give(Verdict::Pass, past)?;
        let Walk {
            decisions,
            verdicts,
            ..
        } = walk;
        Ok(Course {
            possible,
            decisions,
            undecided: rest,
            verdicts,
        })
    }

    /// The guards on which an expression holds for a kind of requests.
    ///
    /// # Errors
    /// The bound that the question goes beyond.
    pub fn holding(
        &mut self,
        expression: &Expression,
        request: &Presented,
    ) -> Result<GuardSet, Bound> {
        self.guards.holding(expression, &request.known)
    }

    /// The guards of one set that are not in another.
    ///
    /// # Errors
    /// The bound that the question goes beyond.
    pub fn without(&mut self, set: GuardSet, other: GuardSet) -> Result<GuardSet, Bound> {
        let rest = self.guards.except(other)?;
        self.guards.both(set, rest)
    }

    /// The guards that are in both sets.
    ///
    /// # Errors
    /// The bound that the question goes beyond.
    pub fn both(&mut self, one: GuardSet, other: GuardSet) -> Result<GuardSet, Bound> {
        self.guards.both(one, other)
    }

    /// The guards that are in at least one of the sets.
    ///
    /// # Errors
    /// The bound that the question goes beyond.
    pub fn either(&mut self, one: GuardSet, other: GuardSet) -> Result<GuardSet, Bound> {
        self.guards.either(one, other)
    }

    /// One guard of a set, if there is a request like that.
    ///
    /// # Errors
    /// The bound that the search goes beyond.
    pub fn witness(&self, set: GuardSet) -> Result<Option<Guard>, Bound> {
        self.guards.witness(set)
    }
}

fn conditions<'r>(
    rules: impl IntoIterator<Item = &'r Rule>,
    expressions: &mut Vec<&'r Expression>,
) {
    for rule in rules.into_iter().filter(|rule| rule.enabled) {
        expressions.extend(&rule.condition);
        if let Effect::Execute(inner) = &rule.effect {
            conditions(inner, expressions);
        }
    }
}

/// A way through the rules.
struct Walk<'m> {
    model: &'m mut Model,
    request: &'m Request,
    decisions: Vec<Decision>,
    verdicts: [GuardSet; 3],
}

/// The guards that nothing in a list has decided.
#[derive(Clone, Copy)]
struct Open {
    /// Those that went through all of it, or past the rest of it.
    in_ruleset: GuardSet,
    /// Those that went past the rest of the phase.
    past_ruleset: GuardSet,
}

impl Walk<'_> {
    /// Takes `open` through a list of rules, which is the one that the rule at `executor` executes.
    fn list<R: Borrow<Rule>>(
        &mut self,
        rules: &[R],
        executor: Option<usize>,
        open: GuardSet,
    ) -> Result<Open, Bound> {
        let mut open = open;
        let mut past_ruleset = GuardSet::NONE;
        // Past the rest of this list only: an outer one goes on with them.
        let mut skipped = GuardSet::NONE;
        for (index, rule) in rules.iter().map(Borrow::borrow).enumerate() {
            let rule: &Rule = rule;
            if !rule.enabled || open == GuardSet::NONE {
                continue;
            }
            let place = match executor {
                Some(rule) => Place {
                    rule,
                    executed: Some(index),
                },
                None => Place {
                    rule: index,
                    executed: None,
                },
            };
            let matched = self.matched(rule, open)?;
            let reached = open;
            let decide = |verdict| Decision {
                place,
                reached,
                matched,
                verdict,
            };
            match &rule.effect {
                Effect::Block | Effect::Challenge => {
                    let verdict = if rule.effect == Effect::Block {
                        Verdict::Block
                    } else {
                        Verdict::Challenge
                    };
                    self.decisions.push(decide(Some(verdict)));
                    self.give(verdict, matched)?;
                    open = self.model.without(open, matched)?;
                }
                Effect::SkipRuleset | Effect::SkipPhase => {
                    let ends = executor.is_none() || rule.effect == Effect::SkipPhase;
                    self.decisions.push(decide(ends.then_some(Verdict::Pass)));
                    let group = if ends {
                        &mut past_ruleset
                    } else {
                        &mut skipped
                    };
                    *group = self.model.either(*group, matched)?;
                    open = self.model.without(open, matched)?;
                }
                Effect::Nothing => self.decisions.push(decide(None)),
                Effect::Execute(inner) => {
                    self.decisions.push(decide(None));
                    let rest = self.model.without(open, matched)?;
                    let through = self.list(inner, Some(index), matched)?;
                    past_ruleset = self.model.either(past_ruleset, through.past_ruleset)?;
                    open = self.model.either(rest, through.in_ruleset)?;
                }
                Effect::Unknown => {
                    self.decisions.push(decide(None));
                    for verdict in Verdict::ALL {
                        let outcome = format!("{} (`{}`)", outcome(verdict), rule.reference);
                        let outcome = self.model.guards.open(&outcome)?;
                        let decided = self.model.both(matched, outcome)?;
                        let decided = self.model.both(decided, open)?;
                        if verdict == Verdict::Pass {
                            past_ruleset = self.model.either(past_ruleset, decided)?;
                        } else {
                            self.give(verdict, decided)?;
                        }
                        open = self.model.without(open, decided)?;
                    }
                }
            }
        }
        Ok(Open {
            in_ruleset: self.model.either(open, skipped)?,
            past_ruleset,
        })
    }

    fn matched(&mut self, rule: &Rule, open: GuardSet) -> Result<GuardSet, Bound> {
        let guards = &mut self.model.guards;
        let matched = if let Ok(expression) = &rule.condition {
            guards.holding(expression, self.request)?
        } else {
            guards.open(&format!(
                "a rule that cannot be read matches (`{}`)",
                rule.reference
            ))?
        };
        self.model.both(open, matched)
    }

    fn give(&mut self, verdict: Verdict, guards: GuardSet) -> Result<(), Bound> {
        let slot = match verdict {
            Verdict::Pass => 0,
            Verdict::Challenge => 1,
            Verdict::Block => 2,
        };
        if let Some(group) = self.verdicts.get_mut(slot) {
            *group = self.model.either(*group, guards)?;
        }
        Ok(())
    }
}

/// What a rule that cannot be read may do.
fn outcome(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Pass => "a rule that cannot be read lets it past",
        Verdict::Challenge => "a rule that cannot be read challenges it",
        Verdict::Block => "a rule that cannot be read blocks it",
    }
}
