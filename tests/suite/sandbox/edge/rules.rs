//! What rules do with requests: actions, order, skips, rulesets that are executed, and rules that cannot be
//! evaluated.

use mtlsctl::sandbox::Account;
use mtlsctl::sandbox::ZoneFacts;
use mtlsctl::sandbox::ZoneStatus;
use mtlsctl::sandbox::edge::Reading;
use serde_json::Value;
use serde_json::json;

use crate::sandbox::edge::visits::Arrived;
use crate::sandbox::edge::visits::echo;
use crate::sandbox::edge::visits::header;
use crate::sandbox::edge::visits::set_rules;
use crate::sandbox::edge::visits::verdict;
use crate::sandbox::edge::visits::visit;
use crate::sandbox::world::World;

const HOST: &str = "api.example.com";

fn rule(reference: &str, action: &str, path: &str) -> Value {
    json!({
        "ref": reference,
        "action": action,
        "expression": format!("starts_with(http.request.uri.path, \"{path}\")"),
    })
}

fn skip(reference: &str, path: &str, parameters: &Value) -> Value {
    let mut skip = rule(reference, "skip", path);
    skip["action_parameters"] = parameters.clone();
    skip
}

fn edge_with(rules: &Value) -> Arrived {
    let mut world = World::new();
    set_rules(&mut world, rules);
    Arrived::of(&world)
}

#[test]
fn the_first_rule_that_ends_it_decides() {
    let edge = edge_with(&json!([
        rule("seen", "log", "/"),
        skip("other products", "/", &json!({"products": ["waf"]})),
        rule("off", "block", "/pass"),
        rule("legacy", "challenge", "/legacy"),
        rule("js", "js_challenge", "/js"),
        rule("managed", "managed_challenge", "/managed"),
        rule("all", "block", "/no"),
        skip("too late", "/no", &json!({"ruleset": "current"})),
    ]));
    // A log rule and a skip of other products decide nothing.
    let passed = echo(&edge.get(HOST, "/other?x=1"));
    assert_eq!(
        passed["rules"],
        json!([
            {"ref": "seen", "action": "log", "matched": true},
            {"ref": "other products", "action": "skip", "matched": true},
        ])
    );
    assert_eq!(
        (&passed["path"], &passed["query"]),
        (&json!("/other"), &json!("x=1"))
    );
    for path in ["/legacy", "/js", "/managed"] {
        let answer = edge.get(HOST, path);
        assert_eq!(
            (answer.status().as_u16(), header(&answer, "cf-mitigated")),
            (403, "challenge")
        );
        assert_eq!(header(&answer, "sandbox-decided-by"), &path[1..]);
    }
    let answer = edge.get(HOST, "/no");
    assert_eq!(
        (verdict(&answer), header(&answer, "sandbox-decided-by")),
        ("block", "all")
    );
    assert!(header(&answer, "content-type").starts_with("text/html"));
    // Other zones have other rules.
    assert_eq!(verdict(&edge.get("www.example.net", "/no")), "pass");
}

#[test]
fn a_disabled_rule_is_not_asked() {
    let mut off = rule("off", "block", "/");
    off["enabled"] = json!(false);
    let edge = edge_with(&json!([off]));
    assert_eq!(echo(&edge.get(HOST, "/"))["rules"], json!([]));
}

#[test]
fn a_block_rule_can_have_an_answer_of_its_own() {
    let mut block = rule("own/1", "block", "/");
    block["action_parameters"] = json!({"response": {
        "status_code": 401,
        "content_type": "application/json",
        "content": "{\"error\":\"client certificate required\"}",
    }});
    let answer = edge_with(&json!([block])).get(HOST, "/");
    assert_eq!(answer.status(), 401);
    assert_eq!(header(&answer, "content-type"), "application/json");
    assert_eq!(header(&answer, "sandbox-decided-by"), "own/1");
    assert_eq!(
        answer.body().as_ref(),
        b"{\"error\":\"client certificate required\"}"
    );
}

#[test]
fn a_rule_that_cannot_be_evaluated_has_no_effect_and_is_named() {
    let bots = json!({"ref": "böts", "action": "block", "expression": "cf.client.bot or ssl and cf.bot_management.score lt 30"});
    let decided =
        json!({"ref": "known", "action": "block", "expression": "cf.client.bot and not ssl"});
    let last = rule("last", "block", "/no");
    let edge = edge_with(&json!([bots, decided, last]));
    let answer = edge.get(HOST, "/");
    assert_eq!(header(&answer, "sandbox-undecided"), "b\\u{f6}ts");
    assert_eq!(
        echo(&answer)["rules"],
        json!([{"ref": "böts", "action": "block", "matched": null}])
    );
    let answer = edge.get(HOST, "/no");
    assert_eq!(
        (verdict(&answer), header(&answer, "sandbox-decided-by")),
        ("block", "last")
    );
    assert_eq!(header(&answer, "sandbox-undecided"), "b\\u{f6}ts");
}

#[test]
fn a_skip_ends_the_ruleset_or_the_phase() {
    let mut world = World::new();
    let zone = world.zone("example.com");
    let rules = json!([
        skip("ruleset", "/ruleset", &json!({"ruleset": "current"})),
        skip("phase", "/phase", &json!({"phase": "current"})),
        rule("inner", "block", "/inner"),
    ]);
    let custom = world.post(
        &format!("/zones/{zone}/rulesets"),
        json!({"name": "c", "kind": "custom", "phase": "http_request_firewall_custom", "rules": rules}),
    );
    let mut execute = rule("run", "execute", "/");
    execute["action_parameters"] = json!({"id": custom["id"]});
    set_rules(&mut world, &json!([execute, rule("outer", "block", "/")]));
    let edge = Arrived::of(&world);
    // Past the inner ruleset the outer one goes on; past the phase nothing does.
    for (path, expected, by) in [
        ("/ruleset", "block", "outer"),
        ("/phase", "pass", ""),
        ("/inner", "block", "inner"),
        ("/else", "block", "outer"),
    ] {
        let answer = edge.get(HOST, path);
        let found = (verdict(&answer), header(&answer, "sandbox-decided-by"));
        assert_eq!(found, (expected, by), "{path}");
    }
    // In the entry point itself both end all there is.
    set_rules(
        &mut world,
        &json!([
            skip("ruleset", "/ruleset", &json!({"ruleset": "current"})),
            rule("all", "block", "/"),
        ]),
    );
    let edge = Arrived::of(&world);
    assert_eq!(verdict(&edge.get(HOST, "/ruleset")), "pass");
    assert_eq!(verdict(&edge.get(HOST, "/else")), "block");
}

#[test]
fn a_host_belongs_to_the_zone_with_the_longest_name() {
    let mut world = World::with_zones(&["example.com", "eu.example.com", "example.net"]);
    set_rules(&mut world, &json!([rule("all", "block", "/")]));
    let edge = Arrived::of(&world);
    for (host, zone) in [
        ("eu.example.com", "eu.example.com"),
        ("a.b.EU.example.com:8443", "eu.example.com"),
        ("example.net", "example.net"),
    ] {
        assert_eq!(echo(&edge.get(host, "/"))["zone"], zone, "{host}");
    }
    assert_eq!(verdict(&edge.get("neu.example.com", "/")), "block");
    assert_eq!(edge.get("notexample.com", "/").status(), 421);
}

#[test]
fn zones_that_are_not_in_service_are_not_at_the_edge() {
    let mut account = Account::new("5a4db0a55a4db0a55a4db0a55a4db0a5", "Example Corp", 5);
    let since = "2026-01-01T00:00:00Z".parse().expect("a moment");
    let active = ZoneFacts::enterprise("example.com", since);
    let paused = ZoneFacts {
        paused: true,
        ..ZoneFacts::enterprise("example.net", since)
    };
    let pending = ZoneFacts {
        status: ZoneStatus::Pending,
        ..ZoneFacts::enterprise("eu.example.com", since)
    };
    for facts in [active, paused, pending] {
        account.add_zone(facts);
    }
    let snapshot = mtlsctl::sandbox::edge::View::of(&account).snapshot();
    assert!(
        snapshot.serves("www.eu.example.com"),
        "as a host of example.com"
    );
    assert!(!snapshot.serves("example.net"));
    let answer = snapshot.answer(&visit("example.net", "/"), None, Reading::PerHost, since);
    assert_eq!(answer.status(), 421);
}
