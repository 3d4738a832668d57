//! Declared hosts that the file's own rules leave open, for all requests or for some.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use crate::desired::Desired;
use crate::edge::Asks;
use crate::edge::Client;
use crate::edge::HostTests;
use crate::edge::Model;
use crate::edge::Reading;
use crate::edge::Rule;
use crate::edge::presented;
use crate::expression::Bound;
use crate::expression::Guard;
use crate::expression::Request;
use crate::plan::alone;
use crate::resource::Hostname;
use crate::resource::Name;
use crate::resource::ZoneName;

/// Hosts on which some request gets in without a certificate, though every enabled `block` rule of the file is
/// in place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gap {
    /// The hosts, which no rule tells apart.
    pub hosts: Vec<Hostname>,
    /// The enabled `block` rules that name them, each with an exception; none if no rule names them.
    pub rules: BTreeSet<Name>,
    /// A request that gets in, or the bound beyond which none was looked for.
    pub example: Result<Guard, Bound>,
}

/// Which declared hosts no enabled `block` rule covers entirely, and which requests get in there.
///
/// Only the rules of the file count: what others have in the zone may go away at any time.
#[must_use]
pub fn gaps(desired: &Desired) -> Vec<Gap> {
    let mut zones: BTreeMap<&ZoneName, Vec<&Hostname>> = BTreeMap::new();
    for (host, resolved) in &desired.hosts {
        zones.entry(&resolved.zone).or_default().push(host);
    }
    let in_zones = zones
        .into_iter()
        .map(|(zone, hosts)| in_zone(desired, zone, hosts));
    in_zones.flatten().collect()
}

fn in_zone(desired: &Desired, zone: &ZoneName, hosts: Vec<&Hostname>) -> Vec<Gap> {
    let blocking = desired
        .rules
        .iter()
        .filter(|rule| rule.enabled && rule.action == "block");
    let of_zone = blocking.filter_map(|rule| Some((rule, rule.zones.get(zone)?)));
    let (names, rules): (Vec<_>, Vec<_>) = of_zone
        .map(|(rule, requirement)| {
            let written = alone::rule(rule, requirement);
            ((&rule.name, &requirement.hosts), written)
        })
        .unzip();
    let tests = HostTests::of(&rules);
    let kin = tests.kin(hosts.into_iter().map(|host| (host, ())));
    kin.into_iter()
        .filter_map(|((), hosts)| {
            let first = *hosts.first()?;
            let example = getting_in(zone, first, &rules).transpose()?;
            let covering = names.iter().filter(|(_, named)| named.contains_key(first));
            Some(Gap {
                hosts: hosts.into_iter().cloned().collect(),
                rules: covering.map(|(name, _)| (*name).clone()).collect(),
                example,
            })
        })
        .collect()
}

/// A request that gets in without a certificate.
fn getting_in(zone: &ZoneName, host: &Hostname, rules: &[Rule]) -> Result<Option<Guard>, Bound> {
    let known = Request::default().with("http.host", host.as_str());
    let request = presented(
        zone,
        host.as_str(),
        &Client::None,
        &Asks::default(),
        Reading::PerHost,
    );
    let mut model = Model::over(rules, [], &known);
    let course = model.course(rules, &request)?;
    model.witness(course.undecided)
}
