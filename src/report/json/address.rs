//! What a step, a held object or a refusal is about.

use schemars::JsonSchema;
use serde::Serialize;

use crate::plan;
use crate::resource::ZoneName;

/// Our name for a thing in the account.
#[derive(Serialize, JsonSchema)]
pub(super) struct Address<'a> {
    kind: Kind,
    /// `null` for what belongs to the account.
    zone: Option<&'a str>,
    /// A CA's name, whose hosts they are, or a rule's `ref`; the zone itself for a zone.
    name: &'a str,
    /// All of it for people.
    text: String,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Ca,
    Hosts,
    Rule,
    Zone,
}

impl<'a> Address<'a> {
    pub(super) fn of(address: &'a plan::Address) -> Self {
        let (kind, zone, name) = match address {
            plan::Address::Ca { label } => (Kind::Ca, None, label.as_str()),
            plan::Address::Hosts { zone, ca } => (Kind::Hosts, Some(zone), ca.as_str()),
            plan::Address::Rule { zone, label } => (Kind::Rule, Some(zone), label.as_str()),
            plan::Address::Zone { zone } => (Kind::Zone, Some(zone), zone.as_str()),
        };
        Self {
            kind,
            zone: zone.map(ZoneName::as_str),
            name,
            text: address.to_string(),
        }
    }
}
