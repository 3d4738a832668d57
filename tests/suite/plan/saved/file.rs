//! What a file means: equal for files that ask for the same, and for no others.

use mtlsctl::resource::Digest;

use crate::support::scenario::Scenario;

const FILE: &str = "
owner: platform
former_owners: [old-platform, older-platform]
zones: [example.com, example.net]
quota: 7
settle: 10s
cas:
  - { name: fleet-2025, certificates: fleet-2025.pem, retire: 2030-01-01 }
  - { name: fleet-2026, certificates: fleet-2026.pem }
  - { name: partners, certificates: partners.pem }
hostnames:
  - { name: public-api, cas: [fleet-2025, fleet-2026], hosts: [api.example.com, pay.example.com] }
  - { name: partner-api, cas: [partners], hosts: [edi.example.com, edi.example.net] }
rules:
  - name: require-certificate
    hostnames: [public-api, edi.example.com]
    unless: http.request.uri.path eq \"/healthz\"
  - name: partners-only
    hostnames: [edi.example.net]
    response: { status: 401, content_type: text/plain, content: certificate }
tests:
  - { host: api.example.com, certificate: none, given: { http.request.method: GET, http.user_agent: a }, expect: block }
  - { host: api.example.com, certificate: fleet-2026, expect: pass }
guards:
  max_deletes: 2
  max_changed_hosts: 40%
  min_validity: 20d
  min_overlap: 3d
  may_open: [old.example.com, older.example.com]
";

fn digest(world: &Scenario) -> Digest {
    mtlsctl::desired::digest(&world.config()).expect("a file without fault")
}

fn edited(from: &str, to: &str) -> Digest {
    digest(&Scenario::new(FILE).edit(from, to))
}

#[test]
fn what_a_file_looks_like_is_no_part_of_what_it_means() {
    let meaning = digest(&Scenario::new(FILE));
    for (from, to) in [
        ("owner: platform\n", "# ours\nowner:   \"platform\"\n"),
        (
            "[old-platform, older-platform]",
            "[older-platform, old-platform]",
        ),
        ("[example.com, example.net]", "[example.net, example.com]"),
        ("[fleet-2025, fleet-2026]", "[fleet-2026, fleet-2025]"),
        (
            "[api.example.com, pay.example.com]",
            "[pay.example.com, API.example.com]",
        ),
        ("name: partner-api", "name: their-api"),
        (
            "[public-api, edi.example.com]",
            "[edi.example.com, public-api]",
        ),
        (
            "[public-api, edi.example.com]",
            "[edi.example.com, pay.example.com, api.example.com]",
        ),
        ("eq \"/healthz\"", "==   \"/healthz\""),
        ("[edi.example.net]", "[edi.example.net]\n    pin: true"),
        (
            "{ http.request.method: GET, http.user_agent: a }",
            "{ http.user_agent: a, http.request.method: GET }",
        ),
        (
            "[old.example.com, older.example.com]",
            "[older.example.com, old.example.com]",
        ),
        (
            "  - { name: fleet-2026, certificates: fleet-2026.pem }\n  - { name: partners, certificates: partners.pem }\n",
            "  - { certificates: partners.pem, name: partners }\n  - { name: fleet-2026, certificates: fleet-2026.pem }\n",
        ),
        (
            "  - { host: api.example.com, certificate: fleet-2026, expect: pass }\n",
            "",
        ),
    ] {
        let same = if to.is_empty() {
            let first = "tests:\n";
            let file = FILE
                .replace(from, "")
                .replace(first, &format!("{first}{from}"));
            digest(&Scenario::new(&file))
        } else {
            edited(from, to)
        };
        assert_eq!(same, meaning, "`{to}` in place of `{from}`");
    }
    let day = digest(&Scenario::new(FILE).on("2031-01-01"));
    assert_eq!(day, meaning, "a date of the file has come");
}

#[test]
fn whatever_a_plan_depends_on_is_part_of_what_a_file_means() {
    let mut seen = vec![digest(&Scenario::new(FILE))];
    for (from, to) in [
        ("owner: platform\n", "owner: shop\n"),
        ("[old-platform, older-platform]", "[old-platform]"),
        ("zones: [example.com, example.net]\n", ""),
        ("quota: 7", "quota: 6"),
        ("settle: 10s", "settle: 11s"),
        ("fleet-2025.pem, retire: 2030-01-01", "fleet-2025.pem"),
        ("retire: 2030-01-01", "retire: 2030-01-02"),
        (
            "certificates: fleet-2026.pem",
            "certificates: fleet-2027.pem",
        ),
        (
            "certificates: fleet-2026.pem",
            "certificates: fleet-2026.pem, issuers: [fleet-2027.pem]",
        ),
        ("[fleet-2025, fleet-2026]", "[fleet-2026]"),
        ("api.example.com, pay.example.com]", "api.example.com]"),
        ("[public-api, edi.example.com]", "[public-api]"),
        ("/healthz", "/health"),
        ("partners-only", "only-partners"),
        ("[edi.example.net]", "[edi.example.net]\n    pin: false"),
        ("[edi.example.net]", "[edi.example.net]\n    enabled: false"),
        ("status: 401", "status: 403"),
        ("http.user_agent: a", "http.user_agent: b"),
        (
            "certificate: fleet-2026, expect: pass",
            "certificate: fleet-2025, expect: pass",
        ),
        (
            "certificate: fleet-2026, expect: pass",
            "certificate: fleet-2026, path: /v1, expect: pass",
        ),
        ("max_deletes: 2", "max_deletes: 3"),
        ("40%", "40"),
        ("min_validity: 20d", "min_validity: 21d"),
        ("min_overlap: 3d", "min_overlap: 4d"),
        ("[old.example.com, older.example.com]", "[old.example.com]"),
        ("may_open:", "side_effects: refuse\n  may_open:"),
    ] {
        let other = edited(from, to);
        assert!(!seen.contains(&other), "`{to}` in place of `{from}`");
        seen.push(other);
    }
}

#[test]
fn the_order_of_rules_means_something() {
    let (head, rules) = FILE.split_once("rules:\n").expect("rules");
    let (rules, rest) = rules.split_once("tests:\n").expect("tests");
    let (first, second) = rules.split_at(rules.find("  - name: partners-only").expect("two rules"));
    let turned = format!("{head}rules:\n{second}{first}tests:\n{rest}");
    assert_ne!(
        digest(&Scenario::new(&turned)),
        digest(&Scenario::new(FILE))
    );
}
