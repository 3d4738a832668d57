//! `schema`: the JSON schemas of what other commands print.

use std::process::ExitCode;

use clap::Args;
use clap::ValueEnum;

use crate::cli::failure::Failure;
use crate::cli::terminal::Terminal;
use crate::config;
use crate::report::json;
use crate::report::json::Kind;

/// Print the JSON schema of a document
///
/// Every document has a `format_version`, which rises when a field changes its meaning or goes; fields may be
/// added without that.
#[derive(Args)]
pub struct SchemaArgs {
    /// Which document
    #[arg(value_enum, value_name = "DOCUMENT")]
    document: Document,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Document {
    /// The desired-state file, mtls.yaml
    File,
    /// What `plan --format json` prints
    Plan,
    /// What `apply --format json` prints
    Outcome,
    /// What `drift --format json` prints
    Drift,
    /// What `audit --format json` prints
    Audit,
    /// What `status --format json` prints
    Status,
    /// What `validate --format json` prints
    Validate,
    /// What `explain --format json` prints
    Explain,
    /// What `verify --format json` prints
    Verify,
    /// What `doctor --format json` prints
    Doctor,
    /// What a command prints with `--format json` that failed before it had anything else to print
    Error,
}

pub(super) fn run(args: &SchemaArgs, terminal: &Terminal) -> Result<ExitCode, Failure> {
    let schema = match args.document {
        Document::File => config::schema().to_value(),
        Document::Plan => json::schema(Kind::Plan),
        Document::Outcome => json::schema(Kind::Outcome),
        Document::Drift => json::schema(Kind::Drift),
        Document::Audit => json::schema(Kind::Audit),
        Document::Status => json::schema(Kind::Status),
        Document::Validate => json::schema(Kind::Validate),
        Document::Explain => json::schema(Kind::Explain),
        Document::Verify => json::schema(Kind::Verify),
        Document::Doctor => json::schema(Kind::Doctor),
        Document::Error => json::schema(Kind::Error),
    };
    terminal.document(&format!("{schema:#}\n"))?;
    Ok(ExitCode::SUCCESS)
}
