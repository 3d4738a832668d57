//! A CA bundle: the certificates that are uploaded together and share one id.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use jiff::Timestamp;
use sha2::Digest as _;
use sha2::Sha256;

use crate::resource::Certificate;
use crate::resource::Fingerprint;
use crate::resource::KeyId;
use crate::resource::certificate::InvalidCertificate;
use crate::resource::certificate::hex;

/// One or more CA certificates, in the order in which they were written.
///
/// Two bundles are equal when they hold the same certificates: Cloudflare returns another text and
/// perhaps another order than what was sent (API reference, section 1.6).
#[derive(Debug, Clone)]
pub struct Bundle {
    certificates: Vec<Certificate>,
    digest: String,
}

/// Why a text is no [`Bundle`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidBundle {
    /// Nothing but white space.
    #[error("it is empty")]
    Empty,
    /// No PEM block at all.
    #[error("it holds no PEM block; expected `-----BEGIN CERTIFICATE-----`")]
    NoBlock,
    /// A private key came along.
    #[error("it holds a private key (`{tag}`)")]
    PrivateKey {
        /// The word after `BEGIN`.
        tag: String,
    },
    /// Some other block than a certificate.
    #[error("it holds a block `{tag}`; only `CERTIFICATE` blocks can be uploaded")]
    OtherBlock {
        /// The word after `BEGIN`.
        tag: String,
    },
    /// A block that breaks off or is not base64.
    #[error("its PEM is damaged: {reason}")]
    Damaged {
        /// What the parser met.
        reason: String,
    },
    /// A block whose content is no certificate.
    #[error("certificate {number}: {source}")]
    Certificate {
        /// Counted from 1.
        number: usize,
        /// What is wrong with it.
        source: InvalidCertificate,
    },
    /// A leaf: it cannot issue client certificates.
    #[error(
        "certificate {number} (`{subject}`) is no CA: its basic constraints do not say CA:TRUE"
    )]
    Leaf {
        /// Counted from 1.
        number: usize,
        /// Whose certificate it is.
        subject: String,
    },
}

impl Bundle {
    /// Reads the CA certificates of a PEM text; CRLF, text around the blocks and a missing final
    /// newline are taken, repeated certificates count once.
    ///
    /// # Errors
    /// [`InvalidBundle`]: anything in it that is not a CA certificate. Keys are refused before anything
    /// else is looked at, and never kept.
    pub fn from_pem(text: &str) -> Result<Self, InvalidBundle> {
        if text.trim().is_empty() {
            return Err(InvalidBundle::Empty);
        }
        let tags = block_tags(text);
        if let Some(tag) = tags.iter().find(|tag| tag.ends_with("PRIVATE KEY")) {
            return Err(InvalidBundle::PrivateKey { tag: tag.clone() });
        }
        if let Some(tag) = tags.iter().find(|tag| *tag != "CERTIFICATE") {
            return Err(InvalidBundle::OtherBlock { tag: tag.clone() });
        }
        if tags.is_empty() {
            return Err(InvalidBundle::NoBlock);
        }
        let blocks = pem::parse_many(text).map_err(|error| InvalidBundle::Damaged {
            reason: error.to_string(),
        })?;
        if blocks.len() != tags.len() {
            return Err(InvalidBundle::Damaged {
                reason: "a block has no end".to_owned(),
            });
        }
        let mut certificates: Vec<Certificate> = Vec::new();
        for (number, block) in (1..).zip(&blocks) {
            let certificate = Certificate::from_der(block.contents())
                .map_err(|source| InvalidBundle::Certificate { number, source })?;
            if !certificate.is_ca() {
                return Err(InvalidBundle::Leaf {
                    number,
                    subject: certificate.subject().to_owned(),
                });
            }
            if !certificates
                .iter()
                .any(|known| known.fingerprint() == certificate.fingerprint())
            {
                certificates.push(certificate);
            }
        }
        Ok(Self {
            digest: digest(&certificates),
            certificates,
        })
    }

    /// The certificates, in the order in which they were written; never empty.
    #[must_use]
    pub fn certificates(&self) -> &[Certificate] {
        &self.certificates
    }

    /// What the bundle is: the set of its certificates' fingerprints.
    #[must_use]
    pub fn fingerprints(&self) -> BTreeSet<Fingerprint> {
        self.certificates
            .iter()
            .map(Certificate::fingerprint)
            .collect()
    }

    /// The first 8 hexadecimal digits of the SHA-256 over the sorted fingerprints.
    #[must_use]
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// The key ids of all its certificates: each of them may issue client certificates.
    #[must_use]
    pub fn key_ids(&self) -> BTreeSet<KeyId> {
        self.certificates
            .iter()
            .filter_map(|certificate| certificate.key_id().cloned())
            .collect()
    }

    /// When the first of its certificates ends.
    #[must_use]
    pub fn not_after(&self) -> Timestamp {
        self.certificates
            .iter()
            .map(Certificate::not_after)
            .min()
            .unwrap_or(Timestamp::MAX)
    }

    /// When it stops to verify certificates of one of its issuers: of certificates with the same subject and key,
    /// of which one is the renewal of the other, the last counts.
    #[must_use]
    pub fn verifies_until(&self) -> Timestamp {
        let mut ends: BTreeMap<&[u8], Timestamp> = BTreeMap::new();
        for certificate in &self.certificates {
            let end = ends
                .entry(certificate.issuing_key())
                .or_insert(Timestamp::MIN);
            *end = certificate.not_after().max(*end);
        }
        ends.into_values().min().unwrap_or(Timestamp::MAX)
    }

    /// The text that is uploaded: `CERTIFICATE` blocks with `\n` line breaks, nothing between them.
    #[must_use]
    pub fn to_pem(&self) -> String {
        let config = pem::EncodeConfig::new().set_line_ending(pem::LineEnding::LF);
        self.certificates
            .iter()
            .map(|certificate| {
                pem::encode_config(&pem::Pem::new("CERTIFICATE", certificate.der()), config)
            })
            .collect()
    }
}

impl PartialEq for Bundle {
    fn eq(&self, other: &Self) -> bool {
        self.fingerprints() == other.fingerprints()
    }
}

impl Eq for Bundle {}

fn digest(certificates: &[Certificate]) -> String {
    let sorted: BTreeSet<Fingerprint> = certificates.iter().map(Certificate::fingerprint).collect();
    let hash = sorted
        .iter()
        .fold(Sha256::new(), |hash, one| hash.chain_update(one.as_bytes()));
    hex(&hash.finalize()[..4])
}

/// The words after each `BEGIN`, whether or not the block is whole; nothing of what follows a key's.
fn block_tags(text: &str) -> Vec<String> {
    const KEY: &str = "PRIVATE KEY";
    let opened = text
        .match_indices("-----BEGIN ")
        .filter_map(|(at, opening)| {
            let line = text[at + opening.len()..].lines().next()?;
            let tag = line.split("-----").next()?;
            Some(
                tag.find(KEY)
                    .map_or(tag, |at| &tag[..at + KEY.len()])
                    .trim()
                    .to_owned(),
            )
        });
    opened.collect()
}

#[cfg(test)]
mod tests {
    use super::Bundle;

    #[test]
    fn an_error_never_shows_what_stands_in_a_key() {
        for text in [
            "-----BEGIN PRIVATE KEY MIIsecret",
            "-----BEGIN EC PRIVATE KEY-----\nMIIsecret",
        ] {
            let error = Bundle::from_pem(text).unwrap_err().to_string();
            assert!(
                error.contains("PRIVATE KEY`") && !error.contains("secret"),
                "{error}"
            );
        }
    }
}
