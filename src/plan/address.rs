//! Our names for things, as a plan, a report and an error say them.

use std::fmt;

use crate::resource::CaId;
use crate::resource::Issuer;
use crate::resource::Name;
use crate::resource::ZoneName;

/// What a step, a held object or an error is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Address {
    /// A CA in the account.
    Ca {
        /// Its name in the file, else its name in the account, else its id.
        label: String,
    },
    /// The host list of one CA in one zone.
    Hosts {
        /// The zone.
        zone: ZoneName,
        /// The CA's label.
        ca: String,
    },
    /// A rule in a zone.
    Rule {
        /// The zone.
        zone: ZoneName,
        /// Its `ref`, or its description where the `ref` says nothing to people.
        label: String,
    },
    /// A zone as a whole.
    Zone {
        /// The zone.
        zone: ZoneName,
    },
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ca { label } => write!(f, "CA {label}"),
            Self::Hosts { zone, ca } => write!(f, "hosts of {ca} in {zone}"),
            Self::Rule { zone, label } => write!(f, "rule {label} in {zone}"),
            Self::Zone { zone } => write!(f, "zone {zone}"),
        }
    }
}

/// How a step names a CA: by an id that is known, or by the earlier step that uploads it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum CaRef {
    /// The CA that Cloudflare runs for the zone.
    CloudflareManaged,
    /// A CA that is in the account.
    Known(CaId),
    /// A CA that an earlier step of the same plan uploads.
    UploadedBy(Name),
}

impl From<&Issuer> for CaRef {
    fn from(issuer: &Issuer) -> Self {
        match issuer {
            Issuer::CloudflareManaged => Self::CloudflareManaged,
            Issuer::Uploaded(id) => Self::Known(id.clone()),
        }
    }
}
