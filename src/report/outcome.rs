//! The outcome of a run as text: every step accounted for.

use std::fmt::Write as _;

use crate::execute::Outcome;
use crate::execute::StepOutcome;
use crate::execute::Stopped;
use crate::plan::Plan;
use crate::report::paint;
use crate::report::paint::paint;
use crate::report::words;

/// What was done, what failed and what was not tried.
#[must_use]
pub fn text(plan: &Plan, outcome: &Outcome, width: usize) -> String {
    let (applied, failed, not_tried) = outcome.counts();
    let mut out = String::new();
    if outcome.is_complete() {
        let line = format!(
            "Applied: {}, each read back.",
            words::count(applied, "step")
        );
        let _ = writeln!(out, "{}", paint(paint::ADDED.bold(), line));
        meanwhile(&mut out, outcome, width);
        return out;
    }
    let why = match outcome.stopped {
        Some(Stopped::Interrupted) => "Stopped, as asked.",
        Some(Stopped::Closed) => "Stopped: hosts do not do what they should.",
        Some(Stopped::Failed) | None => "Stopped.",
    };
    let changed = if outcome.wrote {
        ""
    } else {
        " Nothing was changed."
    };
    let _ = writeln!(out, "{}{changed}", paint(paint::WRONG, why));
    let _ = writeln!(
        out,
        "{applied} applied, {failed} failed, {not_tried} not tried:"
    );
    for (step, became) in plan.steps().zip(&outcome.steps) {
        let address = words::visible(&step.address.to_string());
        match became {
            StepOutcome::Applied => {
                let _ = writeln!(out, "  {} {address}", paint(paint::ADDED, "applied  "));
            }
            StepOutcome::NotTried => {
                let _ = writeln!(out, "  {} {address}", paint(paint::ASIDE, "not tried"));
            }
            StepOutcome::Failed(failure) => {
                let _ = writeln!(out, "  {} {address}", paint(paint::WRONG, "failed   "));
                for line in words::wrap(&failure.to_string(), 12, width) {
                    let _ = writeln!(out, "{line}");
                }
            }
        }
    }
    meanwhile(&mut out, outcome, width);
    if outcome.wrote {
        let _ = writeln!(
            out,
            "What was done stays as it is; plan again to go on from there."
        );
    }
    out
}

/// What somebody else did and did not stop the run.
fn meanwhile(out: &mut String, outcome: &Outcome, width: usize) {
    for meanwhile in &outcome.meanwhile {
        let told = format!("note: {meanwhile}.");
        for line in words::wrap(&told, 0, width) {
            let _ = writeln!(out, "{line}");
        }
    }
}
