//! Hosts that no rule can tell apart.

use mtlsctl::edge::HostTests;

use super::question::Edge;
use super::question::ZONE;
use super::question::nothing;
use crate::support::foreign::block;
use mtlsctl::resource::ZoneName;

#[test]
fn hosts_are_grouped_by_what_the_rules_test_and_by_what_they_ask() {
    let world = nothing()
        .with_rule(
            ZONE,
            0,
            "one",
            block("lower(http.host) in {\"a.example.com\" \"b.example.com\"}"),
        )
        .with_rule(
            ZONE,
            1,
            "two",
            block("ends_with(http.host, \"c.example.com\")"),
        );
    let edge = Edge::of(&world);
    let rules = &edge.state.zones[&ZoneName::parse(ZONE).expect("a zone")].rules;
    let tests = HostTests::of(rules);
    let hosts = [
        ("a.example.com", 1),
        ("b.example.com", 1),
        ("c.example.com", 1),
        ("cc.example.com", 1),
        ("d.example.com", 1),
        ("e.example.com", 2),
    ];
    let kin = tests.kin(hosts);
    let groups: Vec<String> = kin.iter().map(|(_, hosts)| hosts.join(" ")).collect();
    assert_eq!(
        groups,
        [
            "a.example.com b.example.com",
            "c.example.com cc.example.com",
            "d.example.com",
            "e.example.com",
        ]
    );
}
