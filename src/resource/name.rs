//! The names that a desired-state file gives to things: CAs, groups, rules and the owner.

use std::fmt;

/// A short name: `[a-z0-9][a-z0-9-]{0,62}`.
///
/// It has no dot, so that it never looks like a host, and no slash, `@` or bracket, so that it can
/// stand inside a mark.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name(String);

/// Why a text is no [`Name`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidName {
    /// No character at all.
    #[error("a name must not be empty")]
    Empty,
    /// More than 63 characters.
    #[error("`{text}` has {length} characters; a name has at most 63")]
    TooLong {
        /// The text as given.
        text: String,
        /// How long it is.
        length: usize,
    },
    /// A character that no name may have, or a hyphen in front.
    #[error(
        "`{text}` is no name: lower-case letters, digits and hyphens, starting with a letter or digit"
    )]
    Character {
        /// The text as given.
        text: String,
    },
}

impl Name {
    /// Checks the form and keeps the text.
    ///
    /// # Errors
    /// [`InvalidName`] says what is wrong with it.
    pub fn parse(text: &str) -> Result<Self, InvalidName> {
        if text.is_empty() {
            return Err(InvalidName::Empty);
        }
        let allowed = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        if text.starts_with('-') || !text.bytes().all(allowed) {
            return Err(InvalidName::Character {
                text: text.to_owned(),
            });
        }
        if text.len() > 63 {
            return Err(InvalidName::TooLong {
                text: text.to_owned(),
                length: text.len(),
            });
        }
        Ok(Self(text.to_owned()))
    }

    /// The name as written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::Name;

    #[test]
    fn a_name_never_looks_like_a_host_or_breaks_a_mark() {
        assert!(Name::parse("fleet-2026").is_ok());
        for bad in [
            "",
            "-a",
            "Fleet",
            "a.b",
            "a/b",
            "a@b",
            "a]",
            "ä",
            &"x".repeat(64),
        ] {
            assert!(Name::parse(bad).is_err(), "{bad}");
        }
    }
}
