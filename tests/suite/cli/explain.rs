//! `explain`: on the account as it is and as it will be, for clients and requests as people name them.

use crate::support::golden::golden;
use crate::support::project::Project;

const HOST: &str = "--host api.example.com";

/// An offline account to which the example has been applied.
fn applied() -> Project {
    let project = Project::example();
    let _ = project
        .run("apply --sandbox --yes -f mtls.yaml.example")
        .ends(0);
    project
}

#[test]
fn the_rule_that_decides_is_told_with_the_way_to_it() {
    let project = applied();
    for (name, arguments) in [
        ("none", ""),
        ("path", " --path /v1?page=2"),
        ("fleet", " --certificate fleet-2026 -f mtls.yaml.example"),
    ] {
        let ran = project.run(&format!("explain --sandbox {HOST}{arguments}"));
        golden(
            &format!("cli/golden/explain_{name}.txt"),
            &ran.ends(0).transcript(),
        );
    }
}

#[test]
fn the_desired_state_is_the_account_once_the_file_has_been_applied() {
    let project = Project::example();
    let desired = format!("explain --sandbox --desired -f mtls.yaml.example {HOST} --path /v1");
    let ran = project.run(&desired).ends(0);
    assert!(
        ran.stdout.contains("Verdict: block"),
        "{}",
        ran.transcript()
    );
    let ran = project
        .run(&format!("explain --sandbox {HOST} --path /v1"))
        .ends(0);
    assert!(ran.stdout.contains("Verdict: pass"), "{}", ran.transcript());
}

#[test]
fn a_question_that_makes_no_sense_says_why() {
    let project = applied();
    for (arguments, words) in [
        (
            "--host api.example.org",
            "the account has no zone for api.example.org",
        ),
        (
            "--host api.example.com --certificate nobody",
            "there is no CA `nobody`: the account has `fleet-2025`, `fleet-2026`, `legacy-partners` and `partner-2026`",
        ),
        (
            "--host api.example.com --set http.host=x",
            "`http.host` is not free: host and client fix it",
        ),
        (
            "--host intranet.example.com --set ip.src=office",
            "rules test `ip.src` as an address, and `office` is none",
        ),
        ("--host api.example.com --path v1", "a path begins with `/`"),
        (
            "--host api.example.com --set ip.src",
            "write a field and its value",
        ),
        (
            "--host api.example.com --path /a --set http.request.uri.path=/b",
            "`http.request.uri.path` is given twice",
        ),
        ("--host localhost", "`localhost` has no dot"),
    ] {
        let ran = project
            .run(&format!("explain --sandbox {arguments}"))
            .ends(1);
        let _ = ran.says(words);
        assert_eq!(ran.stdout, "", "{}", ran.transcript());
    }
    let ran = project.run("explain --sandbox --host api.example.com --set http.cookie=a=b");
    let _ = ran
        .ends(0)
        .says("No rule of example.com tests `http.cookie`.");
}
