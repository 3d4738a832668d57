//! The headline and the steps of a plan, as parts of a text.

use std::fmt::Write as _;

use crate::plan::Change;
use crate::plan::Held;
use crate::plan::Refusal;
use crate::plan::RuleChange;
use crate::plan::Step;
use crate::plan::Wave;
use crate::plan::safety::Shift;
use crate::report::effects;
use crate::report::effects::Group;
use crate::report::effects::Told;
use crate::report::markdown::escape::code;
use crate::report::markdown::escape::fenced;
use crate::report::markdown::escape::sentence;
use crate::report::markdown::page::Section;
use crate::report::plan;
use crate::report::words;

/// Long lines of texts within steps are broken here, in characters.
const WIDTH: usize = 100;

/// Who changes verdict, open.
pub(super) fn effects(shifts: &[Shift]) -> Section {
    if shifts.is_empty() {
        let nobody = vec!["Nobody.\n".to_owned()];
        return Section::open(EFFECTS, "part", nobody);
    }
    verdicts(EFFECTS, shifts, Told::Plan)
}

const EFFECTS: &str = "**Who changes verdict**";

/// Whose verdict is another one than before, or than it should be, open.
pub(super) fn verdicts<'s>(
    heading: &str,
    shifts: impl IntoIterator<Item = &'s Shift>,
    told: Told,
) -> Section {
    let mut rows = Vec::new();
    for Group { hosts, lines } in effects::groups(shifts, told) {
        let hosts: Vec<String> = hosts.iter().map(|host| code(host)).collect();
        let hosts = hosts.join(", ");
        for line in lines {
            let mut clients = sentence(&words::list(&line.clients));
            if let Some(hint) = line.hint {
                let _ = write!(clients, "<br>{}", sentence(hint));
            }
            let so = sentence(&line.so);
            let mark = if line.opens { "⚠ " } else { "" };
            rows.push(format!(
                "| {hosts} | {mark}**{}**{so} | {clients} |\n",
                line.change
            ));
        }
    }
    Section {
        open: format!("{heading}\n\n| on | verdict | clients |\n|---|---|---|\n"),
        parts: rows,
        close: "\n",
        noun: "change of verdict",
    }
}

/// What stands against the plan, open.
pub(super) fn refusals(refusals: &[Refusal]) -> Section {
    let parts = refusals.iter().map(|refusal| {
        let help = sentence(&refusal.help());
        format!("- {}\n  - help: {help}\n", sentence(&refusal.to_string()))
    });
    let heading = "❌ **Refused: nothing of this can be applied as it is**";
    Section::open(heading, "refusal", parts.collect())
}

/// A wave, folded.
pub(super) fn wave((number, wave): (usize, &Wave)) -> Section {
    let Wave {
        phase,
        steps,
        settles_first,
    } = wave;
    let settle = if *settles_first {
        ", after the edge has settled"
    } else {
        ""
    };
    let count = words::count(steps.len(), "step");
    let summary = format!("Wave {number}: {phase} ({count}{settle})");
    Section::folded(&summary, "step", steps.iter().map(step).collect())
}

fn step(step: &Step) -> String {
    let Step {
        address,
        change,
        reason,
    } = step;
    let (symbol, word) = plan::symbol_and_word(change, reason);
    let why = sentence(&plan::why(reason));
    let mut out = format!(
        "{} {word} {}: {why}\n\n",
        code(&symbol.to_string()),
        code(&address.to_string())
    );
    let details = plan::details(change, WIDTH);
    if !details.is_empty() {
        let lines = details.iter().map(|(_, line)| line.as_str());
        out.push_str(&fenced(language(change), lines));
        out.push('\n');
    }
    out
}

/// What the details are written in.
fn language(change: &Change) -> &'static str {
    match change {
        Change::ReplaceHosts { .. }
        | Change::Rule {
            change: RuleChange::Replace { .. },
            ..
        } => "diff",
        Change::UploadCa { .. } | Change::Rule { .. } | Change::DeleteCa { .. } => "",
    }
}

/// What is held, and what is left alone, folded.
pub(super) fn held(held: &[Held]) -> [Section; 2] {
    let (waiting, others) = plan::held_lines(held);
    [
        list("Held", "held object", &waiting),
        list("Left alone", "line", &others),
    ]
}

/// Sentences as a list, folded.
pub(super) fn list(title: &str, noun: &'static str, sentences: &[String]) -> Section {
    let parts = sentences.iter().map(|one| format!("- {}\n", sentence(one)));
    let summary = format!("{title} ({})", sentences.len());
    Section::folded(&summary, noun, parts.collect())
}
