//! The one place where the expression of a rule is judged: length, brackets, quotes. Stores it with
//! plain white space.

use std::iter::Peekable;
use std::str::CharIndices;

use http::StatusCode;

use crate::sandbox::envelope::Refusal;

/// Longest expression in characters, after normalisation (API reference, section 3.6).
const LONGEST: usize = 4096;

/// The expression as it is stored: runs of white space outside quotes become one space, so that a
/// client that compares text sees a difference at once.
pub(crate) fn accept(text: &str) -> Result<String, Refusal> {
    let normalised = normalise(text).map_err(Refusal::invalid)?;
    let size = normalised.chars().count();
    match size {
        0 => Err(Refusal::invalid("expression must not be empty")),
        1..=LONGEST => Ok(normalised),
        _ => Err(Refusal::new(
            StatusCode::BAD_REQUEST,
            20127,
            format!("expression size {size} exceeded maximum {LONGEST}"),
        )),
    }
}

fn normalise(text: &str) -> Result<String, String> {
    let mut out = String::with_capacity(text.len());
    let mut open: Vec<(char, usize)> = Vec::new();
    let mut space = false;
    let mut characters = text.char_indices().peekable();
    while let Some((at, character)) = characters.next() {
        if character.is_whitespace() {
            space = true;
            continue;
        }
        if space && !out.is_empty() {
            out.push(' ');
        }
        space = false;
        match character {
            '"' => {
                let end = quoted_end(&mut characters).ok_or_else(|| unclosed("quote", text, at))?;
                out.push_str(&text[at..end]);
            }
            'r' if !out.ends_with(is_word) && raw_hashes(&text[at + 1..]).is_some() => {
                let end = raw_end(text, at).ok_or_else(|| unclosed("raw string", text, at))?;
                out.push_str(&text[at..end]);
                while characters.next_if(|(next, _)| *next < end).is_some() {}
            }
            '(' | '{' | '[' => {
                open.push((character, at));
                out.push(character);
            }
            ')' | '}' | ']' => {
                match open.pop() {
                    Some((opened, _)) if closing(opened) == character => {}
                    Some((opened, since)) => {
                        let (since, at) = (column(text, since), column(text, at));
                        return Err(format!(
                            "expression: `{opened}` at column {since} is closed by `{character}` at column {at}"
                        ));
                    }
                    None => {
                        return Err(format!(
                            "expression: `{character}` at column {} closes nothing",
                            column(text, at)
                        ));
                    }
                }
                out.push(character);
            }
            _ => out.push(character),
        }
    }
    match open.pop() {
        Some((opened, at)) => Err(unclosed(&format!("`{opened}`"), text, at)),
        None => Ok(out),
    }
}

/// Where a quoted string ends, past the closing quote; the opening one has been taken.
fn quoted_end(characters: &mut Peekable<CharIndices<'_>>) -> Option<usize> {
    while let Some((at, character)) = characters.next() {
        match character {
            '\\' => {
                characters.next();
            }
            '"' => return Some(at + 1),
            _ => {}
        }
    }
    None
}

/// How many hashes stand between the `r` and the quote of a raw string.
fn raw_hashes(after_r: &str) -> Option<usize> {
    let hashes = after_r.bytes().take_while(|byte| *byte == b'#').count();
    after_r[hashes..].starts_with('"').then_some(hashes)
}

/// Where the raw string that starts with the `r` at `at` ends.
fn raw_end(text: &str, at: usize) -> Option<usize> {
    let hashes = raw_hashes(&text[at + 1..])?;
    let content = at + 1 + hashes + 1;
    let closing = format!("\"{}", "#".repeat(hashes));
    text[content..]
        .find(&closing)
        .map(|length| content + length + closing.len())
}

fn is_word(character: char) -> bool {
    character.is_alphanumeric() || character == '_'
}

fn closing(open: char) -> char {
    match open {
        '(' => ')',
        '{' => '}',
        _ => ']',
    }
}

fn unclosed(what: &str, text: &str, at: usize) -> String {
    format!("expression: unclosed {what} at column {}", column(text, at))
}

/// The 1-based column of a byte offset, in characters.
fn column(text: &str, at: usize) -> usize {
    text[..at].chars().count() + 1
}
