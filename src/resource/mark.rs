//! Marks: how an object in the account says which file it belongs to.
//!
//! There is no state file. A CA carries its mark in its name, a rule in its `ref` or, when it was taken
//! over from elsewhere, at the end of its description.

use std::fmt;

use crate::resource::Bundle;
use crate::resource::Name;

/// The mark of a CA: `<owner>/<name>@<first 8 hex of the SHA-256 over its sorted fingerprints>`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CaMark {
    /// The file's owner.
    pub owner: Name,
    /// The CA's name in the file.
    pub name: Name,
    /// The digest of its content, 8 lower-case hexadecimal digits.
    pub digest: String,
}

impl CaMark {
    /// The mark that a CA of this name and content carries.
    #[must_use]
    pub fn new(owner: &Name, name: &Name, bundle: &Bundle) -> Self {
        Self {
            owner: owner.clone(),
            name: name.clone(),
            digest: bundle.digest().to_owned(),
        }
    }

    /// Reads a mark from a certificate's name; `None` where there is none.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (path, digest) = text.split_once('@')?;
        let (owner, name) = path.split_once('/')?;
        let is_digest = digest.len() == 8
            && digest
                .bytes()
                .all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        is_digest.then_some(())?;
        Some(Self {
            owner: Name::parse(owner).ok()?,
            name: Name::parse(name).ok()?,
            digest: digest.to_owned(),
        })
    }
}

impl fmt::Display for CaMark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}@{}", self.owner, self.name, self.digest)
    }
}

/// The mark of a rule: `<owner>/<rule>/<n>`, where `n` counts the pieces of one rule in one zone from 1.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RuleMark {
    /// The file's owner.
    pub owner: Name,
    /// Which of its rules.
    pub rule: MarkedRule,
    /// Which piece of the rule this is.
    pub piece: u32,
}

/// Which of an owner's rules a mark names.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum MarkedRule {
    /// The one of this name in the file.
    Declared(Name),
    /// The temporary one that a plan may need while it runs.
    Bridge,
}

/// No name in a file has a tilde.
const BRIDGE: &str = "~bridge";

impl MarkedRule {
    fn parse(text: &str) -> Option<Self> {
        match text {
            BRIDGE => Some(Self::Bridge),
            name => Name::parse(name).ok().map(Self::Declared),
        }
    }
}

impl fmt::Display for MarkedRule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Declared(name) => name.fmt(f),
            Self::Bridge => f.write_str(BRIDGE),
        }
    }
}

impl RuleMark {
    /// Reads a mark from a rule's `ref`; `None` where there is none.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let mut parts = text.split('/');
        let (owner, rule, piece) = (parts.next()?, parts.next()?, parts.next()?);
        if parts.next().is_some() || piece.starts_with('0') || piece.starts_with('+') {
            return None;
        }
        Some(Self {
            owner: Name::parse(owner).ok()?,
            rule: MarkedRule::parse(rule)?,
            piece: piece.parse().ok()?,
        })
    }

    /// Reads the mark of a live rule: from its `ref`, else from the end of its description.
    #[must_use]
    pub fn of(reference: &str, description: &str) -> Option<Self> {
        Self::parse(reference).or_else(|| {
            let (_, tail) = description.trim_end().strip_suffix(']')?.rsplit_once('[')?;
            Self::parse(tail)
        })
    }
}

impl fmt::Display for RuleMark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}", self.owner, self.rule, self.piece)
    }
}

#[cfg(test)]
mod tests {
    use super::CaMark;
    use super::RuleMark;

    #[test]
    fn marks_read_back_as_they_were_written() {
        for text in ["platform-mtls/fleet-2026@0a1b2c3d", "a/b@00000000"] {
            assert_eq!(CaMark::parse(text).unwrap().to_string(), text);
        }
        for text in [
            "platform-mtls/require-client-certificate/1",
            "a/b/27",
            "a/~bridge/1",
        ] {
            assert_eq!(RuleMark::parse(text).unwrap().to_string(), text);
        }
    }

    #[test]
    fn what_merely_looks_like_a_mark_is_none() {
        for text in [
            "",
            "fleet",
            "a/b",
            "a/b@",
            "a/b@0A1B2C3D",
            "a/b@0a1b2c3",
            "A/b@0a1b2c3d",
            "a/b/c@0a1b2c3d",
        ] {
            assert_eq!(CaMark::parse(text), None, "{text}");
        }
        for text in [
            "",
            "a/b",
            "a/b/0",
            "a/b/01",
            "a/b/+1",
            "a/b/x",
            "a/b/1/2",
            "a/b/99999999999",
            "a/~b/1",
            "~bridge/a/1",
        ] {
            assert_eq!(RuleMark::parse(text), None, "{text}");
        }
    }

    #[test]
    fn an_adopted_rule_carries_its_mark_in_its_description() {
        let mark = RuleMark::of("3fa8c1", "Block strangers [a/b/2]").unwrap();
        assert_eq!(mark.to_string(), "a/b/2");
        assert_eq!(RuleMark::of("3fa8c1", "see [a/b/2] for more"), None);
        assert_eq!(
            RuleMark::of("x/y/1", "[a/b/2]").unwrap().to_string(),
            "x/y/1"
        );
    }
}
