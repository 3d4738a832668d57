//! Who there is, and what is fixed of their requests.

use mtlsctl::edge::Reading;
use mtlsctl::edge::clients;

use super::question::Edge;
use super::question::HOST;
use super::question::ZONE;
use super::question::nothing;
use crate::support::foreign::block;

#[test]
fn each_issuing_key_has_direct_clients_and_some_below_it() {
    let world = nothing()
        .with_ca("partners", "partners.pem")
        .with_ca("fleet", "fleet-2026.pem");
    let edge = Edge::of(&world);
    let mut all: Vec<String> = clients([&edge.state])
        .iter()
        .map(ToString::to_string)
        .collect();
    all.sort();
    assert_eq!(
        all,
        [
            "of an intermediate below fleet",
            "of an intermediate below partners (CN=Partners Issuing)",
            "of an intermediate below partners (CN=Partners Root)",
            "of fleet",
            "of partners (CN=Partners Issuing)",
            "of partners (CN=Partners Root)",
            "of the Cloudflare-managed CA",
            "of the Cloudflare-managed CA, revoked",
            "with a certificate of an unknown issuer",
            "without a certificate",
        ]
    );
}

#[test]
fn a_renewal_with_the_same_key_is_the_same_client() {
    let world = nothing().with_ca("fleet", "fleet-2026.pem");
    let live = Edge::of(&world);
    let renamed = Edge::of(&nothing().with_ca("renamed", "fleet-2026.pem"));
    let count = |states: &[&Edge]| clients(states.iter().map(|edge| &edge.state)).len();
    assert_eq!(count(&[&live, &renamed]), count(&[&live]));
}

#[test]
fn a_certificate_of_an_intermediate_verifies_with_the_root_above_it() {
    let verified = "http.host eq \"api.example.com\" and not cf.tls_client_auth.cert_verified";
    let world = nothing()
        .with_ca("root", "partners-root.pem")
        .with_ca("issuing", "partners-issuing.pem")
        .listing(ZONE, "root", &[HOST])
        .with_rule(ZONE, 0, "mtls", block(verified));
    let edge = Edge::of(&world);
    assert_eq!(edge.verdict(HOST, "issuing", Reading::PerHost), "pass");
    // The other way round nothing verifies: a root is not below what it issued.
    let world = world
        .listing(ZONE, "root", &[])
        .listing(ZONE, "issuing", &[HOST]);
    let edge = Edge::of(&world);
    assert_eq!(edge.verdict(HOST, "issuing", Reading::PerHost), "pass");
    assert_eq!(edge.verdict(HOST, "root", Reading::PerHost), "block");
}

#[test]
fn what_cloudflare_does_with_an_expired_ca_is_left_open() {
    let verified = "http.host eq \"api.example.com\" and not cf.tls_client_auth.cert_verified";
    let world = nothing()
        .with_ca("old", "expired.pem")
        .listing(ZONE, "old", &[HOST])
        .with_rule(ZONE, 0, "mtls", block(verified));
    assert_eq!(
        Edge::of(&world).on(HOST, "old"),
        "pass where cf.tls_client_auth.cert_verified; \
         block where not cf.tls_client_auth.cert_verified"
    );
}

#[test]
fn the_issuer_s_names_and_serial_number_are_those_of_its_certificate() {
    for (field, value) in [
        ("cert_issuer_dn", "CN=Fleet 2026"),
        ("cert_issuer_dn_rfc2253", "CN=Fleet 2026"),
        ("cert_issuer_dn_legacy", "/CN=Fleet 2026"),
    ] {
        let named = |value: &str| {
            format!("http.host eq \"{HOST}\" and cf.tls_client_auth.{field} ne \"{value}\"")
        };
        let world = nothing()
            .with_ca("fleet", "fleet-2026.pem")
            .listing(ZONE, "fleet", &[HOST]);
        let right = world
            .clone()
            .with_rule(ZONE, 0, "mtls", block(&named(value)));
        assert_eq!(Edge::of(&right).on(HOST, "fleet"), "pass", "{field}");
        let wrong = world.with_rule(ZONE, 0, "mtls", block(&named("CN=Nobody")));
        assert_eq!(Edge::of(&wrong).on(HOST, "fleet"), "block", "{field}");
    }
}

#[test]
fn only_one_who_presents_a_certificate_is_known_to_use_tls() {
    let world = nothing()
        .with_ca("fleet", "fleet-2026.pem")
        .listing(ZONE, "fleet", &[HOST])
        .with_rule(ZONE, 0, "tls", block("not ssl"));
    let edge = Edge::of(&world);
    assert_eq!(edge.on(HOST, "fleet"), "pass");
    assert_eq!(edge.on(HOST, "none"), "pass where ssl; block where not ssl");
}
