//! One drift has one fingerprint, whenever it is looked at, and another one has another.

use mtlsctl::resource::CustomRule;

use crate::drift::found;
use crate::plan::worlds::ONE;
use crate::support::scenario::Scenario;

const ZONE: &str = "example.com";
const RULE: &str = "platform/require-certificate/1";

fn print(world: &Scenario) -> Option<String> {
    found(world).fingerprint.map(|one| one.to_string())
}

fn tampered(by: impl FnOnce(&mut CustomRule)) -> Scenario {
    Scenario::agreed(ONE).tampered(ZONE, RULE, by)
}

#[test]
fn the_same_drift_has_the_same_fingerprint_on_another_day_and_under_other_ids() {
    let world = tampered(|rule| rule.enabled = false);
    let first = print(&world).expect("a drift");
    assert_eq!(first.len(), 16);
    assert_eq!(print(&world.clone().on("2026-07-01")), Some(first.clone()));
    let renumbered = tampered(|rule| {
        rule.enabled = false;
        rule.version += 7;
        rule.id = crate::support::interpreter::rule_id(77);
    });
    assert_eq!(print(&renumbered), Some(first));
}

#[test]
fn no_drift_has_none_and_each_drift_its_own() {
    assert_eq!(print(&Scenario::agreed(ONE)), None);
    let worlds = [
        tampered(|rule| rule.enabled = false),
        tampered(|rule| rule.description = "Mine".to_owned()),
        tampered(|rule| rule.description = "Yours".to_owned()),
        tampered(|rule| rule.expression = "ssl".to_owned()),
        tampered(|rule| rule.expression = "not ssl".to_owned()),
        Scenario::agreed(ONE).listing(ZONE, "platform/fleet-2026", &["api.example.com"]),
        Scenario::agreed(ONE).listing(ZONE, "platform/fleet-2026", &["pay.example.com"]),
        Scenario::agreed(ONE).listing(ZONE, "platform/fleet-2026", &[]),
    ];
    let mut prints: Vec<String> = worlds.iter().filter_map(print).collect();
    prints.sort();
    prints.dedup();
    assert_eq!(prints.len(), worlds.len());
}
