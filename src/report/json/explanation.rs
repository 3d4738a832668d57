//! Which rules decide for a request, as a document.

use schemars::JsonSchema;
use serde::Serialize;

use crate::edge;
use crate::edge::Effect;
use crate::edge::Explanation;
use crate::edge::Matching;
use crate::expression::Bound;
use crate::expression::Guard;
use crate::report::explain::Asked;
use crate::report::explain::Explained;
use crate::report::json::FORMAT_VERSION;
use crate::report::json::safety::Reading;
use crate::report::json::safety::Verdict;

/// What becomes of requests, rule by rule.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Explanation")]
pub(super) struct Document<'a> {
    /// Counts up when a field changes its meaning or goes.
    format_version: u32,
    /// One entry for each kind of client that was meant.
    clients: Vec<OfClient<'a>>,
}

/// Requests of one kind of client.
#[derive(Serialize, JsonSchema)]
struct OfClient<'a> {
    host: &'a str,
    zone: &'a str,
    /// As in *clients of fleet-2026*, without the first word.
    client: String,
    /// The fields that were given, as they were written.
    given: &'a [String],
    /// The names of the CAs that the host asks for.
    cas: &'a [String],
    /// Whose rules they are.
    state: &'a str,
    readings: Vec<Read<'a>>,
}

/// What becomes of the requests under one reading of when a certificate counts as verified.
#[derive(Serialize, JsonSchema)]
struct Read<'a> {
    reading: Reading,
    /// What becomes of them, each with an example; empty if there is no such request.
    verdicts: Vec<Found>,
    /// Whether some of them pass because no rule decides.
    undecided: bool,
    /// The rules in the order in which they are evaluated.
    rules: Vec<Rule<'a>>,
    /// Why it could not be found out; `null` if it could.
    error: Option<String>,
}

#[derive(Serialize, JsonSchema)]
struct Found {
    verdict: Verdict,
    /// A request of which this becomes.
    example: String,
}

/// What one rule does with the requests that reach it.
#[derive(Serialize, JsonSchema)]
struct Rule<'a> {
    /// Its place in the zone's list, counted from 1.
    number: usize,
    /// Its place in the ruleset that the rule there executes, counted from 1; `null` if it is in none.
    executed: Option<usize>,
    name: &'a str,
    expression: &'a str,
    effect: RuleEffect,
    matching: RuleMatching,
    /// A request that it matches, where it matches some only.
    example: Option<String>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum RuleEffect {
    Block,
    Challenge,
    SkipRuleset,
    SkipPhase,
    Nothing,
    Execute,
    Unknown,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum RuleMatching {
    Disabled,
    NotReached,
    Nothing,
    Everything,
    Some,
}

impl<'a> Document<'a> {
    pub(super) fn of(explained: &[Explained<'a>]) -> Self {
        let clients = explained.iter();
        Self {
            format_version: FORMAT_VERSION,
            clients: clients
                .map(|(asked, explanations)| OfClient::of(asked, explanations))
                .collect(),
        }
    }
}

impl<'a> OfClient<'a> {
    fn of(
        asked: &Asked<'a>,
        explanations: &'a [(edge::Reading, Result<Explanation, Bound>)],
    ) -> Self {
        let Asked {
            host,
            zone,
            client,
            given,
            cas,
            state,
        } = *asked;
        let readings = explanations.iter();
        Self {
            host: host.as_str(),
            zone: zone.as_str(),
            client: client.to_string(),
            given,
            cas,
            state,
            readings: readings
                .map(|(reading, explanation)| Read::of(*reading, explanation))
                .collect(),
        }
    }
}

impl<'a> Read<'a> {
    fn of(reading: edge::Reading, explanation: &'a Result<Explanation, Bound>) -> Self {
        let reading = Reading::of(reading);
        match explanation {
            Ok(Explanation {
                rules,
                verdicts,
                is_undecided,
            }) => Self {
                reading,
                verdicts: verdicts.iter().map(Found::of).collect(),
                undecided: *is_undecided,
                rules: rules.iter().map(Rule::of).collect(),
                error: None,
            },
            Err(bound) => Self {
                reading,
                verdicts: Vec::new(),
                undecided: false,
                rules: Vec::new(),
                error: Some(bound.to_string()),
            },
        }
    }
}

impl Found {
    fn of((verdict, example): &(edge::Verdict, Guard)) -> Self {
        Self {
            verdict: Verdict::of(*verdict),
            example: example.to_string(),
        }
    }
}

impl<'a> Rule<'a> {
    fn of(rule: &'a edge::Explained) -> Self {
        let edge::Explained {
            place,
            name,
            effect,
            text,
            matching,
        } = rule;
        let (matching, example) = match matching {
            Matching::Disabled => (RuleMatching::Disabled, None),
            Matching::NotReached => (RuleMatching::NotReached, None),
            Matching::Nothing => (RuleMatching::Nothing, None),
            Matching::Everything => (RuleMatching::Everything, None),
            Matching::Some(guard) => (RuleMatching::Some, Some(guard.to_string())),
        };
        Self {
            number: place.rule + 1,
            executed: place.executed.map(|inner| inner + 1),
            name,
            expression: text,
            effect: RuleEffect::of(effect),
            matching,
            example,
        }
    }
}

impl RuleEffect {
    fn of(effect: &Effect) -> Self {
        match effect {
            Effect::Block => Self::Block,
            Effect::Challenge => Self::Challenge,
            Effect::SkipRuleset => Self::SkipRuleset,
            Effect::SkipPhase => Self::SkipPhase,
            Effect::Nothing => Self::Nothing,
            Effect::Execute(_) => Self::Execute,
            Effect::Unknown => Self::Unknown,
        }
    }
}
