//! What each difference does, alone and together.

use serde_json::json;

use crate::drift::found;
use crate::drift::reads;
use crate::drift::told;
use crate::plan::worlds::ONE;
use crate::plan::worlds::TWO;
use crate::support::foreign::skip;
use crate::support::scenario::Scenario;

const ZONE: &str = "example.com";
const RULE: &str = "platform/require-certificate/1";

fn agreed() -> Scenario {
    Scenario::agreed(ONE)
}

#[test]
fn an_account_as_the_file_wants_it_has_no_drift() {
    reads(&agreed(), "none");
}

#[test]
fn a_rule_that_was_switched_off_exposes() {
    let world = agreed().tampered(ZONE, RULE, |rule| rule.enabled = false);
    reads(&world, "exposed");
}

#[test]
fn a_rule_that_blocks_whoever_comes_locks_out() {
    let world = agreed().tampered(ZONE, RULE, |rule| {
        rule.expression = "http.host in {\"api.example.com\" \"pay.example.com\"}".to_owned();
    });
    reads(&world, "locked_out");
}

#[test]
fn what_does_both_is_in_the_file_of_everything() {
    let world = Scenario::agreed(TWO)
        .tampered("example.net", RULE, |rule| rule.enabled = false)
        .tampered(ZONE, RULE, |rule| rule.description = "Mine".to_owned())
        .with_rule(ZONE, 0, "Office", skip("ip.src eq 192.0.2.1"))
        .listing(ZONE, "platform/partners", &[]);
    reads(&world, "both");
}

#[test]
fn a_change_under_one_reading_only_is_possible() {
    // Another CA of the same host asks, so that the edge asks still: who verifies is an open question.
    let world = Scenario::agreed(TWO).listing(ZONE, "platform/fleet-2025", &["api.example.com"]);
    reads(&world, "possibly");
}

#[test]
fn each_of_two_that_hide_each_other_is_graded_by_itself() {
    let world = agreed()
        .tampered(ZONE, RULE, |rule| rule.enabled = false)
        .listing(ZONE, "platform/fleet-2026", &["api.example.com"]);
    assert_eq!(
        told(&world),
        [
            "pay.example.com for CA fleet-2026 in example.com: ChangedOutside, locked out, hidden",
            "rule platform/require-certificate/1 in example.com: ChangedOutside, exposed",
        ]
    );
    assert_eq!(found(&world).grade.to_string(), "exposed");
    reads(&world, "hidden");
}

#[test]
fn what_only_two_do_together_both_are_graded_by() {
    let two_rules = format!("{ONE}  - name: again\n");
    let off = |rule: &mut mtlsctl::resource::CustomRule| rule.enabled = false;
    let world = Scenario::agreed(&two_rules)
        .tampered(ZONE, RULE, off)
        .tampered(ZONE, "platform/again/1", off);
    for line in told(&world) {
        assert!(line.ends_with("exposed"), "{line}");
    }
    let one = Scenario::agreed(&two_rules).tampered(ZONE, RULE, off);
    assert_eq!(
        told(&one),
        ["rule platform/require-certificate/1 in example.com: ChangedOutside, neutral"]
    );
}

#[test]
fn an_access_test_that_does_not_hold_is_told_without_any_difference() {
    let file = format!(
        "{ONE}tests:\n  - {{ host: api.example.com, certificate: none, path: /, expect: block }}\n"
    );
    let somebody = skip("http.request.uri.path eq \"/\"");
    let world = Scenario::agreed(&file);
    let world = world.with_rule("example.net", 0, "Elsewhere", somebody);
    assert!(found(&world).is_none());
    let world = Scenario::agreed(&file).file(&file.replace("expect: block", "expect: pass"));
    let drift = found(&world);
    assert!(drift.differences.is_empty() && !drift.is_none());
    reads(&world, "failing_test");
}

#[test]
fn a_plan_that_would_be_refused_is_no_error() {
    let world = Scenario::agreed(ONE)
        .edit(
            "hosts: [api.example.com, pay.example.com]",
            "hosts: [api.example.com]",
        )
        .edit("owner: platform\n", "owner: platform\nquota: 1\n");
    reads(&world, "refused");
}

#[test]
fn what_waits_for_a_date_is_no_drift() {
    let world = Scenario::agreed(ONE)
        .overlapping("14d")
        .edit("fleet-2026.pem", "fleet-2027.pem");
    let mut world = world;
    world.apply();
    let world = world.on("2026-06-03");
    assert!(found(&world).is_none(), "{:?}", told(&world));
    reads(&world, "held");
}

#[test]
fn another_response_is_neutral() {
    let world = agreed().tampered(ZONE, RULE, |rule| {
        rule.parameters = json!({ "response": { "status_code": 404, "content": "no", "content_type": "text/plain" } });
    });
    assert_eq!(
        told(&world),
        ["rule platform/require-certificate/1 in example.com: ChangedOutside, neutral"]
    );
}
