//! What can be wrong with a file once zones and rules are looked at.

use crate::config::Fault;
use crate::expression::SyntaxError;
use crate::resource::Hostname;
use crate::resource::Name;
use crate::resource::ZoneName;
use crate::resource::ZoneStatus;

/// A fault that shows only in an account, or in the rules language.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum ResolveFault {
    #[error("the account has no zone for `{host}`, or the token does not show it")]
    NoZone { host: Hostname },
    #[error("zone `{zone}` of `{host}` is {status}, so mTLS has no effect there")]
    NotServing {
        host: Hostname,
        zone: ZoneName,
        status: String,
    },
    #[error("`{host}` is in zone `{zone}`, which is not listed under `zones`")]
    ZoneNotListed { host: Hostname, zone: ZoneName },
    #[error("the account has no zone `{zone}`, or the token does not show it")]
    NoSuchZone { zone: ZoneName },
    #[error("rule `{rule}` pins issuers, and no CA of `{host}` has a key id")]
    NothingToPin { rule: Name, host: Hostname },
    #[error("`unless` is not in the rules language: {error}")]
    Unless { error: SyntaxError },
}

impl ResolveFault {
    pub(super) fn not_serving(host: &Hostname, zone: &ZoneName, status: &ZoneStatus) -> Self {
        let status = match status {
            ZoneStatus::Active => "paused".to_owned(),
            other => other.to_string(),
        };
        Self::NotServing {
            host: host.clone(),
            zone: zone.clone(),
            status,
        }
    }
}

impl Fault for ResolveFault {
    fn help(&self) -> Option<String> {
        Some(match self {
            Self::NoZone { .. } => {
                "check the spelling, the account, and that the token's zone resources \
                include the zone"
                    .to_owned()
            }
            Self::NotServing { zone, .. } => {
                format!("activate or resume `{zone}` in the dashboard, or remove the host")
            }
            Self::ZoneNotListed { zone, .. } => {
                format!("add `{zone}` to `zones`, or remove the host")
            }
            Self::NoSuchZone { .. } => {
                "check the spelling and the account, or remove it".to_owned()
            }
            Self::NothingToPin { .. } => {
                "use a CA with a subject key identifier, or set `pin: false` on the rule".to_owned()
            }
            Self::Unless { .. } => {
                "see https://developers.cloudflare.com/ruleset-engine/rules-language/".to_owned()
            }
        })
    }
}
