//! The schema of the file: kept beside the examples, true to them, and as strict as the loader.

use std::fs;
use std::path::Path;

use jsonschema::Validator;
use mtlsctl::cli::init::STARTER;
use mtlsctl::config::Surroundings;
use mtlsctl::config::UnsetAccount;
use mtlsctl::config::load;
use mtlsctl::config::schema;
use serde_json::Value;

use crate::support::golden::golden;

/// Files that must pass.
const EXAMPLES: [&str; 5] = [
    "mtls.yaml.example",
    "examples/smallest.yaml",
    "examples/unpinned.yaml",
    "examples/two-cas.yaml",
    "examples/rotation/mtls.yaml",
];

fn validator() -> Validator {
    jsonschema::draft202012::new(schema().as_value()).expect("a schema")
}

fn yaml(text: &str) -> Value {
    serde_yaml::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

/// What is wrong with a file, by the schema alone.
fn wrong(validator: &Validator, text: &str) -> Vec<String> {
    let value = yaml(text);
    let errors = validator.iter_errors(&value);
    errors.map(|error| error.to_string()).collect()
}

/// A file with `entry` at the place that `{}` marks.
const PLACES: [(&str, &str); 9] = [
    ("", "{}"),
    ("CaEntry", "cas: [ {} ]"),
    ("GroupEntry", "hostnames: [ {} ]"),
    ("RuleEntry", "rules: [ {} ]"),
    ("ResponseEntry", "rules: [ { response: {} } ]"),
    ("AdoptEntry", "rules: [ { adopt: [ {} ] } ]"),
    ("TestEntry", "tests: [ {} ]"),
    ("GuardsEntry", "guards: {}"),
    ("AcceptEntry", "accept: [ {} ]"),
];

struct Memory(String);

impl Surroundings for Memory {
    fn variable(&self, _: &str) -> Option<String> {
        None
    }

    fn read(&self, _: &Path) -> std::io::Result<Vec<u8>> {
        Ok(self.0.clone().into_bytes())
    }
}

/// The first problem of a file, with what to do about it.
fn refused(text: &str) -> (String, String) {
    let memory = Memory(text.to_owned());
    let refused = load(Path::new("mtls.yaml"), &memory, UnsetAccount::Allowed);
    let problems = refused.expect_err("a file that is wrong").problems;
    let first = problems.first().expect("a problem");
    (
        first.message.clone(),
        first.help.clone().unwrap_or_default(),
    )
}

#[test]
fn the_schema_beside_the_examples_is_the_one_of_this_program() {
    let text = serde_json::to_string_pretty(&schema()).expect("JSON") + "\n";
    golden("../../examples/mtls.schema.json", &text);
}

#[test]
fn the_schema_is_a_schema() {
    assert!(jsonschema::meta::is_valid(schema().as_value()));
}

#[test]
fn every_file_that_newcomers_copy_fits() {
    let validator = validator();
    for name in EXAMPLES {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
        let text = fs::read_to_string(path).expect(name);
        assert_eq!(wrong(&validator, &text), Vec::<String>::new(), "{name}");
    }
    assert_eq!(wrong(&validator, STARTER), Vec::<String>::new());
}

/// Every key with a value of its kind.
const WHOLE: &str = r#"
version: 1
account: ${CLOUDFLARE_ACCOUNT_ID}
owner: platform-mtls
former_owners: [older]
zones: [example.com, example.net]
quota: 5
settle: 60s
cas:
  - name: fleet-2025
    certificates: ca/fleet-2025.pem
    retire: 2099-01-31
  - name: fleet-2026
    certificates: ca/fleet-2026.pem
    issuers: [ca/fleet-issuing.pem]
  - name: cloudflare-managed
    key_ids: [A5AC554235DBA6D963B9CDE0185CFAD6E3F55E9F]
hostnames:
  - name: public-api
    cas: [fleet-2025, fleet-2026]
    hosts: [api.example.com, payments.example.com]
rules:
  - name: require-client-certificate
    hostnames: [public-api]
    action: block
    pin: true
    unless: http.request.uri.path eq "/healthz"
    response: { status: 403, content_type: application/json, content: '{"error":"client certificate required"}' }
    enabled: true
    adopt: [{ zone: example.com, ref: 3fa8d2c1 }]
tests:
  - { host: api.example.com, certificate: fleet-2026, expect: pass }
  - { host: api.example.com, certificate: none, path: /v1/orders, given: { http.request.method: POST, cf.edge.server_port: 8443, ssl: true }, expect: block }
guards:
  max_deletes: 1
  max_changed_hosts: 30%
  min_validity: 30d
  min_overlap: 14d
  may_open: [open.example.com]
  side_effects: report
accept:
  - { finding: unpinned, object: legacy.example.com, reason: "moved in Q1", until: 2099-03-01 }
"#;

#[test]
fn a_file_with_every_key_fits() {
    let validator = validator();
    assert_eq!(wrong(&validator, WHOLE), Vec::<String>::new());
    let number = WHOLE.replace("30%", "12");
    assert_eq!(wrong(&validator, &number), Vec::<String>::new());
}

#[test]
fn what_is_wrong_does_not_fit() {
    let validator = validator();
    for (from, to) in [
        ("owner: platform-mtls", "owner: Platform MTLS"),
        ("owner: platform-mtls\n", ""),
        ("version: 1", "version: 2"),
        ("quota: 5", "quota: five"),
        ("quota: 5", "quota: 0"),
        ("zones: [example.com, example.net]", "zones: example.com"),
        ("settle: 60s", "settle:"),
        ("retire: 2099-01-31", "retire: soon"),
        ("pin: true", "pin: yes please"),
        ("action: block", "action: stop"),
        ("status: 403", "status: 503"),
        ("expect: block", "expect: refuse"),
        ("min_validity: 30d", "min_validity: 30"),
        ("side_effects: report", "side_effects: maybe"),
        ("until: 2099-03-01", "til: 2099-03-01"),
        ("    cas: [fleet-2025, fleet-2026]\n", ""),
    ] {
        let changed = WHOLE.replace(from, to);
        assert_ne!(changed, WHOLE, "`{from}` is not in the file");
        assert_ne!(
            wrong(&validator, &changed),
            Vec::<String>::new(),
            "`{to}` fits"
        );
    }
}

/// The loader lists the keys that it knows where it meets one that it does not.
#[test]
fn the_schema_has_exactly_the_keys_that_the_loader_knows() {
    let schema = schema();
    for (definition, place) in PLACES {
        let object = if definition.is_empty() {
            schema.as_value()
        } else {
            &schema.as_value()["$defs"][definition]
        };
        let properties = object["properties"].as_object().expect(definition);
        let keys: Vec<String> = properties.keys().map(|key| format!("`{key}`")).collect();
        let (message, help) = refused(&place.replace("{}", "{ qqqqqqqqqqqqqqqqqqqqqqqq: 1 }"));
        assert!(message.contains("is no key of this place"), "{message}");
        let known = help
            .strip_prefix("known here are ")
            .expect("a list of keys");
        let mut known: Vec<&str> = known.split(", ").collect();
        known.sort_unstable();
        let mut keys: Vec<&str> = keys.iter().map(String::as_str).collect();
        keys.sort_unstable();
        assert_eq!(keys, known, "{definition}");
        for (key, value) in properties {
            let described = value["description"].as_str().unwrap_or_default();
            assert!(described.len() > 8, "{definition}.{key} is not described");
        }
        assert_eq!(
            object["additionalProperties"],
            Value::Bool(false),
            "{definition}"
        );
    }
}

#[test]
fn the_schema_has_exactly_the_words_that_the_loader_knows() {
    let schema = schema();
    for (definition, key, file) in [
        (
            "RuleEntry",
            "action",
            WHOLE.replace("action: block", "action: qqqqqqqq"),
        ),
        (
            "TestEntry",
            "expect",
            WHOLE.replace("expect: pass", "expect: qqqqqqqq"),
        ),
        (
            "GuardsEntry",
            "side_effects",
            WHOLE.replace("side_effects: report", "side_effects: qqqqqqqq"),
        ),
    ] {
        let words = &schema.as_value()["$defs"][definition]["properties"][key]["enum"];
        let words = words.as_array().expect(key);
        let memory = Memory(file);
        let refused = load(Path::new("mtls.yaml"), &memory, UnsetAccount::Allowed);
        let problems = refused.expect_err("a word that is wrong").problems;
        let problem = problems.iter().find(|one| one.message.contains("qqqqqqqq"));
        let problem = problem.expect("a problem with the word");
        let told = format!(
            "{} {}",
            problem.message,
            problem.help.as_deref().unwrap_or_default()
        );
        for word in words {
            let word = word.as_str().expect("a word");
            assert!(
                told.contains(&format!("`{word}`")),
                "{word} is not in: {told}"
            );
        }
        assert_eq!(told.matches('`').count() / 2, words.len() + 1, "{told}");
    }
}

/// Required by the schema is what the loader asks for at all times.
#[test]
fn what_the_schema_requires_the_loader_misses() {
    let schema = schema();
    let document = schema.as_value()["required"].as_array().expect("keys");
    for key in document {
        let key = key.as_str().expect("a key");
        let line = WHOLE.lines().find(|line| line.starts_with(key)).expect(key);
        let (message, _) = refused(&WHOLE.replace(&format!("{line}\n"), ""));
        assert!(message.contains(key), "{key}: {message}");
    }
}
