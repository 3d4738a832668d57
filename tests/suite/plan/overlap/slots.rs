//! Rotations that wait for a free slot.

use mtlsctl::plan::Change;
use mtlsctl::plan::Plan;

use crate::plan::overlap::one;
use crate::plan::worlds::TWO;
use crate::support::scenario::Scenario;

fn uploads(plan: &Plan) -> Vec<String> {
    let uploads = plan
        .steps()
        .filter(|step| matches!(step.change, Change::UploadCa { .. }));
    uploads.map(|step| step.address.to_string()).collect()
}

#[test]
fn rotations_wait_for_slots_one_after_the_other() {
    let mut world = Scenario::agreed(TWO)
        .overlapping("14d")
        .edit("owner: platform", "owner: platform\nquota: 4")
        .edit("fleet-2026.pem", "fleet-2027.pem")
        .edit("partners.pem", "somebody.pem")
        .on("2026-09-01");
    world.reads("overlap_waits_for_a_slot");
    world.apply();
    for day in ["2026-09-02", "2026-09-14"] {
        assert!(world.clone().on(day).plan().expect("a plan").is_empty());
    }
    // One goes, then the other one comes.
    world = world.on("2026-09-15");
    let plan = world.approved().expect("nothing stands against it");
    assert!(!plan.is_empty());
    assert_eq!(uploads(&plan), [""; 0]);
    world.apply();
    let plan = world.approved().expect("nothing stands against it");
    assert_eq!(uploads(&plan), ["CA partners"]);
    world.apply();
    let mut world = world.on("2026-09-29");
    world.apply();
    assert!(world.plan().expect("a plan").is_empty());
    assert_eq!(world.account().slots_used(), 3);
}

#[test]
fn a_rotation_for_which_nothing_makes_room_is_refused() {
    one()
        .edit("owner: platform", "owner: platform\nquota: 1")
        .edit("fleet-2026.pem", "fleet-2027.pem")
        .on("2026-09-01")
        .reads("overlap_without_a_slot");
}

#[test]
fn a_new_ca_does_not_wait_for_a_slot() {
    let world = Scenario::agreed(TWO)
        .overlapping("14d")
        .edit("owner: platform", "owner: platform\nquota: 3")
        .edit("fleet-2026.pem", "fleet-2027.pem")
        .edit(
            "cas:\n",
            "cas:\n  - { name: new, certificates: somebody.pem }\n",
        )
        .edit("[partners]", "[partners, new]")
        .on("2026-09-01");
    assert!(world.approved().is_err(), "{}", world.text());
}
