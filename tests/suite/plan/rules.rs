//! Rules that come, go, change, and stand somewhere.

use crate::plan::worlds::ONE;
use crate::plan::worlds::SPLIT;
use crate::support::foreign::block;
use crate::support::foreign::skip;
use crate::support::scenario::Scenario;

const RULE: &str = "platform/require-certificate/1";

/// Two rules for the same hosts.
const STACKED: &str = "
owner: platform
zones: [example.com]
cas:
  - { name: fleet-2026, certificates: fleet-2026.pem }
hostnames:
  - { name: public-api, cas: [fleet-2026], hosts: [api.example.com] }
rules:
  - { name: watch, action: log, pin: false }
  - name: require-certificate
";

/// The refs of a zone's rules, in their order.
fn order(world: &Scenario) -> Vec<&str> {
    let rules = world.rules("example.com").iter();
    rules.map(|rule| rule.reference.as_str()).collect()
}

#[test]
fn a_rule_renamed_is_made_anew_before_the_old_one_goes() {
    Scenario::agreed(ONE)
        .edit("name: require-certificate", "name: certificates-only")
        .reads("rule_renamed");
}

#[test]
fn a_rule_removed_is_deleted() {
    let removed = &SPLIT[..SPLIT.find("  - name: inner\n").expect("the second rule")];
    Scenario::agreed(SPLIT).file(removed).reads("rule_removed");
}

#[test]
fn a_rule_without_pins_takes_every_verified_certificate() {
    Scenario::agreed(ONE)
        .edit(
            "name: require-certificate",
            "{ name: require-certificate, pin: false }",
        )
        .reads("rule_without_pins");
}

#[test]
fn unless_stands_in_brackets_of_its_own() {
    Scenario::agreed(ONE)
        .edit(
            "- name: require-certificate",
            "- name: require-certificate\n    unless: http.request.uri.path eq \"/healthz\" or ssl",
        )
        .reads("rule_with_unless");
}

#[test]
fn a_host_that_unless_names_is_none_of_the_rules_hosts() {
    let world = Scenario::agreed(ONE)
        .edit(
            "- name: require-certificate",
            "- name: require-certificate\n    unless: http.host eq \"status.example.com\"",
        )
        .listing("example.com", "cloudflare-managed", &["status.example.com"]);
    let mut done = world.clone();
    done.apply();
    let before = &world.account().zones;
    for (name, zone) in &done.account().zones {
        assert_eq!(zone.lists, before[name].lists, "{}", world.text());
    }
    assert!(done.plan().expect("a plan").is_empty(), "{}", done.text());
}

#[test]
fn an_answer_of_our_own() {
    Scenario::agreed(ONE)
        .edit(
            "- name: require-certificate",
            "- name: require-certificate\n    response: { status: 401, content_type: application/json, content: '{\"error\":\"client certificate required\"}' }",
        )
        .reads("rule_with_response");
}

#[test]
fn a_rule_that_is_made_shows_everything_it_says() {
    Scenario::new(ONE)
        .edit(
            "- name: require-certificate",
            "- name: require-certificate\n    enabled: false\n    response: { status: 401, content_type: text/plain, content: 'no' }",
        )
        .reads("rule_created_disabled");
}

#[test]
fn a_rule_disabled() {
    Scenario::agreed(ONE)
        .edit(
            "name: require-certificate",
            "{ name: require-certificate, enabled: false }",
        )
        .reads("rule_disabled");
}

#[test]
fn a_rule_that_challenges() {
    Scenario::agreed(ONE)
        .edit(
            "name: require-certificate",
            "{ name: require-certificate, action: managed_challenge }",
        )
        .reads("rule_challenges");
}

#[test]
fn two_rules_for_one_host_keep_the_order_of_the_file() {
    let mut world = Scenario::new(STACKED);
    world.apply();
    assert_eq!(order(&world), ["platform/watch/1", RULE]);
    world
        .file(
            &STACKED
                .replace("  - name: require-certificate\n", "")
                .replace("rules:\n", "rules:\n  - name: require-certificate\n"),
        )
        .reads("rules_out_of_order");
}

#[test]
fn a_second_rule_for_a_host_goes_below_the_first() {
    let first = STACKED.replace("  - name: require-certificate\n", "");
    let mut world = Scenario::agreed(&first)
        .with_rule(
            "example.com",
            0,
            "Bad networks",
            block("ip.src eq 192.0.2.7"),
        )
        .file(STACKED);
    world.apply();
    assert_eq!(order(&world)[1..], ["platform/watch/1", RULE]);
}

#[test]
fn a_rule_below_somebodys_skip_is_moved_above_it() {
    Scenario::agreed(ONE)
        .with_rule(
            "example.com",
            0,
            "Monitoring may pass",
            skip("ip.src eq 192.0.2.7"),
        )
        .reads("skip_above");
}

#[test]
fn a_skip_that_touches_no_custom_rule_moves_nothing() {
    let world = Scenario::agreed(ONE).with_rule(
        "example.com",
        0,
        "Blocks only",
        block("ip.src eq 192.0.2.7"),
    );
    assert!(world.plan().expect("a plan").is_empty(), "{}", world.text());
}

#[test]
fn a_rule_of_ours_that_was_made_a_skip_is_changed_and_nothing_moves() {
    Scenario::agreed(SPLIT)
        .tampered("example.com", "platform/public/1", |rule| {
            "skip".clone_into(&mut rule.action);
            rule.parameters = serde_json::json!({ "ruleset": "current" });
        })
        .reads("own_rule_made_a_skip");
}

#[test]
fn what_the_dashboard_edited_is_changed_back() {
    Scenario::agreed(ONE)
        .tampered("example.com", RULE, |rule| {
            rule.expression = rule.expression.replace(" \"pay.example.com\"", "");
            "My rule".clone_into(&mut rule.description);
        })
        .reads("rule_edited_in_the_dashboard");
}

#[test]
fn a_rule_that_cannot_be_read_is_replaced() {
    let mut world = Scenario::agreed(ONE).tampered("example.com", RULE, |rule| {
        "http.host in".clone_into(&mut rule.expression);
    });
    let expected = Scenario::agreed(ONE).rules("example.com")[0].body();
    world.apply();
    assert_eq!(world.rules("example.com")[0].body(), expected);
}

#[test]
fn another_layout_is_no_difference() {
    let world = Scenario::agreed(ONE).tampered("example.com", RULE, |rule| {
        rule.expression = rule
            .expression
            .replace(" and ", "\n  && ")
            .replace("not ", "! ")
            .replace("{\"", "{ \"");
    });
    assert!(world.plan().expect("a plan").is_empty(), "{}", world.text());
}

#[test]
fn pins_given_to_a_rule_narrow_it() {
    Scenario::agreed(&ONE.replace(
        "name: require-certificate",
        "{ name: require-certificate, pin: false }",
    ))
    .file(ONE)
    .reads("rule_with_pins_again");
}
