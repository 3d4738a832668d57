//! Rulesets of the account, and of the phase of Single Redirects: the same code, other limits (API
//! reference, sections 3.1, 3.5 and 3.8).

use mtlsctl::sandbox::ACCOUNT_ID;
use mtlsctl::sandbox::Permission;
use mtlsctl::sandbox::ZoneFacts;
use mtlsctl::sandbox::ZonePlan;
use serde_json::Value;
use serde_json::json;

use crate::sandbox::world::Refused;
use crate::sandbox::world::World;
use crate::sandbox::world::account_entry_point;
use crate::sandbox::world::entry_point;
use crate::sandbox::world::redirects;

const CUSTOM: &str = "http_request_firewall_custom";
const REDIRECTS: &str = "http_request_dynamic_redirect";
const ENTERPRISE: &str = "cf.zone.plan eq \"ENT\"";

fn redirect(name: &str, parameters: &Value) -> Value {
    json!({"ref": name, "action": "redirect", "expression": "ssl", "action_parameters": parameters})
}

fn to(url: &str) -> Value {
    json!({"from_value": {"target_url": {"value": url}, "status_code": 302, "preserve_query_string": true}})
}

fn execute(id: &Value, expression: &str) -> Value {
    json!({"ref": "x", "action": "execute", "expression": expression, "action_parameters": {"id": id}})
}

fn custom(rules: &Value) -> Value {
    json!({"name": "shared", "kind": "custom", "phase": CUSTOM, "rules": rules})
}

#[test]
fn redirects_have_an_entry_point_of_their_own() {
    let mut world = World::new();
    let com = world.zone("example.com");
    let none = "could not find entrypoint ruleset in the http_request_dynamic_redirect phase";
    world.all_refused([("GET", redirects(&com), None, 404, 10003, none)]);
    let before = world.get(&entry_point(&com));
    let made = world.put(
        &redirects(&com),
        json!({"rules": [redirect("a", &to("https://example.com/a"))]}),
    );
    assert_eq!(
        (&made["kind"], &made["phase"]),
        (&json!("zone"), &json!(REDIRECTS))
    );
    let parameters = &made["rules"][0]["action_parameters"];
    assert_eq!(*parameters, to("https://example.com/a"));

    let ruleset = made["id"].as_str().expect("an id");
    let rules = format!("/zones/{com}/rulesets/{ruleset}/rules");
    let computed =
        json!({"from_value": {"target_url": {"expression": "concat(\"https://\", http.host)"}}});
    let mut first = redirect("b", &computed);
    first["position"] = json!({"index": 1});
    let more = world.post(&rules, first);
    assert_eq!(more["rules"][0]["ref"], "b");
    let rule = more["rules"][0]["id"].as_str().expect("an id").to_owned();
    let path = format!("{rules}/{rule}");
    let changed = world.patch(&path, redirect("b", &to("https://example.com/b")));
    assert_eq!(changed["rules"][0]["version"], "2");
    assert_eq!(
        world.delete(&path)["rules"].as_array().map(Vec::len),
        Some(1)
    );
    assert_eq!(world.get(&redirects(&com))["version"], "4");
    assert_eq!(
        world.get(&entry_point(&com)),
        before,
        "custom rules are others"
    );
    let listed = world.get(&format!("/zones/{com}/rulesets"));
    let phases: Vec<&Value> = listed
        .as_array()
        .expect("a list")
        .iter()
        .map(|one| &one["phase"])
        .collect();
    assert_eq!(phases, [&json!(CUSTOM), &json!(REDIRECTS)]);
}

#[test]
fn bad_redirects_are_refused() {
    let mut world = World::new();
    let com = world.zone("example.com");
    let path = redirects(&com);
    let with = |parameters: Value| Some(json!({"rules": [redirect("a", &parameters)]}));
    let target = |target: Value| with(json!({"from_value": {"target_url": target}}));
    let mut status = to("https://example.com");
    status["from_value"]["status_code"] = json!(200);
    let block = json!({"action": "block", "expression": "ssl"});
    let rulesets = format!("/zones/{com}/rulesets");
    let new = |kind: &str| Some(json!({"name": "n", "kind": kind, "phase": REDIRECTS}));
    #[rustfmt::skip]
    let rows: Vec<Refused<'_>> = vec![
        ("PUT", path.clone(), Some(json!({"rules": [block]})), 400, 0, "action must be one of redirect, got \"block\""),
        ("PUT", entry_point(&com), with(to("https://example.com")), 400, 0, "action must be one of block, challenge"),
        ("PUT", path.clone(), with(json!({})), 400, 0, "from_value is required"),
        ("PUT", path.clone(), with(json!({"from_value": {}})), 400, 0, "target_url is required"),
        ("PUT", path.clone(), target(json!({})), 400, 0, "either value or expression"),
        ("PUT", path.clone(), target(json!({"value": "a", "expression": "b"})), 400, 0, "either value or expression"),
        ("PUT", path.clone(), target(json!({"value": ""})), 400, 0, "value must not be empty"),
        ("PUT", path.clone(), with(status), 400, 0, "status_code must be 301, 302, 303, 307 or 308"),
        ("PUT", path.clone(), with(json!({"from_list": {"name": "x"}})), 400, 0, "from_value is required"),
        ("POST", rulesets, new("custom"), 400, 0, "kind cannot be custom in this phase"),
    ];
    world.all_refused(rows);
}

#[test]
fn each_phase_has_its_own_quota() {
    let mut world = World::new();
    let facts = ZoneFacts {
        plan: ZonePlan::Free,
        ..ZoneFacts::enterprise("free.example", world.now)
    };
    let free = world.account.add_zone(facts);
    let list = |count: usize| {
        let to = to("https://example.com");
        let rules: Vec<Value> = (0..count)
            .map(|n| redirect(&format!("r{n}"), &to))
            .collect();
        json!({ "rules": rules })
    };
    world.put(&redirects(&free), list(10));
    let words = "exceeded maximum number of Single Redirects of the zone: 11 of 10";
    world.all_refused([("PUT", redirects(&free), Some(list(11)), 400, 0, words)]);
    let custom: Vec<Value> = (0..5)
        .map(
            |n| json!({"ref": format!("c{n}"), "action": "managed_challenge", "expression": "ssl"}),
        )
        .collect();
    world.put(&entry_point(&free), json!({ "rules": custom }));
}

#[test]
fn the_account_deploys_a_ruleset_of_its_own() {
    let mut world = World::new();
    let rulesets = format!("/accounts/{ACCOUNT_ID}/rulesets");
    let none = "could not find entrypoint ruleset in the http_request_firewall_custom phase";
    world.all_refused([("GET", account_entry_point(), None, 404, 10003, none)]);
    assert_eq!(world.get(&rulesets), json!([]));

    let inside = json!([{"ref": "a", "action": "block", "expression": "ssl"}]);
    let shared = world.post(&rulesets, custom(&inside));
    assert_eq!(
        (&shared["kind"], &shared["phase"]),
        (&json!("custom"), &json!(CUSTOM))
    );
    let id = shared["id"].as_str().expect("an id").to_owned();
    assert_eq!(world.get(&format!("{rulesets}/{id}")), shared);
    let rules = json!({"rules": [execute(&shared["id"], ENTERPRISE)]});
    let root = world.put(&account_entry_point(), rules);
    assert_eq!(
        (&root["kind"], &root["name"]),
        (&json!("root"), &json!("default"))
    );
    assert_eq!(world.get(&account_entry_point()), root);
    let listed = world.get(&rulesets);
    assert_eq!(listed.as_array().map(Vec::len), Some(2));
    assert!(listed[0].get("rules").is_none());

    let com = world.zone("example.com");
    let from_zone = json!({"rules": [execute(&shared["id"], "true")]});
    let in_zone = format!("/zones/{com}/rulesets/{id}");
    let in_use = "while an execute rule names it";
    world.all_refused([
        ("DELETE", format!("{rulesets}/{id}"), None, 400, 0, in_use),
        (
            "PUT",
            entry_point(&com),
            Some(from_zone),
            400,
            0,
            "a custom ruleset of this zone",
        ),
        ("GET", in_zone, None, 404, 0, "could not find ruleset"),
    ]);
    world.put(&account_entry_point(), json!({"rules": []}));
    let gone = world.send("DELETE", &format!("{rulesets}/{id}"), None);
    assert_eq!(gone.status, 204);
}

#[test]
fn the_account_takes_nothing_but_execute() {
    let mut world = World::new();
    let rulesets = format!("/accounts/{ACCOUNT_ID}/rulesets");
    let shared = world.post(&rulesets, custom(&json!([])));
    let id = &shared["id"];
    let path = account_entry_point();
    let rules = |rule: Value| Some(json!({ "rules": [rule] }));
    let of = |action: &str| json!({"action": action, "expression": ENTERPRISE});
    let skip = json!({
        "action": "skip", "expression": ENTERPRISE, "action_parameters": {"ruleset": "current"},
    });
    let elsewhere = path.replace(CUSTOM, REDIRECTS);
    let new = |kind: &str, phase: &str| Some(json!({"name": "n", "kind": kind, "phase": phase}));
    let unknown = json!("0123456789abcdef0123456789abcdef");
    #[rustfmt::skip]
    let rows: Vec<Refused<'_>> = vec![
        ("PUT", path.clone(), rules(of("block")), 400, 0, "the action block is not allowed in a root ruleset"),
        ("PUT", path.clone(), rules(of("log")), 400, 0, "the action log is not allowed"),
        ("PUT", path.clone(), rules(skip), 400, 0, "the action skip is not allowed"),
        ("PUT", path.clone(), rules(execute(id, "ssl")), 400, 0, "must contain cf.zone.plan eq \"ENT\""),
        ("PUT", path.clone(), rules(execute(&unknown, ENTERPRISE)), 400, 0, "a custom ruleset of this account"),
        ("POST", rulesets.clone(), new("zone", CUSTOM), 400, 0, "kind must be root or custom here, got \"zone\""),
        ("POST", rulesets.clone(), new("custom", REDIRECTS), 403, 50002, "not entitled"),
        ("POST", rulesets.clone(), Some(custom(&json!([execute(id, ENTERPRISE)]))), 400, 0, "and an entry point"),
        ("GET", elsewhere.clone(), None, 404, 10003, "in the http_request_dynamic_redirect phase"),
        ("PUT", elsewhere, Some(json!({"rules": []})), 403, 50002, "not entitled"),
    ];
    world.all_refused(rows);
    world.put(
        &path,
        json!({"rules": [execute(id, "cf.zone.plan   ==  \"ENT\" and ssl")]}),
    );
    let again = "'root' is not a valid value for kind because exceeded maximum number of root rulesets for phase";
    world.all_refused([("POST", rulesets, new("root", CUSTOM), 400, 20217, again)]);
}

#[test]
fn a_token_sees_the_rulesets_of_the_phases_it_may_read() {
    let mut world = World::new();
    let com = world.zone("example.com");
    world.put(&redirects(&com), json!({"rules": []}));
    for (permission, phases) in [
        (Permission::ZoneWafRead, vec![CUSTOM]),
        (Permission::RedirectsWrite, vec![REDIRECTS]),
    ] {
        world.limit_to(&[permission]);
        let listed = world.get(&format!("/zones/{com}/rulesets"));
        let seen: Vec<&str> = listed
            .as_array()
            .expect("a list")
            .iter()
            .map(|one| one["phase"].as_str().expect("a phase"))
            .collect();
        assert_eq!(seen, phases, "{permission}");
    }
}
