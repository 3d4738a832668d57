//! Access tests in the commands that judge them.

use crate::support::golden::golden;
use crate::support::project::Project;

const HEALTHZ: &str = "unless: http.request.uri.path eq \"/healthz\"";
const APPLY: &str = "apply --sandbox --yes -f mtls.yaml.example";

/// The example with a wider exception.
fn widened() -> Project {
    let project = Project::example();
    let file = project.read("mtls.yaml.example");
    let wide = file.replace(HEALTHZ, "unless: starts_with(http.request.uri.path, \"/\")");
    assert_ne!(wide, file, "the example has another exception");
    project.with("mtls.yaml", wide)
}

#[test]
fn validate_shows_each_test_that_does_not_hold_in_its_place() {
    let ran = widened().run("validate").ends(1);
    assert_eq!(ran.stdout, "");
    golden("cli/golden/access_validate.txt", &ran.transcript());
}

#[test]
fn plan_and_apply_refuse_what_breaks_a_test() {
    let project = widened();
    let _ = project.run(APPLY).ends(0);
    let planned = project.run("plan --sandbox").ends(3);
    golden("cli/golden/access_refused.txt", &planned.stderr);
    let applied = project.run("apply --sandbox --yes").ends(3);
    assert_eq!(planned.stdout, applied.stdout);
    let consented = "apply --sandbox --yes --allow-interruption api.example.com";
    let _ = project.run(consented).ends(3);
    let _ = project.run(&format!("{APPLY} --settle 0s")).ends(0).stdout;
}

#[test]
fn an_audit_with_a_file_judges_its_tests_on_the_live_account() {
    let project = Project::example();
    let audit = "audit --sandbox -f mtls.yaml.example --fail-on high --format json";
    let before = project.run(audit).ends(2);
    assert!(
        before.stdout.contains("\"failing-test\""),
        "{}",
        before.transcript()
    );
    let _ = project.run(APPLY).ends(0);
    let after = project.run(&audit.replace("high", "never")).ends(0);
    assert!(
        !after.stdout.contains("\"failing-test\""),
        "{}",
        after.transcript()
    );
}
