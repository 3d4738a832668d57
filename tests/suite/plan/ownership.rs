//! Marks, owners and zones: what is ours, and what remains of it elsewhere.

use crate::plan::worlds::ONE;
use crate::plan::worlds::TWO;
use crate::support::foreign::block;
use crate::support::scenario::Scenario;

#[test]
fn a_zone_removed_from_zones_is_not_touched() {
    Scenario::agreed(TWO)
        .edit("[example.com, example.net]", "[example.com]")
        .edit(", edi.example.net]", "]")
        .reads("zone_removed");
}

#[test]
fn another_owners_rule_for_a_declared_host_is_an_error() {
    Scenario::agreed(ONE)
        .edit("owner: platform", "owner: security")
        .reads("owner_changed");
}

#[test]
fn a_former_owners_rules_and_cas_are_ours() {
    Scenario::agreed(ONE)
        .edit(
            "owner: platform",
            "owner: security\nformer_owners: [platform]",
        )
        .reads("owner_changed_with_former_owners");
}

#[test]
fn a_former_owners_ca_is_ours_to_delete() {
    let mut world = Scenario::agreed(TWO).edit(
        "owner: platform",
        "owner: security\nformer_owners: [platform]",
    );
    world.apply();
    world
        .edit(
            "  - { name: fleet-2025, certificates: fleet-2025.pem }\n",
            "",
        )
        .edit("[fleet-2025, fleet-2026]", "[fleet-2026]")
        .reads("ca_of_former_owner_removed");
}

#[test]
fn another_owners_rule_for_other_hosts_is_left_alone() {
    let world = Scenario::agreed(ONE)
        .with_rule(
            "example.com",
            0,
            "",
            block("http.host eq \"shop.example.com\""),
        )
        .tampered("example.com", "00000000000000000000000000000002", |rule| {
            "storefront/shop/1".clone_into(&mut rule.reference);
        });
    assert!(world.plan().expect("a plan").is_empty(), "{}", world.text());
}

#[test]
fn a_mark_in_a_description_is_a_mark() {
    let world =
        Scenario::agreed(ONE).tampered("example.com", "platform/require-certificate/1", |rule| {
            rule.reference = rule.id.to_string();
            rule.description
                .push_str(" [platform/require-certificate/1]");
        });
    assert!(world.plan().expect("a plan").is_empty(), "{}", world.text());
    world
        .edit(", pay.example.com]", "]")
        .reads("rule_marked_in_its_description");
}

#[test]
fn of_two_rules_with_one_mark_the_first_is_kept() {
    Scenario::agreed(ONE)
        .with_rule(
            "example.com",
            1,
            "A copy [platform/require-certificate/1]",
            block("http.host eq \"api.example.com\""),
        )
        .reads("two_rules_with_one_mark");
}

#[test]
fn a_mark_that_contradicts_its_content_gives_no_right_to_delete() {
    Scenario::agreed(ONE)
        .with_ca("platform/fleet-2025@00000000", "fleet-2025.pem")
        .reads("mark_contradicts_content");
}
