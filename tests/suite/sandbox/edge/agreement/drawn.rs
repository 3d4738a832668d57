//! Generated accounts and who visits them.

use std::collections::BTreeMap;

use mtlsctl::sandbox::edge::Credential;
use serde_json::Value;
use serde_json::json;

use crate::sandbox::edge::agreement::HOSTS;
use crate::sandbox::edge::agreement::ZONE;
use crate::sandbox::edge::pki::Managed;
use crate::sandbox::edge::pki::Pki;
use crate::sandbox::edge::pki::TestCa;
use crate::sandbox::edge::pki::TestClient;
use crate::sandbox::edge::visits::associate;
use crate::sandbox::edge::visits::set_rules;
use crate::sandbox::world::World;

/// A client of the tests, with its own CA and those above, by name.
pub(super) struct Visitor {
    pub(super) name: &'static str,
    pub(super) credential: Option<Credential>,
    /// The issuers from its own upwards; the first that is in the account is who the model takes it for.
    pub(super) issuers: Vec<&'static str>,
    pub(super) issuer_key_id: String,
}

/// The CAs of an account by name, with their hosts.
pub(super) type Cas = BTreeMap<&'static str, Vec<&'static str>>;

/// An account as it is drawn up.
pub(super) struct Drawn {
    pub(super) cas: Cas,
    pub(super) managed: Vec<&'static str>,
    pub(super) rules: Vec<Value>,
    /// Of the ruleset that rules with the action `execute` run.
    pub(super) executed: Vec<Value>,
}

pub(super) fn cas() -> [(&'static str, &'static TestCa); 5] {
    let pki = Pki::shared();
    [
        ("fleet", &pki.fleet),
        ("issuing", &pki.issuing),
        ("partner", &pki.partner),
        ("modern", &pki.modern),
        ("spare", &pki.spare),
    ]
}

pub(super) fn visitors() -> Vec<Visitor> {
    let pki = Pki::shared();
    let visitor = |name, client: &TestClient, issuers: &[&'static str], id: &str| Visitor {
        name,
        credential: Some(client.credential()),
        issuers: issuers.to_vec(),
        issuer_key_id: id.to_owned(),
    };
    let managed = |name, certificate: &[u8]| Visitor {
        name,
        credential: Some(Managed::credential(certificate)),
        issuers: vec![name],
        issuer_key_id: Managed::shared().ca.key_id().to_owned(),
    };
    let below = pki.partner.below("Partner Issuing");
    vec![
        Visitor {
            name: "none",
            credential: None,
            issuers: Vec::new(),
            issuer_key_id: String::new(),
        },
        managed("managed", &Managed::shared().client),
        managed("revoked", &Managed::shared().revoked),
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

pub(super) fn draw(random: &mut fastrand::Rng) -> Drawn {
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
        let pins_managed = random.u8(0..3) == 0;
        let key_ids: Vec<String> = cas()
            .iter()
            .filter(|(name, _)| *name != "issuing" || known.contains_key(name))
            .filter(|_| random.bool())
            .map(|(_, ca)| ca.key_id())
            .chain(pins_managed.then(|| Managed::shared().ca.key_id().to_owned()))
            .map(|id| format!("\"{id}\""))
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
pub(super) fn account(drawn: &Drawn) -> World {
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
