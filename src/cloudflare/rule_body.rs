//! A rule as it is sent, and where in the list it goes.

use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use crate::resource::CustomRule;
use crate::resource::RuleBody;
use crate::resource::RuleId;

impl RuleBody {
    /// Whether a live rule has this definition, white space in the expression aside.
    #[must_use]
    pub fn describes(&self, live: &CustomRule) -> bool {
        let Self {
            reference,
            description,
            action,
            parameters,
            expression,
            enabled,
        } = self;
        *reference == live.reference
            && *description == live.description
            && *action == live.action
            && (parameters == &live.parameters
                || (is_empty(parameters) && is_empty(&live.parameters)))
            && expression
                .split_whitespace()
                .eq(live.expression.split_whitespace())
            && *enabled == live.enabled
    }

    pub(crate) fn to_json(&self) -> Map<String, Value> {
        let mut body = Map::new();
        body.insert("ref".into(), self.reference.clone().into());
        body.insert("description".into(), self.description.clone().into());
        body.insert("action".into(), self.action.clone().into());
        if !is_empty(&self.parameters) {
            body.insert("action_parameters".into(), self.parameters.clone());
        }
        body.insert("expression".into(), self.expression.clone().into());
        body.insert("enabled".into(), self.enabled.into());
        body
    }
}

fn is_empty(parameters: &Value) -> bool {
    parameters.is_null() || parameters.as_object().is_some_and(Map::is_empty)
}

/// Where a rule goes among the rules of its ruleset, other people's included.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Position {
    /// Above all others.
    First,
    /// Right above this rule.
    Before(RuleId),
    /// Right below this rule.
    After(RuleId),
}

impl Position {
    /// Whether `id` stands there among `rules`.
    #[must_use]
    pub fn is_held_by(&self, id: &RuleId, rules: &[CustomRule]) -> bool {
        let adjacent = |upper: &RuleId, lower: &RuleId| {
            rules
                .windows(2)
                .any(|pair| pair[0].id == *upper && pair[1].id == *lower)
        };
        match self {
            Self::First => rules.first().is_some_and(|rule| rule.id == *id),
            Self::Before(other) => adjacent(id, other),
            Self::After(other) => adjacent(other, id),
        }
    }

    /// `First` is `index: 1`: the published schema no longer allows the empty string which also meant
    /// it (API reference, section 3.4).
    pub(crate) fn to_json(&self) -> Value {
        match self {
            Self::First => json!({ "index": 1 }),
            Self::Before(id) => json!({ "before": id.as_str() }),
            Self::After(id) => json!({ "after": id.as_str() }),
        }
    }
}
