//! Dates and lengths of time as arguments.

use crate::support::project::Project;

#[test]
fn lengths_of_time_have_their_units() {
    let project = Project::example();
    for time in ["0s", "90s", "1500ms", "2m", "1h30m", "1h 30m", "2 minutes"] {
        for option in ["--settle", "--read-back-timeout", "--in-use-timeout"] {
            let arguments = [
                "apply",
                "--yes",
                "--sandbox",
                "-f",
                "mtls.yaml.example",
                option,
                time,
            ];
            let ran = project.command(arguments).output().expect("it runs");
            assert_eq!(ran.status.code(), Some(0), "{option} {time}");
        }
    }
    let _ = project
        .run("sandbox reset --dir other --lag-hosts 30s --lag-in-use 1m")
        .ends(0);
}

#[test]
fn what_is_no_length_of_time_is_told_how_one_looks() {
    let project = Project::example();
    for time in [
        "1",
        "1x",
        "-1s",
        "1mo",
        "1y",
        "soon",
        "",
        "99999999999999999999h",
    ] {
        let settle = format!("--settle={time}");
        let lag = format!("--lag-hosts={time}");
        for arguments in [
            ["apply", settle.as_str()].as_slice(),
            &["sandbox", "reset", lag.as_str()],
        ] {
            let output = project.command(arguments).output().expect("it runs");
            let said = String::from_utf8(output.stderr).expect("UTF-8");
            assert_eq!(output.status.code(), Some(1), "{arguments:?}: {said}");
            assert!(
                said.contains("no length of time; write one such as `90s`, `2m` or `1h30m`"),
                "{arguments:?}: {said}"
            );
        }
    }
}

#[test]
fn the_longest_times_are_no_overflow() {
    let project = Project::example();
    let ages = "2000000000000h";
    let _ = project.run(&format!(
        "sandbox reset --dir a --lag-hosts {ages} --lag-certificates {ages} --lag-in-use {ages}"
    ));
    let ran = project.run(&format!(
        "apply --yes --sandbox=b -f mtls.yaml.example --settle 0s --read-back-timeout {ages} \
         --in-use-timeout {ages}"
    ));
    let _ = ran.ends(0);
    let ran = project
        .run("apply --yes --sandbox=a -f mtls.yaml.example --read-back-timeout 1s")
        .ends(5);
    ran.says("it was written, but reads do not show it after 1 s");
}

#[test]
fn what_is_no_day_is_told_how_one_looks() {
    let project = Project::example();
    for day in [
        "2099-13-01",
        "tomorrow",
        "2099-01-31T10:00:00Z",
        "",
        "9999-12-31",
        "-009999-01-01",
    ] {
        let at = format!("--at={day}");
        let output = project
            .command(["validate", "-f", "mtls.yaml.example", &at])
            .output();
        let output = output.expect("it runs");
        let said = String::from_utf8(output.stderr).expect("UTF-8");
        assert_eq!(output.status.code(), Some(1), "{day}: {said}");
        assert!(
            said.contains("no day; write one such as 2099-01-31"),
            "{day}: {said}"
        );
    }
    let _ = project
        .run("validate -f mtls.yaml.example --at 2099-01-31")
        .ends(0);
}
