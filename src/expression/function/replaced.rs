//! Functions that replace what a pattern finds.

use std::fmt::Write;

use regex::bytes::Captures;

use super::MAX_RESULT;
use super::textual::bytes;
use crate::expression::pattern;
use crate::expression::request::Value;
use crate::expression::wildcard;
use crate::expression::wildcard::Piece;

/// How many groups a replacement can refer to.
const MAX_GROUPS: usize = 8;

/// The first match of a regular expression gives way to the replacement.
pub(super) fn regex_replace(arguments: &[&Value]) -> Option<Value> {
    let [
        Value::Text(text),
        Value::Text(expression),
        Value::Text(replacement),
    ] = arguments
    else {
        return None;
    };
    let regex = pattern::compile(std::str::from_utf8(expression.as_bytes()).ok()?)?;
    let text = text.as_bytes();
    let Some(found) = regex.captures(text) else {
        return Some(bytes(text.to_vec()));
    };
    let whole = found.get(0)?;
    let before = text.get(..whole.start())?;
    let after = text.get(whole.end()..)?;
    let between = expanded(replacement.as_bytes(), &found)?;
    Some(bytes([before, &between, after].concat()))
}

/// The replacement, if the whole string matches the wildcard pattern; each star takes as little as
/// it can. Letter case counts with the flag `s` only.
pub(super) fn wildcard_replace(arguments: &[&Value]) -> Option<Value> {
    let (text, pattern, replacement, strict) = match arguments {
        [
            Value::Text(text),
            Value::Text(pattern),
            Value::Text(replacement),
        ] => (text, pattern, replacement, false),
        [
            Value::Text(text),
            Value::Text(pattern),
            Value::Text(replacement),
            Value::Text(flags),
        ] => match flags.as_bytes() {
            b"" => (text, pattern, replacement, false),
            b"s" => (text, pattern, replacement, true),
            _ => return None,
        },
        _ => return None,
    };
    let mut expression = String::from(if strict { r"(?s)\A" } else { r"(?si)\A" });
    for piece in wildcard::pieces(pattern.as_bytes())? {
        match piece {
            Piece::Star => expression.push_str("(.*?)"),
            Piece::Byte(byte) => write!(expression, r"\x{byte:02x}").ok()?,
        }
    }
    expression.push_str(r"\z");
    let regex = pattern::compile(&expression)?;
    match regex.captures(text.as_bytes()) {
        None => Some(bytes(text.as_bytes().to_vec())),
        Some(found) => expanded(replacement.as_bytes(), &found).map(bytes),
    }
}

/// A replacement with `${1}` to `${8}` put in and `$$` made one; `None` if there is any other `$`,
/// or if it gets too long.
fn expanded(replacement: &[u8], found: &Captures<'_>) -> Option<Vec<u8>> {
    let mut expanded = Vec::with_capacity(replacement.len());
    let mut rest = replacement;
    while let [first, after @ ..] = rest {
        rest = match (first, after) {
            (b'$', [b'$', after @ ..]) => {
                expanded.push(b'$');
                after
            }
            (b'$', [b'{', digit @ b'1'..=b'9', b'}', after @ ..]) => {
                let group = usize::from(digit - b'0');
                if group > MAX_GROUPS || group >= found.len() {
                    return None;
                }
                if expanded.len() > MAX_RESULT {
                    return None;
                }
                expanded.extend_from_slice(found.get(group).map_or(&[], |one| one.as_bytes()));
                after
            }
            (b'$', _) => return None,
            (other, after) => {
                expanded.push(*other);
                after
            }
        };
    }
    Some(expanded)
}
