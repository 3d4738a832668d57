//! How a command prints, and plans and runs in each of the ways.

use clap::ValueEnum;
use clap::builder::PossibleValuesParser;
use clap::builder::TypedValueParser;

use crate::cli::actions;
use crate::cli::failure::Failure;
use crate::cli::terminal::Terminal;
use crate::report::github;
use crate::report::json;
use crate::report::markdown;
use crate::report::shown::Drifted;
use crate::report::shown::Planned;
use crate::report::shown::Ran;

/// How a command prints what it is asked for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people
    #[default]
    Text,
    /// For programs
    Json,
    /// For pull requests
    Markdown,
    /// For GitHub Actions: annotations, job summary and outputs
    Github,
    /// For systems that collect findings of many tools
    Sarif,
    /// For systems that collect test results
    Junit,
    /// A picture for Markdown, such as in pull requests
    Mermaid,
    /// A picture for Graphviz
    Dot,
    /// A picture that needs nothing else
    Svg,
}

/// The formats in which changes are told.
pub(super) const OF_CHANGES: &[Format] =
    &[Format::Text, Format::Json, Format::Markdown, Format::Github];

/// The formats of what is for people or programs.
pub(super) const OF_DATA: &[Format] = &[Format::Text, Format::Json];

/// The formats of what was tried.
pub(super) const OF_TESTS: &[Format] = &[Format::Text, Format::Json, Format::Junit];

/// The formats of pictures.
pub(super) const OF_PICTURES: &[Format] = &[Format::Mermaid, Format::Dot, Format::Svg];

/// Takes one of the formats that a command has.
pub(super) fn one_of(formats: &[Format]) -> impl TypedValueParser<Value = Format> + use<> {
    let values: Vec<_> = formats
        .iter()
        .filter_map(ValueEnum::to_possible_value)
        .collect();
    let format = |value: String| Format::from_str(&value, false);
    PossibleValuesParser::new(values).try_map(format)
}

impl Format {
    /// Whether programs read it, so that nothing else may stand beside it.
    pub(super) fn is_for_programs(self) -> bool {
        self != Self::Text
    }
}

/// Prints a plan for programs.
pub(super) fn plan(
    format: Format,
    planned: &Planned<'_>,
    terminal: &Terminal,
) -> Result<(), Failure> {
    match format {
        Format::Markdown => terminal.document(&markdown::plan(planned)),
        Format::Github => {
            let outputs = outputs(planned, planned.exit_code);
            actions::tell(&markdown::plan(planned), &outputs, terminal);
            terminal.document(&github::plan(planned))
        }
        _ => terminal.document(&json::plan(planned)),
    }
}

/// Prints a run for programs.
pub(super) fn outcome(format: Format, ran: &Ran<'_>, terminal: &Terminal) -> Result<(), Failure> {
    match format {
        Format::Markdown => terminal.document(&markdown::outcome(ran)),
        Format::Github => {
            let outputs = outputs(&ran.planned, ran.exit_code);
            actions::tell(&markdown::outcome(ran), &outputs, terminal);
            terminal.document(&github::outcome(ran))
        }
        _ => terminal.document(&json::outcome(ran)),
    }
}

/// Prints drift for programs.
pub(super) fn drift(
    format: Format,
    drifted: &Drifted<'_>,
    terminal: &Terminal,
) -> Result<(), Failure> {
    match format {
        Format::Markdown => terminal.document(&markdown::drift(drifted)),
        Format::Github => {
            let fingerprint = drifted.drift.fingerprint.as_ref();
            let outputs = [
                ("drift", (!drifted.drift.is_none()).to_string()),
                ("counts", drifted.counts.to_string()),
                ("exit-code", drifted.exit_code.to_string()),
                (
                    "fingerprint",
                    fingerprint.map(ToString::to_string).unwrap_or_default(),
                ),
            ];
            actions::tell(&markdown::drift(drifted), &outputs, terminal);
            terminal.document(&github::drift(drifted))
        }
        _ => terminal.document(&json::drift(drifted.drift, drifted.counts)),
    }
}

/// What later steps of a job may ask for.
fn outputs(planned: &Planned<'_>, exit_code: u8) -> Vec<(&'static str, String)> {
    let Planned {
        plan,
        digest,
        refusals,
        ..
    } = planned;
    vec![
        ("changes", (!plan.is_empty()).to_string()),
        ("exit-code", exit_code.to_string()),
        ("steps", plan.steps().count().to_string()),
        ("refused", (!refusals.is_empty()).to_string()),
        ("digest", digest.to_string()),
    ]
}
