//! The run itself, with its signals, its journal and its looks at the hosts; and how it ends.

use std::time::Duration;

use crate::cli::apply::ApplyArgs;
use crate::cli::apply::verification::Checks;
use crate::cli::apply::verification::Seen;
use crate::cli::apply::verification::WaveGate;
use crate::cli::apply::verification::wrong;
use crate::cli::ending;
use crate::cli::failure::Failure;
use crate::cli::interrupt;
use crate::cli::interrupt::Signals;
use crate::cli::journal::Journal;
use crate::cli::look;
use crate::cli::look::Look;
use crate::cli::progress::Progress;
use crate::cli::terminal::Terminal;
use crate::execute;
use crate::execute::Event;
use crate::execute::Failure as StepFailure;
use crate::execute::Gate;
use crate::execute::Meanwhile;
use crate::execute::Options;
use crate::execute::Outcome;
use crate::execute::Patience;
use crate::execute::Stopper;
use crate::plan::Approved;
use crate::plan::Plan;
use crate::report::journal::Told;
use crate::report::words;

/// How a run ended.
pub(super) struct Ended<'p> {
    pub(super) outcome: Outcome,
    /// What the hosts do, if the run came to that.
    pub(super) seen: Option<Seen<'p>>,
}

/// Runs a plan, and looks at the hosts as `checks` say.
pub(super) async fn execute<'p>(
    args: &ApplyArgs,
    (approved, checks): (&Approved, Option<&Checks<'p>>),
    look: &Look,
    journal: Option<&Journal>,
    terminal: &Terminal,
) -> Ended<'p> {
    let settle = settle(args, look);
    let options = Options {
        settle,
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
    let note = |told: Told<'_>| {
        if let Some(journal) = journal {
            journal.tell(approved.plan(), told, |words| progress.say(terminal, words));
        }
    };
    let tell = |event: Event<'_>| {
        note(Told::Event(&event));
        progress.show(&event);
    };
    let verified = |seen: &Seen<'p>| {
        note(Told::Verified {
            wave: seen.wave,
            counts: seen.report.counts(),
        });
    };
    let stopping = |words: &str| {
        note(Told::Stopping);
        progress.say(terminal, words);
    };
    let begin = |hosts| progress.verify(hosts);
    let running = async {
        let gate = checks.map(|checks| WaveGate::new(checks, settle, &begin, &verified));
        let outcome = execute::execute(
            approved,
            &look.observed.live,
            (&reader, &writer),
            &options,
            &stop,
            &tell,
            gate.as_ref().map(|gate| gate as &dyn Gate),
        )
        .await;
        let seen = match checks.filter(|_| outcome.is_complete()) {
            None => gate.and_then(WaveGate::closed),
            Some(checks) => {
                progress.settle(settle);
                stop.sleep(settle).await;
                begin(checks.hosts());
                // Looking changes nothing, so it may be cut off.
                let seen = tokio::select! {
                    biased;
                    () = stop.sleep(Duration::MAX) => None,
                    seen = checks.at_end(settle) => Some(seen),
                };
                seen.inspect(verified)
            }
        };
        Ended { outcome, seen }
    };
    let ended = tokio::select! {
        ended = running => ended,
        () = interrupt::watch(signals, stopper, stopping) => {
            note(Told::Quit);
            progress.end();
            let words = "quit at once: a call may be half-way; plan again to see what was done";
            terminal.say(words);
            ending::of("apply", args.format, &Failure::part_way(words), terminal);
            std::process::exit(5);
        }
    };
    note(Told::Ended(&ended.outcome));
    progress.end();
    ended
}

/// How long the edge may lag. A sandbox without an edge has nothing that could lag behind its API.
fn settle(args: &ApplyArgs, look: &Look) -> Duration {
    let settle = if look.connection.sandbox.is_some() {
        Duration::ZERO
    } else {
        look.config.settle
    };
    args.settle.unwrap_or(settle)
}

/// How a run that did not do all it was asked for ends the command; `None` if it did. `is_verified` says whether
/// the hosts were to be looked at.
pub(super) async fn failure(
    ended: &Ended<'_>,
    plan: &Plan,
    is_verified: bool,
    look: &Look,
) -> Option<Failure> {
    let Ended { outcome, seen } = ended;
    match seen {
        Some(seen) => mismatch(seen, plan).map(|failure| in_view_of(&outcome.meanwhile, failure)),
        None if !outcome.is_complete() => Some(unfinished(outcome, look).await),
        None if is_verified => {
            let words =
                "the plan was applied, but the run was stopped before the hosts were verified";
            Some(Failure::part_way(words).hint(AGAIN))
        }
        None => None,
    }
}

/// With nothing left to do only the hosts are looked at.
const AGAIN: &str =
    "run `mtlsctl apply --verify` again: where nothing is left to change it only verifies";

/// What is expected of hosts was found when the plan was made.
fn in_view_of(meanwhile: &[Meanwhile], failure: Failure) -> Failure {
    let zones: Vec<String> = meanwhile.iter().map(|one| one.zone.to_string()).collect();
    if zones.is_empty() {
        return failure;
    }
    failure.hint(format!(
        "somebody changed rules of {} while the plan ran, and what is expected leaves that out",
        words::list(&zones)
    ))
}

/// How hosts that do not do what they should end the command; `None` if they do.
pub(super) fn mismatch(seen: &Seen<'_>, plan: &Plan) -> Option<Failure> {
    let Seen { wave, report, .. } = seen;
    let hosts = wrong(report);
    let who = match hosts.as_slice() {
        [] => return None,
        [host] => format!("{host} does not do what it should"),
        [first, rest @ ..] => format!(
            "{first} and {} do not do what they should",
            words::count(rest.len(), "other host")
        ),
    };
    let look = "the report says of each host what is wrong, why, and what to do";
    let nth = wave.and_then(|wave| plan.waves.iter().position(|one| std::ptr::eq(one, wave)));
    Some(match (wave, nth) {
        (Some(wave), Some(nth)) => Failure::part_way(format!(
            "stopped after wave {} of {} ({}): {who}, and the waves after it count on that",
            nth + 1,
            plan.waves.len(),
            wave.phase
        ))
        .hint(look)
        .hint("if the edge was only late, give it more time with --settle")
        .hint("then run the same command again: it goes on with what is left to do"),
        _ if plan.is_empty() => {
            Failure::found(format!("nothing had to be changed, but {who}")).hint(look)
        }
        _ => Failure::part_way(format!("the plan was applied, but {who}"))
            .hint(look)
            .hint("if the edge was only late, give it more time with --settle")
            .hint(format!("then {AGAIN}")),
    })
}

/// How an outcome that is not complete ends the command.
async fn unfinished(outcome: &Outcome, look: &Look) -> Failure {
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
        Some(StepFailure::Api(error)) => look::advise(failure, error, &look.connection).await,
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
