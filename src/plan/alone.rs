//! The account as if it held exactly what the file says, and nothing of anybody else.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::desired;
use crate::desired::Ca;
use crate::desired::Content;
use crate::desired::Desired;
use crate::desired::Host;
use crate::desired::Requirement;
use crate::edge;
use crate::edge::Authority;
use crate::edge::Rule;
use crate::edge::State;
use crate::edge::ZoneState;
use crate::plan::compile;
use crate::resource::Hostname;
use crate::resource::RuleBody;
use crate::resource::ZoneName;

/// The account as the edge would see it, without anything that others have in it.
#[must_use]
pub fn state(desired: &Desired, at: Timestamp) -> State {
    let mut state = State::default();
    for (name, ca) in &desired.cas {
        match &ca.content {
            Content::CloudflareManaged => state.managed_key_ids.extend(ca.pins.iter().cloned()),
            Content::Uploaded(bundle) if !ca.is_retired => {
                let known = edge::Ca::new(name.as_str(), bundle, at);
                let known = known.with_issuers(ca.issuers.clone());
                state.cas.insert(Authority::of(bundle), known);
            }
            Content::Uploaded(_) => {}
        }
    }
    let mut hosts: BTreeMap<&ZoneName, BTreeMap<Hostname, BTreeSet<Authority>>> = BTreeMap::new();
    for (name, host) in &desired.hosts {
        let of_zone = hosts.entry(&host.zone).or_default();
        of_zone.insert(name.clone(), authorities(desired, host));
    }
    let zones = hosts.into_iter().map(|(zone, mut hosts)| {
        hosts.retain(|_, authorities| !authorities.is_empty());
        let rules = desired.rules.iter();
        let rules = rules.filter_map(|one| Some(rule(one, one.zones.get(zone)?)));
        let rules = rules.collect();
        (zone.clone(), ZoneState { rules, hosts })
    });
    state.zones = zones.collect();
    state
}

fn authorities(desired: &Desired, host: &Host) -> BTreeSet<Authority> {
    let cas = host.cas.iter().filter_map(|name| desired.cas.get(name));
    cas.map(|Ca { content, .. }| match content {
        Content::CloudflareManaged => Authority::Managed,
        Content::Uploaded(bundle) => Authority::of(bundle),
    })
    .collect()
}

/// A rule of the file in one zone, under its name in the file.
pub(super) fn rule(rule: &desired::Rule, requirement: &Requirement) -> Rule {
    let written = Rule::written(&RuleBody {
        reference: rule.name.to_string(),
        description: String::new(),
        action: rule.action.to_owned(),
        parameters: rule.parameters.clone(),
        expression: String::new(),
        enabled: rule.enabled,
    });
    Rule {
        condition: Ok(compile::expression(requirement)),
        ..written
    }
}
