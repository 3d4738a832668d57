//! Seals: how a rule tells whether somebody changed it since it was written.
//!
//! A description that says `…; written as 1a2b3c4d` carries a digest of what the rule was. What goes into the
//! digest is not known here.

use std::fmt;

/// How a seal begins, behind whatever a description says first.
const BEGINS: &str = "; written as ";

/// How many hexadecimal digits it has.
const DIGITS: usize = 8;

/// The digest of what a rule was when it was written: 8 lower-case hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Seal(String);

impl Seal {
    /// The seal with this digest; `None` if it has another form.
    #[must_use]
    pub fn parse(digest: &str) -> Option<Self> {
        let is_hex = |b: u8| matches!(b, b'0'..=b'9' | b'a'..=b'f');
        let is_digest = digest.len() == DIGITS && digest.bytes().all(is_hex);
        is_digest.then(|| Self(digest.to_owned()))
    }

    /// The seal that a description carries.
    #[must_use]
    pub fn of(description: &str) -> Option<Self> {
        find(description).map(|(_, seal, _)| seal)
    }

    /// A description without its seal.
    #[must_use]
    pub fn cut(description: &str) -> String {
        match find(description) {
            Some((before, _, after)) => format!("{before}{after}"),
            None => description.to_owned(),
        }
    }

    /// A description with this seal in the place of the one it has; one without any stays as it is.
    #[must_use]
    pub fn renew(&self, description: &str) -> String {
        match find(description) {
            Some((before, _, after)) => format!("{before}{self}{after}"),
            None => description.to_owned(),
        }
    }
}

impl fmt::Display for Seal {
    /// As it stands behind what a description says first.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{BEGINS}{}", self.0)
    }
}

/// The last seal of a description, with what stands before and behind it.
fn find(description: &str) -> Option<(&str, Seal, &str)> {
    let (before, rest) = description.rsplit_once(BEGINS)?;
    let (digest, after) = rest.split_at_checked(DIGITS)?;
    let is_whole = after.is_empty() || after.starts_with([';', ' ']);
    let seal = Seal::parse(digest).filter(|_| is_whole)?;
    Some((before, seal, after))
}

#[cfg(test)]
mod tests {
    use super::Seal;

    #[test]
    fn a_seal_is_found_renewed_and_cut_wherever_it_stands() {
        let other = Seal::parse("00000000").unwrap();
        for (before, after) in [
            ("r: managed", ""),
            ("r: managed", "; fleet@22b0e131 since 2026-11-23"),
            ("r: managed", " [a/b/1]"),
            ("ö; written as it was", "; x since 2026-11-23 [a/b/1]"),
        ] {
            let described = format!("{before}; written as 1a2b3c4d{after}");
            let seal = Seal::of(&described).unwrap();
            assert_eq!(seal.to_string(), "; written as 1a2b3c4d");
            assert_eq!(Seal::cut(&described), format!("{before}{after}"));
            let renewed = format!("{before}; written as 00000000{after}");
            assert_eq!(other.renew(&described), renewed);
        }
    }

    #[test]
    fn what_merely_looks_like_a_seal_is_none() {
        for text in [
            "",
            "written as 1a2b3c4d",
            "r; written as 1a2b3c4",
            "r; written as 1A2B3C4D",
            "r; written as 1a2b3c4d5",
            "r; written as 1a2b3cö",
        ] {
            assert_eq!(Seal::of(text), None, "{text}");
            assert_eq!(Seal::cut(text), text);
            assert_eq!(Seal::parse("1a2b3c4d").unwrap().renew(text), text);
        }
    }
}
