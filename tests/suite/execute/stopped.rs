//! Runs that end early: because a step failed, or because somebody asked.

use std::time::Duration;

use mtlsctl::execute::Outcome;
use mtlsctl::execute::StepOutcome;
use mtlsctl::execute::Stopped;
use mtlsctl::sandbox::Permission;
use tokio::time::Instant;
use tokio::time::sleep;

use crate::execute::scenario::EVERY_KIND;
use crate::execute::scenario::ONE_HOST;
use crate::execute::scenario::TWO_ZONES;
use crate::execute::scenario::ZONES;
use crate::execute::scenario::agreed;
use crate::execute::scenario::every_kind;
use crate::execute::scenario::with_another_host;
use crate::execute::scenario::with_unless;
use crate::support::account::LATENCY;
use crate::support::account::ModelAccount;
use crate::support::operator::Operator;
use crate::support::operator::words;
use crate::support::script::Fault;
use crate::support::script::When;

/// The steps as one letter each: applied, failed, not tried.
fn letters(outcome: &Outcome) -> String {
    let letter = |step: &StepOutcome| match step {
        StepOutcome::Applied => 'a',
        StepOutcome::Failed(_) => 'f',
        StepOutcome::NotTried => '-',
    };
    outcome.steps.iter().map(letter).collect()
}

/// Plans a file for a new account, and runs it with a stop after that call of the run.
async fn stopped_after(file: &str, when: When) -> (Operator, Outcome) {
    let operator = Operator::of(&ModelAccount::new(ZONES, 5));
    let look = operator.look(file).await;
    operator.account.forget_calls();
    let stopper = operator.stopper();
    operator.account.after(when, move |_| stopper.stop());
    let outcome = operator.run(&look).await;
    assert!(operator.account.script_is_done());
    (operator, outcome)
}

#[tokio::test(start_paused = true)]
async fn a_stop_before_the_run_leaves_everything_untried() {
    let operator = Operator::of(&ModelAccount::new(ZONES, 5));
    let look = operator.look(TWO_ZONES).await;
    operator.account.forget_calls();
    operator.stopper().stop();
    let outcome = operator.run(&look).await;
    assert_eq!(letters(&outcome), "--------");
    assert_eq!(outcome.stopped, Some(Stopped::Interrupted));
    assert!(!outcome.wrote);
    assert_eq!(operator.account.calls().len(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_stop_lets_the_call_in_flight_finish_and_begins_none() {
    // For one host: POST and GET of the CA; GET, PUT, GET of its list; GET, POST, GET of the rules.
    let rows = [
        (1, "a--", true),  // the upload was under way
        (2, "a--", true),  // its read-back
        (3, "a--", true),  // the look at the list: the PUT was not begun
        (4, "aa-", true),  // the PUT
        (5, "aa-", true),  // its read-back
        (6, "aa-", true),  // the look at the rules
        (7, "aaa", true),  // the last write: done, but not read back
        (8, "aaa", false), // the last read-back: nothing is left that could be stopped
    ];
    for (call, steps, is_early) in rows {
        let (operator, outcome) = stopped_after(ONE_HOST, When::Call(call)).await;
        assert_eq!(letters(&outcome), steps, "call {call}");
        assert_eq!(operator.account.calls().len(), call, "call {call}");
        let stopped = is_early.then_some(Stopped::Interrupted);
        assert_eq!(outcome.stopped, stopped, "call {call}");
        assert!(outcome.wrote);
        operator.again().converge(ONE_HOST).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_stop_before_the_first_write_is_no_write() {
    let operator = agreed(ONE_HOST).await;
    let look = operator.look(&with_unless()).await;
    operator.account.forget_calls();
    let stopper = operator.stopper();
    operator
        .account
        .before(When::Call(1), move |_| stopper.stop());
    let outcome = operator.run(&look).await;
    assert_eq!(letters(&outcome), "-");
    assert!(!outcome.wrote);
    assert_eq!(operator.account.calls().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_stop_in_the_middle_of_a_wave_lets_each_lane_finish_its_call() {
    // Two uploads; then each zone has two lists, one after the other.
    let (operator, outcome) =
        stopped_after(TWO_ZONES, When::To("PUT", "hostname_associations", 1)).await;
    assert_eq!(letters(&outcome), "aaa-a---");
    assert_eq!(outcome.stopped, Some(Stopped::Interrupted));
    operator.again().converge(TWO_ZONES).await;
}

#[tokio::test(start_paused = true)]
async fn a_stop_while_waiting_ends_the_wait_at_once() {
    // While the edge settles; while a list does not show; while a CA still counts as in use.
    let mut settling = every_kind().await;
    settling.options.settle = Duration::from_secs(600);
    let lagging = every_kind().await;
    lagging.account.lag(75, 0, 0);
    let in_use = every_kind().await;
    in_use.account.lag(0, 0, 90);
    let rows = [
        (settling, "settling", "aaaa-------"),
        (lagging, "wait hosts", "aaaa-------"),
        (in_use, "wait CA two", "aaaaaaaaaaf"),
    ];
    for (operator, line, steps) in rows {
        let look = operator.look(EVERY_KIND).await;
        let begun = || {
            operator
                .told()
                .iter()
                .any(|(_, told)| told.starts_with(line))
        };
        let stopper = operator.stopper();
        let ctrl_c = async {
            while !begun() {
                sleep(LATENCY).await;
            }
            sleep(Duration::from_secs(3)).await;
            stopper.stop();
            Instant::now()
        };
        let (outcome, at) = tokio::join!(operator.run(&look), ctrl_c);
        assert_eq!(letters(&outcome), steps, "{line}");
        assert_eq!(outcome.stopped, Some(Stopped::Interrupted), "{line}");
        assert!(Instant::now() - at <= LATENCY, "{line}");
        operator.again().converge(EVERY_KIND).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_stop_while_a_lost_answer_is_settled_lets_that_come_to_its_end() {
    let operator = agreed(ONE_HOST).await;
    let look = operator.look(&with_another_host()).await;
    operator.account.forget_calls();
    let stopper = operator.stopper();
    let put = "hostname_associations";
    operator
        .account
        .fault(When::To("PUT", put, 1), Fault::BrokenAfter);
    operator
        .account
        .after(When::To("PUT", put, 1), move |_| stopper.stop());
    let outcome = operator.run(&look).await;
    assert_eq!(letters(&outcome), "a-");
    assert_eq!(outcome.stopped, Some(Stopped::Interrupted));
    let last = operator.account.calls().pop().expect("a call");
    assert_eq!(last.method, "GET", "a look settles it");
    assert_eq!(operator.account.writes().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_failure_in_one_zone_stops_the_others_after_their_call() {
    let operator = Operator::of(&ModelAccount::new(ZONES, 5));
    let look = operator.look(TWO_ZONES).await;
    operator.account.forget_calls();
    let first_list = When::To("PUT", "hostname_associations", 1);
    operator.account.fault(first_list, Fault::Forbidden);
    let outcome = operator.run(&look).await;
    assert_eq!(letters(&outcome), "aaf-a---");
    assert_eq!(outcome.stopped, Some(Stopped::Failed));
    assert_eq!(words(&outcome).len(), 1, "the other zone did not fail");
    operator.again().converge(TWO_ZONES).await;
}

#[tokio::test(start_paused = true)]
async fn a_permission_that_is_missing_is_named_where_it_is_missed() {
    let rows = [
        (
            Permission::AccountSslWrite,
            "ff------",
            "`Account · SSL and Certificates: Edit`",
            false,
        ),
        (
            Permission::ZoneSslWrite,
            "aaf-f---",
            "`Zone · SSL and Certificates: Edit`",
            true,
        ),
        (
            Permission::ZoneWafWrite,
            "aaaaaaff",
            "`Zone · Zone WAF: Edit`",
            true,
        ),
    ];
    for (missing, steps, name, wrote) in rows {
        let operator = Operator::of(&ModelAccount::new(ZONES, 5));
        operator.account.without(&[missing]);
        let outcome = operator.apply(TWO_ZONES).await;
        assert_eq!(letters(&outcome), steps, "{name}");
        assert_eq!(outcome.wrote, wrote, "{name}");
        assert!(
            words(&outcome).iter().all(|words| words.contains(name)),
            "{outcome:?}"
        );
        let whole = ModelAccount::clone(&operator.account);
        whole.with_every_permission();
        operator.again().converge(TWO_ZONES).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_look_that_fails_is_no_write() {
    // The look at the list before the very first write is never answered.
    let operator = agreed(ONE_HOST).await;
    let look = operator.look(&with_another_host()).await;
    operator.account.forget_calls();
    for attempt in 1..=5 {
        operator.account.fault(When::Call(attempt), Fault::Broken);
    }
    let outcome = operator.run(&look).await;
    assert_eq!(letters(&outcome), "f-");
    assert!(!outcome.wrote, "{outcome:?}");
    assert_eq!(operator.account.writes().len(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_read_back_that_fails_leaves_no_doubt_that_something_was_written() {
    let operator = agreed(ONE_HOST).await;
    let look = operator.look(&with_unless()).await;
    operator.account.forget_calls();
    for attempt in 3..=7 {
        operator.account.fault(When::Call(attempt), Fault::Broken);
    }
    let outcome = operator.run(&look).await;
    assert_eq!(letters(&outcome), "f");
    assert!(outcome.wrote);
    operator.again().converge(&with_unless()).await;
}
