//! Findings that the file takes as they are, and entries of it that accept nothing.

use std::fmt::Write as _;

use jiff::tz::TimeZone;

use crate::audit::Acceptance;
use crate::audit::Accepted;
use crate::audit::Audit;
use crate::audit::Finding;
use crate::audit::Kind;
use crate::report::audit::heading;
use crate::report::audit::labelled;
use crate::report::paint;
use crate::report::paint::paint;
use crate::report::words;

/// One line each.
pub(super) fn accepted(accepted: &[Accepted], width: usize) -> String {
    if accepted.is_empty() {
        return String::new();
    }
    let mut out = heading("Accepted");
    for Accepted {
        finding: _,
        acceptance,
    } in accepted
    {
        let Acceptance {
            finding,
            object,
            reason,
            until,
        } = acceptance;
        let line = format!("{finding} on {object}, until {until}: {reason}");
        out.push_str(&labelled("  ", &line, width));
    }
    out
}

/// Why each of these entries did nothing.
pub(super) fn idle(idle: &[Acceptance], audit: &Audit, width: usize) -> String {
    let mut out = String::new();
    for one in idle {
        let line = format!(
            "note: `accept` of {} on {}: {}",
            one.finding,
            one.object,
            why(one, audit)
        );
        for line in words::wrap(&line, 0, width) {
            let _ = writeln!(out, "{}", paint(paint::ASIDE, line));
        }
    }
    out
}

fn why(idle: &Acceptance, audit: &Audit) -> String {
    let is_of = |one: &Finding| one.kind.id() == idle.finding && one.object == idle.object;
    let today = TimeZone::UTC.to_datetime(audit.at).date();
    let until = idle.until;
    if Kind::ALL.iter().all(|kind| kind.id() != idle.finding) {
        "there is no finding of that id.".to_owned()
    } else if audit.accepted.iter().any(|one| is_of(&one.finding)) {
        "another entry accepts it already; remove this one.".to_owned()
    } else if until > today {
        "nothing of the kind was found there; remove it, or check how its object is spelled."
            .to_owned()
    } else if audit.findings.iter().any(is_of) {
        format!("it ended on {until}, and the finding counts again.")
    } else {
        format!("it ended on {until}, and nothing of the kind was found there; remove it.")
    }
}
