//! Whose is what: rules of ours, rules of another owner, and what is left alone.

use std::collections::BTreeSet;

use crate::desired::Desired;
use crate::live::Live;
use crate::live::LiveZone;
use crate::live::Rules;
use crate::plan::Address;
use crate::plan::Held;
use crate::plan::HeldBecause;
use crate::plan::Refusal;
use crate::plan::adoption;
use crate::plan::compile;
use crate::resource::CustomRule;
use crate::resource::Hostname;
use crate::resource::Issuer;
use crate::resource::ZoneName;

/// The rules of a zone that were read.
fn rules(zone: &LiveZone) -> &[CustomRule] {
    zone.rules.as_ref().map_or(&[], Rules::as_slice)
}

/// Whether a live rule of a zone is ours: it carries our mark, or no mark and the file adopts it.
pub(super) fn is_our_rule(desired: &Desired, zone: &ZoneName, rule: &CustomRule) -> bool {
    match rule.mark() {
        Some(mark) => desired.is_ours(&mark.owner),
        None => adoption::adopter(desired, zone, &rule.reference).is_some(),
    }
}

/// The hosts that live rules of ours name in a zone.
pub(super) fn hosts_in_our_rules(desired: &Desired, zone: &LiveZone) -> BTreeSet<Hostname> {
    rules(zone)
        .iter()
        .filter(|rule| is_our_rule(desired, &zone.zone.name, rule))
        .flat_map(|rule| compile::hosts_named(&rule.expression))
        .collect()
}

/// Live rules with another owner's mark that name declared hosts, or that the file adopts: two files would
/// fight over them.
pub(super) fn contradictions(desired: &Desired, live: &Live) -> Vec<Refusal> {
    let mut refusals = Vec::new();
    for (name, zone) in live
        .zones
        .iter()
        .filter(|(name, _)| desired.speaks_for(name))
    {
        for rule in rules(zone) {
            let Some(mark) = rule.mark().filter(|mark| !desired.is_ours(&mark.owner)) else {
                continue;
            };
            let label = Address::Rule {
                zone: name.clone(),
                label: mark.to_string(),
            };
            if let Some(adopter) = adoption::adopter(desired, name, &rule.reference) {
                refusals.push(Refusal::AdoptsOfOther {
                    rule: label,
                    owner: mark.owner,
                    adopter: adopter.name.clone(),
                });
                continue;
            }
            let hosts: Vec<Hostname> = compile::hosts_named(&rule.expression)
                .into_iter()
                .filter(|host| desired.hosts.contains_key(host))
                .collect();
            if !hosts.is_empty() {
                refusals.push(Refusal::OtherOwner {
                    rule: label,
                    owner: mark.owner,
                    hosts,
                });
            }
        }
    }
    refusals
}

/// Rules of others in the zones that the file speaks for, and what of ours stands elsewhere.
pub(super) fn left_alone(desired: &Desired, live: &Live) -> Vec<Held> {
    let mut held = Vec::new();
    for (name, zone) in &live.zones {
        let inside = desired.speaks_for(name);
        for rule in rules(zone) {
            let (label, because) = match (is_our_rule(desired, name, rule), inside) {
                (false, true) => (rule.label(), HeldBecause::NotOurRule),
                (true, false) => (rule.reference.as_str(), HeldBecause::OutsideZones),
                (true, true) | (false, false) => continue,
            };
            let address = Address::Rule {
                zone: name.clone(),
                label: label.to_owned(),
            };
            held.push(Held { address, because });
        }
        if !inside {
            held.extend(lists_outside(desired, live, name, zone));
        }
    }
    held
}

/// Host lists of our CAs in a zone that the file does not speak for.
fn lists_outside(desired: &Desired, live: &Live, name: &ZoneName, zone: &LiveZone) -> Vec<Held> {
    let listed = live.cas.iter().filter(|ca| {
        let ours = ca.mark().is_some_and(|mark| desired.is_ours(&mark.owner));
        let list = zone
            .lists
            .as_ref()
            .and_then(|lists| lists.get(&Issuer::Uploaded(ca.id.clone())));
        ours && list.is_some_and(|list| !list.0.is_empty())
    });
    listed
        .map(|ca| Held {
            address: Address::Hosts {
                zone: name.clone(),
                ca: crate::plan::cas::label(desired, ca),
            },
            because: HeldBecause::OutsideZones,
        })
        .collect()
}
