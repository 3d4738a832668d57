//! One request on its way through the custom rules of a zone: which rules match, and which one decides.

use std::sync::Arc;

use crate::expression::Request;
use crate::expression::Truth;
use crate::sandbox::edge::rule::Effect;
use crate::sandbox::edge::rule::OwnAnswer;
use crate::sandbox::edge::rule::Rule;
use crate::sandbox::edge::snapshot::ServedZone;

/// What becomes of a request.
#[derive(Debug)]
pub(crate) struct Decision<'s> {
    pub(crate) end: End<'s>,
    /// The rules that match, and those of which nobody can tell, in the order in which they were asked.
    pub(crate) met: Vec<Met<'s>>,
}

/// How it ends.
#[derive(Debug)]
pub(crate) enum End<'s> {
    /// It reaches the origin.
    Pass,
    /// This rule challenges it.
    Challenge(&'s Rule),
    /// This rule refuses it, perhaps with an answer of its own.
    Block(&'s Rule, Option<&'s OwnAnswer>),
}

/// A rule that a request met.
#[derive(Debug)]
pub(crate) struct Met<'s> {
    pub(crate) rule: &'s Rule,
    /// Whether it matches; `None` if that depends on what is not known here. It then has no effect.
    pub(crate) matches: Option<bool>,
}

/// How a list of rules was left.
enum Left<'s> {
    /// At its end, or past the rest of it.
    Through,
    /// Past the rest of the phase.
    PastPhase,
    Ended(End<'s>),
}

/// Takes a request through the rules of its zone.
pub(crate) fn decide<'s>(zone: &'s ServedZone, request: &Request) -> Decision<'s> {
    let mut met = Vec::new();
    let end = match list(&zone.rules, Some(zone), request, &mut met) {
        Left::Ended(end) => end,
        Left::Through | Left::PastPhase => End::Pass,
    };
    Decision { end, met }
}

/// `within` has the rulesets that a rule of the list can execute: a custom ruleset executes no other.
fn list<'s>(
    rules: &'s [Arc<Rule>],
    within: Option<&'s ServedZone>,
    request: &Request,
    met: &mut Vec<Met<'s>>,
) -> Left<'s> {
    for rule in rules.iter().filter(|rule| rule.is_enabled()) {
        let truth = match &rule.condition {
            Some(condition) => condition.evaluate(request),
            None => Truth::Unknown,
        };
        let matches = truth.known();
        if matches != Some(false) {
            met.push(Met { rule, matches });
        }
        if matches != Some(true) {
            continue;
        }
        match &rule.effect {
            Effect::Block(own) => return Left::Ended(End::Block(rule, own.as_ref())),
            Effect::Challenge => return Left::Ended(End::Challenge(rule)),
            Effect::SkipRuleset => return Left::Through,
            Effect::SkipPhase => return Left::PastPhase,
            Effect::Nothing => {}
            Effect::Execute(id) => {
                let inner = within.and_then(|zone| zone.executed.get(id));
                match list(inner.map_or(&[], Vec::as_slice), None, request, met) {
                    Left::Through => {}
                    left => return left,
                }
            }
        }
    }
    Left::Through
}
