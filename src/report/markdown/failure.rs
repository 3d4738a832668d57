//! A failure as Markdown.

use std::fmt::Write as _;

use crate::config::Problem;
use crate::config::Severity;
use crate::report::markdown::escape::code;
use crate::report::markdown::escape::sentence;
use crate::report::markdown::page::Section;
use crate::report::markdown::page::page;
use crate::report::markdown::steps;
use crate::report::shown::Failed;
use crate::report::shown::Faulty;

/// Why a command failed, and what to do.
pub(super) fn text(failed: &Failed<'_>) -> String {
    let command = failed.command;
    let head = format!("<!-- mtlsctl:{command} failed -->\n### mtlsctl {command}: failed\n\n");
    let mut sections = vec![section(failed)];
    if !failed.refusals.is_empty() {
        sections.push(steps::refusals(failed.refusals));
    }
    sections.extend(failed.faulty.map(problems));
    page(&head, &sections)
}

/// The error and what to do about it, open.
pub(super) fn section(failed: &Failed<'_>) -> Section {
    let hints = failed.hints.iter();
    let hints = hints.map(|hint| format!("- help: {}\n", sentence(hint)));
    let error = format!("{}\n\n", sentence(failed.text));
    let parts = std::iter::once(error).chain(hints).collect();
    Section::open("❌ **Error**", "line", parts)
}

fn problems(faulty: Faulty<'_>) -> Section {
    let Faulty { file, problems } = faulty;
    let parts = problems.iter().map(|problem| one(file, problem)).collect();
    Section::open("**Problems of the file**", "problem", parts)
}

fn one(file: &str, problem: &Problem) -> String {
    let Problem {
        severity,
        at,
        message,
        help,
        related: _,
    } = problem;
    let place = match at {
        Some(at) => format!("{file}:{}:{}", at.line, at.column),
        None => file.to_owned(),
    };
    let severity = match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    };
    let mut out = format!("- {} {severity}: {}\n", code(&place), sentence(message));
    if let Some(help) = help {
        let _ = writeln!(out, "  - help: {}", sentence(help));
    }
    out
}
