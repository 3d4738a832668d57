//! What stands before or beside a zone's custom rules, and lets requests past all of them.
//!
//! None of it is ours, and none of it is ever written. It is read for the audit, as far as the token
//! allows; what was not read is `None`, and an [`Unread`] says so.

use std::collections::BTreeMap;
use std::fmt;

use crate::resource::CustomRule;
use crate::resource::RulesetId;
use crate::resource::ZoneName;

/// What can get a request past the custom rules of an account's zones.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Neighbours {
    /// The account's own rules of the phase, which run before those of any zone.
    /// <https://developers.cloudflare.com/waf/feature-interoperability/>
    pub rules: Option<Vec<CustomRule>>,
    /// The account's IP Access rules, which apply to all of its zones.
    pub access: Option<Vec<AccessRule>>,
    /// By zone; zones that were not looked at are absent.
    pub zones: BTreeMap<ZoneName, ZoneNeighbours>,
}

/// What can get a request past the custom rules of one zone.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ZoneNeighbours {
    /// Its IP Access rules.
    pub access: Option<Vec<AccessRule>>,
    /// Its Single Redirects, which answer before custom rules run.
    /// <https://developers.cloudflare.com/ruleset-engine/reference/phases-list/>
    pub redirects: Option<Vec<CustomRule>>,
    /// Its DNS records.
    pub records: Option<Vec<DnsRecord>>,
}

/// An IP Access rule. With the mode `whitelist` custom rules are not evaluated at all for what it names.
/// <https://developers.cloudflare.com/waf/troubleshooting/phase-interactions/>
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct AccessRule {
    /// Cloudflare's name for it.
    pub id: String,
    /// What it does, in the API's word: the dashboard's *allow* is `whitelist`.
    pub mode: String,
    /// What kind of thing it names, such as `ip`, `ip_range`, `asn` or `country`.
    pub target: String,
    /// What it names.
    pub value: String,
    /// What people wrote about it.
    pub notes: String,
}

impl AccessRule {
    /// Whether requests from what it names pass without being asked anything.
    #[must_use]
    pub fn lets_past(&self) -> bool {
        self.mode == "whitelist"
    }
}

/// A DNS record.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct DnsRecord {
    /// Its name, lower case; may begin with `*.`.
    pub name: String,
    /// Its type, such as `A` or `CNAME`.
    pub kind: String,
    /// Whether requests go through the edge.
    pub proxied: bool,
}

/// Something that was not looked at, and the permission that would have been needed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unread {
    /// What it is.
    pub what: Looked,
    /// In which zone; `None` for the account.
    pub zone: Option<ZoneName>,
    /// The permission group in the dashboard's words; `None` where permissions are not the reason.
    pub permission: Option<String>,
}

/// What an audit looks at.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Looked {
    /// The custom rules of a zone.
    CustomRules,
    /// The host lists of a zone.
    HostLists,
    /// A custom ruleset that an `execute` rule of a zone deploys.
    Deployed(RulesetId),
    /// The account's own rules.
    AccountRules,
    /// IP Access rules.
    AccessRules,
    /// Single Redirects.
    Redirects,
    /// DNS records.
    Records,
}

impl fmt::Display for Looked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CustomRules => f.write_str("custom rules"),
            Self::HostLists => f.write_str("host lists"),
            Self::Deployed(id) => write!(f, "custom ruleset {id}"),
            Self::AccountRules => f.write_str("account-level rules"),
            Self::AccessRules => f.write_str("IP Access rules"),
            Self::Redirects => f.write_str("Single Redirects"),
            Self::Records => f.write_str("DNS records"),
        }
    }
}
