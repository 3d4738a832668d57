//! Fields of a request as people give them: texts, whose kind follows from the rules that test the field.

use std::collections::BTreeSet;
use std::net::IpAddr;

use crate::edge::Effect;
use crate::edge::Rule;
use crate::expression::Argument;
use crate::expression::Condition;
use crate::expression::Expression;
use crate::expression::Literal;
use crate::expression::Member;
use crate::expression::Operand;
use crate::expression::Source;
use crate::expression::Value;

/// A text that is no value of its field.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("rules test `{field}` as {kind}, and `{text}` is none")]
pub struct InvalidGiven {
    /// The field.
    pub field: String,
    /// What its values are.
    pub kind: &'static str,
    /// What was given.
    pub text: String,
}

/// The kinds of values that a text can stand for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Boolean,
    Integer,
    Address,
    Text,
}

/// The value of a field. Where no rule tests it, it is a text, and nothing depends on it.
///
/// # Errors
/// The text is not of the kind that rules test the field as.
pub fn given(field: &str, text: &str, rules: &[Rule]) -> Result<Value, InvalidGiven> {
    let mut kinds = BTreeSet::new();
    collect(field, rules, &mut kinds);
    let kind = kinds.first().copied().unwrap_or(Kind::Text);
    let invalid = |kind| InvalidGiven {
        field: field.to_owned(),
        kind,
        text: text.to_owned(),
    };
    match kind {
        Kind::Boolean => match text {
            "true" => Ok(Value::Boolean(true)),
            "false" => Ok(Value::Boolean(false)),
            _ => Err(invalid("true or false")),
        },
        Kind::Integer => text
            .parse()
            .map(Value::Integer)
            .map_err(|_| invalid("an integer")),
        Kind::Address => text
            .parse::<IpAddr>()
            .map(Value::Address)
            .map_err(|_| invalid("an address")),
        Kind::Text => Ok(Value::from(text)),
    }
}

/// Whether some rule tests a field.
#[must_use]
pub fn is_tested(field: &str, rules: &[Rule]) -> bool {
    rules.iter().any(|rule| {
        let condition = rule.condition.as_ref();
        let inner = match &rule.effect {
            Effect::Execute(inner) => inner.as_slice(),
            _ => &[],
        };
        condition.is_ok_and(|condition| condition.mentions(field).is_some())
            || is_tested(field, inner)
    })
}

fn collect(field: &str, rules: &[Rule], kinds: &mut BTreeSet<Kind>) {
    for rule in rules {
        if let Ok(condition) = &rule.condition {
            for test in condition.tests() {
                of_test(field, test, kinds);
            }
        }
        if let Effect::Execute(inner) = &rule.effect {
            collect(field, inner, kinds);
        }
    }
}

fn of_test(field: &str, test: &Expression, kinds: &mut BTreeSet<Kind>) {
    match test {
        Expression::Boolean(operand) if operand.is_of(field) => {
            kinds.insert(Kind::Boolean);
        }
        Expression::Boolean(operand) => of_call(field, operand, kinds),
        Expression::Comparison(comparison) if comparison.left.is_of(field) => {
            kinds.extend(of_condition(&comparison.condition));
        }
        Expression::Comparison(comparison) => of_call(field, &comparison.left, kinds),
        _ => {}
    }
}

fn of_condition(condition: &Condition) -> Option<Kind> {
    match condition {
        Condition::Relation { value, .. } => Some(match value {
            Literal::Text(_) => Kind::Text,
            Literal::Integer(_) => Kind::Integer,
            Literal::Address(_) => Kind::Address,
        }),
        Condition::OneOf(members) => members.first().map(|member| match member {
            Member::Text(_) => Kind::Text,
            Member::Integers { .. } => Kind::Integer,
            Member::Addresses(_) => Kind::Address,
        }),
        Condition::Contains(_) | Condition::Matches(_) | Condition::Wildcard { .. } => {
            Some(Kind::Text)
        }
        Condition::InList(_) => None,
    }
}

/// A field inside a call: an address where networks are made of it, else a text.
fn of_call(field: &str, operand: &Operand, kinds: &mut BTreeSet<Kind>) {
    let Source::Call(call) = &operand.source else {
        return;
    };
    for argument in &call.arguments {
        match argument {
            Argument::Operand(inner) if inner.is_of(field) => {
                let is_network = matches!(call.function.as_str(), "cidr" | "cidr6");
                kinds.insert(if is_network {
                    Kind::Address
                } else {
                    Kind::Text
                });
            }
            Argument::Operand(inner) => of_call(field, inner, kinds),
            Argument::Expression(expression) => {
                for test in expression.tests() {
                    of_test(field, test, kinds);
                }
            }
            Argument::Literal(_) => {}
        }
    }
}
