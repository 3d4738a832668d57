//! Digests: what tells one content from another, as SHA-256.

use std::fmt;

use serde::Deserialize;
use serde::Serialize;
use sha2::Digest as _;
use sha2::Sha256;

use crate::resource::Bundle;
use crate::resource::certificate::hex;

/// A SHA-256, written as 64 lower-case hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Digest(String);

/// Why a text is no [`Digest`].
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no digest; it has 64 characters of 0-9 and a-f, and a part of one does not do")]
pub struct InvalidDigest;

impl Digest {
    /// The digest of some bytes.
    #[must_use]
    pub fn of(bytes: impl AsRef<[u8]>) -> Self {
        Self(hex(&Sha256::digest(bytes)))
    }

    /// What a bundle is, whatever the order and the text of its certificates: over their sorted
    /// fingerprints.
    #[must_use]
    pub fn of_bundle(bundle: &Bundle) -> Self {
        let sorted = bundle.fingerprints();
        let hash = sorted
            .iter()
            .fold(Sha256::new(), |hash, one| hash.chain_update(one.as_bytes()));
        Self(hex(&hash.finalize()))
    }

    /// Checks the form and keeps the text.
    ///
    /// # Errors
    /// [`InvalidDigest`]: anything but 64 lower-case hexadecimal digits.
    pub fn parse(text: &str) -> Result<Self, InvalidDigest> {
        let is_hex = |b: u8| matches!(b, b'0'..=b'9' | b'a'..=b'f');
        let is_digest = text.len() == 64 && text.bytes().all(is_hex);
        is_digest
            .then(|| Self(text.to_owned()))
            .ok_or(InvalidDigest)
    }

    /// The digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for Digest {
    type Error = InvalidDigest;

    fn try_from(text: String) -> Result<Self, InvalidDigest> {
        Self::parse(&text)
    }
}

impl From<Digest> for String {
    fn from(digest: Digest) -> Self {
        digest.0
    }
}

#[cfg(test)]
mod tests {
    use super::Digest;

    #[test]
    fn a_digest_is_that_of_the_standard() {
        let empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(Digest::of("").as_str(), empty);
        assert_eq!(Digest::parse(empty).unwrap(), Digest::of(""));
    }

    #[test]
    fn nothing_shorter_or_otherwise_written_is_one() {
        let digest = Digest::of("a");
        let text = digest.as_str();
        for wrong in ["", &text[..63], &text.to_uppercase(), &format!("{text}0")] {
            assert!(Digest::parse(wrong).is_err(), "{wrong}");
        }
    }
}
