//! Writing custom rules: one effect for one step, whatever becomes of the answers.

use mtlsctl::cloudflare::Position;
use mtlsctl::cloudflare::RuleBody;
use mtlsctl::live::Rules;
use serde_json::Value;
use serde_json::json;

use crate::cloudflare::script::HTML;
use crate::cloudflare::script::Reply;
use crate::cloudflare::script::Script;
use crate::cloudflare::script::account;
use crate::cloudflare::script::broken;
use crate::cloudflare::script::bundle;
use crate::cloudflare::script::ok;
use crate::cloudflare::script::refused;
use crate::cloudflare::script::rule;
use crate::cloudflare::script::ruleset;
use crate::cloudflare::script::text;
use crate::cloudflare::script::timed_out;
use crate::cloudflare::script::zone;

fn body() -> RuleBody {
    RuleBody {
        reference: "platform-mtls/require/1".into(),
        description: "mTLS".into(),
        action: "block".into(),
        parameters: Value::Null,
        expression: "(http.host eq \"a.example.com\")".into(),
        enabled: true,
    }
}

/// A live rule; the `n`th one, of this `ref` and expression.
fn live(n: u8, reference: &str, expression: &str) -> Value {
    json!({
        "id": rule(n).as_str(), "ref": reference, "version": "1", "action": "block",
        "description": "mTLS", "expression": expression, "enabled": true, "action_parameters": {},
    })
}

fn entry(version: u64, rules: &[Value]) -> Reply {
    ok(json!({ "id": ruleset().as_str(), "version": version.to_string(), "rules": rules }))
}

const OURS: &str = "platform-mtls/require/1";
const MEANT: &str = "(http.host  eq\n\"a.example.com\")";

#[tokio::test(start_paused = true)]
async fn a_rule_whose_answer_is_lost_is_looked_for_by_its_ref() {
    let other = || live(1, "by-hand", "true");
    let there = || entry(8, &[live(2, OURS, MEANT), other()]);
    let without = || entry(7, &[other()]);
    let table = [
        (vec![there()], "POST"),
        (vec![broken(), there()], "POST GET"),
        (vec![text(502, HTML), without(), there()], "POST GET POST"),
        (
            vec![
                broken(),
                without(),
                refused(400, 20118, "duplicate ref"),
                there(),
            ],
            "POST GET POST GET",
        ),
    ];
    for (replies, sent) in table {
        let script = Script::new(replies);
        let writer = script.client().writer();
        let entry = writer
            .create_rule(&zone(), &ruleset(), &body(), &Position::First)
            .await
            .unwrap();
        assert_eq!((entry.version, entry.rules.len()), (8, 2));
        assert_eq!(script.methods(), sent);
    }
}

#[tokio::test(start_paused = true)]
async fn a_first_refusal_of_a_rule_is_final() {
    let script = Script::new([refused(
        400,
        20127,
        "expression size 5000 exceeded maximum 4096",
    )]);
    let writer = script.client().writer();
    let refusal = writer
        .create_rule(&zone(), &ruleset(), &body(), &Position::First)
        .await
        .unwrap_err();
    assert!(refusal.code(20127));
    assert_eq!(script.methods(), "POST");
}

#[tokio::test(start_paused = true)]
async fn an_entry_point_is_made_once_and_never_over_somebody_elses() {
    let exists = || {
        refused(
            400,
            20217,
            "exceeded maximum number of zone rulesets for phase",
        )
    };
    let ours = || entry(1, &[live(2, OURS, MEANT)]);
    let theirs = || entry(1, &[live(1, "by-hand", "true")]);
    let none = || refused(404, 10003, "could not find entrypoint ruleset");
    let table = [
        (vec![ours()], true, "POST"),
        (vec![broken(), ours()], true, "POST GET"),
        (vec![broken(), none(), ours()], true, "POST GET POST"),
        (vec![exists()], false, "POST"),
        (
            vec![broken(), theirs(), exists(), theirs()],
            false,
            "POST GET POST GET",
        ),
    ];
    for (replies, is_made, sent) in table {
        let script = Script::new(replies);
        let outcome = script
            .client()
            .writer()
            .create_entry_point(&zone(), &[body()])
            .await;
        assert_eq!(script.methods(), sent);
        match outcome {
            Ok(entry) => assert!(is_made && entry.rules[0].reference == OURS),
            Err(error) => assert!(!is_made && error.code(20217), "{error}"),
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_change_that_took_effect_is_not_made_twice() {
    let after = || entry(8, &[live(2, OURS, MEANT)]);
    let before = || entry(7, &[live(2, OURS, "(http.host eq \"old.example.com\")")]);
    for (replies, sent) in [
        (vec![after()], "PATCH"),
        (vec![broken(), after()], "PATCH GET"),
        (vec![timed_out(), before(), after()], "PATCH GET PATCH"),
    ] {
        let script = Script::new(replies);
        let writer = script.client().writer();
        let entry = writer
            .change_rule(&zone(), &ruleset(), &rule(2), &body())
            .await
            .unwrap();
        assert_eq!(entry.version, 8);
        assert_eq!(script.methods(), sent);
    }
}

#[tokio::test(start_paused = true)]
async fn a_move_that_took_effect_is_not_made_twice() {
    let [one, two, three] = [1, 2, 3].map(|n| live(n, &format!("r{n}"), "true"));
    let list = |rules: &[&Value]| {
        let rules: Vec<_> = rules.iter().map(|rule| (*rule).clone()).collect();
        entry(7, &rules)
    };
    // Rule 3 is moved; (where to, before, after).
    let table = [
        (Position::First, [&one, &two, &three], [&three, &one, &two]),
        (
            Position::Before(rule(2)),
            [&one, &two, &three],
            [&one, &three, &two],
        ),
        (
            Position::After(rule(1)),
            [&one, &two, &three],
            [&one, &three, &two],
        ),
        (
            Position::After(rule(2)),
            [&three, &one, &two],
            [&one, &two, &three],
        ),
    ];
    for (position, before, after) in table {
        for (replies, sent) in [
            (vec![broken(), list(&after)], "PATCH GET"),
            (
                vec![broken(), list(&before), list(&after)],
                "PATCH GET PATCH",
            ),
        ] {
            let script = Script::new(replies);
            let writer = script.client().writer();
            let moved = writer
                .move_rule(&zone(), &ruleset(), &rule(3), &position)
                .await;
            assert!(moved.is_ok(), "{position:?}");
            assert_eq!(script.methods(), sent, "{position:?}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_rule_that_is_gone_was_deleted() {
    let with = || entry(7, &[live(2, OURS, MEANT)]);
    let without = || entry(8, &[]);
    let missing = || refused(404, 20119, "rule not found");
    for (replies, sent) in [
        (vec![without()], "DELETE"),
        (vec![broken(), without()], "DELETE GET"),
        (vec![broken(), with(), without()], "DELETE GET DELETE"),
        (vec![missing(), without()], "DELETE GET"),
        (
            vec![broken(), with(), missing(), without()],
            "DELETE GET DELETE GET",
        ),
    ] {
        let script = Script::new(replies);
        let writer = script.client().writer();
        let rules = writer
            .delete_rule(&zone(), &ruleset(), &rule(2))
            .await
            .unwrap();
        assert!(matches!(rules, Rules::EntryPoint(entry) if entry.version == 8));
        assert_eq!(script.methods(), sent);
    }
    // Not found, and yet there: the path was wrong, and nothing was deleted.
    let script = Script::new([missing(), with()]);
    let writer = script.client().writer();
    assert!(
        writer
            .delete_rule(&zone(), &ruleset(), &rule(2))
            .await
            .is_err()
    );
    // Not even the entry point is left.
    let script = Script::new([
        missing(),
        refused(404, 10003, "could not find entrypoint ruleset"),
    ]);
    let writer = script.client().writer();
    let rules = writer
        .delete_rule(&zone(), &ruleset(), &rule(2))
        .await
        .unwrap();
    assert_eq!(rules, Rules::NoEntryPoint);
}

/// Zones are worked on in parallel, so every future of the writer has to be able to change threads.
#[test]
fn writes_can_be_spawned() {
    fn is_send<T: Send>(_: T) {}
    let writer = Script::default().client().writer();
    let content = bundle("Fleet CA");
    let (account, zone, ruleset, rule) = (account(), zone(), ruleset(), rule(1));
    is_send(writer.upload(&account, "a/b@0a1b2c3d", &content));
    is_send(writer.create_entry_point(&zone, &[]));
    is_send(writer.create_rule(&zone, &ruleset, &body(), &Position::First));
    is_send(writer.change_rule(&zone, &ruleset, &rule, &body()));
    is_send(writer.move_rule(&zone, &ruleset, &rule, &Position::First));
    is_send(writer.delete_rule(&zone, &ruleset, &rule));
    is_send(async move {
        let _ = writer.delete_rule(&zone, &ruleset, &rule).await;
        writer.upload(&account, "a/b@0a1b2c3d", &content).await
    });
}
