//! Somebody else writes in the same moment, between our look and our write; and what only looks like it.

use mtlsctl::execute::Failure;
use serde_json::json;

use crate::execute::scenario::ONE_HOST;
use crate::execute::scenario::TWO_ZONES;
use crate::execute::scenario::ZONES;
use crate::execute::scenario::agreed;
use crate::execute::scenario::with_unless;
use crate::support::account::ModelAccount;
use crate::support::dashboard::Dashboard;
use crate::support::operator::Operator;
use crate::support::operator::is_stale;
use crate::support::operator::words;
use crate::support::script::Fault;
use crate::support::script::When;

const ZONE: &str = "example.com";
const RULES: &str = "the custom rules of example.com changed since they were read";

fn block(description: &str) -> serde_json::Value {
    json!({"action": "block", "expression": "(ip.src eq 192.0.2.7)", "description": description})
}

#[tokio::test(start_paused = true)]
async fn a_write_in_the_same_moment_is_seen_from_the_version() {
    let operator = agreed(ONE_HOST).await;
    let look = operator.look(&with_unless()).await;
    operator.account.forget_calls();
    operator.account.before(When::Write(1), |desk| {
        desk.add_rule(ZONE, &block("Block one"));
    });
    let outcome = operator.run(&look).await;
    assert_eq!(
        words(&outcome),
        [
            "somebody else changed the custom rules of example.com at the same moment: its version is 4, \
          and 3 was expected after this step"
        ]
    );
    assert!(matches!(
        outcome.failures().next(),
        Some((0, Failure::Raced { .. }))
    ));
    assert!(outcome.wrote);
    operator.again().converge(&with_unless()).await;
}

#[tokio::test(start_paused = true)]
async fn a_refusal_because_of_a_change_in_the_same_moment_says_what_changed() {
    // Our own rule is deleted between the look and the PATCH: 404.
    let operator = agreed(ONE_HOST).await;
    let look = operator.look(&with_unless()).await;
    operator.account.forget_calls();
    operator.account.before(When::Write(1), |desk| {
        desk.delete_rule(ZONE, "team/require/1");
    });
    let outcome = operator.run(&look).await;
    assert_eq!(
        words(&outcome),
        [format!(
            "{RULES}: `require: managed by mtlsctl (team), edit mtls.yaml instead` is gone"
        )]
    );
    assert!(is_stale(&outcome), "{outcome:?}");
    operator.again().converge(&with_unless()).await;
}

#[tokio::test(start_paused = true)]
async fn an_entry_point_that_somebody_makes_in_the_same_moment_stops_the_run() {
    let operator = Operator::of(&ModelAccount::new(ZONES, 5));
    operator.converge(ONE_HOST).await;
    let file = TWO_ZONES.replace("[one, two]", "[one]");
    let look = operator.look(&file).await;
    operator.account.forget_calls();
    let make = |desk: &mut Dashboard<'_>| desk.add_entry_point("example.net");
    operator
        .account
        .before(When::To("POST", "/rulesets", 1), make);
    let outcome = operator.run(&look).await;
    assert_eq!(
        words(&outcome),
        ["the custom rules of example.net changed since they were read: an entry point was made"]
    );
    assert!(outcome.failures().all(|(_, failure)| failure.is_stale()));
    operator.again().converge(&file).await;
}

#[tokio::test(start_paused = true)]
async fn a_list_as_the_run_left_it_earlier_is_lag_and_no_reason_to_stop() {
    let list = "hostname_associations";
    // The CA's list grows by one host, and shrinks by another one later: at once, or at the second
    // attempt, before which the list is looked at again.
    for attempts in [1, 2] {
        let file = ONE_HOST.replace("api.example.com", "pay.example.com");
        let operator = agreed(ONE_HOST).await;
        let look = operator.look(&file).await;
        let account = &operator.account;
        account.forget_calls();
        account.lag(1, 0, 0);
        // From the first rule write on, reads fall back behind the first PUT.
        account.after(When::To("PATCH", "/rules/", 1), |desk| {
            desk.lag_behind(10_000);
        });
        if attempts == 2 {
            account.fault(When::To("PUT", list, 2), Fault::Broken);
        }
        account.before(When::To("PUT", list, 1 + attempts), |desk| {
            desk.lag_behind(1);
        });
        let outcome = operator.run(&look).await;
        assert!(outcome.is_complete(), "{attempts}: {outcome:?}");
        assert!(account.script_is_done());
        let writes = account.writes().len();
        assert_eq!(writes, 2 + attempts, "the list, the rule, the list");
    }
}
