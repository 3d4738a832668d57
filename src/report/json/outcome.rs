//! A run as a document: its plan, and what became of each step.

use schemars::JsonSchema;
use serde::Serialize;

use crate::execute;
use crate::execute::Outcome;
use crate::plan::Plan;
use crate::report::json::FORMAT_VERSION;
use crate::report::json::address::Address;
use crate::report::json::plan;
use crate::report::plan::symbol_and_word;
use crate::report::shown::Ran;
use crate::report::verify;

/// A plan, and what a run of it did.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Outcome")]
pub(super) struct Document<'a> {
    /// Counts up when a field changes its meaning or goes.
    format_version: u32,
    /// How `apply` ends.
    exit_code: u8,
    /// Why it did not come to its end; `null` if it did.
    error: Option<&'a str>,
    /// What to do about it.
    hints: &'a [String],
    plan: plan::Document<'a>,
    /// `null` if nothing was begun: there was nothing to do, or something stood against it.
    outcome: Option<Run<'a>>,
    /// What the hosts do, at the last time they were connected to; `null` if they were not.
    verify: Option<verify::Document<'a>>,
}

/// What was done.
#[derive(Serialize, JsonSchema)]
struct Run<'a> {
    /// Whether the whole plan was applied.
    complete: bool,
    /// Why the run ended before the plan did; `null` if it did not.
    stopped: Option<Stopped>,
    /// Whether anything was written, or may have been.
    wrote: bool,
    counts: Counts,
    /// Every step of the plan, in its order.
    steps: Vec<StepOutcome<'a>>,
    /// What somebody else did between two waves, and did not stop the run.
    meanwhile: Vec<Meanwhile<'a>>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Stopped {
    /// A step failed.
    Failed,
    /// Somebody asked, by a signal.
    Interrupted,
    /// After a wave, hosts did not do what they should.
    Mismatch,
}

#[derive(Serialize, JsonSchema)]
struct Counts {
    applied: usize,
    failed: usize,
    not_tried: usize,
}

/// What became of a step.
#[derive(Serialize, JsonSchema)]
struct StepOutcome<'a> {
    /// The step's number in the plan.
    number: usize,
    symbol: char,
    verb: &'static str,
    address: Address<'a>,
    became: Became,
    /// Why it failed; `null` if it did not.
    error: Option<String>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Became {
    Applied,
    Failed,
    NotTried,
}

/// A change of a zone's rules by somebody else.
#[derive(Serialize, JsonSchema)]
struct Meanwhile<'a> {
    zone: &'a str,
    /// One phrase for each change.
    what: &'a [String],
}

impl<'a> Document<'a> {
    pub(super) fn of(ran: &Ran<'a>) -> Self {
        let Ran {
            planned,
            outcome,
            verified,
            failed,
            exit_code,
        } = ran;
        Self {
            format_version: FORMAT_VERSION,
            exit_code: *exit_code,
            error: failed.map(|failed| failed.text),
            hints: failed.map_or(&[], |failed| failed.hints),
            plan: plan::Document::of(planned),
            outcome: outcome.map(|outcome| Run::of(planned.plan, outcome)),
            verify: verified.map(verify::Document::of),
        }
    }
}

impl<'a> Run<'a> {
    fn of(plan: &'a Plan, outcome: &'a Outcome) -> Self {
        let (applied, failed, not_tried) = outcome.counts();
        let Outcome {
            steps,
            stopped,
            wrote,
            meanwhile,
        } = outcome;
        let steps = (1..).zip(plan.steps().zip(steps));
        Self {
            complete: outcome.is_complete(),
            stopped: stopped.map(|stopped| match stopped {
                execute::Stopped::Failed => Stopped::Failed,
                execute::Stopped::Interrupted => Stopped::Interrupted,
                execute::Stopped::Closed => Stopped::Mismatch,
            }),
            wrote: *wrote,
            counts: Counts {
                applied,
                failed,
                not_tried,
            },
            steps: steps
                .map(|(number, (step, outcome))| StepOutcome::of(number, step, outcome))
                .collect(),
            meanwhile: meanwhile.iter().map(Meanwhile::of).collect(),
        }
    }
}

impl<'a> StepOutcome<'a> {
    fn of(number: usize, step: &'a crate::plan::Step, outcome: &execute::StepOutcome) -> Self {
        let (symbol, verb) = symbol_and_word(&step.change, &step.reason);
        let (became, error) = match outcome {
            execute::StepOutcome::Applied => (Became::Applied, None),
            execute::StepOutcome::Failed(failure) => (Became::Failed, Some(failure.to_string())),
            execute::StepOutcome::NotTried => (Became::NotTried, None),
        };
        Self {
            number,
            symbol,
            verb,
            address: Address::of(&step.address),
            became,
            error,
        }
    }
}

impl<'a> Meanwhile<'a> {
    fn of(meanwhile: &'a execute::Meanwhile) -> Self {
        let execute::Meanwhile { zone, what } = meanwhile;
        Self {
            zone: zone.as_str(),
            what,
        }
    }
}
