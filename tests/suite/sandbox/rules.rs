//! Single rules (API reference, sections 3.3, 3.4 and 3.6).

use mtlsctl::expression::normalised_length;
use mtlsctl::expression::parse;
use mtlsctl::sandbox::ZoneFacts;
use mtlsctl::sandbox::ZonePlan;
use serde_json::Value;
use serde_json::json;

use crate::sandbox::rule_world::Rules;
use crate::sandbox::rule_world::order;
use crate::sandbox::rule_world::rule;
use crate::sandbox::rule_world::with;
use crate::sandbox::world::World;
use crate::sandbox::world::entry_point;

#[test]
fn a_new_rule_goes_where_it_is_told() {
    for (position, expected) in [
        (None, "abcd"),
        (Some(json!({"before": ""})), "dabc"),
        (Some(json!({"after": ""})), "abcd"),
        (Some(json!({"index": 1})), "dabc"),
        (Some(json!({"index": 3})), "abdc"),
        (Some(json!({"index": 4})), "abcd"),
        (Some(json!({"before": "b"})), "adbc"),
        (Some(json!({"after": "a"})), "adbc"),
        (Some(json!({"after": "c"})), "abcd"),
    ] {
        let mut rules = Rules::new();
        let mut body = rule("d");
        if let Some(position) = &position {
            body["position"] = position.clone();
            for field in ["before", "after"] {
                if let Some(name) = position[field].as_str().filter(|name| !name.is_empty()) {
                    body["position"][field] = json!(rules.id(name));
                }
            }
        }
        let path = rules.rules();
        let answered = rules.world.post(&path, body);
        assert_eq!(order(&answered), expected, "{position:?}");
        assert_eq!(answered["version"], "2");
        assert_eq!(rules.read(), answered, "the answer is the whole ruleset");
    }
}

#[test]
fn a_new_rule_gets_its_defaults() {
    let mut rules = Rules::new();
    rules.world.wait(1);
    let path = rules.rules();
    let answered = rules.world.post(
        &path,
        json!({"action": "log", "expression": "  ssl\n and\t(http.host eq \"A  b\") "}),
    );
    let added = &answered["rules"][3];
    let id = added["id"].as_str().expect("an id");
    assert!(
        id.len() == 32 && id.bytes().all(|byte| b"0123456789abcdef".contains(&byte)),
        "{id}"
    );
    let expected = json!({
        "id": id, "ref": id, "version": "1", "action": "log", "enabled": true,
        "expression": "ssl and (http.host eq \"A  b\")", "last_updated": "2026-11-22T17:32:31.467938Z",
    });
    assert_eq!(*added, expected);
}

#[test]
fn a_body_with_nothing_but_a_position_is_a_pure_move() {
    let mut rules = Rules::new();
    rules.world.wait(60);
    let (a, path) = (rules.find("a"), rules.path("a"));
    let moved = rules.world.patch(&path, json!({"position": {"after": ""}}));
    assert_eq!(order(&moved), "bca");
    assert_eq!(moved["rules"][2], a, "rule version and date stay");
    assert_eq!(moved["version"], "2");
    let b = rules.id("b");
    assert_eq!(
        order(&rules.world.patch(&path, json!({"position": {"after": b}}))),
        "bac"
    );
    assert_eq!(
        order(&rules.world.patch(&path, json!({"position": {"index": 3}}))),
        "bca"
    );
}

#[test]
fn a_patch_is_a_full_definition() {
    let mut rules = Rules::new();
    let path = rules.path("a");
    let id = rules.id("a");
    let full = json!({
        "ref": "a", "action": "block", "expression": "ssl", "description": "ours", "enabled": false,
        "action_parameters": {"response": {"status_code": 403, "content": "{}", "content_type": "application/json"}},
        "position": {"before": ""},
    });
    let patched = rules.world.patch(&path, full)["rules"][0].clone();
    assert_eq!(patched["version"], "2");
    assert_eq!(patched["enabled"], false);
    assert_eq!(patched["action_parameters"]["response"]["status_code"], 403);

    // What is left out falls back to its default, the ref included.
    let bare = rules
        .world
        .patch(&path, json!({"action": "block", "expression": "ssl"}))["rules"][0]
        .clone();
    assert_eq!(bare["ref"], json!(id));
    assert_eq!(bare["enabled"], true);
    assert_eq!(bare["version"], "3");
    assert!(
        bare.get("description").is_none() && bare.get("action_parameters").is_none(),
        "{bare}"
    );
}

#[test]
fn a_delete_answers_what_is_left() {
    let mut rules = Rules::new();
    let path = rules.path("b");
    let left = rules.world.delete(&path);
    assert_eq!(order(&left), "ac");
    assert_eq!(left["version"], "2");
    rules
        .world
        .all_refused([("DELETE", path, None, 404, 0, "could not find rule")]);
}

#[test]
fn logging_is_kept_for_skip_rules_only() {
    let mut rules = Rules::new();
    let path = rules.rules();
    let skip = json!({
        "ref": "s", "action": "skip", "expression": "ssl", "logging": {"enabled": false},
        "action_parameters": {"phase": "current", "products": ["waf"]},
    });
    assert_eq!(
        rules.world.post(&path, skip)["rules"][3]["logging"],
        json!({"enabled": false})
    );
    let block = with(rule("d"), "logging", json!({"enabled": true}));
    assert!(
        rules.world.post(&path, block)["rules"][4]
            .get("logging")
            .is_none()
    );
}

#[test]
fn brackets_inside_quotes_do_not_count() {
    let mut rules = Rules::new();
    let path = rules.rules();
    for text in [
        r#"http.host eq "(\"{""#,
        "http.host eq r#\"(\"{\"#",
        "any(http.request.headers[\"x]\"][*] eq r\"\\\")",
    ] {
        let body = json!({"action": "block", "expression": text});
        let answered = rules.world.post(&path, body);
        let rules = answered["rules"].as_array().expect("a list");
        assert_eq!(rules.last().expect("a rule")["expression"], text);
    }
}

#[test]
fn white_space_that_means_something_stays() {
    let mut rules = Rules::new();
    let path = rules.rules();
    for (text, stored) in [
        ("\n ssl\t\n and  not   ssl ", "ssl and not ssl"),
        (
            "http.host in {\"a\"\n\"b  c\"}",
            "http.host in {\"a\" \"b  c\"}",
        ),
        (
            "http.host  eq r#\"a  \"  b\"#  and ssl",
            "http.host eq r#\"a  \"  b\"# and ssl",
        ),
        (
            "http.host  matches  \"[\"  ]  x\"  and ssl",
            "http.host matches \"[\"  ]  x\" and ssl",
        ),
        ("http.host eq \"[\"  and  ssl", "http.host eq \"[\" and ssl"),
        (
            "ssl # why  \"not\n   and ssl # the end",
            "ssl # why  \"not\nand ssl # the end",
        ),
    ] {
        let body = json!({"action": "log", "expression": text});
        let answered = rules.world.post(&path, body);
        let rules = answered["rules"].as_array().expect("a list");
        let answered = rules.last().expect("a rule")["expression"].as_str();
        let answered = answered.expect("a text");
        assert_eq!(answered, stored);
        assert_eq!(answered.chars().count(), normalised_length(text), "{text}");
        let meaning = |text: &str| parse(text).expect("an expression").to_string();
        assert_eq!(meaning(answered), meaning(text));
    }
}

#[test]
fn an_expression_has_at_most_4096_characters() {
    let mut rules = Rules::new();
    let path = rules.rules();
    let text = |length: usize| format!("http.host eq \"{}\"", "ü".repeat(length - 15));
    let too_long = json!({"action": "block", "expression": text(4097)});
    let words = "expression size 4097 exceeded maximum 4096";
    rules
        .world
        .all_refused([("POST", path.clone(), Some(too_long), 400, 20127, words)]);
    rules.world.post(
        &path,
        json!({"action": "block", "expression": text(4096).replace(" eq ", "   eq\n")}),
    );
}

#[test]
fn the_plan_of_the_zone_limits_its_rules() {
    let mut world = World::new();
    let facts = ZoneFacts {
        plan: ZonePlan::Free,
        ..ZoneFacts::enterprise("free.example", world.now)
    };
    let zone = world.account.add_zone(facts);
    let five: Vec<Value> = ["a", "b", "c", "d", "e"]
        .iter()
        .map(|name| rule(name))
        .collect();
    let ruleset = world.put(&entry_point(&zone), json!({"rules": five}));
    let ruleset = format!(
        "/zones/{zone}/rulesets/{}",
        ruleset["id"].as_str().expect("an id")
    );
    let first = format!(
        "{ruleset}/rules/{}",
        world.get(&ruleset)["rules"][0]["id"]
            .as_str()
            .expect("an id")
    );
    let answer =
        json!({"response": {"status_code": 403, "content": "x", "content_type": "text/plain"}});
    world.all_refused([
        (
            "POST",
            format!("{ruleset}/rules"),
            Some(rule("f")),
            400,
            0,
            "exceeded maximum number of custom rules",
        ),
        (
            "PATCH",
            first.clone(),
            Some(with(rule("a"), "action", json!("log"))),
            400,
            0,
            "Enterprise",
        ),
        (
            "PATCH",
            first,
            Some(with(rule("a"), "action_parameters", answer)),
            400,
            0,
            "paid zone",
        ),
    ]);
}
