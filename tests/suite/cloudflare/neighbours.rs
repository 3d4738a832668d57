//! The Reader on what stands beside a zone's custom rules: whole lists, and nothing taken for empty.

use mtlsctl::live::DnsRecord;
use serde_json::Value;
use serde_json::json;

use crate::cloudflare::script::HTML;
use crate::cloudflare::script::Reply;
use crate::cloudflare::script::Script;
use crate::cloudflare::script::account;
use crate::cloudflare::script::broken;
use crate::cloudflare::script::ok;
use crate::cloudflare::script::page;
use crate::cloudflare::script::refused;
use crate::cloudflare::script::rule;
use crate::cloudflare::script::ruleset;
use crate::cloudflare::script::text;
use crate::cloudflare::script::zone;

fn access_rule(n: usize) -> Value {
    json!({
        "id": format!("{n:032x}"), "mode": "block", "allowed_modes": ["block", "whitelist"], "paused": false,
        "configuration": { "target": "ip", "value": format!("198.51.100.{n}"), "more": 1 },
        "scope": { "id": zone().as_str(), "type": "zone" }, "created_on": "2024-01-01T00:00:00Z",
    })
}

fn record(n: usize, name: &str) -> Value {
    json!({
        "id": format!("{n:032x}"), "name": name, "type": "A", "content": "192.0.2.1", "proxied": true,
        "proxiable": true, "ttl": 1, "meta": {}, "comment": null, "tags": [],
    })
}

fn rules() -> Value {
    json!({
        "id": ruleset().as_str(), "version": "2", "phase": "whatever", "kind": "root", "something": "new",
        "rules": [
            { "id": rule(1).as_str(), "version": "1", "action": "execute", "expression": "true",
              "action_parameters": { "id": ruleset().as_str() } },
            { "id": rule(2).as_str(), "version": "1", "action": "redirect", "expression": "ssl", "enabled": false,
              "action_parameters": { "from_value": { "status_code": 301 } } },
        ],
    })
}

/// Which of the reads of rules; all of them behave alike but for what means that there are none.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Read {
    Ruleset,
    AccountRules,
    Redirects,
}

/// The actions that are read, `None` where there is no ruleset; or an error's words.
async fn actions(read: Read, reply: Reply) -> Result<Option<Vec<String>>, String> {
    let script = Script::new([reply]);
    let reader = script.client().reader();
    let rules = match read {
        Read::Ruleset => reader.ruleset(&zone(), &ruleset()).await,
        Read::AccountRules => reader.account_rules(&account()).await.map(Some),
        Read::Redirects => reader.redirects(&zone()).await.map(Some),
    };
    assert_eq!((script.sent().len(), script.unplayed()), (1, 0));
    rules
        .map(|rules| rules.map(|rules| rules.into_iter().map(|rule| rule.action).collect()))
        .map_err(|error| error.to_string())
}

#[tokio::test]
async fn rules_are_read_wherever_they_stand() {
    for read in [Read::Ruleset, Read::AccountRules, Read::Redirects] {
        let found = actions(read, ok(rules())).await.unwrap().unwrap();
        assert_eq!(found, ["execute", "redirect"], "{read:?}");
        let bare = json!({ "id": ruleset().as_str(), "version": 1 });
        let found = actions(read, ok(bare)).await.unwrap().unwrap();
        assert!(found.is_empty(), "{read:?}");
    }
    let script = Script::new([ok(rules())]);
    let found = script.client().reader().redirects(&zone()).await.unwrap();
    assert_eq!(
        found[1].parameters,
        json!({ "from_value": { "status_code": 301 } })
    );
    assert!(!found[1].enabled);
}

#[tokio::test]
async fn only_a_clear_answer_means_that_there_are_no_rules() {
    let none = || refused(404, 10003, "could not find entrypoint ruleset");
    for read in [Read::AccountRules, Read::Redirects] {
        assert_eq!(actions(read, none()).await, Ok(Some(vec![])), "{read:?}");
    }
    // A ruleset of no known id is told apart from a zone of no known id.
    assert_eq!(actions(Read::Ruleset, none()).await, Ok(None));
    let gone = refused(404, 9999, "could not find ruleset");
    assert_eq!(actions(Read::Ruleset, gone).await, Ok(None));

    let unclear = || {
        [
            refused(404, 7003, "Could not route"),
            refused(404, 7000, "No route for that URI"),
            refused(403, 10000, "Authentication error"),
            refused(403, 50002, "not entitled"),
            refused(403, 10003, "odd"),
            text(404, HTML),
            text(404, ""),
            ok(Value::Null),
        ]
    };
    for read in [Read::Ruleset, Read::AccountRules, Read::Redirects] {
        for reply in unclear() {
            let found = actions(read, reply).await;
            assert!(found.is_err(), "{read:?}: {found:?}");
        }
    }
    for read in [Read::AccountRules, Read::Redirects] {
        let found = actions(read, refused(404, 9999, "could not find something")).await;
        assert!(found.is_err(), "{read:?}: {found:?}");
    }
}

#[tokio::test]
async fn a_missing_permission_is_named() {
    let forbidden = || refused(403, 10000, "Authentication error");
    for (read, group) in [
        (Read::Ruleset, "Zone · Zone WAF: Read"),
        (Read::AccountRules, "Account · Account WAF: Read"),
        (Read::Redirects, "Zone · Single Redirect: Read"),
    ] {
        let words = actions(read, forbidden()).await.unwrap_err();
        let needs = format!("the call needs the permission `{group}`");
        assert!(words.contains(&needs), "{words}");
    }
    let script = Script::new([forbidden(), forbidden(), forbidden()]);
    let reader = script.client().reader();
    let errors = [
        reader
            .access_rules_of_account(&account())
            .await
            .unwrap_err(),
        reader.access_rules_of_zone(&zone()).await.unwrap_err(),
        reader.records(&zone()).await.unwrap_err(),
    ];
    let needs: Vec<_> = errors.iter().map(|error| error.needs().unwrap()).collect();
    assert_eq!(
        needs,
        [
            "Account · Account Firewall Access Rules: Read",
            "Zone · Firewall Services: Read",
            "Zone · DNS: Read",
        ]
    );
    assert!(errors.iter().all(|error| !error.is_not_entitled()));
}

#[tokio::test]
async fn access_rules_are_read_page_by_page() {
    let first: Vec<Value> = (0..50).map(access_rule).collect();
    let second: Vec<Value> = (50..60).map(access_rule).collect();
    let script = Script::new([page(first.clone(), 1, 2, 60), page(second, 2, 2, 60)]);
    let reader = script.client().reader();
    let rules = reader.access_rules_of_zone(&zone()).await.unwrap();
    assert_eq!(rules.len(), 60);
    assert_eq!(rules[59].value, "198.51.100.59");
    assert!(script.sent()[1].contains("?page=2&"), "{:?}", script.sent());

    let script = Script::new([page(first, 1, 2, 60), page(vec![], 2, 2, 60)]);
    let reader = script.client().reader();
    let error = reader.access_rules_of_account(&account()).await;
    let words = error.unwrap_err().to_string();
    assert!(words.contains("50 of 60 were read"), "{words}");
}

#[tokio::test]
async fn an_access_rule_is_read_with_its_defaults() {
    let mut noted = access_rule(1);
    noted["mode"] = json!("whitelist");
    noted["notes"] = json!("the office");
    let mut country = access_rule(2);
    country["configuration"] = json!({ "target": "country", "value": "T1" });
    country["notes"] = Value::Null;
    let script = Script::new([page(vec![noted, country], 1, 1, 2)]);
    let reader = script.client().reader();
    let rules = reader.access_rules_of_account(&account()).await.unwrap();
    let shown: Vec<String> = rules
        .iter()
        .map(|rule| {
            format!(
                "{} {} {} `{}` {}",
                rule.mode,
                rule.target,
                rule.value,
                rule.notes,
                rule.lets_past()
            )
        })
        .collect();
    assert_eq!(
        shown,
        [
            "whitelist ip 198.51.100.1 `the office` true",
            "block country T1 `` false"
        ]
    );

    let mut broken = access_rule(3);
    broken["configuration"] = json!({ "target": "ip" });
    let script = Script::new([page(vec![broken], 1, 1, 1)]);
    let reader = script.client().reader();
    let words = reader.access_rules_of_zone(&zone()).await.unwrap_err();
    let words = words.to_string();
    assert!(words.contains("`result[0].configuration"), "{words}");
}

#[tokio::test]
async fn of_a_record_only_what_matters_is_read() {
    let mut txt = record(2, "*.API.example.com");
    txt["type"] = json!("TXT");
    txt.as_object_mut().unwrap().remove("proxied");
    let script = Script::new([page(vec![record(1, "api.example.com"), txt], 1, 1, 2)]);
    let records = script.client().reader().records(&zone()).await.unwrap();
    let of = |name: &str, kind: &str, proxied| DnsRecord {
        name: name.into(),
        kind: kind.into(),
        proxied,
    };
    assert_eq!(
        records,
        [
            of("api.example.com", "A", true),
            of("*.api.example.com", "TXT", false)
        ]
    );
    for reply in [
        refused(404, 7003, "Could not route"),
        text(404, HTML),
        page(vec![record(1, "a")], 1, 1, 2),
    ] {
        let script = Script::new([reply, page(vec![], 2, 1, 2)]);
        assert!(script.client().reader().records(&zone()).await.is_err());
    }
    let script = Script::new([ok(Value::Null)]);
    let none = script.client().reader().records(&zone()).await;
    assert_eq!(none.unwrap(), []);
}

#[tokio::test(start_paused = true)]
async fn a_read_is_sent_again() {
    let all = page(vec![access_rule(1)], 1, 1, 1);
    let script = Script::new([broken(), text(502, HTML), all]);
    let reader = script.client().reader();
    let rules = reader.access_rules_of_zone(&zone()).await.unwrap();
    assert_eq!((rules.len(), script.sent().len()), (1, 3));
}
