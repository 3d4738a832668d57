//! `apply`: plan, ask, execute, read back.

use std::process::ExitCode;
use std::time::Duration;

use clap::Args;
use jiff::Timestamp;

use crate::cli::account::AccountArgs;
use crate::cli::consent::ConsentArgs;
use crate::cli::failure::Failure;
use crate::cli::file::FileArgs;
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
use crate::plan::effective;
use crate::report;
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
}

pub(super) async fn run(args: &ApplyArgs, terminal: &Terminal) -> Result<ExitCode, Failure> {
    let mut look = Look::at(Timestamp::now(), &args.file, &args.account, terminal).await?;
    let allowed = args.consent.short_overlaps();
    let plan = look.plan(&allowed, terminal)?;
    let width = terminal.width();
    terminal.print(&report::plan::text(&plan, width))?;
    terminal.print(&look.cost(width))?;
    if plan.is_empty() {
        return Ok(ExitCode::SUCCESS);
    }
    let approved = look.approve(plan, &args.consent.given(), terminal)?;
    if !args.yes {
        ask(&approved, &look, terminal)?;
        // The answer may have taken a while: what was agreed to must still be what would be done.
        look = look.again(args.account.parallel(), terminal).await?;
        if look.plan(&allowed, terminal)? != *approved.plan() {
            return Err(Failure::stale(
                "the account changed while you were reading; nothing was changed",
            )
            .hint("run it again and look at the new plan"));
        }
    }
    let outcome = execute(args, &approved, &look, terminal).await;
    let mut report = format!(
        "\n{}",
        report::outcome::text(approved.plan(), &outcome, width)
    );
    if outcome.is_complete() {
        let observed = &look.observed;
        let reached = effective(&observed.desired, &observed.live, observed.at, &allowed);
        report.push_str(&report::hosts::table(&reached, width));
    }
    if let Err(unprinted) = terminal.print(&report) {
        // What was done is done, whoever gets to read of it.
        terminal.fail(&unprinted);
    }
    if outcome.is_complete() {
        return Ok(ExitCode::SUCCESS);
    }
    Err(failure(&outcome, &look).await)
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
            terminal.say("quit at once: a call may be half-way; plan again to see what was done");
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
