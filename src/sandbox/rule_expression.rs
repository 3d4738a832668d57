//! The one place where the expression of a rule is judged: its length and its syntax. Stores it with
//! plain white space.

use http::StatusCode;

use crate::expression;
use crate::expression::SyntaxError;
use crate::sandbox::envelope::Refusal;

/// Longest expression in characters, after normalisation (API reference, section 3.6).
const LONGEST: usize = 4096;

/// The expression as it is stored: runs of white space outside strings become one space, so that a
/// client that compares text sees a difference at once.
pub(crate) fn accept(text: &str) -> Result<String, Refusal> {
    if text.trim().is_empty() {
        return Err(Refusal::invalid("expression must not be empty"));
    }
    let size = expression::normalised_length(text);
    if size > LONGEST {
        return Err(Refusal::new(
            StatusCode::BAD_REQUEST,
            20127,
            format!("expression size {size} exceeded maximum {LONGEST}"),
        ));
    }
    match expression::parse(text) {
        Ok(_) => Ok(normalise(text)),
        Err(error) => Err(Refusal::invalid(in_words(text, &error))),
    }
}

fn in_words(text: &str, error: &SyntaxError) -> String {
    let before = text.get(..error.at.start).unwrap_or_default();
    let column = before.chars().count() + 1;
    format!("expression, column {column}: {error}")
}

/// What an expression without fault is stored as. A comment keeps the line break that ends it.
fn normalise(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut left = text.trim();
    let mut is_after_comment = false;
    // Behind `matches` a string is a regular expression, in which other quotes end it.
    let mut is_pattern = false;
    while let Some(first) = left.chars().next() {
        let (piece, rest) = left.split_at(length(left, first, is_pattern));
        left = rest;
        if first.is_whitespace() {
            out.push(if is_after_comment { '\n' } else { ' ' });
            continue;
        }
        out.push_str(piece);
        is_after_comment = first == '#';
        if !is_after_comment {
            is_pattern = matches!(piece, "matches" | "~");
        }
    }
    out
}

/// The length in bytes of the white space, comment, string, word or symbol that `text` begins with.
fn length(text: &str, first: char, is_pattern: bool) -> usize {
    let end = match first {
        '#' => text.find('\n'),
        '"' => quoted_end(text, is_pattern),
        'r' if raw_end(text).is_some() => raw_end(text),
        _ if first.is_whitespace() => text.find(|c: char| !c.is_whitespace()),
        _ if is_word(first) => text.find(|c| !is_word(c)),
        _ => Some(first.len_utf8()),
    };
    end.unwrap_or(text.len())
}

/// Where the quoted string ends, past the closing quote. In a regular expression a quote inside a
/// character class is one of its characters.
fn quoted_end(text: &str, is_pattern: bool) -> Option<usize> {
    let mut in_class = false;
    let mut is_escaped = false;
    for (at, byte) in text.bytes().enumerate().skip(1) {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' => is_escaped = true,
            b'"' if !in_class => return Some(at + 1),
            b'[' => in_class = is_pattern,
            b']' => in_class = false,
            _ => {}
        }
    }
    None
}

/// Where the raw string ends; `None` if there is none at the beginning of `text`.
fn raw_end(text: &str) -> Option<usize> {
    let after_r = text.strip_prefix('r')?;
    let content = after_r.trim_start_matches('#').strip_prefix('"')?;
    let hashes = after_r.len() - content.len() - 1;
    let closing = format!("\"{}", "#".repeat(hashes));
    let end = content.find(&closing)?;
    Some(text.len() - content.len() + end + closing.len())
}

fn is_word(character: char) -> bool {
    character.is_alphanumeric() || character == '_' || character == '.'
}
