//! What a file means in an account: zones, pins, exceptions, and hosts that stand open.

use mtlsctl::plan::gaps;
use mtlsctl::report;
use mtlsctl::resource::ZoneName;
use mtlsctl::resource::ZoneStatus;

use crate::support::golden::golden;
use crate::support::scenario::Scenario;
use crate::support::scenario::rendered;

/// Hosts in every kind of zone, and a rule that nothing can be pinned for.
const WRONG: &str = "
owner: platform
zones: [example.com, example.net, missing.example]
cas:
  - { name: fleet-2026, certificates: fleet-2026.pem }
  - { name: legacy, certificates: no-key-id.pem }
hostnames:
  - name: public-api
    cas: [fleet-2026]
    hosts:
      - api.example.com
      - api.example.net
      - api.missing.example
  - name: old
    cas: [legacy]
    hosts: [old.example.com]
rules:
  - name: require-certificate
    unless: http.request.uri.path eq /healthz
";

/// An account in which one zone is not served.
fn with_zone(world: Scenario, zone: &str, status: ZoneStatus, paused: bool) -> Scenario {
    world.account_bent(|account| {
        let name = ZoneName::parse(zone).expect(zone);
        let zone = &mut account.zones.get_mut(&name).expect("a zone").zone;
        zone.status = status;
        zone.paused = paused;
    })
}

#[test]
fn everything_that_is_wrong_is_said_at_once() {
    let world = with_zone(
        Scenario::new(WRONG),
        "example.net",
        ZoneStatus::Pending,
        false,
    );
    let problems = world.resolved().expect_err("problems");
    golden("desired/wrong.txt", &rendered(&problems));
}

#[test]
fn a_paused_zone_protects_nobody() {
    let file = WRONG
        .replace(", example.net, missing.example", "")
        .replace("      - api.example.net\n      - api.missing.example\n", "")
        .replace("eq /healthz", "eq \"/healthz\"")
        .replace("cas: [legacy]", "cas: [fleet-2026]");
    let world = with_zone(
        Scenario::new(&file),
        "example.com",
        ZoneStatus::Active,
        true,
    );
    let problems = world.resolved().expect_err("problems");
    golden("desired/paused.txt", &rendered(&problems));
}

#[test]
fn a_host_in_a_zone_of_the_account_that_is_not_listed() {
    let file = "
owner: platform
zones: [example.com, deep.example.org]
cas:
  - { name: fleet-2026, certificates: fleet-2026.pem }
hostnames:
  - { name: public-api, cas: [fleet-2026], hosts: [api.deep.example.org] }
rules:
  - name: require-certificate
";
    let problems = Scenario::new(file).resolved().expect_err("problems");
    golden("desired/zone_not_listed.txt", &rendered(&problems));
}

#[test]
fn the_zone_of_a_host_is_the_longest_that_is_active() {
    let file = "
owner: platform
cas:
  - { name: fleet-2026, certificates: fleet-2026.pem }
hostnames:
  - { name: public-api, cas: [fleet-2026], hosts: [api.deep.example.com, example.com] }
rules:
  - name: require-certificate
";
    let deep = |status: ZoneStatus| {
        let world = Scenario::new(file).account_bent(|account| {
            let name = ZoneName::parse("deep.example.com").expect("a zone");
            let mut zone = account.zones.values().next().expect("a zone").clone();
            zone.zone.name = name.clone();
            zone.zone.status = status;
            account.zones.insert(name, zone);
        });
        let hosts = world.desired().hosts;
        let zones: Vec<String> = hosts.values().map(|host| host.zone.to_string()).collect();
        zones
    };
    assert_eq!(
        deep(ZoneStatus::Active),
        ["deep.example.com", "example.com"]
    );
    assert_eq!(deep(ZoneStatus::Pending), ["example.com", "example.com"]);
}

#[test]
fn hosts_that_stand_open_are_warned_of() {
    let file = "
owner: platform
cas:
  - { name: fleet-2026, certificates: fleet-2026.pem }
hostnames:
  - { name: closed, cas: [fleet-2026], hosts: [a.example.com, b.example.com] }
  - { name: ajar, cas: [fleet-2026], hosts: [c.example.com, d.example.com] }
  - { name: open, cas: [fleet-2026], hosts: [e.example.com, f.example.com, g.example.com] }
  - { name: told, cas: [fleet-2026], hosts: [h.example.com, i.example.com, j.example.com] }
rules:
  - { name: watch, action: log }
  - { name: all-but-get, hostnames: [h.example.com, i.example.com], unless: http.request.method eq \"GET\" }
  - { name: all-but-post, hostnames: [h.example.com], unless: http.request.method eq \"POST\" }
  - { name: nothing, hostnames: [j.example.com], unless: ssl or not ssl }
  - { name: all-but-health, hostnames: [closed, ajar], unless: http.request.uri.path eq \"/healthz\" }
  - { name: all-but-office, hostnames: [d.example.com], unless: 'ip.src in {192.0.2.0/24} ' }
  - { name: everything, hostnames: [closed] }
  - { name: soft, hostnames: [e.example.com], action: managed_challenge }
  - { name: later, hostnames: [f.example.com], enabled: false }
";
    let world = Scenario::new(file);
    let config = world.config();
    let gaps = gaps(&world.desired());
    let gaps = report::gaps::warnings(&config, &gaps);
    let all = gaps.open.iter().chain(&gaps.excepted);
    let warnings = report::problem::render(&config.source, all, false, 100);
    golden("desired/uncovered.txt", &warnings);
}

#[test]
fn an_exception_that_is_nested_too_deep_for_a_rule_is_an_error() {
    let with = |nots: usize| {
        let file = format!(
            "
owner: platform
cas:
  - {{ name: fleet-2026, certificates: fleet-2026.pem }}
hostnames:
  - {{ name: public-api, cas: [fleet-2026], hosts: [api.example.com] }}
rules:
  - name: require-certificate
    unless: {}ssl
",
            "not ".repeat(nots)
        );
        Scenario::new(&file)
    };
    let mut deep = with(120);
    deep.apply();
    let refused = with(127).resolved().expect_err("problems");
    assert_eq!(
        refused.problems[0].message,
        "`unless` is not in the rules language: nested more than 128 levels deep; split the expression"
    );
}
