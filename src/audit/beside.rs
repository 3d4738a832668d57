//! Findings about what stands beside a zone's custom rules and lets requests past all of them.

use std::collections::BTreeMap;

use crate::audit::Finding;
use crate::audit::Kind;
use crate::audit::Severity;
use crate::audit::Subject;
use crate::audit::case::Case;
use crate::edge::Client;
use crate::edge::Model;
use crate::edge::Reading;
use crate::edge::Rule;
use crate::expression::Request;
use crate::live::AccessRule;
use crate::live::DnsRecord;
use crate::live::LiveZone;
use crate::resource::Hostname;
use crate::resource::ZoneName;

/// What lets requests past the custom rules of zones with hosts that ask for certificates.
pub(super) fn findings(subject: &Subject, cases: &[Case<'_>]) -> Vec<Finding> {
    let mut found = Vec::new();
    // Where no host asks for certificates, there is nothing to let past; a list that was not read may name one.
    let mut zones = subject.live.zones.values();
    if zones.any(|zone| zone.lists.is_none() || !asking(zone).is_empty()) {
        found.extend(account_rules(subject));
        found.extend(allowed(subject.neighbours.access.as_deref(), "the account"));
    }
    for (name, zone) in &subject.live.zones {
        let hosts = asking(zone);
        if hosts.is_empty() {
            continue;
        }
        found.extend(paused(name, zone, &hosts));
        let Some(beside) = subject.neighbours.zones.get(name) else {
            continue;
        };
        found.extend(allowed(beside.access.as_deref(), name.as_str()));
        found.extend(unproxied(subject, name, &hosts));
    }
    for case in cases.iter().filter(|case| case.asks.asks()) {
        for finding in redirects(subject, case) {
            // One that cannot be read is told once for all hosts.
            if !found.contains(&finding) {
                found.push(finding);
            }
        }
    }
    found
}

/// The hosts of a zone that have a CA.
fn asking(zone: &LiveZone) -> Vec<Hostname> {
    let lists = zone.lists.iter().flat_map(|lists| lists.values());
    let listed = lists.flat_map(|list| &list.0);
    let hosts = listed.filter_map(|one| Hostname::parse(one).ok());
    let mut hosts: Vec<Hostname> = hosts.filter(|host| zone.zone.name.contains(host)).collect();
    hosts.sort();
    hosts.dedup();
    hosts
}

/// IP Access rules that allow.
fn allowed(rules: Option<&[AccessRule]>, whose: &str) -> Vec<Finding> {
    let allowing = rules.into_iter().flatten().filter(|rule| rule.lets_past());
    allowing
        .map(|rule| {
            let AccessRule {
                id,
                target,
                value,
                notes,
                ..
            } = rule;
            let finding = Finding::new(
                Severity::High,
                Kind::IpAllowed,
                format!("IP Access rule {id}"),
                format!(
                    "An IP Access rule of {whose} allows {} {value}: custom rules are not evaluated for it, and nothing \
                     is logged.",
                    target.replace('_', " ")
                ),
            )
            .remedy(
                "use a custom rule that skips the products you mean, below the rules that want certificates.",
            );
            if notes.is_empty() {
                finding
            } else {
                finding.detail(format!("Its note says: {notes}"))
            }
        })
        .collect()
}

/// Rules of the account, which run first.
fn account_rules(subject: &Subject) -> Vec<Finding> {
    let rules = subject.neighbours.rules.iter().flatten();
    let enabled: Vec<String> = rules
        .filter(|rule| rule.enabled)
        .map(|rule| format!("`{}` ({})", rule.label(), rule.action))
        .collect();
    if enabled.is_empty() {
        return Vec::new();
    }
    let finding = Finding::new(
        Severity::Medium,
        Kind::AccountRules,
        "account",
        "Rules of the account run before those of its zones, and could let requests past them. They were not \
         analysed.",
    )
    .detail(format!("There are: {}.", enabled.join(", ")))
    .remedy("make sure that none of them skips custom rules for hosts that want certificates.");
    vec![finding]
}

fn paused(name: &ZoneName, zone: &LiveZone, hosts: &[Hostname]) -> Option<Finding> {
    (!zone.zone.is_serving()).then(|| {
        let state = if zone.zone.paused {
            "paused".to_owned()
        } else {
            zone.zone.status.to_string()
        };
        Finding::new(
            Severity::High,
            Kind::PausedZone,
            format!("zone {name}"),
            format!(
                "The zone is {state}: requests to its {} go past the edge, and nobody asks for certificates.",
                if hosts.len() == 1 {
                    "host that wants certificates".to_owned()
                } else {
                    format!("{} hosts that want certificates", hosts.len())
                }
            ),
        )
        .remedy("resume the zone, or protect the origin itself.")
    })
}

/// Hosts whose DNS record leads past the edge.
fn unproxied(subject: &Subject, name: &ZoneName, hosts: &[Hostname]) -> Vec<Finding> {
    let zone = subject.neighbours.zones.get(name);
    let Some(records) = zone.and_then(|zone| zone.records.as_ref()) else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for host in hosts {
        let leads = |record: &&DnsRecord| matches!(record.kind.as_str(), "A" | "AAAA" | "CNAME");
        let named = |wanted: &str| {
            let with_name = records
                .iter()
                .filter(leads)
                .filter(|one| one.name == wanted);
            let with_name: Vec<_> = with_name.collect();
            (!with_name.is_empty()).then_some(with_name)
        };
        let own = named(host.as_str());
        let own = own.or_else(|| wildcards(host, name).find_map(|wanted| named(&wanted)));
        let Some(record) = own.into_iter().flatten().find(|record| !record.proxied) else {
            continue;
        };
        found.push(
            Finding::new(
                Severity::High,
                Kind::DnsOnly,
                host.as_str(),
                format!(
                    "The DNS record of the host ({} {}) is not proxied: requests go past the edge, and nobody asks for \
                     certificates.",
                    record.kind, record.name
                ),
            )
            .remedy("proxy the record, or protect the origin itself."),
        );
    }
    found
}

/// The wildcard records that would answer for a host, the nearest first.
fn wildcards<'a>(host: &'a Hostname, zone: &'a ZoneName) -> impl Iterator<Item = String> + 'a {
    let labels = host.as_str().match_indices('.');
    labels
        .map(|(at, _)| &host.as_str()[at + 1..])
        .filter(|parent| parent.ends_with(zone.as_str()))
        .map(|parent| format!("*.{parent}"))
}

/// Redirects that answer a client without a certificate.
fn redirects(subject: &Subject, case: &Case<'_>) -> Vec<Finding> {
    let zone = subject.neighbours.zones.get(case.zone);
    let redirects = zone
        .and_then(|zone| zone.redirects.as_deref())
        .unwrap_or_default();
    let mut found = Vec::new();
    for redirect in redirects.iter().filter(|rule| rule.enabled) {
        let rule = Rule::of(redirect, &BTreeMap::new());
        // Custom rules do not tell the hosts apart; redirects may.
        for host in &case.hosts {
            let example = match answered(case, host, &rule) {
                Ok(Some(example)) => example,
                Ok(None) => continue,
                Err(why) => {
                    found.push(unread(case, &rule, &why));
                    continue;
                }
            };
            found.push(
                Finding::new(
                    Severity::Medium,
                    Kind::Redirect,
                    host.as_str(),
                    format!(
                        "The redirect `{}` answers before custom rules run: clients without a certificate learn where it \
                         leads.",
                        rule.name
                    ),
                )
                .detail(format!("A request that is redirected: {example}."))
                .remedy("leave the host out of the redirect, or make sure that its target gives nothing away."),
            );
        }
    }
    found
}

/// A redirect of which nobody knows whom it answers.
fn unread(case: &Case<'_>, redirect: &Rule, why: &str) -> Finding {
    Finding::new(
        Severity::Medium,
        Kind::NotAnalysed,
        format!("redirect {}/{}", case.zone, redirect.reference),
        format!(
            "Which requests the redirect `{}` answers could not be found out: {why}.",
            redirect.name
        ),
    )
    .detail("Redirects answer before custom rules run.")
    .remedy("look at it yourself.")
}

/// A request of a client without a certificate that a redirect answers; an error says why that is not known.
fn answered(case: &Case<'_>, host: &Hostname, redirect: &Rule) -> Result<Option<String>, String> {
    let condition = redirect
        .condition
        .as_ref()
        .map_err(|error| format!("its expression cannot be read, {error}"))?;
    let request = case.presented(host.as_str(), &Client::None, Reading::PerHost);
    let known = Request::default().with("http.host", host.as_str());
    let mut model = Model::over([redirect], [], &known);
    let guards = model.holding(condition, &request);
    let witness = guards
        .and_then(|guards| model.witness(guards))
        .map_err(|bound| bound.to_string())?;
    Ok(witness.map(|guard| {
        if guard.choices().is_empty() {
            "any".to_owned()
        } else {
            format!("one where {guard}")
        }
    }))
}
