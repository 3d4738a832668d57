//! What a workflow of GitHub's finds around it: variables, files that it may write to, and a `gh` that keeps
//! comments and issues in files. The real `gh` reads JSON with jq's language, and so does this one.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::fs::symlink;
use std::process::Command;
use std::process::Stdio;

use serde_json::Value;
use serde_json::json;
use snapbox::cmd::cargo_bin;
use tempfile::TempDir;

use crate::support::project::Project;
use crate::support::project::Ran;

/// What the workflows ask of `gh`, and nothing else; it keeps its state in `$GH_STATE`.
const GH: &str = r#"#!/bin/sh
set -eu
asked="$*"
jq= body=
for argument; do
  case "${last-}" in
    --jq) jq=$argument ;;
    --field) body=${argument#body=@} ;;
    --body-file) body=$argument ;;
    --title) title=$argument ;;
    --search) search=$argument ;;
  esac
  last=$argument
done
case "$asked" in
  "api --paginate repos/company/edge/issues/7/comments --jq "*) jq -r "$jq" "$GH_STATE/comments.json" ;;
  "api repos/company/edge/commits/c0ffee/pulls --jq "*) echo '[{"number": 7}]' | jq -r "$jq" ;;
  "api --method PATCH repos/company/edge/issues/comments/2 "*)
    jq --rawfile body "$body" '.[1].body = $body' "$GH_STATE/comments.json" > "$GH_STATE/new"
    mv "$GH_STATE/new" "$GH_STATE/comments.json" ;;
  "pr comment 7 --repo company/edge "*)
    jq --rawfile body "$body" '. + [{id: (length + 1), user: {login: "github-actions[bot]"}, body: $body}]' \
      "$GH_STATE/comments.json" > "$GH_STATE/new"
    mv "$GH_STATE/new" "$GH_STATE/comments.json" ;;
  "issue list --repo company/edge --state open "*)
    jq --arg title "${search% in:title}" 'map(select(.title == $title))' "$GH_STATE/issues.json" | jq -r "$jq" ;;
  "issue create --repo company/edge "*)
    jq --arg title "$title" '. + [{number: (length + 1), title: $title}]' "$GH_STATE/issues.json" > "$GH_STATE/new"
    mv "$GH_STATE/new" "$GH_STATE/issues.json" ;;
  *) echo "gh: not expected: $asked" >&2; exit 9 ;;
esac
"#;

/// The binary as `mtlsctl` in the folder `bin` of a project.
pub(super) fn with_binary(project: Project) -> Project {
    fs::create_dir_all(project.path("bin")).expect("a folder");
    symlink(cargo_bin!("mtlsctl"), project.path("bin/mtlsctl")).expect("a link");
    project
}

/// GitHub, as far as the workflows look at it.
pub(super) struct GitHub {
    folder: TempDir,
}

impl GitHub {
    /// With one pull request, number 7, on which somebody wrote a comment that looks like one of ours; `None` where jq is missing.
    pub(super) fn new() -> Option<Self> {
        let mut jq = Command::new("jq");
        jq.arg("--version").stdout(Stdio::null()).status().ok()?;
        let folder = tempfile::tempdir().expect("a folder");
        let github = Self { folder };
        github.write("gh", GH);
        let executable = fs::Permissions::from_mode(0o755);
        fs::set_permissions(github.folder.path().join("gh"), executable).expect("a mode");
        let forged = format!("<!-- mtlsctl:plan a b {} -->\n", "0".repeat(64));
        let forged = json!([{ "id": 1, "user": { "login": "somebody" }, "body": forged }]);
        github.write("comments.json", &forged.to_string());
        github.write("issues.json", "[]");
        Some(github)
    }

    fn write(&self, name: &str, text: &str) {
        fs::write(self.folder.path().join(name), text).expect("a file");
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.folder.path().join(name)).unwrap_or_default()
    }

    /// The project with the variables that every step finds.
    pub(super) fn in_environment_of(&self, project: Project) -> Project {
        let path = std::env::var("PATH").unwrap_or_default();
        let project = with_binary(project);
        let bin = project.path("bin");
        let here = self.folder.path().display();
        project
            .variable("PATH", &format!("{}:{here}:{path}", bin.display()))
            .variable("GH_STATE", &here.to_string())
            .variable("GH_TOKEN", "of-a-workflow")
            .variable("GITHUB_ACTIONS", "true")
            .variable("CI", "true")
            .variable("GITHUB_REPOSITORY", "company/edge")
            .variable("GITHUB_SHA", "c0ffee")
            .variable("PULL_REQUEST", "7")
            .variable("EXPECT", "")
            .variable("GITHUB_STEP_SUMMARY", &format!("{here}/summary.md"))
            .variable("GITHUB_OUTPUT", &format!("{here}/output"))
    }

    /// Runs the script of a step, which has outputs of its own.
    #[track_caller]
    pub(super) fn runs(&self, project: &Project, script: &str) -> Ran {
        self.write("output", "");
        project.shell(script)
    }

    /// What the last step gave to those after it, in either of the two forms that there are.
    pub(super) fn output(&self, name: &str) -> Option<String> {
        let outputs = self.read("output");
        let mut lines = outputs.lines();
        let begins = format!("{name}<<");
        while let Some(line) = lines.next() {
            if let Some(value) = line.strip_prefix(&format!("{name}=")) {
                return Some(value.to_owned());
            }
            if let Some(mark) = line.strip_prefix(&begins) {
                let value: Vec<&str> = lines.take_while(|line| *line != mark).collect();
                return Some(value.join("\n"));
            }
        }
        None
    }

    /// The texts of the comments that the workflows made.
    pub(super) fn comments(&self) -> Vec<String> {
        texts(&self.read("comments.json"), "body").split_off(1)
    }

    /// The titles of the issues.
    pub(super) fn issues(&self) -> Vec<String> {
        texts(&self.read("issues.json"), "title")
    }
}

fn texts(json: &str, field: &str) -> Vec<String> {
    let all: Vec<Value> = serde_json::from_str(json).expect("JSON");
    let texts = all
        .iter()
        .map(|one| one[field].as_str().expect("a text").to_owned());
    texts.collect()
}
