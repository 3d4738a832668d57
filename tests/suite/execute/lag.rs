//! Reads that lag behind writes, and how long that is put up with.

use std::time::Duration;

use mtlsctl::execute::Failure;
use mtlsctl::execute::Outcome;
use mtlsctl::execute::Patience;
use tokio::time::Instant;
use tokio::time::sleep;

use crate::execute::scenario::EVERY_KIND;
use crate::execute::scenario::ONE_HOST;
use crate::execute::scenario::TWO_ZONES;
use crate::execute::scenario::ZONES;
use crate::execute::scenario::agreed;
use crate::execute::scenario::every_kind;
use crate::execute::scenario::with_another_host;
use crate::support::account::ModelAccount;
use crate::support::operator::Operator;
use crate::support::operator::words;
use crate::support::script::Fault;
use crate::support::script::When;

#[tokio::test(start_paused = true)]
async fn the_longest_lags_that_were_reported_are_waited_for() {
    let operator = every_kind().await;
    operator.account.lag(75, 90, 90);
    sleep(Duration::from_secs(90)).await; // until reads show what the account began with
    let look = operator.look(EVERY_KIND).await;
    let outcome = operator.run(&look).await;
    assert!(outcome.is_complete(), "{outcome:?}");
    for pair in operator.told().windows(2) {
        // A wave is over when reads show all of it, and not before.
        if pair[1].1.starts_with("done ") {
            assert!(!pair[0].1.starts_with("start "), "{pair:?}");
        }
    }
    operator.account.lag(0, 0, 0);
    assert!(operator.look(EVERY_KIND).await.plan.is_empty());
}

#[tokio::test(start_paused = true)]
async fn a_wave_begins_when_reads_show_the_one_before() {
    let operator = agreed(ONE_HOST).await;
    operator.account.lag(75, 0, 0);
    let look = operator.look(&with_another_host()).await;
    operator.account.forget_calls();
    assert!(operator.run(&look).await.is_complete());
    let writes = operator.account.writes();
    assert_eq!(writes.len(), 2);
    assert!(writes[1].from - writes[0].until >= Duration::from_secs(74));
    assert!(writes[1].from - writes[0].until <= Duration::from_secs(86));
}

#[tokio::test(start_paused = true)]
async fn what_does_not_show_in_time_fails_the_step_after_that_time() {
    let mut operator = Operator::of(&ModelAccount::new(ZONES, 5));
    operator.account.lag(3600, 0, 0);
    operator.options.read_back = Patience::DEFAULT.within(Duration::from_secs(30));
    let look = operator.look(TWO_ZONES).await;
    let before = Instant::now();
    let outcome = operator.run(&look).await;
    let took = Instant::now() - before;
    assert_eq!(
        words(&outcome),
        ["it was written, but reads do not show it after 30 s"],
        "one failure stops the run; the other zone is not waited for any longer"
    );
    assert!(outcome.wrote);
    // The lists of a zone were written together, so they are waited for together.
    assert!(took < Duration::from_secs(35), "{took:?}");
}

#[tokio::test(start_paused = true)]
async fn time_spent_asking_counts_too() {
    let mut operator = agreed(ONE_HOST).await;
    operator.account.lag(3600, 0, 0);
    operator.options.read_back = Patience::DEFAULT.within(Duration::from_secs(30));
    let look = operator.look(&with_another_host()).await;
    operator.account.forget_calls();
    // The first read-back is told to come again in 60 seconds.
    operator.account.fault(When::Call(3), Fault::Throttled(60));
    let before = Instant::now();
    let outcome = operator.run(&look).await;
    let took = Instant::now() - before;
    assert!(took < Duration::from_secs(62), "{took:?}");
    assert_eq!(
        words(&outcome),
        ["it was written, but reads do not show it after 60 s"]
    );
}

#[tokio::test(start_paused = true)]
async fn a_ca_that_counts_as_in_use_for_too_long_is_left_and_deleted_next_time() {
    let mut operator = every_kind().await;
    operator.account.lag(0, 0, 150);
    operator.options.in_use = Patience::DEFAULT.within(Duration::from_secs(100));
    let outcome = operator.apply(EVERY_KIND).await;
    assert_eq!(
        words(&outcome),
        ["Cloudflare still says that it is in use after 100 s: \
          This certificate cannot be deleted while in use."]
    );
    assert!(
        operator
            .account
            .somebody(|desk| desk.certificate("team/two@"))
            .is_some()
    );
    operator.again().converge(EVERY_KIND).await;
    assert!(
        operator
            .account
            .somebody(|desk| desk.certificate("team/two@"))
            .is_none()
    );
}

#[tokio::test(start_paused = true)]
async fn a_ca_that_somebody_else_uses_names_the_service() {
    let operator = every_kind().await;
    let look = operator.look(EVERY_KIND).await;
    operator.account.forget_calls();
    operator
        .account
        .before(When::To("DELETE", "mtls_certificates", 1), |desk| {
            let ca = desk.certificate("team/two@");
            desk.set_hosts("example.net", ca.as_deref(), &["theirs.example.net"]);
        });
    let outcome = operator.run(&look).await;
    assert_eq!(
        words(&outcome),
        ["Cloudflare still says that it is in use after 180 s: \
          This certificate cannot be deleted while in use. (used by api_shield)"]
    );
    let failure = outcome.failures().next().map(|(_, failure)| failure);
    assert!(matches!(failure, Some(Failure::InUse { .. })));
}

#[tokio::test(start_paused = true)]
async fn an_upload_whose_answer_is_lost_is_found_although_the_list_lags() {
    let operator = Operator::of(&ModelAccount::new(ZONES, 5));
    let look = operator.look(ONE_HOST).await;
    operator.account.forget_calls();
    operator.account.lag(0, 90, 0);
    operator.account.fault(When::Write(1), Fault::LostReply);
    let outcome = operator.run(&look).await;
    assert!(outcome.is_complete(), "{outcome:?}");
    assert_eq!(
        operator.account.somebody(|desk| desk.certificates().len()),
        4
    );
}

/// As [`ONE_HOST`], with two rules more: one lane of two steps.
fn with_two_more_rules() -> String {
    let more = "name: require\n  - { name: log, action: log }\n  - { name: watch, action: log }";
    ONE_HOST.replace("name: require", more)
}

/// Runs a plan of two rules, while some reads of the rules show them as before the first one.
async fn with_stale_reads(reads: std::ops::RangeInclusive<usize>) -> (Operator, Outcome) {
    let mut operator = agreed(ONE_HOST).await;
    operator.options.read_back = Patience::DEFAULT.within(Duration::from_secs(30));
    let look = operator.look(&with_two_more_rules()).await;
    operator.account.forget_calls();
    for read in reads {
        let when = When::To("GET", "/entrypoint", read);
        operator.account.fault(when, Fault::Stale);
    }
    let outcome = operator.run(&look).await;
    (operator, outcome)
}

#[tokio::test(start_paused = true)]
async fn rules_are_written_when_reads_show_those_that_were_written_before() {
    let (operator, outcome) = with_stale_reads(2..=5).await;
    assert!(outcome.is_complete(), "{outcome:?}");
    assert!(operator.account.script_is_done());
}

#[tokio::test(start_paused = true)]
async fn rules_that_never_show_are_not_written_over() {
    let (operator, outcome) = with_stale_reads(2..=100).await;
    assert_eq!(
        words(&outcome),
        [
            "reads of the custom rules of example.com are still behind this run's own writes after 30 s"
        ]
    );
    assert_eq!(outcome.counts(), (1, 1, 0));
    assert!(outcome.wrote);
    assert_eq!(operator.account.writes().len(), 1);
    operator.account.forget_calls();
    operator.again().converge(&with_two_more_rules()).await;
}
