//! What has reached the edge, arranged for answering: zones by name, rules in order, CAs by host.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::sync::Arc;

use bytes::Bytes;
use http::Response;
use jiff::Timestamp;

use crate::sandbox::edge::Reading;
use crate::sandbox::edge::answer;
use crate::sandbox::edge::authority::Authority;
use crate::sandbox::edge::credential::Credential;
use crate::sandbox::edge::decide::decide;
use crate::sandbox::edge::host;
use crate::sandbox::edge::managed_ca::ManagedCa;
use crate::sandbox::edge::rank::Rank;
use crate::sandbox::edge::request;
use crate::sandbox::edge::request::Shown;
use crate::sandbox::edge::rule::Rule;
use crate::sandbox::edge::thing::Fact;
use crate::sandbox::edge::thing::Facts;
use crate::sandbox::edge::thing::Thing;
use crate::sandbox::edge::visit::Visit;

/// Stands for the id of the managed CA, which has none.
const MANAGED: &str = "managed";

/// What has reached the edge. It never changes; another state is another snapshot.
#[derive(Debug, Default)]
pub struct Snapshot {
    cas: BTreeMap<String, Arc<Authority>>,
    managed: Option<Arc<ManagedCa>>,
    /// By name.
    zones: BTreeMap<String, ServedZone>,
}

/// A zone whose hosts are served.
#[derive(Debug, Default)]
pub(crate) struct ServedZone {
    /// The custom rules, in order.
    pub(crate) rules: Vec<Arc<Rule>>,
    /// The rules of its custom rulesets, by id, in order.
    pub(crate) executed: BTreeMap<String, Vec<Arc<Rule>>>,
    /// The ids of the CAs of each host; `None` is the managed one.
    hosts: BTreeMap<String, BTreeSet<Option<String>>>,
}

/// A rule at its place, with its id.
type Placed<'f> = (&'f Rank, &'f str, &'f Arc<Rule>);

impl Snapshot {
    pub(crate) fn of(facts: &Facts, managed: Option<Arc<ManagedCa>>) -> Self {
        let mut cas = BTreeMap::new();
        let mut zones: BTreeMap<&str, (&str, ServedZone)> = BTreeMap::new();
        for (thing, fact) in facts {
            match (thing, fact) {
                (Thing::Zone(id), Fact::Zone(name)) => {
                    zones.insert(id, (name, ServedZone::default()));
                }
                (Thing::Ca(id), Fact::Ca(authority)) => {
                    cas.insert(id.clone(), Arc::clone(authority));
                }
                _ => {}
            }
        }
        let mut placed: BTreeMap<(&str, Option<&str>), Vec<Placed<'_>>> = BTreeMap::new();
        for (thing, fact) in facts {
            match (thing, fact) {
                (Thing::Hosts { zone, ca }, Fact::Hosts(hosts)) => {
                    let Some((_, zone)) = zones.get_mut(zone.as_str()) else {
                        continue;
                    };
                    for host in hosts {
                        zone.hosts
                            .entry(host.clone())
                            .or_default()
                            .insert(ca.clone());
                    }
                }
                // A rule is there once both its place and what it says have arrived.
                (Thing::Place(spot), Fact::Place(rank)) => {
                    if let Some(Fact::Rule(rule)) = facts.get(&Thing::Rule(spot.clone())) {
                        let list = placed.entry((&spot.zone, spot.ruleset.as_deref()));
                        list.or_default().push((rank, &spot.rule, rule));
                    }
                }
                _ => {}
            }
        }
        for ((zone, ruleset), mut rules) in placed {
            let Some((_, zone)) = zones.get_mut(zone) else {
                continue;
            };
            rules.sort_by_key(|(rank, id, _)| (*rank, *id));
            let rules = rules.into_iter().map(|(_, _, rule)| Arc::clone(rule));
            match ruleset {
                None => zone.rules = rules.collect(),
                Some(id) => {
                    zone.executed.insert(id.to_owned(), rules.collect());
                }
            }
        }
        let zones = zones.into_values();
        Self {
            cas,
            managed,
            zones: zones.map(|(name, zone)| (name.to_owned(), zone)).collect(),
        }
    }

    /// Answers one request as the edge would, or as the origin behind it.
    ///
    /// 200 with JSON about what the edge saw, the answer of a block rule, a page with a challenge, or 421 for
    /// a host that no zone has.
    #[must_use]
    pub fn answer(
        &self,
        visit: &Visit,
        credential: Option<&Credential>,
        reading: Reading,
        now: Timestamp,
    ) -> Response<Bytes> {
        let name = host::name(&visit.host);
        let Some((zone_name, zone)) = self.zone_of(&name) else {
            return answer::misdirected();
        };
        let asks = zone.hosts.get(&name);
        let trusted = self.trusted(asks, reading);
        let shown = asks.and(credential).map(|credential| Shown {
            credential,
            is_verified: trusted
                .iter()
                .any(|(id, ca)| credential.verifies_with(id, ca, now)),
            is_revoked: (self.managed.as_ref()).is_some_and(|ca| ca.has_revoked(credential)),
            issuer_serial: credential.issuer_serial(self.authorities()),
        });
        let request = request::of(visit, zone_name, shown.as_ref(), now);
        let decision = decide(zone, &request);
        answer::answer(visit, zone_name, asks.is_some(), shown.as_ref(), &decision)
    }

    /// Whether a zone of the account has the host.
    #[must_use]
    pub fn serves(&self, host: &str) -> bool {
        self.zone_of(&host::name(host)).is_some()
    }

    /// The names of the CAs that a client is offered at a handshake, each as the content of a DER
    /// `Name`; `None` where the host asks for no certificate. They are those of the CAs whose certificates
    /// would be verified.
    #[must_use]
    pub fn offered(&self, host: &str, reading: Reading) -> Option<BTreeSet<Vec<u8>>> {
        let name = host::name(host);
        let (_, zone) = self.zone_of(&name)?;
        let asks = zone.hosts.get(&name)?;
        let trusted = self.trusted(Some(asks), reading);
        Some(trusted.values().flat_map(|ca| ca.subjects()).collect())
    }

    /// A host that asks for certificates, for an example; else some host that is served.
    #[must_use]
    pub fn example(&self) -> Option<&str> {
        let mut asking = self.zones.values().flat_map(|zone| zone.hosts.keys());
        asking
            .next()
            .or(self.zones.keys().next())
            .map(String::as_str)
    }

    /// The CAs that certificates verify with on a host that asks.
    fn trusted(
        &self,
        asks: Option<&BTreeSet<Option<String>>>,
        reading: Reading,
    ) -> BTreeMap<&str, &Authority> {
        let Some(asks) = asks else {
            return BTreeMap::new();
        };
        let is_wide = reading == Reading::AccountWide;
        let uploaded = self.cas.iter().map(|(id, ca)| (id.as_str(), &**ca));
        let uploaded = uploaded.filter(|(id, _)| is_wide || asks.contains(&Some((*id).to_owned())));
        let managed = self.managed.iter().map(|ca| (MANAGED, ca.authority()));
        let managed = managed.filter(|_| is_wide || asks.contains(&None));
        uploaded.chain(managed).collect()
    }

    /// All CAs whose certificates can be told by.
    fn authorities(&self) -> impl Iterator<Item = &Authority> {
        let managed = self.managed.iter().map(|ca| ca.authority());
        self.cas.values().map(Arc::as_ref).chain(managed)
    }

    /// The zone with the longest name that the host is in.
    fn zone_of(&self, host: &str) -> Option<(&str, &ServedZone)> {
        let zones = self
            .zones
            .iter()
            .filter(|(zone, _)| host::is_in(host, zone));
        let longest = zones.max_by_key(|(zone, _)| zone.len());
        longest.map(|(name, zone)| (name.as_str(), zone))
    }
}
