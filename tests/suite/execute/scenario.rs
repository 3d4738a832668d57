//! The files and accounts that several tests start from.

use serde_json::json;

use crate::support::account::ModelAccount;
use crate::support::operator::Operator;

/// The first has rules of somebody else, the second has no entry point.
pub(crate) const ZONES: &[&str] = &["example.com", "example.net"];

/// Two CAs, one host in each of two zones.
pub(crate) const TWO_ZONES: &str = "
version: 1
account: ${CLOUDFLARE_ACCOUNT_ID}
owner: team
cas:
  - { name: one, certificates: ca/0.pem }
  - { name: two, certificates: ca/1.pem }
hostnames:
  - { name: api, cas: [one, two], hosts: [api.example.com, api.example.net] }
rules:
  - name: require
";

/// One CA, one host, one rule.
pub(crate) const ONE_HOST: &str = "
version: 1
account: ${CLOUDFLARE_ACCOUNT_ID}
owner: team
cas:
  - { name: one, certificates: ca/0.pem }
hostnames:
  - { name: api, cas: [one], hosts: [api.example.com] }
rules:
  - name: require
";

/// As [`ONE_HOST`], but for one field of the rule: a plan of one step.
pub(crate) fn with_unless() -> String {
    ONE_HOST.replace(
        "name: require",
        "{ name: require, unless: http.request.uri.path eq \"/healthz\" }",
    )
}

/// As [`ONE_HOST`], with one host more: a list first, then the rule.
pub(crate) fn with_another_host() -> String {
    ONE_HOST.replace("[api.example.com]", "[api.example.com, pay.example.com]")
}

/// As [`ONE_HOST`], with another CA: uploaded, listed, pinned.
pub(crate) fn with_another_ca() -> String {
    ONE_HOST
        .replace(
            "ca/0.pem }",
            "ca/0.pem }\n  - { name: two, certificates: ca/1.pem }",
        )
        .replace("cas: [one]", "cas: [one, two]")
}

/// What [`EVERY_KIND`] starts from.
const BEFORE_EVERY_KIND: &str = "
version: 1
account: ${CLOUDFLARE_ACCOUNT_ID}
owner: team
cas:
  - { name: one, certificates: ca/0.pem }
  - { name: two, certificates: ca/1.pem }
hostnames:
  - { name: api, cas: [one], hosts: [api.example.com] }
  - { name: pay, cas: [two], hosts: [pay.example.com] }
rules:
  - name: require
  - { name: old, hostnames: [api], action: log, pin: false }
";

/// A file for which an account of [`every_kind`] needs each kind of write: an upload, lists that grow and
/// lists that shrink, a first rule in a zone, a rule created, moved, changed and deleted, a CA deleted.
pub(crate) const EVERY_KIND: &str = "
version: 1
account: ${CLOUDFLARE_ACCOUNT_ID}
owner: team
cas:
  - { name: one, certificates: ca/0.pem }
  - { name: three, certificates: ca/2.pem }
hostnames:
  - { name: api, cas: [one, three], hosts: [api.example.com, new.example.net] }
rules:
  - name: require
  - { name: fresh, hostnames: [api.example.com], action: log, pin: false }
";

/// An account for [`EVERY_KIND`], and somebody in front of it.
pub(crate) async fn every_kind() -> Operator {
    let operator = Operator::of(&ModelAccount::new(ZONES, 5));
    operator.converge(BEFORE_EVERY_KIND).await;
    operator.account.somebody(|desk| {
        desk.move_rule("example.com", "Office network", &json!({"index": 1}));
    });
    operator.again()
}

/// An account that agrees with a file, and somebody in front of it.
pub(crate) async fn agreed(file: &str) -> Operator {
    let operator = Operator::of(&ModelAccount::new(ZONES, 5));
    operator.converge(file).await;
    operator.account.forget_calls();
    operator.again()
}
