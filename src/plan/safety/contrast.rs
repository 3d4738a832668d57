//! Who changes verdict from one state of the account to another, whatever way leads there.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::rc::Rc;

use crate::edge::Asks;
use crate::edge::Authority;
use crate::edge::Client;
use crate::edge::HostTests;
use crate::edge::Model;
use crate::edge::Presented;
use crate::edge::Reading;
use crate::edge::Rule;
use crate::edge::State;
use crate::edge::Verdict;
use crate::edge::ZoneState;
use crate::edge::clients;
use crate::edge::presented;
use crate::expression::Bound;
use crate::plan::safety::kin::known;
use crate::plan::safety::kin::may_match;
use crate::plan::safety::moment::Verdicts;
use crate::plan::safety::passage::Ends;
use crate::plan::safety::shift;
use crate::plan::safety::shift::Shift;
use crate::resource::Hostname;
use crate::resource::ZoneName;

/// What two states differ in for those who send requests.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Contrast {
    /// Whose requests have another verdict.
    pub shifts: Vec<Shift>,
    /// Where that could not be found out.
    pub unknown: Vec<Unknown>,
}

/// Hosts for which a question went beyond a bound.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unknown {
    /// In which zone.
    pub zone: ZoneName,
    /// The hosts; none stands for any other host of the zone.
    pub hosts: Vec<Hostname>,
    /// The bound.
    pub bound: Bound,
}

/// Who changes verdict between two states, in the zones that both know.
#[must_use]
pub fn contrast(before: &State, after: &State) -> Contrast {
    let mut contrast = Contrast::default();
    let clients = clients([before, after]);
    let are_cas_same = before.cas == after.cas;
    for (zone, here) in &before.zones {
        let Some(there) = after.zones.get(zone) else {
            continue;
        };
        if are_cas_same && here == there {
            continue;
        }
        let pair = Pair {
            zone,
            states: [before, after],
            zones: [here, there],
            clients: &clients,
        };
        let same_rules = here.rules == there.rules;
        for (authorities, hosts) in pair.groups() {
            let [now, later] = &authorities;
            if same_rules && now == later && (are_cas_same || now.is_empty()) {
                continue;
            }
            match pair.shifts(&authorities, &hosts) {
                Ok(shifts) => contrast.shifts.extend(shifts),
                Err(bound) => contrast.unknown.push(Unknown {
                    zone: zone.clone(),
                    hosts,
                    bound,
                }),
            }
        }
    }
    contrast.shifts = shift::joined(contrast.shifts);
    contrast
}

/// One zone in both states.
struct Pair<'a> {
    zone: &'a ZoneName,
    states: [&'a State; 2],
    zones: [&'a ZoneState; 2],
    clients: &'a [Client],
}

/// The CAs of a host in both states.
type Listed = [BTreeSet<Authority>; 2];

impl Pair<'_> {
    /// The hosts of the zone, those together that nothing tells apart; the last are any other host of the zone.
    fn groups(&self) -> Vec<(Listed, Vec<Hostname>)> {
        let [here, there] = self.zones;
        let mut hosts: BTreeMap<Hostname, Listed> = BTreeMap::new();
        for (nth, zone) in self.zones.into_iter().enumerate() {
            for (host, authorities) in &zone.hosts {
                let listed = hosts.entry(host.clone()).or_default();
                if let Some(listed) = listed.get_mut(nth) {
                    listed.clone_from(authorities);
                }
            }
        }
        let all = here.rules.iter().chain(&there.rules);
        let is_in_both = |rule: &Rule| here.rules.contains(rule) && there.rules.contains(rule);
        let matter = all
            .clone()
            .filter(|rule| rule.is_about_certificates() || !is_in_both(rule));
        for host in matter.flat_map(|rule| rule.hosts_named(self.zone)) {
            hosts.entry(host).or_default();
        }
        let tests = HostTests::of(all);
        let mut groups = tests.kin(hosts);
        groups.push((Listed::default(), Vec::new()));
        groups
    }

    /// Who changes verdict on hosts that nothing tells apart.
    fn shifts(&self, authorities: &Listed, hosts: &[Hostname]) -> Result<Vec<Shift>, Bound> {
        let spelled = hosts.first().map_or_else(
            || format!("any-other-host.{}", self.zone),
            ToString::to_string,
        );
        let known = known(self.zone, &spelled);
        let rules = self.zones.map(|zone| {
            let rules = zone.rules.iter();
            rules
                .filter(|rule| may_match(rule, &known))
                .collect::<Vec<&Rule>>()
        });
        let is_managed = authorities
            .iter()
            .any(|listed| listed.contains(&Authority::Managed));
        let [now, later] = authorities;
        let asks = [(now, self.states[0]), (later, self.states[1])]
            .map(|(listed, state)| Asks::of(listed, state.cas.iter()).naming_managed(is_managed));
        let requests = |asks: &Asks, reading| {
            let clients = self.clients.iter();
            let all = clients.map(|client| presented(self.zone, &spelled, client, asks, reading));
            all.collect::<Vec<Presented>>()
        };
        let asked =
            Reading::BOTH.map(|reading| asks.each_ref().map(|asks| requests(asks, reading)));
        let also = asked.iter().flatten().flatten();
        let also = also.flat_map(|request| &request.also);
        let mut model = Model::over(rules.iter().flatten().copied(), also, &known);
        let mut under = Vec::new();
        for [now, end] in &asked {
            let ends = Ends {
                now: Rc::new(verdicts(&mut model, &rules[0], now)?),
                end: Rc::new(verdicts(&mut model, &rules[1], end)?),
            };
            under.push(shift::of(
                (self.zone, hosts),
                self.clients,
                &ends,
                &mut model,
            )?);
        }
        Ok(shift::under_both(under))
    }
}

fn verdicts(model: &mut Model, rules: &[&Rule], requests: &[Presented]) -> Result<Verdicts, Bound> {
    let verdicts = requests.iter().map(|request| {
        let course = model.course(rules, request)?;
        Ok(Verdict::ALL.map(|verdict| course.with(verdict)))
    });
    verdicts.collect()
}
