//! A run as Markdown: what was done, then the plan that it was of.

use std::fmt::Write as _;

use crate::execute::Outcome;
use crate::execute::StepOutcome;
use crate::execute::Stopped;
use crate::plan::Plan;
use crate::report::markdown::escape::code;
use crate::report::markdown::escape::sentence;
use crate::report::markdown::failure;
use crate::report::markdown::page::Section;
use crate::report::markdown::page::page;
use crate::report::markdown::plan;
use crate::report::markdown::steps;
use crate::report::plan as text;
use crate::report::shown::Ran;
use crate::report::verify;
use crate::report::words;
use crate::verify::Report;

/// What was done, what failed and what was not tried; then the plan.
pub(super) fn text(ran: &Ran<'_>) -> String {
    let Ran {
        planned,
        outcome,
        verified,
        failed,
        exit_code: _,
    } = ran;
    let mut head = plan::mark("apply", planned);
    let owner = code(planned.owner.as_str());
    let _ = writeln!(head, "### mtlsctl apply for {owner}: {}\n", state(ran));
    if let Some(outcome) = outcome {
        let _ = writeln!(head, "**{}**\n", sum(outcome));
    } else {
        let _ = writeln!(head, "**{}**\n", text::sum(planned.plan));
    }
    let mut sections = Vec::new();
    // Refusals say what stands against it, each with its help.
    if let Some(failed) = failed.filter(|_| planned.refusals.is_empty()) {
        sections.push(failure::section(failed));
    }
    sections.extend(verified.map(hosts));
    if let Some(outcome) = outcome {
        sections.push(became(planned.plan, outcome));
        let meanwhile: Vec<String> = outcome.meanwhile.iter().map(ToString::to_string).collect();
        sections.push(steps::list("Meanwhile", "note", &meanwhile));
    }
    sections.extend(plan::sections(planned));
    page(&head, &sections)
}

fn state(ran: &Ran<'_>) -> &'static str {
    match ran.outcome {
        Some(outcome) if outcome.is_complete() && ran.failed.is_some() => {
            "applied, and not as it should be"
        }
        Some(outcome) if outcome.is_complete() => "applied",
        Some(outcome) if outcome.wrote => "stopped part-way",
        Some(_) => "stopped, nothing was changed",
        None if !ran.planned.refusals.is_empty() => "refused",
        None if ran.failed.is_some() => "nothing was changed",
        None => "nothing to do",
    }
}

fn sum(outcome: &Outcome) -> String {
    let (applied, failed, not_tried) = outcome.counts();
    match outcome.stopped {
        None => format!(
            "Applied: {}, each read back.",
            words::count(applied, "step")
        ),
        Some(Stopped::Interrupted) => {
            format!("Stopped, as asked: {applied} applied, {failed} failed, {not_tried} not tried.")
        }
        Some(Stopped::Failed | Stopped::Closed) => {
            format!("Stopped: {applied} applied, {failed} failed, {not_tried} not tried.")
        }
    }
}

/// What hosts do; open where something is wrong.
fn hosts(report: &Report) -> Section {
    let findings = report.hosts.iter().flat_map(|host| {
        let name = code(host.host.as_str());
        host.findings.iter().map(move |finding| {
            format!(
                "- ❌ {name}: {}\n  - why: {}\n  - do: {}\n",
                sentence(&finding.what),
                sentence(&finding.why),
                sentence(&finding.remedy)
            )
        })
    });
    let findings: Vec<String> = findings.collect();
    let sum = verify::sum(report);
    if findings.is_empty() {
        Section::folded(
            "Hosts, seen from outside",
            "line",
            vec![format!("- {sum}\n")],
        )
    } else {
        Section::open(
            &format!("**Hosts, seen from outside:** {sum}"),
            "mismatch",
            findings,
        )
    }
}

/// Every step; open where the run did not come to its end.
fn became(plan: &Plan, outcome: &Outcome) -> Section {
    let steps = plan.steps().zip(&outcome.steps);
    let parts = steps.map(|(step, became)| {
        let (_, word) = text::symbol_and_word(&step.change, &step.reason);
        let address = code(&step.address.to_string());
        match became {
            StepOutcome::Applied => format!("- ✅ {word} {address}\n"),
            StepOutcome::NotTried => format!("- ⬜ {word} {address}: not tried\n"),
            StepOutcome::Failed(failure) => {
                format!(
                    "- ❌ {word} {address}: {}\n",
                    sentence(&failure.to_string())
                )
            }
        }
    });
    let parts: Vec<String> = parts.collect();
    if outcome.is_complete() {
        Section::folded(&format!("Steps ({})", outcome.steps.len()), "step", parts)
    } else {
        Section::open("**Steps**", "step", parts)
    }
}
