//! Every command in every format, also when it fails: what is printed is what it claims to be.

use quick_xml::Reader;
use quick_xml::events::Event;
use serde_json::Value;

use crate::cli::schema::fits;
use crate::cli::schema::json;
use crate::cli::served::Served;
use crate::support::markdown::is_harmless;
use crate::support::project::Project;
use crate::support::project::Ran;

/// Commands that look at an account or a file, with the document that they print and their formats.
const COMMANDS: &[(&str, &str, &[&str])] = &[
    ("plan", "plan", CHANGES),
    ("apply --yes", "outcome", CHANGES),
    ("audit -f mtls.yaml", "audit", &["text", "json", "sarif"]),
    ("drift", "drift", CHANGES),
    ("status", "status", &["text", "json"]),
    ("doctor -f mtls.yaml", "doctor", &["text", "json"]),
    ("graph -f mtls.yaml", "graph", &["mermaid", "dot", "svg"]),
    (
        "explain -f mtls.yaml --host api.example.com",
        "explain",
        &["text", "json"],
    ),
];

const CHANGES: &[&str] = &["text", "json", "markdown", "github"];

const VALIDATE: &[&str] = &["text", "json", "junit"];

/// Files that cannot be used.
const BROKEN: &[&str] = &["version: 1\nnonsense: `@all`\n", "\u{0}\n", ""];

/// Checks that stdout is what it claims to be.
#[track_caller]
fn parses(format: &str, kind: &str, ran: &Ran) {
    let text = &ran.stdout;
    if format == "text" {
        return;
    }
    assert!(!text.contains('\u{1b}'), "colours in {format}: {text}");
    match format {
        "json" => {
            let document = json(text);
            let is_error = document.get("command").is_some();
            fits(if is_error { "error" } else { kind }, &document);
            assert_eq!(document.get("exit_code").map_or(ran.code, code), ran.code);
        }
        "markdown" => is_harmless(text),
        "github" => are_commands(text),
        "sarif" => is_sarif(text, ran.code == Some(1)),
        "junit" => is_junit(text, ran.code == Some(1)),
        "mermaid" => assert!(text.starts_with("flowchart LR\n  "), "{text}"),
        "dot" => is_dot(text),
        "svg" => assert_eq!(tags(text)[0], "svg"),
        other => panic!("{other}"),
    }
}

fn code(value: &Value) -> Option<i32> {
    value.as_i64().and_then(|code| i32::try_from(code).ok())
}

fn are_commands(text: &str) {
    assert!(!text.is_empty());
    for line in text.lines() {
        let rest = line.strip_prefix("::").expect(line);
        let (command, told) = rest.split_once("::").expect(line);
        let (level, properties) = command.split_once(' ').expect(line);
        assert!(["error", "warning", "notice"].contains(&level), "{line}");
        for property in properties.split(',') {
            let (name, value) = property.split_once('=').expect(line);
            assert!(["title", "file", "line", "col"].contains(&name), "{line}");
            assert!(!value.is_empty() && !value.contains(':'), "{line}");
        }
        assert!(!told.is_empty(), "{line}");
    }
}

fn is_sarif(text: &str, fails: bool) {
    let log = json(text);
    assert_eq!(log["version"], "2.1.0");
    let run = &log["runs"][0];
    assert_eq!(run["tool"]["driver"]["name"], "mtlsctl");
    assert!(run["results"].is_array(), "{log:#}");
    if fails {
        let invocation = &run["invocations"][0];
        assert_eq!(invocation["executionSuccessful"], false);
        let told = &invocation["toolExecutionNotifications"][0];
        assert_eq!(told["level"], "error");
        assert!(!told["message"]["text"].as_str().expect("a text").is_empty());
    }
}

fn is_junit(text: &str, fails: bool) {
    let names = tags(text);
    assert_eq!(
        names[..3],
        ["testsuites", "testsuite", "testcase"],
        "{text}"
    );
    let is_wrong = |name: &String| name == "error" || name == "failure";
    assert_eq!(names.iter().any(is_wrong), fails, "{text}");
}

/// What can be seen of it without Graphviz.
fn is_dot(text: &str) {
    assert!(
        text.starts_with("digraph mtls {\n") && text.ends_with("}\n"),
        "{text}"
    );
    let outside_quotes = text.replace("\\\"", "");
    assert_eq!(outside_quotes.matches('"').count() % 2, 0, "{text}");
}

/// The names of all elements, in their order; the text has to be well-formed.
fn tags(text: &str) -> Vec<String> {
    let mut reader = Reader::from_str(text);
    reader.config_mut().check_end_names = true;
    let mut names = Vec::new();
    loop {
        match reader
            .read_event()
            .unwrap_or_else(|error| panic!("{error}: {text}"))
        {
            Event::Start(tag) | Event::Empty(tag) => {
                for attribute in tag.attributes() {
                    let _ = attribute.expect("an attribute");
                }
                names.push(tag.name().as_ref().to_owned());
            }
            Event::Eof => break,
            _ => {}
        }
    }
    names
}

/// Runs every command in every format.
#[track_caller]
fn all(project: &dyn Fn() -> Project, account: &str, code: i32) {
    for (command, kind, formats) in COMMANDS {
        let project = project();
        for format in *formats {
            let arguments = format!("{command} {account} --format {format} --color always");
            let ran = project.run(&arguments);
            // An audit may have findings, and a new account is not what a file asks for.
            let may_find = command.starts_with("audit") || command.starts_with("drift");
            assert!(
                ran.code == Some(code) || may_find && code == 0 && ran.code == Some(2),
                "{arguments}: {}",
                ran.transcript()
            );
            parses(format, kind, &ran);
        }
    }
}

fn example() -> Project {
    let project = Project::example();
    let file = project.read("mtls.yaml.example");
    project.with("mtls.yaml", file)
}

#[test]
fn when_all_is_well() {
    all(&example, "--sandbox=account", 0);
    let project = example();
    for format in VALIDATE {
        let arguments = format!("validate --format {format} --color always");
        parses(format, "validate", &project.run(&arguments).ends(0));
    }
    let _ = project.run("sandbox reset --dir account").ends(0);
    let shown = project.run("sandbox show --dir account --format json --color always");
    let _ = json(&shown.ends(0).stdout);
}

#[test]
fn when_the_file_cannot_be_used() {
    for file in BROKEN {
        all(
            &|| example().with("mtls.yaml", file),
            "--sandbox=account",
            1,
        );
        let project = example().with("mtls.yaml", file);
        for format in VALIDATE {
            let arguments = format!("validate --format {format} --color always");
            parses(format, "validate", &project.run(&arguments).ends(1));
        }
    }
}

#[test]
fn when_there_is_no_file_and_no_account() {
    all(&|| example().with("mtls.yaml", BROKEN[0]), "", 1);
    let project = Project::new();
    for format in VALIDATE {
        let ran = project.run(&format!("validate --format {format}")).ends(1);
        parses(format, "validate", &ran);
    }
    let ran = project
        .run("sandbox show --dir nowhere --format json")
        .ends(1);
    parses("json", "error", &ran);
}

#[test]
fn when_the_token_is_wrong() {
    let project = Project::example();
    let served = Served::start(&project, "");
    let other = || {
        let project = served.environment(example());
        project.variable("CLOUDFLARE_API_TOKEN", "not-the-token")
    };
    all(&other, "", 1);
}

#[test]
fn when_nothing_can_be_reached() {
    let other = || {
        example()
            .variable("CLOUDFLARE_BASE_URL", "nonsense")
            .variable("CLOUDFLARE_ACCOUNT_ID", &"5a".repeat(16))
            .variable("CLOUDFLARE_API_TOKEN", "some-token")
    };
    all(&other, "", 1);
}

#[test]
fn access_tests_that_fail_are_told_one_by_one() {
    let project = example();
    let file = project.read("mtls.yaml");
    let wrong = file.replacen("expect: block", "expect: pass", 1);
    assert_ne!(wrong, file, "the example has no such test");
    let project = project.with("mtls.yaml", wrong);
    for format in VALIDATE {
        let ran = project.run(&format!("validate --format {format}")).ends(1);
        parses(format, "validate", &ran);
        match *format {
            "json" => {
                let document = json(&ran.stdout);
                let tests = document["tests"].as_array().expect("tests");
                let failing = tests.iter().filter(|test| test["holds"] == false);
                assert_eq!(failing.count(), 1, "{document:#}");
                assert_eq!(document["valid"], false);
            }
            "junit" => crate::support::golden::golden("cli/golden/failing.junit.xml", &ran.stdout),
            _ => assert_eq!(ran.stdout, ""),
        }
    }
}

#[test]
fn a_format_that_a_command_does_not_have_is_an_error_of_usage() {
    for (command, format) in [
        ("plan", "sarif"),
        ("status", "markdown"),
        ("audit", "github"),
    ] {
        let ran = Project::new()
            .run(&format!("{command} --format {format}"))
            .ends(1);
        ran.says(&format!("invalid value '{format}' for '--format <FORMAT>'"));
        assert_eq!(ran.stdout, "");
    }
}

#[test]
fn a_reader_of_documents_that_goes_away_ends_it_quietly() {
    let project = example();
    let _ = project.run("plan --sandbox=account").ends(0);
    for (command, _, formats) in COMMANDS {
        let format = formats[formats.len() - 1];
        let ran = project.shell(&format!(
            "{{ sleep 0.3; $MTLSCTL {command} --sandbox=account --format {format}; echo ended $? >&2; }} | true"
        ));
        assert!(
            ran.stderr.contains("ended 0") || ran.stderr.contains("ended 2"),
            "{}",
            ran.stderr
        );
        assert!(!ran.stderr.contains("error:"), "{}", ran.stderr);
    }
}
