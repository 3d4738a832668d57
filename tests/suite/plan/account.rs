//! What else is in the account: it stays as it is, and the plan says so.

use mtlsctl::live::CaKind;

use crate::plan::worlds::ONE;
use crate::support::foreign::block;
use crate::support::foreign::skip;
use crate::support::scenario::Scenario;

/// An account in which others are at home.
fn shared() -> Scenario {
    Scenario::new(ONE)
        .with_ca("Somebody's CA", "somebody.pem")
        .with_object("orders-worker", CaKind::Leaf, None)
        .with_object(
            "Gateway inspection",
            CaKind::Product("gateway_managed".to_owned()),
            Some("fleet-2027.pem"),
        )
        .listing("example.com", "Somebody", &["shop.example.com"])
        .listing("example.com", "cloudflare-managed", &["portal.example.com"])
        .with_rule(
            "example.com",
            0,
            "Office may read",
            skip("ip.src in {192.0.2.0/24}"),
        )
        .with_rule(
            "example.com",
            1,
            "Shop customers",
            block("http.host eq \"shop.example.com\" and not cf.tls_client_auth.cert_verified"),
        )
        .with_rule("example.org", 0, "Elsewhere", block("ip.src eq 192.0.2.7"))
}

#[test]
fn what_belongs_to_others_is_left_alone_and_named() {
    shared().reads("others");
    let mut done = shared();
    done.apply();
    assert_eq!(
        done.rules("example.com")[1..],
        *shared().rules("example.com")
    );
    assert_eq!(done.rules("example.org"), shared().rules("example.org"));
}

#[test]
fn somebodys_ca_is_taken_off_a_host_that_we_declare() {
    shared()
        .listing(
            "example.com",
            "Somebody",
            &["api.example.com", "shop.example.com"],
        )
        .reads("foreign_ca_on_our_host");
}

#[test]
fn what_others_wrote_cannot_speak_to_the_terminal() {
    let text = Scenario::new(ONE)
        .with_ca("\u{1b}]0;owned\u{7}CA", "somebody.pem")
        .with_rule(
            "example.com",
            0,
            "a\u{1b}[2Jb\r\nc",
            skip("ip.src eq 192.0.2.7"),
        )
        .text();
    let control = |c: char| c.is_control() && c != '\n';
    assert!(!text.contains(control), "{text:?}");
    assert!(text.contains("`a\\u{1b}[2Jb c`"), "{text}");
}

#[test]
fn many_rules_of_others_are_counted() {
    let mut world = Scenario::agreed(ONE);
    for n in 0..9 {
        world = world.with_rule(
            "example.com",
            n,
            &format!("Network {n}"),
            block("ip.src eq 192.0.2.7"),
        );
    }
    world.reads("many_rules_of_others");
}
