//! Every kind of client on every kind of host, under both readings, as a table.

use std::fmt::Write as _;
use std::sync::Arc;

use mtlsctl::sandbox::edge::Credential;
use mtlsctl::sandbox::edge::Reading;
use mtlsctl::sandbox::edge::View;
use rcgen::ExtendedKeyUsagePurpose;
use rcgen::date_time_ymd;
use serde_json::json;

use crate::sandbox::edge::pki::Managed;
use crate::sandbox::edge::pki::Pki;
use crate::sandbox::edge::pki::TestClient;
use crate::sandbox::edge::visits::Arrived;
use crate::sandbox::edge::visits::READINGS;
use crate::sandbox::edge::visits::associate;
use crate::sandbox::edge::visits::echo;
use crate::sandbox::edge::visits::set_rules;
use crate::sandbox::edge::visits::verdict;
use crate::sandbox::edge::visits::visit;
use crate::sandbox::world::World;
use crate::support::golden::golden;

/// `any.` lets every verified certificate in, `pinned.` only those of the fleet, `open.` has a rule of
/// neither kind, `silent.` asks for nothing but demands a certificate, and `managed.` is the managed CA's, which
/// may revoke.
const HOSTS: [&str; 5] = [
    "any.example.com",
    "pinned.example.com",
    "open.example.com",
    "silent.example.com",
    "managed.example.com",
];

fn world() -> World {
    let pki = Pki::shared();
    let mut world = World::new();
    let fleet = world.upload("fleet", &pki.fleet.pem());
    associate(&mut world, Some(&fleet), &HOSTS[..3]);
    let modern = world.upload("modern", &pki.modern.pem());
    associate(&mut world, Some(&modern), &HOSTS[..3]);
    let bygone = world.upload("bygone", &pki.bygone.pem());
    associate(&mut world, Some(&bygone), &HOSTS[..3]);
    let partner = world.upload("partner", &pki.partner.pem());
    associate(&mut world, Some(&partner), &["pay.example.com"]);
    associate(
        &mut world,
        None,
        &["managed.example.com", "portal.example.com"],
    );
    let verified = "cf.tls_client_auth.cert_verified";
    let pin = format!(
        "cf.tls_client_auth.cert_issuer_ski in {{\"{}\"}}",
        pki.fleet.key_id()
    );
    set_rules(
        &mut world,
        &json!([
            {"ref": "any", "action": "block", "expression": format!(
                "http.host in {{\"any.example.com\" \"silent.example.com\"}} and not {verified}")},
            {"ref": "pinned", "action": "block", "expression": format!(
                "http.host eq \"pinned.example.com\" and not ({verified} and {pin})")},
            {"ref": "managed", "action": "block", "expression": format!(
                "http.host eq \"managed.example.com\" and (not {verified} or cf.tls_client_auth.cert_revoked)")},
        ]),
    );
    world
}

fn clients() -> Vec<(&'static str, Option<Credential>)> {
    let pki = Pki::shared();
    let expired = pki
        .fleet
        .client_with(|params| params.not_after = date_time_ymd(2024, 1, 1));
    let early = pki
        .fleet
        .client_with(|params| params.not_before = date_time_ymd(2200, 1, 1));
    let server = pki.fleet.client_with(|params| {
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    });
    let managed = Managed::shared();
    let of = |client: &TestClient| Some(client.credential());
    let by_managed = |certificate: &[u8]| Some(Managed::credential(certificate));
    vec![
        ("no certificate", None),
        ("a stranger", of(&TestClient::stranger())),
        ("says that fleet issued it", of(&pki.fleet.forged())),
        ("of fleet", of(&pki.fleet.client())),
        ("of fleet, expired", of(&expired)),
        ("of fleet, not yet valid", of(&early)),
        ("of fleet, for servers only", of(&server)),
        (
            "below fleet, chain sent",
            of(&pki.issuing.client_with_chain()),
        ),
        ("below fleet, chain not sent", of(&pki.issuing.client())),
        ("of partner, another host's", of(&pki.partner.client())),
        ("of spare, in no account", of(&pki.spare.client())),
        ("of a CA with Ed25519", of(&pki.modern.client())),
        ("of a CA that expired", of(&pki.bygone.client())),
        ("of the managed CA", by_managed(&managed.client)),
        ("of the managed CA, revoked", by_managed(&managed.revoked)),
    ]
}

#[test]
fn who_gets_in_where() {
    let edge = Arrived::of(&world());
    let mut table = String::new();
    for reading in READINGS {
        let _ = writeln!(
            table,
            "{}\n  {:30}{:10}{:10}{:10}{:10}{:10}seen where it is open",
            reading.word(),
            "",
            "any",
            "pinned",
            "open",
            "silent",
            "managed"
        );
        for (name, credential) in clients() {
            let mut line = format!("  {name:30}");
            let mut seen = String::new();
            for host in HOSTS {
                let answer = edge.answer(&visit(host, "/"), credential.as_ref(), reading);
                let _ = write!(line, "{:10}", verdict(&answer));
                if host == "open.example.com" {
                    let certificate = &echo(&answer)["certificate"];
                    let is = |what: &str| certificate[what].as_bool().expect("a boolean");
                    let word = match (is("presented"), is("verified")) {
                        (false, _) => "nothing",
                        (true, true) => "verified",
                        (true, false) => "presented",
                    };
                    let revoked = if is("revoked") { ", revoked" } else { "" };
                    seen = format!("{word}{revoked}");
                }
            }
            let _ = writeln!(table, "{line}{seen}");
        }
    }
    golden("sandbox/edge/clients.txt", &table);
}

#[test]
fn a_host_offers_the_names_of_the_cas_that_verify() {
    let pki = Pki::shared();
    let world = world();
    let snapshot = View::of(&world.account).snapshot();
    let offered = |host: &str, reading| snapshot.offered(host, reading);
    assert_eq!(offered("silent.example.com", Reading::PerHost), None);
    assert_eq!(offered("silent.example.com", Reading::AccountWide), None);
    assert_eq!(offered("api.example.org", Reading::AccountWide), None);
    // Without a managed CA its hosts ask, and name nobody.
    let managed = offered("portal.example.com", Reading::PerHost);
    assert_eq!(managed.map(|names| names.len()), Some(0));
    let ca = Arc::clone(&Managed::shared().ca);
    let with = View::of(&world.account).with_managed(ca).snapshot();
    let managed = with.offered("portal.example.com", Reading::PerHost);
    assert_eq!(managed.map(|names| names.len()), Some(1));
    let of = |names: Option<std::collections::BTreeSet<Vec<u8>>>| names.expect("it asks");
    let pay = of(offered("PAY.example.com", Reading::PerHost));
    assert_eq!(pay.len(), 1);
    let subject = pay.first().expect("one");
    assert!(
        pki.partner
            .der()
            .windows(subject.len())
            .any(|bytes| bytes == subject)
    );
    // Fleet, modern, bygone and partner, and somebody's own.
    assert_eq!(
        of(offered("pay.example.com", Reading::AccountWide)).len(),
        5
    );
    assert_eq!(of(offered("any.example.com", Reading::PerHost)).len(), 3);
}
