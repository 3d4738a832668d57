//! Rules of other people, by what they do.

use mtlsctl::resource::CustomRule;
use mtlsctl::resource::RuleId;
use serde_json::Value;
use serde_json::json;

/// What a rule of somebody else does.
pub(crate) struct Foreign<'a> {
    action: &'a str,
    parameters: Value,
    expression: &'a str,
}

impl Foreign<'_> {
    /// The rule as the account holds it, enabled, under the id with this number.
    pub(crate) fn numbered(self, number: usize) -> CustomRule {
        let id = RuleId::parse(&format!("{number:032x}")).expect("the form of an id");
        self.under(id, "")
    }

    /// The rule as the account holds it, enabled; its `ref` is its id.
    pub(super) fn under(self, id: RuleId, description: &str) -> CustomRule {
        CustomRule {
            reference: id.to_string(),
            id,
            version: 1,
            action: self.action.to_owned(),
            parameters: self.parameters,
            expression: self.expression.to_owned(),
            description: description.to_owned(),
            enabled: true,
        }
    }
}

/// Blocks what matches.
pub(crate) fn block(expression: &str) -> Foreign<'_> {
    Foreign {
        action: "block",
        parameters: json!({}),
        expression,
    }
}

/// Does something else with what matches.
pub(crate) fn acting<'a>(action: &'a str, parameters: Value, expression: &'a str) -> Foreign<'a> {
    Foreign {
        action,
        parameters,
        expression,
    }
}

/// Lets past all rules below what matches.
pub(crate) fn skip(expression: &str) -> Foreign<'_> {
    Foreign {
        action: "skip",
        parameters: json!({ "ruleset": "current" }),
        expression,
    }
}
