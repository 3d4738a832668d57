//! All guards over the tests of some expressions, and the sets of them on which an expression
//! holds.

use std::collections::BTreeMap;
use std::collections::HashMap;
use std::collections::HashSet;

use super::choice::Guard;
use super::diagram::Bound;
use super::diagram::Combination;
use super::diagram::Diagram;
use super::diagram::GuardSet;
use super::partition::Partition;
use super::sample::Effort;
use super::subject::Asked;
use crate::expression::evaluate::Known;
use crate::expression::request::Request;
use crate::expression::tree::Expression;
use crate::expression::tree::Operand;
use crate::expression::truth::Truth;

/// How many variables there may be. A set of guards asks for each at most once, one inside the
/// other.
const MAX_VARIABLES: usize = 1_024;

/// The guards over the tests of some expressions.
///
/// Make one for all expressions that are compared with one another, so that a guard means the same
/// for each of them; then ask for sets. A clone starts from the same variables and shares nothing
/// afterwards, which keeps long calculations apart.
#[derive(Clone, Debug)]
pub struct Guards {
    pub(super) variables: Vec<Variable>,
    /// Where a test looks: the variable, and its answers there.
    answers: HashMap<Expression, (usize, Vec<Option<bool>>)>,
    free: HashMap<Expression, usize>,
    open: HashMap<String, usize>,
    pub(super) diagram: Diagram,
    known: Request,
}

/// What asks for a variable.
enum Met<'e> {
    Subject(Operand),
    Test(&'e Expression),
}

#[derive(Clone, Debug)]
pub(super) enum Variable {
    /// The value of a field or call, by regions.
    Value(Partition),
    /// A test that stands for itself: false, then true.
    Test(Expression),
    /// Something that no expression says: false, then true.
    Open(String),
}

impl Guards {
    /// The guards over whatever `known` does not settle in `expressions`. Lists that are known are
    /// taken apart like sets in braces.
    ///
    /// `known` holds what is the same, or at least known, in every request that is asked about:
    /// the expressions are cut along the rest.
    pub fn over<'e>(
        expressions: impl IntoIterator<Item = &'e Expression>,
        known: &Request,
    ) -> Self {
        let mut guards = Self {
            variables: Vec::new(),
            answers: HashMap::new(),
            free: HashMap::new(),
            open: HashMap::new(),
            diagram: Diagram::default(),
            known: known.clone(),
        };
        // Variables in the order in which they are met: those that belong together stand close, and
        // the sets stay small.
        let mut met: Vec<Met<'_>> = Vec::new();
        let mut by_subject: BTreeMap<Operand, Vec<Asked>> = BTreeMap::new();
        let mut seen: HashSet<&Expression> = HashSet::new();
        for expression in expressions {
            expression.each_test(&mut |test| {
                if !seen.insert(test) || Known::of(known).test(test) != Truth::Unknown {
                    return;
                }
                let Some(asked) = Asked::of(test, known) else {
                    met.push(Met::Test(test));
                    return;
                };
                let tests = by_subject.entry(asked.subject.clone()).or_default();
                if tests.is_empty() {
                    met.push(Met::Subject(asked.subject.clone()));
                }
                tests.push(asked);
            });
        }
        let effort = Effort::new();
        for met in met {
            // Beyond the bound there is no variable, and the question that needs it says so.
            let _ = match met {
                Met::Test(test) => guards.free(test).map(|_| ()),
                Met::Subject(subject) => {
                    let tests = by_subject.remove(&subject).unwrap_or_default();
                    guards.cut(tests, known, &effort)
                }
            };
        }
        guards
    }

    /// The guards on which `expression` holds for a request of which this much is known.
    ///
    /// # Errors
    ///
    /// The bound that the question goes beyond.
    pub fn holding(
        &mut self,
        expression: &Expression,
        request: &Request,
    ) -> Result<GuardSet, Bound> {
        let how = match expression {
            Expression::Constant(true) => return Ok(GuardSet::EVERY),
            Expression::Constant(false) => return Ok(GuardSet::NONE),
            Expression::Boolean(_) | Expression::Comparison(_) => {
                return self.test(expression, request);
            }
            Expression::Not(inner) => {
                let inner = self.holding(inner, request)?;
                return self.except(inner);
            }
            Expression::And(_) => Combination::Both,
            Expression::Xor(_) => Combination::One,
            Expression::Or(_) => Combination::Either,
        };
        let (Expression::And(parts) | Expression::Xor(parts) | Expression::Or(parts)) = expression
        else {
            return Ok(GuardSet::NONE);
        };
        let mut set = match how {
            Combination::Both => GuardSet::EVERY,
            Combination::One | Combination::Either => GuardSet::NONE,
        };
        // From the last, whose variables come last: every step puts a node or two on top.
        for part in parts.iter().rev() {
            let part = self.holding(part, request)?;
            set = self.diagram.combine(how, set, part)?;
        }
        Ok(set)
    }

    /// The guards on which something is so that no expression says, such as what a rule does that could
    /// not be read. Under one name it is one unknown; the name is what people read.
    ///
    /// # Errors
    ///
    /// The bound that the question goes beyond.
    pub fn open(&mut self, name: &str) -> Result<GuardSet, Bound> {
        let variable = if let Some(variable) = self.open.get(name) {
            *variable
        } else {
            let variable = self.variable(Variable::Open(name.to_owned()))?;
            self.open.insert(name.to_owned(), variable);
            variable
        };
        let truths = [GuardSet::NONE, GuardSet::EVERY];
        self.diagram.node(variable, truths.into())
    }

    /// The guards that are in both sets.
    ///
    /// # Errors
    ///
    /// The bound that the question goes beyond.
    pub fn both(&mut self, one: GuardSet, other: GuardSet) -> Result<GuardSet, Bound> {
        self.diagram.combine(Combination::Both, one, other)
    }

    /// The guards that are in at least one of the sets.
    ///
    /// # Errors
    ///
    /// The bound that the question goes beyond.
    pub fn either(&mut self, one: GuardSet, other: GuardSet) -> Result<GuardSet, Bound> {
        self.diagram.combine(Combination::Either, one, other)
    }

    /// The guards that are not in the set.
    ///
    /// # Errors
    ///
    /// The bound that the question goes beyond.
    pub fn except(&mut self, set: GuardSet) -> Result<GuardSet, Bound> {
        self.diagram.combine(Combination::One, set, GuardSet::EVERY)
    }

    /// Whether every guard that agrees with `guard` is in the set, or none; unknown if that depends
    /// on what it leaves open.
    #[must_use]
    pub fn truth(&self, set: GuardSet, guard: &Guard) -> Truth {
        self.diagram.truth(set, &guard.picks, &mut HashMap::new())
    }

    fn test(&mut self, test: &Expression, request: &Request) -> Result<GuardSet, Bound> {
        if let Some(settled) = Known::of(request).test(test).known() {
            return Ok(if settled {
                GuardSet::EVERY
            } else {
                GuardSet::NONE
            });
        }
        let Some((variable, answers)) = self.answers.get(test).cloned() else {
            return self.free(test);
        };
        let set = |answer| {
            if answer {
                GuardSet::EVERY
            } else {
                GuardSet::NONE
            }
        };
        let certain = answers.iter().map(|answer| set(*answer == Some(true)));
        let open = answers.iter().map(|answer| set(answer.is_none()));
        let certain = self.diagram.node(variable, certain.collect())?;
        let open = self.diagram.node(variable, open.collect())?;
        if open == GuardSet::NONE {
            return Ok(certain);
        }
        let free = self.free(test)?;
        let open = self.both(open, free)?;
        self.either(certain, open)
    }

    /// The guards on which a test is true that stands for itself.
    fn free(&mut self, test: &Expression) -> Result<GuardSet, Bound> {
        let variable = if let Some(variable) = self.free_variable(test) {
            variable
        } else {
            let variable = self.variable(Variable::Test(test.clone()))?;
            self.free.insert(test.clone(), variable);
            variable
        };
        let truths = [GuardSet::NONE, GuardSet::EVERY];
        self.diagram.node(variable, truths.into())
    }

    /// The free variable of a test, if it has one yet.
    pub(super) fn free_variable(&self, test: &Expression) -> Option<usize> {
        self.free.get(test).copied()
    }

    /// What was known of all requests.
    pub(super) fn known(&self) -> Known<'_> {
        Known::of(&self.known)
    }

    /// A variable for the subject of `tests`, and one for each test that is free within a region.
    fn cut(&mut self, tests: Vec<Asked>, known: &Request, effort: &Effort) -> Result<(), Bound> {
        let alone: Vec<_> = tests.iter().map(|asked| asked.test.clone()).collect();
        let Some(partition) = Partition::of(tests, known, effort) else {
            return alone
                .iter()
                .try_for_each(|test| self.free(test).map(|_| ()));
        };
        let answers = partition.answers.clone();
        let variable = self.variable(Variable::Value(partition))?;
        for (test, answers) in answers {
            if answers.contains(&None) {
                self.free(&test)?;
            }
            self.answers.insert(test, (variable, answers));
        }
        Ok(())
    }

    fn variable(&mut self, variable: Variable) -> Result<usize, Bound> {
        if self.variables.len() == MAX_VARIABLES {
            return Err(Bound::Variables {
                limit: MAX_VARIABLES,
            });
        }
        self.variables.push(variable);
        Ok(self.variables.len() - 1)
    }
}
