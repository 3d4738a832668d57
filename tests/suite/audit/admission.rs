//! Findings about whose certificates get in: each with an account that shows it, and one close by that does not.

use mtlsctl::audit::Kind;
use serde_json::json;

use super::world::HOST;
use super::world::UNVERIFIED;
use super::world::World;
use super::world::key_id;
use super::world::pinned;
use super::world::unless_issued_by;

/// A host that is protected as it should be.
fn protected() -> World {
    World::asking().block(&pinned())
}

#[test]
fn any_certificate() {
    let believed = format!(
        "http.host eq \"{HOST}\" and not cf.tls_client_auth.cert_issuer_ski eq \"{}\"",
        key_id("fleet-2026")
    );
    World::asking()
        .block(&believed)
        .shows(Kind::AnyCertificate, &[HOST], &protected())
        .reads();
    // A list of fingerprints cannot be lied to.
    let listed = format!(
        "http.host eq \"{HOST}\" and not cf.tls_client_auth.cert_fingerprint_sha256 in {{\"{}\"}}",
        "ab".repeat(32)
    );
    let presented = format!("http.host eq \"{HOST}\" and not cf.tls_client_auth.cert_presented");
    let _ = World::asking().block(&presented).shows(
        Kind::AnyCertificate,
        &[HOST],
        &World::asking().block(&listed),
    );
}

#[test]
fn a_host_may_be_closed_to_all_but_those_whom_a_rule_lets_past() {
    let closed = |host: &str, wanted: &str| {
        let skip = format!("{host} eq \"{HOST}\" and {wanted}");
        World::asking()
            .rule("Clients", "skip", json!({"ruleset": "current"}), &skip)
            .block(&format!("{host} eq \"{HOST}\""))
    };
    let verified = format!(
        "cf.tls_client_auth.cert_verified and cf.tls_client_auth.cert_issuer_ski eq \"{}\"",
        key_id("fleet-2026")
    );
    let near = closed("lower(http.host)", &verified);
    let presented = closed("lower(http.host)", "cf.tls_client_auth.cert_presented");
    let _ = presented.shows(Kind::AnyCertificate, &[HOST], &near);
    let _ = closed("http.host", &verified).shows(Kind::LetterCase, &[HOST], &near);
    let _ = World::asking().shows(Kind::Open, &[HOST], &near);
}

#[test]
fn not_admitted() {
    let both = World::asking().ca("fleet-2027", &[HOST]);
    let right = unless_issued_by(&[&key_id("fleet-2026"), &key_id("fleet-2027")]);
    let near = World::asking().ca("fleet-2027", &[HOST]).block(&right);
    both.block(&pinned())
        .shows(Kind::NotAdmitted, &[HOST], &near)
        .reads();
}

#[test]
fn pinned_to_root() {
    let root = key_id("partners-root");
    let issuing = key_id("partners-issuing");
    let world = || World::new().ca("partners", &[HOST]);
    world()
        .block(&unless_issued_by(&[&root]))
        .shows(
            Kind::PinnedToRoot,
            &[HOST],
            &world().block(&unless_issued_by(&[&root, &issuing])),
        )
        .reads();
    // The issuing CA alone will do: nobody is issued by the root itself.
    let _ = world().block(&unless_issued_by(&[&root])).shows(
        Kind::PinnedToRoot,
        &[HOST],
        &world().block(&unless_issued_by(&[&issuing])),
    );
}

#[test]
fn unpinned() {
    World::asking()
        .ca("somebody", &[])
        .block(UNVERIFIED)
        .shows(Kind::Unpinned, &[HOST], &protected())
        .reads();
}

#[test]
fn managed_leftover() {
    World::asking()
        .managed(&[HOST])
        .block(UNVERIFIED)
        .shows(
            Kind::ManagedLeftover,
            &[HOST],
            &World::asking().block(UNVERIFIED),
        )
        .reads();
    // Where the rule looks at revocation, it is meant.
    let meant =
        format!("({UNVERIFIED}) or (http.host eq \"{HOST}\" and cf.tls_client_auth.cert_revoked)");
    let meant = World::asking().managed(&[HOST]).block(&meant);
    let turned_away = World::asking().managed(&[HOST]).block(&pinned());
    let _ = turned_away.shows(Kind::ManagedLeftover, &[HOST], &meant);
}

#[test]
fn revoked() {
    let asked =
        format!("({UNVERIFIED}) or (http.host eq \"{HOST}\" and cf.tls_client_auth.cert_revoked)");
    World::new()
        .managed(&[HOST])
        .block(UNVERIFIED)
        .shows(
            Kind::Revoked,
            &[HOST],
            &World::new().managed(&[HOST]).block(&asked),
        )
        .reads();
}

#[test]
fn revoked_own_ca() {
    let asked = format!(
        "lower(http.host) eq \"{HOST}\" and (not cf.tls_client_auth.cert_verified or cf.tls_client_auth.cert_revoked)"
    );
    World::asking()
        .block(&asked)
        .shows(
            Kind::RevokedOwnCa,
            &[HOST],
            &World::asking().managed(&[HOST]).block(&asked),
        )
        .reads();
    // A rule may ask it of other hosts.
    let of_another = format!(
        "({}) or (http.host eq \"portal.example.com\" and (not cf.tls_client_auth.cert_verified or \
         cf.tls_client_auth.cert_revoked))",
        pinned()
    );
    let _ = World::asking().block(&asked).shows(
        Kind::RevokedOwnCa,
        &[HOST],
        &World::asking()
            .managed(&["portal.example.com"])
            .block(&of_another),
    );
}
