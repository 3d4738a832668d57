//! Whether a server asks for a client certificate, and for whose: heard where a certificate is chosen.

use std::fmt;
use std::sync::Arc;
use std::sync::OnceLock;

use rustls::SignatureScheme;
use rustls::client::ResolvesClientCert;
use rustls::sign::CertifiedKey;

use crate::handshake::distinguished_name;

/// Whether a server asked for a client certificate.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Asked {
    /// The handshake did not get as far as that.
    #[default]
    Unknown,
    /// It did not.
    No,
    /// It did, and offered these CAs; none where it left that open.
    Yes(Vec<Offered>),
}

/// A CA that a server offers.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Offered {
    der: Vec<u8>,
}

impl Offered {
    /// The CA of this subject, DER.
    #[must_use]
    pub fn new(der: &[u8]) -> Self {
        Self { der: der.to_vec() }
    }

    /// The subject, DER.
    #[must_use]
    pub fn der(&self) -> &[u8] {
        &self.der
    }
}

impl fmt::Display for Offered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&distinguished_name::readable(&self.der))
    }
}

impl fmt::Debug for Offered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Offered({self})")
    }
}

/// Presents what it was given, whatever CAs are offered, and remembers that it was asked.
///
/// That is what curl does too. Browsers and some libraries present nothing where the CA is not offered.
pub(super) struct Listener {
    presents: Option<Arc<CertifiedKey>>,
    heard: OnceLock<Heard>,
}

/// What a server says when it asks.
struct Heard {
    offered: Vec<Offered>,
    /// Whether it takes signatures of the kind that the key at hand makes.
    takes_key: bool,
}

impl Listener {
    pub(super) fn presenting(presents: Option<Arc<CertifiedKey>>) -> Self {
        Self {
            presents,
            heard: OnceLock::new(),
        }
    }

    /// What was heard in a handshake; `is_complete` tells that it came to its end.
    pub(super) fn asked(&self, is_complete: bool) -> Asked {
        match self.heard.get() {
            Some(heard) => Asked::Yes(heard.offered.clone()),
            None if is_complete => Asked::No,
            None => Asked::Unknown,
        }
    }

    /// Whether the server asked, and takes no signature that the key makes: nothing was presented then.
    pub(super) fn has_kept_back(&self) -> bool {
        self.presents.is_some() && self.heard.get().is_some_and(|heard| !heard.takes_key)
    }
}

impl ResolvesClientCert for Listener {
    fn resolve(&self, names: &[&[u8]], schemes: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        let presents = self.presents.as_ref();
        let heard = self.heard.get_or_init(|| Heard {
            offered: names.iter().map(|name| Offered::new(name)).collect(),
            takes_key: presents.is_some_and(|one| one.key.choose_scheme(schemes).is_some()),
        });
        presents.filter(|_| heard.takes_key).cloned()
    }

    fn has_certs(&self) -> bool {
        self.presents.is_some()
    }
}

impl fmt::Debug for Listener {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Listener(…)")
    }
}
