//! What stands in the text where something else was expected, short enough to be repeated in an
//! error.

use std::fmt;

use super::scan;
use super::scan::Quoting;

/// No more characters of what people wrote are repeated than this.
const SHOWN: usize = 40;

/// What is written, shortened.
pub(super) fn shown(text: &str) -> String {
    match text.char_indices().nth(SHOWN) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}…", text.split_at(end).0),
    }
}

/// The first word or symbol of what was found, shortened; nothing at the end of the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found(Option<String>);

impl Found {
    pub(super) fn first_of(rest: &str) -> Self {
        let number = rest.starts_with(|c: char| c.is_ascii_digit());
        let in_word = |c: char| {
            c.is_alphanumeric() || matches!(c, '_' | '.') || (number && matches!(c, ':' | '/'))
        };
        let word = rest.find(|c| !in_word(c)).unwrap_or(rest.len());
        let symbols = ["==", "!=", "<=", ">=", "&&", "||", "^^"];
        let length = if word > 0 {
            rest.char_indices()
                .nth(SHOWN)
                .map_or(word, |(shown, _)| word.min(shown))
        } else if symbols.into_iter().any(|symbol| rest.starts_with(symbol)) {
            2
        } else {
            let string = rest
                .starts_with('"')
                .then(|| scan::quoted(rest, Quoting::Basic));
            let short = string.flatten().filter(|content| content.len() < SHOWN);
            let first = rest.chars().next().map_or(0, char::len_utf8);
            short.map_or(first, |content| content.len() + 2)
        };
        Self(
            rest.get(..length)
                .filter(|text| !text.is_empty())
                .map(str::to_owned),
        )
    }

    /// What was found, empty at the end of the text.
    #[must_use]
    pub fn text(&self) -> &str {
        self.0.as_deref().unwrap_or_default()
    }
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            None => f.write_str("the end"),
            Some(text) if text.contains(char::is_control) => {
                write!(f, "`{}`", text.escape_default())
            }
            Some(text) => write!(f, "`{text}`"),
        }
    }
}
