//! The JSON Schema of the file, for editors: made from the document's own types, so that it cannot fall behind.
//!
//! It knows the form of values and none of what connects them: `mtlsctl validate` knows everything.

use schemars::Schema;
use schemars::SchemaGenerator;
use schemars::json_schema;
use schemars::transform::transform_subschemas;
use serde_json::Value;

use crate::config::document::Document;

/// The JSON Schema (draft 2020-12) of a desired-state file, with a description for every key.
#[must_use]
pub fn schema() -> Schema {
    let mut schema = SchemaGenerator::default().into_root_schema_for::<Document>();
    schema.insert("title".to_owned(), "mtls.yaml".into());
    without_null_defaults(&mut schema);
    schema
}

/// A key that is absent is no `null`, which the loader refuses.
fn without_null_defaults(schema: &mut Schema) {
    if schema.get("default").is_some_and(Value::is_null) {
        schema.remove("default");
    }
    transform_subschemas(&mut without_null_defaults, schema);
}

/// A YAML parser makes a number of what people write.
pub(super) fn version(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "enum": [1, "1"] })
}

pub(super) fn name(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "string", "pattern": NAME })
}

pub(super) fn names(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "array", "items": { "type": "string", "pattern": NAME } })
}

const NAME: &str = "^[a-z0-9][a-z0-9-]{0,62}$";

pub(super) fn date(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "string", "format": "date", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$" })
}

pub(super) fn days(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "string", "pattern": "^[0-9]+d$" })
}

pub(super) fn count(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "integer", "minimum": 0 })
}

pub(super) fn at_least_one(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "integer", "minimum": 1 })
}

pub(super) fn client_error(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "integer", "minimum": 400, "maximum": 499 })
}

pub(super) fn limit(_: &mut SchemaGenerator) -> Schema {
    json_schema!({
        "anyOf": [
            { "type": "string", "pattern": "^[0-9]+%?$" },
            { "type": "integer", "minimum": 0 }
        ]
    })
}

pub(super) fn yes(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "boolean" })
}

pub(super) fn action(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "enum": ["block", "managed_challenge", "js_challenge", "challenge", "log"] })
}

pub(super) fn expectation(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "enum": ["pass", "block", "challenge"] })
}

pub(super) fn side_effects(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "enum": ["report", "refuse"] })
}
