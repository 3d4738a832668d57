//! From the file as written to what it means, in these zones and at this moment.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use jiff::Timestamp;
use serde_json::Value;
use serde_json::json;

use crate::config;
use crate::config::CaContent;
use crate::config::Config;
use crate::config::Hostnames;
use crate::config::Located;
use crate::config::Member;
use crate::config::Problem;
use crate::config::Problems;
use crate::desired::Accepts;
use crate::desired::Ca;
use crate::desired::Content;
use crate::desired::Desired;
use crate::desired::Host;
use crate::desired::Requirement;
use crate::desired::Rule;
use crate::desired::access_tests;
use crate::desired::fault::ResolveFault;
use crate::desired::zones::Zones;
use crate::expression;
use crate::expression::Expression;
use crate::resource::Hostname;
use crate::resource::KeyId;
use crate::resource::Name;
use crate::resource::ZoneName;

/// Resolves the file's references, for a day and for the zones that are known.
///
/// # Errors
/// Everything that is wrong with it there, by position.
pub fn resolve(config: &Config, zones: &Zones<'_>, at: Timestamp) -> Result<Desired, Problems> {
    let mut problems = Vec::new();
    zones.report_missing(config, &mut problems);
    let cas = cas(config, at);
    let hosts = hosts(config, zones, &cas, &mut problems);
    let rules: Vec<Rule> = config
        .rules
        .iter()
        .map(|rule| self::rule(config, rule, &hosts, &cas, &mut problems))
        .collect();
    if !problems.is_empty() {
        problems.sort_by_key(|problem| problem.at);
        return Err(Problems::new(config.source.clone(), problems));
    }
    let file = config.source.path().file_name();
    Ok(Desired {
        owner: config.owner.clone(),
        former_owners: config.former_owners.clone(),
        file: file.unwrap_or_default().to_string_lossy().into_owned(),
        zones: config
            .zones
            .as_ref()
            .map(|zones| zones.iter().map(|zone| zone.value.clone()).collect()),
        quota: config.quota,
        cas,
        hosts,
        rules,
        tests: access_tests(config),
        guards: config.guards.clone(),
    })
}

/// The declared CAs; from 00:00 UTC of its `retire` day one counts as absent.
fn cas(config: &Config, at: Timestamp) -> BTreeMap<Name, Ca> {
    let pinned = config.pinned_cas();
    let resolved = config.cas.iter().map(|ca| {
        let (content, issuers, pins) = match &ca.content {
            CaContent::CloudflareManaged { key_ids } => {
                (Content::CloudflareManaged, Vec::new(), key_ids.clone())
            }
            CaContent::Uploaded {
                bundle, issuers, ..
            } => {
                let below = issuers.iter().flat_map(|issuer| issuer.value.key_ids());
                let pins = bundle.value.key_ids().into_iter().chain(below).collect();
                let issuers = issuers
                    .iter()
                    .flat_map(|issuer| issuer.value.certificates());
                let issuers = issuers.cloned().collect();
                (Content::Uploaded(bundle.value.clone()), issuers, pins)
            }
        };
        let resolved = Ca {
            content,
            issuers,
            pins,
            retire: ca.retire.as_ref().map(|date| date.value),
            is_retired: ca.is_retired(at),
            is_pinned: pinned.contains(&ca.name.value),
            left: None,
        };
        (ca.name.value.clone(), resolved)
    });
    resolved.collect()
}

/// The declared hosts with their zones and their CAs.
fn hosts(
    config: &Config,
    zones: &Zones<'_>,
    cas: &BTreeMap<Name, Ca>,
    problems: &mut Vec<Problem>,
) -> BTreeMap<Hostname, Host> {
    let mut hosts = BTreeMap::new();
    for group in &config.groups {
        let accepted: BTreeSet<Name> = group
            .cas
            .iter()
            .map(|name| name.value.clone())
            .filter(|name| cas.get(name).is_some_and(|ca| !ca.is_retired))
            .collect();
        for host in &group.hosts {
            match zones.zone(config, &host.value) {
                Ok(zone) => {
                    let resolved = Host {
                        zone,
                        cas: accepted.clone(),
                    };
                    hosts.insert(host.value.clone(), resolved);
                }
                Err(fault) => problems.push(Problem::error(host.at, fault)),
            }
        }
    }
    hosts
}

fn rule(
    config: &Config,
    rule: &config::Rule,
    hosts: &BTreeMap<Hostname, Host>,
    cas: &BTreeMap<Name, Ca>,
    problems: &mut Vec<Problem>,
) -> Rule {
    let unless = rule
        .unless
        .as_ref()
        .and_then(|text| unless(config, text, problems));
    let mut zones: BTreeMap<ZoneName, Requirement> = BTreeMap::new();
    for name in members(config, rule) {
        let Some(host) = hosts.get(name) else {
            continue;
        };
        let accepts = accepts(rule, host, cas);
        if accepts.pins.as_ref().is_some_and(BTreeSet::is_empty) {
            let fault = ResolveFault::NothingToPin {
                rule: rule.name.value.clone(),
                host: name.clone(),
            };
            problems.push(Problem::error(rule.name.at, fault));
        }
        let requirement = zones
            .entry(host.zone.clone())
            .or_insert_with(|| Requirement {
                hosts: BTreeMap::new(),
                unless: unless.clone(),
            });
        requirement.hosts.insert(name.clone(), accepts);
    }
    Rule {
        name: rule.name.value.clone(),
        action: rule.action.as_str(),
        parameters: parameters(rule.response.as_ref()),
        enabled: rule.enabled,
        zones,
        adopt: adopted(rule),
    }
}

/// The live rules that a rule takes over.
fn adopted(rule: &config::Rule) -> BTreeMap<ZoneName, Vec<String>> {
    let mut adopted: BTreeMap<ZoneName, Vec<String>> = BTreeMap::new();
    for one in &rule.adopt {
        let of_zone = adopted.entry(one.zone.value.clone()).or_default();
        of_zone.push(one.reference.value.clone());
    }
    adopted
}

/// The hosts that a rule names, in the order of the file.
pub(super) fn members<'a>(config: &'a Config, rule: &'a config::Rule) -> Vec<&'a Hostname> {
    let of_group = |name: Option<&Name>| {
        let groups = config
            .groups
            .iter()
            .filter(move |group| name.is_none_or(|name| group.name.value == *name));
        groups
            .flat_map(|group| &group.hosts)
            .map(|host| &host.value)
            .collect::<Vec<_>>()
    };
    match &rule.hostnames {
        Hostnames::All => of_group(None),
        Hostnames::Listed(members) => members
            .iter()
            .flat_map(|member| match &member.value {
                Member::Group(name) => of_group(Some(name)),
                Member::Host(host) => vec![host],
            })
            .collect(),
    }
}

fn accepts(rule: &config::Rule, host: &Host, cas: &BTreeMap<Name, Ca>) -> Accepts {
    let accepted = || host.cas.iter().filter_map(|name| cas.get(name));
    let pins = || {
        accepted()
            .flat_map(|ca| ca.pins.iter().cloned())
            .collect::<BTreeSet<KeyId>>()
    };
    Accepts {
        pins: rule.pin.then(pins),
        revocable: accepted().any(|ca| ca.content == Content::CloudflareManaged),
    }
}

/// Cloudflare's own block page where the file gives no answer.
///
/// <https://developers.cloudflare.com/waf/custom-rules/create-dashboard/>
fn parameters(response: Option<&config::Response>) -> Value {
    response.map_or_else(
        || json!({}),
        |response| {
            json!({ "response": {
                "status_code": response.status,
                "content_type": response.content_type,
                "content": response.content,
            } })
        },
    )
}

/// Parsed, so that it can neither leave its place nor hide a comment in the printed rule; and shallow
/// enough to be read again where it stands there.
fn unless(
    config: &Config,
    text: &Located<String>,
    problems: &mut Vec<Problem>,
) -> Option<Expression> {
    let (error, at) = match expression::parse(&text.value) {
        Ok(expression) => {
            let nested = Expression::or([in_rule(expression.clone()), Expression::Constant(false)]);
            match expression::parse(&format!("({nested})")) {
                Ok(_) => return Some(expression),
                Err(error) => (error, text.at),
            }
        }
        Err(error) => {
            let at = config.source.within(text, error.at.clone());
            (error, at)
        }
    };
    problems.push(Problem::error(at, ResolveFault::Unless { error }));
    None
}

/// An exception as it stands in a rule, among other conditions.
fn in_rule(unless: Expression) -> Expression {
    Expression::and([Expression::Constant(true), Expression::not(unless)])
}
