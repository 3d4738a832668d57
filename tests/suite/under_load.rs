//! `examples/rotation_under_load`, in short: real requests while an account changes, in our order, in a naive one, and
//! with an edge that is slower than `settle` says.

use std::path::PathBuf;
use std::process::Command;

use serde_json::Value;

/// The example, built as everybody does.
fn example() -> PathBuf {
    let arguments = "build --quiet --offline --example rotation_under_load --message-format json";
    let built = Command::new(env!("CARGO"))
        .args(arguments.split_whitespace())
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo");
    assert!(built.status.success(), "{built:?}");
    let text = String::from_utf8(built.stdout).expect("text");
    let messages = text
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let mut made = messages.filter_map(|message| message["executable"].as_str().map(PathBuf::from));
    made.next().expect("an executable")
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

/// The number before some words.
fn number(text: &str, words: &str) -> u64 {
    let (before, _) = text.split_once(words).unwrap_or_else(|| panic!("{text}"));
    let last = before.split_whitespace().last().unwrap_or_default();
    last.parse().unwrap_or_else(|_| panic!("{text}"))
}

#[track_caller]
fn nobody_is_treated_wrongly(reading: &str) {
    let (code, text) = run(&format!("--lag 250 --settle 1000 --reading {reading}"));
    assert_eq!(code, Some(0), "{text}");
    assert!(
        number(&text, " requests while the changes ran.") > 500,
        "{text}"
    );
    assert!(
        number(&text, " faults acted on calls of the API.") > 0,
        "{text}"
    );
    for words in WRONG.into_iter().chain([" without an answer."]) {
        assert_eq!(number(&text, words), 0, "{text}");
    }
}

/// What an answer may be instead of right.
const WRONG: [&str; 3] = [" wrongly blocked,", " wrongly passed,", " in a gap,"];

/// Somebody was, and everybody had an answer.
#[track_caller]
fn somebody_is_treated_wrongly(arguments: &str) {
    let (code, text) = run(arguments);
    assert_eq!(code, Some(2), "{text}");
    assert!(
        WRONG.into_iter().any(|words| number(&text, words) > 0),
        "{text}"
    );
    assert_eq!(number(&text, " without an answer."), 0, "{text}");
}

#[test]
fn our_order_treats_nobody_wrongly_if_certificates_are_verified_per_host() {
    nobody_is_treated_wrongly("per-host");
}

#[test]
fn our_order_treats_nobody_wrongly_if_certificates_are_verified_account_wide() {
    nobody_is_treated_wrongly("account-wide");
}

#[test]
fn the_order_of_dependencies_alone_treats_somebody_wrongly() {
    somebody_is_treated_wrongly("--lag 600 --order naive --reading per-host");
}

#[test]
fn an_edge_that_is_slower_than_settle_treats_somebody_wrongly() {
    somebody_is_treated_wrongly("--lag 2000 --settle 50 --no-faults --reading per-host");
}
