//! What a plan rests on: the part of the account by which it would be another plan.
//!
//! Kept as values and not only as digests, so that what moved can be told. What is not here may change
//! without making a plan stale: ids, versions, descriptions, disabled rules of others, zones that the plan does
//! not touch.

mod moved;

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use serde::Deserialize;
use serde::Serialize;
use serde_json::Value;

use crate::desired::Desired;
use crate::expression::parse;
use crate::live::Live;
use crate::live::LiveCa;
use crate::live::LiveZone;
use crate::live::Rules;
use crate::plan::Plan;
use crate::plan::cas;
use crate::plan::ownership;
use crate::resource::CustomRule;
use crate::resource::Digest;
use crate::resource::Issuer;
use crate::resource::ZoneName;

pub use moved::How;
pub use moved::Moved;

/// What a plan rests on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Basis {
    /// The uploaded CAs of the account, sorted.
    cas: Vec<CaThen>,
    /// By zone: the host lists that were read and have a host, sorted.
    lists: BTreeMap<String, Vec<ListThen>>,
    /// By zone that the plan touches: the rules that count, in the order in which the edge evaluates them.
    rules: BTreeMap<String, Vec<RuleThen>>,
}

/// An uploaded CA.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct CaThen {
    /// Its name in the account.
    name: String,
    /// What it is; absent where that cannot be read.
    content: Option<Digest>,
}

/// The hosts of one CA in one zone.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct ListThen {
    /// What people call the CA.
    ca: String,
    /// What it is; absent where that cannot be read, and for the managed one.
    content: Option<Digest>,
    /// In the account's spelling.
    hosts: BTreeSet<String>,
}

/// A rule that is enabled, or ours.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct RuleThen {
    /// What people call it; it may be called otherwise later.
    called: String,
    /// The mark of a rule of ours.
    ours: Option<String>,
    enabled: bool,
    action: String,
    /// JSON with sorted keys.
    parameters: String,
    /// In the one form that the rules language is printed in; as it is where it cannot be read.
    expression: String,
}

/// Which zones are looked at.
struct Scope<'a> {
    lists: BTreeSet<&'a str>,
    rules: BTreeSet<&'a str>,
}

impl Basis {
    /// What a plan from `live` to `desired` rests on.
    #[must_use]
    pub fn of(plan: &Plan, desired: &Desired, live: &Live) -> Self {
        let touched = plan.steps().filter_map(|step| step.change.zone());
        let scope = Scope {
            lists: live.zones.keys().map(ZoneName::as_str).collect(),
            rules: touched.map(ZoneName::as_str).collect(),
        };
        Self::collect(&scope, desired, live)
    }

    /// The same things as they are in `live`. Zones that were not looked at then are not looked at now.
    #[must_use]
    pub fn again(&self, desired: &Desired, live: &Live) -> Self {
        let scope = Scope {
            lists: self.lists.keys().map(String::as_str).collect(),
            rules: self.rules.keys().map(String::as_str).collect(),
        };
        Self::collect(&scope, desired, live)
    }

    /// Without what is there for people only.
    #[must_use]
    pub(super) fn bare(&self) -> Self {
        let mut bare = self.clone();
        for list in bare.lists.values_mut().flatten() {
            if list.content.is_some() {
                list.ca.clear();
            }
        }
        for lists in bare.lists.values_mut() {
            lists.sort();
        }
        for rule in bare.rules.values_mut().flatten() {
            rule.called.clear();
        }
        bare
    }

    fn collect(scope: &Scope<'_>, desired: &Desired, live: &Live) -> Self {
        let uploaded = live.cas.iter().filter(|ca| ca.is_uploaded_ca());
        let mut cas: Vec<CaThen> = uploaded
            .map(|ca| CaThen {
                name: ca.name.clone(),
                content: content(ca),
            })
            .collect();
        cas.sort();
        let lists = live.zones.iter().filter_map(|(name, zone)| {
            let is_wanted = scope.lists.contains(name.as_str());
            let lists = lists(zone, desired, live).filter(|_| is_wanted)?;
            Some((name.to_string(), lists))
        });
        let rules = live.zones.iter().filter_map(|(name, zone)| {
            let is_wanted = scope.rules.contains(name.as_str());
            let rules = zone.rules.as_ref().filter(|_| is_wanted)?;
            Some((name.to_string(), self::rules((name, rules), desired)))
        });
        Self {
            cas,
            lists: lists.collect(),
            rules: rules.collect(),
        }
    }
}

fn content(ca: &LiveCa) -> Option<Digest> {
    ca.bundle.as_ref().map(Digest::of_bundle)
}

/// The lists of a zone that have a host; `None` where they were not read.
fn lists(zone: &LiveZone, desired: &Desired, live: &Live) -> Option<Vec<ListThen>> {
    let lists = zone.lists.as_ref()?.iter();
    let with_hosts = lists.filter(|(_, list)| !list.0.is_empty());
    let mut lists: Vec<ListThen> = with_hosts
        .map(|(issuer, list)| {
            let ca = match issuer {
                Issuer::CloudflareManaged => None,
                Issuer::Uploaded(id) => live.ca(id),
            };
            ListThen {
                ca: ca.map_or_else(|| issuer.to_string(), |ca| cas::label(desired, ca)),
                content: ca.and_then(content),
                hosts: list.0.clone(),
            }
        })
        .collect();
    lists.sort();
    Some(lists)
}

/// The rules that decide something, and those of ours that could.
fn rules((zone, rules): (&ZoneName, &Rules), desired: &Desired) -> Vec<RuleThen> {
    let counting = rules.as_slice().iter().filter_map(|rule| {
        let ours = ownership::is_our_rule(desired, zone, rule);
        (rule.enabled || ours).then(|| then(rule, ours))
    });
    counting.collect()
}

fn then(rule: &CustomRule, ours: bool) -> RuleThen {
    let CustomRule {
        id: _,
        reference: _,
        version: _,
        action,
        parameters,
        expression,
        description: _,
        enabled,
    } = rule;
    let mark = rule.mark().filter(|_| ours).map(|mark| mark.to_string());
    RuleThen {
        called: mark.clone().unwrap_or_else(|| rule.label().to_owned()),
        ours: mark,
        enabled: *enabled,
        action: action.clone(),
        parameters: sorted(parameters),
        expression: printed(expression),
    }
}

/// An expression in the one form that it is printed in; as it is where it cannot be read.
pub(super) fn printed(expression: &str) -> String {
    match parse(expression) {
        Ok(read) => read.to_string(),
        Err(_) => expression.to_owned(),
    }
}

/// JSON in which the keys of every object are sorted.
pub(super) fn sorted(value: &Value) -> String {
    match value {
        Value::Object(fields) => {
            let fields: BTreeMap<&String, &Value> = fields.iter().collect();
            let written = fields
                .into_iter()
                .map(|(key, value)| format!("{}:{}", Value::String(key.clone()), sorted(value)));
            format!("{{{}}}", written.collect::<Vec<_>>().join(","))
        }
        Value::Array(values) => {
            let values: Vec<String> = values.iter().map(sorted).collect();
            format!("[{}]", values.join(","))
        }
        plain => plain.to_string(),
    }
}
