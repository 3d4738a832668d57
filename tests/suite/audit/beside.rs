//! Findings about what stands beside custom rules.

use mtlsctl::audit::Audit;
use mtlsctl::audit::Kind;
use mtlsctl::sandbox::Permission;
use mtlsctl::sandbox::ZoneFacts;
use serde_json::json;

use super::world::HOST;
use super::world::World;
use super::world::ZONE;
use super::world::pinned;

fn protected() -> World {
    World::asking().block(&pinned())
}

#[test]
fn ip_allowed() {
    let office = ("ip_range", "198.51.100.0/24");
    let near = protected().somebody(|desk| {
        desk.add_access_rule(Some(ZONE), "block", office, "");
    });
    let mut ids = Vec::new();
    let world = protected().somebody(|desk| {
        ids.push(desk.add_access_rule(Some(ZONE), "whitelist", office, "the office"));
        ids.push(desk.add_access_rule(None, "whitelist", ("country", "T1"), ""));
    });
    let mut objects: Vec<String> = ids
        .iter()
        .map(|id| format!("IP Access rule {id}"))
        .collect();
    objects.sort();
    let objects: Vec<&str> = objects.iter().map(String::as_str).collect();
    world.shows(Kind::IpAllowed, &objects, &near).reads();
}

#[test]
fn account_rules() {
    let rule =
        json!({"action": "skip", "expression": "true", "action_parameters": {"phase": "current"}});
    protected()
        .somebody(|desk| {
            desk.add_account_rule("cf.zone.plan eq \"ENT\"", &[rule]);
        })
        .shows(Kind::AccountRules, &["account"], &protected())
        .reads();
}

#[test]
fn redirect() {
    let redirecting = |expression: &'static str| {
        protected().somebody(|desk| {
            desk.add_redirect(ZONE, expression, "https://www.example.com");
        })
    };
    redirecting("http.host eq \"api.example.com\" and http.request.uri.path eq \"/old\"")
        .shows(
            Kind::Redirect,
            &[HOST],
            &redirecting("http.host eq \"www.example.com\""),
        )
        .reads();
}

#[test]
fn redirects_may_tell_hosts_apart_that_custom_rules_do_not() {
    let both = |redirected: &'static str| {
        let rule = pinned().replace("{\"api", "{\"www.example.com\" \"api");
        let world = World::new().ca("fleet-2026", &[HOST, "www.example.com"]);
        world.block(&rule).somebody(|desk| {
            let expression = format!("http.host eq \"{redirected}\"");
            desk.add_redirect(ZONE, &expression, "https://example.net");
        })
    };
    for host in [HOST, "www.example.com"] {
        let _ = both(host).shows(Kind::Redirect, &[host], &both("blog.example.com"));
    }
}

#[test]
fn what_the_account_lets_past_matters_where_hosts_ask_for_certificates() {
    let allowing = |world: World| {
        let mut id = String::new();
        let world = world.somebody(|desk| {
            id = desk.add_access_rule(None, "whitelist", ("ip", "198.51.100.7"), "");
        });
        (world, id)
    };
    let (asking, id) = allowing(protected());
    let (quiet, _) = allowing(World::nobody());
    let _ = asking.shows(Kind::IpAllowed, &[&format!("IP Access rule {id}")], &quiet);
}

#[test]
fn dns_only() {
    let recorded = |name: &'static str, proxied: bool| {
        protected().somebody(|desk| {
            desk.add_record(ZONE, "A", name, "203.0.113.9", proxied);
        })
    };
    recorded("api", false)
        .shows(Kind::DnsOnly, &[HOST], &recorded("api", true))
        .reads();
    // A wildcard answers for hosts without a record of their own.
    let _ = recorded("*", false).shows(
        Kind::DnsOnly,
        &[HOST],
        &recorded("*", false).somebody(|desk| {
            desk.add_record(ZONE, "A", "api", "203.0.113.9", true);
        }),
    );
}

#[test]
fn paused_zone() {
    let with_zone = |paused: bool| {
        protected().somebody(|desk| {
            let since = "2024-01-01T00:00:00Z".parse().expect("a moment");
            desk.add_zone(ZoneFacts {
                paused,
                ..ZoneFacts::enterprise("example.net", since)
            });
            let ca = desk.certificate("fleet-2026");
            desk.set_hosts("example.net", ca.as_deref(), &["api.example.net"]);
        })
    };
    with_zone(true)
        .shows(Kind::PausedZone, &["zone example.net"], &with_zone(false))
        .reads();
}

#[tokio::test(start_paused = true)]
async fn what_the_token_may_not_read_is_not_looked_at() {
    let audit = protected()
        .without(&[Permission::DnsRead, Permission::DnsWrite])
        .audit()
        .await;
    let unread: Vec<String> = audit
        .unread
        .iter()
        .map(|one| format!("{} {}", one.what, one.permission.as_deref().unwrap_or("-")))
        .collect();
    assert_eq!(
        unread,
        [
            "DNS records Zone · DNS: Read",
            "DNS records Zone · DNS: Read"
        ]
    );
}

#[tokio::test(start_paused = true)]
async fn a_redirect_that_cannot_be_read_is_told_once() {
    let redirecting = protected()
        .ca("fleet-2027", &["pay.example.com"])
        .somebody(|desk| {
            desk.add_redirect(
                ZONE,
                "http.request.uri.path eq \"/old\"",
                "https://www.example.com",
            );
        });
    let about = |audit: &Audit| {
        let findings = audit.findings.iter();
        let told = findings.filter(|one| one.object.starts_with("redirect "));
        told.map(|one| one.kind).collect::<Vec<_>>()
    };
    let readable = redirecting.audit().await;
    assert_eq!(about(&readable), []);
    let unreadable = redirecting
        .audit_bent(|subject| {
            let zones = subject.neighbours.zones.values_mut();
            let redirects = zones.filter_map(|zone| zone.redirects.as_mut()).flatten();
            redirects.for_each(|rule| rule.expression = "http.host eq".to_owned());
        })
        .await;
    assert_eq!(about(&unreadable), [Kind::NotAnalysed]);
}
