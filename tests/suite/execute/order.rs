//! The order of calls: waves one after the other, zones side by side, a look before each write.

use std::collections::BTreeMap;
use std::time::Duration;

use tokio::time::Instant;

use crate::execute::scenario::EVERY_KIND;
use crate::execute::scenario::TWO_ZONES;
use crate::execute::scenario::ZONES;
use crate::execute::scenario::every_kind;
use crate::support::account::ModelAccount;
use crate::support::account::Recorded;
use crate::support::operator::Operator;

/// The zone that a call is about.
fn zone(call: &Recorded) -> Option<&str> {
    call.path.strip_prefix("/zones/")?.split('/').next()
}

/// In one zone, calls never overlap: there is one writer.
#[track_caller]
fn one_call_at_a_time_in_each_zone(calls: &[Recorded]) {
    let mut free: BTreeMap<&str, Instant> = BTreeMap::new();
    for call in calls {
        let Some(zone) = zone(call) else { continue };
        let before = free.insert(zone, call.until);
        assert!(before.is_none_or(|until| until <= call.from), "{call:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn waves_follow_each_other_and_zones_go_side_by_side() {
    let operator = Operator::of(&ModelAccount::new(ZONES, 5));
    let look = operator.look(TWO_ZONES).await;
    operator.account.forget_calls();
    let outcome = operator.run(&look).await;
    assert!(outcome.is_complete());

    let calls = operator.account.calls();
    one_call_at_a_time_in_each_zone(&calls);
    let parts = ["mtls_certificates", "hostname_associations", "/rulesets"];
    let spans = parts.map(|part| {
        let mut part = calls.iter().filter(|call| call.path.contains(part));
        let first = part.clone().map(|call| call.from).min().expect("a call");
        let last = part.clone().map(|call| call.until).max().expect("a call");
        let others = part.clone();
        let overlap = part.any(|one| {
            let mut others = others.clone();
            others.any(|other| {
                zone(one) < zone(other) && one.from < other.until && other.from < one.until
            }) || zone(one).is_none()
        });
        assert!(overlap, "nothing goes side by side");
        (first, last)
    });
    assert!(
        spans[0].1 <= spans[1].0,
        "host lists wait for uploads to be read back"
    );
    assert!(
        spans[1].1 <= spans[2].0,
        "rules wait for host lists to be read back"
    );
}

#[tokio::test(start_paused = true)]
async fn with_one_at_a_time_nothing_overlaps() {
    let mut operator = Operator::of(&ModelAccount::new(ZONES, 5));
    operator.options.parallel = 1;
    operator.converge(TWO_ZONES).await;
    let calls = operator.account.calls();
    let look = 2; // zones and certificates are read together whatever is said
    for pair in calls[look..].windows(2) {
        let observed_again =
            pair[1].path.starts_with("/zones?") || pair[0].path.starts_with("/zones?");
        assert!(observed_again || pair[0].until <= pair[1].from, "{pair:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_edge_is_waited_for_where_the_order_matters_and_nowhere_else() {
    let mut operator = Operator::of(&ModelAccount::new(ZONES, 5));
    operator.options.settle = Duration::from_secs(60);
    let look = operator.look(TWO_ZONES).await;
    assert!(operator.run(&look).await.is_complete());
    let told = operator.told();
    let waves: Vec<&(Instant, String)> = told
        .iter()
        .filter(|(_, line)| {
            ["begin ", "done ", "settling "]
                .iter()
                .any(|word| line.starts_with(word))
        })
        .collect();
    let lines: Vec<&str> = waves.iter().map(|(_, line)| line.as_str()).collect();
    assert_eq!(
        lines,
        [
            "begin upload",
            "done upload",
            "begin associate",
            "done associate",
            "settling 60s before create or widen rules",
            "begin create or widen rules",
            "done create or widen rules",
        ]
    );
    assert!(waves[5].0 - waves[4].0 >= Duration::from_secs(60));
    assert!(waves[2].0 - waves[1].0 < Duration::from_secs(1));
}

#[tokio::test(start_paused = true)]
async fn what_a_write_rests_on_is_looked_at_right_before_it() {
    let operator = every_kind().await;
    let look = operator.look(EVERY_KIND).await;
    operator.account.forget_calls();
    assert!(operator.run(&look).await.is_complete());
    let calls = operator.account.calls();
    one_call_at_a_time_in_each_zone(&calls);
    let mut looked = 0;
    for (at, write) in calls.iter().enumerate() {
        let (Some(zone_of_write), false) = (zone(write), write.method == "GET") else {
            continue;
        };
        let before = calls[..at]
            .iter()
            .rev()
            .find(|call| zone(call) == Some(zone_of_write));
        let before = before.expect("a look");
        let expected = if write.path.ends_with("hostname_associations") {
            let id = write.body["mtls_certificate_id"].as_str().expect("an id");
            format!("hostname_associations?mtls_certificate_id={id}")
        } else {
            "phases/http_request_firewall_custom/entrypoint".to_owned()
        };
        assert_eq!(before.method, "GET");
        assert!(
            before.path.ends_with(&expected),
            "{} before {}",
            before.path,
            write.path
        );
        looked += 1;
    }
    assert_eq!(looked, 9);
}
