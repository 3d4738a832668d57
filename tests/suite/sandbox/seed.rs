//! The account as new, and how it is shown.

use std::fmt::Write;

use mtlsctl::sandbox::ACCOUNT_ID;
use mtlsctl::sandbox::Account;
use mtlsctl::sandbox::show;
use mtlsctl::sandbox::view;
use serde_json::Value;
use serde_json::json;
use x509_parser::pem::parse_x509_pem;
use x509_parser::prelude::ParsedExtension;

use crate::sandbox::world::World;
use crate::sandbox::world::certificates;
use crate::sandbox::world::entry_point;
use crate::sandbox::world::hosts_of;
use crate::sandbox::world::records;
use crate::support::dashboard::Dashboard;
use crate::support::golden::golden;

#[test]
fn others_are_at_home_already() {
    let mut world = World::new();
    let (com, net) = (world.zone("example.com"), world.zone("example.net"));
    assert_eq!(world.account.id(), ACCOUNT_ID);

    let list = world.get(&certificates());
    let mut seen: Vec<Value> = list.as_array().expect("a list").clone();
    seen.sort_by_key(|certificate| certificate["name"].to_string());
    let facts: Vec<Value> = seen
        .iter()
        .map(|one| json!([one["name"], one["type"], one["ca"]]))
        .collect();
    assert_eq!(
        facts,
        [
            json!(["Gateway inspection", "gateway_managed", true]),
            json!(["legacy-partners", "custom", true]),
            json!(["orders-worker", "custom", false]),
        ]
    );
    let partners = world.certificate_named("legacy-partners");
    assert_eq!(
        world.get(&hosts_of(&com, &partners)),
        json!({"hostnames": ["legacy.example.com"]})
    );
    assert_eq!(
        world.get(&hosts_of(&net, &partners)),
        json!({"hostnames": null})
    );

    let rules = world.get(&entry_point(&com))["rules"].clone();
    assert_eq!(rules[0]["action"], "skip");
    assert_eq!(rules[0]["action_parameters"], json!({"ruleset": "current"}));
    assert_eq!(rules[1]["action"], "block");
    world.all_refused([(
        "GET",
        entry_point(&net),
        None,
        404,
        10003,
        "could not find entrypoint ruleset",
    )]);
}

#[test]
fn the_seeded_rules_could_be_written_by_a_client() {
    let mut world = World::new();
    let path = entry_point(&world.zone("example.com"));
    let before = world.get(&path);
    let after = world.put(&path, json!({"rules": before["rules"]}));
    assert_eq!(after["rules"], json!(before["rules"]));
}

#[test]
fn the_seeded_block_rule_pins_the_seeded_ca() {
    let mut world = World::new();
    let path = entry_point(&world.zone("example.com"));
    let rule = world.get(&path)["rules"][1]["expression"]
        .as_str()
        .expect("an expression")
        .to_owned();
    let list = world.get(&certificates());
    let partners = list
        .as_array()
        .expect("a list")
        .iter()
        .find(|one| one["name"] == "legacy-partners");
    let text = partners.expect("the CA")["certificates"]
        .as_str()
        .expect("PEM");
    let (_, pem) = parse_x509_pem(text.as_bytes()).expect("PEM");
    let certificate = pem.parse_x509().expect("a certificate");
    let key_id =
        certificate
            .extensions()
            .iter()
            .find_map(|extension| match extension.parsed_extension() {
                ParsedExtension::SubjectKeyIdentifier(key_id) => Some(key_id.0),
                _ => None,
            });
    let mut hex = String::new();
    for byte in key_id.expect("a key id") {
        write!(hex, "{byte:02X}").expect("a string takes everything");
    }
    assert!(
        rule.contains(&format!("cf.tls_client_auth.cert_issuer_ski eq \"{hex}\"")),
        "{rule}"
    );
}

#[test]
fn odd_seeds_make_an_account_too() {
    let twice = ["Example.com".to_owned(), "example.com".to_owned()];
    assert_eq!(
        Account::enterprise(&twice, 5)
            .zone_names()
            .collect::<Vec<_>>(),
        ["example.com"]
    );
    let empty = Account::enterprise(&[], 0);
    assert_eq!(empty.zone_names().count(), 0);
    assert!(!show(&empty).contains("legacy-partners"), "no slot, no CA");
    assert!(Account::enterprise(&twice, 5) == Account::enterprise(&twice, 5));
}

#[test]
fn an_account_is_shown_in_80_columns() {
    let account = Account::enterprise(&["example.com".to_owned(), "example.net".to_owned()], 5);
    let shown = show(&account);
    golden("sandbox/shown.txt", &shown);
    assert!(shown.lines().all(|line| line.chars().count() <= 80));
}

#[test]
fn hosts_of_others_go_through_the_edge() {
    let mut world = World::new();
    let (com, net) = (world.zone("example.com"), world.zone("example.net"));
    let seen = world.get(&records(&com));
    let seen: Vec<Value> = seen
        .as_array()
        .expect("a list")
        .iter()
        .map(|one| json!([one["name"], one["type"], one["proxied"]]))
        .collect();
    assert_eq!(
        seen,
        [
            json!(["portal.example.com", "A", true]),
            json!(["legacy.example.com", "A", true]),
            json!(["intranet.example.com", "A", true]),
        ]
    );
    assert_eq!(world.get(&records(&net)), json!([]));
}

#[test]
fn what_stands_beside_custom_rules_is_shown() {
    let mut account = Account::enterprise(&["example.com".to_owned()], 5);
    let now = "2026-11-22T17:32:30Z".parse().expect("a timestamp");
    let mut desk = Dashboard::new(&mut account, now);
    let com = Some("example.com");
    desk.add_access_rule(None, "whitelist", ("ip_range", "198.51.100.0/24"), "");
    let notes =
        "an office whose name is so long that nobody could say all of it in one line of a terminal";
    desk.add_access_rule(com, "block", ("country", "T1"), notes);
    desk.add_record("example.com", "A", "origin", "203.0.113.9", false);
    desk.add_record("example.com", "TXT", "@", "hello", false);
    let to = "https://www.example.com";
    desk.add_redirect("example.com", "http.host eq \"example.com\"", to);
    let inside = json!({"action": "block", "expression": "ssl"});
    desk.add_account_rule("cf.zone.plan eq \"ENT\"", &[inside]);
    let shown = show(&account);
    golden("sandbox/shown_beside.txt", &shown);
    assert!(shown.lines().all(|line| line.chars().count() <= 80));
    let view = serde_json::to_value(view(&account)).expect("JSON");
    assert_eq!(view["rules"]["rules"][0]["action"], "execute");
    assert_eq!(view["access_rules"][0]["mode"], "whitelist");
    let zone = &view["zones"][0];
    assert_eq!(zone["access_rules"][0]["value"], "T1");
    assert_eq!(zone["redirects"]["rules"][0]["action"], "redirect");
    assert_eq!(zone["dns_only"], json!(["origin.example.com"]));
}

#[test]
fn the_view_for_programs_says_the_same() {
    let account = Account::enterprise(&["example.com".to_owned()], 5);
    let view = serde_json::to_value(view(&account)).expect("JSON");
    assert_eq!(view["format_version"], 1);
    assert_eq!(view["slots_used"], 1);
    assert_eq!(
        view["zones"][0]["managed_ca_hostnames"],
        json!(["portal.example.com"])
    );
    assert_eq!(
        view["zones"][0]["entry_point"]["rules"][1]["action"],
        "block"
    );
    let hostnames: Vec<&Value> = view["certificates"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|one| &one["hostnames"])
        .collect();
    assert!(hostnames.contains(&&json!(["legacy.example.com"])));
}
