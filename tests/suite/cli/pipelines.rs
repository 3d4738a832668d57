//! The pipelines under `examples/`: they parse, their shell is shell, and their command lines run against the
//! offline account.

mod gh;

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;

use crate::cli::pipelines::gh::GitHub;
use crate::cli::served::Served;
use crate::support::project::Project;

const PLAN: &str = "examples/github-actions/mtls-plan.yaml";
const APPLY: &str = "examples/github-actions/mtls-apply.yaml";
const DRIFT: &str = "examples/github-actions/mtls-drift.yaml";
const GITLAB: &str = "examples/gitlab/.gitlab-ci.yml";
const KUBERNETES: &str = "examples/kubernetes/drift.yaml";
const PRE_COMMIT: &str = "examples/pre-commit/.pre-commit-config.yaml";
const HOOK: &str = "examples/pre-commit/pre-commit.sh";

/// The smallest file with one CA, under the name that the pipelines look for.
const FILE: &str = "
version: 1
account: ${CLOUDFLARE_ACCOUNT_ID}
owner: platform-mtls
zones: [example.com]
settle: 0s
cas:
  - { name: fleet-2026, certificates: examples/ca/fleet-2026.pem }
hostnames:
  - { name: public-api, cas: [fleet-2026], hosts: [api.example.com] }
rules:
  - name: require-client-certificate
";

fn text(path: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    fs::read_to_string(root.join(path)).expect("a file of the repository")
}

fn parsed(path: &str) -> Value {
    serde_yaml::from_str(&text(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// The script of a step of a workflow, and how the workflow runs it: every step stops at its first error.
fn step(path: &str, name: &str) -> String {
    let workflow = parsed(path);
    let jobs = workflow["jobs"].as_object().expect("jobs");
    let mut steps = jobs
        .values()
        .flat_map(|job| job["steps"].as_array().expect("steps"));
    let step = steps
        .find(|step| step["name"] == name)
        .unwrap_or_else(|| panic!("{path} has no step `{name}`"));
    format!("set -e\n{}", step["run"].as_str().expect("a script"))
}

/// The lines of a job of GitLab's.
fn job(name: &str) -> String {
    let lines = parsed(GITLAB)[name]["script"]
        .as_array()
        .expect("a script")
        .clone();
    let lines = lines.iter().map(|line| line.as_str().expect("a line"));
    format!("set -e\n{}", lines.collect::<Vec<_>>().join("\n"))
}

/// Every script in the examples, with where it stands.
fn scripts() -> Vec<(String, String)> {
    let mut scripts = vec![(HOOK.to_owned(), text(HOOK))];
    for path in [PLAN, APPLY, DRIFT] {
        let workflow = parsed(path);
        for job in workflow["jobs"].as_object().expect("jobs").values() {
            for step in job["steps"].as_array().expect("steps") {
                if let Some(script) = step["run"].as_str() {
                    scripts.push((format!("{path}: {}", step["name"]), script.to_owned()));
                }
            }
        }
    }
    for name in ["validate", "plan", "apply", "drift"] {
        scripts.push((format!("{GITLAB}: {name}"), job(name)));
    }
    let hooks = &parsed(PRE_COMMIT)["repos"][0]["hooks"];
    for hook in hooks.as_array().expect("hooks") {
        let entry = hook["entry"].as_str().expect("an entry");
        scripts.push((PRE_COMMIT.to_owned(), entry.to_owned()));
    }
    scripts
}

#[test]
fn every_script_is_shell_and_takes_nothing_from_outside_but_by_variables() {
    for (place, script) in scripts() {
        let checked = Command::new("sh").args(["-n", "-c", &script]).output();
        let checked = checked.expect("a shell");
        let said = String::from_utf8_lossy(&checked.stderr).into_owned();
        assert!(checked.status.success(), "{place}: {said}");
        // An expression is put into a script as it is, whoever wrote what it stands for.
        assert!(!script.contains("${{"), "{place}: {script}");
        assert!(
            script.contains("mtlsctl") || script.contains("gh "),
            "{place}: {script}"
        );
    }
}

/// A project with the file, and a server.
fn served() -> (Served, Project) {
    let project = Project::example().with("mtls.yaml", FILE);
    let served = Served::start(&project, "");
    let project = served.environment(project);
    (served, project)
}

/// The same on GitHub, where jq is installed.
fn hosted() -> Option<(GitHub, Served, Project)> {
    let Some(github) = GitHub::new() else {
        eprintln!("skipped: jq is not installed");
        return None;
    };
    let (served, project) = served();
    let project = github.in_environment_of(project);
    Some((github, served, project))
}

#[test]
fn a_pull_request_is_planned_commented_merged_applied_and_watched() {
    let Some((github, _server, project)) = hosted() else {
        return;
    };

    let _ = github
        .runs(&project, &step(PLAN, "Check the file alone"))
        .ends(0);
    let _ = github.runs(&project, &step(PLAN, "Plan")).ends(0);
    let _ = github.runs(&project, &step(PLAN, "Comment")).ends(0);
    let first = github.comments();
    assert_eq!(first.len(), 1);
    assert!(first[0].contains("Who changes verdict"), "{}", first[0]);
    // Planned again in a new workspace, the comment is the same one.
    fs::remove_file(project.path("plan.md")).expect("the plan");
    let _ = github.runs(&project, &step(PLAN, "Plan")).ends(0);
    let _ = github.runs(&project, &step(PLAN, "Comment")).ends(0);
    assert_eq!(github.comments(), first);

    let _ = github
        .runs(&project, &step(APPLY, "Find the plan that was reviewed"))
        .ends(0);
    let digest = github.output("digest").expect("the digest");
    let project = project.variable("DIGEST", &digest);
    let applied = github.runs(&project, &step(APPLY, "Apply")).ends(0);
    let _ = project.run("plan --detailed-exitcode").ends(0);
    assert!(
        project.read("mtlsctl.jsonl").contains(&digest),
        "{}",
        applied.transcript()
    );

    let _ = github
        .runs(&project, &step(DRIFT, "Look for drift"))
        .ends(0);
    assert_eq!(github.output("fingerprint").as_deref(), Some(""));
    // What was applied is another plan now: nothing is done twice.
    let _ = github.runs(&project, &step(APPLY, "Apply")).ends(4);
}

#[test]
fn one_drift_opens_one_issue() {
    let Some((github, _server, project)) = hosted() else {
        return;
    };
    let _ = github
        .runs(&project, &step(DRIFT, "Look for drift"))
        .ends(2);
    let fingerprint = github.output("fingerprint").expect("a fingerprint");
    let project = project.variable("FINGERPRINT", &fingerprint);
    for _ in 0..2 {
        let _ = github
            .runs(&project, &step(DRIFT, "Open an issue, once"))
            .ends(0);
        assert_eq!(github.issues(), [format!("mTLS drift {fingerprint}")]);
    }
}

#[test]
fn a_merge_without_a_reviewed_plan_applies_nothing() {
    let Some((github, _server, project)) = hosted() else {
        return;
    };
    let ran = github
        .runs(&project, &step(APPLY, "Find the plan that was reviewed"))
        .ends(1);
    assert!(
        ran.stdout.contains("no plan was reviewed"),
        "{}",
        ran.transcript()
    );
    assert_eq!(github.output("digest"), None);
}

#[test]
fn gitlab_applies_the_plan_of_its_own_pipeline() {
    let (_server, project) = served();
    let path = |project: &Project| {
        let path = std::env::var("PATH").unwrap_or_default();
        format!("{}:{path}", project.path("bin").display())
    };
    let path = path(&project);
    let project = gh::with_binary(project).variable("PATH", &path);
    for name in ["validate", "plan", "apply", "drift"] {
        let _ = project.shell(&job(name)).ends(0);
    }
    assert!(project.read("access-tests.xml").starts_with("<?xml"));
    assert!(project.read("plan.md").contains("Who changes verdict"));
    let _ = project.run("plan --detailed-exitcode").ends(0);
}

#[test]
fn the_cluster_looks_for_drift_with_the_flags_it_names() {
    let (served, project) = served();
    let job = parsed(KUBERNETES);
    let container = &job["spec"]["jobTemplate"]["spec"]["template"]["spec"]["containers"][0];
    assert_eq!(container["command"], serde_json::json!(["mtlsctl"]));
    let arguments = container["args"].as_array().expect("arguments");
    let folder = project.path("etc");
    project.write("etc/mtls/mtls.yaml", FILE.replace("examples/ca/", ""));
    project.write(
        "etc/mtls/fleet-2026.pem",
        text("examples/ca/fleet-2026.pem"),
    );
    project.write("etc/cloudflare/token", &served.token);
    let arguments = arguments.iter().map(|argument| {
        let argument = argument.as_str().expect("an argument");
        argument.replace("=/etc/", &format!("={}/", folder.display()))
    });
    let project = project.variable("CLOUDFLARE_API_TOKEN", "");
    let ran = project
        .run(&arguments.collect::<Vec<_>>().join(" "))
        .ends(2);
    let drift: Value = serde_json::from_str(&ran.stdout).expect("JSON");
    assert_eq!(drift["format_version"], 1);
}

#[test]
fn hooks_look_at_the_file_alone() {
    let hooks = &parsed(PRE_COMMIT)["repos"][0]["hooks"];
    let entry = hooks[0]["entry"].as_str().expect("an entry");
    let arguments = entry.strip_prefix("mtlsctl ").expect("this program");
    let project = Project::example()
        .with("mtls.yaml", FILE)
        .variable("CLOUDFLARE_ACCOUNT_ID", &"0".repeat(32));
    let _ = project.run(arguments).ends(0);
    project.write("mtls.yaml", FILE.replace("fleet-2026]", "fleet-2027]"));
    let _ = project.run(arguments).ends(1);
    assert!(text(HOOK).contains(entry), "{entry}");
}
