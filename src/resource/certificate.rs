//! One X.509 certificate of a CA: what can be read from it, and what Cloudflare will make of it.

use std::fmt;

use jiff::Timestamp;
use sha2::Digest as _;
use sha2::Sha256;
use x509_parser::prelude::FromDer as _;
use x509_parser::prelude::ParsedExtension;
use x509_parser::prelude::X509Certificate;
use x509_parser::prelude::X509Extension;
use x509_parser::public_key::PublicKey;

use crate::resource::DistinguishedName;

/// The SHA-256 over a certificate's DER: what it *is*, whatever its PEM looks like.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint([u8; 32]);

impl Fingerprint {
    /// The 32 bytes of the digest.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex(&self.0))
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A subject key identifier: upper-case hexadecimal digits without colons, as
/// `cf.tls_client_auth.cert_issuer_ski` gives it.
///
/// <https://developers.cloudflare.com/api-shield/security/mtls/configure/>
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId(String);

impl KeyId {
    /// Reads an id as people write it: colons and either case are taken.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let digits: String = text
            .chars()
            .filter(|c| *c != ':')
            .map(|c| c.to_ascii_uppercase())
            .collect();
        let whole = !digits.is_empty()
            && digits.len().is_multiple_of(2)
            && digits.bytes().all(|b| b.is_ascii_hexdigit());
        whole.then_some(Self(digits))
    }

    fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let digits = hex(bytes).to_ascii_uppercase();
        (!digits.is_empty()).then_some(Self(digits))
    }

    /// The digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A certificate, read from its DER.
#[derive(Clone, PartialEq, Eq)]
pub struct Certificate {
    der: Vec<u8>,
    fingerprint: Fingerprint,
    subject: String,
    subject_name: Vec<u8>,
    issuer_name: Vec<u8>,
    distinguished_name: Option<DistinguishedName>,
    serial: String,
    issuing_key: Vec<u8>,
    key_id: Option<KeyId>,
    authority_key_id: Option<KeyId>,
    not_before: Timestamp,
    not_after: Timestamp,
    is_ca: bool,
    weakness: Option<String>,
    unverifiable: Option<String>,
}

/// Why bytes are no certificate.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no X.509 certificate can be read from it: {reason}")]
pub struct InvalidCertificate {
    /// What the parser met.
    pub reason: String,
}

impl Certificate {
    /// Reads a certificate from its DER.
    ///
    /// # Errors
    /// [`InvalidCertificate`] when the bytes are not one whole certificate.
    pub fn from_der(der: &[u8]) -> Result<Self, InvalidCertificate> {
        let invalid = |reason: String| InvalidCertificate { reason };
        let (rest, parsed) =
            X509Certificate::from_der(der).map_err(|error| invalid(unreadable(&error)))?;
        if !rest.is_empty() {
            return Err(invalid(format!("{} bytes too many at its end", rest.len())));
        }
        let at = |time: x509_parser::time::ASN1Time| {
            Timestamp::from_second(time.timestamp()).map_err(|error| invalid(error.to_string()))
        };
        let extensions = || {
            parsed
                .extensions()
                .iter()
                .map(X509Extension::parsed_extension)
        };
        let key_id = extensions().find_map(|extension| match extension {
            ParsedExtension::SubjectKeyIdentifier(id) => KeyId::from_bytes(id.0),
            _ => None,
        });
        let authority_key_id = extensions().find_map(|extension| match extension {
            ParsedExtension::AuthorityKeyIdentifier(id) => id
                .key_identifier
                .as_ref()
                .and_then(|id| KeyId::from_bytes(id.0)),
            _ => None,
        });
        let is_ca = parsed
            .basic_constraints()
            .ok()
            .flatten()
            .is_some_and(|found| found.value.ca);
        let mut issuing_key = parsed.subject().as_raw().to_vec();
        issuing_key.extend_from_slice(parsed.public_key().raw);
        Ok(Self {
            der: der.to_vec(),
            fingerprint: Fingerprint(Sha256::digest(der).into()),
            subject: parsed.subject().to_string(),
            subject_name: parsed.subject().as_raw().to_vec(),
            issuer_name: parsed.issuer().as_raw().to_vec(),
            distinguished_name: DistinguishedName::of(parsed.subject()),
            serial: hex(parsed.raw_serial()).to_ascii_uppercase(),
            issuing_key,
            key_id,
            authority_key_id,
            not_before: at(parsed.validity().not_before)?,
            not_after: at(parsed.validity().not_after)?,
            is_ca,
            weakness: weakness(&parsed),
            unverifiable: unverifiable(&parsed),
        })
    }

    /// The certificate itself.
    #[must_use]
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// What it is, whatever its PEM looks like.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        self.fingerprint
    }

    /// Its subject, for people.
    #[must_use]
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// Its subject as rules see it in the certificates that it issued, where there is one way to spell it.
    #[must_use]
    pub fn distinguished_name(&self) -> Option<&DistinguishedName> {
        self.distinguished_name.as_ref()
    }

    /// Its serial number: upper-case hexadecimal digits, two for each byte.
    #[must_use]
    pub fn serial(&self) -> &str {
        &self.serial
    }

    /// Subject name and public key: what a client's certificate refers to and is verified with. A
    /// renewal with the same key is the same issuer.
    #[must_use]
    pub fn issuing_key(&self) -> &[u8] {
        &self.issuing_key
    }

    /// Its subject key identifier, from the extension; never computed from the key, since CAs may use
    /// any method (API reference, section 4.3).
    #[must_use]
    pub fn key_id(&self) -> Option<&KeyId> {
        self.key_id.as_ref()
    }

    /// From when on it is valid.
    #[must_use]
    pub fn not_before(&self) -> Timestamp {
        self.not_before
    }

    /// Until when it is valid.
    #[must_use]
    pub fn not_after(&self) -> Timestamp {
        self.not_after
    }

    /// Whether its basic constraints say `CA:TRUE`.
    #[must_use]
    pub fn is_ca(&self) -> bool {
        self.is_ca
    }

    /// Whether it names its issuer by a key id, which is what rules can pin.
    #[must_use]
    pub fn names_issuer_key(&self) -> bool {
        self.authority_key_id.is_some()
    }

    /// Whether `parent` issued it, by its name and, where both say one, by its key id. The signature is not
    /// checked; [`Self::is_signed_by`] does that.
    #[must_use]
    pub fn is_issued_by(&self, parent: &Self) -> bool {
        let is_key = match (&self.authority_key_id, &parent.key_id) {
            (Some(wanted), Some(key)) => wanted == key,
            _ => true,
        };
        self.issuer_name == parent.subject_name && is_key
    }

    /// Why what it signs is easier to forge than it should be, where that is so: an RSA key below 2,048
    /// bits, an elliptic curve below 256, or its own certificate signed with SHA-1 by another.
    #[must_use]
    pub fn weakness(&self) -> Option<&str> {
        self.weakness.as_deref()
    }

    /// The algorithm that Cloudflare never verifies, where it has one.
    ///
    /// Documented are RSA and ECDSA with SHA-1, SHA-256, SHA-384 or SHA-512; an Ed25519 CA was accepted
    /// by the upload and then verified nobody (API reference, section 1.7).
    /// <https://developers.cloudflare.com/ssl/client-certificates/byo-ca/>
    #[must_use]
    pub fn unverifiable(&self) -> Option<&str> {
        self.unverifiable.as_deref()
    }
}

impl fmt::Debug for Certificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Certificate")
            .field("subject", &self.subject)
            .field("fingerprint", &self.fingerprint)
            .finish_non_exhaustive()
    }
}

/// The parser's own words speak of its insides.
fn unreadable<E>(error: &x509_parser::nom::Err<E>) -> String {
    match error {
        x509_parser::nom::Err::Incomplete(_) => "it breaks off".to_owned(),
        _ => "its bytes are those of something else".to_owned(),
    }
}

/// Two lower-case hexadecimal digits for each byte.
pub(crate) fn hex(bytes: &[u8]) -> String {
    const DIGITS: [char; 16] = [
        '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'a', 'b', 'c', 'd', 'e', 'f',
    ];
    bytes
        .iter()
        .flat_map(|b| [DIGITS[usize::from(b >> 4)], DIGITS[usize::from(b & 15)]])
        .collect()
}

fn weakness(parsed: &X509Certificate<'_>) -> Option<String> {
    match parsed.public_key().parsed() {
        Ok(PublicKey::RSA(key)) if key.key_size() < 2048 => {
            return Some(format!("an RSA key of {} bits", key.key_size()));
        }
        Ok(PublicKey::EC(point)) if point.key_size() < 256 => {
            return Some(format!("an elliptic curve of {} bits", point.key_size()));
        }
        _ => {}
    }
    let signature = parsed.signature_algorithm.algorithm.to_id_string();
    let is_root = parsed.subject().as_raw() == parsed.issuer().as_raw();
    let is_sha1 = SHA1_SIGNATURES.contains(&signature.as_str());
    (is_sha1 && !is_root).then(|| "a SHA-1 signature".to_owned())
}

const SHA1_SIGNATURES: [&str; 2] = ["1.2.840.113549.1.1.5", "1.2.840.10045.4.1"];

/// Signature algorithms that Cloudflare verifies, by object identifier.
const VERIFIED_SIGNATURES: [&str; 8] = [
    "1.2.840.113549.1.1.5",  // sha1WithRSAEncryption
    "1.2.840.113549.1.1.11", // sha256WithRSAEncryption
    "1.2.840.113549.1.1.12", // sha384WithRSAEncryption
    "1.2.840.113549.1.1.13", // sha512WithRSAEncryption
    "1.2.840.10045.4.1",     // ecdsa-with-SHA1
    "1.2.840.10045.4.3.2",   // ecdsa-with-SHA256
    "1.2.840.10045.4.3.3",   // ecdsa-with-SHA384
    "1.2.840.10045.4.3.4",   // ecdsa-with-SHA512
];

/// Public keys that can make such signatures.
const VERIFIED_KEYS: [&str; 2] = [
    "1.2.840.113549.1.1.1", // rsaEncryption
    "1.2.840.10045.2.1",    // id-ecPublicKey
];

/// The signature on the CA itself, or the one its key will put on its clients.
fn unverifiable(parsed: &X509Certificate<'_>) -> Option<String> {
    let signature = parsed.signature_algorithm.algorithm.to_id_string();
    if !VERIFIED_SIGNATURES.contains(&signature.as_str()) {
        return Some(algorithm_name(&signature));
    }
    let key = parsed.public_key().algorithm.algorithm.to_id_string();
    (!VERIFIED_KEYS.contains(&key.as_str())).then(|| algorithm_name(&key))
}

fn algorithm_name(oid: &str) -> String {
    match oid {
        "1.2.840.113549.1.1.2" | "1.2.840.113549.1.1.3" | "1.2.840.113549.1.1.4" => {
            "MD2/MD4/MD5 with RSA".into()
        }
        "1.2.840.113549.1.1.10" => "RSA-PSS".into(),
        "1.2.840.113549.1.1.14" => "RSA with SHA-224".into(),
        "1.2.840.10045.4.3.1" => "ECDSA with SHA-224".into(),
        "1.3.101.112" => "Ed25519".into(),
        "1.3.101.113" => "Ed448".into(),
        "1.2.840.10040.4.1" | "1.2.840.10040.4.3" | "2.16.840.1.101.3.4.3.2" => "DSA".into(),
        "2.16.840.1.101.3.4.3.17" | "2.16.840.1.101.3.4.3.18" | "2.16.840.1.101.3.4.3.19" => {
            "ML-DSA".into()
        }
        other => format!("algorithm {other}"),
    }
}
