//! Findings about single rules and the room for more.

use std::path::Path;

use mtlsctl::audit::Kind;
use mtlsctl::audit::Severity;
use mtlsctl::sandbox::ZoneFacts;
use mtlsctl::sandbox::ZonePlan;
use serde_json::json;

use super::world::World;
use super::world::ZONE;
use super::world::key_id;
use super::world::pinned;
use super::world::unless_issued_by;

#[test]
fn unknown_key_id() {
    let fleet = key_id("fleet-2026");
    let near = || World::asking().block(&pinned());
    World::asking()
        .block(&unless_issued_by(&[&fleet, &"5A".repeat(20)]))
        .shows(
            Kind::UnknownKeyId,
            &["rule example.com/certificates-only"],
            &near(),
        )
        .reads();
    // The spelling matters: upper case, no colons.
    let lower = World::asking().block(&unless_issued_by(&[&fleet.to_lowercase()]));
    // Another unknown one beside it hides nothing.
    let both = World::asking().block(&unless_issued_by(&["0A0B", &fleet.to_lowercase()]));
    let found = both.now(Kind::UnknownKeyId);
    assert_eq!(found.first().map(|one| one.severity), Some(Severity::High));
    let _ = lower.shows(
        Kind::UnknownKeyId,
        &["rule example.com/certificates-only"],
        &near(),
    );
    let lowered = unless_issued_by(&[&fleet.to_lowercase()]).replace(
        "cf.tls_client_auth.cert_issuer_ski",
        "lower(cf.tls_client_auth.cert_issuer_ski)",
    );
    let _ = lower.shows(
        Kind::UnknownKeyId,
        &["rule example.com/certificates-only"],
        &World::asking().block(&lowered),
    );
    // The empty text stands for no certificate.
    let presented = format!("{} or cf.tls_client_auth.cert_issuer_ski eq \"\"", pinned());
    let _ = lower.shows(
        Kind::UnknownKeyId,
        &["rule example.com/certificates-only"],
        &World::asking().block(&presented),
    );
}

#[test]
fn rules_that_others_execute_are_looked_at_too() {
    let executing = |expression: &str| {
        let mut id = String::new();
        let world = World::asking().somebody(|desk| {
            let rule = json!({"ref": "inner", "action": "block", "expression": expression});
            id = desk.add_ruleset(ZONE, &[rule]);
        });
        world.rule("Deployed", "execute", json!({ "id": id }), "true")
    };
    let unknown = executing(&unless_issued_by(&[&"5A".repeat(20)]));
    let _ = unknown.shows(
        Kind::UnknownKeyId,
        &["rule example.com/inner"],
        &executing(&pinned()),
    );
}

#[test]
fn not_analysed() {
    let world = |is_readable: bool| {
        let mut id = String::new();
        let world = World::asking().somebody(|desk| {
            id = desk.add_ruleset(ZONE, &[json!({"action": "log", "expression": "true"})]);
        });
        let world = world
            .rule("Deployed", "execute", json!({ "id": id }), "true")
            .block(&pinned());
        world.forbidding(if is_readable { "/never" } else { &id })
    };
    world(false)
        .shows(
            Kind::NotAnalysed,
            &["rule example.com/deployed"],
            &world(true),
        )
        .reads();
}

#[test]
fn expression_size() {
    let hosts = |count: usize| {
        let hosts: Vec<String> = (0..count)
            .map(|number| format!("\"host-{number:03}.example.com\""))
            .collect();
        World::asking().block(&format!(
            "http.host in {{{}}} and not cf.tls_client_auth.cert_verified",
            hosts.join(" ")
        ))
    };
    hosts(160)
        .shows(
            Kind::ExpressionSize,
            &["rule example.com/certificates-only"],
            &hosts(150),
        )
        .reads();
}

#[test]
fn rule_quota() {
    let with_rules = |count: usize| {
        World::asking().somebody(|desk| {
            let since = "2024-01-01T00:00:00Z".parse().expect("a moment");
            desk.add_zone(ZoneFacts {
                plan: ZonePlan::Free,
                ..ZoneFacts::enterprise("example.net", since)
            });
            for number in 0..count {
                let expression =
                    format!("http.host eq \"h{number}.example.net\" and not cf.tls_client_auth.cert_verified");
                let rule = json!({"action": "block", "expression": expression});
                desk.add_rule("example.net", &rule);
            }
        })
    };
    with_rules(5)
        .shows(Kind::RuleQuota, &["zone example.net"], &with_rules(4))
        .reads();
}

#[test]
fn every_kind_of_finding_has_its_words_in_a_file() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/suite/audit/findings");
    for kind in Kind::ALL {
        let file = folder.join(format!("{}.txt", kind.id()));
        assert!(file.is_file(), "{}", kind.id());
    }
}
