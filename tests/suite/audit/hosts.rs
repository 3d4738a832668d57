//! Findings about hosts: each with an account that shows it, and one close by that does not.

use mtlsctl::audit::Kind;
use mtlsctl::audit::Outcome;
use mtlsctl::audit::Severity;
use mtlsctl::edge::Verdict;
use serde_json::json;

use super::world::HOST;
use super::world::World;
use super::world::ZONE;
use super::world::pinned;

/// A host that is protected as it should be.
fn protected() -> World {
    World::asking().block(&pinned())
}

/// Requests from an office.
const SKIP: &str = "ip.src in {198.51.100.0/24}";

#[test]
fn open() {
    World::asking()
        .shows(Kind::Open, &[HOST], &protected())
        .reads();
    // A rule that has nothing to do with certificates makes no difference.
    let bots = World::asking().block("cf.client.bot");
    let _ = bots.shows(Kind::Open, &[HOST], &protected());
}

#[test]
fn only_logging() {
    World::asking()
        .rule("Certificates only", "log", json!({}), &pinned())
        .shows(Kind::OnlyLogging, &[HOST], &protected())
        .reads();
}

#[test]
fn a_rule_that_executes_others_for_want_of_a_certificate_turns_clients_away() {
    let executing = |action: &str| {
        let mut id = String::new();
        let world = World::asking().somebody(|desk| {
            id = desk.add_ruleset(ZONE, &[json!({"action": action, "expression": "true"})]);
        });
        world.rule("Deployed", "execute", json!({ "id": id }), &pinned())
    };
    let _ = executing("log").shows(Kind::Open, &[HOST], &executing("block"));
}

#[test]
fn a_host_that_others_close_for_everybody_is_not_open() {
    let closed = World::asking().block(&format!("http.host eq \"{HOST}\""));
    let _ = World::asking().shows(Kind::Open, &[HOST], &closed);
}

#[test]
fn only_challenging() {
    let challenging = || {
        World::asking().rule(
            "Certificates only",
            "managed_challenge",
            json!({}),
            &pinned(),
        )
    };
    challenging()
        .shows(Kind::OnlyChallenging, &[HOST], &protected())
        .reads();
    // A block of some requests does not make up for it.
    let admin = format!(
        "{} and starts_with(http.request.uri.path, \"/admin\")",
        pinned()
    );
    let partly = World::asking()
        .rule("Administration", "block", json!({}), &admin)
        .rule(
            "Certificates only",
            "managed_challenge",
            json!({}),
            &pinned(),
        );
    let _ = partly.shows(
        Kind::OnlyChallenging,
        &[HOST],
        &protected().rule("Late", "managed_challenge", json!({}), &pinned()),
    );
}

#[tokio::test(start_paused = true)]
async fn whom_others_challenge_is_not_blocked() {
    let audit = World::asking()
        .rule(
            "Bots",
            "managed_challenge",
            json!({}),
            &format!("http.host eq \"{HOST}\""),
        )
        .audit()
        .await;
    let rows = audit.coverage.rows.iter();
    let mut cells = rows
        .filter(|row| row.zone.as_str() == ZONE)
        .flat_map(|row| &row.cells);
    assert!(cells.all(|cell| cell.per_host == Outcome::Always(Verdict::Challenge)));
}

#[test]
fn disabled() {
    protected()
        .somebody(|desk| desk.change_rule(ZONE, "certificates-only", "enabled", &json!(false)))
        .shows(Kind::Disabled, &[HOST], &protected())
        .reads();
}

#[test]
fn partly_open() {
    World::asking()
        .block(&format!(
            "{} and http.request.uri.path ne \"/healthz\"",
            pinned()
        ))
        .shows(Kind::PartlyOpen, &[HOST], &protected())
        .reads();
}

#[test]
fn bypass() {
    let below = protected().rule("Office", "skip", json!({"ruleset": "current"}), SKIP);
    World::asking()
        .rule("Office", "skip", json!({"ruleset": "current"}), SKIP)
        .block(&pinned())
        .shows(Kind::Bypass, &[HOST], &below)
        .reads();
    // Skips of other products and phases let nobody past, nor does one for another host.
    let harmless = World::asking()
        .rule("Rates", "skip", json!({"phases": ["http_ratelimit"]}), SKIP)
        .rule(
            "Elsewhere",
            "skip",
            json!({"phase": "current"}),
            "http.host eq \"www.example.com\"",
        )
        .block(&pinned());
    let everybody = World::asking()
        .rule("All", "skip", json!({"phase": "current"}), "true")
        .block(&pinned());
    let _ = everybody.shows(Kind::Bypass, &[HOST], &harmless);
}

#[test]
fn a_rule_may_let_past_the_rest_of_its_own_ruleset_only() {
    let executing = |skip: &str, below: &str| {
        let mut id = String::new();
        let rules = [
            json!({"action": "skip", "action_parameters": {"ruleset": "current"}, "expression": skip}),
            json!({"action": "block", "expression": pinned()}),
        ];
        let world = World::asking().somebody(|desk| id = desk.add_ruleset(ZONE, &rules));
        let world = world.rule("Deployed", "execute", json!({ "id": id }), "true");
        world.block(below)
    };
    let (open, closed) = (executing(SKIP, "cf.client.bot"), executing(SKIP, &pinned()));
    let _ = open.shows(Kind::Bypass, &[HOST], &closed);
    // What the skip lets past is told once.
    let _ = executing("http.request.uri.path eq \"/healthz\"", "cf.client.bot").shows(
        Kind::PartlyOpen,
        &[],
        &open,
    );
}

#[test]
fn two_rules_that_let_the_same_requests_past_are_both_told() {
    let world = World::asking()
        .rule("Office", "skip", json!({"ruleset": "current"}), SKIP)
        .rule(
            "Partner",
            "skip",
            json!({"ruleset": "current"}),
            "ip.src in {198.51.100.0/23}",
        )
        .block(&pinned());
    let _ = world.shows(Kind::Bypass, &[HOST, HOST], &protected());
}

#[test]
fn letter_case() {
    let exact = pinned().replace("lower(http.host)", "http.host");
    World::asking()
        .block(&exact)
        .shows(Kind::LetterCase, &[HOST], &protected())
        .reads();
    // Another rule that compares it well protects what it is about, and nothing else.
    let admin = format!(
        "{} and starts_with(http.request.uri.path, \"/admin\")",
        pinned()
    );
    let partly = World::asking()
        .rule("Administration", "block", json!({}), &admin)
        .block(&exact);
    let both = protected().rule("Exact", "block", json!({}), &exact);
    let _ = partly.shows(Kind::LetterCase, &[HOST], &both);
}

#[test]
fn host_port() {
    let every = pinned().replace(
        "lower(http.host) in {\"api.example.com\"}",
        "starts_with(lower(http.host), \"api.example.com\")",
    );
    protected()
        .shows(Kind::HostPort, &[HOST], &World::asking().block(&every))
        .reads();
}

#[test]
fn locked_out() {
    World::new()
        .ca("fleet-2026", &[])
        .block(&pinned())
        .shows(Kind::LockedOut, &[HOST], &protected())
        .reads();
    // A rule without a host locks out every host that does not ask.
    let anywhere = World::asking().block("not cf.tls_client_auth.cert_verified");
    let _ = anywhere.shows(
        Kind::LockedOut,
        &["any other host of example.com"],
        &protected(),
    );
}

#[tokio::test(start_paused = true)]
async fn a_host_that_is_protected_as_it_should_be_has_nothing_but_the_note_about_ports() {
    let audit = protected().audit().await;
    let about: Vec<_> = audit
        .findings
        .iter()
        .filter(|one| one.object == HOST)
        .map(|one| one.kind)
        .collect();
    assert_eq!(about, [Kind::HostPort]);
}

#[test]
fn a_challenge_for_everybody_above_the_block_opens_nothing() {
    let behind = World::asking()
        .rule("People", "managed_challenge", json!({}), "true")
        .block(&pinned());
    let alone = World::asking().rule("People", "managed_challenge", json!({}), "true");
    let _ = alone.shows(Kind::Open, &[HOST], &behind);
}

#[tokio::test(start_paused = true)]
async fn a_host_that_only_some_requests_are_locked_out_of_weighs_less() {
    let severity = async |expression: &str| {
        let found = World::asking()
            .block(expression)
            .found(Kind::LockedOut)
            .await;
        found.first().map(|finding| finding.severity)
    };
    let all = "not cf.tls_client_auth.cert_verified";
    assert_eq!(severity(all).await, Some(Severity::High));
    let some = "not cf.tls_client_auth.cert_verified and ip.src.country eq \"XX\"";
    assert_eq!(severity(some).await, Some(Severity::Medium));
}
