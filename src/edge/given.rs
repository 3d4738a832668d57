//! Fields of a request as people give them: texts, whose kind follows from the rules that test the field.

use std::borrow::Borrow;
use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::net::IpAddr;

use crate::edge::Effect;
use crate::edge::Presented;
use crate::edge::Rule;
use crate::expression::Argument;
use crate::expression::Condition;
use crate::expression::Expression;
use crate::expression::Literal;
use crate::expression::Member;
use crate::expression::Operand;
use crate::expression::Source;
use crate::expression::Value;

/// A field that cannot be given like this.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidGiven {
    /// A text that is no value of its field.
    #[error("rules test `{field}` as {kind}, and `{text}` is none")]
    Kind {
        /// The field.
        field: String,
        /// What its values are.
        kind: &'static str,
        /// What was given.
        text: String,
    },
    /// The host or the client says what the field is.
    #[error("`{field}` is not free: host and client fix it")]
    Fixed {
        /// The field.
        field: String,
    },
    /// A field that is given by name and by the path.
    #[error("`{field}` is given twice")]
    Twice {
        /// The field.
        field: String,
    },
}

/// The fields that a path, perhaps with a query, and further fields by name make.
///
/// # Errors
/// A field that is given twice.
pub fn fields<'g>(
    path: Option<&str>,
    others: impl IntoIterator<Item = &'g (String, String)>,
) -> Result<BTreeMap<String, String>, InvalidGiven> {
    let mut fields = BTreeMap::new();
    if let Some(path) = path {
        let (bare, query) = path.split_once('?').unwrap_or((path, ""));
        fields.insert("http.request.uri.path".to_owned(), bare.to_owned());
        if path.contains('?') {
            fields.insert("http.request.uri.query".to_owned(), query.to_owned());
            fields.insert("http.request.uri".to_owned(), path.to_owned());
        }
    }
    for (field, value) in others {
        if fields.insert(field.clone(), value.clone()).is_some() {
            let field = field.clone();
            return Err(InvalidGiven::Twice { field });
        }
    }
    Ok(fields)
}

impl Presented {
    /// The same request with further fields known, in the kinds that some rules test them as.
    ///
    /// # Errors
    /// A field that is fixed already, or a text that is no value of its field.
    pub fn with_given<R: Borrow<Rule>>(
        self,
        fields: &BTreeMap<String, String>,
        rules: &[R],
    ) -> Result<Self, InvalidGiven> {
        let Self { mut known, also } = self;
        for (field, text) in fields {
            if known.knows(field) {
                let field = field.clone();
                return Err(InvalidGiven::Fixed { field });
            }
            known = known.with(field.clone(), given(field, text, rules)?);
        }
        Ok(Self { known, also })
    }
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
pub fn given<R: Borrow<Rule>>(field: &str, text: &str, rules: &[R]) -> Result<Value, InvalidGiven> {
    let mut kinds = BTreeSet::new();
    collect(field, rules, &mut kinds);
    let kind = kinds.first().copied().unwrap_or(Kind::Text);
    let invalid = |kind| InvalidGiven::Kind {
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

fn collect<R: Borrow<Rule>>(field: &str, rules: &[R], kinds: &mut BTreeSet<Kind>) {
    for rule in rules.iter().map(Borrow::borrow) {
        let rule: &Rule = rule;
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
