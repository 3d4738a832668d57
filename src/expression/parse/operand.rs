//! Fields, calls with their arguments, and picks.

use winnow::Parser;
use winnow::combinator::opt;

use super::close;
use super::descend;
use super::lexeme::Input;
use super::lexeme::Parsed;
use super::lexeme::Place;
use super::lexeme::fault;
use super::lexeme::here;
use super::lexeme::lexeme;
use super::lexeme::name;
use super::lexeme::rest;
use super::literal::literal;
use super::literal::looks_literal;
use super::logical;
use super::number;
use super::operator;
use super::string;
use crate::expression::fault::Fault;
use crate::expression::tree::Argument;
use crate::expression::tree::Call;
use crate::expression::tree::Index;
use crate::expression::tree::Operand;
use crate::expression::tree::Source;
use crate::expression::tree::Span;

/// A field or call, with its picks.
pub(super) fn operand(input: &mut Input<'_>) -> Parsed<Operand> {
    let start = here(input);
    let name = name(input)?;
    let source = if rest(input).starts_with('(') {
        Source::Call(Call {
            function: name,
            arguments: arguments(input)?,
        })
    } else {
        Source::Field(name)
    };
    let indexes = indexes(input)?;
    Ok(Operand {
        source,
        indexes,
        span: Span::new(start..input.state.end),
    })
}

/// The arguments of a call, brackets included.
fn arguments(input: &mut Input<'_>) -> Parsed<Vec<Argument>> {
    let opening = here(input);
    lexeme('(').parse_next(input)?;
    descend(input, opening)?;
    let outer = input.state.place;
    let mut arguments = Vec::new();
    if !rest(input).starts_with(')') {
        input.state.place = Place::FirstArgument;
        arguments.push(argument(input)?);
        input.state.place = Place::LaterArgument;
        while opt(lexeme(',')).parse_next(input)?.is_some() {
            arguments.push(argument(input)?);
        }
    }
    input.state.place = outer;
    input.state.depth -= 1;
    close(input, opening, '(', ')', |found| Fault::ExpectedComma {
        found,
    })?;
    Ok(arguments)
}

fn argument(input: &mut Input<'_>) -> Parsed<Argument> {
    if looks_literal(rest(input)) {
        literal(input, "(").map(Argument::Literal)
    } else {
        logical(input).map(Argument::from)
    }
}

fn indexes(input: &mut Input<'_>) -> Parsed<Vec<Index>> {
    let mut indexes = Vec::new();
    while rest(input).starts_with('[') {
        indexes.push(index(input)?);
    }
    Ok(indexes)
}

fn index(input: &mut Input<'_>) -> Parsed<Index> {
    let opening = here(input);
    lexeme('[').parse_next(input)?;
    let index = match rest(input).chars().next() {
        None => return fault(opening..opening + 1, Fault::NeverClosed { bracket: '[' }),
        Some('*') => lexeme('*'.value(Index::Every)).parse_next(input)?,
        Some('0'..='9') => Index::Position(number::position(input)?),
        Some(_) => match string::basic(input)? {
            Some(key) => Index::Key(key),
            None => return operator::unexpected(input, |found| Fault::ExpectedIndex { found }),
        },
    };
    close(input, opening, '[', ']', |found| Fault::ExpectedIndexEnd {
        found,
    })?;
    match (&index, input.state.place) {
        (Index::Every, Place::Outside) => fault(opening..input.state.end, Fault::EveryOutsideCall),
        (Index::Every, Place::LaterArgument) => {
            fault(opening..input.state.end, Fault::EveryInLaterArgument)
        }
        _ => Ok(index),
    }
}
