//! `plan`: what would change, and why.

use std::process::ExitCode;

use clap::Args;

use crate::cli::account::AccountArgs;
use crate::cli::consent::ConsentArgs;
use crate::cli::failure::Failure;
use crate::cli::failure::PENDING;
use crate::cli::file;
use crate::cli::file::DateArgs;
use crate::cli::file::FileArgs;
use crate::cli::look::Look;
use crate::cli::terminal::Terminal;
use crate::report;

/// Show what would change, and why
///
/// Reads the file and the account, then prints the plan. Never changes anything.
#[derive(Args)]
pub struct PlanArgs {
    #[command(flatten)]
    file: FileArgs,
    #[command(flatten)]
    date: DateArgs,
    #[command(flatten)]
    account: AccountArgs,
    #[command(flatten)]
    consent: ConsentArgs,
    /// Exit with 2 when changes are pending
    #[arg(long)]
    detailed_exitcode: bool,
}

pub(super) async fn run(args: &PlanArgs, terminal: &Terminal) -> Result<ExitCode, Failure> {
    let look = Look::at(args.date.moment(), &args.file, &args.account, terminal).await?;
    file::warn_of_gaps(&look.config, &look.observed.desired, terminal);
    let plan = look.plan(&args.consent.short_overlaps(), terminal)?;
    let width = terminal.width();
    terminal.print(&report::plan::text(&plan, width))?;
    terminal.print(&look.cost(width))?;
    let pending = !plan.is_empty();
    look.approve(plan, &args.consent.given(), terminal)?;
    Ok(if pending && args.detailed_exitcode {
        ExitCode::from(PENDING)
    } else {
        ExitCode::SUCCESS
    })
}
