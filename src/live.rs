//! What the account held at one moment, and whose is what.
//!
//! A [`Live`] is complete for what it says it looked at: a read that failed is an error of the observer,
//! never a smaller account. What was left unread on purpose is `None`, not empty.

pub mod neighbours;

mod state;

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::resource::AccountId;
use crate::resource::Bundle;
use crate::resource::CaId;
use crate::resource::CaMark;
use crate::resource::CustomRule;
use crate::resource::EntryPoint;
use crate::resource::Hostname;
use crate::resource::Issuer;
use crate::resource::RulesetId;
use crate::resource::Zone;
use crate::resource::ZoneName;

pub use neighbours::AccessRule;
pub use neighbours::DnsRecord;
pub use neighbours::Looked;
pub use neighbours::Neighbours;
pub use neighbours::Unread;
pub use neighbours::ZoneNeighbours;

/// The account at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Live {
    /// Which account.
    pub account: AccountId,
    /// Everything in the account's certificate store.
    pub cas: Vec<LiveCa>,
    /// Every zone that the token shows, by name.
    pub zones: BTreeMap<ZoneName, LiveZone>,
}

/// An object in the account's certificate store: a CA, or something else that lives there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LiveCa {
    /// Cloudflare's name for it.
    pub id: CaId,
    /// Its name, for people; may be empty, may be shared.
    pub name: String,
    /// What kind of object it is.
    pub kind: CaKind,
    /// Its content; `None` where it is no CA or cannot be read.
    pub bundle: Option<Bundle>,
    /// When the account received it.
    pub uploaded_on: Option<Timestamp>,
}

/// The kinds of objects that share the certificate store (API reference, section 7).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CaKind {
    /// A CA that somebody uploaded: it can have host lists, and it takes a slot of the quota.
    Uploaded,
    /// A leaf certificate of Workers or Hyperdrive.
    Leaf,
    /// Run by another product, such as `gateway_managed`.
    Product(String),
}

impl LiveCa {
    /// The mark in its name, if it is true to its content.
    #[must_use]
    pub fn mark(&self) -> Option<CaMark> {
        let mark = CaMark::parse(&self.name)?;
        let content = self.bundle.as_ref()?;
        (mark.digest == content.digest()).then_some(mark)
    }

    /// What people call it: its name, else its id.
    #[must_use]
    pub fn label(&self) -> &str {
        if self.name.trim().is_empty() {
            self.id.as_str()
        } else {
            &self.name
        }
    }

    /// Whether it can have host lists and takes a slot of the quota.
    #[must_use]
    pub fn is_uploaded_ca(&self) -> bool {
        self.kind == CaKind::Uploaded
    }
}

/// A zone, and what was read of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LiveZone {
    /// The zone itself.
    pub zone: Zone,
    /// Its custom rules; `None` where they were not read.
    pub rules: Option<Rules>,
    /// Its host lists, one per CA that can have one; `None` where they were not read.
    pub lists: Option<BTreeMap<Issuer, HostList>>,
    /// Custom rulesets that `execute` rules of the zone deploy, as far as they were read.
    pub deployed: BTreeMap<RulesetId, Vec<CustomRule>>,
}

/// The custom rules of a zone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Rules {
    /// The zone has no entry point yet.
    NoEntryPoint,
    /// The entry point, perhaps without rules.
    EntryPoint(EntryPoint),
}

impl Rules {
    /// The rules in the order in which the edge evaluates them.
    #[must_use]
    pub fn as_slice(&self) -> &[CustomRule] {
        match self {
            Self::NoEntryPoint => &[],
            Self::EntryPoint(entry) => &entry.rules,
        }
    }
}

/// The hosts of one (zone, CA), in the spelling that the account holds.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct HostList(pub BTreeSet<String>);

impl HostList {
    /// Whether `host` is listed, in whatever spelling.
    #[must_use]
    pub fn contains(&self, host: &Hostname) -> bool {
        self.0.contains(host.as_str())
            || self
                .0
                .iter()
                .any(|listed| Hostname::parse(listed).is_ok_and(|one| one == *host))
    }
}

/// Which zones something is read of.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Reading {
    /// Those that planning needs.
    pub needed: BTreeSet<ZoneName>,
    /// Others that it would be good to know, to see what of ours remains there; a token that cannot read
    /// them is no error.
    pub optional: BTreeSet<ZoneName>,
    /// How many more there are, which are left unread because they would take too many calls.
    pub skipped: usize,
}

impl Live {
    /// The uploaded CA of this content.
    #[must_use]
    pub fn ca_of(&self, bundle: &Bundle) -> Option<&LiveCa> {
        self.cas
            .iter()
            .find(|ca| ca.is_uploaded_ca() && ca.bundle.as_ref() == Some(bundle))
    }

    /// The zones themselves.
    pub fn zones(&self) -> impl Iterator<Item = &Zone> {
        self.zones.values().map(|zone| &zone.zone)
    }

    /// The CA of this id.
    #[must_use]
    pub fn ca(&self, id: &CaId) -> Option<&LiveCa> {
        self.cas.iter().find(|ca| ca.id == *id)
    }

    /// How many slots of the CA quota are taken.
    ///
    /// Counted are uploaded CAs: whether CAs that other products run count too is not documented, and
    /// the upload, which comes first, would say so (API reference, section 1.8).
    #[must_use]
    pub fn slots_used(&self) -> usize {
        self.cas.iter().filter(|ca| ca.is_uploaded_ca()).count()
    }
}
