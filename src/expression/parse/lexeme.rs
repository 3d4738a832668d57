//! The stream of characters, blanks, tokens and names.

use std::ops::Range;

use winnow::LocatingSlice;
use winnow::ModalResult;
use winnow::Parser;
use winnow::ascii::multispace1;
use winnow::combinator::alt;
use winnow::combinator::repeat;
use winnow::error::ErrMode;
use winnow::error::ParserError;
use winnow::stream::Location;
use winnow::stream::Stateful;
use winnow::token::take_while;

use super::literal::looks_literal;
use super::operator;
use crate::expression::fault::Fault;
use crate::expression::fault::SyntaxError;
use crate::expression::found::Found;
use crate::expression::found::shown;
use crate::expression::value::Name;

pub(super) type Input<'i> = Stateful<LocatingSlice<&'i str>, State>;
pub(super) type Parsed<T> = ModalResult<T, SyntaxError>;

/// What the grammar has to remember besides its position.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct State {
    /// How many brackets, `not` and calls are open.
    pub(super) depth: usize,
    /// Where the last token ended, before the blanks after it.
    pub(super) end: usize,
    /// Whether `[*]` may be used.
    pub(super) place: Place,
}

/// Where in a call something stands; only a first argument may unpack an array
/// (<https://developers.cloudflare.com/ruleset-engine/rules-language/values/#notes>).
#[derive(Clone, Copy, Debug, Default)]
pub(super) enum Place {
    #[default]
    Outside,
    FirstArgument,
    LaterArgument,
}

pub(super) fn input(text: &str) -> Input<'_> {
    Input {
        input: LocatingSlice::new(text),
        state: State::default(),
    }
}

/// The text not read yet.
pub(super) fn rest<'i>(input: &Input<'i>) -> &'i str {
    input.input.as_ref()
}

/// How many bytes have been read.
pub(super) fn here(input: &Input<'_>) -> usize {
    input.current_token_start()
}

/// Ends the parsing.
pub(super) fn fault<T>(at: Range<usize>, fault: Fault) -> Parsed<T> {
    Err(ErrMode::Cut(SyntaxError { at, fault }))
}

/// A token and the blanks after it.
pub(super) fn lexeme<'i, O>(
    mut token: impl Parser<Input<'i>, O, ErrMode<SyntaxError>>,
) -> impl Parser<Input<'i>, O, ErrMode<SyntaxError>> {
    move |input: &mut Input<'i>| {
        let value = token.parse_next(input)?;
        input.state.end = here(input);
        blank(input)?;
        Ok(value)
    }
}

/// White space and comments.
pub(super) fn blank(input: &mut Input<'_>) -> Parsed<()> {
    let comment = ('#', take_while(0.., |c| c != '\n')).void();
    repeat(0.., alt((multispace1.void(), comment))).parse_next(input)
}

/// A word of letters, digits and `_`.
pub(super) fn word<'i>(input: &mut Input<'i>) -> Parsed<&'i str> {
    take_while(1.., is_word).parse_next(input)
}

pub(super) fn is_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '_'
}

/// The name of a field or function.
pub(super) fn name(input: &mut Input<'_>) -> Parsed<Name> {
    let start = here(input);
    let end = rest(input)
        .find(|c| !is_word(c) && c != '.')
        .unwrap_or(rest(input).len());
    let (text, _) = rest(input).split_at(end);
    if looks_literal(rest(input)) {
        return operator::unexpected(input, |_| Fault::LiteralOnLeft);
    }
    if text.is_empty() || operator::is_operator(text) {
        return operator::unexpected(input, |found| Fault::ExpectedTerm { found });
    }
    let wrong = if text.split('.').any(str::is_empty) {
        Some(Fault::BadName { text: shown(text) })
    } else if text.starts_with("not") {
        Some(Fault::NoSpaceAfterNot)
    } else {
        operator::in_upper_case(text)
    };
    if let Some(wrong) = wrong {
        return fault(start..start + end, wrong);
    }
    lexeme(text).parse_next(input)?;
    Ok(Name::new(text))
}

impl ParserError<Input<'_>> for SyntaxError {
    type Inner = Self;

    fn from_input(input: &Input<'_>) -> Self {
        let found = Found::first_of(rest(input));
        let start = here(input);
        Self {
            at: start..start + found.text().len(),
            fault: Fault::ExpectedTerm { found },
        }
    }

    fn into_inner(self) -> Result<Self::Inner, Self> {
        Ok(self)
    }
}
