//! One guard of a set, as an example that somebody can look at.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use super::choice::Choice;
use super::choice::Guard;
use super::diagram::Bound;
use super::diagram::GuardSet;
use super::guards::Guards;
use super::guards::Variable;
use super::partition::Partition;
use super::partition::Region;
use super::partition::may_miss;
use super::sample::Effort;
use super::sample::Exceeded;
use super::sample::MAX_STATES;
use super::subject::Asked;
use super::text;
use crate::expression::request::Value;
use crate::expression::tree::Expression;

/// How many guards are tried.
const MAX_EXAMPLES: usize = 256;

/// The variables of a path through a diagram, and the regions it takes.
type Picks = BTreeMap<usize, usize>;

impl Guards {
    /// A guard of the set, or `None` if there is none.
    ///
    /// [`GuardSet::NONE`] has none, but so may others: where a field has so many tests that not all
    /// combinations of their answers could be listed, it takes a search for a text that gets these
    /// answers to see that there is none.
    ///
    /// # Errors
    ///
    /// The bound that the search goes beyond.
    pub fn witness(&self, set: GuardSet) -> Result<Option<Guard>, Bound> {
        let mut left = MAX_EXAMPLES;
        let mut passed = None;
        let effort = Effort::new();
        let found = self.paths(set, &mut Picks::new(), &mut |picks| {
            if left == 0 {
                let limit = MAX_EXAMPLES;
                return ControlFlow::Break(Err(Bound::Examples { limit }));
            }
            left -= 1;
            match self.shown(picks, &effort) {
                Ok(Some(guard)) => return ControlFlow::Break(Ok(guard)),
                Ok(None) => {}
                // Another way into the set may be easier.
                Err(bound) => passed = Some(bound),
            }
            ControlFlow::Continue(())
        });
        match (found, passed) {
            (ControlFlow::Break(Ok(guard)), _) => Ok(Some(guard)),
            (ControlFlow::Break(Err(bound)), _) | (ControlFlow::Continue(()), Some(bound)) => {
                Err(bound)
            }
            (ControlFlow::Continue(()), None) => Ok(None),
        }
    }

    /// Visits the ways into a set, those first that ask for nothing particular.
    fn paths<B>(
        &self,
        set: GuardSet,
        picks: &mut Picks,
        visit: &mut impl FnMut(&Picks) -> ControlFlow<B>,
    ) -> ControlFlow<B> {
        if set == GuardSet::NONE {
            return ControlFlow::Continue(());
        }
        let Some((variable, children)) = self.diagram.asked(set) else {
            return visit(picks);
        };
        for (region, child) in children.iter().enumerate() {
            picks.insert(variable, region);
            self.paths(*child, picks, visit)?;
        }
        picks.remove(&variable);
        ControlFlow::Continue(())
    }

    /// The guard with these picks; `None` if no request can be like this.
    fn shown(&self, picks: &Picks, effort: &Effort) -> Result<Option<Guard>, Bound> {
        let mut choices: Vec<Choice> = Vec::new();
        let mut implied: Vec<&Expression> = Vec::new();
        for (variable, description) in self.variables.iter().enumerate() {
            let pick = picks.get(&variable).copied();
            match description {
                Variable::Value(partition) => {
                    let region = pick.and_then(|region| partition.regions.get(region));
                    let loose = partition.loose.iter();
                    let loose: Vec<_> = loose
                        .filter_map(|test| Some((test, self.supposed(&test.test, picks)?)))
                        .collect();
                    implied.extend(loose.iter().map(|(test, _)| &test.test));
                    let subject = partition.subject.clone();
                    match (self.example(partition, region, &loose, effort)?, region) {
                        (Example::Impossible, _) => return Ok(None),
                        (Example::Value(value), _) => choices.push(Choice::Is { subject, value }),
                        (Example::Missing, _) => choices.push(Choice::IsMissing { subject }),
                        (Example::Any, Some(region)) => {
                            choices.extend(self.described(partition, region, picks));
                        }
                        (Example::Any, None) => {}
                    }
                }
                Variable::Test(test) if !implied.contains(&test) => {
                    let holds = pick.map(|truth| truth == 1);
                    let test = test.clone();
                    choices.extend(holds.map(|holds| Choice::Holds { test, holds }));
                }
                Variable::Test(_) => {}
                Variable::Open(name) => {
                    let holds = pick.map(|truth| truth == 1);
                    let name = name.clone();
                    choices.extend(holds.map(|holds| Choice::Open { name, holds }));
                }
            }
        }
        Ok(Some(Guard {
            picks: picks.clone(),
            choices,
        }))
    }

    /// What the subject may be, if it lies in `region` and these loose tests are true or false.
    fn example(
        &self,
        partition: &Partition,
        region: Option<&Region>,
        loose: &[(&Asked, bool)],
        effort: &Effort,
    ) -> Result<Example, Bound> {
        let answer = |test: &Asked, value: Option<&Value>| {
            let known = self.known().supposing(&partition.subject, value);
            known.test(&test.test).known()
        };
        let fits = |value: Option<&Value>| {
            let mut loose = loose.iter();
            loose.all(|(test, truth)| answer(test, value) == Some(*truth))
        };
        match region {
            _ if loose.is_empty() => return Ok(Example::Any),
            Some(region) if region.alone => {
                let value = region.value.as_ref();
                let fits = fits(value);
                return Ok(if fits {
                    Example::Any
                } else {
                    Example::Impossible
                });
            }
            _ => {}
        }
        let mut wanted: Vec<_> = Vec::new();
        if let Some(value) = region.and_then(|region| region.value.as_ref()) {
            let exact = partition.exact.iter();
            wanted.extend(exact.map(|test| (test, answer(test, Some(value)))));
        }
        wanted.extend(loose.iter().map(|(test, truth)| (*test, Some(*truth))));
        match text::example(&wanted, &answer, effort) {
            Ok(Some(text)) => Ok(Example::Value(Value::Text(text))),
            Ok(None) if region.is_none() && may_miss(&partition.subject) && fits(None) => {
                Ok(Example::Missing)
            }
            Ok(None) => Ok(Example::Impossible),
            Err(Exceeded) => Err(Bound::Texts { limit: MAX_STATES }),
        }
    }

    /// A region in words. Its example will not do where a test that could not be cut along is
    /// supposed to answer otherwise.
    fn described(&self, partition: &Partition, region: &Region, picks: &Picks) -> Vec<Choice> {
        let subject = partition.subject.clone();
        let Some(value) = region.value.clone() else {
            return vec![Choice::IsMissing { subject }];
        };
        if region.other {
            let example = value;
            return vec![Choice::IsOther { subject, example }];
        }
        let answer = |test: &Expression| {
            let known = self.known().supposing(&partition.subject, Some(&value));
            known.test(test).known()
        };
        let mut tests = partition.answers.keys();
        let misleads = tests.any(|test| match (self.supposed(test, picks), answer(test)) {
            (Some(supposed), Some(answer)) => supposed != answer,
            _ => false,
        });
        if !misleads {
            return vec![Choice::Is { subject, value }];
        }
        let exact = partition.exact.iter().map(|test| &test.test);
        let holding = exact.filter(|test| answer(test) == Some(true));
        holding
            .map(|test| Choice::Holds {
                test: test.clone(),
                holds: true,
            })
            .collect()
    }

    /// The truth that the picks suppose of a free test.
    fn supposed(&self, test: &Expression, picks: &Picks) -> Option<bool> {
        let truth = picks.get(&self.free_variable(test)?)?;
        Some(*truth == 1)
    }
}

/// What a subject may be.
enum Example {
    /// Whatever its region says.
    Any,
    /// A value like this one.
    Value(Value),
    /// Nothing: it has to be missing.
    Missing,
    /// There is no such value.
    Impossible,
}
