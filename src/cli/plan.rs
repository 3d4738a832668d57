//! `plan`: what would change, and why.

use std::path::PathBuf;
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
use crate::cli::saved;
use crate::cli::terminal::Terminal;
use crate::plan::Plan;
use crate::plan::Saved;
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
    /// Save the plan to this file, from which `apply FILE` takes it
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// How it is printed
    #[arg(long, value_name = "FORMAT", default_value = "text", value_parser = format::one_of(format::OF_CHANGES))]
    format: Format,
}

pub(super) async fn run(args: &PlanArgs, terminal: &Terminal) -> Result<ExitCode, Failure> {
    let look = Look::at(args.date.moment(), &args.file, &args.account, terminal).await?;
    file::warn_of_gaps(&look.config, &look.observed.desired, terminal);
    let (consent, allowed) = (args.consent.given(), args.consent.short_overlaps());
    let plan = look.plan(&allowed, terminal)?;
    let saved = saved::of(&look, &plan, (&consent, &allowed), terminal)?;
    let judged = look.approve(plan.clone(), &consent, terminal);
    args.print(&look, (&plan, &saved), judged.as_ref().err(), terminal)?;
    judged.map_err(|refused| args.unwritten(refused))?;
    if let Some(path) = &args.out {
        saved::write(path, &saved)?;
        terminal.say(&format!(
            "Saved to {path}; `mtlsctl apply {path}` applies it.",
            path = path.display()
        ));
    }
    Ok(ExitCode::from(args.exit_code(&plan)))
}

impl PlanArgs {
    /// How it was asked to print.
    pub(super) fn format(&self) -> Format {
        self.format
    }

    /// Prints the plan with what stands against it, or for people with what applies it.
    fn print(
        &self,
        look: &Look,
        (plan, saved): (&Plan, &Saved),
        refused: Option<&Failure>,
        terminal: &Terminal,
    ) -> Result<(), Failure> {
        if self.format.is_for_programs() {
            let refusals = refused.map_or(&[][..], Failure::refusals);
            let exit_code = refused.map_or(self.exit_code(plan), Failure::code);
            let planned = look.planned((plan, saved), refusals, exit_code);
            return format::plan(self.format, &planned, terminal);
        }
        let width = terminal.width();
        terminal.print(&report::plan::text(plan, width))?;
        terminal.print(&look.cost(width))?;
        if refused.is_none() && (!plan.is_empty() || self.out.is_some()) {
            let with_consent = !self.consent.is_none();
            terminal.print(&report::saved::how_to_apply(saved, with_consent, width))?;
        }
        Ok(())
    }

    /// How a plan that nothing stands against ends the command.
    fn exit_code(&self, plan: &Plan) -> u8 {
        if self.detailed_exitcode && !plan.is_empty() {
            PENDING
        } else {
            0
        }
    }

    /// Says of a plan that is not let through that it was not saved either.
    fn unwritten(&self, refused: Failure) -> Failure {
        match &self.out {
            Some(path) => refused.hint(format!(
                "nothing was written to {}: a plan that is refused is not saved",
                path.display()
            )),
            None => refused,
        }
    }
}
