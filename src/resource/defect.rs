//! What is wrong with a CA although it can be read: why its clients would be refused.

use std::fmt;

use jiff::Timestamp;

use crate::resource::Bundle;

/// A reason why clients of a CA would not get in, or could not be told apart.
///
/// An error where the CA would be uploaded, a warning where it is live already: in the night a CA
/// expires, the pipeline that repairs it must still run.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Defect {
    /// Its validity is over.
    Expired {
        /// Whose certificate it is.
        subject: String,
        /// When it ended.
        on: Timestamp,
    },
    /// Its validity has not begun.
    NotYetValid {
        /// Whose certificate it is.
        subject: String,
        /// When it begins.
        from: Timestamp,
    },
    /// Its algorithm is one that Cloudflare never verifies.
    Unverifiable {
        /// Whose certificate it is.
        subject: String,
        /// The algorithm's usual name.
        algorithm: String,
    },
    /// It has no subject key identifier, so it cannot be pinned.
    NoKeyId {
        /// Whose certificate it is.
        subject: String,
    },
}

impl Bundle {
    /// What is wrong with the bundle at this moment; a missing key id counts only where it is pinned.
    #[must_use]
    pub fn defects(&self, at: Timestamp, pinned: bool) -> Vec<Defect> {
        let mut defects = Vec::new();
        for certificate in self.certificates() {
            let subject = || certificate.subject().to_owned();
            if certificate.not_after() < at {
                defects.push(Defect::Expired {
                    subject: subject(),
                    on: certificate.not_after(),
                });
            }
            if certificate.not_before() > at {
                defects.push(Defect::NotYetValid {
                    subject: subject(),
                    from: certificate.not_before(),
                });
            }
            if let Some(algorithm) = certificate.unverifiable() {
                let algorithm = algorithm.to_owned();
                defects.push(Defect::Unverifiable {
                    subject: subject(),
                    algorithm,
                });
            }
            if pinned && certificate.key_id().is_none() {
                defects.push(Defect::NoKeyId { subject: subject() });
            }
        }
        defects
    }
}

impl fmt::Display for Defect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Expired { subject, on } => {
                write!(f, "`{subject}` expired on {}", on.strftime("%Y-%m-%d"))
            }
            Self::NotYetValid { subject, from } => {
                write!(
                    f,
                    "`{subject}` is not valid before {}",
                    from.strftime("%Y-%m-%d")
                )
            }
            Self::Unverifiable { subject, algorithm } => {
                write!(
                    f,
                    "`{subject}` uses {algorithm}, which Cloudflare never verifies"
                )
            }
            Self::NoKeyId { subject } => {
                write!(
                    f,
                    "`{subject}` has no subject key identifier, so it cannot be pinned"
                )
            }
        }
    }
}
