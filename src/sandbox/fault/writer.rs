//! Somebody else's change, carried out: through the API as everybody's, as the owner of the account.

use std::collections::BTreeSet;

use bytes::Bytes;
use http::Method;
use http::Request;
use jiff::Timestamp;
use serde_json::Value;
use serde_json::json;

use crate::sandbox::account::Account;
use crate::sandbox::account::Lag;
use crate::sandbox::entry_point::entry_point;
use crate::sandbox::fault::call::Call;
use crate::sandbox::fault::foreign::Change;
use crate::sandbox::fault::foreign::MANAGED;
use crate::sandbox::phase::Phase;
use crate::sandbox::route::BASE_PATH;
use crate::sandbox::ruleset::Rule;
use crate::sandbox::ruleset::Ruleset;
use crate::sandbox::token::Caller;
use crate::sandbox::zone::Zone;

/// Does it. What the call does not leave open is in `change`.
///
/// # Errors
/// Why it could not be done: what it is about is not there, or the API refused it.
pub(crate) fn write(
    change: &Change,
    account: &mut Account,
    call: &Call,
    now: Timestamp,
) -> Result<(), String> {
    match change {
        Change::AddHost { host, ca } => set_hosts(account, call, ca.as_deref(), now, |hosts| {
            hosts.insert(host.clone());
        }),
        Change::DropHost { host, ca } => set_hosts(account, call, ca.as_deref(), now, |hosts| {
            hosts.remove(host);
        }),
        Change::AddRule {
            description,
            expression,
            action,
        } => {
            let rule =
                json!({"description": description, "expression": expression, "action": action});
            add_rule(account, call, rule, now)
        }
        Change::EditRule {
            rule,
            expression,
            action,
        } => {
            let (path, rule) = find_rule(account, call, rule.as_deref())?;
            let mut body = rule.definition.to_json();
            body["ref"] = json!(rule.reference);
            match (expression, action) {
                (None, None) => body["enabled"] = json!(false),
                (expression, action) => {
                    for (field, value) in [("expression", expression), ("action", action)] {
                        if let Some(value) = value {
                            body[field] = json!(value);
                        }
                    }
                }
            }
            send(account, Method::PATCH, &path, &body, now)
        }
        Change::DeleteRule { rule } => {
            let (path, _) = find_rule(account, call, rule.as_deref())?;
            send(account, Method::DELETE, &path, &Value::Null, now)
        }
        Change::DeleteCa { ca } => delete_ca(account, call, ca.as_deref(), now),
    }
}

fn set_hosts(
    account: &mut Account,
    call: &Call,
    ca: Option<&str>,
    now: Timestamp,
    change: impl FnOnce(&mut BTreeSet<String>),
) -> Result<(), String> {
    let certificate = match ca {
        None => call.certificate.clone(),
        Some(MANAGED) => None,
        Some(ca) => Some(find_ca(account, ca)?),
    };
    let zone = zone_of(account, call)?;
    let list = match &certificate {
        None => Some(&zone.managed),
        Some(id) => zone.associations.get(id),
    };
    let mut hosts = list.map(|list| list.hosts().clone()).unwrap_or_default();
    change(&mut hosts);
    let zone = zone.id.clone();
    put_hosts(account, &zone, certificate.as_deref(), &hosts, now)
}

fn put_hosts(
    account: &mut Account,
    zone: &str,
    certificate: Option<&str>,
    hosts: &BTreeSet<String>,
    now: Timestamp,
) -> Result<(), String> {
    let mut body = json!({ "hostnames": hosts });
    if let Some(id) = certificate {
        body["mtls_certificate_id"] = json!(id);
    }
    let path = format!("/zones/{zone}/certificate_authorities/hostname_associations");
    send(account, Method::PUT, &path, &body, now)
}

fn add_rule(
    account: &mut Account,
    call: &Call,
    mut rule: Value,
    now: Timestamp,
) -> Result<(), String> {
    let zone = zone_of(account, call)?;
    let rulesets = format!("/zones/{}/rulesets", zone.id);
    let Some(entry) = entry_point(&zone.rulesets, Phase::CustomRules) else {
        let path = format!("{rulesets}/phases/{}/entrypoint", Phase::CustomRules.name());
        return send(account, Method::PUT, &path, &json!({"rules": [rule]}), now);
    };
    rule["position"] = json!({"index": 1});
    let path = format!("{rulesets}/{}/rules", entry.id);
    send(account, Method::POST, &path, &rule, now)
}

/// Without quarter: its lists are emptied first, and no time passes until it goes.
fn delete_ca(
    account: &mut Account,
    call: &Call,
    ca: Option<&str>,
    now: Timestamp,
) -> Result<(), String> {
    let id = match (ca, &call.certificate) {
        (Some(ca), _) => find_ca(account, ca)?,
        (None, Some(id)) => id.clone(),
        (None, None) => return Err("the call names no CA".to_owned()),
    };
    let zones: Vec<String> = account
        .zones()
        .iter()
        .filter(|zone| zone.associations.contains_key(&id))
        .map(|zone| zone.id.clone())
        .collect();
    for zone in zones {
        put_hosts(account, &zone, Some(&id), &BTreeSet::new(), now)?;
    }
    let lag = account.lag();
    account.set_lag(Lag {
        in_use: Lag::default().in_use,
        ..lag
    });
    let path = format!("/accounts/{}/mtls_certificates/{id}", account.id());
    let deleted = send(account, Method::DELETE, &path, &Value::Null, now);
    account.set_lag(lag);
    deleted
}

fn zone_of<'a>(account: &'a Account, call: &Call) -> Result<&'a Zone, String> {
    let id = call.zone.as_deref().unwrap_or_default();
    let zone = account.zone(id);
    zone.ok_or_else(|| "the call is about no zone of the account".to_owned())
}

fn find_ca(account: &Account, named: &str) -> Result<String, String> {
    let found = account
        .certificates()
        .values()
        .filter(|certificate| certificate.exists())
        .find(|certificate| certificate.id == named || certificate.name.starts_with(named));
    found
        .map(|certificate| certificate.id.clone())
        .ok_or_else(|| format!("no certificate is called `{named}`"))
}

/// A custom rule of the zone, and its path. By name in the entry point, by the call's id in any ruleset.
fn find_rule(
    account: &Account,
    call: &Call,
    named: Option<&str>,
) -> Result<(String, Rule), String> {
    let zone = zone_of(account, call)?;
    let is_meant = |rule: &Rule| match (named, &call.rule) {
        (Some(named), _) => {
            rule.id == named
                || rule.reference.starts_with(named)
                || rule.definition.description.starts_with(named)
        }
        (None, Some(id)) => rule.id == *id,
        (None, None) => false,
    };
    let custom = |ruleset: &&Ruleset| ruleset.phase == Phase::CustomRules;
    let found = zone.rulesets.iter().filter(custom).find_map(|ruleset| {
        let rule = ruleset.rules.iter().find(|rule| is_meant(rule))?;
        let path = format!(
            "/zones/{}/rulesets/{}/rules/{}",
            zone.id, ruleset.id, rule.id
        );
        Some((path, rule.clone()))
    });
    found.ok_or_else(|| match named {
        Some(named) => format!("no custom rule of {} is called `{named}`", zone.facts.name),
        None => "the rule of the call is not there".to_owned(),
    })
}

fn send(
    account: &mut Account,
    method: Method,
    path: &str,
    body: &Value,
    now: Timestamp,
) -> Result<(), String> {
    let body = if body.is_null() {
        Bytes::new()
    } else {
        Bytes::from(body.to_string())
    };
    let request = Request::builder()
        .method(method)
        .uri(format!("{BASE_PATH}{path}"))
        .body(body)
        .map_err(|error| error.to_string())?;
    let answer = account.answer(&request, &Caller::owner(), now);
    if answer.status().is_success() {
        return Ok(());
    }
    let body: Value = serde_json::from_slice(answer.body()).unwrap_or_default();
    let words = body.pointer("/errors/0/message").and_then(Value::as_str);
    Err(words.unwrap_or("the account refused it").to_owned())
}
