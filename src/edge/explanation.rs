//! Which rule decides for a request, and why, rule by rule.

use crate::edge::Decision;
use crate::edge::Effect;
use crate::edge::Model;
use crate::edge::Place;
use crate::edge::Presented;
use crate::edge::Rule;
use crate::edge::Verdict;
use crate::expression::Bound;
use crate::expression::Guard;
use crate::expression::GuardSet;

/// The way of one kind of requests through a rule list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// The rules in the order in which they are evaluated, disabled ones too.
    pub rules: Vec<Explained>,
    /// What becomes of the requests: one verdict, or several with an example of each.
    pub verdicts: Vec<(Verdict, Guard)>,
    /// Whether some of them pass because no rule decides.
    pub is_undecided: bool,
}

/// What one rule does with the requests that reach it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explained {
    /// Where it stands.
    pub place: Place,
    /// What people call it.
    pub name: String,
    /// What it does.
    pub effect: Effect,
    /// Its expression.
    pub text: String,
    /// Which requests it is for.
    pub matching: Matching,
}

/// Which of the requests a rule is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Matching {
    /// None: it is disabled.
    Disabled,
    /// None of them gets as far as this.
    NotReached,
    /// None.
    Nothing,
    /// All that get as far as this.
    Everything,
    /// Some, such as this one.
    Some(Guard),
}

impl Explanation {
    /// Takes one kind of requests through a rule list.
    ///
    /// # Errors
    /// The bound that the question goes beyond.
    pub fn of(rules: &[Rule], request: &Presented) -> Result<Self, Bound> {
        let mut model = Model::over(rules, &request.also, &request.known);
        let course = model.course(rules, request)?;
        let mut explained = Vec::new();
        for (index, rule) in rules.iter().enumerate() {
            let place = |executed| Place {
                rule: index,
                executed,
            };
            explained.push(of_rule(rule, place(None), &course.decisions, &mut model)?);
            if let Effect::Execute(inner) = &rule.effect {
                for (index, rule) in inner.iter().enumerate() {
                    let place = place(Some(index));
                    explained.push(of_rule(rule, place, &course.decisions, &mut model)?);
                }
            }
        }
        let mut verdicts = Vec::new();
        for verdict in Verdict::ALL {
            let example = model.witness(course.with(verdict))?;
            verdicts.extend(example.map(|example| (verdict, example)));
        }
        Ok(Self {
            rules: explained,
            verdicts,
            is_undecided: model.witness(course.undecided)?.is_some(),
        })
    }
}

fn of_rule(
    rule: &Rule,
    place: Place,
    decisions: &[Decision],
    model: &mut Model,
) -> Result<Explained, Bound> {
    let mut here = decisions.iter();
    let decision = here.find(|decision| decision.place == place);
    let matching = match decision {
        _ if !rule.enabled => Matching::Disabled,
        None => Matching::NotReached,
        Some(decision) => matching(decision, model)?,
    };
    Ok(Explained {
        place,
        name: rule.name.clone(),
        effect: rule.effect.clone(),
        text: rule.text.clone(),
        matching,
    })
}

fn matching(decision: &Decision, model: &mut Model) -> Result<Matching, Bound> {
    if decision.reached == GuardSet::NONE || model.witness(decision.reached)?.is_none() {
        return Ok(Matching::NotReached);
    }
    let Some(guard) = model.witness(decision.matched)? else {
        return Ok(Matching::Nothing);
    };
    let others = model.without(decision.reached, decision.matched)?;
    Ok(match model.witness(others)? {
        None => Matching::Everything,
        Some(_) => Matching::Some(guard),
    })
}
