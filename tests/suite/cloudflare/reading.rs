//! The Reader: whole lists or errors, and tolerance where the reference asks for it.

use std::collections::BTreeSet;

use mtlsctl::cloudflare::Error;
use mtlsctl::live::Rules;
use mtlsctl::resource::Issuer;
use mtlsctl::resource::ZoneStatus;
use serde_json::Value;
use serde_json::json;

use crate::cloudflare::script::HTML;
use crate::cloudflare::script::Script;
use crate::cloudflare::script::account;
use crate::cloudflare::script::ca;
use crate::cloudflare::script::ok;
use crate::cloudflare::script::page;
use crate::cloudflare::script::refused;
use crate::cloudflare::script::rule;
use crate::cloudflare::script::ruleset;
use crate::cloudflare::script::text;
use crate::cloudflare::script::zone;

fn zone_json(n: usize, name: &str, status: &str) -> Value {
    json!({
        "id": format!("{n:032x}"), "name": name, "status": status, "paused": false, "type": "full",
        "account": { "id": account().as_str(), "name": "ours" }, "activated_on": null,
    })
}

fn many(range: std::ops::Range<usize>) -> Vec<Value> {
    range
        .map(|n| zone_json(n, &format!("z{n:03}.example"), "active"))
        .collect()
}

#[tokio::test]
async fn all_pages_of_zones_are_read() {
    let script = Script::new([page(many(0..50), 1, 2, 60), page(many(50..60), 2, 2, 60)]);
    let zones = script.client().reader().zones(&account()).await.unwrap();
    assert_eq!(zones.len(), 60);
    assert_eq!(zones[59].name.as_str(), "z059.example");
    assert_eq!(script.sent().len(), 2);
    assert!(script.sent()[1].contains("&page=2&"), "{:?}", script.sent());
}

#[tokio::test]
async fn a_list_that_is_not_whole_is_an_error() {
    let cases = [
        (
            "an empty page",
            vec![page(many(0..50), 1, 2, 60), page(vec![], 2, 2, 60)],
        ),
        (
            "a repeated page",
            vec![page(many(0..50), 1, 2, 60), page(many(0..50), 2, 2, 60)],
        ),
        (
            "another total",
            vec![page(many(0..50), 1, 2, 60), page(many(51..60), 2, 2, 59)],
        ),
        (
            "a shifted page",
            vec![
                page(many(0..50), 1, 2, 60),
                page(many(49..58), 2, 2, 60),
                page(vec![], 3, 2, 60),
            ],
        ),
        ("nothing at all", vec![page(vec![], 1, 2, 60)]),
    ];
    for (what, replies) in cases {
        let script = Script::new(replies);
        let error = script.client().reader().zones(&account()).await;
        assert!(
            matches!(error, Err(Error::Incomplete { .. })),
            "{what}: {error:?}"
        );
        assert_eq!(script.unplayed(), 0, "{what}");
    }
    let script = Script::new([page(many(0..50), 1, 2, 60), page(vec![], 2, 2, 60)]);
    let error = script
        .client()
        .reader()
        .zones(&account())
        .await
        .unwrap_err();
    assert!(
        error.to_string().ends_with(
            "/zones: page 2 leaves the list incomplete, 50 of 60 were read; it changed meanwhile, \
             or a page was lost: run again"
        ),
        "{error}"
    );
}

#[tokio::test]
async fn lists_without_a_count_end_with_a_page_that_is_not_full() {
    let bare = |items| ok(Value::Array(items));
    let script = Script::new([bare(many(0..50)), bare(many(50..53))]);
    assert_eq!(
        script
            .client()
            .reader()
            .zones(&account())
            .await
            .unwrap()
            .len(),
        53
    );
    let script = Script::new([bare(many(0..50)), bare(vec![])]);
    assert_eq!(
        script
            .client()
            .reader()
            .zones(&account())
            .await
            .unwrap()
            .len(),
        50
    );
    let script = Script::new([ok(Value::Null)]);
    assert_eq!(
        script.client().reader().zones(&account()).await.unwrap(),
        []
    );
}

#[tokio::test]
async fn of_zones_with_one_name_the_active_one_counts() {
    let mut foreign = zone_json(9, "else.example", "active");
    foreign["account"]["id"] = json!("ffffffffffffffffffffffffffffffff");
    let zones = vec![
        zone_json(1, "a.example", "moved"),
        zone_json(2, "a.example", "active"),
        zone_json(3, "a.example", "pending"),
        zone_json(4, "b.example", "deactivated"),
        foreign,
    ];
    let script = Script::new([page(zones, 1, 1, 5)]);
    let zones = script.client().reader().zones(&account()).await.unwrap();
    let shown: Vec<_> = zones
        .iter()
        .map(|zone| format!("{} {} {}", &zone.id.as_str()[31..], zone.name, zone.status))
        .collect();
    assert_eq!(shown, ["2 a.example active", "4 b.example deactivated"]);
    assert_eq!(zones[1].status, ZoneStatus::Other("deactivated".into()));

    let zones = vec![
        zone_json(1, "a.example", "active"),
        zone_json(2, "a.example", "active"),
    ];
    let script = Script::new([page(zones, 1, 1, 2)]);
    let error = script
        .client()
        .reader()
        .zones(&account())
        .await
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "the account has two active zones named `a.example` (00000000000000000000000000000001 and \
         00000000000000000000000000000002)"
    );
}

#[tokio::test]
async fn hosts_may_be_null_or_missing_but_the_result_may_not() {
    let own = Issuer::Uploaded(ca(1));
    for result in [
        json!({ "hostnames": null }),
        json!({}),
        json!({ "hostnames": [] }),
    ] {
        let script = Script::new([ok(result)]);
        assert!(
            script
                .client()
                .reader()
                .hosts(&zone(), &own)
                .await
                .unwrap()
                .0
                .is_empty()
        );
    }
    let script = Script::new([ok(
        json!({ "hostnames": ["B.example.com", "a.example.com"] }),
    )]);
    let hosts = script.client().reader().hosts(&zone(), &own).await.unwrap();
    assert_eq!(
        hosts.0,
        BTreeSet::from(["B.example.com".into(), "a.example.com".into()])
    );
    for reply in [ok(Value::Null), refused(404, 7003, "Could not route")] {
        let script = Script::new([reply]);
        assert!(script.client().reader().hosts(&zone(), &own).await.is_err());
    }
}

#[tokio::test]
async fn only_404_with_10003_means_no_entry_point() {
    let script = Script::new([refused(404, 10003, "could not find entrypoint ruleset")]);
    assert_eq!(
        script.client().reader().rules(&zone()).await.unwrap(),
        Rules::NoEntryPoint
    );
    for reply in [
        refused(404, 7003, "Could not route"),
        refused(403, 10000, "Authentication error"),
        refused(403, 10003, "odd"),
        refused(400, 50002, "not entitled"),
        text(404, HTML),
        text(404, ""),
        ok(Value::Null),
    ] {
        let script = Script::new([reply]);
        assert!(script.client().reader().rules(&zone()).await.is_err());
    }
}

#[tokio::test]
async fn rules_are_read_in_order_with_their_defaults() {
    let script = Script::new([ok(json!({
        "id": ruleset().as_str(), "name": "default", "kind": "zone", "version": "7", "something": "new",
        "rules": [
            { "id": rule(2).as_str(), "version": 3, "action": "skip", "expression": "true", "enabled": false,
              "ref": "a/b/1", "description": "d", "action_parameters": { "ruleset": "current" },
              "logging": { "enabled": true } },
            { "id": rule(1).as_str(), "version": "1", "action": "block", "expression": "false" },
        ],
    }))]);
    let Rules::EntryPoint(entry) = script.client().reader().rules(&zone()).await.unwrap() else {
        panic!("an entry point");
    };
    assert_eq!((entry.id, entry.version), (ruleset(), 7));
    let [first, second] = &entry.rules[..] else {
        panic!("two rules");
    };
    assert_eq!(
        (&first.id, first.version, first.enabled),
        (&rule(2), 3, false)
    );
    assert_eq!(
        (first.reference.as_str(), first.description.as_str()),
        ("a/b/1", "d")
    );
    assert_eq!(first.parameters, json!({ "ruleset": "current" }));
    assert_eq!(
        (second.reference.as_str(), second.enabled),
        (rule(1).as_str(), true)
    );
    assert_eq!(
        (&second.parameters, second.description.as_str()),
        (&json!({}), "")
    );

    let broken = json!({ "id": ruleset().as_str(), "version": "v7", "rules": null });
    let script = Script::new([ok(broken)]);
    let words = script
        .client()
        .reader()
        .rules(&zone())
        .await
        .unwrap_err()
        .to_string();
    assert!(
        words.contains("`result.version` cannot be used: \"v7\" is no version number"),
        "{words}"
    );
}
