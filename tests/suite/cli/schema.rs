//! What the binary prints, held against the schemas that it prints.

use serde_json::Value;

use crate::cli::served::Served;
use crate::support::project::Project;

const PLAN: &str = "plan --sandbox=account --format json";
const APPLY: &str = "apply --sandbox=account --yes --format json";

/// A text as JSON, which ends in one newline and is written over several lines.
#[track_caller]
pub(crate) fn json(text: &str) -> Value {
    assert!(text.ends_with("}\n") && text.starts_with("{\n"), "{text}");
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

/// Checks a document against the schema that `schema KIND` prints.
#[track_caller]
pub(crate) fn fits(kind: &str, document: &Value) {
    let printed = Project::new().run(&format!("schema {kind}")).ends(0);
    let schema = json(&printed.stdout);
    let schema = jsonschema::draft202012::new(&schema).expect(kind);
    let wrong = schema.iter_errors(document).map(|error| {
        let at = error.instance_path().to_string();
        format!("{at}: {error}")
    });
    let wrong: Vec<String> = wrong.collect();
    assert!(wrong.is_empty(), "{wrong:#?}\n{document:#}");
    let mut object = document.as_object().cloned().expect("an object");
    object.remove("format_version");
    assert!(
        !schema.is_valid(&Value::Object(object)),
        "nothing is asked for"
    );
}

/// The example as `mtls.yaml`.
fn project() -> Project {
    let project = Project::example();
    let file = project.read("mtls.yaml.example");
    project.with("mtls.yaml", file)
}

#[test]
fn plans_fit_their_schema() {
    let project = project();
    let plan = json(&project.run(PLAN).ends(0).stdout);
    fits("plan", &plan);
    assert_eq!(plan["empty"], false);
    assert_eq!(plan["steps"], 11);
    assert_eq!(plan["exit_code"], 0);
    let pending = project.run(&format!("{PLAN} --detailed-exitcode")).ends(2);
    assert_eq!(json(&pending.stdout)["exit_code"], 2);

    let _ = project.run(APPLY).ends(0);
    let plan = json(&project.run(PLAN).ends(0).stdout);
    fits("plan", &plan);
    assert_eq!(
        (&plan["empty"], &plan["safe"]),
        (&true.into(), &true.into())
    );

    let file = project
        .read("mtls.yaml")
        .replace(", payments.example.com", "");
    project.write("mtls.yaml", file);
    let refused = project.run(PLAN).ends(3);
    let plan = json(&refused.stdout);
    fits("plan", &plan);
    assert_eq!(plan["exit_code"], 3);
    let opened = &plan["refusals"][0];
    assert_eq!(opened["kind"], "opened");
    assert_eq!(opened["flag"]["name"], "--allow-open");
    assert_eq!(opened["flag"]["values"][0], "payments.example.com");
    refused.says("`--allow-open payments.example.com`");
}

#[test]
fn runs_fit_their_schema() {
    let project = project();
    let ran = project.run(APPLY).ends(0);
    let run = json(&ran.stdout);
    fits("outcome", &run);
    assert_eq!(run["outcome"]["counts"]["applied"], 11);
    assert_eq!(run["outcome"]["complete"], true);
    assert_eq!(run["error"], Value::Null);
    fits("plan", &run["plan"]);

    let again = json(&project.run(APPLY).ends(0).stdout);
    fits("outcome", &again);
    assert_eq!(again["outcome"], Value::Null);
    assert_eq!(again["plan"]["empty"], true);
}

#[test]
fn runs_that_stop_or_do_not_begin_fit_it_too() {
    let project = project();
    let _ = project.run("sandbox reset --dir account --quota 3").ends(0);
    let ran = project.run(APPLY).ends(5);
    let run = json(&ran.stdout);
    fits("outcome", &run);
    assert_eq!(run["exit_code"], 5);
    assert_eq!(run["outcome"]["stopped"], "failed");
    assert_eq!(run["outcome"]["counts"]["not_tried"], 8);
    assert!(!run["hints"].as_array().expect("a list").is_empty());

    let project = self::project();
    let asked = APPLY.replace(" --yes", "");
    let run = json(&project.run(&asked).ends(1).stdout);
    fits("outcome", &run);
    assert_eq!(run["outcome"], Value::Null);
    assert_eq!(
        run["error"],
        "there is no terminal to ask at; nothing was changed"
    );

    let _ = project.run(APPLY).ends(0);
    let file = project
        .read("mtls.yaml")
        .replace(", payments.example.com", "");
    project.write("mtls.yaml", file);
    let run = json(&project.run(APPLY).ends(3).stdout);
    fits("outcome", &run);
    assert_eq!(run["outcome"], Value::Null);
    assert_eq!(run["plan"]["refusals"][0]["kind"], "opened");
}

#[test]
fn other_documents_fit_their_schemas() {
    let project = project();
    let _ = project.run("apply --sandbox=account --yes").ends(0);
    for (kind, command, code) in [
        (
            "audit",
            "audit --sandbox=account --fail-on never -f mtls.yaml",
            0,
        ),
        ("status", "status --sandbox=account", 0),
        ("validate", "validate", 0),
        ("validate", "validate --strict --at 2130-01-01", 1),
        (
            "explain",
            "explain --sandbox=account --host api.example.com --certificate fleet-2026",
            0,
        ),
        ("error", "plan --sandbox=account -f nowhere.yaml", 1),
        (
            "error",
            "explain --sandbox=account --host api.example.com --certificate nobody",
            1,
        ),
    ] {
        let ran = project.run(&format!("{command} --format json")).ends(code);
        fits(kind, &json(&ran.stdout));
    }
}

#[test]
fn an_error_says_what_is_wrong_with_the_file_and_where() {
    let (_served, project) = Served::example("");
    let file = "version: 1\nowner: o\ncas: []\nhostnames: []\nrules: []\nquota: none\n";
    let project = project.with("mtls.yaml", file);
    let ran = project.run("plan --format json --color always").ends(1);
    let error = json(&ran.stdout);
    fits("error", &error);
    assert_eq!(error["command"], "plan");
    assert_eq!(error["error"], "`mtls.yaml` has a problem");
    assert_eq!(error["problems"][0]["line"], 6);
    assert_eq!(error["problems"][0]["severity"], "error");
}
