//! A plan as Markdown.

use std::fmt::Write as _;

use crate::plan::Plan;
use crate::report::effects;
use crate::report::markdown::escape::code;
use crate::report::markdown::escape::sentence;
use crate::report::markdown::page::Section;
use crate::report::markdown::page::page;
use crate::report::markdown::steps;
use crate::report::plan;
use crate::report::shown::Planned;

/// A plan, what it does to whom first.
pub(super) fn text(planned: &Planned<'_>) -> String {
    let Planned {
        plan,
        digest,
        refusals,
        ..
    } = planned;
    let mut head = mark("plan", planned);
    let state = if refusals.is_empty() { "" } else { ": refused" };
    let _ = writeln!(
        head,
        "### mtlsctl plan for {}{state}\n",
        code(planned.owner.as_str())
    );
    let _ = writeln!(head, "**{}**\n", plan::sum(plan));
    if refusals.is_empty() && !plan.is_empty() {
        let apply = code(&format!("mtlsctl apply --expect {digest}"));
        let _ = writeln!(head, "{apply} applies just this plan, or nothing.\n");
    }
    page(&head, &sections(planned))
}

/// The line that nobody sees; with the digest, if the plan may be applied.
pub(super) fn mark(command: &str, planned: &Planned<'_>) -> String {
    let Planned {
        account,
        owner,
        digest,
        refusals,
        ..
    } = planned;
    let digest = if refusals.is_empty() {
        format!(" {digest}")
    } else {
        String::new()
    };
    format!("<!-- mtlsctl:{command} {account} {owner}{digest} -->\n")
}

/// Everything below the title.
pub(super) fn sections(planned: &Planned<'_>) -> Vec<Section> {
    let Plan {
        waves,
        held,
        notes,
        slots,
        safety,
    } = planned.plan;
    let mut sections = vec![steps::refusals(planned.refusals)];
    let mut sums = vec![format!("{}\n", sentence(&plan::slots_used(slots)))];
    if !planned.plan.is_empty() {
        sections.push(steps::effects(&safety.shifts));
        if safety.is_safe() {
            sums.push(format!(
                "{}\n",
                sentence(&effects::evidence(&safety.evidence))
            ));
        }
    }
    sections.push(Section {
        open: String::new(),
        parts: sums,
        close: "\n",
        noun: "line",
    });
    let notes: Vec<String> = notes.iter().map(ToString::to_string).collect();
    sections.push(steps::list("Notes", "note", &notes));
    let [waiting, others] = steps::held(held);
    sections.push(waiting);
    sections.extend((1..).zip(waves).map(steps::wave));
    sections.push(others);
    sections
}
