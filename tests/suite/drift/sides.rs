//! Whose side changed, by what the account carries.

use mtlsctl::live::Rules;
use mtlsctl::resource::Seal;
use serde_json::json;

use crate::drift::told;
use crate::plan::worlds::ONE;
use crate::plan::worlds::SPLIT;
use crate::support::foreign::block;
use crate::support::foreign::skip;
use crate::support::interpreter;
use crate::support::scenario::Scenario;

const ZONE: &str = "example.com";
const RULE: &str = "platform/require-certificate/1";

fn agreed() -> Scenario {
    Scenario::agreed(ONE)
}

/// The same with its rule as it was written before rules had seals.
fn unsealed() -> Scenario {
    agreed().tampered(ZONE, RULE, |rule| {
        rule.description = Seal::cut(&rule.description);
    })
}

fn without_rule(world: Scenario) -> Scenario {
    world.account_bent(|account| {
        for zone in account.zones.values_mut() {
            if let Some(Rules::EntryPoint(entry)) = &mut zone.rules {
                entry.rules.retain(|rule| rule.reference != RULE);
            }
        }
    })
}

fn without_ca(world: Scenario, name: &str) -> Scenario {
    let id = world.ca(name);
    world.account_bent(|account| {
        account.cas.retain(|ca| ca.id != id);
        for zone in account.zones.values_mut() {
            let lists = zone.lists.as_mut().expect("all lists");
            lists.retain(|issuer, _| *issuer != mtlsctl::resource::Issuer::Uploaded(id.clone()));
        }
    })
}

fn with_bridge(world: Scenario) -> Scenario {
    world
        .with_rule(ZONE, 0, "", block("http.host eq \"no.example.com\""))
        .account_bent(|account| {
            for zone in account.zones.values_mut() {
                if let Some(Rules::EntryPoint(entry)) = &mut zone.rules {
                    let mut rules = entry.rules.iter_mut();
                    let rule = rules.find(|rule| rule.description.is_empty());
                    let rule = rule.expect("that rule");
                    "platform/~bridge/1".clone_into(&mut rule.reference);
                }
            }
        })
}

fn copied(world: Scenario) -> Scenario {
    world.account_bent(|account| {
        for zone in account.zones.values_mut() {
            if let Some(Rules::EntryPoint(entry)) = &mut zone.rules {
                let mut copy = entry.rules[0].clone();
                copy.id = interpreter::rule_id(99);
                copy.reference = copy.id.to_string();
                copy.description = format!("Copy [{RULE}]");
                entry.rules.push(copy);
            }
        }
    })
}

#[track_caller]
fn is_told(world: &Scenario, expected: &[&str]) {
    assert_eq!(told(world), expected, "{}", world.text());
}

#[test]
fn what_the_file_changed_is_told_apart_from_what_others_did() {
    let rule = |told: &str| format!("rule {RULE} in {ZONE}: {told}");
    let pair = |host: &str, told: &str| format!("{host} for CA fleet-2026 in {ZONE}: {told}");
    let added = "[api.example.com, pay.example.com, new.example.com]";
    let hosts = "[api.example.com, pay.example.com]";
    let table = [
        // The file.
        (
            agreed().edit(hosts, added),
            vec![
                pair("new.example.com", "FileChanged, locked out, hidden"),
                rule("FileChanged, exposed"),
            ],
        ),
        (
            agreed().edit(hosts, "[api.example.com]"),
            vec![
                pair("pay.example.com", "FileChanged, neutral"),
                rule("FileChanged, locked out"),
            ],
        ),
        (
            agreed().edit("require-certificate\n", "ask\n"),
            vec![
                "rule platform/ask/1 in example.com: FileChanged, neutral".to_owned(),
                rule("FileChanged, neutral"),
            ],
        ),
        // Others, with what is ours.
        (
            agreed().tampered(ZONE, RULE, |rule| rule.enabled = false),
            vec![rule("ChangedOutside, exposed")],
        ),
        (
            agreed().tampered(ZONE, RULE, |rule| rule.description = "Mine".to_owned()),
            vec![rule("ChangedOutside, neutral")],
        ),
        (
            agreed().listing(ZONE, "platform/fleet-2026", &["api.example.com"]),
            vec![pair("pay.example.com", "ChangedOutside, locked out")],
        ),
        (
            agreed().listing(
                ZONE,
                "platform/fleet-2026",
                &["api.example.com", "pay.example.com", "else.example.com"],
            ),
            vec![pair("else.example.com", "AddedOutside or stopped, neutral")],
        ),
        (
            without_ca(agreed(), "platform/fleet-2026"),
            vec!["CA fleet-2026: ChangedOutside, locked out".to_owned()],
        ),
        (
            without_rule(agreed()),
            vec![rule("ChangedOutside or stopped, exposed")],
        ),
        (
            agreed().with_rule(ZONE, 0, "Office", skip("ip.src eq 192.0.2.1")),
            vec![rule("AddedOutside, exposed")],
        ),
        (
            copied(agreed()),
            vec![format!(
                "rule {} in {ZONE}: AddedOutside, neutral",
                "0".repeat(30) + "63"
            )],
        ),
        // What a stopped run leaves, and what nothing tells.
        (
            with_bridge(agreed()),
            vec![
                "rule platform/~bridge/1 in example.com: NotTold or stopped, locked out".to_owned(),
            ],
        ),
        (
            unsealed().tampered(ZONE, RULE, |rule| rule.enabled = false),
            vec![rule("NotTold, exposed")],
        ),
        (
            unsealed().tampered(ZONE, RULE, |rule| rule.description = "Mine".to_owned()),
            vec![rule("ChangedOutside, neutral")],
        ),
        (
            unsealed().listing(ZONE, "platform/fleet-2026", &["api.example.com"]),
            vec![pair("pay.example.com", "NotTold, locked out")],
        ),
        // Nothing at all.
        (unsealed(), vec![]),
        (agreed(), vec![]),
    ];
    for (world, expected) in &table {
        let expected: Vec<&str> = expected.iter().map(String::as_str).collect();
        is_told(world, &expected);
    }
}

#[test]
fn before_the_first_run_the_file_is_what_is_new() {
    let drift = told(&Scenario::new(SPLIT));
    assert!(!drift.is_empty());
    for line in drift {
        assert!(line.contains("FileChanged"), "{line}");
    }
}

#[test]
fn a_renewed_ca_is_a_change_of_the_file() {
    let world = agreed().edit("fleet-2026.pem", "fleet-2027.pem");
    for line in told(&world) {
        assert!(line.contains("FileChanged"), "{line}");
    }
}

#[test]
fn a_rule_that_was_changed_and_changed_in_the_file_too_was_changed_outside() {
    let world = agreed()
        .tampered(ZONE, RULE, |rule| rule.parameters = json!({ "a": 1 }))
        .edit(
            "require-certificate\n",
            "require-certificate\n    pin: false\n",
        );
    is_told(
        &world,
        &["rule platform/require-certificate/1 in example.com: ChangedOutside, locked out"],
    );
}
