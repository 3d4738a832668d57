//! The words in which `decide` answers, as `answers.txt` shows them.

use std::fmt::Write;

use mtlsctl::expression::Answer;
use mtlsctl::expression::Bound;
use mtlsctl::expression::Request;
use mtlsctl::expression::decide;
use mtlsctl::expression::parse;

use crate::support::golden::golden;

/// The first line of each paragraph is the expression; the others are what comes of it. Set
/// `SNAPSHOTS=overwrite` to write the others anew.
#[test]
fn every_answer_names_requests_that_a_person_can_picture() {
    let known = Request::default().with("http.host", "api.acme.example");
    let mut shown = String::new();
    for paragraph in include_str!("answers.txt").split("\n\n") {
        let Some(text) = paragraph.lines().next() else {
            continue;
        };
        let expression = parse(text).unwrap_or_else(|error| panic!("{text}\n{error}"));
        let answer = match decide(&expression, &known) {
            Answer::Always => "  always".to_owned(),
            Answer::Never => "  never".to_owned(),
            Answer::Sometimes { holds, fails } => format!("  holds: {holds}\n  fails: {fails}"),
            Answer::Unknown(bound) => format!("  unknown: {bound}"),
        };
        write!(shown, "{text}\n{answer}\n\n").expect("a string takes everything");
    }
    golden("expression/answers.txt", &shown);
}

#[test]
fn every_bound_says_what_was_too_much() {
    let words = [
        (
            Bound::Variables { limit: 2 },
            "more than 2 independent fields and tests",
        ),
        (
            Bound::Combinations { limit: 3 },
            "more than 3 combinations of values to keep apart",
        ),
        (
            Bound::Texts { limit: 4 },
            "one field has tests that take more than 4 steps to tell apart",
        ),
        (
            Bound::Examples { limit: 5 },
            "no example among the first 5 that were tried",
        ),
    ];
    for (bound, expected) in words {
        assert_eq!(bound.to_string(), expected);
    }
}
