//! The certificate that a client showed at the handshake, with those behind it, and what rules see of it.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::PoisonError;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use ring::digest::SHA1_FOR_LEGACY_USE_ONLY;
use ring::digest::SHA256;
use ring::digest::digest;
use rustls::pki_types::CertificateDer;
use x509_parser::prelude::FromDer as _;
use x509_parser::prelude::X509Certificate;

use crate::sandbox::bundle::distinguished_name;
use crate::sandbox::edge::authority::Authority;
use crate::sandbox::edge::authority::Issuer;
use crate::sandbox::edge::certificate_names::authority_key_id;
use crate::sandbox::edge::certificate_names::date;
use crate::sandbox::edge::certificate_names::key_id;
use crate::sandbox::edge::certificate_names::legacy;
use crate::sandbox::edge::certificate_names::serial;
use crate::sandbox::edge::certificate_names::upper_hex;

/// The longest encodings that rules see, in bytes (API reference, section 4.1).
const LONGEST: usize = 10 * 1024;
const LONGEST_CHAIN: usize = 16 * 1024;

/// A certificate whose key the client has, and the intermediates that it sent along.
#[derive(Debug)]
pub struct Credential {
    chain: Vec<CertificateDer<'static>>,
    /// The issuer's name and key id, as the certificate tells them.
    issuer: Vec<u8>,
    issuer_key_id: Option<String>,
    sent_issuers: Vec<Issuer>,
    seen: Seen,
    /// Which CA it verified with in which second: nothing of that changes within one, and looking costs.
    known: Mutex<BTreeMap<String, (i64, bool)>>,
}

/// What rules see of it, whoever it verifies with.
#[derive(Debug)]
pub(crate) struct Seen {
    /// The texts by the end of their fields' names.
    pub(crate) texts: BTreeMap<&'static str, String>,
    pub(crate) is_too_large: bool,
    pub(crate) is_chain_too_large: bool,
}

/// A certificate that cannot be read.
#[derive(Debug, thiserror::Error)]
#[error("the client's certificate cannot be read as X.509")]
pub struct InvalidCredential;

impl Credential {
    /// The certificates as they are sent, the client's own first, each in DER.
    ///
    /// # Errors
    /// There is none, or the first cannot be read.
    pub fn from_der(chain: impl IntoIterator<Item = Vec<u8>>) -> Result<Self, InvalidCredential> {
        let chain: Vec<CertificateDer<'static>> =
            chain.into_iter().map(CertificateDer::from).collect();
        let Some((leaf, sent)) = chain.split_first() else {
            return Err(InvalidCredential);
        };
        let (_, parsed) = X509Certificate::from_der(leaf).map_err(|_| InvalidCredential)?;
        let issuer_key_id = authority_key_id(&parsed);
        Ok(Self {
            issuer: parsed.issuer().as_raw().to_vec(),
            sent_issuers: sent.iter().filter_map(|der| Issuer::of(der)).collect(),
            seen: Seen::of(&parsed, leaf, sent, issuer_key_id.as_deref()),
            issuer_key_id,
            known: Mutex::default(),
            chain,
        })
    }

    /// Whether it verifies with a CA now.
    pub(crate) fn verifies_with(&self, id: &str, ca: &Authority, now: Timestamp) -> bool {
        let second = now.as_second();
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        match known.get(id) {
            Some((looked, verifies)) if *looked == second => *verifies,
            _ => {
                let verifies = ca.verifies(&self.chain, now);
                known.insert(id.to_owned(), (second, verifies));
                verifies
            }
        }
    }

    /// The serial number of the issuer that it names, if that one was sent along or is among these; empty
    /// otherwise.
    pub(crate) fn issuer_serial<'a>(&'a self, cas: impl Iterator<Item = &'a Authority>) -> String {
        let mut issuers = self
            .sent_issuers
            .iter()
            .chain(cas.flat_map(Authority::issuers));
        let key_id = self.issuer_key_id.as_deref();
        let found = issuers.find(|one| one.is_named_by(&self.issuer, key_id));
        found.map_or_else(String::new, |one| one.serial.clone())
    }

    /// The SHA-256 fingerprint of the client's own, as rules see it.
    pub(crate) fn fingerprint(&self) -> &str {
        let text = self.seen.texts.get("cert_fingerprint_sha256");
        text.map_or("", String::as_str)
    }

    pub(crate) fn seen(&self) -> &Seen {
        &self.seen
    }
}

impl Seen {
    fn of(
        parsed: &X509Certificate<'_>,
        leaf: &[u8],
        sent: &[CertificateDer<'_>],
        issuer_key_id: Option<&str>,
    ) -> Self {
        let (issuer, subject) = (parsed.issuer(), parsed.subject());
        let (issuer_name, subject_name) = (distinguished_name(issuer), distinguished_name(subject));
        let lower = |hash| upper_hex(digest(hash, leaf).as_ref()).to_ascii_lowercase();
        let whole = item(leaf);
        let chain: Vec<String> = sent.iter().map(|der| item(der)).collect();
        let chain = chain.join(", ");
        let is_too_large = whole.len() > LONGEST;
        let is_chain_too_large = chain.len() > LONGEST_CHAIN;
        let validity = parsed.validity();
        let texts = BTreeMap::from([
            ("cert_chain_rfc9440", kept(chain, is_chain_too_large)),
            ("cert_fingerprint_sha1", lower(&SHA1_FOR_LEGACY_USE_ONLY)),
            ("cert_fingerprint_sha256", lower(&SHA256)),
            ("cert_issuer_dn", issuer_name.clone()),
            ("cert_issuer_dn_legacy", legacy(issuer)),
            ("cert_issuer_dn_rfc2253", issuer_name),
            (
                "cert_issuer_ski",
                issuer_key_id.unwrap_or_default().to_owned(),
            ),
            ("cert_not_after", date(&validity.not_after)),
            ("cert_not_before", date(&validity.not_before)),
            ("cert_rfc9440", kept(whole, is_too_large)),
            ("cert_serial", serial(parsed.raw_serial())),
            ("cert_ski", key_id(parsed).unwrap_or_default()),
            ("cert_subject_dn", subject_name.clone()),
            ("cert_subject_dn_legacy", legacy(subject)),
            ("cert_subject_dn_rfc2253", subject_name),
        ]);
        Self {
            texts,
            is_too_large,
            is_chain_too_large,
        }
    }
}

/// A byte sequence as RFC 9440 writes it.
fn item(der: &[u8]) -> String {
    format!(":{}:", STANDARD.encode(der))
}

fn kept(text: String, is_too_large: bool) -> String {
    if is_too_large { String::new() } else { text }
}
