//! `apply`: plan, ask, execute, read back.

use std::process::ExitCode;
use std::time::Duration;

use clap::Args;
use jiff::Timestamp;

use crate::cli::account::AccountArgs;
use crate::cli::consent::ConsentArgs;
use crate::cli::ending;
use crate::cli::failure::Failure;
use crate::cli::file::FileArgs;
use crate::cli::format;
use crate::cli::format::Format;
use crate::cli::interrupt;
use crate::cli::interrupt::Signals;
use crate::cli::look;
use crate::cli::look::Look;
use crate::cli::progress::Progress;
use crate::cli::terminal::Terminal;
use crate::cli::time;
use crate::execute;
use crate::execute::Event;
use crate::execute::Failure as StepFailure;
use crate::execute::Options;
use crate::execute::Outcome;
use crate::execute::Patience;
use crate::execute::Stopper;
use crate::plan::Approved;
use crate::plan::Plan;
use crate::plan::effective;
use crate::report;
use crate::report::shown::Failed;
use crate::report::shown::Ran;
use crate::report::words;

/// Make the account what the file asks for
///
/// Reads the file and the account, shows the plan, asks, and runs the plan wave by wave. Every write is
/// read back. Without a terminal to ask at it needs --yes, otherwise it changes nothing and exits with 1.
#[derive(Args)]
pub struct ApplyArgs {
    #[command(flatten)]
    file: FileArgs,
    #[command(flatten)]
    account: AccountArgs,
    #[command(flatten)]
    consent: ConsentArgs,
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
}

pub(super) async fn run(args: &ApplyArgs, terminal: &Terminal) -> Result<ExitCode, Failure> {
    let mut look = Look::at(Timestamp::now(), &args.file, &args.account, terminal).await?;
    let plan = look.plan(&args.consent.short_overlaps(), terminal)?;
    let judged = look.approve(plan.clone(), &args.consent.given(), terminal);
    args.show(&look, &plan, terminal)?;
    let agreed = match judged {
        _ if plan.is_empty() => {
            args.document(&look, &plan, (None, None), terminal)?;
            return Ok(ExitCode::SUCCESS);
        }
        Ok(approved) => agree(args, approved, &mut look, terminal).await,
        Err(refused) => Err(refused),
    };
    let (outcome, failed) = match agreed {
        Ok(approved) => {
            let outcome = execute(args, &approved, &look, terminal).await;
            args.report(&look, &plan, &outcome, terminal);
            let failed = if outcome.is_complete() {
                None
            } else {
                Some(failure(&outcome, &look).await)
            };
            (Some(outcome), failed)
        }
        Err(failure) => (None, Some(failure)),
    };
    let ended = (outcome.as_ref(), failed.as_ref());
    if let Err(unprinted) = args.document(&look, &plan, ended, terminal) {
        terminal.fail(&unprinted);
    }
    failed.map_or(Ok(ExitCode::SUCCESS), Err)
}

/// Asks, unless that was answered beforehand.
async fn agree(
    args: &ApplyArgs,
    approved: Approved,
    look: &mut Look,
    terminal: &Terminal,
) -> Result<Approved, Failure> {
    if !args.yes {
        ask(&approved, look, terminal)?;
        // The answer may have taken a while: what was agreed to must still be what would be done.
        *look = look.again(args.account.parallel(), terminal).await?;
        if look.plan(&args.consent.short_overlaps(), terminal)? != *approved.plan() {
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

    /// Shows the plan to people: where stdout is for programs, to somebody who will be asked.
    fn show(&self, look: &Look, plan: &Plan, terminal: &Terminal) -> Result<(), Failure> {
        if self.format.is_for_programs() {
            if !self.yes && terminal.is_watched() {
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
    fn report(&self, look: &Look, plan: &Plan, outcome: &Outcome, terminal: &Terminal) {
        if self.format.is_for_programs() {
            return;
        }
        let width = terminal.width();
        let mut report = format!("\n{}", report::outcome::text(plan, outcome, width));
        if outcome.is_complete() {
            let observed = &look.observed;
            let allowed = self.consent.short_overlaps();
            let reached = effective(&observed.desired, &observed.live, observed.at, &allowed);
            report.push_str(&report::hosts::table(&reached, width));
        }
        if let Err(unprinted) = terminal.print(&report) {
            terminal.fail(&unprinted);
        }
    }

    /// Prints the plan and what became of it for programs, as one document.
    fn document(
        &self,
        look: &Look,
        plan: &Plan,
        (outcome, failed): (Option<&Outcome>, Option<&Failure>),
        terminal: &Terminal,
    ) -> Result<(), Failure> {
        if !self.format.is_for_programs() {
            return Ok(());
        }
        let refused = failed.filter(|failed| !failed.refusals().is_empty());
        let refusals = refused.map_or(&[][..], Failure::refusals);
        let planned = look.planned(plan, refusals, refused.map_or(0, Failure::code));
        let print = |failed: Option<&Failed<'_>>| {
            let ran = Ran {
                planned,
                outcome,
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

async fn execute(
    args: &ApplyArgs,
    approved: &Approved,
    look: &Look,
    terminal: &Terminal,
) -> Outcome {
    // A sandbox without an edge has nothing that could lag behind its API.
    let settle = if look.connection.sandbox.is_some() {
        Duration::ZERO
    } else {
        look.config.settle
    };
    let options = Options {
        settle: args.settle.unwrap_or(settle),
        parallel: args.account.parallel(),
        read_back: Patience::DEFAULT.within(args.read_back_timeout),
        in_use: Patience::DEFAULT.within(args.in_use_timeout),
    };
    let (reader, writer) = (
        look.connection.client.reader(),
        look.connection.client.writer(),
    );
    let (stopper, stop) = Stopper::new();
    let signals = Signals::listen();
    let progress = Progress::running(terminal, approved.plan().steps().count());
    let tell = |event: Event<'_>| progress.show(&event);
    let running = execute::execute(
        approved,
        &look.observed.live,
        (&reader, &writer),
        &options,
        &stop,
        &tell,
    );
    let outcome = tokio::select! {
        outcome = running => outcome,
        () = interrupt::watch(signals, stopper, |words| progress.say(terminal, words)) => {
            progress.end();
            let words = "quit at once: a call may be half-way; plan again to see what was done";
            terminal.say(words);
            ending::of("apply", args.format, &Failure::part_way(words), terminal);
            std::process::exit(5);
        }
    };
    progress.end();
    outcome
}

/// How an outcome that is not complete ends the command.
async fn failure(outcome: &Outcome, look: &Look) -> Failure {
    let failures: Vec<&StepFailure> = outcome.failures().map(|(_, failure)| failure).collect();
    let text = match failures.first() {
        Some(first) => format!("the plan was not carried out to its end: {first}"),
        None => "the run was stopped before its end".to_owned(),
    };
    let is_stale = failures.iter().any(|failure| failure.is_stale());
    let failure = match (outcome.wrote, is_stale) {
        (true, _) => Failure::part_way(text),
        (false, true) => Failure::stale(text),
        (false, false) => Failure::error(text),
    };
    let failure = match failures.first() {
        Some(StepFailure::Api(error)) => {
            let reader = look.connection.client.reader();
            look::advise(failure, error, &reader, &look.connection).await
        }
        _ => failure,
    };
    if outcome.wrote {
        failure.hint("run `mtlsctl plan` to see what is left to do")
    } else if is_stale {
        failure.hint("run it again and look at the new plan")
    } else {
        failure
    }
}
