//! Access tests, judged on an account: for everything that they leave open, and under both readings.

use mtlsctl::edge::AccessTest;
use mtlsctl::edge::Ca;
use mtlsctl::edge::Credential;
use mtlsctl::edge::Verdict;
use mtlsctl::resource::Hostname;
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
use crate::support::golden::golden;
use crate::support::repository::bundle;
use crate::support::scenario::Scenario;

const VERIFIED: &str = "http.host eq \"api.example.com\" and not cf.tls_client_auth.cert_verified";

/// A test about requests to the host, written in a few words.
fn test(credential: Credential, path: &str, given: &[(&str, &str)], expect: Verdict) -> AccessTest {
    let given = given.iter();
    AccessTest {
        origin: "line 1 of mtls.yaml".to_owned(),
        host: Hostname::parse(HOST).expect("a host"),
        credential,
        path: path.to_owned(),
        given: given
            .map(|(field, value)| ((*field).to_owned(), (*value).to_owned()))
            .collect(),
        expect,
    }
}

fn of_ca(pem: &str) -> Credential {
    let at = "2026-06-01T12:00:00Z".parse().expect("a moment");
    Credential::IssuedBy(Ca::new(pem, &bundle(&format!("{pem}.pem")), at))
}

/// What becomes of it: `holds`, or why not.
fn judged(world: &Scenario, test: &AccessTest) -> String {
    let zone = ZoneName::parse(ZONE).expect("a zone");
    match test.judge(&zone, &Edge::of(world).state) {
        Ok(()) => "holds".to_owned(),
        Err(failure) => failure.to_string(),
    }
}

/// A host that asks for certificates of two CAs, one of them with two issuers.
fn asking() -> Scenario {
    nothing()
        .with_ca("fleet-2026", "fleet-2026.pem")
        .with_ca("partners", "partners.pem")
        .with_ca("somebody", "somebody.pem")
        .listing(ZONE, "fleet-2026", &[HOST])
        .listing(ZONE, "partners", &[HOST])
}

/// A test without a certificate, with its world.
type Case = (&'static str, AccessTest, Scenario);

fn none(path: &str, given: &[(&str, &str)], expect: Verdict) -> AccessTest {
    test(Credential::None, path, given, expect)
}

/// One in which the host turns away whoever has no verified certificate.
fn closed() -> Scenario {
    asking().with_rule(ZONE, 0, "Certificates", block(VERIFIED))
}

/// The same, with a rule of somebody else above.
fn below(title: &str, rule: Foreign<'_>) -> Scenario {
    closed().with_rule(ZONE, 0, title, rule)
}

const OFFICE: &str = "ip.src in {192.0.2.0/24} and http.request.uri.path eq \"/v1\"";
const READERS: &str = "http.request.method eq \"GET\" and http.host eq \"api.example.com\"";

/// What rules do, and what a test leaves open.
fn by_rules() -> Vec<Case> {
    let (pass, challenged, blocked) = (Verdict::Pass, Verdict::Challenge, Verdict::Block);
    let people = acting("managed_challenge", json!({}), VERIFIED);
    let elsewhere: &[_] = &[("ip.src", "198.51.100.1")];
    let post: &[_] = &[("http.request.method", "POST")];
    let office = || below("Office", skip(OFFICE));
    let readers = || below("Readers", skip(READERS));
    vec![
        ("no rule", none("/", &[], blocked), asking()),
        ("a rule", none("/", &[], blocked), closed()),
        ("a rule too many", none("/", &[], pass), closed()),
        (
            "a challenge",
            none("/", &[], blocked),
            asking().with_rule(ZONE, 0, "People", people),
        ),
        ("expected challenge", none("/", &[], challenged), closed()),
        ("an exception", none("/v1", &[], blocked), office()),
        ("another path", none("/v2", &[], blocked), office()),
        ("another address", none("/v1", elsewhere, blocked), office()),
        ("no method given", none("/", &[], blocked), readers()),
        ("another method", none("/", post, blocked), readers()),
    ]
}

/// Whose certificates they are.
fn by_clients() -> Vec<Case> {
    let ids = bundle("partners.pem").key_ids();
    let id = ids.first().expect("a key id");
    let one = format!("cf.tls_client_auth.cert_issuer_ski eq \"{id}\"");
    let of = |ca, expect| test(of_ca(ca), "/", &[], expect);
    let (pass, blocked) = (Verdict::Pass, Verdict::Block);
    vec![
        ("every issuer", of("partners", pass), closed()),
        (
            "one issuer of two",
            of("partners", pass),
            below("Not this one", block(&one)),
        ),
        ("one reading only", of("somebody", blocked), closed()),
        (
            "a CA that is not there",
            of("fleet-2027", blocked),
            closed(),
        ),
    ]
}

/// What cannot be judged, or only so far.
fn in_doubt() -> Vec<Case> {
    let verified: &[_] = &[("cf.tls_client_auth.cert_verified", "true")];
    let (pass, blocked) = (Verdict::Pass, Verdict::Block);
    let unread = "not readable (";
    vec![
        (
            "a value of another kind",
            none("/", &[("ip.src", "office")], blocked),
            below("Office", skip(OFFICE)),
        ),
        ("a fixed field", none("/", verified, blocked), closed()),
        (
            "the path twice",
            none("/", &[("http.request.uri.path", "/")], blocked),
            closed(),
        ),
        (
            "an unreadable rule before the one that blocks",
            none("/", &[], blocked),
            below("Odd", skip(unread)),
        ),
        (
            "an unreadable rule and none that blocks",
            none("/", &[], blocked),
            asking().with_rule(ZONE, 0, "Odd", block(unread)),
        ),
        (
            "an unreadable rule that cannot change anything",
            none("/", &[], blocked),
            closed().with_rule(ZONE, 1, "Odd", skip(unread)),
        ),
        (
            "an action that nobody knows",
            none("/", &[], pass),
            asking().with_rule(ZONE, 0, "New", acting("rewrite", json!({}), "ssl")),
        ),
    ]
}

#[test]
fn what_becomes_of_each_test_reads_like_a_sentence() {
    let told = [by_rules(), by_clients(), in_doubt()].concat();
    let told = told.iter().map(|(name, test, world)| {
        let expect = test.expect.word();
        let judged = judged(world, test);
        format!("{name}\n  {test}\n  expects {expect} and {judged}\n")
    });
    golden("edge/access.txt", &told.collect::<String>());
}

#[test]
fn a_zone_that_was_not_read_says_nothing() {
    let test = test(Credential::None, "/", &[], Verdict::Block);
    let zone = ZoneName::parse("example.dev").expect("a zone");
    let failure = test
        .judge(&zone, &Edge::of(&asking()).state)
        .expect_err("no zone");
    assert_eq!(
        failure.to_string(),
        "cannot be judged: the custom rules or the host lists of example.dev were not read"
    );
}

#[test]
fn the_question_is_one_command_for_a_shell() {
    let given = [("http.user_agent", "it's"), ("ip.src", "192.0.2.1")];
    let test = test(of_ca("partners"), "/a b", &given, Verdict::Block);
    assert_eq!(
        test.question(true),
        r"mtlsctl explain --desired --host api.example.com --certificate partners --path '/a b' --set 'http.user_agent=it'\''s' --set ip.src=192.0.2.1"
    );
}
