//! An account to survey, with everything in it.

use std::collections::BTreeSet;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;

use mtlsctl::cloudflare::Client;
use mtlsctl::cloudflare::Error;
use mtlsctl::cloudflare::ManyReads;
use mtlsctl::cloudflare::Observer;
use mtlsctl::cloudflare::Survey;
use mtlsctl::resource::AccountId;
use mtlsctl::resource::ZoneName;
use mtlsctl::sandbox::ACCOUNT_ID;
use serde_json::json;

use crate::cloudflare::script::settings;
use crate::support::account::ModelAccount;
use crate::support::operator::pem;

pub(crate) const COM: &str = "example.com";
pub(crate) const NET: &str = "example.net";
pub(crate) const ENTRY: &str = "rulesets/phases/http_request_firewall_custom/entrypoint";
pub(crate) const HOSTS: &str = "hostname_associations";

pub(crate) fn new_account() -> ModelAccount {
    ModelAccount::new(&[COM, NET], 5)
}

pub(crate) fn name(zone: &str) -> ZoneName {
    ZoneName::parse(zone).expect("a zone")
}

/// Surveys all active zones, or those that are named; checks that each read was told, and that a few zones
/// are not called many.
pub(crate) async fn survey_with(
    account: &ModelAccount,
    parallel: usize,
    only: &[&str],
) -> Result<Survey, Error> {
    let client = Client::new(account.clone(), settings());
    let reader = client.reader();
    let told = AtomicUsize::new(0);
    let observer = Observer {
        reader: &reader,
        parallel,
        tell: &|| {
            told.fetch_add(1, Ordering::Relaxed);
        },
    };
    let id = AccountId::parse(ACCOUNT_ID).expect("an id");
    let only: BTreeSet<ZoneName> = only.iter().copied().map(name).collect();
    let only = Some(&only).filter(|only| !only.is_empty());
    let many = |many: ManyReads| panic!("{many:?}");
    let before = account.calls().len();
    let survey = observer.survey(&id, only, &many).await;
    if survey.is_ok() {
        let calls = account.calls().len() - before;
        assert_eq!(told.into_inner(), calls, "told of each");
    }
    survey
}

pub(crate) async fn survey(account: &ModelAccount) -> Survey {
    survey_with(account, 4, &[]).await.expect("a survey")
}

/// Everything there is: two access rules, a redirect, a DNS-only record, an account rule, a deployed
/// ruleset and an idle CA. Gives the ids of the last two.
pub(crate) fn furnish(account: &ModelAccount) -> (String, String) {
    account.somebody(|desk| {
        let net = "198.51.100.0/24";
        desk.add_access_rule(None, "whitelist", ("ip_range", net), "offices");
        desk.add_access_rule(Some(COM), "block", ("country", "T1"), "");
        desk.add_redirect(
            COM,
            "http.host eq \"example.com\"",
            "https://www.example.com",
        );
        desk.add_record(COM, "A", "api", "203.0.113.9", false);
        let block = json!({"action": "block", "expression": "ssl"});
        desk.add_account_rule("cf.zone.plan eq \"ENT\"", std::slice::from_ref(&block));
        let ruleset = desk.add_ruleset(COM, &[block]);
        desk.add_rule(COM, &execute(&ruleset, false));
        (ruleset, desk.upload("idle", pem(0)))
    })
}

pub(crate) fn execute(ruleset: &str, enabled: bool) -> serde_json::Value {
    json!({
        "action": "execute", "expression": "true", "enabled": enabled,
        "action_parameters": {"id": ruleset},
    })
}
