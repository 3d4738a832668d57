//! What must change for the account to become what the file asks for.
//!
//! One pure function, [`plan`]: desired state and account in, steps in waves out, no clock, no network.
//! The steps leave nothing to choose: an id is known, or it comes from a named earlier step. Before
//! anything is executed a plan has to pass [`approve()`], and only its result can be executed.

pub mod access;
pub mod address;
mod adoption;
pub mod alone;
pub mod approve;
pub mod basis;
pub mod cas;
pub mod comparison;
pub mod compile;
mod detour;
pub mod effect;
pub mod gaps;
pub mod guard;
pub mod held;
pub mod lists;
mod meaning;
pub mod onward;
pub mod overlap;
pub mod ownership;
pub mod pack;
pub mod place;
pub mod reading;
pub mod refusal;
pub mod route;
pub mod rules;
pub mod safety;
pub mod saved;
pub mod seal;
pub mod status;
pub mod step;
pub mod wave;

use jiff::Timestamp;

use crate::desired::Desired;
use crate::live::Live;

pub use access::FailedTest;
pub use access::access_test;
pub use access::failing_alone;
pub use access::failing_now;
pub use address::Address;
pub use address::CaRef;
pub use approve::Approved;
pub use approve::Consent;
pub use approve::approve;
pub use basis::Basis;
pub use basis::Moved;
pub use comparison::Comparison;
pub use comparison::compare;
pub use gaps::Gap;
pub use gaps::gaps;
pub use guard::Objection;
pub use held::Held;
pub use held::HeldBecause;
pub use held::Note;
pub use onward::Hindrance;
pub use onward::goes_on;
pub use overlap::Allowed;
pub use overlap::effective;
pub use refusal::Refusal;
pub use safety::Assessment;
pub use saved::Saved;
pub use step::Change;
pub use step::Field;
pub use step::Place;
pub use step::Reason;
pub use step::RuleChange;
pub use step::Step;
pub use wave::Phase;
pub use wave::Wave;

/// An ordered set of steps, and what was considered and left alone.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Plan {
    /// The steps; those of one wave may take effect in any order, the waves follow each other.
    pub waves: Vec<Wave>,
    /// What stays as it is although somebody might expect otherwise, and why.
    pub held: Vec<Held>,
    /// What the reader should know, without any step.
    pub notes: Vec<Note>,
    /// The CA slots, counted at their fullest.
    pub slots: Slots,
    /// Whether every state on the way is safe, and who changes verdict.
    pub safety: Assessment,
}

/// The CA quota of the account over the plan.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Slots {
    /// How many the account may hold.
    pub quota: usize,
    /// How many it holds now.
    pub before: usize,
    /// How many it holds at the fullest moment of the plan.
    pub peak: usize,
    /// How many it holds afterwards.
    pub after: usize,
}

impl Slots {
    /// Over waves.
    fn count(desired: &Desired, live: &Live, waves: &[Wave]) -> Self {
        let before = live.slots_used();
        let steps = || waves.iter().flat_map(|wave| &wave.steps);
        let uploads = steps().filter(|step| matches!(step.change, Change::UploadCa { .. }));
        let deletions = steps().filter(|step| matches!(step.change, Change::DeleteCa { .. }));
        Self {
            quota: desired.quota,
            before,
            peak: route::peak(live, waves),
            after: (before + uploads.count()).saturating_sub(deletions.count()),
        }
    }
}

impl Plan {
    /// All steps, in order.
    pub fn steps(&self) -> impl Iterator<Item = &Step> {
        self.waves.iter().flat_map(|wave| &wave.steps)
    }

    /// Whether there is nothing to do.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.waves.iter().all(|wave| wave.steps.is_empty())
    }
}

/// Plans the way from `live` to `desired`, judged at the moment `at`; CAs that are `allowed` to go at once
/// do not wait for `min_overlap`.
///
/// # Errors
/// Every [`Refusal`] at once that is an error: what is missing in the account or contradicts it.
pub fn plan(
    desired: &Desired,
    live: &Live,
    at: Timestamp,
    allowed: &Allowed,
) -> Result<Plan, Vec<Refusal>> {
    let Comparison {
        desired,
        steps,
        held,
        mut notes,
    } = compare(desired, live, at, allowed)?;
    let desired = &desired;
    let (waves, safety) = route::find(steps, (desired, live), at);
    let slots = Slots::count(desired, live, &waves);
    notes.extend(adoption::missing(desired, live));
    if waves.is_empty() {
        notes.extend(tests_failing_now(desired, live, at));
    }
    notes.extend(guard::reported(desired, live, &safety));
    Ok(Plan {
        waves,
        held,
        notes,
        slots,
        safety,
    })
}

/// Access tests that do not hold although there is nothing to do: somebody else's rule decides otherwise.
fn tests_failing_now(desired: &Desired, live: &Live, at: Timestamp) -> Vec<Note> {
    let failing = failing_now(desired, live, at);
    let notes = failing.into_iter().map(|failed| Note::TestFails {
        told: failed.to_string(),
        question: failed.test.question(true),
    });
    notes.collect()
}
