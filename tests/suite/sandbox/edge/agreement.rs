//! The edge against the model: generated accounts, each built twice, once through the API for the edge and
//! once as a state of the model; every client on every host, under both readings. What the model says of a
//! kind of requests must be what the edge does with one of them.

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
use mtlsctl::resource::ZoneName;
use mtlsctl::sandbox::edge::Credential;
use mtlsctl::sandbox::edge::Reading;
use serde_json::Value;
use serde_json::json;

use crate::sandbox::edge::pki::Pki;
use crate::sandbox::edge::pki::TestCa;
use crate::sandbox::edge::pki::TestClient;
use crate::sandbox::edge::visits::Arrived;
use crate::sandbox::edge::visits::READINGS;
use crate::sandbox::edge::visits::associate;
use crate::sandbox::edge::visits::set_rules;
use crate::sandbox::edge::visits::verdict;
use crate::sandbox::edge::visits::visit;
use crate::sandbox::world::World;

const ZONE: &str = "example.com";
const HOSTS: [&str; 3] = ["api.example.com", "pay.example.com", "www.example.com"];
const PATHS: [&str; 3] = ["/", "/healthz", "/v1/orders"];
const WORLDS: u64 = 60;

/// A client of the tests, with its own CA and those above, by name.
struct Visitor {
    name: &'static str,
    credential: Option<Credential>,
    /// The issuers from its own upwards; the first that is in the account is who the model takes it for.
    issuers: Vec<&'static str>,
    issuer_key_id: String,
}

/// The CAs of an account by name, with their hosts.
type Cas = BTreeMap<&'static str, Vec<&'static str>>;

/// An account as it is drawn up.
struct Drawn {
    cas: Cas,
    managed: Vec<&'static str>,
    rules: Vec<Value>,
    /// Of the ruleset that rules with the action `execute` run.
    executed: Vec<Value>,
}

fn cas() -> [(&'static str, &'static TestCa); 5] {
    let pki = Pki::shared();
    [
        ("fleet", &pki.fleet),
        ("issuing", &pki.issuing),
        ("partner", &pki.partner),
        ("modern", &pki.modern),
        ("spare", &pki.spare),
    ]
}

fn visitors() -> Vec<Visitor> {
    let pki = Pki::shared();
    let visitor = |name, client: &TestClient, issuers: &[&'static str], id: &str| Visitor {
        name,
        credential: Some(client.credential()),
        issuers: issuers.to_vec(),
        issuer_key_id: id.to_owned(),
    };
    let below = pki.partner.below("Partner Issuing");
    vec![
        Visitor {
            name: "none",
            credential: None,
            issuers: Vec::new(),
            issuer_key_id: String::new(),
        },
        visitor("forged", &pki.fleet.forged(), &[], &pki.fleet.key_id()),
        visitor(
            "of fleet",
            &pki.fleet.client(),
            &["fleet"],
            &pki.fleet.key_id(),
        ),
        visitor(
            "of partner",
            &pki.partner.client(),
            &["partner"],
            &pki.partner.key_id(),
        ),
        visitor(
            "of spare",
            &pki.spare.client(),
            &["spare"],
            &pki.spare.key_id(),
        ),
        visitor(
            "of modern",
            &pki.modern.client(),
            &["modern"],
            &pki.modern.key_id(),
        ),
        visitor(
            "of issuing",
            &pki.issuing.client_with_chain(),
            &["issuing", "below fleet"],
            &pki.issuing.key_id(),
        ),
        visitor(
            "below partner",
            &below.client_with_chain(),
            &["below partner"],
            &below.key_id(),
        ),
    ]
}

fn draw(random: &mut fastrand::Rng) -> Drawn {
    let some_hosts = |random: &mut fastrand::Rng| {
        let hosts = HOSTS.iter().copied();
        hosts.filter(|_| random.u8(0..3) == 0).collect::<Vec<_>>()
    };
    let mut drawn = BTreeMap::new();
    // Four slots are free.
    let mut names: Vec<&str> = cas().iter().map(|(name, _)| *name).collect();
    random.shuffle(&mut names);
    for name in names.into_iter().take(random.usize(0..5)) {
        drawn.insert(name, some_hosts(random));
    }
    let count = random.usize(0..6);
    let mut rules: Vec<Value> = (0..count)
        .map(|nth| rule(random, &format!("r{nth}"), &drawn))
        .collect();
    let count = random.usize(0..4);
    let executed: Vec<Value> = (0..count)
        .map(|nth| rule(random, &format!("c{nth}"), &drawn))
        .collect();
    if random.bool() {
        let mut execute = rule(random, "run", &drawn);
        execute["action"] = json!("execute");
        rules.insert(random.usize(0..=rules.len()), execute);
    }
    // As rules usually end, so that verifying matters.
    if random.bool() {
        let expression = "not cf.tls_client_auth.cert_verified";
        rules.push(
            json!({"ref": "last", "action": "block", "expression": expression, "enabled": true}),
        );
    }
    Drawn {
        cas: drawn,
        managed: some_hosts(random),
        rules,
        executed,
    }
}

/// No rule pins an intermediate that is not in the account: the model takes it that nobody knows of such.
fn rule(random: &mut fastrand::Rng, reference: &str, known: &Cas) -> Value {
    let actions = [
        "block",
        "block",
        "managed_challenge",
        "log",
        "ruleset",
        "phase",
    ];
    let action = random.choice(actions).expect("one");
    let test = |random: &mut fastrand::Rng| {
        let key_ids: Vec<String> = cas()
            .iter()
            .filter(|(name, _)| *name != "issuing" || known.contains_key(name))
            .filter(|_| random.bool())
            .map(|(_, ca)| format!("\"{}\"", ca.key_id()))
            .collect();
        let tests = [
            "cf.tls_client_auth.cert_verified".to_owned(),
            "cf.tls_client_auth.cert_presented".to_owned(),
            "cf.tls_client_auth.cert_revoked".to_owned(),
            "cf.tls_client_auth.cert_issuer_ski eq \"\"".to_owned(),
            format!(
                "cf.tls_client_auth.cert_issuer_ski in {{{}}}",
                key_ids.join(" ")
            ),
            "lower(http.host) in {\"api.example.com\" \"www.example.com\"}".to_owned(),
            "http.host eq \"pay.example.com\"".to_owned(),
            "http.request.uri.path eq \"/healthz\"".to_owned(),
            "starts_with(http.request.uri.path, \"/v1/\")".to_owned(),
            "http.request.method eq \"POST\"".to_owned(),
        ];
        let test = random.choice(tests.iter()).expect("one");
        format!("{}{test}", if random.bool() { "not " } else { "" })
    };
    let tests: Vec<String> = (0..random.usize(1..4)).map(|_| test(random)).collect();
    let expression = tests.join(if random.bool() { " and " } else { " or " });
    let mut rule = json!({"ref": reference, "action": action, "expression": expression});
    if matches!(action, "ruleset" | "phase") {
        rule["action"] = json!("skip");
        rule["action_parameters"] = json!({ action: "current" });
    }
    rule["enabled"] = json!(random.u8(0..8) != 0);
    rule
}

/// The account, by the API.
fn account(drawn: &Drawn) -> World {
    let mut world = World::new();
    associate(&mut world, None, &drawn.managed);
    for (name, ca) in cas() {
        if let Some(listed) = drawn.cas.get(name) {
            let id = world.upload(name, &ca.pem());
            associate(&mut world, Some(&id), listed);
        }
    }
    let zone = world.zone(ZONE);
    let custom = world.post(
        &format!("/zones/{zone}/rulesets"),
        json!({
            "name": "c",
            "kind": "custom",
            "phase": "http_request_firewall_custom",
            "rules": drawn.executed,
        }),
    );
    let mut rules = drawn.rules.clone();
    for rule in &mut rules {
        if rule["action"] == "execute" {
            rule["action_parameters"] = json!({"id": custom["id"]});
        }
    }
    set_rules(&mut world, &json!(rules));
    world
}

/// The same account for the model, by hand.
fn state(drawn: &Drawn, at: jiff::Timestamp) -> State {
    let mut state = State::default();
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
            _ => false,
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
