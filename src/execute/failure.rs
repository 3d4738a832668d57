//! Why a step was not done.

use std::collections::BTreeSet;
use std::time::Duration;

use crate::cloudflare;
use crate::plan::Address;
use crate::plan::Hindrance;
use crate::resource::Name;
use crate::resource::ZoneName;

/// Why a step was not done, or is not known to be.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The API refused it or could not be reached.
    #[error(transparent)]
    Api(#[from] cloudflare::Error),
    /// The rules of the zone are not those that the plan rests on.
    #[error("the custom rules of {zone} changed since they were read: {}", what.join("; "))]
    RulesMoved {
        /// Where.
        zone: ZoneName,
        /// What changed, one phrase each.
        what: Vec<String>,
    },
    /// The rules of the zone changed under the run, and with the new ones the remaining steps are not safe.
    #[error("the custom rules of {zone} changed since they were read: {}; {why}", what.join("; "))]
    NoLongerSafe {
        /// Where.
        zone: ZoneName,
        /// What changed, one phrase each.
        what: Vec<String>,
        /// What that makes of the remaining steps.
        why: Hindrance,
    },
    /// A host list is not the one that the plan rests on.
    #[error("the {address} changed since they were read: {}", what.join(", "))]
    HostsMoved {
        /// Which list.
        address: Address,
        /// What changed, as `+host` and `-host`.
        what: Vec<String>,
    },
    /// There is no room for a CA, because the account has others than those that the plan rests on.
    #[error("the CAs of the account changed since they were read: {}, and there is no room for another", what.join("; "))]
    CasMoved {
        /// What is new, one phrase each.
        what: Vec<String>,
    },
    /// Reads still show the rules as they were before the last write of this run, so that nobody could
    /// see a change by somebody else: the step was not begun.
    #[error("reads of the custom rules of {zone} are still behind this run's own writes after {} s", waited.as_secs())]
    Behind {
        /// Where.
        zone: ZoneName,
        /// How long it was waited for.
        waited: Duration,
    },
    /// The write was done, but something else was written to the ruleset at the same time.
    #[error(
        "somebody else changed the custom rules of {zone} at the same moment: its version is {found}, \
         and {expected} was expected after this step"
    )]
    Raced {
        /// Where.
        zone: ZoneName,
        /// The version that only our write would have made.
        expected: u64,
        /// The version that it has.
        found: u64,
    },
    /// What was written did not show up in time.
    #[error("it was written, but reads do not show it after {} s", waited.as_secs())]
    NotConfirmed {
        /// How long it was waited for.
        waited: Duration,
    },
    /// The CA still counts as in use.
    #[error("Cloudflare still says that it is in use after {} s: {message}{}", waited.as_secs(), used_by(services))]
    InUse {
        /// Cloudflare's words.
        message: String,
        /// The services that the API names.
        services: BTreeSet<String>,
        /// How long it was waited for.
        waited: Duration,
    },
    /// A step that this one rests on has not left what this one needs.
    #[error("{missing} is not there any more")]
    Gone {
        /// What is missing.
        missing: Address,
    },
    /// The upload of a CA that this step rests on is not known.
    #[error("CA {name} has not been uploaded")]
    NotUploaded {
        /// Its name in the file.
        name: Name,
    },
}

impl Failure {
    /// Whether a write that ended like this is certain to have changed nothing.
    #[must_use]
    pub fn wrote_nothing(&self) -> bool {
        match self {
            Self::Api(error) => !error.may_have_taken_effect(),
            Self::RulesMoved { .. }
            | Self::NoLongerSafe { .. }
            | Self::HostsMoved { .. }
            | Self::CasMoved { .. }
            | Self::Behind { .. }
            | Self::InUse { .. }
            | Self::Gone { .. }
            | Self::NotUploaded { .. } => true,
            Self::Raced { .. } | Self::NotConfirmed { .. } => false,
        }
    }

    /// Cloudflare's name for the request that failed, if it was answered.
    #[must_use]
    pub fn request(&self) -> Option<&str> {
        match self {
            Self::Api(error) => error.ray(),
            _ => None,
        }
    }

    /// Whether what the plan rests on moved under it.
    #[must_use]
    pub fn is_stale(&self) -> bool {
        matches!(
            self,
            Self::RulesMoved { .. }
                | Self::NoLongerSafe { .. }
                | Self::HostsMoved { .. }
                | Self::CasMoved { .. }
                | Self::Gone { .. }
        )
    }
}

fn used_by(services: &BTreeSet<String>) -> String {
    if services.is_empty() {
        String::new()
    } else {
        format!(
            " (used by {})",
            services
                .iter()
                .map(String::as_str)
                .collect::<Vec<_>>()
                .join(", ")
        )
    }
}
