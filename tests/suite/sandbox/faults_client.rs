//! What the project's own client makes of each fault: what it asks again, and what it never sends twice.

use std::time::Duration;
use std::time::Instant;

use mtlsctl::cloudflare::Client;
use mtlsctl::cloudflare::Error;
use mtlsctl::cloudflare::Network;
use mtlsctl::cloudflare::Position;
use mtlsctl::cloudflare::Retry;
use mtlsctl::cloudflare::RuleBody;
use mtlsctl::cloudflare::Settings;
use mtlsctl::cloudflare::Timeouts;
use mtlsctl::cloudflare::Upload;
use mtlsctl::live::HostList;
use mtlsctl::live::Rules;
use mtlsctl::resource::AccountId;
use mtlsctl::resource::Bundle;
use mtlsctl::resource::EntryPoint;
use mtlsctl::resource::Issuer;
use mtlsctl::resource::ZoneId;
use mtlsctl::sandbox::ACCOUNT_ID;
use secrecy::SecretString;
use serde_json::Value;

use crate::sandbox::faults_world::Wired;
use crate::sandbox::world::ca_pem;

/// What breaks a call before the account has seen it, or without it.
const BEFORE: [&str; 3] = [
    "fault: reset",
    "fault: html, status: 503",
    "fault: server-error",
];

/// What breaks it after the account has done it.
const AFTER: [&str; 4] = [
    "fault: lost-reply",
    "fault: half-body",
    "fault: html, lands: true",
    "fault: server-error, status: 504, lands: true",
];

/// The account with a client that does not wait long before it asks again.
struct Desk {
    wired: Wired,
    client: Client,
    zone: ZoneId,
}

impl Desk {
    fn with(faults: &[String]) -> Self {
        let wired = Wired::with(&[]);
        let base = format!("http://{}/client/v4", wired.address);
        let token = SecretString::from(wired.token.clone());
        let network = Network::new(&base, &token, Timeouts::default()).expect("a network");
        let retry = Retry {
            first: Duration::from_millis(10),
            jitter: false,
            ..Retry::default()
        };
        let settings = Settings {
            retry,
            ..Settings::default()
        };
        let client = Client::new(network, settings);
        let zones = wired.runtime.block_on(client.reader().zones(&account()));
        let zones = zones.expect("zones").into_iter();
        let found = zones.filter(|zone| zone.name.as_str() == "example.com");
        let zone = found.map(|zone| zone.id).next().expect("a zone");
        let faults: Vec<&str> = faults.iter().map(String::as_str).collect();
        wired.arm(&faults);
        Self {
            wired,
            client,
            zone,
        }
    }

    fn rules(&self) -> EntryPoint {
        let rules = self
            .wired
            .runtime
            .block_on(self.client.reader().rules(&self.zone));
        match rules.expect("rules") {
            Rules::EntryPoint(entry) => entry,
            Rules::NoEntryPoint => panic!("no entry point"),
        }
    }

    fn hosts(&self) -> HostList {
        let reader = self.client.reader();
        let hosts = reader.hosts(&self.zone, &Issuer::CloudflareManaged);
        self.wired.runtime.block_on(hosts).expect("hosts")
    }

    fn create_rule(&self) -> Result<EntryPoint, Error> {
        let entry = self.rules();
        let writer = self.client.writer();
        let (rule, first) = (rule(), Position::First);
        let made = writer.create_rule(&self.zone, &entry.id, &rule, &first);
        self.wired.runtime.block_on(made)
    }

    fn replace_hosts(&self) -> Result<(), Error> {
        let found = self.hosts();
        let (writer, hosts) = (self.client.writer(), new_hosts());
        let put = writer.replace_hosts(&self.zone, &Issuer::CloudflareManaged, &found, &hosts);
        self.wired.runtime.block_on(put)
    }

    fn upload(&self, bundle: &Bundle) -> Result<Upload, Error> {
        let (writer, account) = (self.client.writer(), account());
        let upload = writer.upload(&account, "team/one", bundle);
        self.wired.runtime.block_on(upload)
    }

    /// How many calls of a method went to paths with this in them.
    fn sent(&self, method: &str, part: &str) -> usize {
        let calls = self.wired.calls(part).into_iter();
        calls.filter(|(sent, _)| sent == method).count()
    }
}

fn account() -> AccountId {
    AccountId::parse(ACCOUNT_ID).expect("an id")
}

fn new_hosts() -> HostList {
    HostList(["new.example.com".to_owned()].into())
}

fn rule() -> RuleBody {
    RuleBody {
        reference: "team/require/1".into(),
        description: "mTLS".into(),
        action: "block".into(),
        parameters: Value::Null,
        expression: "(http.host eq \"new.example.com\")".into(),
        enabled: true,
    }
}

fn on(fault: &str, endpoint: &str) -> String {
    format!("{{ {fault}, on: {endpoint}, times: 1 }}")
}

#[test]
fn a_read_is_asked_again_whatever_broke_it() {
    for fault in BEFORE.iter().chain(&AFTER) {
        let twice = on(fault, "get-rules").replace("times: 1", "times: 2");
        let desk = Desk::with(&[twice]);
        assert_eq!(desk.rules().rules.len(), 2, "{fault}");
        assert_eq!(desk.sent("GET", "/entrypoint"), 3, "{fault}");
        assert_eq!(desk.wired.fired(), [2], "{fault}");
    }
}

#[test]
fn a_page_that_says_200_is_no_answer_and_not_asked_for_again() {
    let desk = Desk::with(&[on("fault: html, status: 200", "get-rules")]);
    let reader = desk.client.reader();
    let read = desk.wired.runtime.block_on(reader.rules(&desk.zone));
    let error = read.expect_err("a page").to_string();
    assert!(
        error.contains("200") && error.contains("<!DOCTYPE html>"),
        "{error}"
    );
    assert_eq!(desk.sent("GET", "/entrypoint"), 1);
}

#[test]
fn what_may_have_landed_is_looked_for_before_it_is_sent_again() {
    let bundle = Bundle::from_pem(&ca_pem("one")).expect("a CA");
    let broken = BEFORE
        .iter()
        .map(|fault| (fault, 2))
        .chain(AFTER.iter().map(|fault| (fault, 1)));
    for (fault, sent) in broken {
        let desk = Desk::with(&[
            on(fault, "create-rule"),
            on(fault, "put-hosts"),
            on(fault, "upload-certificate"),
        ]);
        let entry = desk
            .create_rule()
            .unwrap_or_else(|error| panic!("{fault}: {error}"));
        assert_eq!(entry.rules.len(), 3, "{fault}");
        assert_eq!(desk.sent("POST", "/rules"), sent, "{fault}");
        desk.replace_hosts()
            .unwrap_or_else(|error| panic!("{fault}: {error}"));
        assert_eq!(desk.hosts(), new_hosts(), "{fault}");
        assert_eq!(desk.sent("PUT", "/hostname_associations"), sent, "{fault}");
        let made = desk
            .upload(&bundle)
            .unwrap_or_else(|error| panic!("{fault}: {error}"));
        assert!(matches!(made, Upload::Created(_)), "{fault}: {made:?}");
        assert_eq!(desk.sent("POST", "/mtls_certificates"), sent, "{fault}");
        assert_eq!(desk.wired.fired(), [1, 1, 1], "{fault}");
    }
}

#[test]
fn a_rule_is_there_once_even_where_no_read_shows_it_yet() {
    let desk = Desk::with(&[
        on("fault: lost-reply", "create-rule"),
        on("fault: slow-propagation, time: 1h", "create-rule"),
    ]);
    let error = desk.create_rule().expect_err("nobody can tell").to_string();
    assert!(error.contains("POST /zones/"), "{error}");
    let account = desk.wired.store.account().expect("the account");
    let json = serde_json::to_string(&account).expect("JSON");
    assert_eq!(json.matches("\"ref\":\"team/require/1\"").count(), 1);
}

#[test]
fn a_list_that_somebody_else_writes_after_ours_is_not_overwritten() {
    let shop = "moment: after-write, change: add-host, host: shop.example.com";
    let desk = Desk::with(&[
        on("fault: lost-reply", "put-hosts"),
        on(&format!("fault: foreign-writer, {shop}"), "put-hosts"),
    ]);
    let error = desk.replace_hosts().expect_err("overtaken");
    assert!(matches!(error, Error::Overtaken { .. }), "{error}");
    assert_eq!(desk.sent("PUT", "/hostname_associations"), 1);
    assert!(desk.hosts().0.contains("shop.example.com"));
}

#[test]
fn a_lock_out_is_sat_out() {
    let desk = Desk::with(&[on("fault: rate-limit, time: 2s", "get-rules")]);
    let started = Instant::now();
    assert_eq!(desk.rules().rules.len(), 2);
    let took = started.elapsed();
    assert!(took >= Duration::from_secs(2), "{took:?}");
    let expected = [("GET".to_owned(), 429), ("GET".to_owned(), 200)];
    assert_eq!(desk.wired.calls("/entrypoint"), expected);
}

#[test]
fn a_lock_out_that_is_too_long_is_an_error_at_once() {
    let desk = Desk::with(&[on("fault: rate-limit, time: 1h", "get-rules")]);
    let reader = desk.client.reader();
    let read = desk.wired.runtime.block_on(reader.rules(&desk.zone));
    let error = read.expect_err("a lock-out");
    assert_eq!(
        error.retry_after(),
        Some(Duration::from_secs(3600)),
        "{error}"
    );
    assert_eq!(desk.sent("GET", "/entrypoint"), 1);
}

#[test]
fn a_permission_that_is_gone_is_named() {
    let desk = Desk::with(&[
        "{ fault: revoked-permission, on: create-rule, permission: Zone WAF Edit }".to_owned(),
    ]);
    let error = desk.create_rule().expect_err("a refusal");
    assert!(error.is_permission(), "{error}");
    assert_eq!(error.needs(), Some("Zone · Zone WAF: Edit"));
    assert_eq!(desk.sent("POST", "/rules"), 1);
}
