//! One thing goes wrong with one write: every kind of fault at every write of a run that has every kind.
//!
//! Answers that leave open what was done are looked into, and nothing is done twice. What the run cannot
//! mend itself, the next one does.

use std::collections::BTreeSet;

use mtlsctl::execute::Outcome;
use mtlsctl::execute::Stopped;
use serde_json::Value;

use crate::execute::scenario::EVERY_KIND;
use crate::execute::scenario::ZONES;
use crate::execute::scenario::every_kind;
use crate::support::dashboard::text;
use crate::support::operator::Operator;
use crate::support::script::Fault;
use crate::support::script::When;

/// How many writes the run has.
const WRITES: usize = 11;

const FAULTS: [Fault; 8] = [
    Fault::Unreachable,
    Fault::ResetBefore,
    Fault::ResetAfter,
    Fault::LostReply,
    Fault::HalfBody,
    Fault::Broken,
    Fault::BrokenAfter,
    Fault::Throttled(7),
];

/// Runs the plan for [`EVERY_KIND`] with something prepared for one of its writes.
async fn run_with(prepare: impl FnOnce(&Operator)) -> (Operator, Outcome, Value) {
    let operator = every_kind().await;
    let others = operator
        .account
        .somebody(|desk| desk.of_others(ZONES, &BTreeSet::new(), &[]));
    let look = operator.look(EVERY_KIND).await;
    operator.account.forget_calls();
    prepare(&operator);
    let outcome = operator.run(&look).await;
    assert!(operator.account.script_is_done());
    (operator, outcome, others)
}

/// The account is what the file asks for, each thing is there once, and nobody else notices.
async fn all_is_well(operator: &Operator, others: &Value, case: &str) {
    let look = operator.again().look(EVERY_KIND).await;
    assert!(look.plan.is_empty(), "{case}: {:#?}", look.plan);
    operator.account.somebody(|desk| {
        assert_eq!(
            desk.of_others(ZONES, &BTreeSet::new(), &[]),
            *others,
            "{case}"
        );
        let names: Vec<String> = desk
            .certificates()
            .iter()
            .map(|one| text(&one["name"]))
            .collect();
        let ours: Vec<&String> = names
            .iter()
            .filter(|name| name.starts_with("team/"))
            .collect();
        assert_eq!(ours.len(), 2, "{case}: {ours:?}");
        let refs: Vec<String> = desk
            .rules("example.com")
            .iter()
            .map(|one| text(&one["ref"]))
            .collect();
        let distinct: BTreeSet<&String> = refs.iter().collect();
        assert_eq!((refs.len(), distinct.len()), (4, 4), "{case}: {refs:?}");
        assert_eq!(desk.rules("example.net").len(), 1, "{case}");
    });
    for call in operator.account.calls() {
        assert_ne!(call.code, 1471, "{case}: uploaded again");
    }
}

#[tokio::test(start_paused = true)]
async fn the_run_has_every_kind_of_write() {
    let (operator, outcome, others) = run_with(|_| {}).await;
    assert!(outcome.is_complete());
    let writes = operator.account.writes();
    assert_eq!(writes.len(), WRITES);
    let has = |method: &str, part: &str| {
        writes
            .iter()
            .any(|call| call.method == method && call.path.contains(part))
    };
    assert!(has("POST", "mtls_certificates") && has("DELETE", "mtls_certificates"));
    assert!(has("PUT", "hostname_associations"));
    assert!(has("PATCH", "/rules/") && has("DELETE", "/rules/"));
    assert!(writes.iter().any(|call| call.path.ends_with("/rulesets")));
    assert!(writes.iter().any(|call| call.path.ends_with("/rules")));
    let moved = |call: &&crate::support::account::Recorded| {
        call.body
            .as_object()
            .is_some_and(|body| body.len() == 1 && body.contains_key("position"))
    };
    assert_eq!(writes.iter().filter(moved).count(), 1);
    all_is_well(&operator, &others, "without a fault").await;
}

#[tokio::test(start_paused = true)]
async fn a_single_fault_is_mended_within_the_run() {
    for write in 1..=WRITES {
        for fault in FAULTS {
            let case = format!("{fault:?} at write {write}");
            let (operator, outcome, others) =
                run_with(|operator| operator.account.fault(When::Write(write), fault)).await;
            assert!(outcome.is_complete(), "{case}: {outcome:?}");
            all_is_well(&operator, &others, &case).await;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_goes_away_for_good_is_mended_by_the_next_run() {
    for write in 1..=WRITES {
        for fault in [Fault::ResetBefore, Fault::ResetAfter, Fault::BrokenAfter] {
            let case = format!("{fault:?} at write {write}, and nothing after it");
            let (operator, outcome, others) = run_with(|operator| {
                operator.account.fault(When::Write(write), fault);
                operator.account.outage(When::Write(write));
            })
            .await;
            assert_eq!(
                outcome.stopped,
                Some(Stopped::Failed),
                "{case}: {outcome:?}"
            );
            assert!(outcome.wrote, "{case}");
            operator.account.mend();
            operator.again().converge(EVERY_KIND).await;
            all_is_well(&operator, &others, &case).await;
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_run_that_was_stopped_at_any_write_is_finished_by_the_next() {
    for write in 1..=WRITES {
        let case = format!("stopped at write {write}");
        let (operator, outcome, others) = run_with(|operator| {
            let stopper = operator.stopper();
            operator
                .account
                .after(When::Write(write), move |_| stopper.stop());
        })
        .await;
        assert_eq!(
            outcome.stopped,
            Some(Stopped::Interrupted),
            "{case}: {outcome:?}"
        );
        assert_eq!(outcome.failures().count(), 0, "{case}: {outcome:?}");
        operator.again().converge(EVERY_KIND).await;
        all_is_well(&operator, &others, &case).await;
    }
}
