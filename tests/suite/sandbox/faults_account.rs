//! Faults in what the account shows and in what others do to it, as a plain client sees them over HTTP.

use std::time::Duration;

use serde_json::Value;
use serde_json::json;

use crate::sandbox::faults_world::Wired;
use crate::sandbox::world::ca_pem;
use crate::sandbox::world::certificate;
use crate::sandbox::world::certificates;
use crate::sandbox::world::entry_point;
use crate::sandbox::world::hosts;
use crate::sandbox::world::hosts_of;

#[test]
fn a_stale_read_shows_how_things_were_so_many_calls_or_so_long_ago() {
    let wired = Wired::with(&[]);
    let zone = wired.zone("example.com");
    let path = hosts(&zone);
    let before = wired.listed(&path);
    for host in ["one.example.com", "two.example.com"] {
        wired.result("PUT", &path, &json!({"hostnames": [host]}));
    }
    // The calls so far are counted: the zones, the list, two writes.
    for (calls, expected) in [
        (1, vec!["one.example.com".to_owned()]),
        (1, vec!["two.example.com".to_owned()]),
        (3, vec!["one.example.com".to_owned()]),
        (5, before.clone()),
        (900, before.clone()),
    ] {
        wired.arm(&[&format!(
            "{{ fault: stale-read, on: get-hosts, times: 1, calls: {calls} }}"
        )]);
        assert_eq!(wired.listed(&path), expected, "{calls} calls ago");
    }
    wired.arm(&["{ fault: stale-read, on: get-hosts, times: 1, time: 1h }"]);
    assert_eq!(wired.listed(&path), before);
    assert_eq!(wired.listed(&path), ["two.example.com"]);
    // Writes act on the truth however reads lie.
    wired.arm(&["{ fault: stale-read, on: any, time: 1h }"]);
    let answered = wired.result("PUT", &path, &json!({"hostnames": []}));
    assert_eq!(answered["hostnames"], Value::Null);
    wired.arm(&[]);
    assert_eq!(wired.listed(&path), Vec::<String>::new());
}

#[test]
fn slow_propagation_hides_one_write_for_a_while() {
    let wired = Wired::with(&[]);
    let (com, net) = (wired.zone("example.com"), wired.zone("example.net"));
    wired.arm(&[
        "{ fault: slow-propagation, on: put-hosts, times: 1, time: 2s }",
        "{ fault: slow-propagation, on: upload-certificate, times: 1, time: 2s }",
        "{ fault: slow-propagation, on: create-rule, times: 1, time: 2s }",
    ]);
    let (before, rules) = (wired.listed(&hosts(&com)), wired.descriptions(&com));
    let entry = wired.get(&entry_point(&com))["id"]
        .as_str()
        .expect("an id")
        .to_owned();
    wired.result(
        "PUT",
        &hosts(&com),
        &json!({"hostnames": ["one.example.com"]}),
    );
    let upload = json!({"ca": true, "name": "slow", "certificates": ca_pem("slow")});
    let id = wired.result("POST", &certificates(), &upload)["id"]
        .as_str()
        .expect("an id")
        .to_owned();
    let rule =
        json!({"action": "block", "expression": "(ip.src eq 192.0.2.9)", "description": "slow"});
    let answered = wired.result(
        "POST",
        &format!("/zones/{com}/rulesets/{entry}/rules"),
        &rule,
    );
    assert_eq!(
        answered["rules"].as_array().expect("rules").len(),
        rules.len() + 1,
        "the write itself shows it"
    );
    // What was written elsewhere shows at once.
    wired.result(
        "PUT",
        &hosts(&net),
        &json!({"hostnames": ["one.example.net"]}),
    );
    assert_eq!(wired.listed(&hosts(&net)), ["one.example.net"]);
    assert_eq!(wired.listed(&hosts(&com)), before);
    assert_eq!(wired.ca("slow"), None);
    assert_eq!(
        wired.send("GET", &certificate(&id), &Value::Null).status,
        404
    );
    assert_eq!(wired.descriptions(&com), rules);
    std::thread::sleep(Duration::from_millis(2100));
    assert_eq!(wired.listed(&hosts(&com)), ["one.example.com"]);
    assert_eq!(wired.ca("slow"), Some(id));
    assert_eq!(wired.descriptions(&com).len(), rules.len() + 1);
}

#[test]
fn somebody_else_writes_before_the_read_in_the_window_and_after_the_write() {
    let writer = |on: &str, moment: &str| {
        format!(
            "{{ fault: foreign-writer, on: {on}, times: 1, moment: {moment}, change: add-host, host: shop.example.com }}"
        )
    };
    let wired = Wired::with(&[]);
    let zone = wired.zone("example.com");
    let legacy = wired.ca("legacy-partners").expect("a CA of others");
    let path = hosts_of(&zone, &legacy);
    let before = wired.listed(&path);
    let mut with_shop = before.clone();
    with_shop.push("shop.example.com".to_owned());
    with_shop.sort();
    let body = json!({"hostnames": ["own.example.com"], "mtls_certificate_id": legacy});
    let reset = json!({"hostnames": before, "mtls_certificate_id": legacy});

    wired.arm(&[&writer("get-hosts", "before-read")]);
    assert_eq!(wired.listed(&path), with_shop, "the read shows it");
    wired.result("PUT", &hosts(&zone), &json!({"hostnames": []}));

    wired.result("PUT", &hosts(&zone), &reset);
    wired.arm(&[&writer("put-hosts", "in-window")]);
    wired.result("PUT", &hosts(&zone), &body);
    assert_eq!(wired.listed(&path), ["own.example.com"], "overwritten");
    assert_eq!(wired.fired(), [1]);

    wired.arm(&[&writer("put-hosts", "after-write")]);
    let answered = wired.result("PUT", &hosts(&zone), &body);
    assert_eq!(
        answered["hostnames"],
        json!(["own.example.com"]),
        "the answer is of before"
    );
    assert_eq!(wired.listed(&path), ["own.example.com", "shop.example.com"]);
    // A write that is refused is no occasion.
    wired.arm(&[&writer("put-hosts", "after-write").replace("shop.", "late.")]);
    let refused = wired.send(
        "PUT",
        &hosts(&zone),
        &json!({"hostnames": ["*"], "mtls_certificate_id": legacy}),
    );
    assert_eq!(refused.status, 400);
    assert_eq!(wired.listed(&path), ["own.example.com", "shop.example.com"]);
}

#[test]
fn somebody_else_changes_lists_rules_and_cas() {
    let wired = Wired::with(&[]);
    let zone = wired.zone("example.com");
    let legacy = wired.ca("legacy-partners").expect("a CA of others");
    let rules = wired.descriptions(&zone);
    let theirs = "Legacy partners only";
    assert!(rules.iter().any(|rule| rule == theirs), "{rules:?}");
    let act = |rest: &str| {
        wired.arm(&[&format!("{{ fault: foreign-writer, on: get-rules, zone: example.com, moment: before-read, {rest} }}")]);
        let seen = wired.get(&entry_point(&zone));
        let last = wired.record().pop().expect("a line");
        wired.arm(&[]);
        (
            seen["rules"].as_array().expect("rules").clone(),
            last["faults"][0]["not_done"].clone(),
        )
    };
    let (after, _) = act("change: add-rule, rule: Mine");
    assert_eq!(
        (after.len(), &after[0]["description"]),
        (rules.len() + 1, &json!("Mine"))
    );
    let (after, _) = act("change: edit-rule, rule: Mine, expression: '(ip.src eq 192.0.2.8)'");
    assert_eq!(after[0]["expression"], "(ip.src eq 192.0.2.8)");
    assert_eq!(after[0]["enabled"], true);
    let (after, _) = act("change: edit-rule, rule: Mine");
    assert_eq!(
        (&after[0]["enabled"], &after[0]["expression"]),
        (&json!(false), &json!("(ip.src eq 192.0.2.8)"))
    );
    let (after, _) = act("change: delete-rule, rule: Mine");
    assert_eq!(after.len(), rules.len());

    let partners = wired.listed(&hosts_of(&zone, &legacy));
    let (_, not_done) = act(&format!(
        "change: drop-host, host: {}, ca: legacy",
        partners[0]
    ));
    assert_eq!(not_done, Value::Null);
    assert!(
        !wired
            .listed(&hosts_of(&zone, &legacy))
            .contains(&partners[0])
    );
    act("change: add-host, host: dev.example.com, ca: cloudflare-managed");
    assert!(
        wired
            .listed(&hosts(&zone))
            .contains(&"dev.example.com".to_owned())
    );
    act("change: delete-ca, ca: legacy");
    assert_eq!(wired.ca("legacy-partners"), None);

    for (rest, words) in [
        (
            "change: delete-ca, ca: legacy",
            "no certificate is called `legacy`",
        ),
        (
            "change: delete-rule, rule: Mine",
            "no custom rule of example.com is called `Mine`",
        ),
        (
            "change: add-host, host: a.example.org, ca: cloudflare-managed",
            "a.example.org is not in the zone example.com",
        ),
    ] {
        let (_, not_done) = act(rest);
        let not_done = not_done.as_str().expect("words").to_owned();
        assert!(not_done.contains(words), "{rest}: {not_done}");
    }
}

#[test]
fn a_revoked_permission_is_gone_until_the_fault_is() {
    let wired = Wired::with(&[
        "{ fault: revoked-permission, on: put-hosts, after: 1, permission: SSL and Certificates Edit }",
    ]);
    let zone = wired.zone("example.com");
    let put = || {
        wired
            .send("PUT", &hosts(&zone), &json!({"hostnames": []}))
            .status
    };
    assert_eq!([put(), put(), put()], [200, 403, 403]);
    assert_eq!(wired.fired(), [1]);
    // Reading has a group of its own.
    assert_eq!(wired.send("GET", &hosts(&zone), &Value::Null).status, 200);
    wired.arm(&[]);
    assert_eq!(put(), 200);
}
