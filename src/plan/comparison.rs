//! What differs between the file and the account, as the steps that would change it; in no order yet.

use jiff::Timestamp;

use crate::desired::Desired;
use crate::live::Live;
use crate::plan::Allowed;
use crate::plan::Held;
use crate::plan::Note;
use crate::plan::Phase;
use crate::plan::Refusal;
use crate::plan::Step;
use crate::plan::cas;
use crate::plan::lists;
use crate::plan::overlap;
use crate::plan::overlap::Overlap;
use crate::plan::ownership;
use crate::plan::rules;

/// What differs, each with the phase in which a plan would change it.
#[derive(Debug, Clone)]
pub struct Comparison {
    /// What the account is held against: the desired state, and in it every CA that waits for a date.
    pub desired: Desired,
    /// The steps. Those of one zone, phase and kind stand in the order in which they have to be taken.
    pub steps: Vec<(Phase, Step)>,
    /// What stays as it is although somebody might expect otherwise, and why.
    pub held: Vec<Held>,
    /// What the reader should know, without any step.
    pub notes: Vec<Note>,
}

/// Holds the account against the file at the moment `at`; CAs that are `allowed` to go at once do not wait for
/// `min_overlap`.
///
/// # Errors
/// Every [`Refusal`] at once that is an error: what is missing in the account or contradicts it.
pub fn compare(
    desired: &Desired,
    live: &Live,
    at: Timestamp,
    allowed: &Allowed,
) -> Result<Comparison, Vec<Refusal>> {
    let Overlap {
        desired,
        mut held,
        acceptance,
    } = overlap::overlap(desired, live, at, allowed);
    let mut refusals = ownership::contradictions(&desired, live);
    let cas = cas::compare(&desired, live, at);
    let lists = lists::compare(&desired, live);
    let rules = rules::compare(&desired, live, &acceptance);
    let removals = cas::removals(&desired, live, &lists);
    refusals.extend(cas.refusals);
    refusals.extend(rules.refusals);
    if !refusals.is_empty() {
        return Err(refusals);
    }
    held.extend(removals.held);
    held.extend(ownership::left_alone(&desired, live));
    Ok(Comparison {
        steps: [cas.uploads, lists.steps, rules.steps, removals.steps].concat(),
        desired,
        held,
        notes: cas.notes,
    })
}
