//! What hosts do seen from outside, as text, for programs, and for systems that collect test results.

mod json;
mod junit;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use comfy_table::ContentArrangement;
use comfy_table::Table;
use comfy_table::presets;

use crate::handshake::Asked;
use crate::handshake::Offered;
use crate::report::paint;
use crate::report::paint::paint;
use crate::report::words;
use crate::verify::ANSWERS_NOBODY;
use crate::verify::Asking;
use crate::verify::Check;
use crate::verify::Finding;
use crate::verify::HostReport;
use crate::verify::Report;
use crate::verify::Standing;

pub(super) use json::Document;
pub use json::json;
pub use junit::junit;

/// Where what is expected comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// From the file, as if the account held nothing else.
    File,
    /// From an account whose plan is applied, or has nothing to do.
    Account,
    /// From an account in which so many waves of a plan are applied, and not all.
    Wave(usize),
}

impl Origin {
    /// What stands in the first line.
    fn sentence(self) -> String {
        match self {
            Self::File => "Expected is what the file says on its own. The account was not looked at: rules and \
                           CAs of others, and a CA that has left the file and waits for `min_overlap`, are not \
                           in it."
                .to_owned(),
            Self::Account => "Expected is what the account makes of its hosts as the plan leaves it, with the \
                              rules and CAs of others and those that wait for `min_overlap`."
                .to_owned(),
            Self::Wave(wave) => format!(
                "Expected is what the account makes of its hosts after wave {wave}, with the rules and CAs of \
                 others; access tests are for the end, and not in it."
            ),
        }
    }
}

/// The tables, then what is wrong, why, and what to do.
#[must_use]
pub fn text(report: &Report, origin: Origin, width: usize) -> String {
    let mut out = String::new();
    paragraph(&mut out, &origin.sentence(), 0, width);
    let hosts = report.hosts.iter().flat_map(rows);
    let header = ["host", "client", "expected", "seen", "result"];
    let _ = write!(out, "\n{}", table(header, hosts.collect(), width));
    let tests: Vec<[String; 5]> = report.hosts.iter().flat_map(test_rows).collect();
    if !tests.is_empty() {
        let header = ["access test", "request", "expected", "seen", "result"];
        let _ = write!(out, "\n{}", table(header, tests, width));
    }
    for host in &report.hosts {
        for finding in &host.findings {
            out.push('\n');
            one(&mut out, host, finding, width);
        }
    }
    out.push_str(&asides(report, width));
    out.push('\n');
    paragraph(&mut out, &sum(report), 0, width);
    out
}

fn table(header: [&str; 5], rows: Vec<[String; 5]>, width: usize) -> String {
    let mut table = Table::new();
    table
        .load_style(presets::NOTHING)
        .set_content_arrangement(ContentArrangement::Dynamic)
        .set_width(u16::try_from(width).unwrap_or(u16::MAX))
        .set_header(header)
        .add_rows(rows);
    if let Some(first) = table.column_mut(0) {
        first.set_padding((0, 1));
    }
    format!("{}\n", table.trim_fmt())
}

/// The rows of a host: whether it asks, then every client; the host is named once.
fn rows(host: &HostReport) -> Vec<[String; 5]> {
    let checks = host.checks.iter().filter(|check| check.test.is_none());
    let clients = checks.map(|check| (words::visible(&check.client), cells(check)));
    let asks = ("(asks)".to_owned(), asking(&host.asking));
    let rows = std::iter::once(asks).chain(clients).enumerate();
    rows.map(|(nth, (client, [expected, seen, result]))| {
        let name = if nth == 0 {
            host.host.to_string()
        } else {
            String::new()
        };
        [name, client, expected, seen, result]
    })
    .collect()
}

fn test_rows(host: &HostReport) -> Vec<[String; 5]> {
    let tests = host.checks.iter().filter_map(|check| {
        let test = check.test.as_ref()?;
        let [expected, seen, result] = cells(check);
        let request = format!("{} as {}, {}", host.host, check.client, check.request);
        Some([
            words::visible(test),
            words::visible(&request),
            expected,
            seen,
            result,
        ])
    });
    tests.collect()
}

fn cells(check: &Check) -> [String; 3] {
    let none = || "-".to_owned();
    [
        check
            .expected
            .as_ref()
            .map_or_else(none, ToString::to_string),
        check.seen.as_ref().map_or_else(none, ToString::to_string),
        result(&check.standing).to_owned(),
    ]
}

fn asking(asking: &Asking) -> [String; 3] {
    let expected = if asking.is_expected() { "yes" } else { "no" };
    [
        expected.to_owned(),
        asked(&asking.seen),
        result(&asking.standing()).to_owned(),
    ]
}

/// So many names of CAs are told in the table: names have commas in them, and a server may offer all that it knows.
const NAMED: usize = 6;

/// Whether it asks, and for whom.
fn asked(seen: &Asked) -> String {
    match seen {
        Asked::Unknown => "-".to_owned(),
        Asked::No => "no".to_owned(),
        Asked::Yes(offered) if offered.is_empty() => "yes, names no CA".to_owned(),
        Asked::Yes(offered) => {
            let names: Vec<String> = offered.iter().take(NAMED).map(Offered::to_string).collect();
            let mut names = words::visible(&names.join("; "));
            if offered.len() > NAMED {
                let _ = write!(names, "; and {} more", offered.len() - NAMED);
            }
            format!("yes, {names}")
        }
    }
}

fn result(standing: &Standing) -> &'static str {
    match standing {
        Standing::AsExpected => "ok",
        Standing::Mismatch => "mismatch",
        Standing::NotRun(_) => "not run",
    }
}

fn one(out: &mut String, host: &HostReport, finding: &Finding, width: usize) {
    let Finding {
        kind,
        what,
        evidence,
        why,
        remedy,
    } = finding;
    let head = format!("{}: {what} [{}]", host.host, kind.id());
    let _ = writeln!(
        out,
        "{}",
        paint(paint::WRONG, words::wrap(&head, 0, width).join("\n"))
    );
    for line in evidence {
        labelled(out, "  -", line, width);
    }
    labelled(out, "  why:", why, width);
    labelled(out, "  do: ", remedy, width);
}

/// What is no mismatch and still to be known: about hosts, about clients, and what was not run.
fn asides(report: &Report, width: usize) -> String {
    let mut out = String::new();
    let mut aside = |text: &str| labelled(&mut out, "note:", text, width);
    for host in &report.hosts {
        for note in &host.notes {
            aside(&format!("{}: {note}", host.host));
        }
    }
    for (client, remark) in &report.remarks {
        aside(&format!("client {client}: {remark}."));
    }
    let mut not_run: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for host in &report.hosts {
        for (check, reason) in host.checks.iter().filter_map(reason) {
            not_run.entry(reason).or_default().push(match &check.test {
                Some(test) => test.clone(),
                None => format!("client {} on {}", check.client, host.host),
            });
        }
    }
    for (reason, which) in not_run {
        aside(&format!("not run: {} ({reason})", words::list(&which)));
    }
    if out.is_empty() {
        out
    } else {
        format!("\n{out}")
    }
}

/// Why a check was not run, where the reason is its own and not that of its host.
fn reason(check: &Check) -> Option<(&Check, &str)> {
    match &check.standing {
        Standing::NotRun(reason) if reason != ANSWERS_NOBODY => Some((check, reason)),
        Standing::NotRun(_) | Standing::AsExpected | Standing::Mismatch => None,
    }
}

/// The sum of it all, as a sentence.
pub(super) fn sum(report: &Report) -> String {
    let counts = report.counts();
    format!(
        "{}: {} as expected, {}, {} not run.",
        words::count(report.hosts.len(), "host"),
        words::count(counts.as_expected, "check"),
        mismatches(counts.mismatched),
        counts.not_run
    )
}

fn labelled(out: &mut String, label: &str, text: &str, width: usize) {
    let indent = label.chars().count() + 1;
    let lines = words::wrap(text, indent, width).join("\n");
    let _ = writeln!(out, "{label} {}", lines.trim_start());
}

fn paragraph(out: &mut String, text: &str, indent: usize, width: usize) {
    for line in words::wrap(text, indent, width) {
        let _ = writeln!(out, "{line}");
    }
}

fn mismatches(number: usize) -> String {
    let noun = if number == 1 {
        "mismatch"
    } else {
        "mismatches"
    };
    format!("{number} {noun}")
}
