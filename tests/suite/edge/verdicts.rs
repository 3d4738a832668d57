//! Rule lists, and what becomes of requests in them.

use mtlsctl::live::Live;
use mtlsctl::resource::RulesetId;
use mtlsctl::resource::ZoneName;
use serde_json::json;

use super::question::Edge;
use super::question::HOST;
use super::question::ZONE;
use super::question::nothing;
use crate::support::foreign::Foreign;
use crate::support::foreign::acting;
use crate::support::foreign::block;
use crate::support::foreign::skip;
use crate::support::scenario::Scenario;

const FLEET: &str = "fleet-2026";
/// The key id of `fleet-2026.pem`.
fn fleet_key_id() -> String {
    let bundle = crate::support::repository::bundle("fleet-2026.pem");
    bundle.key_ids().first().expect("a key id").to_string()
}

/// `api.example.com` asks for certificates of fleet-2026; somebody's CA is on another host.
fn asking() -> Scenario {
    nothing()
        .with_ca(FLEET, "fleet-2026.pem")
        .with_ca("somebody", "somebody.pem")
        .listing(ZONE, FLEET, &[HOST])
        .listing(ZONE, "somebody", &["other.example.com"])
}

fn pinned() -> String {
    format!(
        "lower(http.host) in {{\"{HOST}\"}} and not (cf.tls_client_auth.cert_verified and \
         cf.tls_client_auth.cert_issuer_ski in {{\"{}\"}})",
        fleet_key_id()
    )
}

const UNPINNED: &str = "http.host eq \"api.example.com\" and not cf.tls_client_auth.cert_verified";

/// A custom ruleset of the zone.
const DEPLOYED: &str = "dddddddddddddddddddddddddddddddd";

fn deploy(live: &mut Live, rules: [Foreign<'_>; 2]) {
    let zone = ZoneName::parse(ZONE).expect("a zone");
    let zone = live.zones.get_mut(&zone).expect("a zone of the account");
    let rules = (1..).zip(rules).map(|(number, rule)| rule.numbered(number));
    let id = RulesetId::parse(DEPLOYED).expect("the form of an id");
    zone.deployed.insert(id, rules.collect());
}

#[track_caller]
fn holds(world: &Scenario, expected: &[(&str, &str)]) {
    let edge = Edge::of(world);
    for (client, verdict) in expected {
        assert_eq!(edge.on(HOST, client), *verdict, "{client}");
    }
}

#[test]
fn without_a_rule_everybody_gets_in() {
    holds(
        &asking(),
        &[("none", "pass"), ("stranger", "pass"), (FLEET, "pass")],
    );
}

#[test]
fn a_pinned_rule_admits_the_clients_of_the_pinned_issuer_and_nobody_else() {
    let world = asking().with_rule(ZONE, 0, "mtls", block(&pinned()));
    holds(
        &world,
        &[
            ("none", "block"),
            ("stranger", "block"),
            (FLEET, "pass"),
            ("below fleet-2026", "block"),
            ("somebody", "block"),
            ("managed", "block"),
            ("revoked", "block"),
        ],
    );
    let edge = Edge::of(&world);
    assert_eq!(edge.on("other.example.com", "none"), "pass");
}

#[test]
fn without_a_pin_it_depends_on_the_reading_whose_clients_get_in() {
    let world = asking().with_rule(ZONE, 0, "mtls", block(UNPINNED));
    holds(
        &world,
        &[
            ("none", "block"),
            ("stranger", "block"),
            (FLEET, "pass"),
            ("below fleet-2026", "pass"),
            ("somebody", "block or pass"),
            ("below somebody", "block or pass"),
            ("managed", "block or pass"),
        ],
    );
}

#[test]
fn where_the_host_does_not_ask_every_client_is_one_without_a_certificate() {
    let world = asking()
        .listing(ZONE, FLEET, &[])
        .with_rule(ZONE, 0, "mtls", block(&pinned()));
    holds(
        &world,
        &[("none", "block"), (FLEET, "block"), ("managed", "block")],
    );
}

#[test]
fn a_skip_above_lets_past_what_it_matches() {
    let office = "ip.src in {192.0.2.0/24}";
    let world = asking()
        .with_rule(ZONE, 0, "office", skip(office))
        .with_rule(ZONE, 1, "mtls", block(&pinned()));
    holds(
        &world,
        &[
            (
                "none",
                "pass where ip.src is 192.0.2.0; block where ip.src is anything else",
            ),
            (FLEET, "pass"),
        ],
    );
    let below = asking()
        .with_rule(ZONE, 0, "mtls", block(&pinned()))
        .with_rule(ZONE, 1, "office", skip(office));
    holds(&below, &[("none", "block")]);
}

#[test]
fn only_skips_of_this_ruleset_and_this_phase_let_past() {
    for (parameters, verdict) in [
        (json!({ "phase": "current" }), "pass"),
        (json!({ "ruleset": "current" }), "pass"),
        (json!({ "phases": ["http_ratelimit"] }), "block"),
        (json!({ "products": ["waf"] }), "block"),
    ] {
        let world = asking()
            .with_rule(ZONE, 0, "skip", acting("skip", parameters, "true"))
            .with_rule(ZONE, 1, "mtls", block(&pinned()));
        holds(&world, &[("none", verdict)]);
    }
}

#[test]
fn challenges_end_evaluation_and_logs_do_not() {
    for (action, verdict) in [
        ("managed_challenge", "challenge"),
        ("js_challenge", "challenge"),
        ("challenge", "challenge"),
        ("log", "block"),
    ] {
        let world = asking()
            .with_rule(ZONE, 0, "first", acting(action, json!({}), UNPINNED))
            .with_rule(ZONE, 1, "mtls", block(&pinned()));
        holds(&world, &[("none", verdict), (FLEET, "pass")]);
    }
}

#[test]
fn a_disabled_rule_decides_nothing() {
    let world = asking().with_rule(ZONE, 0, "mtls", block(&pinned()));
    let reference = world.rules(ZONE)[0].reference.clone();
    let world = world.tampered(ZONE, &reference, |rule| rule.enabled = false);
    holds(&world, &[("none", "pass")]);
}

#[test]
fn an_executed_ruleset_is_gone_through_and_its_skip_ends_it_alone() {
    let deployed = |action: &str, parameters: serde_json::Value| {
        asking()
            .with_rule(
                ZONE,
                0,
                "deploys",
                acting("execute", json!({ "id": DEPLOYED }), "true"),
            )
            .with_rule(ZONE, 1, "mtls", block(UNPINNED))
            .account_bent(|live| {
                let rules = [
                    acting(action, parameters, "http.request.uri.path eq \"/a\""),
                    block("http.request.uri.path in {\"/a\" \"/b\"}"),
                ];
                deploy(live, rules);
            })
    };
    // Past the rest of the executed ruleset, then blocked by the rule behind it.
    holds(
        &deployed("skip", json!({ "ruleset": "current" })),
        &[
            ("none", "block"),
            (
                FLEET,
                "pass where http.request.uri.path is anything else; \
                 block where http.request.uri.path is \"/b\"",
            ),
        ],
    );
    holds(
        &deployed("skip", json!({ "phase": "current" })),
        &[(
            "none",
            "pass where http.request.uri.path is \"/a\"; \
             block where http.request.uri.path is anything else",
        )],
    );
}

#[test]
fn what_cannot_be_read_may_do_anything_and_always_the_same() {
    let unread = acting("execute", json!({ "id": DEPLOYED }), "ssl");
    let world =
        asking()
            .with_rule(ZONE, 0, "deploys", unread)
            .with_rule(ZONE, 1, "mtls", block(&pinned()));
    let edge = Edge::of(&world);
    let verdict = edge.on(HOST, "none");
    assert!(
        verdict.contains("pass where ssl, a rule that cannot be read lets it past"),
        "{verdict}"
    );
    let broken = asking()
        .with_rule(ZONE, 0, "broken", skip("http.host eq"))
        .with_rule(ZONE, 1, "mtls", block(&pinned()));
    let reference = &broken.rules(ZONE)[0].reference;
    let verdict = Edge::of(&broken).on(HOST, "none");
    let expected = format!(
        "pass where a rule that cannot be read matches (`{reference}`); \
         block where any request"
    );
    assert_eq!(verdict, expected);
}

#[test]
fn a_rule_that_only_asks_who_the_issuer_is_said_to_be_lets_strangers_lie() {
    let world = asking().with_rule(
        ZONE,
        0,
        "mtls",
        block(&format!(
            "http.host eq \"{HOST}\" and not cf.tls_client_auth.cert_issuer_ski eq \"{}\"",
            fleet_key_id()
        )),
    );
    let expected = format!(
        "pass where cf.tls_client_auth.cert_issuer_ski is \"{}\"; \
         block where cf.tls_client_auth.cert_issuer_ski is anything else",
        fleet_key_id()
    );
    holds(
        &world,
        &[("none", "block"), ("stranger", &expected), (FLEET, "pass")],
    );
}

#[test]
fn revoked_certificates_of_the_managed_ca_verify() {
    let world = asking().listing(ZONE, "cloudflare-managed", &[HOST]);
    let without = world.clone().with_rule(ZONE, 0, "mtls", block(UNPINNED));
    holds(&without, &[("managed", "pass"), ("revoked", "pass")]);
    let asked = format!("{UNPINNED} or cf.tls_client_auth.cert_revoked");
    let with = world.with_rule(ZONE, 0, "mtls", block(&asked));
    holds(
        &with,
        &[("managed", "pass"), ("revoked", "block"), (FLEET, "pass")],
    );
}

#[test]
fn the_managed_ca_has_a_key_id_of_its_own() {
    let foreign = "http.host eq \"api.example.com\" and not (cf.tls_client_auth.cert_verified and \
                   cf.tls_client_auth.cert_issuer_ski in {\"A5AC55\"})";
    let world = asking()
        .listing(ZONE, "cloudflare-managed", &[HOST])
        .with_rule(ZONE, 0, "mtls", block(foreign));
    holds(
        &world,
        &[
            (
                "managed",
                "pass where cf.tls_client_auth.cert_issuer_ski is \"A5AC55\"; \
                 block where cf.tls_client_auth.cert_issuer_ski is anything else",
            ),
            (FLEET, "block"),
        ],
    );
}

#[test]
fn the_letter_case_of_a_host_matters_where_the_rule_forgets_it() {
    let world = asking().with_rule(ZONE, 0, "mtls", block(UNPINNED));
    let edge = Edge::of(&world);
    assert_eq!(edge.on("API.example.com", "none"), "pass");
    let world = asking().with_rule(ZONE, 0, "mtls", block(&pinned()));
    assert_eq!(Edge::of(&world).on("API.example.com", "none"), "block");
}
