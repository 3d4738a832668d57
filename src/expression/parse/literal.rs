//! What stands on the right of an operator: literals, patterns, sets and lists.

use std::mem::discriminant;

use winnow::Parser;
use winnow::combinator::opt;

use super::lexeme::Input;
use super::lexeme::Parsed;
use super::lexeme::fault;
use super::lexeme::here;
use super::lexeme::is_word;
use super::lexeme::lexeme;
use super::lexeme::rest;
use super::number;
use super::operator;
use super::string;
use crate::expression::fault::Fault;
use crate::expression::found::shown;
use crate::expression::scan;
use crate::expression::value::Literal;
use crate::expression::value::Member;
use crate::expression::value::Name;
use crate::expression::value::Text;

/// Whether `rest` starts with a literal rather than with a field or a call.
pub(super) fn looks_literal(rest: &str) -> bool {
    rest.starts_with('"') || scan::raw(rest).is_some() || number::looks_like_one(rest)
}

/// A string, an integer or an address after `operator`.
pub(super) fn literal(input: &mut Input<'_>, operator: &'static str) -> Parsed<Literal> {
    if let Some(text) = string::basic(input)? {
        return Ok(Literal::Text(text));
    }
    if !number::looks_like_one(rest(input)) {
        return no_value(input, operator);
    }
    let start = here(input);
    let chunk = lexeme(number::chunk).parse_next(input)?;
    match number::member(chunk, start)? {
        _ if chunk.contains("..") || chunk.contains('/') => {
            let what = Fault::RangeOutsideSet { text: shown(chunk) };
            fault(start..start + chunk.len(), what)
        }
        Member::Integers { first, .. } => Ok(Literal::Integer(first)),
        Member::Addresses(addresses) => Ok(Literal::Address(addresses.first())),
        Member::Text(text) => Ok(Literal::Text(text)),
    }
}

/// A string after `operator`, which takes nothing else.
pub(super) fn text(input: &mut Input<'_>, operator: &'static str) -> Parsed<Text> {
    match string::basic(input)? {
        Some(text) => Ok(text),
        None => no_text(input, operator),
    }
}

/// A wildcard pattern
/// (<https://developers.cloudflare.com/ruleset-engine/rules-language/operators/#wildcard-matching>).
pub(super) fn wildcard(input: &mut Input<'_>, operator: &'static str) -> Parsed<Text> {
    let start = here(input);
    let pattern = text(input, operator)?;
    let mut bytes = pattern.as_bytes().iter().peekable();
    while let Some(byte) = bytes.next() {
        let wrong = match byte {
            b'*' if bytes.peek() == Some(&&b'*') => Some(Fault::DoubleStar),
            b'\\' if !matches!(bytes.next(), Some(b'*' | b'\\')) => Some(Fault::BadWildcardEscape),
            _ => None,
        };
        if let Some(wrong) = wrong {
            return fault(start..input.state.end, wrong);
        }
    }
    Ok(pattern)
}

/// The regular expression after `matches`, as Rust's engine is given it.
pub(super) fn pattern(input: &mut Input<'_>) -> Parsed<String> {
    match string::regex(input)? {
        Some(pattern) => Ok(pattern),
        None => no_text(input, "matches"),
    }
}

/// The members between braces.
pub(super) fn set(input: &mut Input<'_>) -> Parsed<Vec<Member>> {
    let opening = here(input);
    if opt(lexeme('{')).parse_next(input)?.is_none() {
        return operator::unexpected(input, |found| Fault::ExpectedSet { found });
    }
    let mut members: Vec<Member> = Vec::new();
    while opt(lexeme('}')).parse_next(input)?.is_none() {
        if rest(input).is_empty() {
            return fault(opening..opening + 1, Fault::NeverClosed { bracket: '{' });
        }
        let start = here(input);
        let member = member(input)?;
        if members
            .first()
            .is_some_and(|first| discriminant(first) != discriminant(&member))
        {
            return fault(start..input.state.end, Fault::MixedSet);
        }
        members.push(member);
    }
    Ok(members)
}

fn member(input: &mut Input<'_>) -> Parsed<Member> {
    if let Some(text) = string::basic(input)? {
        return Ok(Member::Text(text));
    }
    let start = here(input);
    if number::looks_like_one(rest(input)) {
        let chunk = lexeme(number::chunk).parse_next(input)?;
        return number::member(chunk, start);
    }
    if rest(input).starts_with(',') {
        return fault(start..start + 1, Fault::CommaInSet);
    }
    match unquoted(input) {
        Some(wrong) => wrong,
        None => operator::unexpected(input, |found| Fault::ExpectedMember { found }),
    }
}

/// The name of a list, after its `$`
/// (<https://developers.cloudflare.com/ruleset-engine/rules-language/values/#lists>; managed lists
/// have dots).
pub(super) fn list(input: &mut Input<'_>) -> Parsed<Name> {
    let start = here(input);
    let text = rest(input).strip_prefix('$').unwrap_or_default();
    let end = text
        .find(|c| !(is_word(c) || c == '.' || c == '-'))
        .unwrap_or(text.len());
    let (name, _) = text.split_at(end);
    lexeme(('$', name)).parse_next(input)?;
    let known = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_' || c == '.';
    if name.is_empty() || name.starts_with('.') || name.ends_with('.') || !name.chars().all(known) {
        return fault(start..input.state.end, Fault::BadListName);
    }
    Ok(Name::new(name))
}

/// Refuses what stands where a string should be.
fn no_text<T>(input: &Input<'_>, operator: &'static str) -> Parsed<T> {
    if looks_literal(rest(input)) {
        operator::unexpected(input, |found| Fault::ExpectedText { operator, found })
    } else {
        no_value(input, operator)
    }
}

/// Refuses what stands where a literal should be.
fn no_value<T>(input: &Input<'_>, operator: &'static str) -> Parsed<T> {
    let start = here(input);
    let word = word_or_name(rest(input));
    if word == "true" || word == "false" {
        return fault(start..start + word.len(), Fault::BooleanValue { operator });
    }
    match unquoted(input) {
        Some(wrong) => wrong,
        None => operator::unexpected(input, |found| Fault::ExpectedValue { operator, found }),
    }
}

/// The fault of a string in the wrong quotes, or in none.
fn unquoted<T>(input: &Input<'_>) -> Option<Parsed<T>> {
    let start = here(input);
    if rest(input).starts_with('\'') {
        return Some(fault(start..start + 1, Fault::SingleQuotes));
    }
    let word = word_or_name(rest(input));
    let at = start..start + word.len();
    (!word.is_empty() && !operator::is_operator(word))
        .then(|| fault(at, Fault::Unquoted { word: shown(word) }))
}

/// What looks like a word, a field or a host name.
fn word_or_name(rest: &str) -> &str {
    let end = rest
        .find(|c| !(is_word(c) || c == '.' || c == '-'))
        .unwrap_or(rest.len());
    rest.get(..end).unwrap_or_default()
}
