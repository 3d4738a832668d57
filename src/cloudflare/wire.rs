//! The JSON of the API, as far as it is read: tolerant of fields that are new or missing.
//!
//! A value that is there and cannot be used is an error with the field's name. Nothing here is sent.

mod neighbours;

use std::fmt::Display;

use jiff::Timestamp;
use serde::Deserialize;
use serde::Deserializer;
use serde::de::Error as _;
use serde_json::Value;

use crate::live::CaKind;
use crate::live::HostList;
use crate::live::LiveCa;
use crate::resource;
use crate::resource::Bundle;
use crate::resource::CaId;
use crate::resource::RuleId;
use crate::resource::RulesetId;
use crate::resource::ZoneId;
use crate::resource::ZoneName;
use crate::resource::ZoneStatus;

pub(crate) use neighbours::AccessRule;
pub(crate) use neighbours::Record;

/// API reference, section 5.1.
#[derive(Deserialize)]
pub(crate) struct Zone {
    #[serde(deserialize_with = "zone_id")]
    pub(crate) id: ZoneId,
    #[serde(deserialize_with = "zone_name")]
    name: ZoneName,
    status: Option<String>,
    paused: Option<bool>,
    account: Option<Account>,
    plan: Option<Plan>,
}

#[derive(Deserialize)]
struct Plan {
    legacy_id: Option<String>,
}

/// Custom rules that a zone of this plan may have.
///
/// <https://developers.cloudflare.com/waf/custom-rules/>
fn rule_quota(plan: &str) -> Option<usize> {
    Some(match plan {
        "free" => 5,
        "pro" => 20,
        "business" => 100,
        "enterprise" => 1000,
        _ => return None,
    })
}

#[derive(Deserialize)]
struct Account {
    id: Option<String>,
}

impl Zone {
    /// Whether it says that it belongs to another account.
    pub(crate) fn is_foreign_to(&self, account: &resource::AccountId) -> bool {
        let id = self.account.as_ref().and_then(|owner| owner.id.as_deref());
        id.is_some_and(|id| id != account.as_str())
    }
}

impl From<Zone> for resource::Zone {
    fn from(wire: Zone) -> Self {
        Self {
            id: wire.id,
            name: wire.name,
            status: ZoneStatus::parse(wire.status.as_deref().unwrap_or("unknown")),
            paused: wire.paused.unwrap_or(false),
            rule_quota: wire.plan.and_then(|plan| rule_quota(&plan.legacy_id?)),
        }
    }
}

/// API reference, section 1.4.
#[derive(Deserialize)]
pub(crate) struct Certificate {
    #[serde(deserialize_with = "ca_id")]
    pub(crate) id: CaId,
    name: Option<String>,
    ca: Option<bool>,
    certificates: Option<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
    uploaded_on: Option<Timestamp>,
}

impl Certificate {
    fn kind(&self) -> CaKind {
        match &self.kind {
            Some(product) if product != "custom" => CaKind::Product(product.clone()),
            _ if self.ca == Some(false) => CaKind::Leaf,
            _ => CaKind::Uploaded,
        }
    }

    /// Whether it is an uploaded CA whose content the answer left out.
    pub(crate) fn lacks_content(&self) -> bool {
        self.certificates.is_none() && self.kind() == CaKind::Uploaded
    }
}

impl From<Certificate> for LiveCa {
    fn from(wire: Certificate) -> Self {
        Self {
            kind: wire.kind(),
            id: wire.id,
            name: wire.name.unwrap_or_default(),
            bundle: wire
                .certificates
                .and_then(|pem| Bundle::from_pem(&pem).ok()),
            uploaded_on: wire.uploaded_on,
        }
    }
}

/// The answer to an upload, as far as it is needed: the rest of it is read back.
#[derive(Deserialize)]
pub(crate) struct Uploaded {
    #[serde(deserialize_with = "ca_id")]
    pub(crate) id: CaId,
}

/// API reference, section 1.5.
#[derive(Deserialize)]
pub(crate) struct Association {
    pub(crate) service: Option<String>,
}

/// API reference, section 2.1; `hostnames` may be null or missing where nothing is associated.
#[derive(Deserialize)]
pub(crate) struct Hosts {
    hostnames: Option<Vec<String>>,
}

impl From<Hosts> for HostList {
    fn from(wire: Hosts) -> Self {
        Self(wire.hostnames.unwrap_or_default().into_iter().collect())
    }
}

/// API reference, section 3.3.
#[derive(Deserialize)]
pub(crate) struct Ruleset {
    #[serde(deserialize_with = "ruleset_id")]
    id: RulesetId,
    #[serde(deserialize_with = "version")]
    version: u64,
    rules: Option<Vec<Rule>>,
}

/// API reference, section 3.3. `logging` and `categories` are left unread: they mean nothing here.
#[derive(Deserialize)]
struct Rule {
    #[serde(deserialize_with = "rule_id")]
    id: RuleId,
    #[serde(rename = "ref")]
    reference: Option<String>,
    #[serde(deserialize_with = "version")]
    version: u64,
    action: String,
    action_parameters: Option<Value>,
    expression: String,
    description: Option<String>,
    enabled: Option<bool>,
}

impl From<Ruleset> for resource::EntryPoint {
    fn from(wire: Ruleset) -> Self {
        Self {
            id: wire.id.clone(),
            version: wire.version,
            rules: wire.into_rules(),
        }
    }
}

impl Ruleset {
    /// Its rules alone, first to last.
    pub(crate) fn into_rules(self) -> Vec<resource::CustomRule> {
        let rules = self.rules.unwrap_or_default().into_iter();
        rules.map(resource::CustomRule::from).collect()
    }
}

impl From<Rule> for resource::CustomRule {
    fn from(wire: Rule) -> Self {
        Self {
            reference: wire
                .reference
                .unwrap_or_else(|| wire.id.as_str().to_owned()),
            id: wire.id,
            version: wire.version,
            action: wire.action,
            parameters: wire
                .action_parameters
                .unwrap_or_else(|| Value::Object(serde_json::Map::new())),
            expression: wire.expression,
            description: wire.description.unwrap_or_default(),
            enabled: wire.enabled.unwrap_or(true),
        }
    }
}

/// API reference, section 5.2.
#[derive(Deserialize)]
pub(crate) struct Token {
    pub(crate) status: String,
    pub(crate) expires_on: Option<Timestamp>,
}

fn zone_id<'de, D: Deserializer<'de>>(from: D) -> Result<ZoneId, D::Error> {
    text(from, ZoneId::parse)
}

fn zone_name<'de, D: Deserializer<'de>>(from: D) -> Result<ZoneName, D::Error> {
    text(from, ZoneName::parse)
}

fn ca_id<'de, D: Deserializer<'de>>(from: D) -> Result<CaId, D::Error> {
    text(from, CaId::parse)
}

fn ruleset_id<'de, D: Deserializer<'de>>(from: D) -> Result<RulesetId, D::Error> {
    text(from, RulesetId::parse)
}

fn rule_id<'de, D: Deserializer<'de>>(from: D) -> Result<RuleId, D::Error> {
    text(from, RuleId::parse)
}

fn text<'de, D, T, E>(from: D, parse: fn(&str) -> Result<T, E>) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    E: Display,
{
    parse(&String::deserialize(from)?).map_err(D::Error::custom)
}

/// Digits in a string; the documentation's examples show a number.
fn version<'de, D: Deserializer<'de>>(from: D) -> Result<u64, D::Error> {
    let value = Value::deserialize(from)?;
    value
        .as_u64()
        .or_else(|| value.as_str()?.parse().ok())
        .ok_or_else(|| D::Error::custom(format!("{value} is no version number")))
}
