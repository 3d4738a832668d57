//! The edge against the model: generated accounts, each built twice, once through the API for the edge and
//! once as a state of the model; every client on every host, under both readings. What the model says of a
//! kind of requests must be what the edge does with one of them.

mod drawn; // generated accounts and their visitors

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use mtlsctl::edge as model;
use mtlsctl::edge::Authority;
use mtlsctl::edge::Ca;
use mtlsctl::edge::Client;
use mtlsctl::edge::Effect;
use mtlsctl::edge::Model;
use mtlsctl::edge::Path;
use mtlsctl::edge::Rule;
use mtlsctl::edge::State;
use mtlsctl::edge::Verdict;
use mtlsctl::edge::ZoneState;
use mtlsctl::expression::parse;
use mtlsctl::resource::Bundle;
use mtlsctl::resource::Hostname;
use mtlsctl::resource::KeyId;
use mtlsctl::resource::ZoneName;
use mtlsctl::sandbox::edge::Reading;
use serde_json::Value;

use crate::sandbox::edge::agreement::drawn::Drawn;
use crate::sandbox::edge::agreement::drawn::Visitor;
use crate::sandbox::edge::agreement::drawn::account;
use crate::sandbox::edge::agreement::drawn::cas;
use crate::sandbox::edge::agreement::drawn::draw;
use crate::sandbox::edge::agreement::drawn::visitors;
use crate::sandbox::edge::pki::Managed;
use crate::sandbox::edge::visits::Arrived;
use crate::sandbox::edge::visits::READINGS;
use crate::sandbox::edge::visits::verdict;
use crate::sandbox::edge::visits::visit;

const ZONE: &str = "example.com";
const HOSTS: [&str; 3] = ["api.example.com", "pay.example.com", "www.example.com"];
const PATHS: [&str; 3] = ["/", "/healthz", "/v1/orders"];
const WORLDS: u64 = 60;

/// The same account for the model, by hand.
fn state(drawn: &Drawn, at: jiff::Timestamp) -> State {
    let key_id = KeyId::parse(Managed::shared().ca.key_id()).expect("a key id");
    let mut state = State {
        managed_key_ids: [key_id].into(),
        ..State::default()
    };
    let mut hosts: BTreeMap<Hostname, BTreeSet<Authority>> = BTreeMap::new();
    let named = |host: &&str| Hostname::parse(host).expect("a host");
    for host in &drawn.managed {
        hosts
            .entry(named(host))
            .or_default()
            .insert(Authority::Managed);
    }
    for (name, ca) in cas() {
        let Some(listed) = drawn.cas.get(name) else {
            continue;
        };
        let bundle = Bundle::from_pem(&ca.pem()).expect("a bundle");
        for host in listed {
            hosts
                .entry(named(host))
                .or_default()
                .insert(Authority::of(&bundle));
        }
        state
            .cas
            .insert(Authority::of(&bundle), Ca::new(name, &bundle, at));
    }
    let zone = ZoneState {
        rules: drawn
            .rules
            .iter()
            .map(|rule| of_model(rule, &drawn.executed))
            .collect(),
        hosts,
    };
    state
        .zones
        .insert(ZoneName::parse(ZONE).expect("a zone"), zone);
    state
}

fn of_model(rule: &Value, executed: &[Value]) -> Rule {
    let text = |field: &str| rule[field].as_str().expect("text").to_owned();
    let effect = match rule["action"].as_str().expect("an action") {
        "block" => Effect::Block,
        "managed_challenge" => Effect::Challenge,
        "skip" if rule["action_parameters"]["phase"].is_string() => Effect::SkipPhase,
        "skip" => Effect::SkipRuleset,
        "log" => Effect::Nothing,
        "execute" => Effect::Execute(executed.iter().map(|rule| of_model(rule, &[])).collect()),
        other => panic!("{other}"),
    };
    Rule {
        name: text("ref"),
        reference: text("ref"),
        enabled: rule["enabled"].as_bool().expect("a boolean"),
        text: text("expression"),
        condition: parse(&text("expression")),
        effect,
    }
}

/// Who a visitor is to the model.
fn client(state: &State, visitor: &Visitor) -> Client {
    if visitor.credential.is_none() {
        return Client::None;
    }
    let all = model::clients([state]);
    let found = visitor.issuers.iter().find_map(|wanted| {
        all.iter().find(|client| match client {
            Client::Issued(issued) => match issued.path {
                Path::Direct => issued.issuer == *wanted,
                Path::Subordinate => format!("below {}", issued.issuer) == *wanted,
            },
            Client::Managed { revoked, .. } => {
                *wanted == if *revoked { "revoked" } else { "managed" }
            }
            Client::None | Client::Stranger => false,
        })
    });
    found.cloned().unwrap_or(Client::Stranger)
}

/// The one verdict that the model has for such a request.
fn modelled(
    state: &State,
    visitor: &Visitor,
    host: &str,
    path: &str,
    reading: Reading,
) -> &'static str {
    let name = ZoneName::parse(ZONE).expect("a zone");
    let zone = &state.zones[&name];
    let authorities = zone.hosts.get(&Hostname::parse(host).expect("a host"));
    let asks = state.asks(&authorities.cloned().unwrap_or_default());
    let reading = match reading {
        Reading::PerHost => model::Reading::PerHost,
        Reading::AccountWide => model::Reading::AccountWide,
    };
    let client = client(state, visitor);
    let mut request = model::presented(&name, host, &client, &asks, reading);
    let key_id = "cf.tls_client_auth.cert_issuer_ski";
    // What is left open of a stranger is what this one says; an intermediate that nobody knows goes by an id of
    // the model's own.
    if asks.asks() && matches!(client, Client::Stranger) {
        request.known = request.known.with(key_id, visitor.issuer_key_id.as_str());
    }
    request.known = request
        .known
        .with("http.request.uri.path", path)
        .with("http.request.method", "GET")
        .with("ssl", true);
    let mut model = Model::over(&zone.rules, &request.also, &request.known);
    let course = model
        .course(&zone.rules, &request)
        .expect("a small question");
    let mut found = Verdict::ALL.into_iter().filter(|verdict| {
        let set = course.with(*verdict);
        model.witness(set).expect("a small question").is_some()
    });
    let verdict = found.next().expect("a verdict").word();
    assert_eq!(found.next(), None, "the request is known");
    verdict
}

#[test]
fn the_edge_does_what_the_model_says() {
    let visitors = visitors();
    let mut counts: BTreeMap<(&str, bool), u32> = BTreeMap::new();
    for seed in 0..WORLDS {
        let drawn = draw(&mut fastrand::Rng::with_seed(seed));
        let world = account(&drawn);
        let edge = Arrived::of(&world);
        let state = state(&drawn, world.now);
        for visitor in &visitors {
            for host in HOSTS {
                for path in PATHS {
                    let both = READINGS.map(|reading| {
                        let expected = modelled(&state, visitor, host, path, reading);
                        let credential = visitor.credential.as_ref();
                        let answer = edge.answer(&visit(host, path), credential, reading);
                        assert_eq!(
                            verdict(&answer),
                            expected,
                            "seed {seed}: {} on {host}{path}, {}: {:?}, managed {:?}, {:#?} {:#?}",
                            visitor.name,
                            reading.word(),
                            drawn.cas,
                            drawn.managed,
                            drawn.rules,
                            drawn.executed,
                        );
                        expected
                    });
                    *counts.entry((both[0], both[0] == both[1])).or_default() += 1;
                }
            }
        }
    }
    // The worlds are worth the trouble: all verdicts are common, and readings differ on some.
    for verdict in Verdict::ALL {
        assert!(counts[&(verdict.word(), true)] > 100, "{counts:?}");
    }
    let differing = counts
        .iter()
        .filter(|((_, agree), _)| !agree)
        .map(|(_, count)| count);
    assert!(differing.sum::<u32>() > 25, "{counts:?}");
}
