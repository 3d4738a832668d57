//! What a rule is sealed with: everything of it that decides about requests.
//!
//! A rule that fits its seal was left alone since we wrote it. One that does not was changed by somebody else. A
//! seal alone is never a reason for a step: rules that were written without one get theirs at their next change.

use serde_json::Value;
use sha2::Digest as _;
use sha2::Sha256;

use crate::resource::RuleBody;
use crate::resource::Seal;
use crate::resource::certificate::hex;

/// The seal that a rule has to carry. Layout is no difference, and neither is the description, in which it stands.
#[must_use]
pub fn seal(rule: &RuleBody) -> Option<Seal> {
    let RuleBody {
        reference: _,
        description: _,
        action,
        parameters,
        expression,
        enabled,
    } = rule;
    let said = [
        action.as_str(),
        &sorted(parameters),
        &canonical(expression),
        if *enabled { "enabled" } else { "disabled" },
    ];
    // No part holds a line break of its own: JSON and the printed expression escape them.
    let hash = Sha256::digest(said.join("\n"));
    Seal::parse(&hex(&hash[..4]))
}

/// A rule with the seal that fits it, if it has one at all.
#[must_use]
pub(super) fn sealed(rule: RuleBody) -> RuleBody {
    let description = seal(&rule).map(|seal| seal.renew(&rule.description));
    RuleBody {
        description: description.unwrap_or_else(|| rule.description.clone()),
        ..rule
    }
}

/// Whether a rule still is what was written; `None` where no seal says what that was.
#[must_use]
pub fn is_intact(rule: &RuleBody) -> Option<bool> {
    let found = Seal::of(&rule.description)?;
    Some(seal(rule) == Some(found))
}

fn canonical(expression: &str) -> String {
    match crate::expression::parse(expression) {
        Ok(parsed) => parsed.to_string(),
        Err(_) => expression.split_whitespace().collect::<Vec<_>>().join(" "),
    }
}

/// JSON with its keys in order, whatever order the account gives them in.
fn sorted(value: &Value) -> String {
    match value {
        Value::Object(fields) => {
            let mut fields: Vec<_> = fields.iter().collect();
            fields.sort_by_key(|(key, _)| key.as_str());
            let fields = fields
                .into_iter()
                .map(|(key, value)| format!("{key:?}:{}", sorted(value)));
            format!("{{{}}}", fields.collect::<Vec<_>>().join(","))
        }
        Value::Array(values) => {
            let values = values.iter().map(sorted);
            format!("[{}]", values.collect::<Vec<_>>().join(","))
        }
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::is_intact;
    use super::seal;
    use super::sealed;
    use crate::resource::RuleBody;

    fn rule() -> RuleBody {
        let body = RuleBody {
            reference: "platform/r/1".to_owned(),
            description: "r: managed; written as 00000000; f since 2026-01-01".to_owned(),
            action: "block".to_owned(),
            parameters: json!({ "response": { "status_code": 403, "content": "a\nb" } }),
            expression: "(http.host in {\"a.example.com\"})".to_owned(),
            enabled: true,
        };
        sealed(body)
    }

    #[test]
    fn a_rule_fits_its_seal_until_something_that_decides_is_changed() {
        let written = rule();
        assert_eq!(is_intact(&written), Some(true));
        let laid_out = "http.host  in { \"a.example.com\" }".to_owned();
        for (changed, expected) in [
            (
                RuleBody {
                    expression: laid_out,
                    ..rule()
                },
                true,
            ),
            (
                RuleBody {
                    reference: String::new(),
                    ..rule()
                },
                true,
            ),
            (
                RuleBody {
                    description: format!("mine{}", seal(&rule()).unwrap()),
                    ..rule()
                },
                true,
            ),
            (
                RuleBody {
                    enabled: false,
                    ..rule()
                },
                false,
            ),
            (
                RuleBody {
                    action: "log".to_owned(),
                    ..rule()
                },
                false,
            ),
            (
                RuleBody {
                    parameters: json!({}),
                    ..rule()
                },
                false,
            ),
            (
                RuleBody {
                    expression: "ssl".to_owned(),
                    ..rule()
                },
                false,
            ),
            (
                RuleBody {
                    expression: "(ssl".to_owned(),
                    ..rule()
                },
                false,
            ),
        ] {
            assert_eq!(is_intact(&changed), Some(expected), "{changed:?}");
            assert_eq!(is_intact(&sealed(changed)), Some(true));
        }
        let bare = RuleBody {
            description: "r: managed".to_owned(),
            ..rule()
        };
        assert_eq!(is_intact(&bare), None);
        assert_eq!(sealed(bare.clone()), bare);
    }
}
