//! Which CAs are uploaded, used as they are, kept, and deleted.

use crate::plan::worlds::MANAGED;
use crate::plan::worlds::ONE;
use crate::plan::worlds::TWO;
use crate::support::scenario::Scenario;

const FLEET_2025: &str = "  - { name: fleet-2025, certificates: fleet-2025.pem }\n";

/// `TWO` without the CA that is on its way out.
fn without_fleet_2025() -> Scenario {
    Scenario::agreed(TWO)
        .edit(FLEET_2025, "")
        .edit("[fleet-2025, fleet-2026]", "[fleet-2026]")
}

#[test]
fn the_first_plan_of_a_world() {
    Scenario::new(TWO).reads("first_plan");
}

#[test]
fn a_second_plan_has_nothing_to_do() {
    Scenario::agreed(TWO).reads("second_plan");
}

#[test]
fn our_ca_removed_is_narrowed_dissociated_and_deleted() {
    without_fleet_2025().reads("ca_removed");
}

#[test]
fn our_ca_removed_is_held_while_a_zone_outside_lists_hosts_for_it() {
    without_fleet_2025()
        .listing(
            "example.org",
            "platform/fleet-2025",
            &["api.example.org", "pay.example.org"],
        )
        .reads("ca_removed_listed_outside");
}

#[test]
fn the_same_content_under_a_foreign_name_is_used_not_uploaded() {
    Scenario::new(ONE)
        .with_ca("uploaded by hand", "fleet-2026.pem")
        .reads("ca_adopted");
}

#[test]
fn an_adopted_ca_removed_loses_our_pairs_and_stays() {
    let mut world = Scenario::new(TWO)
        .with_ca("uploaded by hand", "fleet-2025.pem")
        .listing(
            "example.com",
            "uploaded by hand",
            &["api.example.com", "shop.example.com"],
        );
    world.apply();
    world
        .edit(FLEET_2025, "")
        .edit("[fleet-2025, fleet-2026]", "[fleet-2026]")
        .reads("ca_adopted_removed");
}

#[test]
fn a_ca_of_ours_is_deleted_when_its_retire_date_has_come() {
    let world = Scenario::agreed(TWO).edit("fleet-2025.pem", "fleet-2025.pem, retire: 2026-09-01");
    world
        .clone()
        .on("2026-08-31")
        .reads("retire_the_day_before");
    world.on("2026-09-01").reads("retire_reached");
}

#[test]
fn an_adopted_ca_is_deleted_when_its_retire_date_has_come() {
    let file = TWO.replace("fleet-2025.pem", "fleet-2025.pem, retire: 2026-09-01");
    let mut world = Scenario::new(&file).with_ca("uploaded by hand", "fleet-2025.pem");
    world.apply();
    world.on("2026-09-01").reads("retire_reached_adopted");
}

#[test]
fn an_adopted_ca_that_others_use_too_is_not_deleted_under_them() {
    let file = TWO.replace("fleet-2025.pem", "fleet-2025.pem, retire: 2026-09-01");
    let mut world = Scenario::new(&file)
        .with_ca("uploaded by hand", "fleet-2025.pem")
        .listing("example.com", "uploaded by hand", &["shop.example.com"]);
    world.apply();
    world.on("2026-09-01").reads("retire_reached_shared");
}

#[test]
fn a_retired_ca_that_was_never_live_is_not_uploaded() {
    let file = TWO.replace("fleet-2025.pem", "fleet-2025.pem, retire: 2026-01-01");
    let plan = Scenario::new(&file).text();
    assert!(!plan.contains("fleet-2025"), "{plan}");
}

#[test]
fn a_ca_renamed_is_a_note() {
    Scenario::agreed(ONE)
        .edit("{ name: fleet-2026", "{ name: vehicles")
        .edit("cas: [fleet-2026]", "cas: [vehicles]")
        .reads("ca_renamed");
}

#[test]
fn new_content_under_a_name_is_a_rotation() {
    Scenario::agreed(ONE)
        .edit("fleet-2026.pem", "fleet-2027.pem")
        .reads("ca_rotated_by_content");
}

#[test]
fn a_second_ca_beside_the_first() {
    Scenario::agreed(ONE)
        .edit(
            "cas:\n",
            "cas:\n  - { name: fleet-2027, certificates: fleet-2027.pem }\n",
        )
        .edit("cas: [fleet-2026]", "cas: [fleet-2026, fleet-2027]")
        .reads("ca_added");
}

#[test]
fn the_managed_ca_is_pinned_and_its_revoked_certificates_are_stopped() {
    Scenario::new(MANAGED).reads("managed_ca");
}

#[test]
fn the_managed_ca_is_taken_off_a_host_that_does_not_name_it() {
    Scenario::agreed(ONE)
        .listing(
            "example.com",
            "cloudflare-managed",
            &["api.example.com", "shop.example.com"],
        )
        .reads("managed_ca_taken_away");
}

#[test]
fn the_intermediates_below_a_root_are_pinned_too() {
    Scenario::new(ONE)
        .edit(
            "fleet-2026.pem",
            "fleet-2026.pem, issuers: [partners-issuing.pem]",
        )
        .reads("issuers_pinned");
}

#[test]
fn a_defect_of_a_ca_to_be_uploaded_is_an_error() {
    Scenario::new(ONE)
        .edit("fleet-2026.pem", "expired.pem")
        .reads("defect_uploaded");
}

#[test]
fn a_defect_of_a_live_ca_is_a_note() {
    let mut world = Scenario::new(ONE)
        .edit("fleet-2026.pem", "expired.pem")
        .on("2019-06-01");
    world.apply();
    world.on("2026-06-01").reads("defect_live");
}

#[test]
fn a_missing_key_id_is_an_error_only_where_it_is_pinned() {
    let file = "
owner: platform
cas:
  - { name: fleet-2026, certificates: fleet-2026.pem }
  - { name: legacy, certificates: no-key-id.pem }
hostnames:
  - { name: public-api, cas: [fleet-2026, legacy], hosts: [api.example.com] }
rules:
  - name: require-certificate
";
    Scenario::new(file).reads("key_id_missing");
    let plan = Scenario::new(file)
        .edit(
            "name: require-certificate",
            "{ name: require-certificate, pin: false }",
        )
        .approved();
    assert!(plan.is_ok(), "{plan:?}");
}
