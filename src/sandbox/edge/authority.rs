//! An uploaded CA at the edge, and which chains of certificates verify with it.

use jiff::Timestamp;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::SignatureVerificationAlgorithm;
use rustls::pki_types::TrustAnchor;
use rustls::pki_types::UnixTime;
use webpki::EndEntityCert;
use webpki::KeyUsage;
use webpki::ring;
use x509_parser::prelude::FromDer as _;
use x509_parser::prelude::X509Certificate;

use crate::sandbox::bundle::go_signature_name;
use crate::sandbox::edge::certificate_names::key_id;
use crate::sandbox::edge::certificate_names::serial;

/// The signatures that verify: those that are documented (API reference, section 1.7) and that a current
/// library still has. Ed25519 and RSA-PSS are not among them.
static ALGORITHMS: &[&dyn SignatureVerificationAlgorithm] = &[
    ring::ECDSA_P256_SHA256,
    ring::ECDSA_P256_SHA384,
    ring::ECDSA_P384_SHA256,
    ring::ECDSA_P384_SHA384,
    ring::RSA_PKCS1_2048_8192_SHA256,
    ring::RSA_PKCS1_2048_8192_SHA384,
    ring::RSA_PKCS1_2048_8192_SHA512,
];

/// The certificates of a CA.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Authority {
    certificates: Vec<Issuer>,
}

/// A certificate that issues others.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Issuer {
    anchor: TrustAnchor<'static>,
    /// Of its subject, as the certificates that it issued repeat it.
    subject: Vec<u8>,
    pub(crate) key_id: Option<String>,
    /// Its serial number, as rules see it.
    pub(crate) serial: String,
    not_before: i64,
    not_after: i64,
    /// Whether its own signature is of a documented kind.
    is_documented: bool,
}

impl Authority {
    /// The CA of a PEM text; certificates that cannot be read verify nobody.
    pub(crate) fn from_pem(text: &str) -> Self {
        let blocks = pem::parse_many(text).unwrap_or_default();
        let issuers = blocks
            .iter()
            .filter_map(|block| Issuer::of(block.contents()));
        Self {
            certificates: issuers.collect(),
        }
    }

    /// The subjects of its certificates, each as the content of a DER `Name`.
    pub(crate) fn subjects(&self) -> impl Iterator<Item = Vec<u8>> {
        self.certificates
            .iter()
            .map(|one| one.anchor.subject.to_vec())
    }

    pub(crate) fn issuers(&self) -> impl Iterator<Item = &Issuer> {
        self.certificates.iter()
    }

    /// Whether a certificate, with the intermediates that were presented behind it, comes from this CA and
    /// is valid now. A CA out of its validity verifies nobody.
    pub(crate) fn verifies(&self, chain: &[CertificateDer<'_>], now: Timestamp) -> bool {
        let second = now.as_second();
        let anchors: Vec<TrustAnchor<'static>> = self
            .certificates
            .iter()
            .filter(|one| one.is_documented && (one.not_before..=one.not_after).contains(&second))
            .map(|one| one.anchor.clone())
            .collect();
        let Some((leaf, intermediates)) = chain.split_first() else {
            return false;
        };
        let (Ok(leaf), Ok(since)) = (EndEntityCert::try_from(leaf), u64::try_from(second)) else {
            return false;
        };
        let now = UnixTime::since_unix_epoch(std::time::Duration::from_secs(since));
        let usage = KeyUsage::client_auth();
        leaf.verify_for_usage(ALGORITHMS, &anchors, intermediates, now, usage, None, None)
            .is_ok()
    }
}

impl Issuer {
    /// The certificate in some DER, if it can be read.
    pub(crate) fn of(der: &[u8]) -> Option<Self> {
        let (_, parsed) = X509Certificate::from_der(der).ok()?;
        let anchor = CertificateDer::from(der);
        let anchor = webpki::anchor_from_trusted_cert(&anchor).ok()?.to_owned();
        let signature = go_signature_name(&parsed.signature_algorithm.algorithm.to_id_string());
        Some(Self {
            anchor,
            subject: parsed.subject().as_raw().to_vec(),
            key_id: key_id(&parsed),
            serial: serial(parsed.raw_serial()),
            not_before: parsed.validity().not_before.timestamp(),
            not_after: parsed.validity().not_after.timestamp(),
            is_documented: signature.starts_with("SHA") && !signature.ends_with("PSS")
                || signature.starts_with("ECDSA"),
        })
    }

    /// Whether a certificate says of itself that this one issued it; it may lie.
    pub(crate) fn is_named_by(&self, issuer: &[u8], authority_key_id: Option<&str>) -> bool {
        let is_key = match (authority_key_id, self.key_id.as_deref()) {
            (Some(wanted), Some(key)) => wanted == key,
            _ => true,
        };
        self.subject == issuer && is_key
    }
}
