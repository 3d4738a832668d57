//! What others rely on in CAs that a plan deletes.

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::desired::Desired;
use crate::edge::Authority;
use crate::edge::Effect;
use crate::edge::Rule;
use crate::edge::State;
use crate::expression::Request;
use crate::expression::Truth;
use crate::live::Live;
use crate::live::LiveCa;
use crate::live::LiveZone;
use crate::live::Rules;
use crate::plan::Address;
use crate::plan::Change;
use crate::plan::Plan;
use crate::plan::effect;
use crate::plan::guard::beside;
use crate::plan::ownership;
use crate::resource::Bundle;
use crate::resource::CaId;
use crate::resource::Hostname;
use crate::resource::KeyId;
use crate::resource::ZoneName;

/// A rule of somebody else that would lose what it counts on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reliance {
    /// The CA that is deleted.
    pub ca: Address,
    /// The rule.
    pub rule: Address,
    /// What it counts on.
    pub on: ReliedOn,
    /// The hosts that it is about; where it names none, the zone's own name stands for them.
    pub hosts: Vec<Hostname>,
}

/// What a rule counts on in a CA.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ReliedOn {
    /// It names these key ids, and no other CA that stays has them.
    KeyIds(BTreeSet<KeyId>),
    /// It tests certificates, and these hosts ask for one only because of the CA.
    Asking(Vec<Hostname>),
}

/// Every enabled rule of others that counts on a CA that the plan deletes.
pub(super) fn reliances(
    plan: &Plan,
    desired: &Desired,
    live: &Live,
    at: Timestamp,
) -> Vec<Reliance> {
    let deleted: Vec<(&Address, &LiveCa)> = plan
        .steps()
        .filter_map(|step| match &step.change {
            Change::DeleteCa { id, .. } => Some((&step.address, live.ca(id)?)),
            _ => None,
        })
        .collect();
    if deleted.is_empty() {
        return Vec::new();
    }
    let ids: BTreeSet<&CaId> = deleted.iter().map(|(_, ca)| &ca.id).collect();
    let kept = key_ids_kept(plan, live, &ids);
    let now = effect::state_now(desired, live, at);
    let after = effect::state_after(desired, live, plan.steps(), at);
    let ours = beside::ours(desired, live);
    let mut found = Vec::new();
    for (zone, rule) in foreign_rules(desired, live) {
        for (address, ca) in &deleted {
            let named = rule.hosts_named(zone);
            let asking = silenced(zone, ca, &now, &after)
                .filter(|host| tests_certificates_of(&rule, zone, host, &named, &ours));
            let asking: Vec<Hostname> = asking.cloned().collect();
            let pins: BTreeSet<KeyId> = ca.bundle.iter().flat_map(Bundle::key_ids).collect();
            let pins: BTreeSet<KeyId> = pins.difference(&kept).cloned().collect();
            let pinned: BTreeSet<KeyId> = key_ids(&rule).intersection(&pins).cloned().collect();
            let (on, hosts) = if !pinned.is_empty() {
                (ReliedOn::KeyIds(pinned), named.into_iter().collect())
            } else if asking.is_empty() {
                continue;
            } else {
                (ReliedOn::Asking(asking.clone()), asking)
            };
            found.push(Reliance {
                ca: (*address).clone(),
                rule: Address::Rule {
                    zone: zone.clone(),
                    label: rule.name.clone(),
                },
                on,
                hosts: or_zone(hosts, zone),
            });
        }
    }
    found
}

/// The key ids of the CAs that are in the account afterwards.
fn key_ids_kept(plan: &Plan, live: &Live, deleted: &BTreeSet<&CaId>) -> BTreeSet<KeyId> {
    let stays = live.cas.iter().filter(|ca| !deleted.contains(&ca.id));
    let stays = stays.filter_map(|ca| ca.bundle.as_ref());
    let comes = plan.steps().filter_map(|step| match &step.change {
        Change::UploadCa { bundle, .. } => Some(bundle),
        _ => None,
    });
    stays.chain(comes).flat_map(Bundle::key_ids).collect()
}

/// The enabled rules that are not ours, of all zones that were read.
fn foreign_rules<'l>(
    desired: &'l Desired,
    live: &'l Live,
) -> impl Iterator<Item = (&'l ZoneName, Rule)> {
    let of_zone = |zone: &'l LiveZone| {
        let rules = zone.rules.as_ref().map_or(&[][..], Rules::as_slice);
        let theirs = rules
            .iter()
            .filter(|rule| rule.enabled && !ownership::is_our_rule(desired, &zone.zone.name, rule));
        theirs.map(|rule| Rule::of(rule, &zone.deployed))
    };
    let zones = live.zones.iter();
    zones.flat_map(move |(name, zone)| of_zone(zone).map(move |rule| (name, rule)))
}

/// The key ids that a rule, or one that it executes, holds the issuer of a certificate against. Of one that
/// cannot be read the text tells.
fn key_ids(rule: &Rule) -> BTreeSet<KeyId> {
    let mut ids: BTreeSet<KeyId> = match &rule.condition {
        Ok(condition) => condition
            .texts_of("cf.tls_client_auth.cert_issuer_ski")
            .into_iter()
            .filter_map(|text| std::str::from_utf8(text.as_bytes()).ok())
            .filter_map(KeyId::parse)
            .collect(),
        Err(_) => rule.text.split('"').filter_map(KeyId::parse).collect(),
    };
    if let Effect::Execute(inner) = &rule.effect {
        ids.extend(inner.iter().filter(|rule| rule.enabled).flat_map(key_ids));
    }
    ids
}

/// The hosts of a zone that ask for certificates of a CA now, and for none of any CA afterwards.
fn silenced<'s>(
    zone: &ZoneName,
    ca: &LiveCa,
    now: &'s State,
    after: &'s State,
) -> impl Iterator<Item = &'s Hostname> {
    let authority = ca.authority();
    let is_listed = move |authorities: &BTreeSet<Authority>| {
        authority
            .as_ref()
            .is_some_and(|one| authorities.contains(one))
    };
    let hosts_after = after.zones.get(zone).map(|zone| &zone.hosts);
    let hosts = now.zones.get(zone).into_iter().flat_map(|zone| &zone.hosts);
    let listed = hosts.filter(move |(_, authorities)| is_listed(authorities));
    let listed = listed.map(|(host, _)| host);
    listed.filter(move |host| {
        let left = hosts_after.and_then(|hosts| hosts.get(*host));
        left.is_none_or(BTreeSet::is_empty)
    })
}

/// Whether a rule tests certificates on a host: it names the host, or it names none and the host is not ours, to
/// whose callers it is all there is.
fn tests_certificates_of(
    rule: &Rule,
    zone: &ZoneName,
    host: &Hostname,
    named: &BTreeSet<Hostname>,
    ours: &BTreeSet<Hostname>,
) -> bool {
    let request = Request::default()
        .with("http.host", host.as_str())
        .with("cf.zone.name", zone.as_str());
    let condition = rule.condition.as_ref();
    let may_match = condition.map_or(true, |one| one.evaluate(&request) != Truth::False);
    let is_about = named.contains(host) || (named.is_empty() && !ours.contains(host));
    rule.is_about_certificates() && is_about && may_match
}

/// The hosts; the zone's own name where there are none.
fn or_zone(hosts: Vec<Hostname>, zone: &ZoneName) -> Vec<Hostname> {
    if hosts.is_empty() {
        return Hostname::parse(zone.as_str()).into_iter().collect();
    }
    hosts
}
