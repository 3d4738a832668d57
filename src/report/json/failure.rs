//! A command that failed, as a document.

use schemars::JsonSchema;
use serde::Serialize;

use crate::report::json::FORMAT_VERSION;
use crate::report::json::problem::Problem;
use crate::report::json::refusal::Refusal;
use crate::report::shown::Failed;

/// Why a command has nothing else to print.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Error")]
pub(super) struct Document<'a> {
    /// Counts up when a field changes its meaning or goes.
    format_version: u32,
    command: &'a str,
    error: &'a str,
    /// What to do about it.
    hints: &'a [String],
    /// What is wrong with the file, where that is the reason.
    problems: Vec<Problem<'a>>,
    /// What stands against planning, where that is the reason.
    refusals: Vec<Refusal>,
    exit_code: u8,
}

impl<'a> Document<'a> {
    pub(super) fn of(failed: &Failed<'a>) -> Self {
        let Failed {
            command,
            text,
            hints,
            faulty,
            refusals,
            exit_code,
        } = *failed;
        Self {
            format_version: FORMAT_VERSION,
            command,
            error: text,
            hints,
            problems: faulty.as_ref().map(Problem::all).unwrap_or_default(),
            refusals: refusals.iter().map(Refusal::of).collect(),
            exit_code,
        }
    }
}
