//! Writes an expression in its one canonical form: words for operators, single spaces, quoted
//! strings with no more escapes than needed, regular expressions raw, and brackets wherever `and`,
//! `xor` and `or` meet, so that nobody has to remember which binds stronger.

use std::fmt;
use std::fmt::Write;

use super::scan;
use super::tree::Argument;
use super::tree::Call;
use super::tree::Comparison;
use super::tree::Condition;
use super::tree::Expression;
use super::tree::Index;
use super::tree::Operand;
use super::tree::Relation;
use super::tree::Source;
use super::value::Literal;
use super::value::Member;
use super::value::Text;

impl fmt::Display for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Constant(value) => write!(f, "{value}"),
            Self::Boolean(operand) => write!(f, "{operand}"),
            Self::Comparison(comparison) => write!(f, "{comparison}"),
            // Without brackets `not a eq b` reads as if only `a` were negated.
            Self::Not(inner) if matches!(**inner, Self::Comparison(_)) => {
                write!(f, "not ({inner})")
            }
            Self::Not(inner) => {
                f.write_str("not ")?;
                part(inner, f)
            }
            Self::And(parts) => joined(parts, " and ", f),
            Self::Xor(parts) => joined(parts, " xor ", f),
            Self::Or(parts) => joined(parts, " or ", f),
        }
    }
}

/// How deep the printed form nests, counted as the parser counts it.
pub(super) fn nesting(expression: &Expression) -> usize {
    let of_part = |part: &Expression| usize::from(is_joined(part)) + nesting(part);
    match expression {
        Expression::Constant(_) => 0,
        Expression::Boolean(operand) => nesting_of_operand(operand),
        Expression::Comparison(comparison) => nesting_of_operand(&comparison.left),
        Expression::Not(inner) => {
            let is_comparison = matches!(**inner, Expression::Comparison(_));
            1 + usize::from(is_comparison) + of_part(inner)
        }
        Expression::And(parts) | Expression::Xor(parts) | Expression::Or(parts) => {
            parts.iter().map(of_part).max().unwrap_or(0)
        }
    }
}

fn nesting_of_operand(operand: &Operand) -> usize {
    let of_argument = |argument: &Argument| match argument {
        Argument::Literal(_) => 0,
        Argument::Operand(operand) => nesting_of_operand(operand),
        Argument::Expression(part) => usize::from(is_joined(part)) + nesting(part),
    };
    match &operand.source {
        Source::Field(_) => 0,
        Source::Call(call) => 1 + call.arguments.iter().map(of_argument).max().unwrap_or(0),
    }
}

fn is_joined(expression: &Expression) -> bool {
    matches!(
        expression,
        Expression::And(_) | Expression::Xor(_) | Expression::Or(_)
    )
}

fn joined(parts: &[Expression], connective: &str, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    for (position, inner) in parts.iter().enumerate() {
        if position > 0 {
            f.write_str(connective)?;
        }
        part(inner, f)?;
    }
    Ok(())
}

fn part(expression: &Expression, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    if is_joined(expression) {
        write!(f, "({expression})")
    } else {
        write!(f, "{expression}")
    }
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            left,
            condition,
            span: _,
        } = self;
        write!(f, "{left} {condition}")
    }
}

impl fmt::Display for Condition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Relation { relation, value } => write!(f, "{} {value}", relation.word()),
            Self::Contains(text) => write!(f, "contains {text}"),
            Self::Matches(pattern) => {
                let hashes = "#".repeat(scan::hashes_around(pattern));
                write!(f, "matches r{hashes}\"{pattern}\"{hashes}")
            }
            Self::Wildcard {
                pattern,
                strict: false,
            } => write!(f, "wildcard {pattern}"),
            Self::Wildcard {
                pattern,
                strict: true,
            } => write!(f, "strict wildcard {pattern}"),
            Self::OneOf(members) => {
                f.write_str("in {")?;
                separated(members, " ", f)?;
                f.write_char('}')
            }
            Self::InList(name) => write!(f, "in ${}", name.as_str()),
        }
    }
}

impl Relation {
    /// The operator as a word, `eq` and so on.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Equal => "eq",
            Self::NotEqual => "ne",
            Self::Less => "lt",
            Self::LessOrEqual => "le",
            Self::Greater => "gt",
            Self::GreaterOrEqual => "ge",
        }
    }
}

impl fmt::Display for Operand {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            source,
            indexes,
            span: _,
        } = self;
        match source {
            Source::Field(name) => f.write_str(name.as_str())?,
            Source::Call(Call {
                function,
                arguments,
            }) => {
                write!(f, "{}(", function.as_str())?;
                separated(arguments, ", ", f)?;
                f.write_char(')')?;
            }
        }
        separated(indexes, "", f)
    }
}

impl fmt::Display for Argument {
    /// With brackets around `and`, `xor` and `or`: the published engine reads them in an argument
    /// only so.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Literal(literal) => write!(f, "{literal}"),
            Self::Operand(operand) => write!(f, "{operand}"),
            Self::Expression(expression) => part(expression, f),
        }
    }
}

impl fmt::Display for Index {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Position(position) => write!(f, "[{position}]"),
            Self::Key(key) => write!(f, "[{key}]"),
            Self::Every => f.write_str("[*]"),
        }
    }
}

impl fmt::Display for Literal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => write!(f, "{text}"),
            Self::Integer(value) => write!(f, "{value}"),
            Self::Address(address) => write!(f, "{address}"),
        }
    }
}

impl fmt::Display for Member {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => write!(f, "{text}"),
            Self::Integers { first, last } if first == last => write!(f, "{first}"),
            Self::Integers { first, last } => write!(f, "{first}..{last}"),
            Self::Addresses(addresses) => write!(f, "{addresses}"),
        }
    }
}

impl fmt::Display for Text {
    /// In double quotes. Quotes and backslashes are escaped, and so are control characters, which
    /// would not survive a reformatting, and bytes that are no UTF-8.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_char('"')?;
        for chunk in self.as_bytes().utf8_chunks() {
            for character in chunk.valid().chars() {
                match character {
                    '"' | '\\' => write!(f, "\\{character}")?,
                    '\0'..='\x1f' | '\x7f' => write!(f, "\\x{:02x}", u32::from(character))?,
                    _ => f.write_char(character)?,
                }
            }
            for byte in chunk.invalid() {
                write!(f, "\\x{byte:02x}")?;
            }
        }
        f.write_char('"')
    }
}

fn separated<T: fmt::Display>(
    items: &[T],
    separator: &str,
    f: &mut fmt::Formatter<'_>,
) -> fmt::Result {
    for (position, item) in items.iter().enumerate() {
        if position > 0 {
            f.write_str(separator)?;
        }
        write!(f, "{item}")?;
    }
    Ok(())
}
