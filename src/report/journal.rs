//! What happens in a run, as lines of JSON: one object a line, for whoever has to know later.
//!
//! The shape has a version; fields may be added to it, and none is ever renamed.

use jiff::Timestamp;
use serde::Serialize;

use crate::execute::Event;
use crate::execute::Meanwhile;
use crate::execute::Outcome;
use crate::execute::StepOutcome;
use crate::execute::Stopped;
use crate::plan::Plan;
use crate::plan::Step;
use crate::plan::Wave;
use crate::resource::AccountId;
use crate::resource::Digest;
use crate::verify::Counts;

/// Counts up when a field changes its meaning or goes.
const FORMAT_VERSION: u32 = 1;

/// What every line has: runs may be written to one file at the same time.
#[derive(Debug, Clone, Copy)]
pub struct Stamp<'a> {
    /// Tells the lines of one run from those of others.
    pub run: &'a str,
    /// When it happened.
    pub at: Timestamp,
}

/// What is known of a run before its first step.
#[derive(Debug, Clone, Copy)]
pub struct Began<'a> {
    /// Who runs it, as far as the environment says so.
    pub who: Option<&'a str>,
    /// The commit that the file is of, as far as the environment says so.
    pub commit: Option<&'a str>,
    /// Which plan it is.
    pub plan: &'a Digest,
    /// Which account.
    pub account: &'a AccountId,
}

/// Something that a line tells.
#[derive(Debug, Clone, Copy)]
pub enum Told<'a> {
    /// The run is about to begin.
    Began(Began<'a>),
    /// What the run tells.
    Event(&'a Event<'a>),
    /// The hosts were connected to, and what they did was held against what they should do.
    Verified {
        /// After which wave; `None` at the end of the run.
        wave: Option<&'a Wave>,
        /// How the checks came out.
        counts: Counts,
    },
    /// Somebody asked it to stop.
    Stopping,
    /// Somebody ended it at once: a call may be half-way.
    Quit,
    /// It is over.
    Ended(&'a Outcome),
}

/// One line, with a newline at its end. `plan` is the one that is run, whose steps and waves events speak of.
#[must_use]
pub fn line(stamp: Stamp<'_>, plan: &Plan, told: Told<'_>) -> String {
    let line = match told {
        Told::Began(began) => Line::began(plan, began),
        Told::Event(event) => Line::event(plan, event),
        Told::Verified { wave, counts } => Line::verified(plan, wave, counts),
        Told::Stopping => Line::of("stopping"),
        Told::Quit => Line::of("quit"),
        Told::Ended(outcome) => Line::ended(outcome),
    };
    let Stamp { run, at } = stamp;
    let line = Line {
        format_version: FORMAT_VERSION,
        at: at.to_string(),
        run,
        ..line
    };
    // Texts, numbers and lists of them: there is nothing that could not be written.
    serde_json::to_string(&line).unwrap_or_default() + "\n"
}

/// A line; what does not belong to its event is left out.
#[derive(Default, Serialize)]
struct Line<'a> {
    format_version: u32,
    at: String,
    run: &'a str,
    event: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    who: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    commit: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    account: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    plan: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mtlsctl: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    waves: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    steps: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    wave: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    phase: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    step: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    does: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    zone: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    what: Option<&'a [String]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    seconds: Option<f64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    result: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    request: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    applied: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    failed: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    not_tried: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    as_expected: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    mismatched: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    not_run: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    failures: Option<Vec<Failed>>,
}

/// A step that is not known to be done when the run is over.
#[derive(Serialize)]
struct Failed {
    step: usize,
    why: String,
}

impl<'a> Line<'a> {
    fn of(event: &'static str) -> Self {
        Self {
            event,
            ..Self::default()
        }
    }

    fn began(plan: &Plan, began: Began<'a>) -> Self {
        let Began {
            who,
            commit,
            plan: digest,
            account,
        } = began;
        Self {
            who,
            commit,
            account: Some(account.as_str()),
            plan: Some(digest.as_str()),
            mtlsctl: Some(env!("CARGO_PKG_VERSION")),
            waves: Some(plan.waves.len()),
            steps: Some(plan.steps().count()),
            ..Self::of("run_started")
        }
    }

    fn event(plan: &Plan, event: &'a Event<'a>) -> Self {
        match event {
            Event::Settling { wave, wait } => Self {
                seconds: Some(wait.as_secs_f64()),
                ..Self::of("settling").about_wave(plan, wave)
            },
            Event::WaveStarted { wave } => Self::of("wave_started").about_wave(plan, wave),
            Event::StepStarted { step } => Self::of("step_started").about_step(plan, step),
            Event::StepEnded {
                step,
                outcome,
                request,
            } => {
                let (result, why) = result(outcome);
                Self {
                    result: Some(result),
                    why,
                    request: *request,
                    ..Self::of("step_ended").about_step(plan, step)
                }
            }
            Event::Waiting { step, waited } => Self {
                seconds: Some(waited.as_secs_f64()),
                ..Self::of("waiting").about_step(plan, step)
            },
            Event::Meanwhile { meanwhile } => {
                let Meanwhile { zone, what } = meanwhile;
                Self {
                    zone: Some(zone.to_string()),
                    what: Some(what),
                    ..Self::of("meanwhile")
                }
            }
            Event::WaveDone { wave } => Self::of("wave_done").about_wave(plan, wave),
        }
    }

    fn verified(plan: &Plan, wave: Option<&Wave>, counts: Counts) -> Self {
        let Counts {
            as_expected,
            mismatched,
            not_run,
        } = counts;
        let line = Self {
            as_expected: Some(as_expected),
            mismatched: Some(mismatched),
            not_run: Some(not_run),
            ..Self::of("verified")
        };
        match wave {
            Some(wave) => line.about_wave(plan, wave),
            None => line,
        }
    }

    fn ended(outcome: &Outcome) -> Self {
        let (applied, failed, not_tried) = outcome.counts();
        let failures = outcome.failures().map(|(nth, failure)| Failed {
            step: nth + 1,
            why: failure.to_string(),
        });
        Self {
            result: Some(match outcome.stopped {
                None => "complete",
                Some(Stopped::Failed) => "failed",
                Some(Stopped::Interrupted) => "interrupted",
                Some(Stopped::Closed) => "mismatch",
            }),
            applied: Some(applied),
            failed: Some(failed),
            not_tried: Some(not_tried),
            failures: Some(failures.collect()),
            ..Self::of("run_ended")
        }
    }

    /// Waves are counted from 1.
    fn about_wave(self, plan: &Plan, wave: &Wave) -> Self {
        let nth = plan.waves.iter().position(|one| std::ptr::eq(one, wave));
        Self {
            wave: nth.map(|nth| nth + 1),
            phase: Some(wave.phase.to_string()),
            ..self
        }
    }

    /// Steps are counted from 1, through all waves. Two of them may be equal, so it has to be the very one.
    fn about_step(self, plan: &Plan, step: &Step) -> Self {
        let nth = plan.steps().position(|one| std::ptr::eq(one, step));
        Self {
            step: nth.map(|nth| nth + 1),
            does: Some(step.to_string()),
            ..self
        }
    }
}

fn result(outcome: &StepOutcome) -> (&'static str, Option<String>) {
    match outcome {
        StepOutcome::Applied => ("applied", None),
        StepOutcome::Failed(failure) => ("failed", Some(failure.to_string())),
        StepOutcome::NotTried => ("not_tried", None),
    }
}
