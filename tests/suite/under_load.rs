//! `examples/rotation_under_load`, in short: real requests while an account changes, in our order, in a naive one, and
//! with an edge that is slower than `settle` says.

use std::path::PathBuf;
use std::process::Command;

/// The example, built like this binary.
fn example() -> PathBuf {
    let built = Command::new(env!("CARGO"))
        .args([
            "build",
            "--quiet",
            "--offline",
            "--example",
            "rotation_under_load",
        ])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .status()
        .expect("cargo");
    assert!(built.success());
    let suite = std::env::current_exe().expect("this binary");
    let folder = suite.ancestors().nth(2).expect("the folder of the profile");
    folder.join("examples/rotation_under_load")
}

/// Runs the whole story once; gives how it ended, and what it printed.
fn run(arguments: &str) -> (Option<i32>, String) {
    let output = Command::new(example())
        .args(arguments.split_whitespace())
        .args(["--requests", "1", "--seed", "2"])
        .output()
        .expect("the example");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let text = text + &String::from_utf8_lossy(&output.stderr);
    (output.status.code(), text)
}

/// How many requests were sent while the changes ran.
fn sent(text: &str) -> u64 {
    let words = " requests while the changes ran.";
    let line = text.lines().find_map(|line| line.strip_suffix(words));
    let line = line.unwrap_or_else(|| panic!("{text}"));
    line.trim().parse().expect("a number")
}

#[track_caller]
fn nobody_is_treated_wrongly(reading: &str) {
    let (code, text) = run(&format!("--lag 250 --settle 300 --reading {reading}"));
    assert_eq!(code, Some(0), "{text}");
    assert!(sent(&text) > 500, "{text}");
    let sums = "0 wrongly blocked, 0 wrongly passed, 0 without an answer.";
    assert!(text.contains(sums), "{text}");
}

#[test]
fn our_order_treats_nobody_wrongly_if_certificates_are_verified_per_host() {
    nobody_is_treated_wrongly("per-host");
}

#[test]
fn our_order_treats_nobody_wrongly_if_certificates_are_verified_account_wide() {
    nobody_is_treated_wrongly("account-wide");
}

/// Somebody was, and everybody had an answer.
#[track_caller]
fn somebody_is_treated_wrongly(arguments: &str) {
    let (code, text) = run(arguments);
    assert_eq!(code, Some(2), "{text}");
    let mut lines = text
        .lines()
        .filter(|line| line.contains(" wrongly passed, "));
    assert!(
        lines.all(|line| line.ends_with(", 0 without an answer.")),
        "{text}"
    );
}

#[test]
fn the_order_of_dependencies_alone_treats_somebody_wrongly() {
    somebody_is_treated_wrongly("--lag 600 --order naive --reading per-host");
}

#[test]
fn an_edge_that_is_slower_than_settle_treats_somebody_wrongly() {
    somebody_is_treated_wrongly("--lag 2000 --settle 50 --no-faults --reading per-host");
}
