//! A client certificate with its private key, in memory only.

use std::fmt;
use std::sync::Arc;

use rcgen::CertificateParams;
use rcgen::DnType;
use rcgen::ExtendedKeyUsagePurpose;
use rcgen::KeyPair;
use rustls::crypto::ring;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::PrivateKeyDer;
use rustls::pki_types::PrivatePkcs8KeyDer;
use rustls::pki_types::pem;
use rustls::pki_types::pem::PemObject as _;
use rustls::sign::CertifiedKey;
use secrecy::ExposeSecret as _;
use secrecy::SecretSlice;

use crate::resource::Certificate;

/// What a client presents. Never prints its key.
#[derive(Clone)]
pub struct Credential {
    certified: Arc<CertifiedKey>,
    chain: Vec<Certificate>,
}

/// Why something is no [`Credential`]. Never tells anything of what stands in a key.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidCredential {
    /// No certificate.
    #[error("it holds no certificate; expected `-----BEGIN CERTIFICATE-----`")]
    NoCertificate,
    /// A certificate that cannot be read.
    #[error("its certificate {number} cannot be read: {reason}")]
    Certificate {
        /// Counted from 1.
        number: usize,
        /// What the parser met.
        reason: String,
    },
    /// No private key.
    #[error("it holds no private key; expected `-----BEGIN PRIVATE KEY-----`")]
    NoKey,
    /// A key that needs a password.
    #[error(
        "its private key is encrypted; decrypt it for the time of the check, for instance with `openssl pkey`"
    )]
    Encrypted,
    /// A key that cannot be read, or of a kind that cannot sign.
    #[error(
        "its private key cannot be used; take one in PEM: RSA, ECDSA on P-256 or P-384, or Ed25519"
    )]
    Key,
    /// A key that belongs to another certificate.
    #[error("its private key does not belong to the certificate")]
    OtherKey,
    /// A stranger's certificate could not be made.
    #[error("a certificate could not be made: {reason}")]
    NotMade {
        /// What the library said.
        reason: String,
    },
}

impl Credential {
    /// The certificate of a PEM text, with its chain after it, and the first private key of another.
    ///
    /// # Errors
    /// [`InvalidCredential`].
    pub fn from_pem(certificates: &[u8], key: &SecretSlice<u8>) -> Result<Self, InvalidCredential> {
        let mut chain = Vec::new();
        for (number, found) in (1..).zip(CertificateDer::pem_slice_iter(certificates)) {
            let reason = "its PEM is damaged".to_owned();
            chain.push(found.map_err(|_| InvalidCredential::Certificate { number, reason })?);
        }
        Self::of(chain, private_key(key.expose_secret())?)
    }

    /// A certificate that nobody knows, made for this run: it signed itself.
    ///
    /// # Errors
    /// The library could not make it.
    pub fn stranger() -> Result<Self, InvalidCredential> {
        let not_made = |error: rcgen::Error| InvalidCredential::NotMade {
            reason: error.to_string(),
        };
        let mut params = CertificateParams::default();
        params
            .distinguished_name
            .push(DnType::CommonName, "mtlsctl verify: a stranger");
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
        let key = KeyPair::generate().map_err(not_made)?;
        let certificate = params.self_signed(&key).map_err(not_made)?;
        let key = PrivatePkcs8KeyDer::from(key.serialize_der());
        Self::of(vec![certificate.der().clone()], key.into())
    }

    fn of(
        chain: Vec<CertificateDer<'static>>,
        key: PrivateKeyDer<'static>,
    ) -> Result<Self, InvalidCredential> {
        let mut certificates = Vec::new();
        for (number, der) in (1..).zip(&chain) {
            let read = Certificate::from_der(der).map_err(|error| error.reason);
            certificates
                .push(read.map_err(|reason| InvalidCredential::Certificate { number, reason })?);
        }
        if certificates.is_empty() {
            return Err(InvalidCredential::NoCertificate);
        }
        let signing = ring::sign::any_supported_type(&key).map_err(|_| InvalidCredential::Key)?;
        let certified = CertifiedKey::new(chain, signing);
        match certified.keys_match() {
            // A kind of key that cannot tell its public half is left to the server.
            Ok(()) | Err(rustls::Error::InconsistentKeys(rustls::InconsistentKeys::Unknown)) => {}
            Err(_) => return Err(InvalidCredential::OtherKey),
        }
        Ok(Self {
            certified: Arc::new(certified),
            chain: certificates,
        })
    }

    /// The client's certificate and what follows it, towards the CA; never empty.
    #[must_use]
    pub fn chain(&self) -> &[Certificate] {
        &self.chain
    }

    pub(super) fn certified(&self) -> Arc<CertifiedKey> {
        Arc::clone(&self.certified)
    }
}

fn private_key(text: &[u8]) -> Result<PrivateKeyDer<'static>, InvalidCredential> {
    const ENCRYPTED: [&[u8]; 2] = [b"ENCRYPTED PRIVATE KEY", b"Proc-Type: 4,ENCRYPTED"];
    let has = |words: &[u8]| text.windows(words.len()).any(|part| part == words);
    if ENCRYPTED.into_iter().any(has) {
        return Err(InvalidCredential::Encrypted);
    }
    PrivateKeyDer::from_pem_slice(text).map_err(|error| match error {
        pem::Error::NoItemsFound => InvalidCredential::NoKey,
        _ => InvalidCredential::Key,
    })
}

impl fmt::Debug for Credential {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credential")
            .field("certificate", &self.chain.first())
            .finish_non_exhaustive()
    }
}
