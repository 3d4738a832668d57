//! Whose host list is meant: an uploaded CA's, or that of the CA which Cloudflare manages.

use std::fmt;

use crate::resource::CaId;

/// The CA that a host list belongs to.
///
/// Cloudflare reads an absent certificate id as *the managed CA of the zone* (API reference, section
/// 2.2), which has cost people their associations. So there is no `Option` here: the managed CA has to
/// be named.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Issuer {
    /// The CA that Cloudflare runs for the zone.
    CloudflareManaged,
    /// A CA that somebody uploaded.
    Uploaded(CaId),
}

impl fmt::Display for Issuer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CloudflareManaged => f.write_str("cloudflare-managed"),
            Self::Uploaded(id) => id.fmt(f),
        }
    }
}
