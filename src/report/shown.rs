//! What reports for programs and for pull requests are about: a plan with what stands against it, a run, a
//! failure.

use crate::config::Problem;
use crate::drift::Drift;
use crate::execute::Outcome;
use crate::plan::Plan;
use crate::plan::Refusal;
use crate::resource::AccountId;
use crate::resource::Digest;
use crate::resource::Name;
use crate::verify::Report;

/// A plan that was judged.
#[derive(Debug, Clone, Copy)]
pub struct Planned<'a> {
    /// The account that it is for.
    pub account: &'a AccountId,
    /// The owner that the file names.
    pub owner: &'a Name,
    /// The plan.
    pub plan: &'a Plan,
    /// Which plan it is: what `apply --expect` takes.
    pub digest: &'a Digest,
    /// What stands against it; none if it may run.
    pub refusals: &'a [Refusal],
    /// How the command that made it ends, if nothing more is done.
    pub exit_code: u8,
}

/// A run of a plan, or why there was none.
#[derive(Debug, Clone, Copy)]
pub struct Ran<'a> {
    /// The plan.
    pub planned: Planned<'a>,
    /// What became of its steps; `None` if the run was not begun.
    pub outcome: Option<&'a Outcome>,
    /// What the hosts do, at the last time they were connected to; `None` if they were not.
    pub verified: Option<&'a Report>,
    /// Why it did not come to its end.
    pub failed: Option<&'a Failed<'a>>,
    /// How the command ends.
    pub exit_code: u8,
}

/// What differs from the file.
#[derive(Debug, Clone, Copy)]
pub struct Drifted<'a> {
    /// The owner that the file names.
    pub owner: &'a Name,
    /// The drift.
    pub drift: &'a Drift,
    /// Whether something of it counts.
    pub counts: bool,
    /// How the command ends.
    pub exit_code: u8,
}

/// A command that did not do what it was asked for.
#[derive(Debug, Clone, Copy)]
pub struct Failed<'a> {
    /// Which, such as `plan`.
    pub command: &'a str,
    /// Why, without colours.
    pub text: &'a str,
    /// What to do about it.
    pub hints: &'a [String],
    /// The file whose problems are the reason, if they are.
    pub faulty: Option<Faulty<'a>>,
    /// The refusals that are the reason, if they are.
    pub refusals: &'a [Refusal],
    /// How the command ends.
    pub exit_code: u8,
}

/// A file, and what is wrong with it.
#[derive(Debug, Clone, Copy)]
pub struct Faulty<'a> {
    /// Its path, as the caller named it.
    pub file: &'a str,
    /// By position.
    pub problems: &'a [Problem],
}
