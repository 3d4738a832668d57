//! A CA as the edge knows it: the keys that its clients' certificates are verified with.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use jiff::Timestamp;
use sha2::Digest as _;
use sha2::Sha256;

use crate::resource::Bundle;
use crate::resource::CaId;
use crate::resource::Certificate;
use crate::resource::Fingerprint;

/// Which CA is meant. An uploaded one is its content, whatever its id and its name are.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Authority {
    /// The one that Cloudflare runs.
    Managed,
    /// One with this content.
    Uploaded(Arc<BTreeSet<Fingerprint>>),
    /// One whose content cannot be read: its hosts ask for certificates, and which are verified is not
    /// known.
    Unreadable(CaId),
}

impl Authority {
    /// The CA with this content.
    #[must_use]
    pub fn of(bundle: &Bundle) -> Self {
        Self::Uploaded(Arc::new(bundle.fingerprints()))
    }
}

/// An issuing key: the subject name and public key of a CA certificate. A renewal with the same key is
/// the same issuer.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key([u8; 32]);

impl Key {
    /// The key of a CA certificate.
    #[must_use]
    pub fn of(certificate: &Certificate) -> Self {
        Self(Sha256::digest(certificate.issuing_key()).into())
    }

    pub(super) fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [first, second, third, fourth, ..] = self.0;
        write!(f, "Key({first:02x}{second:02x}{third:02x}{fourth:02x}…)")
    }
}

/// An uploaded CA at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ca {
    /// What people call it.
    pub name: String,
    /// Its certificates; empty where they cannot be read.
    pub certificates: Vec<Certificate>,
    /// Intermediates below it that are not in the account but known.
    pub issuers: Vec<Certificate>,
    /// The keys it verifies with, and whether that is certain: what Cloudflare does with a CA that is
    /// expired or not yet valid is unconfirmed (API reference, section 1.7). Keys of an algorithm that
    /// it never verifies are absent.
    pub(super) keys: BTreeMap<Key, bool>,
}

impl Ca {
    /// A CA with this content, its validity judged at a moment.
    #[must_use]
    pub fn new(name: impl Into<String>, bundle: &Bundle, at: Timestamp) -> Self {
        let certificates = bundle.certificates().to_vec();
        let mut keys: BTreeMap<Key, bool> = BTreeMap::new();
        for certificate in &certificates {
            if certificate.unverifiable().is_some() {
                continue;
            }
            let is_valid = certificate.not_before() <= at && at <= certificate.not_after();
            *keys.entry(Key::of(certificate)).or_default() |= is_valid;
        }
        Self {
            name: name.into(),
            certificates,
            issuers: Vec::new(),
            keys,
        }
    }

    /// A CA whose content cannot be read.
    #[must_use]
    pub fn unreadable(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            certificates: Vec::new(),
            issuers: Vec::new(),
            keys: BTreeMap::new(),
        }
    }

    /// The same, with intermediates below it that may be pinned.
    #[must_use]
    pub fn with_issuers(self, issuers: Vec<Certificate>) -> Self {
        Self { issuers, ..self }
    }
}
