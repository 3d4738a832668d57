//! Drift as text: how bad it is, who is concerned, what differs, and what to do.

use std::fmt::Write as _;

use crate::drift::Difference;
use crate::drift::Drift;
use crate::drift::Extent;
use crate::drift::Grade;
use crate::plan::FailedTest;
use crate::plan::Held;
use crate::plan::safety::Shift;
use crate::plan::safety::Unknown;
use crate::report::drift::items;
use crate::report::drift::items::Item;
use crate::report::effects;
use crate::report::paint;
use crate::report::paint::paint;
use crate::report::plan;
use crate::report::words;

/// The whole report, for a terminal of that width; `counts` says whether something of it counts.
#[must_use]
pub fn text(drift: &Drift, counts: bool, width: usize) -> String {
    let Drift {
        account: _,
        at: _,
        grade: _,
        differences,
        shifts,
        unknown,
        tests,
        held,
        refusals,
        fingerprint,
    } = drift;
    let (exposed, locked_out) = sides(shifts);
    let mut sections = vec![
        headline(drift, width),
        effects::drifted("Who gets in and should not", &exposed, width),
        effects::drifted("Who is stopped and should get in", &locked_out, width),
        list("Not found out", unknown.iter().map(beyond), width),
    ];
    sections.extend(groups(differences, width));
    sections.push(list(
        "Access tests that do not hold",
        tests.iter().map(failing),
        width,
    ));
    sections.push(list(
        "Held, which is no drift",
        held.iter().map(waiting),
        width,
    ));
    if !refusals.is_empty() {
        let heading = heading("Applying the file would be refused");
        sections.push(heading + &plan::refusals(refusals, width));
    }
    sections.push(remedy(drift, counts, width));
    if let Some(fingerprint) = fingerprint {
        sections.push(format!("Fingerprint: {fingerprint}\n"));
    }
    sections.retain(|section| !section.is_empty());
    sections.join("\n")
}

/// Those by which somebody gets in who should not, and those by which somebody is stopped who should get in.
pub(in crate::report) fn sides(shifts: &[Shift]) -> (Vec<&Shift>, Vec<&Shift>) {
    let exposes = |shift: &&Shift| Grade::of_shifts([*shift]).exposed != Extent::Nobody;
    shifts.iter().partition(exposes)
}

fn headline(drift: &Drift, width: usize) -> String {
    let style = if drift.grade.is_neutral() && drift.tests.is_empty() {
        paint::HEADING
    } else {
        paint::CAREFUL
    };
    let mut out = String::new();
    for line in words::wrap(&items::grade(drift), 0, width) {
        let _ = writeln!(out, "{}", paint(style, line));
    }
    if let Some(sums) = items::sums(drift) {
        out.push_str(&(words::wrap(&sums, 0, width).join("\n") + "\n"));
    }
    out
}

/// The differences of each grade, the worst first.
fn groups(differences: &[Difference], width: usize) -> Vec<String> {
    let groups = items::by_grade(differences).into_iter();
    let text = |(title, items): (&str, Vec<Item>)| {
        let items = items.iter().map(|item| text_of(item, width));
        heading(title) + &items.collect::<String>()
    };
    groups.map(text).collect()
}

fn text_of(item: &Item, width: usize) -> String {
    let Item {
        symbol,
        object,
        said,
    } = item;
    let style = match symbol {
        '-' => paint::REMOVED,
        '+' => paint::ADDED,
        _ => paint::CHANGED,
    };
    let mut out = String::new();
    for (nth, line) in words::wrap(object, 4, width).into_iter().enumerate() {
        let line = match (nth, line.get(4..)) {
            (0, Some(rest)) => format!("  {symbol} {rest}"),
            _ => line,
        };
        let _ = writeln!(out, "{}", paint(style, line));
    }
    for line in said.iter().flat_map(|text| words::wrap(text, 6, width)) {
        let _ = writeln!(out, "{line}");
    }
    out
}

pub(in crate::report) fn beyond(unknown: &Unknown) -> String {
    let Unknown { zone, hosts, bound } = unknown;
    let hosts: Vec<String> = hosts.iter().map(ToString::to_string).collect();
    let hosts = if hosts.is_empty() {
        format!("any other host of {zone}")
    } else {
        words::list(&hosts)
    };
    format!("{hosts}: {bound}")
}

pub(in crate::report) fn failing(failed: &FailedTest) -> String {
    let question = failed.test.question(false);
    format!("{failed}; `{question}` shows it rule by rule")
}

pub(in crate::report) fn waiting(held: &Held) -> String {
    let Held { address, because } = held;
    format!("{address}: {because}")
}

/// What to do, and whether this counts, in lines.
fn remedy(drift: &Drift, counts: bool, width: usize) -> String {
    let said = remedies(drift, counts);
    let lines = said.iter().flat_map(|text| words::wrap(text, 0, width));
    lines.fold(String::new(), |out, line| out + &line + "\n")
}

/// What to do, and whether this counts; a paragraph each.
pub(in crate::report) fn remedies(drift: &Drift, counts: bool) -> Vec<&'static str> {
    let mut said = Vec::new();
    if drift.is_none() {
        return said;
    }
    if !drift.differences.is_empty() {
        said.push(
            "`mtlsctl plan` shows how the account becomes what the file says, and `mtlsctl apply` does it. \
             Where the account is right, change the file.",
        );
    }
    if !counts {
        said.push("None of this counts here: it is below `--fail-on`.");
    }
    said
}

fn heading(title: &str) -> String {
    format!("{}\n", paint(paint::HEADING, title))
}

fn list(title: &str, items: impl Iterator<Item = String>, width: usize) -> String {
    let mut out = String::new();
    for item in items {
        for (nth, line) in words::wrap(&item, 4, width).into_iter().enumerate() {
            let line = match (nth, line.get(4..)) {
                (0, Some(rest)) => format!("  · {rest}"),
                _ => line,
            };
            let _ = writeln!(out, "{line}");
        }
    }
    if out.is_empty() {
        out
    } else {
        heading(title) + &out
    }
}
