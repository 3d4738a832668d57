//! The kinds of callers, told apart by who issued their certificate.

use std::collections::BTreeSet;
use std::fmt;

use crate::edge::Ca;
use crate::edge::Key;
use crate::resource::KeyId;

/// A kind of caller.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Client {
    /// Presents no certificate.
    None,
    /// Presents a certificate whose issuer is not known here; it can say of itself whatever it likes.
    Stranger,
    /// Presents a certificate of a known issuer.
    Issued(Issued),
    /// Presents a certificate of the CA that Cloudflare runs.
    Managed {
        /// Whether it has been revoked; it verifies all the same (API reference, section 4.1).
        revoked: bool,
        /// The key ids that the managed CA may go by.
        key_ids: KeyIds,
    },
}

/// What is known of the key id of an issuer.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum KeyIds {
    /// It is one of these.
    OneOf(BTreeSet<KeyId>),
    /// It is none of these.
    NoneOf(BTreeSet<KeyId>),
}

/// A certificate of a known issuer.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Issued {
    /// Whose it is, for people: the name of the CA, else the subject of the issuing certificate.
    pub issuer: String,
    /// Whether the issuer signed it itself.
    pub path: Path,
    /// The issuer's key.
    pub key: Key,
    /// The keys of CAs that it verifies with: the issuer's, and those of the CAs above.
    pub(super) trust: BTreeSet<Key>,
    /// The key ids that the issuer of the certificate itself may go by.
    pub(super) key_ids: KeyIds,
    /// The names and serial numbers of the issuer of the certificate itself, as rules see them; empty where
    /// they are not known, or can be spelled in more than one way.
    pub(super) names: BTreeSet<(String, String)>,
    pub(super) serials: BTreeSet<String>,
}

/// How a certificate comes from its issuer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Path {
    /// The issuer signed it.
    Direct,
    /// An intermediate below the issuer signed it, one that is not known here: it verifies like its
    /// parent, and its key id is in no rule.
    Subordinate,
}

impl Client {
    /// Whether it presents anything.
    #[must_use]
    pub fn has_certificate(&self) -> bool {
        *self != Self::None
    }

    /// Whether its certificate is one that a known CA answers for.
    #[must_use]
    pub fn is_known(&self) -> bool {
        matches!(self, Self::Issued(_) | Self::Managed { .. })
    }
}

impl fmt::Display for Client {
    /// As in *clients of fleet-2026*, without the first word.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.write_str("without a certificate"),
            Self::Stranger => f.write_str("with a certificate of an unknown issuer"),
            Self::Issued(issued) => match issued.path {
                Path::Direct => write!(f, "of {}", issued.issuer),
                Path::Subordinate => write!(f, "of an intermediate below {}", issued.issuer),
            },
            Self::Managed { revoked: false, .. } => f.write_str("of the Cloudflare-managed CA"),
            Self::Managed { revoked: true, .. } => {
                f.write_str("of the Cloudflare-managed CA, revoked")
            }
        }
    }
}

impl Issued {
    /// Whether `other` is above it: what is verified with the one is verified with the other.
    #[must_use]
    pub fn is_below(&self, other: &Self) -> bool {
        self.key != other.key && self.trust.contains(&other.key)
    }

    /// Whether its issuer is one of a CA's certificates, or an intermediate below it that is known.
    #[must_use]
    pub fn is_of_or_below(&self, ca: &Ca) -> bool {
        self.is_of(ca) || ca.issuers.iter().any(|one| Key::of(one) == self.key)
    }

    /// Whether its issuer is one of a CA's certificates.
    #[must_use]
    pub fn is_of(&self, ca: &Ca) -> bool {
        ca.certificates.iter().any(|one| Key::of(one) == self.key)
    }
}
