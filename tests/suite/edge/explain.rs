//! Which rule decides, and why.

use mtlsctl::edge::Explanation;
use mtlsctl::edge::Reading;
use mtlsctl::report;
use mtlsctl::report::explain::Asked;
use mtlsctl::resource::Hostname;
use mtlsctl::resource::ZoneName;
use serde_json::json;

use super::question::Edge;
use super::question::HOST;
use super::question::ZONE;
use super::question::nothing;
use crate::support::foreign::acting;
use crate::support::foreign::block;
use crate::support::foreign::skip;
use crate::support::golden::golden;
use crate::support::scenario::Scenario;

const VERIFIED: &str =
    "lower(http.host) in {\"api.example.com\"} and not cf.tls_client_auth.cert_verified";

/// An unpinned host with somebody's rules around it.
fn world() -> Scenario {
    nothing()
        .with_ca("fleet", "fleet-2026.pem")
        .with_ca("somebody", "somebody.pem")
        .listing(ZONE, "fleet", &[HOST])
        .with_rule(
            ZONE,
            0,
            "elsewhere",
            block("http.host eq \"other.example.com\""),
        )
        .with_rule(
            ZONE,
            1,
            "office",
            skip("ip.src in {192.0.2.0/24} and starts_with(http.request.uri.path, \"/status\")"),
        )
        .with_rule(ZONE, 2, "watch", acting("log", json!({}), VERIFIED))
        .with_rule(ZONE, 3, "mtls", block(VERIFIED))
        .with_rule(
            ZONE,
            4,
            "bots",
            acting("managed_challenge", json!({}), "cf.client.bot"),
        )
}

fn explained(world: &Scenario, client: &str) -> String {
    let edge = Edge::of(world);
    let zone = ZoneName::parse(ZONE).expect("a zone");
    let rules = &edge.state.zones[&zone].rules;
    let explanations: Vec<_> = Reading::BOTH
        .into_iter()
        .map(|reading| {
            (
                reading,
                Explanation::of(rules, &edge.presented(HOST, client, reading)),
            )
        })
        .collect();
    let asked = Asked {
        host: &Hostname::parse(HOST).expect("a host"),
        zone: &zone,
        client: &edge.client(client),
        given: &[],
        cas: &["fleet".to_owned()],
        state: "as the account is now",
    };
    let text = report::explain::text(&asked, &explanations, 80);
    anstream::adapter::strip_str(&text).to_string()
}

#[test]
fn every_rule_that_matters_is_told_in_its_order() {
    golden("edge/explain/none.txt", &explained(&world(), "none"));
}

#[test]
fn readings_that_differ_are_told_one_after_the_other() {
    golden(
        "edge/explain/somebody.txt",
        &explained(&world(), "somebody"),
    );
}

#[test]
fn disabled_and_unreached_rules_are_told_too() {
    let world = world();
    let reference = world.rules(ZONE)[3].reference.clone();
    let world = world
        .tampered(ZONE, &reference, |rule| rule.enabled = false)
        .with_rule(ZONE, 0, "lockdown", block("true"));
    golden("edge/explain/lockdown.txt", &explained(&world, "none"));
}
