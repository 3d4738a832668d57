//! What the API tells about the token that we hold. Never the token.

use std::fmt;

use jiff::Timestamp;

use crate::cloudflare::wire;

/// A token, as far as the API tells about it: neither its permissions nor its zones.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenState {
    /// Whose it is.
    pub kind: TokenKind,
    /// Whether it stands.
    pub status: TokenStatus,
    /// When it ends, where it does.
    pub expires_on: Option<Timestamp>,
}

/// Whose a token is; the two kinds are verified in different places.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenKind {
    /// A user's.
    User,
    /// The account's own.
    Account,
}

/// Whether a token stands (API reference, section 5.2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TokenStatus {
    /// It is good.
    Active,
    /// Somebody switched it off.
    Disabled,
    /// Its time is over.
    Expired,
    /// A word that the reference does not know.
    Other(String),
}

impl TokenState {
    pub(crate) fn new(kind: TokenKind, wire: wire::Token) -> Self {
        Self {
            kind,
            status: TokenStatus::parse(&wire.status),
            expires_on: wire.expires_on,
        }
    }
}

impl TokenStatus {
    fn parse(word: &str) -> Self {
        match word {
            "active" => Self::Active,
            "disabled" => Self::Disabled,
            "expired" => Self::Expired,
            other => Self::Other(other.to_owned()),
        }
    }
}

impl fmt::Display for TokenStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Active => "active",
            Self::Disabled => "disabled",
            Self::Expired => "expired",
            Self::Other(word) => word,
        })
    }
}
