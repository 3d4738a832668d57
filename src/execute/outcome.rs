//! What a run did: every step of its plan, accounted for.

use std::fmt;

use crate::execute::Failure;
use crate::plan::Plan;
use crate::resource::ZoneName;

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
    /// What somebody else did between two waves, and did not stop the run.
    pub meanwhile: Vec<Meanwhile>,
}

/// A change of a zone's rules by somebody else, with which the remaining steps are safe.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Meanwhile {
    /// Where.
    pub zone: ZoneName,
    /// What changed, one phrase each.
    pub what: Vec<String>,
}

impl fmt::Display for Meanwhile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { zone, what } = self;
        let what = what.join("; ");
        write!(
            f,
            "somebody changed the custom rules of {zone} meanwhile ({what}); the remaining steps are safe with that"
        )
    }
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
    /// The gate after a wave was closed: what the wave did does not show where it should.
    Closed,
}

impl Outcome {
    pub(super) fn of(plan: &Plan) -> Self {
        let steps = plan.steps().map(|_| StepOutcome::NotTried).collect();
        Self {
            steps,
            stopped: None,
            wrote: false,
            meanwhile: Vec::new(),
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
