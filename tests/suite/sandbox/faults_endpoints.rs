//! The names of the endpoints, by calls to each.

use std::collections::BTreeSet;

use mtlsctl::sandbox::ACCOUNT_ID;
use mtlsctl::sandbox::Endpoint;

use crate::sandbox::faults::request;
use crate::sandbox::world::access_rules;
use crate::sandbox::world::account_entry_point;
use crate::sandbox::world::certificates;
use crate::sandbox::world::entry_point;
use crate::sandbox::world::hosts;
use crate::sandbox::world::records;
use crate::sandbox::world::redirects;

#[test]
fn every_endpoint_has_a_name() {
    let id = "5a".repeat(16);
    let zone = format!("/zones/{id}");
    let rules = format!("{zone}/rulesets/{id}/rules");
    let account = format!("/accounts/{ACCOUNT_ID}");
    let table = [
        ("GET", "/zones".to_owned(), "list-zones"),
        ("GET", zone.clone(), "get-zone"),
        ("GET", "/user/tokens/verify".to_owned(), "verify-token"),
        ("GET", format!("{account}/tokens/verify"), "verify-token"),
        ("GET", certificates(), "list-certificates"),
        ("POST", certificates(), "upload-certificate"),
        ("GET", format!("{}/{id}", certificates()), "get-certificate"),
        (
            "DELETE",
            format!("{}/{id}", certificates()),
            "delete-certificate",
        ),
        (
            "GET",
            format!("{}/{id}/associations", certificates()),
            "get-services",
        ),
        ("GET", hosts(&id), "get-hosts"),
        ("PUT", hosts(&id), "put-hosts"),
        ("GET", entry_point(&id), "get-rules"),
        ("PUT", entry_point(&id), "put-rules"),
        ("GET", account_entry_point(), "get-rules"),
        ("GET", redirects(&id), "get-redirects"),
        ("PUT", redirects(&id), "put-redirects"),
        ("GET", format!("{account}/rulesets"), "list-rulesets"),
        ("POST", format!("{zone}/rulesets"), "create-ruleset"),
        ("GET", format!("{zone}/rulesets/{id}"), "get-ruleset"),
        ("PUT", format!("{zone}/rulesets/{id}"), "put-ruleset"),
        ("DELETE", format!("{zone}/rulesets/{id}"), "delete-ruleset"),
        ("POST", rules.clone(), "create-rule"),
        ("PATCH", format!("{rules}/{id}"), "patch-rule"),
        ("DELETE", format!("{rules}/{id}"), "delete-rule"),
        ("GET", access_rules(&zone), "list-access-rules"),
        ("POST", access_rules(&account), "create-access-rule"),
        (
            "DELETE",
            format!("{}/{id}", access_rules(&zone)),
            "delete-access-rule",
        ),
        ("GET", records(&id), "list-records"),
        ("POST", records(&id), "create-record"),
        ("DELETE", format!("{}/{id}", records(&id)), "delete-record"),
    ];
    let mut names: Vec<&str> = table.iter().map(|(_, _, name)| *name).collect();
    names.dedup();
    let unique: BTreeSet<&str> = names.iter().copied().collect();
    let all: BTreeSet<&str> = Endpoint::all().map(Endpoint::name).collect();
    assert_eq!(unique, all);
    for (method, path, name) in table {
        let found = Endpoint::of(&request(method, &path)).map(Endpoint::name);
        assert_eq!(found, Some(name), "{method} {path}");
    }
    for (method, path) in [
        ("POST", "/zones"),
        ("GET", "/user"),
        ("GET", ""),
        ("GET", "/zones/"),
    ] {
        let found = Endpoint::of(&request(method, path)).map(Endpoint::name);
        assert_eq!(found, None, "{method} {path}");
    }
}
