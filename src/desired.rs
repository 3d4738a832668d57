//! What the file asks for, with every reference resolved.
//!
//! `config` says what is written; this says what it means on a given day and in a given account: which
//! zone each host belongs to, which CAs its clients may come from, and, per zone and rule, who has to
//! present what. Pure; the day and the zones are passed in.

pub mod access_test;
pub mod digest;
pub mod requirement;
pub mod resolve;
pub mod zones;

mod fault;

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use serde_json::Value;

use crate::resource::Bundle;
use crate::resource::CaMark;
use crate::resource::Certificate;
use crate::resource::Hostname;
use crate::resource::KeyId;
use crate::resource::Name;
use crate::resource::ZoneName;

pub use crate::config::Expectation;
pub use crate::config::Guards;
pub use crate::config::HostLimit;
pub use crate::config::SideEffects;
pub use crate::config::Span;
pub use access_test::AccessTest;
pub use access_test::Credential;
pub use access_test::access_tests;
pub use digest::digest;
pub use requirement::Accepts;
pub use requirement::Requirement;
pub use resolve::resolve;
pub use zones::Zones;

/// The desired state of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Desired {
    /// The mark of what is ours.
    pub owner: Name,
    /// Marks that count as ours too.
    pub former_owners: Vec<Name>,
    /// The file's own name, told to readers of the dashboard.
    pub file: String,
    /// The zones the file speaks for; `None` means every active zone of the account.
    pub zones: Option<BTreeSet<ZoneName>>,
    /// How many CAs the account may hold.
    pub quota: usize,
    /// The declared CAs by name; those that a date has retired are still here, so that they are known.
    pub cas: BTreeMap<Name, Ca>,
    /// The declared hosts.
    pub hosts: BTreeMap<Hostname, Host>,
    /// The rules, in the order of the file.
    pub rules: Vec<Rule>,
    /// What must become of some requests, in the order of the file.
    pub tests: Vec<AccessTest>,
    /// What no plan may do without being asked again.
    pub guards: Guards,
}

/// A declared CA.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ca {
    /// What it is.
    pub content: Content,
    /// Intermediates below it that are not uploaded and may be pinned.
    pub issuers: Vec<Certificate>,
    /// The key ids a rule pins for it, its pinned intermediates included.
    pub pins: BTreeSet<KeyId>,
    /// The day from which it counts as absent, if one is given.
    pub retire: Option<jiff::civil::Date>,
    /// Whether that day has come.
    pub is_retired: bool,
    /// Whether a pinning rule covers one of its hosts.
    pub is_pinned: bool,
    /// The mark that it has in the account, where it has left the file and only its clients' time to move
    /// keeps it.
    pub left: Option<CaMark>,
}

/// What a CA is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Content {
    /// The CA that Cloudflare runs: nothing to upload, nothing to delete.
    CloudflareManaged,
    /// Certificates to be uploaded.
    Uploaded(Bundle),
}

/// A declared host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Host {
    /// The zone it belongs to.
    pub zone: ZoneName,
    /// The CAs whose clients it accepts, without those that a date has retired.
    pub cas: BTreeSet<Name>,
}

/// A declared rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// Its name in the file.
    pub name: Name,
    /// What happens to a request that does not meet the requirement, in Cloudflare's word.
    pub action: &'static str,
    /// What the action needs to know, as Cloudflare's `action_parameters`.
    pub parameters: Value,
    /// Whether it takes part at all.
    pub enabled: bool,
    /// Who has to present what, by zone; zones without hosts are absent.
    pub zones: BTreeMap<ZoneName, Requirement>,
    /// The live rules that it takes over, by zone, each by its `ref`, in the order of the file.
    pub adopt: BTreeMap<ZoneName, Vec<String>>,
}

impl Desired {
    /// Whether this file speaks for a zone.
    #[must_use]
    pub fn speaks_for(&self, zone: &ZoneName) -> bool {
        self.zones.as_ref().is_none_or(|zones| zones.contains(zone))
    }

    /// Whether a mark's owner is us.
    #[must_use]
    pub fn is_ours(&self, owner: &Name) -> bool {
        self.owner == *owner || self.former_owners.contains(owner)
    }

    /// The declared CA of this content.
    #[must_use]
    pub fn ca_of(&self, bundle: &Bundle) -> Option<(&Name, &Ca)> {
        self.cas
            .iter()
            .find(|(_, ca)| matches!(&ca.content, Content::Uploaded(content) if content == bundle))
    }

    /// The hosts of one zone that accept clients of one CA.
    pub fn hosts_of<'a>(
        &'a self,
        zone: &'a ZoneName,
        ca: &'a Name,
    ) -> impl Iterator<Item = &'a Hostname> + 'a {
        self.hosts
            .iter()
            .filter(move |(_, host)| host.zone == *zone && host.cas.contains(ca))
            .map(|(name, _)| name)
    }
}
