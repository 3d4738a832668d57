//! What a client can say about a rule, checked field by field (API reference, section 3.3).
//! Position is not part of it.

use serde::Deserialize;
use serde::Serialize;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use crate::sandbox::action_parameters;
use crate::sandbox::envelope::Refusal;
use crate::sandbox::fields::Fields;
use crate::sandbox::phase::Phase;
use crate::sandbox::rule_expression;

/// Fields of answers that clients may send back; they have no effect.
const READ_ONLY: [&str; 3] = ["version", "last_updated", "categories"];

/// Everything about a rule that a write replaces.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Definition {
    pub(crate) action: String,
    pub(crate) action_parameters: Map<String, Value>,
    pub(crate) expression: String,
    pub(crate) description: String,
    pub(crate) enabled: bool,
    /// Kept for skip rules only (API reference, section 3.3).
    logging: Option<bool>,
}

/// A rule as sent.
#[derive(Debug)]
pub(crate) struct SentRule {
    pub(crate) id: Option<String>,
    pub(crate) reference: Option<String>,
    pub(crate) definition: Definition,
}

/// Reads a rule of a phase; `position` must have been taken before.
pub(crate) fn parse(mut fields: Fields, phase: Phase) -> Result<SentRule, Refusal> {
    for name in READ_ONLY {
        fields.take(name);
    }
    let id = fields.string("id")?;
    let reference = fields.string("ref")?;
    if reference.as_deref() == Some("") {
        return Err(fields.refuse("ref", "must not be empty"));
    }
    let action = fields.text("action")?;
    if !action
        .bytes()
        .all(|byte| byte == b'_' || byte.is_ascii_lowercase())
    {
        return Err(fields.refuse("action", "must be lower-case letters and underscores"));
    }
    if !phase.actions().contains(&action.as_str()) {
        let actions = phase.actions().join(", ");
        let what = format!("must be one of {actions}, got {action:?}");
        return Err(fields.refuse("action", &what));
    }
    let expression = fields.text("expression")?;
    let expression = rule_expression::accept(&expression)
        .map_err(|refusal| refusal.at(fields.pointer("expression")))?;
    let description = fields.string("description")?.unwrap_or_default();
    let enabled = fields.boolean("enabled")?.unwrap_or(true);
    let logging = match fields.object("logging")? {
        Some(logging) => Some(parse_logging(logging)?),
        None => None,
    };
    let at = fields.pointer("action_parameters");
    let action_parameters = match fields.take("action_parameters") {
        None => Map::new(),
        Some(Value::Object(parameters)) => parameters,
        Some(_) => return Err(fields.refuse("action_parameters", "must be an object")),
    };
    action_parameters::check(&action, &action_parameters, &at)?;
    fields.finish()?;
    let logging = logging.filter(|_| action == "skip");
    let definition = Definition {
        action,
        action_parameters,
        expression,
        description,
        enabled,
        logging,
    };
    Ok(SentRule {
        id,
        reference,
        definition,
    })
}

impl Definition {
    /// A rule without parameters, enabled.
    pub(crate) fn new(action: &str, expression: String, description: &str) -> Self {
        Self {
            action: action.to_owned(),
            action_parameters: Map::new(),
            expression,
            description: description.to_owned(),
            enabled: true,
            logging: None,
        }
    }

    /// Whether this is a rule that runs the ruleset of this id.
    pub(crate) fn executes(&self, ruleset_id: &str) -> bool {
        self.action == "execute"
            && self.action_parameters.get("id").and_then(Value::as_str) == Some(ruleset_id)
    }

    /// The fields of the definition; those that are empty are left out.
    pub(crate) fn to_json(&self) -> Value {
        let Self {
            action,
            action_parameters,
            expression,
            description,
            enabled,
            logging,
        } = self;
        let mut rule = json!({"action": action, "expression": expression, "enabled": enabled});
        if !description.is_empty() {
            rule["description"] = json!(description);
        }
        if !action_parameters.is_empty() {
            rule["action_parameters"] = json!(action_parameters);
        }
        if let Some(enabled) = logging {
            rule["logging"] = json!({"enabled": enabled});
        }
        rule
    }
}

fn parse_logging(mut logging: Fields) -> Result<bool, Refusal> {
    let enabled = logging
        .boolean("enabled")?
        .ok_or_else(|| logging.refuse("enabled", "is required"))?;
    logging.finish()?;
    Ok(enabled)
}
