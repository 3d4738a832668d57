//! Ids: derived by hashing, so that the same calls always give the same ids. No randomness.

use jiff::Timestamp;
use serde::Deserialize;
use serde::Serialize;
use sha2::Digest;
use sha2::Sha256;
use uuid::Builder;

use crate::sandbox::token::sha256_hex;

/// How many ids an account has given out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Ids {
    given: u64,
}

impl Ids {
    /// An id never given before: 32 lower-case hex digits.
    pub(crate) fn next(&mut self) -> String {
        self.given = self.given.saturating_add(1);
        tag(&["next", &self.given.to_string()])
    }
}

/// The id of what `parts` name: 32 lower-case hex digits.
pub(crate) fn tag(parts: &[&str]) -> String {
    let mut hex = sha256_hex(parts.join("\0").as_bytes());
    hex.truncate(32);
    hex
}

/// A `cf-ray`: derived from a request and its moment, so that nothing has to be counted.
pub(crate) fn ray(request: &[&str], now: Timestamp) -> String {
    let moment = now.as_nanosecond().to_string();
    let mut parts = vec![moment.as_str()];
    parts.extend(request);
    let mut ray = tag(&parts);
    ray.truncate(16);
    format!("{ray}-SBX")
}

/// The id of a certificate: a UUID that depends on its content alone, so that the same content
/// uploaded again after a delete has the same id (API reference, section 1.8).
pub(crate) fn certificate_id(account: &str, fingerprints: &[String]) -> String {
    let digest = Sha256::digest(format!("{account}\0{}", fingerprints.join(",")));
    let mut bytes = [0; 16];
    for (byte, hashed) in bytes.iter_mut().zip(digest) {
        *byte = hashed;
    }
    Builder::from_random_bytes(bytes).into_uuid().to_string()
}

/// Whether `text` has the form of a zone, account, ruleset or rule id.
pub(crate) fn is_tag(text: &str) -> bool {
    text.len() == 32
        && text
            .bytes()
            .all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
}
