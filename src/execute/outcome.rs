//! What a run did: every step of its plan, accounted for.

use crate::execute::Failure;
use crate::plan::Plan;

/// The end of a run.
#[derive(Debug)]
#[must_use = "an unread outcome hides a half-applied plan"]
pub struct Outcome {
    /// What became of each step, in the order of the plan.
    pub steps: Vec<StepOutcome>,
    /// Why the run ended before the plan did.
    pub stopped: Option<Stopped>,
    /// Whether anything was written, or may have been.
    pub wrote: bool,
}

/// What became of a step.
#[derive(Debug)]
pub enum StepOutcome {
    /// It was done: the API said so, and reads showed it unless the run was stopped before they could.
    Applied,
    /// It was tried and is not known to be done, or what it rests on moved.
    Failed(Failure),
    /// It was not begun.
    NotTried,
}

/// Why a run ended early.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stopped {
    /// A step failed.
    Failed,
    /// Somebody asked, by Ctrl-C or SIGTERM.
    Interrupted,
}

impl Outcome {
    pub(super) fn of(plan: &Plan) -> Self {
        let steps = plan.steps().map(|_| StepOutcome::NotTried).collect();
        Self {
            steps,
            stopped: None,
            wrote: false,
        }
    }

    /// Whether the whole plan was applied.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.stopped.is_none()
    }

    /// The failures, each with the number of its step counted from 0.
    pub fn failures(&self) -> impl Iterator<Item = (usize, &Failure)> {
        self.steps
            .iter()
            .enumerate()
            .filter_map(|(nth, step)| match step {
                StepOutcome::Failed(failure) => Some((nth, failure)),
                StepOutcome::Applied | StepOutcome::NotTried => None,
            })
    }

    /// How many steps were applied, failed, and not tried.
    #[must_use]
    pub fn counts(&self) -> (usize, usize, usize) {
        let count =
            |is: fn(&StepOutcome) -> bool| self.steps.iter().filter(|step| is(step)).count();
        (
            count(|step| matches!(step, StepOutcome::Applied)),
            count(|step| matches!(step, StepOutcome::Failed(_))),
            count(|step| matches!(step, StepOutcome::NotTried)),
        )
    }
}
