//! Making trees in code. Texts from outside enter as strings, which the printer escapes, or through
//! [`parse`](super::parse); they never become part of the syntax.

use super::tree::Argument;
use super::tree::Call;
use super::tree::Comparison;
use super::tree::Condition;
use super::tree::Expression;
use super::tree::Operand;
use super::tree::Source;
use super::tree::Span;
use super::value::Member;
use super::value::Name;
use super::value::Text;

impl Expression {
    /// True if all parts are. No part makes `true`, a single one stays what it is, and an `and`
    /// among them is merged.
    #[must_use]
    pub fn and(parts: impl IntoIterator<Item = Self>) -> Self {
        let parts = flattened(parts, |part| match part {
            Self::And(inner) => Some(inner),
            _ => None,
        });
        one_or(parts, true, Self::And)
    }

    /// True if an odd number of the parts is. No part makes `false`; otherwise as
    /// [`Expression::and`].
    #[must_use]
    pub fn xor(parts: impl IntoIterator<Item = Self>) -> Self {
        let parts = flattened(parts, |part| match part {
            Self::Xor(inner) => Some(inner),
            _ => None,
        });
        one_or(parts, false, Self::Xor)
    }

    /// True if some part is. No part makes `false`; otherwise as [`Expression::and`].
    #[must_use]
    pub fn or(parts: impl IntoIterator<Item = Self>) -> Self {
        let parts = flattened(parts, |part| match part {
            Self::Or(inner) => Some(inner),
            _ => None,
        });
        one_or(parts, false, Self::Or)
    }

    /// True if `inner` is not. Two of them do not cancel out: the tree says what was written.
    #[must_use]
    #[expect(
        clippy::should_implement_trait,
        reason = "`and`, `or`, `not`: as the language names them"
    )]
    pub fn not(inner: Self) -> Self {
        Self::Not(Box::new(inner))
    }
}

impl From<Operand> for Expression {
    /// A boolean field or call on its own.
    fn from(operand: Operand) -> Self {
        Self::Boolean(operand)
    }
}

impl Operand {
    /// A field. The name is one that the program knows; names that people write go through
    /// [`parse`](super::parse).
    #[must_use]
    pub fn field(name: &'static str) -> Self {
        Self {
            source: Source::Field(Name::new(name)),
            indexes: Vec::new(),
            span: Span::default(),
        }
    }

    /// A function call, under a name that the program knows.
    #[must_use]
    pub fn call(function: &'static str, arguments: impl IntoIterator<Item = Argument>) -> Self {
        let call = Call {
            function: Name::new(function),
            arguments: arguments.into_iter().collect(),
        };
        Self {
            source: Source::Call(call),
            indexes: Vec::new(),
            span: Span::default(),
        }
    }

    /// `in {…}`: true if the value is one of the texts.
    #[must_use]
    pub fn in_strings<T: Into<Text>>(self, texts: impl IntoIterator<Item = T>) -> Expression {
        let members = texts
            .into_iter()
            .map(|text| Member::Text(text.into()))
            .collect();
        Expression::Comparison(Comparison {
            left: self,
            condition: Condition::OneOf(members),
            span: Span::default(),
        })
    }
}

impl From<Operand> for Argument {
    fn from(operand: Operand) -> Self {
        Self::Operand(operand)
    }
}

impl From<Expression> for Argument {
    fn from(expression: Expression) -> Self {
        match expression {
            Expression::Boolean(operand) => Self::Operand(operand),
            other => Self::Expression(other),
        }
    }
}

/// The parts, with those that have parts of the same kind inside replaced by them.
fn flattened(
    parts: impl IntoIterator<Item = Expression>,
    inside: impl Fn(&mut Expression) -> Option<&mut Vec<Expression>>,
) -> Vec<Expression> {
    let mut flat = Vec::new();
    for mut part in parts {
        match inside(&mut part) {
            Some(inner) => flat.append(inner),
            None => flat.push(part),
        }
    }
    flat
}

fn one_or(
    mut parts: Vec<Expression>,
    of_none: bool,
    combine: fn(Vec<Expression>) -> Expression,
) -> Expression {
    match parts.len() {
        0 => Expression::Constant(of_none),
        1 => parts.remove(0),
        _ => combine(parts),
    }
}
