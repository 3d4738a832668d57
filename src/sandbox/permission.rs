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
    /// Reading the account's IP Access rules.
    #[serde(rename = "Account Firewall Access Rules Read")]
    AccountAccessRulesRead,
    /// Writing the account's IP Access rules; reading them, too.
    #[serde(rename = "Account Firewall Access Rules Write")]
    AccountAccessRulesWrite,
    /// Reading a zone's IP Access rules.
    #[serde(rename = "Firewall Services Read")]
    FirewallServicesRead,
    /// Writing a zone's IP Access rules; reading them, too.
    #[serde(rename = "Firewall Services Write")]
    FirewallServicesWrite,
    /// Reading DNS records.
    #[serde(rename = "DNS Read")]
    DnsRead,
    /// Writing DNS records; reading them, too.
    #[serde(rename = "DNS Write")]
    DnsWrite,
    /// Reading Single Redirects. The dashboard calls the group *Single Redirect*.
    #[serde(rename = "Dynamic URL Redirects Read")]
    RedirectsRead,
    /// Writing Single Redirects; reading them, too.
    #[serde(rename = "Dynamic URL Redirects Write")]
    RedirectsWrite,
    /// Reading the account's own rulesets, as [`Permission::AccountRulesetsRead`] does, too.
    #[serde(rename = "Account WAF Read")]
    AccountWafRead,
    /// Writing the account's own rulesets; reading them, too.
    #[serde(rename = "Account WAF Write")]
    AccountWafWrite,
    /// Reading the account's own rulesets.
    #[serde(rename = "Account Rulesets Read")]
    AccountRulesetsRead,
    /// Writing the account's own rulesets; reading them, too.
    #[serde(rename = "Account Rulesets Write")]
    AccountRulesetsWrite,
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
    pub const ALL: [Self; 19] = [
        Self::ZoneRead,
        Self::AccountSslRead,
        Self::AccountSslWrite,
        Self::ZoneSslRead,
        Self::ZoneSslWrite,
        Self::ZoneWafRead,
        Self::ZoneWafWrite,
        Self::AccountAccessRulesRead,
        Self::AccountAccessRulesWrite,
        Self::FirewallServicesRead,
        Self::FirewallServicesWrite,
        Self::DnsRead,
        Self::DnsWrite,
        Self::RedirectsRead,
        Self::RedirectsWrite,
        Self::AccountWafRead,
        Self::AccountWafWrite,
        Self::AccountRulesetsRead,
        Self::AccountRulesetsWrite,
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
            Self::AccountAccessRulesRead => "Account Firewall Access Rules Read",
            Self::AccountAccessRulesWrite => "Account Firewall Access Rules Write",
            Self::FirewallServicesRead => "Firewall Services Read",
            Self::FirewallServicesWrite => "Firewall Services Write",
            Self::DnsRead => "DNS Read",
            Self::DnsWrite => "DNS Write",
            Self::RedirectsRead => "Dynamic URL Redirects Read",
            Self::RedirectsWrite => "Dynamic URL Redirects Write",
            Self::AccountWafRead => "Account WAF Read",
            Self::AccountWafWrite => "Account WAF Write",
            Self::AccountRulesetsRead => "Account Rulesets Read",
            Self::AccountRulesetsWrite => "Account Rulesets Write",
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
