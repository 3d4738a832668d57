//! Drift as text: how bad it is, who is concerned, what differs, and what to do.

use std::fmt::Write as _;

use anstyle::Style;

use crate::drift::Difference;
use crate::drift::Drift;
use crate::drift::Extent;
use crate::drift::Grade;
use crate::drift::Object;
use crate::drift::What;
use crate::plan::FailedTest;
use crate::plan::Held;
use crate::plan::safety::Shift;
use crate::plan::safety::Unknown;
use crate::report::drift::words as told;
use crate::report::effects;
use crate::report::paint;
use crate::report::paint::paint;
use crate::report::plan;
use crate::report::words;

/// How many hosts of one list are named before the rest is counted.
const HOSTS_SHOWN: usize = 6;

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
    let (exposed, locked_out): (Vec<&Shift>, Vec<&Shift>) =
        shifts.iter().partition(|shift| exposes(shift));
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

fn exposes(shift: &Shift) -> bool {
    Grade::of_shifts([shift]).exposed != Extent::Nobody
}

fn headline(drift: &Drift, width: usize) -> String {
    let count = drift.differences.len();
    let failing = drift.tests.len();
    let (grade, style) = match (count, failing) {
        (0, 0) => (
            "No drift: the account is what the file asks for.".to_owned(),
            paint::HEADING,
        ),
        (0, _) => (
            "Nothing differs, but the account does not do what the file expects.".to_owned(),
            paint::CAREFUL,
        ),
        _ if drift.grade.is_neutral() => {
            let sentence = "Drift: neutral, nobody gets in or is stopped by it.";
            (sentence.to_owned(), paint::HEADING)
        }
        _ => (format!("Drift: {}.", drift.grade), paint::CAREFUL),
    };
    let mut out = String::new();
    for line in words::wrap(&grade, 0, width) {
        let _ = writeln!(out, "{}", paint(style, line));
    }
    let mut sums = Vec::new();
    if count > 0 {
        sums.push(words::count(count, "difference"));
    }
    if failing > 0 {
        let noun = words::count(failing, "access test");
        let verb = if failing == 1 { "does" } else { "do" };
        sums.push(format!("{noun} {verb} not hold"));
    }
    if !sums.is_empty() {
        let sums = format!("{}.", sums.join("; "));
        out.push_str(&(words::wrap(&sums, 0, width).join("\n") + "\n"));
    }
    out
}

/// The differences of each grade, the worst first.
fn groups(differences: &[Difference], width: usize) -> Vec<String> {
    let of = |exposed: bool, locked_out: bool| -> Vec<&Difference> {
        let is_meant = |difference: &&Difference| {
            let Grade {
                exposed: one,
                locked_out: other,
            } = difference.grade;
            (one != Extent::Nobody, other != Extent::Nobody) == (exposed, locked_out)
        };
        differences.iter().filter(is_meant).collect()
    };
    let groups = [
        ("Exposed and locked out", of(true, true)),
        ("Exposed", of(true, false)),
        ("Locked out", of(false, true)),
        ("Neutral", of(false, false)),
    ];
    let groups = groups.into_iter().filter(|(_, group)| !group.is_empty());
    groups
        .map(|(title, group)| {
            let alike = group.chunk_by(|one, other| are_of_one_list(one, other));
            let items = alike.map(|same| item(same, width));
            heading(title) + &items.collect::<String>()
        })
        .collect()
}

/// Whether two differences are hosts of one list, of which the same is to be said.
fn are_of_one_list(one: &Difference, other: &Difference) -> bool {
    let list = |difference: &Difference| match &difference.object {
        Object::Pair { zone, ca, .. } => Some((zone.clone(), ca.clone())),
        Object::Ca { .. } | Object::Rule { .. } => None,
    };
    list(one).is_some()
        && list(one) == list(other)
        && (&one.what, one.side, one.may_be_stopped)
            == (&other.what, other.side, other.may_be_stopped)
        && (one.grade, one.is_hidden) == (other.grade, other.is_hidden)
}

/// One object, or several hosts of one list.
fn item(same: &[&Difference], width: usize) -> String {
    let [first, ..] = same else {
        return String::new();
    };
    let (symbol, style) = match first.what {
        What::Missing => ('-', paint::REMOVED),
        What::Surplus => ('+', paint::ADDED),
        What::Differs { .. } | What::Misplaced { .. } => ('~', paint::CHANGED),
    };
    let mut out = String::new();
    for (nth, line) in words::wrap(&object(same), 4, width).into_iter().enumerate() {
        let line = match (nth, line.get(4..)) {
            (0, Some(rest)) => format!("  {symbol} {rest}"),
            _ => line,
        };
        let _ = writeln!(out, "{}", paint(style, line));
    }
    let mut said = vec![format!("{}; {}", told::what(first), told::side(first))];
    let grade = first.grade.to_string();
    if grade.contains("possibly") {
        said.push(grade);
    }
    if first.is_hidden {
        said.push("it shows only once another difference is put right".to_owned());
    }
    for line in said.iter().flat_map(|text| words::wrap(text, 6, width)) {
        let _ = writeln!(out, "{}", paint(Style::new(), line));
    }
    out
}

fn object(same: &[&Difference]) -> String {
    let hosts = same
        .iter()
        .filter_map(|difference| match &difference.object {
            Object::Pair { host, .. } => Some(host.clone()),
            Object::Ca { .. } | Object::Rule { .. } => None,
        });
    let mut hosts: Vec<String> = hosts.collect();
    let Some(first) = same.first() else {
        return String::new();
    };
    let Object::Pair { zone, ca, .. } = &first.object else {
        return first.object.to_string();
    };
    if hosts.len() > HOSTS_SHOWN {
        let more = hosts.split_off(HOSTS_SHOWN).len();
        hosts.push(format!("{more} more"));
    }
    format!("{} for CA {ca} in {zone}", words::list(&hosts))
}

fn beyond(unknown: &Unknown) -> String {
    let Unknown { zone, hosts, bound } = unknown;
    let hosts: Vec<String> = hosts.iter().map(ToString::to_string).collect();
    let hosts = if hosts.is_empty() {
        format!("any other host of {zone}")
    } else {
        words::list(&hosts)
    };
    format!("{hosts}: {bound}")
}

fn failing(failed: &FailedTest) -> String {
    let question = failed.test.question(false);
    format!("{failed}; `{question}` shows it rule by rule")
}

fn waiting(held: &Held) -> String {
    let Held { address, because } = held;
    format!("{address}: {because}")
}

/// What to do, and whether this counts.
fn remedy(drift: &Drift, counts: bool, width: usize) -> String {
    if drift.is_none() {
        return String::new();
    }
    let mut said = Vec::new();
    if !drift.differences.is_empty() {
        said.push(
            "`mtlsctl plan` shows how the account becomes what the file says, and `mtlsctl apply` does it. \
             Where the account is right, change the file.",
        );
    }
    if !counts {
        said.push("None of this counts here: it is below `--fail-on`.");
    }
    let lines = said.iter().flat_map(|text| words::wrap(text, 0, width));
    lines.fold(String::new(), |out, line| out + &line + "\n")
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
