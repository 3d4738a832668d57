//! Who changes verdict by a plan, in words.

use std::fmt::Write as _;

use anstyle::Style;

use crate::edge::Client;
use crate::edge::Path;
use crate::edge::Reading;
use crate::edge::Verdict;
use crate::plan::safety::Certainty;
use crate::plan::safety::Evidence;
use crate::plan::safety::Shift;
use crate::report::paint;
use crate::report::paint::paint;
use crate::report::words;
use crate::resource::Hostname;

/// How many hosts are named before the rest is counted.
const HOSTS_SHOWN: usize = 6;

/// The headline of a plan: on which hosts who gets in that did not, and who does not that did. Hosts that it
/// opens, for all requests or for some, come first.
#[must_use]
pub fn text(shifts: &[Shift], width: usize) -> String {
    let mut out = String::new();
    let _ = writeln!(out, "{}", paint(paint::HEADING, "Who changes verdict"));
    if shifts.is_empty() {
        out.push_str("  Nobody.\n");
        return out;
    }
    let mut sorted: Vec<&Shift> = shifts.iter().collect();
    sorted.sort_by_key(|shift| (&shift.zone, shift.hosts.is_empty(), &shift.hosts));
    let groups = sorted.chunk_by(|one, other| one.zone == other.zone && one.hosts == other.hosts);
    let mut groups: Vec<&[&Shift]> = groups.collect();
    groups.sort_by_key(|group| !opens(group));
    for group in groups {
        let [first, ..] = group else { continue };
        for line in words::wrap(&hosts(first), 2, width) {
            let _ = writeln!(out, "{line}");
        }
        let mut same: Vec<&Shift> = group.to_vec();
        same.sort_by_key(|shift| kind(shift));
        let mut kinds: Vec<&[&Shift]> = same
            .chunk_by(|one, other| kind(one) == kind(other))
            .collect();
        kinds.sort_by_key(|same| !opens(same));
        for same in kinds {
            out.push_str(&lines(same, width));
        }
    }
    out
}

/// What was looked at, in a sentence.
#[must_use]
pub fn evidence(evidence: &Evidence) -> String {
    let Evidence {
        hosts,
        clients,
        states,
    } = evidence;
    format!(
        "Safe at every step: {} for {} of clients, {} under two readings.",
        words::count(*hosts, "host"),
        words::count(*clients, "kind"),
        words::count(*states, "state"),
    )
}

fn hosts(shift: &Shift) -> String {
    if shift.hosts.is_empty() {
        return format!("any other host of {}", shift.zone);
    }
    let shown = shift.hosts.iter().take(HOSTS_SHOWN);
    let mut names: Vec<String> = shown.map(Hostname::to_string).collect();
    if shift.hosts.len() > HOSTS_SHOWN {
        names.push(format!("{} more", shift.hosts.len() - HOSTS_SHOWN));
    }
    words::list(&names)
}

/// Whether clients without a certificate get in that did not.
fn opens(shifts: &[&Shift]) -> bool {
    let mut shifts = shifts.iter();
    shifts.any(|shift| shift.client == Client::None && shift.after == Verdict::Pass)
}

/// What is told in one line: what changes, how certain that is, and for which requests.
fn kind(shift: &Shift) -> (Verdict, Verdict, Certainty, String) {
    let only = shift.only.as_ref().map(ToString::to_string);
    (
        shift.after,
        shift.before,
        shift.certainty,
        only.unwrap_or_default(),
    )
}

fn lines(same: &[&Shift], width: usize) -> String {
    let [first, ..] = same else {
        return String::new();
    };
    let style = match first.after {
        Verdict::Pass => paint::CAREFUL,
        Verdict::Challenge => paint::CHANGED,
        Verdict::Block => Style::new(),
    };
    let arrow = format!("{} → {}", first.before.word(), first.after.word());
    let possibly = match first.certainty {
        Certainty::Certain => "",
        Certainty::Possible(Reading::PerHost) => {
            " (possibly: if certificates are verified against the host's CAs only)"
        }
        Certainty::Possible(Reading::AccountWide) => {
            " (possibly: if they are verified against all CAs of the account)"
        }
    };
    let example = first.only.as_ref().map_or_else(String::new, |guard| {
        format!(" for some requests, such as one where {guard}")
    });
    let clients: Vec<String> = same.iter().map(|shift| shift.client.to_string()).collect();
    let text = format!(
        "{arrow}{example}{possibly}: clients {}",
        words::list(&clients)
    );
    let wrapped = words::wrap(&text, 6, width).join("\n");
    let mut out = String::new();
    let rest = wrapped.trim_start();
    let rest = rest.strip_prefix(&arrow).unwrap_or(rest);
    let _ = writeln!(out, "    {}{rest}", paint(style, arrow));
    let below = same.iter().any(|shift| is_lost_intermediate(shift));
    if below {
        let hint =
            "(an intermediate that shall get in: list it under `issuers` of its CA, or upload it)";
        for line in words::wrap(hint, 6, width) {
            let _ = writeln!(out, "{}", paint(paint::ASIDE, line));
        }
    }
    out
}

/// Whether clients of an unknown intermediate lose what they had because of a pin.
fn is_lost_intermediate(shift: &Shift) -> bool {
    let is_below =
        matches!(&shift.client, Client::Issued(issued) if issued.path == Path::Subordinate);
    is_below && shift.after == Verdict::Block
}
