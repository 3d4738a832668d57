//! `drift` through the binary, against the offline account.

use serde_json::Value;
use serde_json::json;

use crate::support::dashboard::outside;
use crate::support::golden::golden;
use crate::support::project::Project;

const RULE: &str = "platform-mtls/require-client-certificate/1";
const DRIFT: &str = "drift --sandbox=account -f mtls.yaml.example";

/// The example, applied.
fn applied() -> Project {
    let project = Project::example();
    let _ = project
        .run("apply --sandbox=account --yes -f mtls.yaml.example")
        .ends(0);
    project
}

#[test]
fn nothing_is_found_right_after_a_run() {
    let project = applied();
    let ran = project.run(DRIFT).ends(0);
    golden("drift/command_none.txt", &ran.transcript());
    let _ = project.run(&format!("{DRIFT} --fail-on any")).ends(0);
}

#[test]
fn an_edit_that_opens_a_host_is_exposed() {
    let project = applied();
    outside(&project, |desk| {
        desk.change_rule("example.com", RULE, "enabled", &json!(false));
    });
    let ran = project.run(DRIFT).ends(2);
    assert!(
        ran.stdout.starts_with("Drift: exposed.\n"),
        "{}",
        ran.stdout
    );
    golden("drift/command_exposed.txt", &ran.transcript());
    let json = project.run(&format!("{DRIFT} --format json")).ends(2);
    let json: Value = serde_json::from_str(&json.stdout).expect("JSON");
    assert_eq!(json["grade"]["word"], "exposed");
    assert_eq!(json["counts"], true);
    let _ = project
        .run(&format!("{DRIFT} --fail-on locked-out"))
        .ends(2);
    let _ = project.run(&format!("{DRIFT} --fail-on none")).ends(0);
}

#[test]
fn an_edit_that_locks_everybody_out_is_locked_out() {
    let project = applied();
    outside(&project, |desk| {
        let ca = desk.certificate("platform-mtls/partner-2026");
        desk.set_hosts("example.net", Some(&ca.expect("uploaded")), &[]);
    });
    let ran = project.run(DRIFT).ends(2);
    assert!(
        ran.stdout.starts_with("Drift: locked out.\n"),
        "{}",
        ran.stdout
    );
    assert!(ran.stdout.contains("changed outside"), "{}", ran.stdout);
    let _ = project.run(&format!("{DRIFT} --fail-on exposed")).ends(0);
    let _ = project
        .run(&format!("{DRIFT} --fail-on locked-out,neutral"))
        .ends(2);
}

#[test]
fn another_description_is_neutral_and_does_not_count() {
    let project = applied();
    outside(&project, |desk| {
        desk.change_rule("example.com", RULE, "description", &json!("Do not touch"));
    });
    let ran = project.run(DRIFT).ends(0);
    assert!(ran.stdout.starts_with("Drift: neutral,"), "{}", ran.stdout);
    golden("drift/command_neutral.txt", &ran.transcript());
    for (fail_on, code) in [("neutral", 2), ("any", 2), ("tests", 0), ("none", 0)] {
        let _ = project
            .run(&format!("{DRIFT} --fail-on {fail_on}"))
            .ends(code);
    }
}

#[test]
fn an_access_test_that_does_not_hold_counts_unless_nothing_does() {
    let project = applied();
    let file = project.read("mtls.yaml.example");
    let other = file.replace(
        "path: /healthz, expect: pass",
        "path: /healthz, expect: block",
    );
    assert_ne!(other, file);
    project.write("mtls.yaml.example", other);
    for (fail_on, code) in [("exposed", 2), ("tests", 2), ("any", 2), ("none", 0)] {
        let ran = project
            .run(&format!("{DRIFT} --fail-on {fail_on}"))
            .ends(code);
        assert!(
            ran.stdout.starts_with("Nothing differs, but"),
            "{}",
            ran.stdout
        );
    }
}

#[test]
fn what_cannot_be_looked_at_ends_with_1() {
    let project = Project::example();
    let _ = project.run("drift --sandbox=account").ends(1);
    let ran = project.run(&format!("{DRIFT} --fail-on none,any")).ends(1);
    ran.says("`--fail-on none` stands alone");
    assert_eq!(ran.stdout, "");
}
