//! What is wrong with a file, and where.

use schemars::JsonSchema;
use serde::Serialize;

use crate::config;
use crate::report::shown::Faulty;

/// One thing that is wrong with a file.
#[derive(Serialize, JsonSchema)]
pub(super) struct Problem<'a> {
    severity: Severity,
    file: &'a str,
    /// Counted from 1; `null` for the file as a whole.
    line: Option<usize>,
    /// In characters, counted from 1; `null` for the file as a whole.
    column: Option<usize>,
    text: &'a str,
    /// What to do about it, where that can be said.
    help: Option<&'a str>,
    /// A second place that has to do with it.
    related: Option<Related<'a>>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Severity {
    Error,
    Warning,
}

/// A second place that has to do with a problem, and why.
#[derive(Serialize, JsonSchema)]
struct Related<'a> {
    line: usize,
    column: usize,
    text: &'a str,
}

impl<'a> Problem<'a> {
    /// All of a file, in its order.
    pub(super) fn all(faulty: &Faulty<'a>) -> Vec<Self> {
        let Faulty { file, problems } = *faulty;
        let problems = problems.iter();
        problems.map(|problem| Self::of(file, problem)).collect()
    }

    fn of(file: &'a str, problem: &'a config::Problem) -> Self {
        let config::Problem {
            severity,
            at,
            message,
            help,
            related,
        } = problem;
        Self {
            severity: match severity {
                config::Severity::Error => Severity::Error,
                config::Severity::Warning => Severity::Warning,
            },
            file,
            line: at.map(|at| at.line),
            column: at.map(|at| at.column),
            text: message,
            help: help.as_deref(),
            related: related.as_ref().map(|(at, why)| Related {
                line: at.line,
                column: at.column,
                text: why,
            }),
        }
    }
}
