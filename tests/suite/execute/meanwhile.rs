//! Somebody changes rules between two waves: with their own the run goes on where that is safe, with ours it stops.

use std::time::Duration;

use mtlsctl::execute::Failure;
use mtlsctl::execute::Outcome;
use mtlsctl::report;
use serde_json::json;

use crate::execute::scenario::ONE_HOST;
use crate::execute::scenario::TWO_ZONES;
use crate::execute::scenario::ZONES;
use crate::execute::scenario::agreed;
use crate::execute::scenario::with_another_host;
use crate::support::account::ModelAccount;
use crate::support::dashboard::Dashboard;
use crate::support::dashboard::text;
use crate::support::operator::Operator;
use crate::support::operator::words;
use crate::support::script::When;

const ZONE: &str = "example.com";
const RULES: &str = "the custom rules of example.com changed since they were read";

/// One CA, two rules.
const TWO_RULES: &str = "
version: 1
account: ${CLOUDFLARE_ACCOUNT_ID}
owner: team
cas:
  - { name: one, certificates: ca/0.pem }
hostnames:
  - { name: api, cas: [one], hosts: [api.example.com, pay.example.com] }
  - { name: inner, cas: [one], hosts: [bus.example.com] }
rules:
  - { name: outer, hostnames: [api] }
  - { name: inner, hostnames: [inner] }
";

/// A host goes from the first rule to the second: that gains it in one wave, the first loses it in the next.
fn handed_over() -> String {
    TWO_RULES
        .replace("api.example.com, pay.example.com", "api.example.com")
        .replace("bus.example.com", "bus.example.com, pay.example.com")
}

/// After the read-back of the first wave of [`handed_over`]: looks before the write, and after it.
const BETWEEN: When = When::To("GET", "entrypoint", 2);

/// Runs the plan for [`handed_over`] and more of the file, and has somebody act between the waves.
async fn between(
    rest: &str,
    act: impl FnOnce(&mut Dashboard<'_>) + Send + 'static,
) -> (Operator, Outcome) {
    let operator = agreed(TWO_RULES).await;
    let look = operator.look(&format!("{}{rest}", handed_over())).await;
    operator.account.forget_calls();
    operator.account.after(BETWEEN, act);
    let outcome = operator.run(&look).await;
    assert!(operator.account.script_is_done());
    (operator, outcome)
}

fn block(description: &str) -> serde_json::Value {
    json!({"action": "block", "expression": "(ip.src eq 192.0.2.7)", "description": description})
}

fn skip(host: &str) -> serde_json::Value {
    json!({
        "action": "skip",
        "action_parameters": {"ruleset": "current"},
        "expression": format!("(http.host eq \"{host}\")"),
        "description": "Their skip",
    })
}

fn told(operator: &Operator, begins: &str) -> Vec<String> {
    let told = operator.told().into_iter().map(|(_, line)| line);
    told.filter(|line| line.starts_with(begins)).collect()
}

#[tokio::test(start_paused = true)]
async fn rules_of_others_that_are_harmless_do_not_stop_it() {
    type Edit = fn(&mut Dashboard<'_>);
    let edits: [(&str, Edit); 5] = [
        ("`Block one` is new", |desk| {
            desk.add_rule(ZONE, &block("Block one"));
        }),
        ("`Legacy partners only` was changed", |desk| {
            desk.change_rule(ZONE, "Legacy", "description", &json!("Partners"));
        }),
        ("`Legacy partners only` is gone", |desk| {
            desk.delete_rule(ZONE, "Legacy");
        }),
        ("the order of the rules is another", |desk| {
            desk.move_rule(ZONE, "Office", &json!({"index": 1}));
        }),
        (
            "its version rose, although the rules are the same",
            |desk| {
                desk.move_rule(ZONE, "Office", &json!({"index": 1}));
                desk.move_rule(ZONE, "Office", &json!({"after": ""}));
                desk.move_rule(ZONE, "Legacy", &json!({"after": ""}));
            },
        ),
    ];
    for (what, edit) in edits {
        let (operator, outcome) = between("", edit).await;
        assert!(outcome.is_complete(), "{what}: {outcome:?}");
        let expected = format!(
            "somebody changed the custom rules of example.com meanwhile ({what}); the remaining steps are safe with that"
        );
        assert_eq!(told(&operator, "somebody"), [expected.as_str()]);
        let [meanwhile] = &outcome.meanwhile[..] else {
            panic!("{outcome:?}");
        };
        assert_eq!(meanwhile.to_string(), expected);
        let again = operator.again().look(&handed_over()).await;
        let steps: Vec<_> = again.plan.steps().map(|step| &step.reason).collect();
        // A skip that stands above ours by now is for the next plan to get past.
        let is_skip_above = what.contains("order");
        assert_eq!(steps.len(), usize::from(is_skip_above) * 2, "{steps:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn the_outcome_says_that_it_happened() {
    let operator = agreed(TWO_RULES).await;
    let look = operator.look(&handed_over()).await;
    operator.account.forget_calls();
    operator
        .account
        .after(BETWEEN, |desk| desk.add_rule(ZONE, &block("Block one")));
    let outcome = operator.run(&look).await;
    let text = report::outcome::text(&look.plan, &outcome, 80);
    let text = anstream::adapter::strip_str(&text).to_string();
    let expected = "Applied: 2 steps, each read back.\n\
                    note: somebody changed the custom rules of example.com meanwhile (`Block one` is\n\
                    new); the remaining steps are safe with that.\n";
    assert_eq!(text, expected);
}

#[tokio::test(start_paused = true)]
async fn what_would_be_unsafe_stops_it_and_says_why() {
    let tests =
        "tests:\n  - { host: api.example.com, certificate: none, path: /v1, expect: block }\n";
    let to_top = |desk: &mut Dashboard<'_>| {
        desk.add_rule(ZONE, &skip("api.example.com"));
        desk.move_rule(ZONE, "Their", &json!({"index": 1}));
    };
    let (operator, outcome) = between(tests, to_top).await;
    let [words] = &words(&outcome)[..] else {
        panic!("{outcome:?}");
    };
    let begins = format!(
        "{RULES}: `Their skip` is new; the remaining steps are not safe with that: the access test in line"
    );
    assert!(words.starts_with(&begins), "{words}");
    assert!(outcome.wrote && outcome.meanwhile.is_empty());
    assert_eq!(outcome.counts(), (1, 1, 0));
    assert_eq!(operator.account.writes().len(), 1);
    assert!(outcome.failures().all(|(_, failure)| failure.is_stale()));
    // The next plan moves our rule above it.
    operator
        .again()
        .converge(&format!("{}{tests}", handed_over()))
        .await;
}

#[tokio::test(start_paused = true)]
async fn what_would_open_a_host_stops_it() {
    let (operator, outcome) = between("", |desk| {
        desk.add_rule(ZONE, &skip("pay.example.com"));
        desk.move_rule(ZONE, "Their", &json!({"index": 2}));
        let refs: Vec<String> = desk
            .rules(ZONE)
            .iter()
            .map(|rule| text(&rule["ref"]))
            .collect();
        assert_eq!(
            (&refs[0][..], &refs[2][..]),
            ("team/outer/1", "team/inner/1")
        );
    })
    .await;
    assert_eq!(
        words(&outcome),
        [format!(
            "{RULES}: `Their skip` is new; with that the remaining steps would open pay.example.com to clients \
             without a certificate"
        )]
    );
    assert_eq!(operator.account.writes().len(), 1);
    operator.again().converge(&handed_over()).await;
}

#[tokio::test(start_paused = true)]
async fn a_rule_of_ours_that_somebody_edits_stops_it() {
    let (operator, outcome) = between("", |desk| {
        desk.change_rule(ZONE, "team/inner/1", "enabled", &json!(false));
        desk.add_rule(ZONE, &block("Block one"));
    })
    .await;
    let [(1, Failure::RulesMoved { what, .. })] = &outcome.failures().collect::<Vec<_>>()[..]
    else {
        panic!("{outcome:?}");
    };
    assert_eq!(what.len(), 2, "{what:?}");
    assert!(outcome.wrote && outcome.meanwhile.is_empty());
    operator.again().converge(&handed_over()).await;
}

#[tokio::test(start_paused = true)]
async fn the_edge_has_to_have_it_before_the_run_goes_on() {
    let mut operator = agreed(TWO_RULES).await;
    operator.options.settle = Duration::from_secs(60);
    let look = operator.look(&handed_over()).await;
    operator.account.forget_calls();
    operator
        .account
        .after(BETWEEN, |desk| desk.add_rule(ZONE, &block("Block one")));
    // And once it has, it has to be as it was.
    operator
        .account
        .after(When::To("GET", "entrypoint", 4), |desk| {
            desk.add_rule(ZONE, &block("Block two"));
        });
    let outcome = operator.run(&look).await;
    assert_eq!(words(&outcome), [format!("{RULES}: `Block two` is new")]);
    let waits = look.plan.waves.iter().filter(|wave| wave.settles_first);
    assert_eq!(told(&operator, "settling").len(), waits.count() + 1);
    operator.again().converge(&handed_over()).await;
}

#[tokio::test(start_paused = true)]
async fn waves_after_that_wait_for_the_edge_too() {
    let settles = async |act: bool| {
        let mut operator = Operator::of(&ModelAccount::new(ZONES, 5));
        operator.converge(ONE_HOST).await;
        operator.options.settle = Duration::from_secs(60);
        // The other CA comes, the first goes: the rule is changed in between.
        let look = operator.look(&ONE_HOST.replace("0.pem", "1.pem")).await;
        operator.account.forget_calls();
        if act {
            operator.account.after(When::Write(1), |desk| {
                desk.add_rule(ZONE, &block("Block one"));
            });
        }
        let outcome = operator.run(&look).await;
        assert!(outcome.is_complete(), "{outcome:?}");
        told(&operator, "settling")
    };
    let (alone, with_somebody) = (settles(false).await, settles(true).await);
    let last = "settling 60s before delete".to_owned();
    assert!(!alone.contains(&last), "{alone:?}");
    assert_eq!(with_somebody.last(), Some(&last), "{with_somebody:?}");
}

#[tokio::test(start_paused = true)]
async fn a_change_after_a_list_was_written_is_weighed_before_the_rules_are() {
    let operator = agreed(ONE_HOST).await;
    let look = operator.look(&with_another_host()).await;
    operator.account.forget_calls();
    operator.account.after(When::Write(1), |desk| {
        desk.add_rule(ZONE, &block("Block one"));
    });
    let outcome = operator.run(&look).await;
    assert!(outcome.is_complete(), "{outcome:?}");
    assert_eq!(outcome.meanwhile.len(), 1);
    let again = operator.again().look(&with_another_host()).await;
    assert!(again.plan.is_empty());
}

#[tokio::test(start_paused = true)]
async fn an_entry_point_that_somebody_made_is_used() {
    let operator = Operator::of(&ModelAccount::new(ZONES, 5));
    operator.converge(ONE_HOST).await;
    let file = TWO_ZONES.replace("[one, two]", "[one]");
    let look = operator.look(&file).await;
    operator.account.forget_calls();
    operator
        .account
        .somebody(|desk| desk.add_rule("example.net", &block("Block one")));
    let outcome = operator.run(&look).await;
    assert!(outcome.is_complete(), "{outcome:?}");
    assert_eq!(outcome.meanwhile.len(), 1);
    let rules = operator.account.somebody(|desk| desk.rules("example.net"));
    let refs: Vec<String> = rules.iter().map(|rule| text(&rule["ref"])).collect();
    assert_eq!((refs.len(), &refs[0][..]), (2, "team/require/1"));
}

#[tokio::test(start_paused = true)]
async fn rules_that_move_between_two_writes_of_one_wave_stop_it() {
    // Both rules gain a host, one after the other.
    let file = TWO_RULES
        .replace("pay.example.com]", "pay.example.com, shop.example.com]")
        .replace("[bus.example.com]", "[bus.example.com, car.example.com]");
    let operator = agreed(TWO_RULES).await;
    let look = operator.look(&file).await;
    operator.account.forget_calls();
    operator
        .account
        .after(When::To("PATCH", "/rules/", 1), |desk| {
            desk.add_rule(ZONE, &block("Block one"));
        });
    let outcome = operator.run(&look).await;
    assert_eq!(words(&outcome), [format!("{RULES}: `Block one` is new")]);
    assert!(outcome.wrote && outcome.meanwhile.is_empty());
    operator.again().converge(&file).await;
}
