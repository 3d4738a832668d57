//! A file that was checked, as a document.

use schemars::JsonSchema;
use serde::Serialize;

use crate::report::check;
use crate::report::check::Checked;
use crate::report::check::Judged;
use crate::report::json::FORMAT_VERSION;
use crate::report::json::problem::Problem;

/// What is wrong with a file, and which of its access tests hold.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Validate")]
pub(super) struct Document<'a> {
    /// Counts up when a field changes its meaning or goes.
    format_version: u32,
    file: &'a str,
    valid: bool,
    /// Why it is not valid, in a sentence; `null` if it is.
    error: Option<&'a str>,
    hints: &'a [String],
    /// Errors and warnings, by position.
    problems: Vec<Problem<'a>>,
    /// `null` if that could not be read.
    declares: Option<Declares>,
    /// The access tests, in the order of the file.
    tests: Vec<Test<'a>>,
    exit_code: u8,
}

/// How many things the file declares.
#[derive(Serialize, JsonSchema)]
struct Declares {
    cas: usize,
    hosts: usize,
    rules: usize,
    tests: usize,
}

/// An access test, judged on what the file says.
#[derive(Serialize, JsonSchema)]
struct Test<'a> {
    line: usize,
    column: usize,
    /// What it asks.
    asks: &'a str,
    /// The verdict that it expects.
    expects: &'static str,
    holds: bool,
    /// Why it does not hold; `null` if it does.
    failure: Option<&'a str>,
    /// What to do about that, where that can be said.
    help: Option<&'a str>,
}

impl<'a> Document<'a> {
    pub(super) fn of(checked: &Checked<'a>) -> Self {
        let Checked {
            file,
            declares,
            tests,
            failed,
        } = *checked;
        Self {
            format_version: FORMAT_VERSION,
            file: file.file,
            valid: checked.is_valid(),
            error: failed.map(|failed| failed.text),
            hints: failed.map_or(&[], |failed| failed.hints),
            problems: Problem::all(&file),
            declares: declares.map(Declares::of),
            tests: tests.iter().map(Test::of).collect(),
            exit_code: failed.map_or(0, |failed| failed.exit_code),
        }
    }
}

impl Declares {
    fn of(declares: check::Declares) -> Self {
        let check::Declares {
            cas,
            hosts,
            rules,
            tests,
        } = declares;
        Self {
            cas,
            hosts,
            rules,
            tests,
        }
    }
}

impl<'a> Test<'a> {
    fn of(judged: &'a Judged) -> Self {
        let Judged {
            line,
            column,
            asks,
            expects,
            failure,
        } = judged;
        let failure = failure.as_ref();
        Self {
            line: *line,
            column: *column,
            asks,
            expects,
            holds: failure.is_none(),
            failure: failure.map(|problem| problem.message.as_str()),
            help: failure.and_then(|problem| problem.help.as_deref()),
        }
    }
}
