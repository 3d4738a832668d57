//! What a job of GitHub Actions gets: annotations, a summary and outputs.

use crate::support::markdown::is_harmless;
use crate::support::project::Project;

const PLAN: &str = "plan --sandbox=account --format github";
const APPLY: &str = "apply --sandbox=account --yes --format github";

/// The example where a job runs.
fn job() -> Project {
    let project = Project::example();
    let file = project.read("mtls.yaml.example");
    let (summary, output) = (project.path("summary.md"), project.path("output"));
    project
        .with("mtls.yaml", file)
        .variable("CI", "true")
        .variable("GITHUB_ACTIONS", "true")
        .variable("GITHUB_STEP_SUMMARY", &summary.to_string_lossy())
        .variable("GITHUB_OUTPUT", &output.to_string_lossy())
}

/// The outputs as the runner reads them, and an empty file for the next step.
fn outputs(project: &Project) -> Vec<(String, String)> {
    let text = project.read("output");
    project.write("output", "");
    let mut lines = text.lines();
    let mut outputs = Vec::new();
    while let Some(line) = lines.next() {
        let (name, mark) = line.split_once("<<").expect(line);
        let value: Vec<&str> = lines.by_ref().take_while(|line| *line != mark).collect();
        outputs.push((name.to_owned(), value.join("\n")));
    }
    outputs
}

/// Checks the outputs of a step that planned: which plan it is, and these.
#[track_caller]
fn says(project: &Project, expected: &[(&str, &str)]) {
    let mut outputs = outputs(project);
    if let Some(("digest", digest)) = outputs.last().map(|(name, value)| (&**name, value)) {
        let is_digest = digest.len() == 64 && digest.bytes().all(|byte| byte.is_ascii_hexdigit());
        assert!(is_digest, "{digest}");
        outputs.pop();
    } else {
        assert!(
            !expected.iter().any(|(name, _)| *name == "steps"),
            "no digest"
        );
    }
    let expected = expected
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    assert_eq!(outputs, expected.collect::<Vec<_>>());
}

#[test]
fn plans_and_runs_set_outputs_and_add_to_the_summary() {
    let project = job();
    let planned = project.run(&format!("{PLAN} --detailed-exitcode")).ends(2);
    assert!(
        planned
            .stdout
            .contains("::notice title=mtlsctl plan::Plan: 3 CAs"),
        "{}",
        planned.stdout
    );
    says(
        &project,
        &[
            ("changes", "true"),
            ("exit-code", "2"),
            ("steps", "11"),
            ("refused", "false"),
        ],
    );
    let plan = project.read("summary.md");
    is_harmless(plan.trim_end());
    let _ = project.run(APPLY).ends(0);
    says(
        &project,
        &[
            ("changes", "true"),
            ("exit-code", "0"),
            ("steps", "11"),
            ("refused", "false"),
        ],
    );
    let both = project.read("summary.md");
    let added = both
        .strip_prefix(&plan)
        .expect("the summary of the step before");
    is_harmless(added.trim_end());
    assert!(
        added.contains("**Applied: 11 steps, each read back.**"),
        "{added}"
    );
    let _ = project.run(PLAN).ends(0);
    says(
        &project,
        &[
            ("changes", "false"),
            ("exit-code", "0"),
            ("steps", "0"),
            ("refused", "false"),
        ],
    );
}

#[test]
fn refusals_and_failures_are_errors_at_their_places() {
    let project = job();
    let _ = project.run(APPLY).ends(0);
    let file = project.read("mtls.yaml");
    project.write("mtls.yaml", file.replace(", payments.example.com", ""));
    let _ = outputs(&project);
    for command in [PLAN, APPLY] {
        let refused = project.run(command).ends(3);
        let error = "::error title=Refused::clients without a certificate";
        assert!(refused.stdout.contains(error), "{}", refused.stdout);
        assert!(
            refused
                .stdout
                .contains("::warning title=Who gets in::payments.example.com")
        );
        let outputs = outputs(&project);
        assert!(
            outputs.contains(&("refused".to_owned(), "true".to_owned())),
            "{outputs:?}"
        );
        assert!(
            outputs.contains(&("exit-code".to_owned(), "3".to_owned())),
            "{outputs:?}"
        );
    }

    project.write("mtls.yaml", file.replace("quota: 5 ", "quota: 0 "));
    let broken = project.run(PLAN).ends(1);
    let problem = "::error file=mtls.yaml,line=19,col=8::";
    assert!(broken.stdout.contains(problem), "{}", broken.stdout);
    says(&project, &[("exit-code", "1"), ("refused", "false")]);
    assert!(
        project
            .read("summary.md")
            .contains("### mtlsctl plan: failed")
    );
}

#[test]
fn files_that_cannot_be_written_are_said_and_end_nothing() {
    let project = Project::example().variable("GITHUB_OUTPUT", "/nowhere/at/all");
    let ran = project.run(&format!("{PLAN} -f mtls.yaml.example")).ends(0);
    ran.says("careful: /nowhere/at/all, which GITHUB_OUTPUT names, cannot be written to");
    assert!(ran.stdout.starts_with("::notice "), "{}", ran.stdout);
}

#[test]
fn without_these_variables_nothing_is_written() {
    let project = Project::example();
    let ran = project.run(&format!("{PLAN} -f mtls.yaml.example")).ends(0);
    assert!(!project.path("output").exists() && !project.path("summary.md").exists());
    assert!(!ran.stderr.contains("careful"), "{}", ran.stderr);
}
