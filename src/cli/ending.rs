//! What a command that failed leaves on stdout, so that whoever reads a format of programs gets it all the same.

use crate::cli::Command;
use crate::cli::actions;
use crate::cli::failure::Failure;
use crate::cli::format::Format;
use crate::cli::terminal::Terminal;
use crate::report::audit;
use crate::report::github;
use crate::report::graph;
use crate::report::json;
use crate::report::junit;
use crate::report::markdown;
use crate::report::shown::Failed;

impl Command {
    /// What it is called, and how it was asked to print.
    fn asked(&self) -> (&'static str, Format) {
        match self {
            Self::Validate(args) => ("validate", args.format()),
            Self::Plan(args) => ("plan", args.format()),
            Self::Apply(args) => ("apply", args.format()),
            Self::Audit(args) => ("audit", args.format()),
            Self::Explain(args) => ("explain", args.format()),
            Self::Import(_) => ("import", Format::Text),
            Self::Status(args) => ("status", args.format()),
            Self::Drift(args) => ("drift", args.format()),
            Self::Verify(args) => ("verify", args.format()),
            Self::Rotate(_) => ("rotate", Format::Text),
            Self::Sandbox(args) => ("sandbox", args.format()),
            Self::Doctor(args) => ("doctor", args.format()),
            Self::Graph(args) => ("graph", args.format()),
            Self::Init(_) => ("init", Format::Text),
            Self::Schema(_) => ("schema", Format::Text),
            Self::Completions(_) => ("completions", Format::Text),
            Self::Man(_) => ("man", Format::Text),
        }
    }
}

/// Prints the failure of a command that has printed nothing else.
pub(super) fn print(command: &Command, failure: &Failure, terminal: &Terminal) {
    let (name, format) = command.asked();
    of(name, format, failure, terminal);
}

/// Prints a failure in a format of programs, if nothing else was printed.
pub(super) fn of(command: &str, format: Format, failure: &Failure, terminal: &Terminal) {
    if terminal.has_document() {
        return;
    }
    let document = failure.shown(command, |failed| match format {
        Format::Text => None,
        Format::Json => Some(json::failure(failed)),
        Format::Markdown => Some(markdown::failure(failed)),
        Format::Github => {
            actions::tell(&markdown::failure(failed), &outputs(failed), terminal);
            Some(github::failure(failed))
        }
        Format::Sarif => Some(audit::sarif_failure(failed)),
        Format::Junit => Some(junit::failure(failed)),
        Format::Mermaid => Some(graph::mermaid_of_failure(failed.text)),
        Format::Dot => Some(graph::dot_of_failure(failed.text)),
        Format::Svg => Some(graph::svg_of_failure(failed.text)),
    });
    if let Some(document) = document
        && let Err(unprinted) = terminal.document(&document)
    {
        terminal.fail(&unprinted);
    }
}

/// What later steps of a job may ask for; what there is to change is not known.
fn outputs(failed: &Failed<'_>) -> [(&'static str, String); 2] {
    [
        ("exit-code", failed.exit_code.to_string()),
        ("refused", (!failed.refusals.is_empty()).to_string()),
    ]
}
