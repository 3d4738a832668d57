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
    heard: OnceLock<Vec<Offered>>,
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
            Some(names) => Asked::Yes(names.clone()),
            None if is_complete => Asked::No,
            None => Asked::Unknown,
        }
    }
}

impl ResolvesClientCert for Listener {
    fn resolve(&self, names: &[&[u8]], _: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        self.heard
            .get_or_init(|| names.iter().map(|name| Offered::new(name)).collect());
        self.presents.clone()
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
