//! Plans, runs and drift as Markdown for pull requests and job summaries.
//!
//! The first line is a mark that nobody sees, so that whoever posts the text can find its comment and put the
//! next one in its place: `<!-- mtlsctl:plan ACCOUNT OWNER DIGEST -->` (without the digest if the plan is
//! refused), with `apply` and `drift` likewise, and `<!-- mtlsctl:COMMAND failed -->` where a command failed before
//! it knew these. What comes from outside can neither become a part of the layout nor call anybody ([`escape`]),
//! and a text has an end ([`page`]).

mod drift;
mod escape;
mod failure;
mod outcome;
mod page;
mod plan;
mod steps;

use crate::report::shown::Drifted;
use crate::report::shown::Failed;
use crate::report::shown::Planned;
use crate::report::shown::Ran;

pub use page::LIMIT;

/// A plan, with what stands against it.
#[must_use]
pub fn plan(planned: &Planned<'_>) -> String {
    plan::text(planned)
}

/// A run, with its plan.
#[must_use]
pub fn outcome(ran: &Ran<'_>) -> String {
    outcome::text(ran)
}

/// Drift.
#[must_use]
pub fn drift(drifted: &Drifted<'_>) -> String {
    drift::text(drifted)
}

/// A failure.
#[must_use]
pub fn failure(failed: &Failed<'_>) -> String {
    failure::text(failed)
}
