//! A custom rule, compiled: what its text says, and what it does with a request that matches.

use serde_json::Value;

use crate::expression::Expression;
use crate::expression::parse;
use crate::sandbox::rule_definition::Definition;
use crate::sandbox::ruleset;

/// What a rule says. Its place is another thing.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Rule {
    pub(crate) reference: String,
    definition: Definition,
    /// `None` if it cannot be read, which the API refuses to store.
    pub(crate) condition: Option<Expression>,
    pub(crate) effect: Effect,
}

/// What becomes of a request that matches
/// (<https://developers.cloudflare.com/ruleset-engine/rules-language/actions/>).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Effect {
    /// It is refused, perhaps with an answer of its own.
    Block(Option<OwnAnswer>),
    /// It gets a page with a challenge.
    Challenge,
    /// The rest of the ruleset is not asked.
    SkipRuleset,
    /// The rest of the phase is not asked.
    SkipPhase,
    /// The rules of another ruleset are asked first.
    Execute(String),
    /// Nothing: it is logged, or past other products than custom rules.
    Nothing,
}

/// The answer of a block rule that has one of its own (API reference, section 3.3).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct OwnAnswer {
    pub(crate) status: u16,
    pub(crate) content_type: String,
    pub(crate) content: String,
}

impl Rule {
    pub(crate) fn of(rule: &ruleset::Rule) -> Self {
        Self {
            reference: rule.reference.clone(),
            definition: rule.definition.clone(),
            condition: parse(&rule.definition.expression).ok(),
            effect: Effect::of(&rule.definition),
        }
    }

    /// Whether it was made of just this rule.
    pub(crate) fn is_of(&self, rule: &ruleset::Rule) -> bool {
        self.reference == rule.reference && self.definition == rule.definition
    }

    pub(crate) fn is_enabled(&self) -> bool {
        self.definition.enabled
    }

    pub(crate) fn action(&self) -> &str {
        &self.definition.action
    }
}

impl Effect {
    fn of(definition: &Definition) -> Self {
        let parameter = |name: &str| definition.action_parameters.get(name);
        let is_current = |name| parameter(name).and_then(Value::as_str) == Some("current");
        match definition.action.as_str() {
            "block" => Self::Block(parameter("response").and_then(OwnAnswer::of)),
            "challenge" | "js_challenge" | "managed_challenge" => Self::Challenge,
            "skip" if is_current("phase") => Self::SkipPhase,
            "skip" if is_current("ruleset") => Self::SkipRuleset,
            "execute" => parameter("id")
                .and_then(Value::as_str)
                .map_or(Self::Nothing, |id| Self::Execute(id.to_owned())),
            _ => Self::Nothing,
        }
    }
}

impl OwnAnswer {
    fn of(response: &Value) -> Option<Self> {
        let text = |name: &str| {
            response
                .get(name)
                .and_then(Value::as_str)
                .map(str::to_owned)
        };
        let status = response.get("status_code").and_then(Value::as_u64)?;
        Some(Self {
            status: u16::try_from(status).ok()?,
            content_type: text("content_type")?,
            content: text("content")?,
        })
    }
}
