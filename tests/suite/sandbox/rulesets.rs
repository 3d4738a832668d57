//! Whole rulesets and entry points (API reference, sections 3.1 and 3.2).

use serde_json::Value;
use serde_json::json;

use crate::sandbox::world::Refused;
use crate::sandbox::world::World;
use crate::sandbox::world::entry_point;

const NONE: &str = "could not find entrypoint ruleset in the http_request_firewall_custom phase";

fn rule(name: &str) -> Value {
    json!({"ref": name, "action": "block", "expression": format!("http.host eq \"{name}\"")})
}

fn ids(ruleset: &Value) -> Vec<String> {
    let rules = ruleset["rules"].as_array().expect("a list");
    rules
        .iter()
        .map(|rule| rule["id"].as_str().expect("an id").to_owned())
        .collect()
}

fn path_of(zone: &str, ruleset: &Value) -> String {
    format!(
        "/zones/{zone}/rulesets/{}",
        ruleset["id"].as_str().expect("an id")
    )
}

#[test]
fn an_entry_point_is_absent_then_full_then_empty_then_gone() {
    let mut world = World::new();
    let zone = world.zone("example.net");
    world.all_refused([("GET", entry_point(&zone), None, 404, 10003, NONE)]);
    assert_eq!(world.get(&format!("/zones/{zone}/rulesets")), json!([]));

    let made = world.put(&entry_point(&zone), json!({"rules": [rule("a")]}));
    assert_eq!(made["name"], "default");
    assert_eq!(made["kind"], "zone");
    assert_eq!(made["phase"], "http_request_firewall_custom");
    assert_eq!(made["version"], "1");
    assert_eq!(world.get(&entry_point(&zone)), made);
    assert_eq!(world.get(&path_of(&zone, &made)), made);

    // What is left out is emptied.
    let emptied = world.put(&entry_point(&zone), json!({"description": "ours"}));
    assert_eq!(emptied["rules"], json!([]));
    assert_eq!(emptied["version"], "2");
    assert_eq!(world.get(&entry_point(&zone)), emptied);

    let reply = world.send("DELETE", &path_of(&zone, &made), None);
    assert_eq!((reply.status, reply.body), (204, Value::Null));
    world.all_refused([
        ("GET", entry_point(&zone), None, 404, 10003, NONE),
        (
            "GET",
            path_of(&zone, &made),
            None,
            404,
            0,
            "could not find ruleset",
        ),
        (
            "DELETE",
            path_of(&zone, &made),
            None,
            404,
            0,
            "could not find ruleset",
        ),
    ]);
}

#[test]
fn a_put_keeps_the_rules_it_can_match() {
    let mut world = World::new();
    let zone = world.zone("example.net");
    let path = entry_point(&zone);
    let before = world.put(
        &path,
        json!({"rules": [rule("a"), rule("b"), rule("c"), rule("d")]}),
    );
    let old = ids(&before);
    world.wait(60);

    let mut changed = rule("b");
    changed["enabled"] = json!(false);
    let mut by_id = rule("d");
    by_id["id"] = json!(old[3]);
    by_id.as_object_mut().expect("an object").remove("ref");
    let mut other_ref = rule("renamed");
    other_ref["id"] = json!(old[2]);
    let anonymous = json!({"action": "block", "expression": "ssl"});
    let after = world.put(
        &path,
        json!({"rules": [changed, rule("a"), other_ref, by_id, anonymous]}),
    );
    let new = ids(&after);

    assert_eq!(after["version"], "2");
    assert_eq!(
        (&new[0], &after["rules"][0]["version"]),
        (&old[1], &json!("2")),
        "changed, same id"
    );
    assert_eq!(after["rules"][1], before["rules"][0], "moved only");
    assert!(!old.contains(&new[2]), "another ref is another rule");
    assert_eq!(after["rules"][2]["version"], "1");
    assert_eq!(
        (&new[3], &after["rules"][3]["ref"]),
        (&old[3], &json!(old[3])),
        "without a ref it is the id"
    );
    assert!(!old.contains(&new[4]));

    // What was read can be sent back and changes no rule.
    let again = world.put(&path, json!({"name": "default", "rules": after["rules"]}));
    assert_eq!(again["rules"], after["rules"]);
    assert_eq!(again["version"], "3");
}

#[test]
fn bad_rulesets_are_refused() {
    let mut world = World::new();
    let zone = world.zone("example.com");
    let rulesets = format!("/zones/{zone}/rulesets");
    let entry = entry_point(&zone);
    let own = world.get(&entry);
    let ruleset = path_of(&zone, &own);
    let other_phase = entry.replace("http_request_firewall_custom", "http_ratelimit");
    let no_phase = entry.replace(
        "http_request_firewall_custom",
        "http_request_firewall_custmo",
    );
    let new = |kind: &str, phase: &str| Some(json!({"name": "n", "kind": kind, "phase": phase}));
    let custom = "http_request_firewall_custom";
    let rules = |rules: Value| Some(json!({ "rules": rules }));
    let exceeded = "'zone' is not a valid value for kind because exceeded maximum number of zone rulesets for phase";
    #[rustfmt::skip]
    let rows: Vec<Refused<'_>> = vec![
        ("POST", rulesets.clone(), new("zone", custom), 400, 20217, exceeded),
        ("POST", rulesets.clone(), new("root", custom), 400, 0, "kind must be zone or custom"),
        ("POST", rulesets.clone(), new("zone", "http_ratelimit"), 403, 50002, "not entitled"),
        ("POST", rulesets.clone(), new("zone", "x"), 400, 0, "\"x\" is not a phase"),
        ("POST", rulesets.clone(), Some(json!({"kind": "zone", "phase": custom})), 400, 0, "name is required"),
        ("POST", rulesets.clone(), Some(json!({"name": "n", "kind": "custom"})), 400, 0, "phase is required"),
        ("GET", format!("{rulesets}?per_page=0"), None, 400, 0, "per_page must be a number from 1 to 50"),
        ("GET", format!("{rulesets}?per_page=51"), None, 400, 0, "per_page"),
        ("GET", format!("{rulesets}?cursor=x"), None, 400, 0, "cursor"),
        ("GET", format!("{rulesets}/x"), None, 404, 7003, "Could not route"),
        ("GET", no_phase, None, 400, 0, "is not a phase"),
        ("GET", other_phase.clone(), None, 404, 10003, "in the http_ratelimit phase"),
        ("PUT", other_phase, Some(json!({"rules": []})), 403, 50002, "not entitled"),
        ("PUT", entry.clone(), Some(json!({"kind": "zone", "rules": []})), 400, 0, "kind is not a field"),
        ("PUT", entry.clone(), Some(json!({"phase": custom, "rules": []})), 400, 0, "phase is not a field"),
        ("PUT", entry.clone(), Some(json!({"name": "x", "rules": []})), 400, 0, "cannot be modified: got x, want default"),
        ("PUT", entry.clone(), Some(json!({"rule": []})), 400, 0, "rule is not a field"),
        ("PUT", entry.clone(), rules(json!({})), 400, 0, "rules must be a list"),
        ("PUT", entry.clone(), rules(json!([1])), 400, 0, "must be an object"),
        ("PUT", entry.clone(), rules(json!([rule("a"), rule("a")])), 400, 0, "ref \"a\" is not unique"),
        ("PUT", entry.clone(), rules(json!([{"id": "x", "action": "block", "expression": "ssl"}])), 400, 0, "id \"x\""),
        ("PUT", ruleset.clone(), Some(json!({"kind": "custom", "rules": []})), 400, 0, "got custom, want zone"),
        ("PUT", ruleset, Some(json!({"phase": "http_ratelimit", "rules": []})), 400, 0, "phase field cannot be modified"),
    ];
    world.all_refused(rows);

    let reply = world.send("POST", &rulesets, new("zone", custom));
    assert_eq!(reply.body["errors"][0]["source"]["pointer"], "/kind");
    let reply = world.send(
        "PUT",
        &entry,
        rules(json!([rule("a"), {"action": "x", "expression": "ssl"}])),
    );
    assert_eq!(
        reply.body["errors"][0]["source"]["pointer"],
        "/rules/1/action"
    );
}

#[test]
fn a_custom_ruleset_runs_by_an_execute_rule() {
    let mut world = World::new();
    let zone = world.zone("example.net");
    let rulesets = format!("/zones/{zone}/rulesets");
    let body = json!({
        "name": "mtls", "description": "ours", "kind": "custom", "phase": "http_request_firewall_custom",
        "rules": [rule("a")],
    });
    let custom = world.post(&rulesets, body);
    let id = custom["id"].as_str().expect("an id").to_owned();
    let execute = json!({"ref": "x", "action": "execute", "expression": "true", "action_parameters": {"id": id}});
    world.put(&entry_point(&zone), json!({"rules": [execute]}));
    let inside = format!("{}/rules", path_of(&zone, &custom));
    world.all_refused([
        (
            "DELETE",
            path_of(&zone, &custom),
            None,
            400,
            0,
            "while an execute rule names it",
        ),
        (
            "POST",
            inside,
            Some(execute),
            400,
            0,
            "execute needs a custom ruleset of this zone, and an entry point",
        ),
    ]);
    let again = json!({"name": "mtls", "kind": "custom", "phase": "http_request_firewall_custom", "rules": [rule("b")]});
    let replaced = world.put(&path_of(&zone, &custom), again);
    assert_eq!(
        (&replaced["version"], &replaced["description"]),
        (&json!("2"), &json!(""))
    );
    world.put(&entry_point(&zone), json!({"rules": []}));
    assert_eq!(
        world.send("DELETE", &path_of(&zone, &custom), None).status,
        204
    );
}

#[test]
fn lists_come_in_pages_without_rules() {
    let mut world = World::new();
    let zone = world.zone("example.com");
    let rulesets = format!("/zones/{zone}/rulesets");
    for name in ["one", "two"] {
        let body = json!({"name": name, "kind": "custom", "phase": "http_request_firewall_custom"});
        world.post(&rulesets, body);
    }
    let mut names = Vec::new();
    let mut path = format!("{rulesets}?per_page=2");
    loop {
        let page = world.send("GET", &path, None);
        for ruleset in page.body["result"].as_array().expect("a list") {
            assert!(ruleset.get("rules").is_none());
            names.push(ruleset["name"].as_str().expect("a name").to_owned());
        }
        match page.body["result_info"]["cursors"]["after"].as_str() {
            Some(cursor) => path = format!("{rulesets}?per_page=2&cursor={cursor}"),
            None => break,
        }
    }
    assert_eq!(names, ["default", "one", "two"]);
}

#[test]
fn a_dry_run_judges_and_stores_nothing() {
    let mut world = World::new();
    let (com, net) = (world.zone("example.com"), world.zone("example.net"));
    let ruleset = world.get(&entry_point(&com));
    let first = format!("{}/rules/{}", path_of(&com, &ruleset), ids(&ruleset)[0]);
    let before = world.account.clone();
    for (method, path, body) in [
        (
            "PUT",
            entry_point(&net),
            Some(json!({"rules": [rule("a")]})),
        ),
        ("PUT", path_of(&com, &ruleset), Some(json!({"rules": []}))),
        (
            "POST",
            format!("{}/rules", path_of(&com, &ruleset)),
            Some(rule("a")),
        ),
        (
            "PATCH",
            first.clone(),
            Some(json!({"position": {"after": ""}})),
        ),
        ("DELETE", first, None),
    ] {
        let reply = world.send(method, &format!("{path}?dry_run=true"), body);
        assert_eq!(reply.clone().result(), Value::Null, "{method} {path}");
    }
    let gone = world.send(
        "DELETE",
        &format!("{}?dry_run=true", path_of(&com, &ruleset)),
        None,
    );
    assert_eq!(gone.status, 204);
    assert!(world.account == before);

    let path = entry_point(&net);
    let twice = Some(json!({"rules": [rule("a"), rule("a")]}));
    world.all_refused([
        (
            "PUT",
            format!("{path}?dry_run=true"),
            twice,
            400,
            0,
            "not unique",
        ),
        (
            "PUT",
            format!("{path}?dry_run=yes"),
            Some(json!({"rules": []})),
            400,
            0,
            "dry_run must be one of true, false",
        ),
        (
            "PUT",
            format!("{path}?dry_run="),
            Some(json!({"rules": []})),
            400,
            0,
            "dry_run",
        ),
    ]);
    world.put(
        &format!("{path}?dry_run=false"),
        json!({"rules": [rule("a")]}),
    );
    assert_eq!(world.get(&path)["rules"].as_array().map(Vec::len), Some(1));
}
