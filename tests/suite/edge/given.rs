//! Fields as people give them.

use std::net::IpAddr;

use mtlsctl::edge::given;
use mtlsctl::edge::is_tested;
use mtlsctl::expression::Value;
use mtlsctl::resource::ZoneName;

use super::question::Edge;
use super::question::ZONE;
use super::question::nothing;
use crate::support::foreign::block;

const RULE: &str = "ssl and cf.edge.server_port in {443 8443} and ip.src in {192.0.2.0/24} \
                    and lower(http.user_agent) contains \"1\" and len(http.request.uri.query) gt 3 \
                    and cidr(ip.src.edge, 24, 48) eq 192.0.2.0 and http.request.method eq \"GET\" \
                    and any(http.request.headers.names[*] eq \"x\")";

#[test]
fn a_text_becomes_what_the_rules_test_the_field_as() {
    let edge = Edge::of(&nothing().with_rule(ZONE, 0, "one", block(RULE)));
    let rules = &edge.state.zones[&ZoneName::parse(ZONE).expect("a zone")].rules;
    let address: IpAddr = "192.0.2.7".parse().expect("an address");
    for (field, text, value) in [
        ("ssl", "true", Value::Boolean(true)),
        ("cf.edge.server_port", "8443", Value::Integer(8443)),
        ("ip.src", "192.0.2.7", Value::Address(address)),
        ("ip.src.edge", "192.0.2.7", Value::Address(address)),
        ("http.user_agent", "1", Value::from("1")),
        ("http.request.uri.query", "1", Value::from("1")),
        ("http.request.method", "true", Value::from("true")),
        ("http.cookie", "1", Value::from("1")),
    ] {
        assert_eq!(given(field, text, rules), Ok(value), "{field}");
    }
    assert!(is_tested("ip.src", rules) && !is_tested("http.cookie", rules));
    for (field, words) in [
        (
            "ssl",
            "rules test `ssl` as true or false, and `maybe` is none",
        ),
        (
            "ip.src",
            "rules test `ip.src` as an address, and `maybe` is none",
        ),
        (
            "cf.edge.server_port",
            "rules test `cf.edge.server_port` as an integer, and `maybe` is none",
        ),
    ] {
        let refused = given(field, "maybe", rules).expect_err(field);
        assert_eq!(refused.to_string(), words);
    }
}
