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
use crate::cli::format;
use crate::cli::format::Format;
use crate::cli::look::Look;
use crate::cli::terminal::Terminal;
use crate::plan::Plan;
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
    /// How it is printed
    #[arg(long, value_name = "FORMAT", default_value = "text", value_parser = format::one_of(format::OF_CHANGES))]
    format: Format,
}

impl PlanArgs {
    /// How it was asked to print.
    pub(super) fn format(&self) -> Format {
        self.format
    }

    /// Prints the plan, and for programs what stands against it.
    fn print(
        &self,
        look: &Look,
        plan: &Plan,
        refused: Option<&Failure>,
        terminal: &Terminal,
    ) -> Result<(), Failure> {
        if self.format.is_for_programs() {
            let refusals = refused.map_or(&[][..], Failure::refusals);
            let exit_code = refused.map_or(self.exit_code(plan), Failure::code);
            let planned = look.planned(plan, refusals, exit_code);
            return format::plan(self.format, &planned, terminal);
        }
        let width = terminal.width();
        terminal.print(&report::plan::text(plan, width))?;
        terminal.print(&look.cost(width))
    }

    /// How a plan that nothing stands against ends the command.
    fn exit_code(&self, plan: &Plan) -> u8 {
        if self.detailed_exitcode && !plan.is_empty() {
            PENDING
        } else {
            0
        }
    }
}

pub(super) async fn run(args: &PlanArgs, terminal: &Terminal) -> Result<ExitCode, Failure> {
    let look = Look::at(args.date.moment(), &args.file, &args.account, terminal).await?;
    file::warn_of_gaps(&look.config, &look.observed.desired, terminal);
    let plan = look.plan(&args.consent.short_overlaps(), terminal)?;
    let judged = look.approve(plan.clone(), &args.consent.given(), terminal);
    args.print(&look, &plan, judged.as_ref().err(), terminal)?;
    judged?;
    Ok(ExitCode::from(args.exit_code(&plan)))
}
