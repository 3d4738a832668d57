//! Access tests on the states of a plan: they must hold in the end, and stay so once they hold.

use mtlsctl::desired::Span;
use mtlsctl::edge::AccessTest;
use mtlsctl::edge::Credential;
use mtlsctl::edge::Failure;
use mtlsctl::edge::Found;
use mtlsctl::edge::Verdict;
use mtlsctl::edge::Why;
use mtlsctl::plan::Consent;
use mtlsctl::plan::FailedTest;
use mtlsctl::plan::Note;
use mtlsctl::plan::failing_alone;
use mtlsctl::plan::safety::Violation;
use mtlsctl::plan::safety::When;
use mtlsctl::plan::safety::Wrong;
use mtlsctl::resource::Hostname;
use mtlsctl::resource::ZoneName;

use crate::support::foreign::block;
use crate::support::foreign::skip;
use crate::support::golden::golden;
use crate::support::scenario::Scenario;

const FILE: &str = "
owner: platform
zones: [example.com, example.net]
cas:
  - { name: fleet-2026, certificates: fleet-2026.pem }
  - { name: partners, certificates: partners.pem }
  - { name: fleet-2027, certificates: fleet-2027.pem }
hostnames:
  - { name: public-api, cas: [fleet-2026, partners], hosts: [api.example.com] }
  - { name: inner, cas: [fleet-2027], hosts: [bus.example.net] }
rules:
  - name: require-certificate
    unless: http.request.uri.path eq \"/healthz\"
tests:
  - { host: api.example.com, certificate: none, path: /v1, expect: block }
  - { host: api.example.com, certificate: stranger, expect: block }
  - { host: api.example.com, certificate: none, path: /healthz, expect: pass }
  - { host: api.example.com, certificate: partners, expect: pass }
  - { host: bus.example.net, certificate: fleet-2026, given: { http.request.method: POST }, expect: block }
";

/// Somebody's rule that lets everybody in.
const EVERYBODY: &str = "http.host eq \"api.example.com\"";

fn approved(world: &Scenario) -> bool {
    world.approved().is_ok()
}

#[test]
fn a_first_onboarding_may_begin_with_tests_that_do_not_hold_yet() {
    let world = Scenario::new(FILE);
    let plan = world.plan().expect("a plan");
    assert!(plan.safety.is_safe(), "{:?}", plan.safety.violations);
    assert!(plan.waves.len() > 1, "{}", world.text());
    let agreed = Scenario::agreed(FILE).plan().expect("a plan");
    assert!(agreed.is_empty() && agreed.notes.is_empty(), "{agreed:?}");
}

#[test]
fn an_exception_that_widens_breaks_a_test() {
    let world = Scenario::agreed(FILE).edit(
        "unless: http.request.uri.path eq \"/healthz\"",
        "unless: starts_with(http.request.uri.path, \"/v\")",
    );
    // One test gets more than it expects, another less; both held, and no order is looked for in vain.
    world.reads("access_unless");
    let violations = world.plan().expect("a plan").safety.violations;
    let in_the_end = |one: &Violation| matches!(one.wrong, Wrong::Failing { .. });
    assert!(violations.iter().all(in_the_end), "{violations:?}");
}

#[test]
fn nothing_lifts_a_test_that_fails_in_the_end() {
    let world = Scenario::agreed(FILE).edit("eq \"/healthz\"", "contains \"/healthz\"");
    assert!(approved(&world));
    let world = Scenario::agreed(FILE).edit("eq \"/healthz\"", "eq \"/health\"");
    let hosts = world.desired().hosts.into_keys().collect();
    let consent = Consent {
        interruptions: hosts,
        ..Consent::default()
    };
    assert!(world.approved_with(&consent).is_err());
}

#[test]
fn every_issuer_of_a_bundle_counts() {
    let ids = crate::support::repository::bundle("partners.pem").key_ids();
    assert_eq!(ids.len(), 2, "the fixture has two issuers");
    for id in &ids {
        let one = format!("cf.tls_client_auth.cert_issuer_ski eq \"{id}\"");
        let world = Scenario::new(FILE).with_rule("example.com", 0, "Not these", block(&one));
        assert!(!approved(&world), "{id}");
    }
}

#[test]
fn what_a_test_gives_is_not_left_open() {
    let readers = "http.host eq \"bus.example.net\" and http.request.method eq \"GET\"";
    let let_past =
        |file: &str| Scenario::agreed(file).with_rule("example.net", 1, "Readers", block(readers));
    let expecting = "certificate: fleet-2027, given: { http.request.method: POST }, expect: pass";
    let posting = "certificate: fleet-2026, given: { http.request.method: POST }, expect: block";
    let file = FILE.replace(posting, expecting);
    let plan = let_past(&file).plan().expect("a plan");
    assert!(plan.notes.is_empty(), "{:?}", plan.notes);
    let open = file.replace(", given: { http.request.method: POST }", "");
    let plan = let_past(&open).plan().expect("a plan");
    assert!(
        matches!(plan.notes.as_slice(), [Note::TestFails { told, .. }]
            if told.contains("such as a request where http.request.method is \"GET\": rule `Readers` ")),
        "{:?}",
        plan.notes
    );
}

#[test]
fn a_rule_of_somebody_else_that_breaks_a_test_refuses_any_step() {
    let theirs =
        |world: Scenario| world.with_rule("example.com", 1, "Nobody at night", block(EVERYBODY));
    // With nothing to do there is nothing to refuse, and the plan says so.
    let idle = theirs(Scenario::agreed(FILE));
    assert!(approved(&idle));
    idle.reads("access_failing_with_nothing_to_do");
    theirs(Scenario::agreed(FILE))
        .edit(
            "hosts: [bus.example.net]",
            "hosts: [bus.example.net, log.example.net]",
        )
        .reads("access_failing_with_steps");
}

#[test]
fn a_rule_that_nobody_can_read_leaves_a_test_open() {
    let odd = Scenario::agreed(FILE)
        .with_rule("example.com", 0, "Odd", block("not readable ("))
        .edit("name: require-certificate", "name: require-certificate\n    response: { status: 401, content_type: text/plain, content: no }");
    let Err(refusals) = odd.approved() else {
        panic!("{}", odd.text());
    };
    let words: Vec<String> = refusals.iter().map(ToString::to_string).collect();
    assert!(
        words
            .iter()
            .any(|one| one.contains("rule `Odd`") && one.contains("cannot be read")),
        "{words:?}"
    );
}

#[test]
fn the_file_alone_is_judged_without_rules_of_others() {
    let world = Scenario::new(FILE).with_rule("example.com", 0, "All", skip(EVERYBODY));
    let at = "2026-06-01T12:00:00Z".parse().expect("a moment");
    assert_eq!(failing_alone(&world.desired(), at), []);
    let world = world.edit(
        "certificate: partners, expect: pass",
        "certificate: partners, expect: challenge",
    );
    let failing = failing_alone(&world.desired(), at);
    let told: Vec<String> = failing.iter().map(ToString::to_string).collect();
    let [told] = told.as_slice() else {
        panic!("{told:?}");
    };
    assert!(
        told.contains("expects challenge and gets pass for clients of partners"),
        "{told}"
    );
}

/// A test that got something else for a moment.
fn broken(expect: Verdict, why: Why) -> Violation {
    let host = Hostname::parse("api.example.com").expect("a host");
    let zone = ZoneName::parse("example.com").expect("a zone");
    let at = Span {
        start: 0,
        end: 0,
        line: 18,
        column: 5,
    };
    let test = AccessTest {
        origin: "line 18 of mtls.yaml".to_owned(),
        host: host.clone(),
        credential: Credential::None,
        path: "/v1".to_owned(),
        given: Vec::new(),
        expect,
    };
    let reading = Some(mtlsctl::edge::Reading::PerHost);
    let failure = Failure::from(why);
    let failed = FailedTest {
        at,
        zone: zone.clone(),
        test,
        failure,
    };
    Violation {
        when: Some(When {
            wave: 1,
            done: vec![mtlsctl::plan::Address::Zone { zone: zone.clone() }],
        }),
        zone,
        hosts: vec![host],
        reading,
        wrong: Wrong::Broken {
            failed: Box::new(failed),
        },
    }
}

#[test]
fn a_test_broken_on_the_way_is_told_with_the_step_and_exposes_where_it_gets_more() {
    let world = Scenario::agreed(FILE).edit("eq \"/healthz\"", "eq \"/v1\"");
    let violations = world.plan().expect("a plan").safety.violations;
    let found = violations
        .into_iter()
        .find_map(|violation| match violation.wrong {
            Wrong::Failing { failed } => match failed.failure.why {
                Why::Verdict(found) if found.verdict == Verdict::Pass => Some(found),
                _ => None,
            },
            _ => None,
        });
    let passing = found.expect("a test that gets pass");
    let violation = broken(Verdict::Block, Why::Verdict(passing.clone()));
    golden("plan/access_broken.txt", &format!("{violation}\n"));
    assert!(violation.exposes());
    let blocked = Found {
        verdict: Verdict::Block,
        ..*passing
    };
    let blocked = Why::Verdict(Box::new(blocked));
    assert!(!broken(Verdict::Pass, blocked).exposes());
    assert!(broken(Verdict::Pass, Why::Nobody).exposes());
}

#[test]
fn an_expired_ca_does_not_stand_against_the_change_that_replaces_it() {
    let expired = FILE.replace("fleet-2026.pem", "expired.pem");
    let testing = "certificate: partners, expect: pass";
    let world = Scenario::new(&expired).edit(testing, "certificate: fleet-2026, expect: pass");
    let at = "2026-06-01T12:00:00Z".parse().expect("a moment");
    assert_eq!(failing_alone(&world.desired(), at), []);
}
