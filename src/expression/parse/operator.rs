//! Operators, as words and as symbols, and what people write instead of them.

use winnow::Parser;
use winnow::combinator::alt;
use winnow::combinator::dispatch;
use winnow::combinator::empty;
use winnow::combinator::fail;
use winnow::combinator::not;
use winnow::combinator::opt;
use winnow::combinator::preceded;
use winnow::token::one_of;

use super::lexeme::Input;
use super::lexeme::Parsed;
use super::lexeme::blank;
use super::lexeme::fault;
use super::lexeme::here;
use super::lexeme::is_word;
use super::lexeme::rest;
use super::lexeme::word;
use crate::expression::fault::Fault;
use crate::expression::found::Found;
use crate::expression::tree::Relation;

/// A comparison operator, before its right-hand side is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operator {
    Relation(Relation),
    Contains,
    Matches,
    Wildcard { strict: bool },
    In,
}

impl Operator {
    /// The operator in words.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Relation(relation) => relation.word(),
            Self::Contains => "contains",
            Self::Matches => "matches",
            Self::Wildcard { strict: false } => "wildcard",
            Self::Wildcard { strict: true } => "strict wildcard",
            Self::In => "in",
        }
    }
}

/// What joins two terms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Connective {
    And,
    Xor,
    Or,
}

/// How a term begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Opening {
    Not,
    Bracket,
    /// `true` or `false`, which stand for every request and for none.
    Constant(bool),
    Operand,
}

/// Words that no field can be named.
const OPERATORS: [&str; 15] = [
    "and", "or", "xor", "not", "eq", "ne", "lt", "le", "gt", "ge", "contains", "matches",
    "wildcard", "strict", "in",
];

pub(super) fn is_operator(text: &str) -> bool {
    OPERATORS.contains(&text)
}

pub(super) fn comparison(input: &mut Input<'_>) -> Parsed<Operator> {
    use Operator::Relation as Order;
    dispatch! { token;
        "eq" | "==" => empty.value(Order(Relation::Equal)),
        "ne" | "!=" => empty.value(Order(Relation::NotEqual)),
        "lt" | "<" => empty.value(Order(Relation::Less)),
        "le" | "<=" => empty.value(Order(Relation::LessOrEqual)),
        "gt" | ">" => empty.value(Order(Relation::Greater)),
        "ge" | ">=" => empty.value(Order(Relation::GreaterOrEqual)),
        "contains" => empty.value(Operator::Contains),
        "matches" | "~" => empty.value(Operator::Matches),
        "wildcard" => empty.value(Operator::Wildcard { strict: false }),
        "strict" => strict,
        "in" => empty.value(Operator::In),
        _ => fail,
    }
    .parse_next(input)
}

/// What follows `strict`.
fn strict(input: &mut Input<'_>) -> Parsed<Operator> {
    preceded(blank, word)
        .verify(|word: &str| word == "wildcard")
        .value(Operator::Wildcard { strict: true })
        .parse_next(input)
}

pub(super) fn connective(input: &mut Input<'_>) -> Parsed<Connective> {
    dispatch! { token;
        "and" | "&&" => empty.value(Connective::And),
        "xor" | "^^" => empty.value(Connective::Xor),
        "or" | "||" => empty.value(Connective::Or),
        _ => fail,
    }
    .parse_next(input)
}

/// How a term begins. An operand is left to be read.
pub(super) fn opening(input: &mut Input<'_>) -> Parsed<Opening> {
    let end = || not(one_of(is_name));
    alt((
        '('.value(Opening::Bracket),
        '!'.value(Opening::Not),
        ("not", end()).value(Opening::Not),
        ("true", end()).value(Opening::Constant(true)),
        ("false", end()).value(Opening::Constant(false)),
        empty.value(Opening::Operand),
    ))
    .parse_next(input)
}

fn is_name(c: char) -> bool {
    is_word(c) || c == '.'
}

/// One operator, whichever it is.
fn token<'i>(input: &mut Input<'i>) -> Parsed<&'i str> {
    let ordering = (one_of(['<', '>']), opt('=')).take();
    alt((word, "==", "!=", "&&", "||", "^^", "~", ordering)).parse_next(input)
}

/// Refuses what comes next.
pub(super) fn unexpected<T>(input: &Input<'_>, expected: impl FnOnce(Found) -> Fault) -> Parsed<T> {
    let found = Found::first_of(rest(input));
    let start = here(input);
    fault(start..start + found.text().len(), expected(found))
}

/// Refuses what stands where an operator should be, in the words that explain a common mistake if
/// it is one.
pub(super) fn no_operator<T>(
    input: &Input<'_>,
    expected: impl FnOnce(Found) -> Fault,
) -> Parsed<T> {
    unexpected(input, |found| {
        let text = found.text().to_owned();
        let instead = |instead| Fault::NoSuchOperator {
            symbol: text.clone(),
            instead,
        };
        match text.as_str() {
            "=" => instead("=="),
            "&" => instead("&&"),
            "|" => instead("||"),
            "^" => instead("^^"),
            "starts_with" | "ends_with" => Fault::FunctionAsOperator { function: text },
            "not" | "!" => Fault::NotAfterField,
            _ => in_upper_case(&text).unwrap_or_else(|| expected(found)),
        }
    })
}

/// The fault of an operator in upper case.
pub(super) fn in_upper_case(text: &str) -> Option<Fault> {
    let operator = text.to_ascii_lowercase();
    (operator != text && is_operator(&operator)).then_some(Fault::UpperCase { operator })
}
