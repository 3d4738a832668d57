//! Which hostnames ask for certificates of which CA, per zone (API reference, section 2). PUT
//! replaces; without a certificate id everything is about the CA that Cloudflare manages.

use std::collections::BTreeSet;

use jiff::Timestamp;
use serde_json::Value;
use serde_json::json;

use crate::sandbox::account::Account;
use crate::sandbox::certificate;
use crate::sandbox::envelope::Answer;
use crate::sandbox::envelope::Answered;
use crate::sandbox::envelope::Refusal;
use crate::sandbox::fields::Fields;
use crate::sandbox::query::Query;

/// GET: what the list was a while ago, if the account lags.
pub(crate) fn read(
    account: &Account,
    zone_id: &str,
    query: &Query,
    path: &str,
    now: Timestamp,
) -> Answered {
    let zone = account
        .zone(zone_id)
        .ok_or_else(|| Refusal::no_route(path))?;
    let lag = account.lag().associations;
    let Some(id) = uploaded(query.get("mtls_certificate_id"))? else {
        return Ok(answer(zone.managed.seen(now, lag)));
    };
    certificate::associable(account, id)?;
    Ok(match zone.associations.get(id) {
        Some(list) => answer(list.seen(now, lag)),
        None => answer(&BTreeSet::new()),
    })
}

/// PUT: replaces the whole list, and answers it.
pub(crate) fn replace(
    account: &mut Account,
    zone_id: &str,
    mut fields: Fields,
    path: &str,
    now: Timestamp,
) -> Answered {
    let lag = account.lag().associations;
    let zone = account
        .zone(zone_id)
        .ok_or_else(|| Refusal::no_route(path))?;
    let id = match fields.take("mtls_certificate_id") {
        None | Some(Value::Null) => None,
        Some(Value::String(id)) => uploaded(Some(&id))?.map(str::to_owned),
        Some(_) => return Err(fields.refuse("mtls_certificate_id", "must be a string")),
    };
    let hosts: BTreeSet<String> = fields.strings("hostnames")?.into_iter().collect();
    if let Some(problem) = hosts
        .iter()
        .find_map(|host| problem(host, &zone.facts.name))
    {
        return Err(Refusal::invalid(problem).at("/hostnames"));
    }
    fields.finish()?;
    if let Some(id) = &id {
        certificate::associable(account, id)?;
    }

    let answered = answer(&hosts);
    let was_associated = id
        .as_deref()
        .is_some_and(|id| certificate::is_associated(account, id));
    let Some((zone, _)) = account.zone_mut(zone_id) else {
        return Err(Refusal::no_route(path));
    };
    let Some(id) = id else {
        zone.managed.replace(hosts, now, lag);
        return Ok(answered);
    };
    let list = zone.associations.entry(id.clone()).or_default();
    list.replace(hosts, now, lag);
    if list.is_forgettable() {
        zone.associations.remove(&id);
    }
    if was_associated && !certificate::is_associated(account, &id) {
        certificate::release(account, &id, now);
    }
    Ok(answered)
}

/// The id of an uploaded certificate, or nothing for the managed CA. An empty id is as good as
/// none: the dangerous reading of what no source settles.
fn uploaded(id: Option<&str>) -> Result<Option<&str>, Refusal> {
    match id {
        None | Some("") => Ok(None),
        Some(id) if id.len() == 36 => Ok(Some(id)),
        Some(_) => Err(Refusal::invalid(
            "mtls_certificate_id must have 36 characters",
        )),
    }
}

/// The list in an order of its own, and null when there is nothing in it.
fn answer(hosts: &BTreeSet<String>) -> Answer {
    if hosts.is_empty() {
        return Answer::Of(json!({"hostnames": null}));
    }
    Answer::Of(json!({"hostnames": hosts.iter().rev().collect::<Vec<_>>()}))
}

/// Why a hostname is refused, if it is.
fn problem(host: &str, zone: &str) -> Option<String> {
    let is_label = |label: &str| {
        let plain = label
            .bytes()
            .all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_'));
        (1..=63).contains(&label.len()) && plain
    };
    if host.len() > 253 || !host.split('.').all(is_label) {
        return Some(format!(
            "{host:?} is not a hostname in lower-case ASCII without a trailing dot or a wildcard"
        ));
    }
    let inside = host == zone
        || host
            .strip_suffix(zone)
            .is_some_and(|rest| rest.ends_with('.'));
    (!inside).then(|| format!("{host} is not in the zone {zone}"))
}
