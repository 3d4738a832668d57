//! What an expression speaks of: its tests, its fields, and the texts that a field is held against.

use std::collections::BTreeSet;

use super::tree::Argument;
use super::tree::Condition;
use super::tree::Expression;
use super::tree::Operand;
use super::tree::Relation;
use super::tree::Source;
use super::tree::Span;
use super::value::Literal;
use super::value::Member;
use super::value::Text;

impl Expression {
    /// Its tests, from left to right: comparisons, and operands on their own.
    #[must_use]
    pub fn tests(&self) -> Vec<&Self> {
        let mut tests = Vec::new();
        self.each_test(&mut |test| tests.push(test));
        tests
    }

    /// The operands of its tests, and those inside calls, from left to right.
    #[must_use]
    pub fn operands(&self) -> Vec<&Operand> {
        let mut operands = Vec::new();
        self.each_test(&mut |test| match test {
            Self::Boolean(operand) => operand.inside(&mut operands),
            Self::Comparison(comparison) => comparison.left.inside(&mut operands),
            _ => {}
        });
        operands
    }

    /// Where it speaks of a field, or of one whose name begins with `field` if that ends in a dot.
    #[must_use]
    pub fn mentions(&self, field: &str) -> Option<Span> {
        let mut operands = self.operands().into_iter();
        operands
            .find(|operand| operand.is_of(field))
            .map(|operand| operand.span)
    }

    /// The texts that a field is compared with for equality, letter case changed or not.
    #[must_use]
    pub fn texts_of(&self, field: &str) -> BTreeSet<&Text> {
        let mut texts = BTreeSet::new();
        self.each_test(&mut |test| {
            let Self::Comparison(comparison) = test else {
                return;
            };
            if !comparison.left.is_cased(field) {
                return;
            }
            match &comparison.condition {
                Condition::Relation {
                    relation: Relation::Equal | Relation::NotEqual,
                    value: Literal::Text(text),
                } => {
                    texts.insert(text);
                }
                Condition::OneOf(members) => {
                    texts.extend(members.iter().filter_map(|member| match member {
                        Member::Text(text) => Some(text),
                        _ => None,
                    }));
                }
                _ => {}
            }
        });
        texts
    }

    /// Where it stood in the text that was parsed, from the first of its tests to the last.
    #[must_use]
    pub fn span(&self) -> Span {
        let spans = self.tests().into_iter().map(|test| match test {
            Self::Comparison(comparison) => comparison.span.range(),
            Self::Boolean(operand) => operand.span.range(),
            _ => 0..0,
        });
        let whole = spans.reduce(|one, other| one.start.min(other.start)..one.end.max(other.end));
        Span::new(whole.unwrap_or(0..0))
    }
}

impl Operand {
    /// Whether it is the field, or one whose name begins with `field` if that ends in a dot.
    #[must_use]
    pub fn is_of(&self, field: &str) -> bool {
        match &self.source {
            Source::Field(name) if field.ends_with('.') => name.as_str().starts_with(field),
            Source::Field(name) => name.as_str() == field,
            Source::Call(_) => false,
        }
    }

    /// Whether it is the field, perhaps in `lower` or `upper`.
    fn is_cased(&self, field: &str) -> bool {
        match &self.source {
            Source::Field(_) => self.indexes.is_empty() && self.is_of(field),
            Source::Call(call) => match (call.function.as_str(), call.arguments.as_slice()) {
                ("lower" | "upper", [Argument::Operand(inner)]) => inner.is_cased(field),
                _ => false,
            },
        }
    }

    fn inside<'o>(&'o self, operands: &mut Vec<&'o Self>) {
        operands.push(self);
        let Source::Call(call) = &self.source else {
            return;
        };
        for argument in &call.arguments {
            match argument {
                Argument::Literal(_) => {}
                Argument::Operand(operand) => operand.inside(operands),
                Argument::Expression(expression) => operands.extend(expression.operands()),
            }
        }
    }
}
