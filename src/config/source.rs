//! The text of the file and places in it. Private keys are blanked out before anything else looks.

use std::ops::Range;
use std::path::Path;
use std::path::PathBuf;

use serde_yaml::Location;
use serde_yaml::Spanned;

/// A file as it was read: what problems point into.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    path: PathBuf,
    text: String,
    keys: Vec<Span>,
}

/// A place in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span {
    /// First byte, from 0.
    pub start: usize,
    /// The byte behind the last; equal to `start` where there is nothing to underline.
    pub end: usize,
    /// Counted from 1.
    pub line: usize,
    /// In characters, counted from 1.
    pub column: usize,
}

/// A value, and where in the file it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Located<T> {
    /// The value.
    pub value: T,
    /// Its place; for an alias, the place where it is used.
    pub at: Span,
}

impl Source {
    /// Takes a file's text, without its byte order mark and with private keys blanked out.
    #[must_use]
    pub fn new(path: &Path, text: &str) -> Self {
        let (text, keys) = blank_keys(text.strip_prefix('\u{feff}').unwrap_or(text));
        let keys = spans_of(&text, keys);
        Self {
            path: path.to_owned(),
            text,
            keys,
        }
    }

    /// Where the file is, as the caller named it.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What the file says; the inside of private keys reads `xxx`.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The opening lines of private keys that stand in the file.
    pub(super) fn keys(&self) -> &[Span] {
        &self.keys
    }

    /// The line that holds the start of `span`, and where in the text it begins.
    #[must_use]
    pub fn line(&self, span: Span) -> (usize, &str) {
        let at = floor(&self.text, span.start);
        let begin = self.text[..at].rfind('\n').map_or(0, |newline| newline + 1);
        let end = self.text[at..]
            .find('\n')
            .map_or(self.text.len(), |newline| at + newline);
        (begin, self.text[begin..end].trim_end_matches('\r'))
    }

    /// The place of a part of a text that stands in the file; the place of the whole text where the file
    /// spells it otherwise, with escapes or over several lines.
    #[must_use]
    pub(crate) fn within(&self, text: &Located<String>, part: Range<usize>) -> Span {
        let written = self
            .text
            .get(text.at.start..text.at.end)
            .unwrap_or_default();
        match written.find(&text.value) {
            Some(offset) => {
                let start = text.at.start + offset;
                let range = start + part.start..start + part.end;
                spans_of(&self.text, vec![range]).pop().unwrap_or(text.at)
            }
            None => text.at,
        }
    }

    /// The place that the YAML parser names; it knows no bytes where the syntax is broken.
    pub(super) fn span(&self, location: Location) -> Span {
        if location.span().byte_offset().is_some() {
            return Span::from(location);
        }
        let line = usize::try_from(location.line()).unwrap_or(1).max(1);
        let column = usize::try_from(location.column()).unwrap_or(1).max(1);
        let begin: usize = self
            .text
            .split_inclusive('\n')
            .take(line - 1)
            .map(str::len)
            .sum();
        let start = self.text[begin..]
            .char_indices()
            .nth(column - 1)
            .map_or(self.text.len(), |(offset, _)| begin + offset);
        Span {
            start,
            end: start,
            line,
            column,
        }
    }
}

impl Span {
    /// The place behind the last character.
    pub(super) fn at_end(text: &str) -> Self {
        let begin = text.rfind('\n').map_or(0, |newline| newline + 1);
        Self {
            start: text.len(),
            end: text.len(),
            line: text.matches('\n').count() + 1,
            column: text[begin..].chars().count() + 1,
        }
    }
}

impl From<Location> for Span {
    fn from(location: Location) -> Self {
        let number = |value: u64| usize::try_from(value).unwrap_or(0);
        let start = number(location.span().byte_offset().unwrap_or(0));
        Self {
            start,
            end: start + number(location.span().byte_len().unwrap_or(0)),
            line: number(location.line()),
            column: number(location.column()),
        }
    }
}

impl<T> Located<T> {
    pub(super) fn new(value: T, at: Span) -> Self {
        Self { value, at }
    }
}

/// Where a value of the document stands.
pub(super) fn place<T>(spanned: &Spanned<T>) -> Span {
    Span::from(spanned.referenced)
}

/// Replaces the inside of every private key by `x`, byte for byte, so that no message, however it came
/// about, can show it; gives the places of the opening lines. White space and the `#` of comments stay.
pub(super) fn blank_keys(text: &str) -> (String, Vec<Range<usize>>) {
    const OPENING: &str = "-----BEGIN ";
    const WORDS: &str = "PRIVATE KEY";
    let mut blanked = String::with_capacity(text.len());
    let mut keys = Vec::new();
    let mut done = 0;
    while let Some(found) = text[done..].find(OPENING) {
        let opening = done + found;
        let after = opening + OPENING.len();
        let Some(words) = find_near(&text[after..], WORDS) else {
            blanked.push_str(&text[done..after]);
            done = after;
            continue;
        };
        let mut body = after + words + WORDS.len();
        if let Some(rest) = text[body..].strip_prefix("-----") {
            body = text.len() - rest.len();
        }
        let end = text[body..]
            .find("-----END")
            .map_or(text.len(), |end| body + end);
        blanked.push_str(&text[done..body]);
        blanked.extend(text[body..end].bytes().map(|byte| match byte {
            b'\n' | b'\r' | b' ' | b'\t' | b'#' => char::from(byte),
            _ => 'x',
        }));
        keys.push(opening..body);
        done = end;
    }
    blanked.push_str(&text[done..]);
    (blanked, keys)
}

/// Where the words stand on the same line, if not far off: the label of a PEM block is short.
fn find_near(text: &str, words: &str) -> Option<usize> {
    const FAR: usize = 64;
    let near = &text[..floor(text, FAR)];
    near.lines().next()?.find(words)
}

/// Places of ranges that are in order; counts each line and column once.
fn spans_of(text: &str, ranges: Vec<Range<usize>>) -> Vec<Span> {
    let (mut line, mut column, mut seen) = (1, 1, 0);
    let place = |range: Range<usize>| {
        for character in text[seen..range.start].chars() {
            (line, column) = match character {
                '\n' => (line + 1, 1),
                _ => (line, column + 1),
            };
        }
        seen = range.start;
        Span {
            start: range.start,
            end: range.end,
            line,
            column,
        }
    };
    ranges.into_iter().map(place).collect()
}

/// The nearest border of a character at or before `at`.
fn floor(text: &str, at: usize) -> usize {
    let at = at.min(text.len());
    (0..=at)
        .rev()
        .find(|at| text.is_char_boundary(*at))
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::Source;
    use super::blank_keys;

    #[test]
    fn the_inside_of_a_private_key_is_gone_and_every_byte_keeps_its_place() {
        for text in [
            "a: |\n  -----BEGIN PRIVATE KEY-----\n  S3CRET\n  -----END PRIVATE KEY-----\nb: 1\n",
            "a: \"-----BEGIN RSA PRIVATE KEY-----\\nS3CRET\\n-----END RSA PRIVATE KEY-----\\n\"\n",
            "a: -----BEGIN ENCRYPTED PRIVATE KEY----- S3CRET",
            "-----BEGIN PRIVATE KEY S3CRET",
            "# -----BEGIN OPENSSH PRIVATE KEY-----\n# S3CRETä\n",
            "-----BEGIN CERTIFICATE-----\n-----BEGIN EC PRIVATE KEY-----\nS3CRET\n",
        ] {
            let (blanked, keys) = blank_keys(text);
            assert!(!blanked.contains("S3CRET"), "{blanked}");
            assert_eq!(blanked.len(), text.len());
            assert_eq!(keys.len(), 1, "{text}");
            assert!(blanked[keys[0].clone()].starts_with("-----BEGIN "));
        }
        let harmless = "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n";
        assert_eq!(blank_keys(harmless), (harmless.to_owned(), Vec::new()));
    }

    #[test]
    fn a_key_is_found_by_line_and_column() {
        let source = Source::new(
            Path::new("a"),
            "\u{feff}ä: 1\nk: -----BEGIN PRIVATE KEY-----\n",
        );
        let key = source.keys()[0];
        assert_eq!((key.line, key.column), (2, 4));
        assert_eq!(source.line(key), (6, "k: -----BEGIN PRIVATE KEY-----"));
    }
}
