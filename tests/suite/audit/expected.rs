//! Access tests of a file, on a live account.

use mtlsctl::audit::Kind;
use mtlsctl::audit::Severity;
use mtlsctl::edge::AccessTest;
use mtlsctl::edge::Credential;
use mtlsctl::edge::Verdict;
use mtlsctl::resource::Hostname;

use crate::audit::world::HOST;
use crate::audit::world::World;
use crate::audit::world::pinned;

fn expecting(host: &str, expect: Verdict) -> AccessTest {
    AccessTest {
        origin: "line 12 of mtls.yaml".to_owned(),
        host: Hostname::parse(host).expect(host),
        credential: Credential::None,
        path: "/v1".to_owned(),
        given: vec![("http.request.method".to_owned(), "POST".to_owned())],
        expect,
    }
}

#[test]
fn a_test_that_does_not_hold_is_told_with_what_it_gets_and_the_rule_that_decides() {
    let exception =
        "http.host eq \"api.example.com\" and http.request.uri.query contains \"debug\"";
    let passing = World::asking()
        .rule(
            "Debug",
            "skip",
            serde_json::json!({ "ruleset": "current" }),
            exception,
        )
        .block(&pinned());
    let near = World::asking().block(&pinned());
    let expected = || expecting(HOST, Verdict::Block);
    passing
        .expecting(expected())
        .shows(Kind::FailingTest, &[HOST], &near.expecting(expected()))
        .reads();
}

#[test]
fn a_test_that_expects_more_than_the_account_lets_in_is_told_too() {
    let near = World::asking().expecting(expecting(HOST, Verdict::Pass));
    let closed = World::asking()
        .block(&pinned())
        .expecting(expecting(HOST, Verdict::Pass));
    let _ = closed.shows(Kind::FailingTest, &[HOST], &near);
    let found = closed.now(Kind::FailingTest);
    assert_eq!(found[0].severity, Severity::High);
    assert!(
        found[0]
            .sentence
            .contains("rule `Certificates only` (ref certificates-only) decides"),
        "{}",
        found[0].sentence
    );
}

#[test]
fn a_test_about_a_host_that_the_account_does_not_have_cannot_be_judged() {
    let found = World::asking()
        .expecting(expecting("api.example.net", Verdict::Block))
        .now(Kind::FailingTest);
    let [finding] = found.as_slice() else {
        panic!("{found:?}");
    };
    assert_eq!(finding.severity, Severity::Medium);
    assert!(
        finding
            .sentence
            .contains("cannot be judged: the account has no active zone for the host"),
        "{}",
        finding.sentence
    );
}

#[test]
fn a_test_about_a_zone_that_was_not_read_is_left_to_the_list_of_what_was_not_looked_at() {
    let found = World::asking()
        .expecting(expecting(HOST, Verdict::Block))
        .forbidding("associations")
        .now(Kind::FailingTest);
    assert_eq!(found, []);
}
