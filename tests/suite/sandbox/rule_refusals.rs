//! Rules and positions that are refused (API reference, sections 3.3, 3.4 and 3.6).

use serde_json::Value;
use serde_json::json;

use crate::sandbox::rule_world::Rules;
use crate::sandbox::rule_world::rule;
use crate::sandbox::rule_world::with;
use crate::sandbox::world::Refused;

#[test]
fn bad_positions_are_refused() {
    let mut rules = Rules::new();
    let (path, own) = (rules.rules(), rules.path("a"));
    let (a, unknown) = (rules.id("a"), "0123456789abcdef0123456789abcdef");
    let at = |position: Value| Some(with(rule("d"), "position", position));
    let one_of = "exactly one of before, after and index";
    #[rustfmt::skip]
    let rows: Vec<Refused<'_>> = vec![
        ("POST", path.clone(), at(json!({})), 400, 0, one_of),
        ("POST", path.clone(), at(json!({"before": "", "after": ""})), 400, 0, one_of),
        ("POST", path.clone(), at(json!({"before": a, "index": 1})), 400, 0, one_of),
        ("POST", path.clone(), at(json!({"index": 0})), 400, 0, "index must be from 1 to 4, got 0"),
        ("POST", path.clone(), at(json!({"index": 5})), 400, 0, "index must be from 1 to 4, got 5"),
        ("POST", path.clone(), at(json!({"index": -1})), 400, 0, "whole number"),
        ("POST", path.clone(), at(json!({"index": 1.5})), 400, 0, "whole number"),
        ("POST", path.clone(), at(json!({"index": "1"})), 400, 0, "whole number"),
        ("POST", path.clone(), at(json!({"before": unknown})), 400, 0, "no other rule of this ruleset"),
        ("POST", path.clone(), at(json!({"after": "a"})), 400, 0, "no other rule of this ruleset"),
        ("POST", path.clone(), at(json!({"first": true, "index": 1})), 400, 0, "first is not a field"),
        ("POST", path, at(json!(null)), 400, 0, "must be an object"),
        ("PATCH", own.clone(), Some(json!({"position": {"index": 4}})), 400, 0, "index must be from 1 to 3"),
        ("PATCH", own.clone(), Some(json!({"position": {"before": a}})), 400, 0, "no other rule"),
        ("PATCH", own.clone(), Some(json!({"position": {"index": 1}, "enabled": true})), 400, 0, "action is required"),
        ("PATCH", own, Some(json!({})), 400, 0, "action is required"),
    ];
    rules.world.all_refused(rows);
}

#[test]
fn bad_rules_are_refused() {
    let mut rules = Rules::new();
    let path = rules.rules();
    let response = |response: Value| {
        with(
            rule("d"),
            "action_parameters",
            json!({"response": response}),
        )
    };
    let skip = |parameters: Value| json!({"action": "skip", "expression": "ssl", "action_parameters": parameters});
    let expression = |text: &str| with(rule("d"), "expression", json!(text));
    let unknown = "0123456789abcdef0123456789abcdef";
    #[rustfmt::skip]
    let table: Vec<(Value, &str)> = vec![
        (with(rule("d"), "ref", json!("a")), "ref \"a\" is not unique"),
        (with(rule("d"), "ref", json!("")), "ref must not be empty"),
        (with(rule("d"), "id", json!(unknown)), "id is given out, not chosen"),
        (with(rule("d"), "paused", json!(true)), "paused is not a field"),
        (with(rule("d"), "enabled", json!("true")), "enabled must be true or false"),
        (with(rule("d"), "description", json!(null)), "description must be a string"),
        (with(rule("d"), "logging", json!({})), "enabled is required"),
        (with(rule("d"), "action", json!("Block")), "lower-case letters and underscores"),
        (with(rule("d"), "action", json!("allow")), "action must be one of block, challenge"),
        (json!({"expression": "ssl"}), "action is required"),
        (json!({"action": "block"}), "expression is required"),
        (expression(""), "expression must not be empty"),
        (expression(" \n"), "expression must not be empty"),
        (expression("(ssl"), "expression, column 1: this `(` is never closed"),
        (expression("ü eq 1"), "expression, column 1: "),
        (expression("ssl and\nü"), "expression, column 9: "),
        (expression("ssl)"), "expression, column 4: "),
        (expression("http.host eq"), "expression, column 13: expected a value after `eq`"),
        (expression("http.host equals \"a\""), "expression, column 11: "),
        (expression("\"a\" eq http.host"), "expression, column 1: "),
        (expression("ip.src in {1.1.1.1)"), "expression, column "),
        (expression("http.host eq \"a"), "expression, column 14: "),
        (expression("# nothing else"), "the expression is empty"),
        (with(rule("d"), "action_parameters", json!({"answer": 1})), "answer is not a field"),
        (with(rule("d"), "action_parameters", json!([])), "action_parameters must be an object"),
        (response(json!({"status_code": 399, "content": "x", "content_type": "text/plain"})), "from 400 to 499"),
        (response(json!({"status_code": 500, "content": "x", "content_type": "text/plain"})), "from 400 to 499"),
        (response(json!({"status_code": "403", "content": "x", "content_type": "text/plain"})), "whole number"),
        (response(json!({"content": "x", "content_type": "text/plain"})), "status_code is required"),
        (response(json!({"status_code": 403, "content": "", "content_type": "text/plain"})), "content must not be"),
        (response(json!({"status_code": 403, "content": "x"})), "content_type is required"),
        (json!({"action": "log", "expression": "ssl", "action_parameters": {"x": 1}}), "x is not a field"),
        (skip(json!({})), "must say what to skip"),
        (json!({"action": "skip", "expression": "ssl"}), "must say what to skip"),
        (skip(json!({"ruleset": "all"})), "ruleset can only be \"current\""),
        (skip(json!({"ruleset": "current", "phases": ["http_ratelimit"]})), "ruleset cannot be combined with phases"),
        (skip(json!({"phases": ["http_request_firewall_custom"]})), "phases cannot hold"),
        (skip(json!({"products": []})), "products must not be empty"),
        (skip(json!({"rulesets": ["x"]})), "rulesets cannot hold \"x\""),
        (skip(json!({"rules": {unknown: []}})), "rules must map ids"),
        (json!({"action": "execute", "expression": "ssl", "action_parameters": {"id": unknown}}), "custom ruleset"),
        (json!({"action": "execute", "expression": "ssl", "action_parameters": {"id": "x"}}), "id of a ruleset"),
    ];
    rules.world.all_refused(
        table
            .into_iter()
            .map(|(body, words)| ("POST", path.clone(), Some(body), 400, 0, words)),
    );

    let pointed = rules
        .world
        .send("POST", &path, Some(response(json!({"status_code": 399}))));
    assert_eq!(
        pointed.body["errors"][0]["source"]["pointer"],
        "/action_parameters/response/status_code"
    );
    assert!(pointed.body["errors"][0].get("code").is_none());
}
