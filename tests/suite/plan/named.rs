//! Changes that have a name: what a plan says of each, and who changes verdict by it.

use mtlsctl::plan::Refusal;
use mtlsctl::report;
use serde_json::json;

use crate::plan::worlds::ONE;
use crate::support::foreign::acting;
use crate::support::golden::golden;
use crate::support::scenario::Scenario;

/// A file about rotations, which replaces a CA at once.
fn rotating(file: &str) -> String {
    format!("{file}guards: {{ min_overlap: 0d }}\n")
}

/// Two CAs, each with a host of its own, below one rule.
const SETS: &str = "
owner: platform
zones: [example.com]
cas:
  - { name: fleet-2025, certificates: fleet-2025.pem }
  - { name: fleet-2026, certificates: fleet-2026.pem }
hostnames:
  - { name: old-fleet, cas: [fleet-2025], hosts: [api.example.com, pay.example.com] }
  - { name: new-fleet, cas: [fleet-2026], hosts: [bus.example.com] }
rules:
  - name: require-certificate
";

/// Only the root is uploaded, and an intermediate below it issues.
const ROOT: &str = "
owner: platform
zones: [example.com]
cas:
  - { name: partners, certificates: partners-root.pem }
hostnames:
  - { name: edi, cas: [partners], hosts: [edi.example.com] }
rules:
  - { name: require-certificate, pin: false }
";

/// A rotation in place: another content under the same name.
fn rotated_in_place(quota: usize) -> Scenario {
    let file = rotating(ONE);
    Scenario::agreed(&file)
        .edit("fleet-2026.pem", "fleet-2027.pem")
        .edit(
            "owner: platform\n",
            &format!("owner: platform\nquota: {quota}\n"),
        )
}

/// Who changes verdict reads as the file `tests/suite/plan/NAME.txt` says.
#[track_caller]
fn headline(world: &Scenario, name: &str) {
    let plan = world.plan().expect("a plan");
    assert!(plan.safety.is_safe(), "{:?}", plan.safety.violations);
    let text = report::effects::text(&plan.safety.shifts, 80);
    let text = anstream::adapter::strip_str(&text).to_string();
    golden(&format!("plan/{name}.txt"), &text);
}

#[test]
fn a_rotation_in_place_without_a_free_slot_is_refused_with_the_way_out() {
    let world = rotated_in_place(1);
    let refusals = world.approved().expect_err("a slot is missing");
    let is_quota = |refusal: &Refusal| matches!(refusal, Refusal::QuotaExceeded { .. });
    assert!(refusals.iter().any(is_quota), "{refusals:?}");
    world.reads("rotation_without_a_slot");
}

#[test]
fn a_rotation_in_place_with_a_free_slot_leaves_no_gap() {
    let world = rotated_in_place(2);
    headline(&world, "rotation_in_place");
    let plan = world.approved().expect("nothing stands against it");
    assert_eq!(
        (plan.slots.before, plan.slots.peak, plan.slots.after),
        (1, 2, 1)
    );
}

#[test]
fn a_host_goes_from_one_set_of_cas_to_another() {
    let world = Scenario::agreed(&rotating(SETS))
        .edit("[api.example.com, pay.example.com]", "[api.example.com]")
        .edit("[bus.example.com]", "[bus.example.com, pay.example.com]");
    headline(&world, "host_to_other_cas");
}

#[test]
fn pinning_locks_out_the_clients_of_an_intermediate() {
    let world = Scenario::agreed(ROOT).edit("pin: false", "pin: true");
    headline(&world, "pinned_over_an_intermediate");
}

#[test]
fn pinning_with_the_intermediate_declared_does_not() {
    let world = Scenario::agreed(ROOT).edit("pin: false", "pin: true").edit(
        "partners-root.pem }",
        "partners-root.pem, issuers: [partners-issuing.pem] }",
    );
    headline(&world, "pinned_with_its_intermediate");
}

#[test]
fn a_renewal_with_the_same_key_changes_no_verdict() {
    let file = ONE.replace("fleet-2026.pem", "gates-2025.pem");
    let world = Scenario::agreed(&rotating(&file)).edit("gates-2025.pem", "gates-2026.pem");
    let plan = world.plan().expect("a plan");
    assert!(plan.safety.is_safe(), "{:?}", plan.safety.violations);
    assert_eq!(plan.safety.shifts, []);
    assert!(!plan.is_empty());
}

#[test]
fn a_rule_that_nobody_can_read_stands_in_no_plans_way() {
    let deploys = || {
        acting(
            "execute",
            json!({ "id": "d".repeat(32) }),
            "http.request.method eq \"POST\"",
        )
    };
    for at in [0, 1] {
        let world = Scenario::agreed(ONE).with_rule("example.com", at, "Deploys", deploys());
        let world = world.edit(
            "api.example.com, pay.example.com",
            "api.example.com, pay.example.com, new.example.com",
        );
        let plan = world.approved().expect("nothing stands against it");
        assert!(!plan.is_empty() && plan.safety.is_safe());
        let opens = |shift: &&mtlsctl::plan::safety::Shift| {
            shift
                .hosts
                .iter()
                .any(|host| host.as_str() == "api.example.com")
        };
        assert_eq!(plan.safety.shifts.iter().find(opens), None);
    }
}

#[test]
fn an_exception_that_grows_is_in_the_headline() {
    let file = format!("{ONE}    unless: http.request.uri.path eq \"/healthz\"\n");
    let world = Scenario::agreed(&file).edit(
        "http.request.uri.path eq \"/healthz\"",
        "http.request.uri.path in {\"/healthz\" \"/metrics\"}",
    );
    headline(&world, "exception_widened");
}
