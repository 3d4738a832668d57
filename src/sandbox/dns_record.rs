//! DNS records of a zone: list, create, delete
//! (<https://developers.cloudflare.com/api/resources/dns/subresources/records/>).
//!
//! Only whether a host goes through the edge matters here; nothing is resolved.

use std::net::Ipv4Addr;
use std::net::Ipv6Addr;

use http::StatusCode;
use jiff::Timestamp;
use serde::Deserialize;
use serde::Serialize;
use serde_json::Value;
use serde_json::json;

use crate::sandbox::account::Account;
use crate::sandbox::envelope::Answer;
use crate::sandbox::envelope::Answered;
use crate::sandbox::envelope::Refusal;
use crate::sandbox::envelope::UNCONFIRMED;
use crate::sandbox::fields::Fields;
use crate::sandbox::ids::tag;
use crate::sandbox::page::Page;
use crate::sandbox::query::Query;

/// The types of record that can be made here.
const TYPES: [&str; 4] = ["A", "AAAA", "CNAME", "TXT"];

/// The most records that a page may hold.
const LARGEST_PAGE: usize = 5_000_000;

/// The time to live that stands for *automatic*; proxied records have no other.
const AUTOMATIC: u64 = 1;

/// A DNS record.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct DnsRecord {
    id: String,
    /// The whole name, lower case.
    pub(crate) name: String,
    #[serde(rename = "type")]
    pub(crate) kind: String,
    pub(crate) content: String,
    /// Whether requests go through the edge.
    pub(crate) proxied: bool,
    /// In seconds.
    ttl: u64,
    created_on: Timestamp,
}

/// GET `/zones/{zone_id}/dns_records`.
pub(crate) fn list(account: &Account, zone_id: &str, query: &Query, path: &str) -> Answered {
    let zone = account
        .zone(zone_id)
        .ok_or_else(|| Refusal::no_route(path))?;
    let page = Page::of(query, 100, 1..=LARGEST_PAGE)?;
    let order = query.choice("order", &["type", "name", "content", "ttl", "proxied"])?;
    let descending = query.choice("direction", &["asc", "desc"])? == Some("desc");
    let proxied = query.choice("proxied", &["true", "false"])?;
    let mut records: Vec<&DnsRecord> = zone
        .records
        .iter()
        .filter(|record| query.get("type").is_none_or(|kind| record.kind == kind))
        .filter(|record| query.get("name").is_none_or(|name| record.name == name))
        .filter(|record| proxied.is_none_or(|wanted| record.proxied == (wanted == "true")))
        .collect();
    match order {
        Some("name") => records.sort_by_key(|record| &record.name),
        Some("content") => records.sort_by_key(|record| &record.content),
        Some("ttl") => records.sort_by_key(|record| record.ttl),
        Some("proxied") => records.sort_by_key(|record| record.proxied),
        _ => records.sort_by_key(|record| &record.kind),
    }
    if descending {
        records.reverse();
    }
    Ok(page.answer(records.into_iter().map(DnsRecord::to_json).collect()))
}

/// POST `/zones/{zone_id}/dns_records`.
pub(crate) fn create(
    account: &mut Account,
    zone_id: &str,
    mut fields: Fields,
    path: &str,
    now: Timestamp,
) -> Answered {
    let (zone, ids) = account
        .zone_mut(zone_id)
        .ok_or_else(|| Refusal::no_route(path))?;
    let kind = fields.text("type")?;
    if !TYPES.contains(&kind.as_str()) {
        let what = format!("must be one of {} here, got {kind:?}", TYPES.join(", "));
        return Err(fields.refuse("type", &what));
    }
    let name = whole_name(&fields.text("name")?, &zone.facts.name);
    if !is_name(&name) {
        return Err(fields.refuse("name", "is no host name"));
    }
    let content = fields.text("content")?;
    if !fits(&kind, &content) {
        return Err(fields.refuse(
            "content",
            &format!("{content:?} does not fit the type {kind}"),
        ));
    }
    let proxied = fields.boolean("proxied")?.unwrap_or(false);
    if proxied && !is_proxiable(&kind) {
        return Err(fields.refuse("proxied", "cannot be true for this type"));
    }
    let ttl = match fields.take("ttl") {
        None => AUTOMATIC,
        Some(ttl) => ttl
            .as_u64()
            .filter(|ttl| *ttl == AUTOMATIC || (30..=86_400).contains(ttl))
            .ok_or_else(|| fields.refuse("ttl", "must be 1, or from 30 to 86400"))?,
    };
    fields.finish()?;
    let clashes = |other: &&DnsRecord| {
        let is_same = other.kind == kind && other.content == content;
        let has_alias = kind == "CNAME" || other.kind == "CNAME";
        let shares = has_alias && is_proxiable(&kind) && is_proxiable(&other.kind);
        other.name == name && (is_same || shares)
    };
    if let Some(other) = zone.records.iter().find(clashes) {
        let message = format!("{name} has a record of type {} already", other.kind);
        return Err(Refusal::invalid(message));
    }
    let record = DnsRecord {
        id: ids.next(),
        name,
        kind,
        content,
        proxied,
        ttl: if proxied { AUTOMATIC } else { ttl },
        created_on: now,
    };
    zone.records.push(record.clone());
    Ok(Answer::Of(record.to_json()))
}

/// DELETE `/zones/{zone_id}/dns_records/{id}`.
pub(crate) fn delete(account: &mut Account, zone_id: &str, id: &str, path: &str) -> Answered {
    let (zone, _) = account
        .zone_mut(zone_id)
        .ok_or_else(|| Refusal::no_route(path))?;
    let found = zone.records.iter().position(|record| record.id == id);
    let index = found.ok_or_else(|| {
        let message = "could not find the DNS record";
        Refusal::new(StatusCode::NOT_FOUND, UNCONFIRMED, message)
    })?;
    zone.records.remove(index);
    Ok(Answer::Of(json!({ "id": id })))
}

impl DnsRecord {
    /// A proxied address of a new account. Its id depends on its name alone, so that it takes none from
    /// the sequence.
    pub(crate) fn proxied(name: String, address: &str, since: Timestamp) -> Self {
        Self {
            id: tag(&["record", &name]),
            name,
            kind: "A".into(),
            content: address.to_owned(),
            proxied: true,
            ttl: AUTOMATIC,
            created_on: since,
        }
    }

    /// Whether requests for it go past the edge, though they could go through it.
    pub(crate) fn is_dns_only(&self) -> bool {
        !self.proxied && is_proxiable(&self.kind)
    }

    fn to_json(&self) -> Value {
        let created_on = format!("{:.6}", self.created_on);
        json!({
            "id": self.id,
            "name": self.name,
            "type": self.kind,
            "content": self.content,
            "proxiable": is_proxiable(&self.kind),
            "proxied": self.proxied,
            "ttl": self.ttl,
            "settings": {},
            "meta": {},
            "comment": null,
            "tags": [],
            "created_on": created_on,
            "modified_on": created_on,
        })
    }
}

/// The name with its zone: `@` is the zone itself, and a name outside of it is taken to be relative.
fn whole_name(name: &str, zone: &str) -> String {
    let name = name.to_ascii_lowercase();
    match name.strip_suffix(zone) {
        _ if name == "@" => zone.to_owned(),
        Some("") => name,
        Some(below) if below.ends_with('.') => name,
        _ => format!("{name}.{zone}"),
    }
}

fn is_proxiable(kind: &str) -> bool {
    kind != "TXT"
}

/// Labels of letters, digits, hyphens and underscores; the first may be `*`.
fn is_name(name: &str) -> bool {
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    let is_label = |label: &str| (1..=63).contains(&label.len()) && label.bytes().all(is_word);
    let labels = name.strip_prefix("*.").unwrap_or(name);
    name.len() <= 253 && labels.split('.').all(is_label)
}

fn fits(kind: &str, content: &str) -> bool {
    match kind {
        "A" => content.parse::<Ipv4Addr>().is_ok(),
        "AAAA" => content.parse::<Ipv6Addr>().is_ok(),
        "CNAME" => is_name(content),
        _ => true,
    }
}
