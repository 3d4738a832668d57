//! Drift for programs.

use std::collections::BTreeSet;

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

/// The schema of one object, behind its references.
fn resolved<'s>(root: &'s Value, schema: &'s Value) -> &'s Value {
    match schema["$ref"].as_str() {
        Some(path) => root.pointer(&path[1..]).expect("what it refers to"),
        None => schema,
    }
}

/// Every object has exactly the fields that the schema gives it, wherever it stands.
fn fits(root: &Value, schema: &Value, value: &Value) {
    let schema = resolved(root, schema);
    match value {
        Value::Object(fields) => {
            let properties = schema["properties"].as_object().expect("properties");
            let known: BTreeSet<&String> = properties.keys().collect();
            assert_eq!(fields.keys().collect::<BTreeSet<_>>(), known);
            for (name, value) in fields {
                fits(root, &properties[name], value);
            }
        }
        Value::Array(items) => {
            for item in items {
                fits(root, &schema["items"], item);
            }
        }
        _ => {}
    }
}

#[test]
fn the_schema_is_that_of_real_output() {
    let schema = report::json::schema(report::json::Kind::Drift);
    for world in [drifted(), Scenario::agreed(ONE)] {
        let text = report::json::drift(&found(&world), false);
        let value: Value = serde_json::from_str(&text).expect("JSON");
        assert_eq!(value["format_version"], 1);
        fits(&schema, &schema, &value);
    }
}
