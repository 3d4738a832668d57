//! A zone: what it is, its hostname lists, its rulesets and what else is in it; and the zone endpoints
//! (API reference, section 5.1).

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Deserialize;
use serde::Serialize;
use serde_json::Value;
use serde_json::json;

use crate::sandbox::access_rule::AccessRule;
use crate::sandbox::account::Account;
use crate::sandbox::dns_record::DnsRecord;
use crate::sandbox::envelope::Answer;
use crate::sandbox::envelope::Answered;
use crate::sandbox::envelope::Refusal;
use crate::sandbox::host_list::HostList;
use crate::sandbox::ids::tag;
use crate::sandbox::page::Page;
use crate::sandbox::query::Query;
use crate::sandbox::ruleset::Ruleset;

/// Where a zone stands on its way to Cloudflare.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ZoneStatus {
    /// Being set up.
    Initializing,
    /// Its name servers do not point at Cloudflare yet.
    Pending,
    /// In service.
    Active,
    /// Its name servers point elsewhere again.
    Moved,
}

/// What is paid for a zone; decides how many custom rules it may have and which actions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ZonePlan {
    /// 5 custom rules.
    Free,
    /// 20 custom rules.
    Pro,
    /// 100 custom rules.
    Business,
    /// 1,000 custom rules.
    Enterprise,
}

/// What a zone is before anything is configured in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ZoneFacts {
    /// Its name, lower case.
    pub name: String,
    /// Where it stands.
    pub status: ZoneStatus,
    /// DNS only: nothing is proxied.
    pub paused: bool,
    /// What is paid for it.
    pub plan: ZonePlan,
    /// When it was added to the account.
    pub created_on: Timestamp,
}

/// A zone of the account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Zone {
    pub(crate) id: String,
    pub(crate) facts: ZoneFacts,
    /// Hostnames of the CA that Cloudflare manages.
    pub(crate) managed: HostList,
    /// Hostnames of uploaded CAs, by certificate id.
    pub(crate) associations: BTreeMap<String, HostList>,
    pub(crate) rulesets: Vec<Ruleset>,
    /// IP Access rules of this zone alone.
    #[serde(default)]
    pub(crate) access_rules: Vec<AccessRule>,
    #[serde(default)]
    pub(crate) records: Vec<DnsRecord>,
}

impl ZoneStatus {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Initializing => "initializing",
            Self::Pending => "pending",
            Self::Active => "active",
            Self::Moved => "moved",
        }
    }
}

impl ZonePlan {
    /// How many custom rules the zone may have (API reference, section 3.7).
    pub(crate) fn rule_quota(self) -> usize {
        match self {
            Self::Free => 5,
            Self::Pro => 20,
            Self::Business => 100,
            Self::Enterprise => 1000,
        }
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Free => "free",
            Self::Pro => "pro",
            Self::Business => "business",
            Self::Enterprise => "enterprise",
        }
    }

    fn title(self) -> &'static str {
        match self {
            Self::Free => "Free Website",
            Self::Pro => "Pro Website",
            Self::Business => "Business Website",
            Self::Enterprise => "Enterprise Website",
        }
    }
}

impl ZoneFacts {
    /// An active Enterprise zone.
    #[must_use]
    pub fn enterprise(name: &str, created_on: Timestamp) -> Self {
        Self {
            name: name.to_ascii_lowercase(),
            status: ZoneStatus::Active,
            paused: false,
            plan: ZonePlan::Enterprise,
            created_on,
        }
    }
}

impl Zone {
    pub(crate) fn new(account_id: &str, facts: ZoneFacts) -> Self {
        Self {
            id: tag(&["zone", account_id, &facts.name]),
            facts,
            managed: HostList::default(),
            associations: BTreeMap::new(),
            rulesets: Vec::new(),
            access_rules: Vec::new(),
            records: Vec::new(),
        }
    }

    fn to_json(&self, account: &Account) -> Value {
        let ZoneFacts {
            name,
            status,
            paused,
            plan,
            created_on,
        } = &self.facts;
        let created_on = format!("{created_on:.6}");
        json!({
            "id": self.id,
            "name": name,
            "status": status.name(),
            "paused": paused,
            "type": "full",
            "development_mode": 0,
            "name_servers": ["ada.ns.cloudflare.com", "bob.ns.cloudflare.com"],
            "original_name_servers": null,
            "original_registrar": null,
            "original_dnshost": null,
            "created_on": created_on,
            "modified_on": created_on,
            "activated_on": (*status == ZoneStatus::Active).then_some(&created_on),
            "account": {"id": account.id(), "name": account.name()},
            "owner": {"id": null, "type": "user", "email": null},
            "plan": {"id": tag(&["plan", plan.name()]), "name": plan.title(), "legacy_id": plan.name()},
            "meta": {},
        })
    }
}

/// GET `/zones/{zone_id}`.
pub(crate) fn read(account: &Account, zone_id: &str, path: &str) -> Answered {
    let zone = account
        .zone(zone_id)
        .ok_or_else(|| Refusal::no_route(path))?;
    Ok(Answer::Of(zone.to_json(account)))
}

/// GET `/zones`: filtered, sorted, paged.
pub(crate) fn list(account: &Account, query: &Query) -> Answered {
    let page = Page::of(query, 20, 5..=50)?;
    let status = query.choice("status", &["initializing", "pending", "active", "moved"])?;
    let types = query.choices("type", &["full", "partial", "secondary", "internal"])?;
    let order = query.choice(
        "order",
        &["name", "status", "account.id", "account.name", "plan.id"],
    )?;
    let descending = query.choice("direction", &["asc", "desc"])? == Some("desc");
    let any = query.choice("match", &["any", "all"])? == Some("any");

    let matches = |zone: &&Zone| {
        let tests: Vec<bool> = [
            query
                .get("name")
                .map(|wanted| name_matches(wanted, &zone.facts.name)),
            query
                .get("account.name")
                .map(|wanted| name_matches(wanted, account.name())),
            query.get("account.id").map(|wanted| wanted == account.id()),
            status.map(|wanted| wanted == zone.facts.status.name()),
            types.as_ref().map(|wanted| wanted.contains(&"full")),
        ]
        .into_iter()
        .flatten()
        .collect();
        if any && !tests.is_empty() {
            tests.contains(&true)
        } else {
            !tests.contains(&false)
        }
    };
    let mut zones: Vec<&Zone> = account.zones().iter().filter(matches).collect();
    zones.sort_by_key(|zone| match order {
        Some("status") => (zone.facts.status.name(), &zone.facts.name),
        Some("plan.id") => (zone.facts.plan.name(), &zone.facts.name),
        _ => ("", &zone.facts.name),
    });
    if descending {
        zones.reverse();
    }

    let shown = zones.into_iter().map(|zone| zone.to_json(account));
    Ok(page.answer(shown.collect()))
}

/// A name filter: plain text is equality, a prefix names another comparison.
fn name_matches(filter: &str, name: &str) -> bool {
    let (comparison, wanted) = filter.split_once(':').unwrap_or(("equal", filter));
    let (comparison, wanted, name) = match comparison.strip_suffix("_case_sensitive") {
        Some(comparison) => (comparison, wanted.to_owned(), name.to_owned()),
        None => (
            comparison,
            wanted.to_ascii_lowercase(),
            name.to_ascii_lowercase(),
        ),
    };
    match comparison {
        "equal" => name == wanted,
        "not_equal" => name != wanted,
        "starts_with" => name.starts_with(&wanted),
        "ends_with" => name.ends_with(&wanted),
        "contains" => name.contains(&wanted),
        _ => false,
    }
}
