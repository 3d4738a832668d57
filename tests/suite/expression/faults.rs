//! Every refusal: where it points and what it says, as `faults.txt` shows it.

use std::fmt::Write;

use mtlsctl::expression::Fault;
use mtlsctl::expression::parse;

use crate::support::golden::golden;

/// The first line of each paragraph is the expression; the second is what comes of it. Set
/// `SNAPSHOTS=overwrite` to write the second lines anew.
#[test]
fn every_refusal_points_at_its_cause_and_says_what_to_do() {
    let texts = include_str!("faults.txt")
        .split("\n\n")
        .filter_map(|shown| shown.lines().next());
    let mut shown = String::new();
    for text in texts {
        let error = parse(text).expect_err(text);
        let before = text[..error.at.start].chars().count();
        let carets = text[error.at.clone()].chars().count().max(1);
        let (before, carets) = (" ".repeat(before), "^".repeat(carets));
        writeln!(shown, "{text}\n{before}{carets} {error}\n").expect("a string takes everything");
    }
    golden("expression/faults.txt", &shown);
}

#[test]
fn an_expression_without_content_is_empty() {
    for text in ["", " \n\t", "# a comment", "# a\n # b"] {
        assert_eq!(parse(text).expect_err(text).fault, Fault::Empty);
    }
}

#[test]
fn places_are_bytes_of_the_whole_text() {
    let text = "x eq \"☃\" # ☃\n and y eq é";
    let error = parse(text).expect_err(text);
    assert_eq!(&text[error.at], "é");
}
