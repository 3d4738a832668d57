//! Who gets in where: the verdicts of one state, held against those of two others.
//!
//! Walks through the rules with the model of the edge, and shares nothing with the planner.

use std::collections::BTreeSet;

use mtlsctl::edge::Asks;
use mtlsctl::edge::Authority;
use mtlsctl::edge::Client;
use mtlsctl::edge::Model;
use mtlsctl::edge::Presented;
use mtlsctl::edge::Reading;
use mtlsctl::edge::Rule;
use mtlsctl::edge::State;
use mtlsctl::edge::Verdict;
use mtlsctl::edge::ZoneState;
use mtlsctl::edge::clients;
use mtlsctl::edge::presented;
use mtlsctl::expression::Request;
use mtlsctl::resource::Hostname;
use mtlsctl::resource::ZoneName;

/// A verdict that is neither that of the first state nor that of the last, in words.
pub(crate) fn strange(between: &State, ends: [&State; 2]) -> Option<String> {
    let states = [between, ends[0], ends[1]];
    let zones: BTreeSet<&ZoneName> = states.iter().flat_map(|state| state.zones.keys()).collect();
    zones.into_iter().find_map(|zone| {
        let here = states.map(|state| state.zones.get(zone).expect("read every time"));
        let named: BTreeSet<Hostname> = here.iter().flat_map(|here| hosts(zone, here)).collect();
        let named = named.iter().map(ToString::to_string);
        let mut all = named.chain([format!("any-other-host.{zone}")]);
        all.find_map(|host| strange_on(zone, &host, states))
    })
}

/// Who gets further in one state than in another, and who less far, under each reading.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Moved {
    /// Somebody gets further in the first.
    pub(crate) exposed: [bool; 2],
    /// Somebody gets less far in the first.
    pub(crate) locked_out: [bool; 2],
}

/// Holds each verdict of a state against the one that is wanted, in the zones of the first.
pub(crate) fn moved(now: &State, wanted: &State) -> Moved {
    let mut moved = Moved::default();
    for zone in now.zones.keys() {
        let here = [now, wanted].map(|state| &state.zones[zone]);
        let named: BTreeSet<Hostname> = here.iter().flat_map(|here| hosts(zone, here)).collect();
        let named = named.iter().map(ToString::to_string);
        for host in named.chain([format!("any-other-host.{zone}")]) {
            moved_on(zone, &host, [now, wanted], &mut moved);
        }
    }
    moved
}

fn moved_on(zone: &ZoneName, host: &str, states: [&State; 2], moved: &mut Moved) {
    let known = Request::default()
        .with("http.host", host)
        .with("cf.zone.name", zone.as_str());
    let rules = states.map(|state| state.zones[zone].rules.iter().collect::<Vec<&Rule>>());
    let name = Hostname::parse(host).expect("a host");
    let is_managed = states.iter().any(|state| {
        let listed = state.zones[zone].hosts.get(&name);
        listed.is_some_and(|listed| listed.contains(&Authority::Managed))
    });
    let asks = states.map(|state| asks(zone, host, state).naming_managed(is_managed));
    for (nth, reading) in Reading::BOTH.into_iter().enumerate() {
        for client in clients(states) {
            let requests = [0, 1].map(|at| presented(zone, host, &client, &asks[at], reading));
            let also = requests.iter().flat_map(|request| &request.also);
            let mut model = Model::over(rules.iter().flatten().copied(), also, &known);
            let [here, there] = [0, 1].map(|at| {
                let course = model.course(&rules[at], &requests[at]);
                course.expect("within the bounds")
            });
            // From what lets most through to what lets least.
            for (at, verdict) in Verdict::ALL.into_iter().enumerate() {
                for (than, other) in Verdict::ALL.into_iter().enumerate() {
                    let both = model.both(here.with(verdict), there.with(other));
                    let witness = model.witness(both.expect("within the bounds"));
                    if witness.expect("within the bounds").is_some() {
                        moved.exposed[nth] |= at < than;
                        moved.locked_out[nth] |= at > than;
                    }
                }
            }
        }
    }
}

/// The hosts of a zone that have CAs, or are named in rules about certificates.
fn hosts(zone: &ZoneName, here: &ZoneState) -> BTreeSet<Hostname> {
    let about = here
        .rules
        .iter()
        .filter(|rule| rule.is_about_certificates());
    let named = about.flat_map(|rule| rule.hosts_named(zone));
    named.chain(here.hosts.keys().cloned()).collect()
}

fn strange_on(zone: &ZoneName, host: &str, states: [&State; 3]) -> Option<String> {
    let known = Request::default()
        .with("http.host", host)
        .with("cf.zone.name", zone.as_str());
    let rules = states.map(|state| state.zones[zone].rules.iter().collect::<Vec<&Rule>>());
    let asks = states.map(|state| asks(zone, host, state));
    let clients = clients(states);
    let kinds = clients
        .iter()
        .flat_map(|client| Reading::BOTH.map(|reading| (client, reading)));
    let kinds: Vec<(&Client, Reading, [Presented; 3])> = kinds
        .map(|(client, reading)| {
            let requests = [0, 1, 2].map(|nth| presented(zone, host, client, &asks[nth], reading));
            (client, reading, requests)
        })
        .collect();
    let requests = kinds.iter().flat_map(|(_, _, requests)| requests);
    let also = requests.flat_map(|request| &request.also);
    let mut model = Model::over(rules.iter().flatten().copied(), also, &known);
    for (client, reading, requests) in &kinds {
        let [here, first, last] = [0, 1, 2].map(|nth| {
            let course = model.course(&rules[nth], &requests[nth]);
            course.expect("within the bounds")
        });
        for verdict in Verdict::ALL {
            let ends = model.either(first.with(verdict), last.with(verdict));
            let strange = model.without(here.with(verdict), ends.expect("within the bounds"));
            let witness = model.witness(strange.expect("within the bounds"));
            if let Some(guard) = witness.expect("within the bounds") {
                let word = verdict.word();
                return Some(format!(
                    "{host}: {word} for clients {client} ({guard}, {reading:?})"
                ));
            }
        }
    }
    None
}

/// What a host asks for; a CA that is gone it does not ask for any more.
fn asks(zone: &ZoneName, host: &str, state: &State) -> Asks {
    let name = Hostname::parse(host).expect("a host");
    let listed = state.zones[zone].hosts.get(&name).into_iter().flatten();
    let is_there = |one: &&Authority| **one == Authority::Managed || state.cas.contains_key(*one);
    let there = listed.filter(is_there).cloned().collect();
    Asks::of(&there, state.cas.iter())
}
