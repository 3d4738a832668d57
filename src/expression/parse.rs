//! Reads an expression: the grammar, from the whole down to one comparison.
//!
//! Every token is read once, and no rule is tried twice on the same text, so the time taken grows
//! with the length of the text and nothing else. [`MAX_NESTING`] bounds the stack.

mod lexeme;
mod literal;
mod number;
mod operand;
mod operator;
mod string;

use std::mem::take;

use winnow::Parser;
use winnow::combinator::opt;
use winnow::combinator::peek;
use winnow::error::ErrMode;

use self::lexeme::Input;
use self::lexeme::Parsed;
use self::lexeme::blank;
use self::lexeme::fault;
use self::lexeme::here;
use self::lexeme::input;
use self::lexeme::lexeme;
use self::lexeme::rest;
use self::literal::literal;
use self::operand::operand;
use self::operator::Connective;
use self::operator::Opening;
use self::operator::Operator;
use super::MAX_BYTES;
use super::MAX_NESTING;
use super::fault::Fault;
use super::fault::SyntaxError;
use super::found::Found;
use super::print;
use super::tree::Comparison;
use super::tree::Condition;
use super::tree::Expression;
use super::tree::Span;

const CLOSING: [char; 3] = [')', ']', '}'];

/// Reads a filter expression as Cloudflare would, formatted in any way.
///
/// Blanks, line breaks and comments (`#` to the end of the line) may stand between any two tokens.
/// The documentation uses such comments in its examples without saying that the API takes them;
/// they are read here and never printed.
///
/// # Errors
///
/// A [`SyntaxError`] that points at the first thing which cannot be understood.
pub fn parse(text: &str) -> Result<Expression, SyntaxError> {
    if text.len() > MAX_BYTES {
        let fault = Fault::TooLong {
            bytes: text.len(),
            limit: MAX_BYTES,
        };
        return Err(SyntaxError {
            at: 0..text.len(),
            fault,
        });
    }
    whole(&mut input(text)).map_err(|error| match error {
        ErrMode::Backtrack(error) | ErrMode::Cut(error) => error,
        ErrMode::Incomplete(_) => SyntaxError {
            at: text.len()..text.len(),
            fault: Fault::Empty,
        },
    })
}

fn whole(input: &mut Input<'_>) -> Parsed<Expression> {
    blank(input)?;
    let start = here(input);
    if rest(input).is_empty() {
        return fault(0..start, Fault::Empty);
    }
    let tree = logical(input)?;
    if let Some(bracket) = rest(input).chars().next().filter(|c| CLOSING.contains(c)) {
        return fault(here(input)..here(input) + 1, Fault::NeverOpened { bracket });
    }
    if !rest(input).is_empty() {
        return operator::no_operator(input, |found| Fault::ExpectedConnective { found });
    }
    // The printer adds brackets for the reader, and what it prints must be readable again.
    if print::nesting(&tree) > MAX_NESTING {
        return fault(
            start..input.state.end,
            Fault::TooDeep { limit: MAX_NESTING },
        );
    }
    Ok(tree)
}

/// Terms joined by `and`, `xor` and `or`, which bind in this order
/// (<https://developers.cloudflare.com/ruleset-engine/rules-language/operators/#order-of-precedence>).
///
/// One loop for all three: a level of brackets has to cost little stack.
fn logical(input: &mut Input<'_>) -> Parsed<Expression> {
    let (mut or, mut xor, mut and) = (Vec::new(), Vec::new(), Vec::new());
    loop {
        and.push(term(input)?);
        let connective = opt(lexeme(operator::connective)).parse_next(input)?;
        if connective != Some(Connective::And) {
            xor.push(Expression::and(take(&mut and)));
            if connective != Some(Connective::Xor) {
                or.push(Expression::xor(take(&mut xor)));
            }
        }
        if connective.is_none() {
            return Ok(Expression::or(or));
        }
    }
}

fn term(input: &mut Input<'_>) -> Parsed<Expression> {
    let start = here(input);
    match lexeme(operator::opening).parse_next(input)? {
        Opening::Not => negated(input, start),
        Opening::Bracket => bracketed(input, start),
        Opening::Constant(value) => Ok(Expression::Constant(value)),
        Opening::Operand => test(input),
    }
}

/// What follows the `not` at `start`.
fn negated(input: &mut Input<'_>, start: usize) -> Parsed<Expression> {
    descend(input, start)?;
    let inner = term(input)?;
    input.state.depth -= 1;
    Ok(Expression::not(inner))
}

/// What follows the bracket at `start`, and its other half.
fn bracketed(input: &mut Input<'_>, start: usize) -> Parsed<Expression> {
    descend(input, start)?;
    let inner = logical(input)?;
    input.state.depth -= 1;
    close(input, start, '(', ')', |found| Fault::ExpectedClosing {
        found,
    })?;
    Ok(inner)
}

/// A comparison, or a boolean operand on its own.
fn test(input: &mut Input<'_>) -> Parsed<Expression> {
    let left = operand(input)?;
    match condition(input)? {
        Some(condition) => {
            let span = Span::new(left.span.range().start..input.state.end);
            Ok(Expression::Comparison(Comparison {
                left,
                condition,
                span,
            }))
        }
        None => Ok(Expression::Boolean(left)),
    }
}

/// The operator after an operand and its right-hand side, or `None` if the operand stands alone.
fn condition(input: &mut Input<'_>) -> Parsed<Option<Condition>> {
    if let Some(operator) = opt(lexeme(operator::comparison)).parse_next(input)? {
        return right_hand_side(input, operator).map(Some);
    }
    let ended =
        rest(input).is_empty() || rest(input).starts_with(CLOSING) || rest(input).starts_with(',');
    if !ended && opt(peek(operator::connective)).parse_next(input)?.is_none() {
        return operator::no_operator(input, |found| Fault::ExpectedOperator { found });
    }
    Ok(None)
}

fn right_hand_side(input: &mut Input<'_>, operator: Operator) -> Parsed<Condition> {
    let word = operator.word();
    Ok(match operator {
        Operator::Relation(relation) => Condition::Relation {
            relation,
            value: literal(input, word)?,
        },
        Operator::Contains => Condition::Contains(literal::text(input, word)?),
        Operator::Matches => Condition::Matches(literal::pattern(input)?),
        Operator::Wildcard { strict } => Condition::Wildcard {
            pattern: literal::wildcard(input, word)?,
            strict,
        },
        Operator::In if rest(input).starts_with('$') => Condition::InList(literal::list(input)?),
        Operator::In => Condition::OneOf(literal::set(input)?),
    })
}

/// Reads the closing bracket that belongs to the one at `opening`.
fn close(
    input: &mut Input<'_>,
    opening: usize,
    open: char,
    closing: char,
    expected: fn(Found) -> Fault,
) -> Parsed<()> {
    if opt(lexeme(closing)).parse_next(input)?.is_some() {
        Ok(())
    } else if rest(input).is_empty() {
        fault(opening..opening + 1, Fault::NeverClosed { bracket: open })
    } else if open == '(' {
        operator::no_operator(input, expected)
    } else {
        operator::unexpected(input, expected)
    }
}

/// Goes one level deeper; `start` is what to point at if that is too deep.
fn descend(input: &mut Input<'_>, start: usize) -> Parsed<()> {
    if input.state.depth == MAX_NESTING {
        return fault(
            start..input.state.end,
            Fault::TooDeep { limit: MAX_NESTING },
        );
    }
    input.state.depth += 1;
    Ok(())
}
