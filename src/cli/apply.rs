//! `apply`: plan, ask, execute, read back, and look from outside where that is asked for.

mod run;
mod verification;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::Args;
use jiff::Timestamp;

use crate::cli::account::AccountArgs;
use crate::cli::apply::run::Ended;
use crate::cli::apply::run::execute;
use crate::cli::apply::verification::Seen;
use crate::cli::apply::verification::Verification;
use crate::cli::apply::verification::VerificationArgs;
use crate::cli::consent::ConsentArgs;
use crate::cli::failure::Failure;
use crate::cli::file::FileArgs;
use crate::cli::format;
use crate::cli::format::Format;
use crate::cli::journal::Journal;
use crate::cli::look::Look;
use crate::cli::saved;
use crate::cli::saved::PlanFile;
use crate::cli::terminal::Terminal;
use crate::cli::time;
use crate::execute::Outcome;
use crate::observe::Observed;
use crate::plan::Allowed;
use crate::plan::Approved;
use crate::plan::Consent;
use crate::plan::Plan;
use crate::plan::Saved;
use crate::plan::effective;
use crate::report;
use crate::report::shown::Failed;
use crate::report::shown::Ran;
use crate::report::words;
use crate::resource::Digest;

/// Make the account what the file asks for
///
/// Reads the file and the account, shows the plan, asks, and runs the plan wave by wave. Every write is
/// read back. A plan that was reviewed, as a PLANFILE or by its digest, is not asked about: it is planned
/// afresh and applied if it is still the same plan; otherwise nothing is changed and the exit code is 4.
/// Without a terminal to ask at it needs one of these or --yes, otherwise it changes nothing and exits with 1.
#[derive(Args)]
pub struct ApplyArgs {
    #[command(flatten)]
    file: FileArgs,
    #[command(flatten)]
    account: AccountArgs,
    #[command(flatten)]
    consent: ConsentArgs,
    /// A plan that `plan --out` saved, applied as it was reviewed and with the consent that was given for it
    #[arg(value_name = "PLANFILE", conflicts_with = "ConsentArgs")]
    plan_file: Option<PathBuf>,
    /// Apply only the plan with this digest, which `plan` prints
    #[arg(long, value_name = "DIGEST", value_parser = Digest::parse)]
    expect: Option<Digest>,
    /// Append what happens to this file, as one JSON object a line
    #[arg(long, value_name = "FILE")]
    journal: Option<PathBuf>,
    /// Do not ask
    #[arg(short, long)]
    yes: bool,
    /// Wait this long for the edge between waves whose order matters, instead of the file's `settle`
    #[arg(long, value_name = "TIME", value_parser = time::length)]
    settle: Option<Duration>,
    /// Give up when a write does not show in reads after this time
    #[arg(long, value_name = "TIME", value_parser = time::length, default_value = "3m")]
    read_back_timeout: Duration,
    /// Give up when a CA still counts as in use this long after its last host list let go of it
    #[arg(long, value_name = "TIME", value_parser = time::length, default_value = "3m")]
    in_use_timeout: Duration,
    /// How it is printed
    #[arg(long, value_name = "FORMAT", default_value = "text", value_parser = format::one_of(format::OF_CHANGES))]
    format: Format,
    #[command(flatten)]
    verification: VerificationArgs,
}

pub(super) async fn run(args: &ApplyArgs, terminal: &Terminal) -> Result<ExitCode, Failure> {
    let journal = args.journal.as_deref().map(Journal::open).transpose()?;
    let reviewed = args.plan_file.as_deref().map(PlanFile::read).transpose()?;
    let terms = args.terms(reviewed.as_ref());
    let mut look = args.look(reviewed.as_ref(), terminal).await?;
    let plan = look.plan(&terms.allowed, terminal)?;
    let saved = saved::of(&look, &plan, (&terms.consent, &terms.allowed), terminal)?;
    let parallel = args.account.parallel();
    let verification = args.verification.read(&look, parallel, terminal)?;
    args.show(&look, &plan, terminal)?;
    let planned = (&plan, &saved);
    let agreed = match args.is_reviewed(reviewed.as_ref(), &saved, terminal) {
        Ok(()) if plan.is_empty() => {
            let verification = (verification.as_ref(), &terms);
            return unchanged(args, planned, verification, &look, terminal).await;
        }
        Ok(()) => agree(args, (&plan, &terms), &mut look, terminal).await,
        Err(stale) => Err(stale),
    };
    let approved = match agreed {
        Ok(approved) => approved,
        Err(failure) => {
            return args.finish(&look, planned, (None, None), Some(failure), terminal);
        }
    };
    let begun = Begun {
        approved: &approved,
        digest: saved.digest(),
        terms: &terms,
        verification: verification.as_ref(),
        journal: journal.as_ref(),
    };
    match begun.carry_out(args, &look, terminal).await {
        Ok((Ended { outcome, seen }, failed)) => {
            let became = (Some(&outcome), seen.as_ref());
            args.finish(&look, planned, became, failed, terminal)
        }
        Err(failure) => args.finish(&look, planned, (None, None), Some(failure), terminal),
    }
}

/// Where nothing has to be changed, there may still be something to look at.
async fn unchanged(
    args: &ApplyArgs,
    (plan, saved): (&Plan, &Saved),
    (verification, terms): (Option<&Verification<'_>>, &Terms),
    look: &Look,
    terminal: &Terminal,
) -> Result<ExitCode, Failure> {
    let seen = match verification {
        Some(verification) => {
            let checks = verification.checks(look, plan, &terms.allowed)?;
            Some(checks.at_end(Duration::ZERO).await)
        }
        None => None,
    };
    if let Some(seen) = seen.as_ref().filter(|_| !args.format.is_for_programs()) {
        terminal.print(&format!("\n{}", seen.text(terminal.width())))?;
    }
    let failed = seen.as_ref().and_then(|seen| run::mismatch(seen, plan));
    let became = (None, seen.as_ref());
    args.document(look, (plan, saved), became, failed.as_ref(), terminal)?;
    failed.map_or(Ok(ExitCode::SUCCESS), Err)
}

/// A run that was agreed to.
struct Begun<'a> {
    approved: &'a Approved,
    digest: &'a Digest,
    terms: &'a Terms,
    verification: Option<&'a Verification<'a>>,
    journal: Option<&'a Journal>,
}

impl<'a> Begun<'a> {
    /// Runs it, and tells people what was done.
    async fn carry_out(
        &self,
        args: &ApplyArgs,
        look: &Look,
        terminal: &Terminal,
    ) -> Result<(Ended<'a>, Option<Failure>), Failure> {
        let plan = self.approved.plan();
        let checks = self
            .verification
            .map(|verification| verification.checks(look, plan, &self.terms.allowed))
            .transpose()?;
        if let Some(journal) = self.journal {
            journal.begin(plan, self.digest, &look.connection.account)?;
        }
        let run = (self.approved, checks.as_ref());
        let ended = execute(args, run, look, self.journal, terminal).await;
        args.report(look, plan, &ended, self.terms, terminal);
        let failed = run::failure(&ended, plan, checks.is_some(), look).await;
        Ok((ended, failed))
    }
}

/// What somebody takes upon themselves, now or when the plan was reviewed.
struct Terms {
    consent: Consent,
    allowed: Allowed,
}

/// Lets a plan through, and asks, unless that was answered beforehand.
async fn agree(
    args: &ApplyArgs,
    (plan, terms): (&Plan, &Terms),
    look: &mut Look,
    terminal: &Terminal,
) -> Result<Approved, Failure> {
    let approved = look.approve(plan.clone(), &terms.consent, terminal)?;
    if args.has_to_ask() {
        ask(&approved, look, terminal)?;
        // The answer may have taken a while: what was agreed to must still be what would be done.
        *look = look.again(args.account.parallel(), terminal).await?;
        if look.plan(&terms.allowed, terminal)? != *approved.plan() {
            return Err(Failure::stale(
                "the account changed while you were reading; nothing was changed",
            )
            .hint("run it again and look at the new plan"));
        }
    }
    Ok(approved)
}

impl ApplyArgs {
    /// How it was asked to print.
    pub(super) fn format(&self) -> Format {
        self.format
    }

    /// Whether nothing has answered beforehand.
    fn has_to_ask(&self) -> bool {
        !self.yes && self.plan_file.is_none() && self.expect.is_none()
    }

    fn terms(&self, reviewed: Option<&PlanFile>) -> Terms {
        match reviewed {
            Some(PlanFile { saved, .. }) => Terms {
                consent: saved.consent().clone(),
                allowed: saved.allowed().clone(),
            },
            None => Terms {
                consent: self.consent.given(),
                allowed: self.consent.short_overlaps(),
            },
        }
    }

    /// Looks at the account, which has to be as it was for a plan that was reviewed.
    async fn look(
        &self,
        reviewed: Option<&PlanFile>,
        terminal: &Terminal,
    ) -> Result<Look, Failure> {
        let config = self.file.load(self.account.unset(), terminal)?;
        if let Some(file) = reviewed {
            file.is_for_file(&config, terminal)?;
        }
        let look = Look::with(config, Timestamp::now(), &self.account, terminal).await?;
        if let Some(file) = reviewed {
            file.rests_on(&look, terminal)?;
        }
        Ok(look)
    }

    /// A plan that was reviewed has to be this one.
    fn is_reviewed(
        &self,
        reviewed: Option<&PlanFile>,
        saved: &Saved,
        terminal: &Terminal,
    ) -> Result<(), Failure> {
        if let Some(file) = reviewed {
            file.has_steps_of(saved, terminal)?;
        }
        match &self.expect {
            Some(expected) => {
                saved::is_expected(expected, reviewed.map_or(saved, |file| &file.saved))
            }
            None => Ok(()),
        }
    }

    /// Shows the plan to people: where stdout is for programs, to somebody who will be asked.
    fn show(&self, look: &Look, plan: &Plan, terminal: &Terminal) -> Result<(), Failure> {
        if self.format.is_for_programs() {
            if self.has_to_ask() && terminal.is_watched() {
                terminal.show(&report::plan::text(plan, terminal.err_width()));
                terminal.show(&look.cost(terminal.err_width()));
            }
            return Ok(());
        }
        let width = terminal.width();
        terminal.print(&report::plan::text(plan, width))?;
        terminal.print(&look.cost(width))
    }

    /// Tells people what was done. It is done, whoever gets to read of it.
    fn report(
        &self,
        look: &Look,
        plan: &Plan,
        ended: &Ended<'_>,
        terms: &Terms,
        terminal: &Terminal,
    ) {
        if self.format.is_for_programs() {
            return;
        }
        let Ended { outcome, seen } = ended;
        let width = terminal.width();
        let mut report = format!("\n{}", report::outcome::text(plan, outcome, width));
        if outcome.is_complete() {
            let Observed {
                desired, live, at, ..
            } = &look.observed;
            let reached = effective(desired, live, *at, &terms.allowed);
            report.push_str(&report::hosts::table(&reached, width));
        }
        if let Some(seen) = seen {
            report.push('\n');
            report.push_str(&seen.text(width));
        }
        if let Err(unprinted) = terminal.print(&report) {
            terminal.fail(&unprinted);
        }
    }

    /// Ends the command once it is told for programs what became of the plan.
    fn finish(
        &self,
        look: &Look,
        planned: (&Plan, &Saved),
        became: (Option<&Outcome>, Option<&Seen<'_>>),
        failed: Option<Failure>,
        terminal: &Terminal,
    ) -> Result<ExitCode, Failure> {
        if let Err(unprinted) = self.document(look, planned, became, failed.as_ref(), terminal) {
            terminal.fail(&unprinted);
        }
        failed.map_or(Ok(ExitCode::SUCCESS), Err)
    }

    /// Prints the plan and what became of it for programs, as one document.
    fn document(
        &self,
        look: &Look,
        planned: (&Plan, &Saved),
        (outcome, seen): (Option<&Outcome>, Option<&Seen<'_>>),
        failed: Option<&Failure>,
        terminal: &Terminal,
    ) -> Result<(), Failure> {
        if !self.format.is_for_programs() {
            return Ok(());
        }
        let refused = failed.filter(|failed| !failed.refusals().is_empty());
        let refusals = refused.map_or(&[][..], Failure::refusals);
        let planned = look.planned(planned, refusals, refused.map_or(0, Failure::code));
        let print = |failed: Option<&Failed<'_>>| {
            let ran = Ran {
                planned,
                outcome,
                verified: seen.map(|seen| &seen.report),
                failed,
                exit_code: failed.map_or(0, |failed| failed.exit_code),
            };
            format::outcome(self.format, &ran, terminal)
        };
        match failed {
            None => print(None),
            Some(failed) => failed.shown("apply", |failed| print(Some(failed))),
        }
    }
}

fn ask(approved: &Approved, look: &Look, terminal: &Terminal) -> Result<(), Failure> {
    let steps = words::count(approved.plan().steps().count(), "step");
    let account = &look.observed.live.account;
    match terminal.ask(&format!(
        "Apply these {steps} to account {account}? Only `yes` will do:"
    )) {
        Some(answer) if answer == "yes" => Ok(()),
        Some(_) => Err(Failure::error(
            "the answer was not `yes`; nothing was changed",
        )),
        None => Err(
            Failure::error("there is no terminal to ask at; nothing was changed")
                .hint("add --yes to apply without a question"),
        ),
    }
}
