//! An audit as text, as JSON and as SARIF.

mod columns;
mod excerpt;
mod findings;
mod json;
mod matrix;
mod sarif;
mod settled;
mod unread;

use std::fmt::Write as _;

use jiff::tz::TimeZone;

use crate::audit::Audit;
use crate::report::paint;
use crate::report::paint::paint;
use crate::report::words;

pub use findings::findings;
pub(super) use json::Report;
pub use json::json;
pub use sarif::failure as sarif_failure;
pub use sarif::sarif;

/// How many zones the header names before the rest is counted.
const ZONES_NAMED: usize = 4;

/// The whole report, for a terminal of that width.
#[must_use]
pub fn text(audit: &Audit, width: usize) -> String {
    let Audit {
        account: _,
        at: _,
        zones: _,
        coverage,
        findings: counting,
        accepted,
        idle,
        unread,
    } = audit;
    let above = header(audit, width) + &unread::reservation(unread, width);
    let sections = [
        above,
        matrix::text(coverage, width),
        findings(counting, width),
        settled::accepted(accepted, width),
        settled::idle(idle, audit, width),
        unread::text(unread, width),
        findings::sums(counting, accepted.len()),
    ];
    let sections = sections.into_iter().filter(|section| !section.is_empty());
    sections.collect::<Vec<_>>().join("\n")
}

fn header(audit: &Audit, width: usize) -> String {
    let day = TimeZone::UTC.to_datetime(audit.at).date();
    let count = words::count(audit.zones.len(), "zone");
    let mut names: Vec<String> = audit.zones.iter().map(ToString::to_string).collect();
    if names.len() > ZONES_NAMED {
        let more = names.len() - ZONES_NAMED;
        names.truncate(ZONES_NAMED);
        names.push(format!("{more} more"));
    }
    let zones = if names.is_empty() {
        count
    } else {
        format!("{count} ({})", words::list(&names))
    };
    let line = format!("Account {}, {zones}, as of {day}.", audit.account);
    let mut out = String::new();
    for line in words::wrap(&line, 0, width) {
        let _ = writeln!(out, "{}", paint(paint::HEADING, line));
    }
    out
}

/// The heading of a section.
fn heading(text: &str) -> String {
    format!("{}\n", paint(paint::HEADING, text))
}

/// A text that begins with a label, which further lines leave free.
fn labelled(label: &str, text: &str, width: usize) -> String {
    let indent = label.chars().count();
    let lines = words::wrap(text, indent, width);
    let mut out = String::new();
    for (nth, line) in lines.iter().enumerate() {
        let blanks_gone = line.get(indent..).unwrap_or_default();
        let _ = match nth {
            0 => writeln!(out, "{label}{blanks_gone}"),
            _ => writeln!(out, "{line}"),
        };
    }
    out
}
