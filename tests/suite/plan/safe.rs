//! Every state on the way: orders that are not the normal one, and changes that no order makes safely.

use mtlsctl::plan::Consent;
use mtlsctl::plan::Phase;
use mtlsctl::plan::approve;
use mtlsctl::report;

use crate::support::foreign::block;
use crate::support::golden::golden;
use crate::support::scenario::Scenario;

const FILE: &str = "
owner: platform
cas:
  - { name: fleet-2026, certificates: fleet-2026.pem }
  - { name: fleet-2027, certificates: fleet-2027.pem }
hostnames:
  - { name: public-api, cas: [fleet-2026], hosts: [api.example.com, pay.example.com] }
  - { name: internal, cas: [fleet-2027], hosts: [bus.example.com] }
rules:
  - { name: public, hostnames: [public-api] }
  - { name: inner, hostnames: [internal] }
";

fn phases(world: &Scenario) -> Vec<String> {
    let plan = world.plan().expect("a plan");
    assert!(plan.safety.is_safe(), "{:?}", plan.safety.violations);
    plan.waves
        .iter()
        .map(|wave| wave.phase.to_string())
        .collect()
}

#[test]
fn the_normal_order_is_taken_where_it_is_safe() {
    let phases = phases(&Scenario::new(FILE));
    assert_eq!(phases, ["upload", "associate", "create or widen rules"]);
}

#[test]
fn a_rule_that_counts_on_a_pin_has_it_before_the_ca_comes() {
    // Without a pin, clients of the new CA would get in on every host that asks, until the pin is there.
    let unpinned = FILE.replace(
        "{ name: public, hostnames",
        "{ name: public, pin: false, hostnames",
    );
    let without = unpinned.replace(
        "  - { name: fleet-2027, certificates: fleet-2027.pem }\n",
        "",
    );
    let without = without.replace(
        "  - { name: internal, cas: [fleet-2027], hosts: [bus.example.com] }\n",
        "",
    );
    let without = without.replace("  - { name: inner, hostnames: [internal] }\n", "");
    let world = Scenario::agreed(&without).file(FILE);
    let plan = world.plan().expect("a plan");
    assert!(plan.safety.is_safe(), "{:?}", plan.safety.violations);
    let first = plan.waves.first().expect("a wave");
    assert_eq!(first.phase, Phase::Narrow, "{}", world.text());
    world.reads("pin_before_upload");
}

/// A host of somebody else's moves from one CA to another, and the rule that lets it do so is in two hands.
fn handed_over() -> Scenario {
    let moved = FILE
        .replace(
            "hosts: [api.example.com, pay.example.com]",
            "hosts: [api.example.com]",
        )
        .replace(
            "hosts: [bus.example.com]",
            "hosts: [bus.example.com, pay.example.com]",
        );
    Scenario::agreed(FILE).file(&moved)
}

#[test]
fn a_host_that_moves_between_rules_with_other_cas_is_refused_and_says_why() {
    handed_over().reads("handed_over");
}

#[test]
fn an_interruption_can_be_consented_to_host_by_host() {
    let world = handed_over();
    let plan = world.plan().expect("a plan");
    let consent = |hosts: &[&str]| Consent {
        interruptions: hosts
            .iter()
            .map(|host| mtlsctl::resource::Hostname::parse(host).expect("a host"))
            .collect(),
    };
    let approved = |hosts: &[&str]| approve(plan.clone(), world.account(), &consent(hosts)).is_ok();
    assert!(!approved(&[]));
    assert!(!approved(&["api.example.com"]));
    assert!(approved(&["pay.example.com"]));
}

#[test]
fn a_new_ca_that_opens_somebodys_host_is_in_the_headline() {
    let world = Scenario::new(FILE)
        .with_ca("somebody", "somebody.pem")
        .listing("example.net", "somebody", &["theirs.example.net"])
        .with_rule(
            "example.net",
            0,
            "theirs",
            block("http.host eq \"theirs.example.net\" and not cf.tls_client_auth.cert_verified"),
        );
    let plan = world.plan().expect("a plan");
    let text = report::effects::text(&plan.safety.shifts, 80);
    let text = anstream::adapter::strip_str(&text).to_string();
    golden("plan/opens_somebodys_host.txt", &text);
}
