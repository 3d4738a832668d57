//! Hosts that come, go, move, and are spelled otherwise.

use crate::plan::worlds::ONE;
use crate::plan::worlds::SPLIT;
use crate::plan::worlds::TWO;
use crate::support::scenario::Scenario;

#[test]
fn one_host_added_touches_one_list_per_ca_and_one_rule() {
    Scenario::agreed(TWO)
        .edit("pay.example.com]", "pay.example.com, bus.example.com]")
        .reads("host_added");
}

#[test]
fn a_host_removed_leaves_the_rule_first_and_the_lists_after() {
    Scenario::agreed(TWO)
        .edit(", pay.example.com]", "]")
        .reads("host_removed");
}

#[test]
fn the_last_host_of_a_zone_removed_takes_its_rule_along() {
    Scenario::agreed(TWO)
        .edit(", edi.example.net]", "]")
        .reads("last_host_of_zone_removed");
}

#[test]
fn a_host_that_moves_between_groups_is_one_change_of_one_rule() {
    Scenario::agreed(TWO)
        .edit(", pay.example.com]", "]")
        .edit("[edi.example.com", "[pay.example.com, edi.example.com")
        .reads("host_moved_between_groups");
}

#[test]
fn a_host_that_moves_between_rules_is_covered_throughout() {
    Scenario::agreed(SPLIT)
        .edit(
            "    hostnames: [api.example.com, pay.example.com]",
            "    hostnames: [api.example.com]",
        )
        .edit(
            "    hostnames: [bus.example.com, log.example.com]",
            "    hostnames: [bus.example.com, log.example.com, pay.example.com]",
        )
        .reads("host_moved_between_rules");
}

#[test]
fn hosts_that_two_rules_swap_are_covered_throughout() {
    Scenario::agreed(SPLIT)
        .edit(
            "    hostnames: [api.example.com, pay.example.com]",
            "    hostnames: [api.example.com, bus.example.com]",
        )
        .edit(
            "    hostnames: [bus.example.com, log.example.com]",
            "    hostnames: [pay.example.com, log.example.com]",
        )
        .reads("hosts_swapped");
}

#[test]
fn a_hand_over_survives_a_comment_in_the_live_rule() {
    let world = Scenario::agreed(SPLIT)
        .tampered("example.com", "platform/public/1", |rule| {
            rule.expression.push_str("\n# edited by hand");
        })
        .edit(
            "    hostnames: [api.example.com, pay.example.com]",
            "    hostnames: [api.example.com, bus.example.com]",
        )
        .edit(
            "    hostnames: [bus.example.com, log.example.com]",
            "    hostnames: [pay.example.com, log.example.com]",
        );
    let mut done = world.clone();
    done.apply();
    assert!(done.plan().expect("a plan").is_empty(), "{}", world.text());
}

#[test]
fn a_group_renamed_changes_nothing() {
    let world = Scenario::agreed(ONE).edit("{ name: public-api", "{ name: everything-public");
    assert!(world.plan().expect("a plan").is_empty(), "{}", world.text());
}

#[test]
fn a_host_in_another_spelling_is_the_same_host() {
    let world = Scenario::agreed(ONE).listing(
        "example.com",
        "platform/fleet-2026",
        &["API.Example.com", "pay.example.com."],
    );
    assert!(world.plan().expect("a plan").is_empty(), "{}", world.text());
    world
        .edit("pay.example.com]", "bus.example.com]")
        .reads("host_in_another_spelling");
}

#[test]
fn the_order_of_the_file_says_nothing_but_for_rules() {
    let plan = Scenario::new(TWO).plan().expect("a plan");
    let turned = "
owner: platform
zones: [example.net, example.com]
cas:
  - { name: partners, certificates: partners.pem }
  - { name: fleet-2026, certificates: fleet-2026.pem }
  - { name: fleet-2025, certificates: fleet-2025.pem }
hostnames:
  - { name: partner-api, cas: [partners], hosts: [edi.example.net, edi.example.com] }
  - { name: public-api, cas: [fleet-2026, fleet-2025], hosts: [pay.example.com, api.example.com] }
rules:
  - name: require-certificate
";
    assert_eq!(Scenario::new(turned).plan().expect("a plan"), plan);
}
