//! Somebody else writes meanwhile: before the run, during it, and in the same moment.

use mtlsctl::execute::Outcome;
use serde_json::json;

use crate::execute::scenario::ONE_HOST;
use crate::execute::scenario::ZONES;
use crate::execute::scenario::agreed;
use crate::execute::scenario::with_another_ca;
use crate::execute::scenario::with_another_host;
use crate::execute::scenario::with_unless;
use crate::support::account::ModelAccount;
use crate::support::dashboard::Dashboard;
use crate::support::operator::Operator;
use crate::support::operator::is_stale;
use crate::support::operator::pem;
use crate::support::operator::words;
use crate::support::script::When;

const ZONE: &str = "example.com";
const RULES: &str = "the custom rules of example.com changed since they were read";

/// Plans for an account that agreed with [`ONE_HOST`], has somebody do something, and runs the plan.
async fn between(file: &str, edit: impl FnOnce(&mut Dashboard<'_>)) -> (Operator, Outcome) {
    let operator = agreed(ONE_HOST).await;
    let look = operator.look(file).await;
    operator.account.somebody(edit);
    operator.account.forget_calls();
    let outcome = operator.run(&look).await;
    (operator, outcome)
}

/// Nothing was written, the words are these, and the next run does it.
#[track_caller]
fn nothing_was_written(operator: &Operator, outcome: &Outcome, expected: &str) {
    assert_eq!(words(outcome), [expected]);
    assert!(is_stale(outcome), "{outcome:?}");
    assert_eq!(operator.account.writes().len(), 0, "{expected}");
}

fn block(description: &str) -> serde_json::Value {
    json!({"action": "block", "expression": "(ip.src eq 192.0.2.7)", "description": description})
}

type Edit = fn(&mut Dashboard<'_>);

#[tokio::test(start_paused = true)]
async fn rules_that_moved_before_the_first_write_stop_the_run() {
    let edits: [(&str, Edit); 9] = [
        ("`Block one` is new", |desk| {
            desk.add_rule(ZONE, &block("Block one"));
        }),
        ("`Legacy partners only` was changed", |desk| {
            desk.change_rule(ZONE, "Legacy", "enabled", &json!(false));
        }),
        (
            "`require: managed by mtlsctl (team), edit mtls.yaml instead` was changed",
            |desk| {
                desk.change_rule(ZONE, "team/require/1", "action", &json!("log"));
            },
        ),
        ("the order of the rules is another", |desk| {
            desk.move_rule(ZONE, "Office", &json!({"index": 1}));
        }),
        ("`Legacy partners only` is gone", |desk| {
            desk.delete_rule(ZONE, "Legacy");
        }),
        (
            "its version rose, although the rules are the same",
            |desk| {
                desk.move_rule(ZONE, "Office", &json!({"index": 1}));
                desk.move_rule(ZONE, "Office", &json!({"after": ""}));
                desk.move_rule(ZONE, "Legacy", &json!({"after": ""}));
            },
        ),
        (
            "`Legacy partners only` is gone; `Block one` is new",
            |desk| {
                desk.delete_rule(ZONE, "Legacy");
                desk.add_rule(ZONE, &block("Block one"));
            },
        ),
        ("the whole entry point is gone", |desk| {
            desk.delete_entry_point(ZONE);
        }),
        (
            // Deleted, made anew, and written as often as the plan remembers: only its id tells.
            "the entry point was deleted, and another one was made",
            |desk| {
                desk.delete_entry_point(ZONE);
                desk.add_entry_point(ZONE);
                desk.add_rule(ZONE, &block("Block one"));
            },
        ),
    ];
    for (what, edit) in edits {
        let (operator, outcome) = between(&with_unless(), edit).await;
        nothing_was_written(&operator, &outcome, &format!("{RULES}: {what}"));
        operator.again().converge(&with_unless()).await;
    }
}

#[tokio::test(start_paused = true)]
async fn hosts_that_moved_before_the_first_write_stop_the_run() {
    fn ours(desk: &mut Dashboard<'_>) -> Option<String> {
        desk.certificate("team/one@")
    }
    let edits: [(&str, Edit); 3] = [
        ("+shop.example.com", |desk| {
            let ca = ours(desk);
            desk.set_hosts(
                ZONE,
                ca.as_deref(),
                &["api.example.com", "shop.example.com"],
            );
        }),
        ("-api.example.com", |desk| {
            let ca = ours(desk);
            desk.set_hosts(ZONE, ca.as_deref(), &[]);
        }),
        ("+shop.example.com, -api.example.com", |desk| {
            let ca = ours(desk);
            desk.set_hosts(ZONE, ca.as_deref(), &["shop.example.com"]);
        }),
    ];
    for (what, edit) in edits {
        let (operator, outcome) = between(&with_another_host(), edit).await;
        let expected =
            format!("the hosts of one in example.com changed since they were read: {what}");
        nothing_was_written(&operator, &outcome, &expected);
        operator.again().converge(&with_another_host()).await;
    }
}

#[tokio::test(start_paused = true)]
async fn a_ca_that_went_away_before_the_first_write_stops_the_run() {
    // Uploaded for nobody yet; the next file gives it a host.
    let waiting = with_another_ca().replace("cas: [one, two]", "cas: [one]");
    let operator = agreed(&waiting).await;
    let look = operator.look(&with_another_ca()).await;
    operator.account.somebody(|desk| {
        let id = desk.certificate("team/two@").expect("uploaded");
        desk.delete_certificate(&id);
    });
    operator.account.forget_calls();
    let outcome = operator.run(&look).await;
    nothing_was_written(&operator, &outcome, "CA two is not there any more");
    operator.again().converge(&with_another_ca()).await;
}

#[tokio::test(start_paused = true)]
async fn a_quota_that_somebody_filled_stops_the_run() {
    let operator = Operator::of(&ModelAccount::new(ZONES, 2));
    let look = operator.look(ONE_HOST).await;
    operator
        .account
        .somebody(|desk| desk.upload("theirs", pem(3)));
    let outcome = operator.run(&look).await;
    assert_eq!(
        words(&outcome),
        [
            "the CAs of the account changed since they were read: `theirs` is new, and there is no room for another"
        ]
    );
    assert!(is_stale(&outcome), "{outcome:?}");
    assert_eq!(
        operator.account.somebody(|desk| desk.certificates().len()),
        4
    );
}

#[tokio::test(start_paused = true)]
async fn a_quota_that_is_smaller_than_the_file_says_is_no_change_of_the_account() {
    let operator = Operator::of(&ModelAccount::new(ZONES, 1));
    let outcome = operator.apply(ONE_HOST).await;
    assert!(words(&outcome)[0].contains("Hit maximum CA cert allocation. (1489)"));
    assert!(!outcome.wrote && !is_stale(&outcome), "{outcome:?}");
}

#[tokio::test(start_paused = true)]
async fn a_ca_that_somebody_uploaded_meanwhile_is_used_and_is_no_write_of_ours() {
    let operator = Operator::of(&ModelAccount::new(ZONES, 5));
    let look = operator.look(ONE_HOST).await;
    operator.account.somebody(|desk| {
        let id = desk.upload("theirs", pem(0));
        desk.set_hosts(ZONE, Some(&id), &["shop.example.com"]);
    });
    let outcome = operator.run(&look).await;
    assert_eq!(
        words(&outcome),
        ["the hosts of one in example.com changed since they were read: +shop.example.com"]
    );
    assert!(is_stale(&outcome), "{outcome:?}");

    operator.again().converge(ONE_HOST).await;
    operator.account.somebody(|desk| {
        let id = desk.certificate("theirs").expect("still there");
        assert_eq!(
            desk.hosts(ZONE, Some(&id)),
            ["api.example.com", "shop.example.com"]
        );
        assert_eq!(desk.certificates().len(), 4, "nothing is uploaded twice");
    });
}

#[tokio::test(start_paused = true)]
async fn what_moves_after_the_first_write_stops_the_run_part_way() {
    let operator = agreed(ONE_HOST).await;
    let look = operator.look(&with_another_host()).await;
    operator.account.forget_calls();
    operator.account.after(When::Write(1), |desk| {
        desk.change_rule(ZONE, "team/require/1", "description", &json!("by hand"));
    });
    let outcome = operator.run(&look).await;
    let expected = "`require: managed by mtlsctl (team), edit mtls.yaml instead` was changed";
    assert_eq!(words(&outcome), [format!("{RULES}: {expected}")]);
    assert!(outcome.wrote);
    assert_eq!(outcome.counts(), (1, 1, 0));
    assert_eq!(operator.account.writes().len(), 1);
    operator.again().converge(&with_another_host()).await;
}

#[tokio::test(start_paused = true)]
async fn a_list_that_moves_before_its_read_back_stops_the_run_part_way() {
    let operator = agreed(ONE_HOST).await;
    let look = operator.look(&with_another_host()).await;
    operator.account.forget_calls();
    operator.account.after(When::Write(1), |desk| {
        let ca = desk.certificate("team/one@");
        desk.set_hosts(ZONE, ca.as_deref(), &["shop.example.com"]);
    });
    let outcome = operator.run(&look).await;
    let expected = "the hosts of one in example.com changed since they were read: \
                    +shop.example.com, -api.example.com, -pay.example.com";
    assert_eq!(words(&outcome), [expected]);
    assert!(outcome.wrote);
    assert_eq!(outcome.counts(), (0, 1, 1));
}
