//! IP Access rules, of a zone or of the account: list, create, delete
//! (<https://developers.cloudflare.com/api/resources/firewall/subresources/access_rules/>).
//!
//! The edge looks at them before it looks at custom rules. Here they are only kept.

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
use crate::sandbox::level::Level;
use crate::sandbox::page::Page;
use crate::sandbox::query::Query;

/// What a rule can do; the dashboard's *allow* is `whitelist`.
const MODES: [&str; 5] = [
    "block",
    "challenge",
    "whitelist",
    "js_challenge",
    "managed_challenge",
];

/// What a rule can name.
const TARGETS: [&str; 5] = ["ip", "ip6", "ip_range", "asn", "country"];

/// A rule about where requests come from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct AccessRule {
    id: String,
    pub(crate) mode: String,
    pub(crate) target: String,
    pub(crate) value: String,
    pub(crate) notes: String,
    created_on: Timestamp,
}

/// GET `…/firewall/access_rules/rules`. A zone's list has the account's rules in it as well.
pub(crate) fn list(account: &Account, level: Level<'_>, query: &Query, path: &str) -> Answered {
    let page = Page::of(query, 20, 1..=1000)?;
    if page.size() != 1 && page.size() % 5 != 0 {
        return Err(Refusal::invalid("per_page must be 1 or a multiple of 5"));
    }
    let mode = query.choice("mode", &MODES)?;
    let target = query.choice("configuration.target", &TARGETS)?;
    let value = query.get("configuration.value");
    let is_asked_for = |rule: &&AccessRule| {
        mode.is_none_or(|mode| rule.mode == mode)
            && target.is_none_or(|target| rule.target == target)
            && value.is_none_or(|value| rule.value == value)
    };
    let of_account = account.access_rules().iter().filter(is_asked_for);
    let of_account = of_account.map(|rule| rule.to_json(account, Level::Account));
    let shown: Vec<Value> = match level {
        Level::Account => of_account.collect(),
        Level::Zone(id) => {
            let zone = account.zone(id).ok_or_else(|| Refusal::no_route(path))?;
            let of_zone = zone.access_rules.iter().filter(is_asked_for);
            of_account
                .chain(of_zone.map(|rule| rule.to_json(account, level)))
                .collect()
        }
    };
    Ok(page.answer(shown))
}

/// POST `…/firewall/access_rules/rules`.
pub(crate) fn create(
    account: &mut Account,
    level: Level<'_>,
    mut fields: Fields,
    path: &str,
    now: Timestamp,
) -> Answered {
    let mode = one_of(&mut fields, "mode", &MODES)?;
    let mut configuration = fields
        .object("configuration")?
        .ok_or_else(|| fields.refuse("configuration", "is required"))?;
    let target = one_of(&mut configuration, "target", &TARGETS)?;
    let value = configuration.text("value")?;
    if !fits(&target, &value) {
        return Err(configuration.refuse("value", &format!("{value:?} is no {target}")));
    }
    configuration.finish()?;
    let notes = fields.string("notes")?.unwrap_or_default();
    fields.finish()?;
    let (rules, ids) = account
        .access_rules_mut(level)
        .ok_or_else(|| Refusal::no_route(path))?;
    if rules
        .iter()
        .any(|rule| rule.target == target && rule.value == value)
    {
        let message = "there is a rule with this configuration already";
        return Err(Refusal::invalid(message).at("/configuration"));
    }
    let rule = AccessRule {
        id: ids.next(),
        mode,
        target,
        value,
        notes,
        created_on: now,
    };
    rules.push(rule.clone());
    Ok(Answer::Of(rule.to_json(account, level)))
}

/// DELETE `…/firewall/access_rules/rules/{id}`. The account's rules cannot be deleted through a zone.
pub(crate) fn delete(account: &mut Account, level: Level<'_>, id: &str, path: &str) -> Answered {
    let (rules, _) = account
        .access_rules_mut(level)
        .ok_or_else(|| Refusal::no_route(path))?;
    let found = rules.iter().position(|rule| rule.id == id);
    let index = found.ok_or_else(|| {
        let message = "could not find the access rule";
        Refusal::new(StatusCode::NOT_FOUND, UNCONFIRMED, message)
    })?;
    rules.remove(index);
    Ok(Answer::Of(json!({ "id": id })))
}

impl AccessRule {
    fn to_json(&self, account: &Account, level: Level<'_>) -> Value {
        let created_on = format!("{:.6}", self.created_on);
        let scope = match level {
            Level::Account => json!({"id": account.id(), "type": "organization"}),
            Level::Zone(id) => json!({"id": id, "type": "zone"}),
        };
        json!({
            "id": self.id,
            "paused": false,
            "mode": self.mode,
            "allowed_modes": MODES,
            "notes": self.notes,
            "configuration": {"target": self.target, "value": self.value},
            "scope": scope,
            "created_on": created_on,
            "modified_on": created_on,
        })
    }
}

fn one_of(fields: &mut Fields, name: &str, words: &[&str]) -> Result<String, Refusal> {
    let word = fields.text(name)?;
    if words.contains(&word.as_str()) {
        return Ok(word);
    }
    let what = format!("must be one of {}, got {word:?}", words.join(", "));
    Err(fields.refuse(name, &what))
}

/// Whether a value is what its target says
/// (<https://developers.cloudflare.com/waf/tools/ip-access-rules/parameters/>).
fn fits(target: &str, value: &str) -> bool {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    match target {
        "ip" => value.parse::<Ipv4Addr>().is_ok(),
        "ip6" => value.parse::<Ipv6Addr>().is_ok(),
        "ip_range" => match value.split_once('/') {
            Some((address, "16" | "24")) => address.parse::<Ipv4Addr>().is_ok(),
            Some((address, "32" | "48" | "64")) => address.parse::<Ipv6Addr>().is_ok(),
            _ => false,
        },
        "asn" => digits(value.strip_prefix("AS").unwrap_or(value)),
        _ => {
            let mut bytes = value.bytes();
            value.len() == 2
                && bytes.next().is_some_and(|byte| byte.is_ascii_uppercase())
                && bytes.all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())
        }
    }
}
