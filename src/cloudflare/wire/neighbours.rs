//! The JSON of IP Access rules and DNS records.

use serde::Deserialize;

use crate::live;

/// <https://developers.cloudflare.com/api/resources/firewall/subresources/access_rules/methods/list/>
///
/// `scope` is left unread: among the words that are published for it there is none for a zone, so it does
/// not tell whose a rule is.
#[derive(Deserialize)]
pub(crate) struct AccessRule {
    pub(crate) id: String,
    mode: String,
    configuration: Configuration,
    notes: Option<String>,
}

#[derive(Deserialize)]
struct Configuration {
    target: String,
    value: String,
}

impl From<AccessRule> for live::AccessRule {
    fn from(wire: AccessRule) -> Self {
        let Configuration { target, value } = wire.configuration;
        Self {
            id: wire.id,
            mode: wire.mode,
            target,
            value,
            notes: wire.notes.unwrap_or_default(),
        }
    }
}

/// <https://developers.cloudflare.com/api/resources/dns/subresources/records/methods/list/>
#[derive(Deserialize)]
pub(crate) struct Record {
    pub(crate) id: String,
    name: String,
    #[serde(rename = "type")]
    kind: String,
    proxied: Option<bool>,
}

impl From<Record> for live::DnsRecord {
    fn from(wire: Record) -> Self {
        Self {
            name: wire.name.to_lowercase(),
            kind: wire.kind,
            // Left out where a record of this type never goes through the edge.
            proxied: wire.proxied.unwrap_or(false),
        }
    }
}
