//! Somebody else writes to the same zone: before our read, after our write, and in the round trip between them.
//!
//! In that round trip a list that they wrote is overwritten and nobody is told: the API has no precondition. What is
//! left of it is what an audit finds. Rules have a version, which tells.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use jiff::SignedDuration;
use mtlsctl::audit;
use mtlsctl::audit::Kind;
use mtlsctl::audit::Standard;
use mtlsctl::audit::Subject;
use mtlsctl::execute::Failure;
use mtlsctl::live::Neighbours;
use serde_json::Value;
use serde_json::json;

use crate::execute::scenario::EVERY_KIND;
use crate::execute::scenario::ONE_HOST;
use crate::execute::scenario::ZONES;
use crate::execute::scenario::agreed;
use crate::execute::scenario::every_kind;
use crate::execute::scenario::with_another_host;
use crate::execute::scenario::with_unless;
use crate::support::account::ModelAccount;
use crate::support::account::NOW;
use crate::support::dashboard::Dashboard;
use crate::support::operator::Operator;
use crate::support::operator::words;
use crate::support::script::When;

const ZONE: &str = "example.com";

/// The CA that others brought, with a host of ours.
fn shared() -> String {
    ONE_HOST.replace("ca/0.pem", "ca/4.pem")
}

fn block(expression: &str) -> Value {
    json!({"action": "block", "expression": expression, "description": "Their block"})
}

/// Somebody gives the CA that they brought another host, and protects it.
fn onboards(desk: &mut Dashboard<'_>) {
    let ca = desk.certificate("legacy-partners");
    let mut hosts = desk.hosts(ZONE, ca.as_deref());
    hosts.push("shop.example.com".to_owned());
    let hosts: Vec<&str> = hosts.iter().map(String::as_str).collect();
    desk.set_hosts(ZONE, ca.as_deref(), &hosts);
}

fn protects(desk: &mut Dashboard<'_>) {
    let expression =
        r#"(lower(http.host) eq "shop.example.com" and not cf.tls_client_auth.cert_verified)"#;
    desk.add_rule(ZONE, &block(expression));
}

fn theirs(operator: &Operator) -> Vec<String> {
    operator.account.somebody(|desk| {
        let ca = desk.certificate("legacy-partners");
        desk.hosts(ZONE, ca.as_deref())
    })
}

/// The hosts on which an audit finds something of a kind.
async fn found(operator: &Operator, kind: Kind) -> Vec<String> {
    let subject = Subject {
        live: operator.everything().await,
        neighbours: Neighbours::default(),
        services: BTreeMap::new(),
        unread: Vec::new(),
    };
    let standard = Standard {
        at: NOW.parse().expect("a moment"),
        quota: 5,
        min_validity: SignedDuration::ZERO,
        accept: Vec::new(),
        tests: Vec::new(),
        issuers: Vec::new(),
        managed_key_ids: BTreeSet::new(),
    };
    let findings = audit::audit(&subject, &standard).findings.into_iter();
    let findings = findings.filter(|finding| finding.kind == kind);
    findings.map(|finding| finding.object).collect()
}

#[tokio::test(start_paused = true)]
async fn what_others_write_before_our_read_is_carried_over() {
    let operator = Operator::of(&ModelAccount::new(ZONES, 5));
    operator.account.somebody(|desk| {
        onboards(desk);
        protects(desk);
    });
    let of_others = |desk: &mut Dashboard<'_>| {
        let ours = BTreeSet::from(["api.example.com".to_owned()]);
        desk.of_others(ZONES, &ours, &[])
    };
    let before = operator.account.somebody(of_others);
    operator.converge(&shared()).await;
    assert_eq!(operator.account.somebody(of_others), before);
    let hosts = theirs(&operator);
    for host in ["api.example.com", "legacy.example.com", "shop.example.com"] {
        assert!(hosts.iter().any(|one| one == host), "{hosts:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_others_write_to_a_list_after_our_write_stops_the_run_and_stays() {
    let operator = Operator::of(&ModelAccount::new(ZONES, 5));
    let look = operator.look(&shared()).await;
    operator.account.forget_calls();
    let put = When::To("PUT", "hostname_associations", 1);
    operator.account.after(put, onboards);
    let outcome = operator.run(&look).await;
    let expected =
        "the hosts of one in example.com changed since they were read: +shop.example.com";
    assert_eq!(words(&outcome), [expected]);
    assert!(outcome.wrote);
    operator.again().converge(&shared()).await;
    assert!(theirs(&operator).contains(&"shop.example.com".to_owned()));
}

#[tokio::test(start_paused = true)]
async fn what_others_write_to_rules_after_our_write_stops_the_run_and_stays() {
    let operator = agreed(ONE_HOST).await;
    let look = operator.look(&with_unless()).await;
    operator.account.forget_calls();
    let patch = When::To("PATCH", "/rules/", 1);
    operator.account.after(patch, protects);
    let outcome = operator.run(&look).await;
    assert_eq!(
        words(&outcome),
        ["the custom rules of example.com changed since they were read: `Their block` is new"]
    );
    assert!(outcome.wrote);
    // What was written is there, and so is theirs.
    let again = operator.again().look(&with_unless()).await;
    assert!(again.plan.is_empty());
    let rules = operator.account.somebody(|desk| desk.rules(ZONE));
    assert!(
        rules
            .iter()
            .any(|rule| rule["description"] == "Their block")
    );
}

#[tokio::test(start_paused = true)]
async fn what_others_write_to_a_list_between_our_read_and_our_write_is_overwritten() {
    let operator = Operator::of(&ModelAccount::new(ZONES, 5));
    operator.account.somebody(protects);
    let before = theirs(&operator);
    let look = operator.look(&shared()).await;
    operator.account.forget_calls();
    let put = When::To("PUT", "hostname_associations", 1);
    operator.account.before(put, onboards);
    let outcome = operator.run(&look).await;
    assert!(operator.account.script_is_done());
    // Nobody is told, and their host is gone from the list.
    assert!(
        outcome.is_complete() && outcome.meanwhile.is_empty(),
        "{outcome:?}"
    );
    let mut expected = before;
    expected.push("api.example.com".to_owned());
    expected.sort();
    assert_eq!(theirs(&operator), expected);
    // The next plan rests on what is there, and has nothing to add; the audit finds what it means for them.
    let again = operator.again();
    assert!(again.look(&shared()).await.plan.is_empty());
    assert_eq!(found(&again, Kind::LockedOut).await, ["shop.example.com"]);
    // Once they have done it again, it stays.
    operator.account.somebody(onboards);
    assert!(again.look(&shared()).await.plan.is_empty());
    assert!(found(&again, Kind::LockedOut).await.is_empty());
    assert!(theirs(&operator).contains(&"shop.example.com".to_owned()));
}

#[tokio::test(start_paused = true)]
async fn a_host_of_ours_that_others_take_away_in_that_moment_is_back_with_our_write() {
    let operator = agreed(ONE_HOST).await;
    let look = operator.look(&with_another_host()).await;
    operator.account.forget_calls();
    let put = When::To("PUT", "hostname_associations", 1);
    operator.account.before(put, |desk| {
        let ca = desk.certificate("team/one@");
        desk.set_hosts(ZONE, ca.as_deref(), &[]);
    });
    assert!(operator.run(&look).await.is_complete());
    let again = operator.again().look(&with_another_host()).await;
    assert!(again.plan.is_empty());
}

#[tokio::test(start_paused = true)]
async fn rules_tell_by_their_version_whatever_we_write() {
    let alone = every_kind().await;
    let look = alone.look(EVERY_KIND).await;
    alone.account.forget_calls();
    assert!(alone.run(&look).await.is_complete());
    let writes = alone.account.writes().into_iter().enumerate();
    let to_rules: Vec<(usize, String)> = writes
        .filter(|(_, call)| call.path.contains("/rules/") || call.path.ends_with("/rules"))
        .map(|(nth, call)| (nth + 1, call.method))
        .collect();
    let methods: BTreeSet<&str> = to_rules.iter().map(|(_, method)| method.as_str()).collect();
    assert_eq!(methods, BTreeSet::from(["DELETE", "PATCH", "POST"]));
    for (write, method) in to_rules {
        let operator = every_kind().await;
        let look = operator.look(EVERY_KIND).await;
        operator.account.forget_calls();
        operator.account.before(When::Write(write), protects);
        let outcome = operator.run(&look).await;
        let failures: Vec<&Failure> = outcome.failures().map(|(_, failure)| failure).collect();
        let [
            Failure::Raced {
                expected, found, ..
            },
        ] = failures[..]
        else {
            panic!("{method}: {outcome:?}");
        };
        assert_eq!(*found, expected + 1, "{method}");
        operator.again().converge(EVERY_KIND).await;
    }
}
