//! What a run may be in the middle of when it ends: an account, somebody in front of it, and a file.

use serde_json::json;

use crate::execute::scenario::EVERY_KIND;
use crate::execute::scenario::ONE_HOST;
use crate::execute::scenario::TWO_ZONES;
use crate::execute::scenario::ZONES;
use crate::execute::scenario::agreed;
use crate::execute::scenario::every_kind;
use crate::execute::scenario::with_another_ca;
use crate::execute::scenario::with_unless;
use crate::support::account::ModelAccount;
use crate::support::operator::Operator;
use crate::support::script::Fault;
use crate::support::script::When;

/// Two CAs, two groups.
const TWO_GROUPS: &str = "
version: 1
account: ${CLOUDFLARE_ACCOUNT_ID}
owner: team
cas:
  - { name: one, certificates: ca/0.pem }
  - { name: two, certificates: ca/1.pem }
hostnames:
  - { name: outer, cas: [one], hosts: [api.example.com, pay.example.com] }
  - { name: inner, cas: [two], hosts: [bus.example.com] }
rules:
";

/// One rule for both groups.
fn one_rule() -> String {
    format!("{TWO_GROUPS}  - {{ name: require }}\n")
}

/// A rule for each group.
fn two_rules() -> String {
    format!(
        "{TWO_GROUPS}  - {{ name: outer, hostnames: [outer] }}\n  - {{ name: inner, hostnames: [inner] }}\n"
    )
}

/// `pay.example.com` in the second group.
fn moved(file: &str) -> String {
    file.replace("api.example.com, pay.example.com", "api.example.com")
        .replace("bus.example.com", "bus.example.com, pay.example.com")
}

/// Somebody in front of an account, and the file that they apply.
pub(crate) type Start = (Operator, String);

fn new() -> Operator {
    Operator::of(&ModelAccount::new(ZONES, 5))
}

pub(crate) async fn first_onboarding() -> Start {
    (new(), ONE_HOST.to_owned())
}

pub(crate) async fn two_zones() -> Start {
    (new(), TWO_ZONES.to_owned())
}

pub(crate) async fn second_ca() -> Start {
    (agreed(ONE_HOST).await, with_another_ca())
}

pub(crate) async fn rotation() -> Start {
    let file = ONE_HOST.replace("ca/0.pem", "ca/1.pem");
    (agreed(ONE_HOST).await, file)
}

pub(crate) async fn rotation_with_overlap() -> Start {
    let file = format!("{ONE_HOST}guards: {{ min_overlap: 14d }}\n");
    (agreed(&file).await, file.replace("ca/0.pem", "ca/1.pem"))
}

pub(crate) async fn retirement() -> Start {
    let file = with_another_ca();
    let retired = file.replace("ca/0.pem }", "ca/0.pem, retire: 2026-12-31 }");
    (agreed(&file).await, retired)
}

pub(crate) async fn host_between_groups() -> Start {
    (agreed(&one_rule()).await, moved(&one_rule()))
}

pub(crate) async fn host_between_rules() -> Start {
    (agreed(&two_rules()).await, moved(&two_rules()))
}

/// As [`host_between_rules`], by somebody whose run ended with the temporary rule in place.
pub(crate) async fn left_over_bridge() -> Start {
    let (operator, file) = host_between_rules().await;
    let look = operator.look(&file).await;
    let account = &operator.account;
    account.forget_calls();
    account.fault(When::To("POST", "/rules", 1), Fault::KilledAfter);
    tokio::select! {
        outcome = operator.run(&look) => panic!("{outcome:?}"),
        () = account.killed() => {}
    }
    let rules = account.somebody(|desk| desk.rules("example.com"));
    let is_bridge = |rule: &serde_json::Value| rule["ref"] == "team/~bridge/1";
    assert!(rules.iter().any(is_bridge), "{rules:?}");
    (operator.again(), file)
}

/// As [`left_over_bridge`], where the host stays after all.
pub(crate) async fn left_over_bridge_and_back() -> Start {
    let (operator, _) = left_over_bridge().await;
    (operator, two_rules())
}

pub(crate) async fn rule_renamed() -> Start {
    let file = ONE_HOST.replace("name: require", "name: certificates");
    (agreed(ONE_HOST).await, file)
}

pub(crate) async fn rule_removed() -> Start {
    let file = two_rules();
    let without = file.replace("  - { name: inner, hostnames: [inner] }\n", "");
    (agreed(&file).await, without)
}

pub(crate) async fn unless_changed() -> Start {
    (agreed(ONE_HOST).await, with_unless())
}

pub(crate) async fn action_changed() -> Start {
    let rule = "{ name: require, action: managed_challenge }";
    let file = ONE_HOST.replace("name: require", rule);
    (agreed(ONE_HOST).await, file)
}

pub(crate) async fn full_quota() -> Start {
    let file = with_another_ca().replace("owner: team", "owner: team\nquota: 3");
    let before = file.replace("cas: [one, two]", "cas: [one]");
    let operator = Operator::of(&ModelAccount::new(ZONES, 3));
    operator.converge(&before).await;
    let after = file.replace("two", "three").replace("1.pem", "2.pem");
    (operator.again(), after)
}

pub(crate) async fn managed_ca() -> Start {
    let managed =
        "  - { name: cloudflare-managed, key_ids: [A5AC554235DBA6D963B9CDE0185CFAD6E3F55E9F] }\n";
    let file = ONE_HOST
        .replace("hostnames:\n", &format!("{managed}hostnames:\n"))
        .replace("cas: [one]", "cas: [one, cloudflare-managed]");
    (agreed(ONE_HOST).await, file)
}

pub(crate) async fn past_a_skip() -> Start {
    let operator = agreed(ONE_HOST).await;
    operator.account.somebody(|desk| {
        desk.move_rule("example.com", "Office network", &json!({"index": 1}));
    });
    (operator, ONE_HOST.to_owned())
}

pub(crate) async fn every_kind_of_write() -> Start {
    (every_kind().await, EVERY_KIND.to_owned())
}
