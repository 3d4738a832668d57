//! Strings: quoted, raw, and quoted with a regular expression inside.

use winnow::Parser;

use super::lexeme::Input;
use super::lexeme::Parsed;
use super::lexeme::fault;
use super::lexeme::here;
use super::lexeme::lexeme;
use super::lexeme::rest;
use crate::expression::fault::Fault;
use crate::expression::scan;
use crate::expression::scan::Quoting;
use crate::expression::value::Text;

/// How many `#` Cloudflare reads on one side of a raw string
/// (<https://developers.cloudflare.com/ruleset-engine/rules-language/values/#raw-string-syntax>).
const MAX_HASHES: usize = 255;

/// A string with the escapes that all operators but `matches` have, or `None` if none starts here.
pub(super) fn basic(input: &mut Input<'_>) -> Parsed<Option<Text>> {
    if let Some(content) = raw(input)? {
        return Ok(Some(Text::from(content)));
    }
    let start = here(input) + "\"".len();
    match quoted(input, Quoting::Basic)? {
        None => Ok(None),
        Some(content) => unescaped(content, start).map(Some),
    }
}

/// A string that holds a regular expression, or `None` if none starts here.
pub(super) fn regex(input: &mut Input<'_>) -> Parsed<Option<String>> {
    if let Some(content) = raw(input)? {
        return Ok(Some(content.to_owned()));
    }
    let start = here(input);
    let Some(content) = quoted(input, Quoting::Regex)? else {
        return Ok(None);
    };
    let pattern = without_quoting(content);
    // The printer writes it as a raw string, which has to be readable again.
    if scan::hashes_around(&pattern) > MAX_HASHES {
        return fault(
            start..input.state.end,
            Fault::TooManyHashes { limit: MAX_HASHES },
        );
    }
    Ok(Some(pattern))
}

/// The content of a raw string, or `None` if none starts here.
fn raw<'i>(input: &mut Input<'i>) -> Parsed<Option<&'i str>> {
    let start = here(input);
    let Some(literal) = scan::raw(rest(input)) else {
        return Ok(None);
    };
    let opening = start..start + literal.opening();
    if literal.hashes > MAX_HASHES {
        return fault(opening, Fault::TooManyHashes { limit: MAX_HASHES });
    }
    let (Some(content), Some(length)) = (literal.content, literal.length()) else {
        return fault(opening, Fault::StringNeverClosed);
    };
    lexeme(rest(input).get(..length).unwrap_or_default()).parse_next(input)?;
    Ok(Some(content))
}

/// The content of a quoted string, escapes and all, or `None` if none starts here.
fn quoted<'i>(input: &mut Input<'i>, quoting: Quoting) -> Parsed<Option<&'i str>> {
    let start = here(input);
    if !rest(input).starts_with('"') {
        return Ok(None);
    }
    let Some(content) = scan::quoted(rest(input), quoting) else {
        return fault(start..start + 1, Fault::StringNeverClosed);
    };
    lexeme(('"', content, '"')).parse_next(input)?;
    Ok(Some(content))
}

/// Resolves the escapes of a quoted string whose content starts at `start`.
fn unescaped(content: &str, start: usize) -> Parsed<Text> {
    let mut bytes = Vec::with_capacity(content.len());
    let mut left = content;
    while let Some((plain, escape)) = left.split_once('\\') {
        bytes.extend_from_slice(plain.as_bytes());
        let digits = |range, radix| {
            let digits: &str = escape.get(range)?;
            let all_digits = digits.chars().all(|c| c.is_digit(radix));
            all_digits
                .then(|| u8::from_str_radix(digits, radix).ok())
                .flatten()
        };
        let (byte, length) = match escape.as_bytes().first() {
            Some(byte @ (b'"' | b'\\')) => (Some(*byte), 1),
            Some(b'x') => (digits(1..3, 16), 3),
            Some(b'0'..=b'7') => (digits(0..3, 8), 3),
            _ => (None, 0),
        };
        let Some(byte) = byte else {
            let at = start + content.len() - escape.len() - "\\".len();
            let end = at + "\\".len() + escape.chars().next().map_or(0, char::len_utf8);
            return fault(at..end, Fault::BadEscape);
        };
        bytes.push(byte);
        left = escape.get(length..).unwrap_or_default();
    }
    bytes.extend_from_slice(left.as_bytes());
    Ok(Text::from(bytes))
}

/// The regular expression in a quoted string: only `\"` outside a character class is an escape of
/// the string.
fn without_quoting(content: &str) -> String {
    let mut pattern = String::with_capacity(content.len());
    let mut in_class = false;
    let mut characters = content.chars();
    while let Some(character) = characters.next() {
        match (character, characters.clone().next()) {
            ('\\', Some('"')) if !in_class => {}
            ('\\', Some(escaped)) => {
                pattern.extend(['\\', escaped]);
                characters.next();
            }
            _ => {
                in_class = character == '[' || (in_class && character != ']');
                pattern.push(character);
            }
        }
    }
    pattern
}
