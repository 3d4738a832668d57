//! `status`: where each CA and rotation stands, and the next date that matters.

use std::process::ExitCode;

use clap::Args;

use crate::cli::account::AccountArgs;
use crate::cli::failure::Failure;
use crate::cli::file::DateArgs;
use crate::cli::file::FileArgs;
use crate::cli::format;
use crate::cli::format::Format;
use crate::cli::look::Look;
use crate::cli::terminal::Terminal;
use crate::plan::status::status;
use crate::report;

/// Show where each CA and rotation stands, and the next date that matters
///
/// Reads the file and the account. The JSON has a `format_version`, which rises when a field changes its
/// meaning.
#[derive(Args)]
pub struct StatusArgs {
    #[command(flatten)]
    file: FileArgs,
    #[command(flatten)]
    date: DateArgs,
    #[command(flatten)]
    account: AccountArgs,
    /// How it is printed
    #[arg(long, value_name = "FORMAT", default_value = "text", value_parser = format::one_of(format::OF_DATA))]
    format: Format,
}

impl StatusArgs {
    /// How it was asked to print.
    pub(super) fn format(&self) -> Format {
        self.format
    }
}

pub(super) async fn run(args: &StatusArgs, terminal: &Terminal) -> Result<ExitCode, Failure> {
    let look = Look::at(args.date.moment(), &args.file, &args.account, terminal).await?;
    let observed = &look.observed;
    let status = status(&observed.desired, &observed.live, observed.at);
    if args.format.is_for_programs() {
        terminal.document(&report::status::json(&status))?;
    } else {
        terminal.print(&report::status::text(&status, terminal.width()))?;
    }
    Ok(ExitCode::SUCCESS)
}
