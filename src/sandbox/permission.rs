//! Permission groups by their API names (API reference, section 5.3; the dashboard says "Edit" for
//! "Write").

use std::fmt;
use std::str::FromStr;

use serde::Deserialize;
use serde::Serialize;

/// A permission group that a token can have.
///
/// "SSL and Certificates" exists twice, for the account and for its zones; neither includes the
/// other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Permission {
    /// Listing and reading zones.
    #[serde(rename = "Zone Read")]
    ZoneRead,
    /// Reading CA certificates.
    #[serde(rename = "Account: SSL and Certificates Read")]
    AccountSslRead,
    /// Uploading and deleting CA certificates; reading them, too.
    #[serde(rename = "Account: SSL and Certificates Write")]
    AccountSslWrite,
    /// Reading hostname associations.
    #[serde(rename = "SSL and Certificates Read")]
    ZoneSslRead,
    /// Writing hostname associations; reading them, too.
    #[serde(rename = "SSL and Certificates Write")]
    ZoneSslWrite,
    /// Reading custom rules.
    #[serde(rename = "Zone WAF Read")]
    ZoneWafRead,
    /// Writing custom rules; reading them, too.
    #[serde(rename = "Zone WAF Write")]
    ZoneWafWrite,
}

/// No permission group has this name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no permission group is called `{name}`; there are: {}", known())]
pub struct UnknownPermission {
    /// The name as given.
    pub name: String,
}

impl Permission {
    /// Every group that the sandbox knows.
    pub const ALL: [Self; 7] = [
        Self::ZoneRead,
        Self::AccountSslRead,
        Self::AccountSslWrite,
        Self::ZoneSslRead,
        Self::ZoneSslWrite,
        Self::ZoneWafRead,
        Self::ZoneWafWrite,
    ];

    /// The name Cloudflare's API gives the group.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::ZoneRead => "Zone Read",
            Self::AccountSslRead => "Account: SSL and Certificates Read",
            Self::AccountSslWrite => "Account: SSL and Certificates Write",
            Self::ZoneSslRead => "SSL and Certificates Read",
            Self::ZoneSslWrite => "SSL and Certificates Write",
            Self::ZoneWafRead => "Zone WAF Read",
            Self::ZoneWafWrite => "Zone WAF Write",
        }
    }
}

impl fmt::Display for Permission {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Permission {
    type Err = UnknownPermission;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        let found = Self::ALL
            .into_iter()
            .find(|permission| permission.name().eq_ignore_ascii_case(name.trim()));
        found.ok_or_else(|| UnknownPermission {
            name: name.to_owned(),
        })
    }
}

fn known() -> String {
    Permission::ALL
        .map(|permission| format!("`{permission}`"))
        .join(", ")
}
