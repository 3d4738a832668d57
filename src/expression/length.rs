//! How long Cloudflare takes an expression to be.

use super::scan;
use super::scan::Quoting;

/// The number of characters that Cloudflare's limit of 4,096 counts: every run of white space
/// between tokens is one character, and white space at the ends is none.
///
/// Works on any text, also one that does not parse. The contents of strings count as they are, and
/// so do comments, since nothing says that Cloudflare leaves them out. Source: API reference,
/// section 3.6
/// (<https://developers.cloudflare.com/ruleset-engine/rules-language/expressions/#maximum-rule-expression-length>).
#[must_use]
pub fn normalised_length(text: &str) -> usize {
    let mut count = 0;
    let mut left = text.trim();
    // The word or symbol before a string decides how the string is quoted.
    let mut quoting = Quoting::Basic;
    while let Some(first) = left.chars().next() {
        let length = token_length(left, quoting);
        let (token, after) = left.split_at(length);
        quoting = match token {
            "matches" | "~" => Quoting::Regex,
            _ if first.is_whitespace() || first == '#' => quoting,
            _ => Quoting::Basic,
        };
        count += if first.is_whitespace() {
            1
        } else {
            token.chars().count()
        };
        left = after;
    }
    count
}

/// The length in bytes of the run of blanks, comment, string, word or other character at the start
/// of `text`, which is not empty.
fn token_length(text: &str, quoting: Quoting) -> usize {
    let up_to = |end: Option<usize>| end.unwrap_or(text.len());
    if let Some(literal) = scan::raw(text) {
        return up_to(literal.length());
    }
    match text.chars().next() {
        Some('"') => up_to(scan::quoted(text, quoting).map(|content| content.len() + 2)),
        Some('#') => up_to(text.find('\n')),
        Some(c) if c.is_whitespace() => up_to(text.find(|c: char| !c.is_whitespace())),
        Some(c) if is_name(c) => up_to(text.find(|c| !is_name(c))),
        other => other.map_or(0, char::len_utf8),
    }
}

fn is_name(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == '.'
}
