//! IP Access rules and DNS records: made, listed in pages, deleted.

use mtlsctl::sandbox::ACCOUNT_ID;
use serde_json::Value;
use serde_json::json;

use crate::sandbox::world::Refused;
use crate::sandbox::world::World;
use crate::sandbox::world::access_rules;
use crate::sandbox::world::records;

fn access_rule(target: &str, value: &str) -> Value {
    json!({"mode": "whitelist", "configuration": {"target": target, "value": value}, "notes": "office"})
}

fn record(name: &str) -> Value {
    json!({"type": "A", "name": name, "content": "203.0.113.9", "proxied": true, "ttl": 300})
}

fn id(made: &Value) -> String {
    made["id"].as_str().expect("an id").to_owned()
}

/// One field of each item.
fn all(list: &Value, field: &str) -> Vec<String> {
    let items = list.as_array().expect("a list").iter();
    items
        .map(|item| item[field].as_str().expect("a text").to_owned())
        .collect()
}

#[test]
fn an_access_rule_is_made_listed_and_deleted() {
    let mut world = World::new();
    let (com, net) = (world.zone("example.com"), world.zone("example.net"));
    let of_com = access_rules(&format!("/zones/{com}"));
    let of_net = access_rules(&format!("/zones/{net}"));
    let of_all = access_rules(&format!("/accounts/{ACCOUNT_ID}"));
    assert_eq!(world.get(&of_com), json!([]));

    let own = world.post(&of_com, access_rule("ip", "198.51.100.4"));
    assert_eq!(own["mode"], "whitelist");
    assert_eq!(own["notes"], "office");
    assert_eq!(own["scope"], json!({"id": com, "type": "zone"}));
    assert_eq!(
        own["configuration"],
        json!({"target": "ip", "value": "198.51.100.4"})
    );
    let shared = world.post(&of_all, access_rule("country", "DE"));
    let scope = json!({"id": ACCOUNT_ID, "type": "organization"});
    assert_eq!(shared["scope"], scope);

    // The zone's list has the account's rule, too; the account's list has nothing of the zone.
    assert_eq!(world.get(&of_com), json!([shared, own]));
    assert_eq!(world.get(&of_net), json!([shared]));
    assert_eq!(world.get(&of_all), json!([shared]));

    let gone = "could not find the access rule";
    world.all_refused([(
        "DELETE",
        format!("{of_com}/{}", id(&shared)),
        None,
        404,
        9999,
        gone,
    )]);
    let deleted = world.delete(&format!("{of_com}/{}", id(&own)));
    assert_eq!(deleted, json!({"id": own["id"]}));
    world.delete(&format!("{of_all}/{}", id(&shared)));
    assert_eq!(world.get(&of_com), json!([]));
}

#[test]
fn access_rules_come_in_pages_and_by_what_they_say() {
    let mut world = World::new();
    let path = access_rules(&format!("/accounts/{ACCOUNT_ID}"));
    for n in 0..23 {
        world.post(&path, access_rule("ip", &format!("198.51.100.{n}")));
    }
    let mut blocked = access_rule("asn", "AS64500");
    blocked["mode"] = json!("block");
    world.post(&path, blocked);
    let first = world.send("GET", &path, None);
    let info = json!({"page": 1, "per_page": 20, "count": 20, "total_count": 24, "total_pages": 2});
    assert_eq!(first.body["result_info"], info);
    let second = world.get(&format!("{path}?page=2"));
    assert_eq!(second.as_array().map(Vec::len), Some(4));
    for (query, count) in [
        ("per_page=1000", 24),
        ("per_page=1", 1),
        ("mode=block", 1),
        ("configuration.target=asn", 1),
        ("configuration.value=198.51.100.7", 1),
        ("mode=block&configuration.target=ip", 0),
    ] {
        let found = world.get(&format!("{path}?{query}"));
        assert_eq!(found.as_array().map(Vec::len), Some(count), "{query}");
    }
}

#[test]
fn bad_access_rules_are_refused() {
    let mut world = World::new();
    let com = world.zone("example.com");
    let path = access_rules(&format!("/zones/{com}"));
    let unknown = "0123456789abcdef0123456789abcdef";
    world.post(&path, access_rule("ip", "198.51.100.4"));
    let mut no_mode = access_rule("ip", "198.51.100.5");
    no_mode["mode"] = json!("allow");
    let of_unknown = access_rules(&format!("/zones/{unknown}"));
    let again = access_rule("ip", "198.51.100.4");
    #[rustfmt::skip]
    let mut rows: Vec<Refused<'_>> = vec![
        ("POST", path.clone(), Some(again.clone()), 400, 9999, "already"),
        ("POST", path.clone(), Some(no_mode), 400, 9999, "mode must be one of block,"),
        ("POST", path.clone(), Some(json!({"mode": "block"})), 400, 9999, "configuration is required"),
        ("POST", of_unknown.clone(), Some(again), 404, 7003, "Could not route"),
        ("GET", of_unknown, None, 404, 7003, "Could not route"),
        ("GET", format!("{path}?per_page=7"), None, 400, 9999, "a multiple of 5"),
        ("GET", format!("{path}?per_page=1005"), None, 400, 9999, "from 1 to 1000"),
        ("PATCH", format!("{path}/{unknown}"), Some(json!({})), 405, 7001, "Method PATCH"),
        ("DELETE", format!("{path}/x"), None, 404, 7003, "Could not route"),
    ];
    for (target, value) in [
        ("ip", "2001:db8::1"),
        ("ip", "198.51.100.0/24"),
        ("ip6", "198.51.100.4"),
        ("ip_range", "198.51.100.0/25"),
        ("ip_range", "2001:db8::/24"),
        ("asn", "AS"),
        ("country", "de"),
        ("country", "DEU"),
    ] {
        let body = Some(access_rule(target, value));
        rows.push(("POST", path.clone(), body, 400, 9999, "value "));
    }
    world.all_refused(rows);
    for (target, value) in [
        ("ip6", "2001:db8::1"),
        ("ip_range", "2001:db8::/32"),
        ("asn", "64500"),
        ("country", "T1"),
    ] {
        world.post(&path, access_rule(target, value));
    }
}

#[test]
fn a_record_is_made_listed_and_deleted() {
    let mut world = World::new();
    let net = world.zone("example.net");
    let path = records(&net);
    let made = world.post(&path, record("API"));
    assert_eq!(made["name"], "api.example.net");
    assert_eq!(
        (&made["proxied"], &made["ttl"]),
        (&json!(true), &json!(1)),
        "a proxied record has no time to live of its own"
    );
    let mut plain = record("@");
    plain["proxied"] = json!(false);
    assert_eq!(world.post(&path, plain)["ttl"], 300);
    let bare =
        json!({"type": "CNAME", "name": "*.dev.example.net", "content": "origin.example.com"});
    assert_eq!(world.post(&path, bare)["proxied"], false);
    let text = json!({"type": "TXT", "name": "_acme.example.net", "content": "anything"});
    assert_eq!(world.post(&path, text)["proxiable"], false);

    let by_name = world.get(&format!("{path}?order=name&per_page=5000000"));
    let names = [
        "*.dev.example.net",
        "_acme.example.net",
        "api.example.net",
        "example.net",
    ];
    assert_eq!(all(&by_name, "name"), names);
    for (query, kinds) in [
        ("order=type&direction=desc", "TXT CNAME A A"),
        ("type=CNAME", "CNAME"),
        ("name=api.example.net", "A"),
        ("proxied=false&type=A", "A"),
        ("proxied=true&type=TXT", ""),
        ("per_page=3&page=2&order=type", "TXT"),
    ] {
        let found = world.get(&format!("{path}?{query}"));
        assert_eq!(all(&found, "type").join(" "), kinds, "{query}");
    }
    world.delete(&format!("{path}/{}", id(&made)));
    assert_eq!(
        world.get(&format!("{path}?name=api.example.net")),
        json!([])
    );
}

#[test]
fn bad_records_are_refused() {
    let mut world = World::new();
    let net = world.zone("example.net");
    let path = records(&net);
    let unknown = "0123456789abcdef0123456789abcdef";
    world.post(&path, record("api"));
    let with = |name: &str, value: Value| {
        let mut record = record("www");
        record[name] = value;
        Some(record)
    };
    let alias = json!({"type": "CNAME", "name": "api", "content": "origin.example.com"});
    let text = json!({"type": "TXT", "name": "www", "content": "x", "proxied": true});
    #[rustfmt::skip]
    let rows: Vec<Refused<'_>> = vec![
        ("POST", path.clone(), Some(record("api.example.net")), 400, 9999, "api.example.net has a record of type A already"),
        ("POST", path.clone(), Some(alias), 400, 9999, "has a record of type A already"),
        ("POST", path.clone(), with("type", json!("MX")), 400, 9999, "type must be one of A, AAAA, CNAME, TXT here"),
        ("POST", path.clone(), with("name", json!("a..b")), 400, 9999, "name is no host name"),
        ("POST", path.clone(), with("name", json!("a.*.b")), 400, 9999, "name is no host name"),
        ("POST", path.clone(), with("content", json!("2001:db8::1")), 400, 9999, "does not fit the type A"),
        ("POST", path.clone(), with("ttl", json!(7)), 400, 9999, "ttl must be 1, or from 30 to 86400"),
        ("POST", path.clone(), with("priority", json!(7)), 400, 9999, "priority is not a field"),
        ("POST", path.clone(), Some(text), 400, 9999, "proxied cannot be true"),
        ("POST", records(unknown), Some(record("www")), 404, 7003, "Could not route"),
        ("GET", records(unknown), None, 404, 7003, "Could not route"),
        ("GET", format!("{path}?per_page=0"), None, 400, 9999, "from 1 to 5000000"),
        ("GET", format!("{path}?order=age"), None, 400, 9999, "order must be one of"),
        ("DELETE", format!("{path}/{unknown}"), None, 404, 9999, "could not find the DNS record"),
        ("PUT", path.clone(), Some(json!({})), 405, 7001, "Method PUT"),
        ("PATCH", format!("{path}/{unknown}"), Some(json!({})), 405, 7001, "Method PATCH"),
        ("GET", format!("{path}/scan/more"), None, 404, 7003, "Could not route"),
    ];
    world.all_refused(rows);
}
