//! The journal of a run: what happened, a line each.

use std::fmt::Write as _;

use serde_json::Value;

use crate::cli::served::Served;
use crate::support::golden::golden;
use crate::support::project::Project;

const APPLY: &str = "apply --sandbox=account --yes -f mtls.yaml.example";

fn lines(project: &Project, path: &str) -> Vec<Value> {
    let text = project.read(path);
    assert!(text.ends_with('\n'), "{text}");
    let lines = text.lines().map(serde_json::from_str);
    lines.collect::<Result<_, _>>().expect("an object a line")
}

/// The lines without what differs from run to run.
fn told(lines: &[Value]) -> String {
    let mut told = String::new();
    for line in lines {
        let mut line = line.clone();
        for field in ["at", "run", "request"] {
            if let Some(value) = line.get_mut(field) {
                assert!(value.as_str().is_some_and(|text| text.len() > 8), "{value}");
                *value = Value::from("…");
            }
        }
        let _ = writeln!(told, "{line}");
    }
    told
}

fn events<'a>(lines: &'a [Value], event: &str) -> Vec<&'a Value> {
    lines.iter().filter(|line| line["event"] == event).collect()
}

#[test]
fn a_run_tells_who_did_what_when_and_how_it_ended() {
    let project = Project::example()
        .variable("GITHUB_ACTOR", "octo")
        .variable("GITLAB_USER_LOGIN", "fox")
        .variable("GITHUB_SHA", "0123abc");
    let _ = project
        .run(&format!("{APPLY} --parallel 1 --journal journal.jsonl"))
        .ends(0);
    let lines = lines(&project, "journal.jsonl");
    golden("cli/golden/journal.jsonl", &told(&lines));
    let moments: Vec<&str> = lines
        .iter()
        .filter_map(|line| line["at"].as_str())
        .collect();
    assert!(moments.is_sorted() && moments.len() == lines.len());
    for line in events(&lines, "step_ended") {
        assert!(
            line["request"]
                .as_str()
                .is_some_and(|ray| ray.ends_with("-SBX")),
            "{line}"
        );
    }
}

#[test]
fn who_and_which_commit_are_left_out_where_nothing_says_so() {
    let project = Project::example().variable("USER", "  ");
    let _ = project.run(&format!("{APPLY} --journal j")).ends(0);
    let lines = lines(&project, "j");
    assert!(
        lines[0].get("who").is_none() && lines[0].get("commit").is_none(),
        "{}",
        lines[0]
    );
}

#[test]
fn what_is_about_to_be_written_is_in_the_journal_when_a_run_is_killed() {
    let project = Project::example();
    let _ = project
        .run("sandbox reset --dir account --lag-certificates 60s")
        .ends(0);
    let ran = project.shell(&format!(
        "$MTLSCTL {APPLY} --journal j >/dev/null & run=$!; \
         until grep -qs '\"waiting\"' j; do sleep 0.1; done; kill -KILL $run; wait $run; true"
    ));
    let _ = ran.ends(0);
    let lines = lines(&project, "j");
    assert!(!events(&lines, "step_started").is_empty());
    assert!(events(&lines, "run_ended").is_empty());

    // What a crash cut off does not spoil the line after it.
    let text = project.read("j");
    project.write("j", format!("{text}{{\"format_version\":1,\"at\":\"20"));
    let _ = project.run("sandbox reset --dir account").ends(0);
    let _ = project.run(&format!("{APPLY} --journal j")).ends(0);
    let text = project.read("j");
    let broken = text
        .lines()
        .filter(|line| serde_json::from_str::<Value>(line).is_err());
    assert_eq!(broken.count(), 1, "{text}");
}

#[cfg(unix)]
#[test]
fn a_signal_and_what_came_of_it_are_told() {
    let project = Project::example();
    let ran = project.shell(&format!(
        "$MTLSCTL {APPLY} --settle 10m --journal j >/dev/null & run=$!; \
         until grep -qs '\"settling\"' j; do sleep 0.1; done; kill -TERM $run; wait $run"
    ));
    let _ = ran.ends(5);
    let lines = lines(&project, "j");
    assert_eq!(events(&lines, "settling")[0]["seconds"], 600.0);
    let [.., stopping, end] = &lines[..] else {
        panic!("{lines:?}")
    };
    assert_eq!(stopping["event"], "stopping");
    assert_eq!(
        (&end["event"], &end["result"]),
        (&"run_ended".into(), &"interrupted".into())
    );
}

#[test]
fn a_failure_and_what_was_not_tried_are_told() {
    let project = Project::example();
    let _ = project.run("sandbox reset --dir account --quota 3").ends(0);
    let _ = project
        .run(&format!("{APPLY} --parallel 1 --journal j"))
        .ends(5);
    let lines = lines(&project, "j");
    let failed = events(&lines, "step_ended");
    let failed: Vec<_> = failed
        .iter()
        .filter(|line| line["result"] == "failed")
        .collect();
    let [failed] = failed[..] else {
        panic!("{lines:?}")
    };
    assert!(
        failed["why"]
            .as_str()
            .is_some_and(|why| why.contains("1489")),
        "{failed}"
    );
    assert!(failed["request"].is_string(), "{failed}");
    let end = lines.last().expect("an end");
    assert_eq!(
        (&end["event"], &end["result"]),
        (&"run_ended".into(), &"failed".into())
    );
    assert_eq!((&end["applied"], &end["not_tried"]), (&2.into(), &8.into()));
    assert_eq!(end["failures"][0]["step"], failed["step"]);
}

#[test]
fn a_journal_that_cannot_be_opened_ends_it_before_anything_is_written() {
    let project = Project::example();
    let _ = project.run("sandbox reset --dir account").ends(0);
    let before = project.read("account/sandbox.json");
    for path in ["nowhere/j", "account"] {
        let ran = project.run(&format!("{APPLY} --journal {path}")).ends(1);
        ran.says(&format!("error: the journal {path} cannot be opened"));
        ran.says("nothing was changed");
        assert_eq!(ran.stdout, "");
    }
    assert_eq!(project.read("account/sandbox.json"), before);
}

#[cfg(target_os = "linux")]
#[test]
fn a_journal_on_a_full_disk_ends_it_before_anything_is_written() {
    let project = Project::example();
    let _ = project.run("sandbox reset --dir account").ends(0);
    let before = project.read("account/sandbox.json");
    let ran = project.run(&format!("{APPLY} --journal /dev/full")).ends(1);
    ran.says("the journal /dev/full cannot be written to");
    assert_eq!(project.read("account/sandbox.json"), before);
}

#[cfg(unix)]
#[test]
fn a_journal_that_fails_later_is_warned_of_once_and_the_run_goes_on() {
    let project = Project::example();
    let _ = project.run("sandbox reset --dir account").ends(0);
    // The reader takes the first line and goes away.
    let ran = project.shell(&format!(
        "mkfifo j; head -n 1 j >first & $MTLSCTL {APPLY} --journal j"
    ));
    let ran = ran.ends(0);
    assert!(
        ran.stdout.contains("Applied: 11 steps"),
        "{}",
        ran.transcript()
    );
    assert_eq!(
        ran.stderr.matches("cannot be written to").count(),
        1,
        "{}",
        ran.stderr
    );
    assert!(project.read("first").contains("run_started"));
}

#[test]
fn two_runs_never_mix_their_lines() {
    let project = Project::example();
    let _ = std::thread::scope(|scope| {
        let run = |account: &'static str| {
            let project = &project;
            scope.spawn(move || {
                let apply = format!("apply --yes --sandbox={account} -f mtls.yaml.example");
                project.run(&format!("{apply} --journal j")).ends(0)
            })
        };
        let runs = ["one", "two", "three"].map(run);
        runs.map(|run| run.join().expect("a run"))
    });
    let lines = lines(&project, "j");
    let starts = events(&lines, "run_started");
    assert_eq!(starts.len(), 3);
    for start in starts {
        let own = lines.iter().filter(|line| line["run"] == start["run"]);
        assert_eq!(
            own.count(),
            lines.len() / 3,
            "each run tells the same number of lines"
        );
    }
}

#[test]
fn no_token_is_in_a_journal() {
    let (served, project) = Served::example("");
    let apply = "apply --yes --settle 0s -f mtls.yaml.example --journal j";
    let _ = project.run(&format!("{apply} -vvv")).ends(0);
    let _ = project.retiring().run(apply).ends(0);
    let text = project.read("j");
    assert!(text.contains("run_ended"), "{text}");
    for secret in [
        served.token.as_str(),
        "Bearer",
        "uthorization",
        "PRIVATE KEY",
    ] {
        assert!(!text.contains(secret), "{text}");
    }
}

#[test]
fn nothing_is_told_where_nothing_is_run() {
    let project = Project::example();
    let _ = project.run(&format!("{APPLY} --journal j")).ends(0);
    let before = project.read("j");
    let _ = project.run(&format!("{APPLY} --journal j")).ends(0);
    assert_eq!(project.read("j"), before);
}
