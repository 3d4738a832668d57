//! Drift for programs.

use mtlsctl::report;
use serde_json::Value;

use crate::drift::found;
use crate::plan::worlds::ONE;
use crate::support::golden::golden;
use crate::support::scenario::Scenario;

fn drifted() -> Scenario {
    let rule = "platform/require-certificate/1";
    Scenario::agreed(ONE)
        .tampered("example.com", rule, |rule| rule.enabled = false)
        .listing("example.com", "platform/fleet-2026", &["api.example.com"])
}

#[test]
fn everything_is_in_it() {
    let text = report::json::drift(&found(&drifted()), true);
    golden("drift/drift.json", &text);
    let again = report::json::drift(&found(&drifted()), true);
    assert_eq!(text, again);
}

#[test]
fn the_schema_is_that_of_real_output() {
    let schema = report::json::schema(report::json::Kind::Drift);
    let schema = jsonschema::draft202012::new(&schema).expect("a schema");
    for world in [drifted(), Scenario::agreed(ONE)] {
        let text = report::json::drift(&found(&world), false);
        let value: Value = serde_json::from_str(&text).expect("JSON");
        assert_eq!(value["format_version"], 1);
        schema
            .validate(&value)
            .unwrap_or_else(|error| panic!("{error}: {text}"));
    }
}
