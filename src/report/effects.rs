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

/// What shifts are told of.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Told {
    /// What a plan changes.
    Plan,
    /// What is not as the file wants it.
    Drift,
}

/// Who has another verdict on the account than the file wants, under a heading; nothing where nobody has.
#[must_use]
pub(super) fn drifted(heading: &str, shifts: &[&Shift], width: usize) -> String {
    if shifts.is_empty() {
        return String::new();
    }
    let heading = paint(paint::HEADING, heading);
    let groups = groups(shifts.iter().copied(), Told::Drift);
    format!("{heading}\n{}", laid_out(&groups, width))
}

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
    out + &laid_out(&groups(shifts, Told::Plan), width)
}

fn laid_out(groups: &[Group], width: usize) -> String {
    let mut out = String::new();
    for Group { hosts, lines } in groups {
        for line in words::wrap(&words::list(hosts), 2, width) {
            let _ = writeln!(out, "{line}");
        }
        for line in lines {
            out.push_str(&line.text(width));
        }
    }
    out
}

/// Hosts on which the same clients change verdict.
pub(super) struct Group {
    /// Their names, or words for them; of very many, the first and how many more.
    pub(super) hosts: Vec<String>,
    /// What changes there, what opens them first.
    pub(super) lines: Vec<Line>,
}

/// Clients that have the same change of verdict.
pub(super) struct Line {
    /// What becomes of them, the words that stand out: `block → pass`.
    pub(super) change: String,
    /// The verdict that they get by that.
    pub(super) got: Verdict,
    /// For which requests, if not for all, and under which reading, if not under both; empty otherwise.
    pub(super) so: String,
    /// Who they are.
    pub(super) clients: Vec<String>,
    /// What to do for clients of an intermediate that are turned away.
    pub(super) hint: Option<&'static str>,
    /// Whether clients without a certificate get in that did not, or should not.
    pub(super) opens: bool,
}

/// Who changes verdict where; hosts that are opened come first.
pub(super) fn groups<'s>(shifts: impl IntoIterator<Item = &'s Shift>, told: Told) -> Vec<Group> {
    let mut sorted: Vec<&Shift> = shifts.into_iter().collect();
    sorted.sort_by_key(|shift| (&shift.zone, shift.hosts.is_empty(), &shift.hosts));
    let groups = sorted.chunk_by(|one, other| one.zone == other.zone && one.hosts == other.hosts);
    let mut groups: Vec<&[&Shift]> = groups.collect();
    groups.sort_by_key(|group| !opens(group, told));
    let groups = groups.into_iter().filter_map(|group| {
        let hosts = hosts(group.first()?);
        let mut same: Vec<&Shift> = group.to_vec();
        same.sort_by_key(|shift| kind(shift));
        let mut kinds: Vec<&[&Shift]> = same
            .chunk_by(|one, other| kind(one) == kind(other))
            .collect();
        kinds.sort_by_key(|same| !opens(same, told));
        let lines = kinds.into_iter().filter_map(|same| Line::of(same, told));
        let lines = lines.collect();
        Some(Group { hosts, lines })
    });
    groups.collect()
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

fn hosts(shift: &Shift) -> Vec<String> {
    if shift.hosts.is_empty() {
        return vec![format!("any other host of {}", shift.zone)];
    }
    let shown = shift.hosts.iter().take(HOSTS_SHOWN);
    let mut names: Vec<String> = shown.map(Hostname::to_string).collect();
    if shift.hosts.len() > HOSTS_SHOWN {
        names.push(format!("{} more", shift.hosts.len() - HOSTS_SHOWN));
    }
    names
}

/// Whether clients without a certificate get in that did not, or should not.
fn opens(shifts: &[&Shift], told: Told) -> bool {
    let mut shifts = shifts.iter();
    shifts.any(|shift| shift.client == Client::None && got(shift, told) == Verdict::Pass)
}

/// What somebody gets, of what they had or should have.
fn got(shift: &Shift, told: Told) -> Verdict {
    match told {
        Told::Plan => shift.after,
        Told::Drift => shift.before,
    }
}

/// What becomes of somebody, the words that stand out first.
fn change(shift: &Shift, told: Told) -> (String, &'static str) {
    let Shift { before, after, .. } = shift;
    if told == Told::Plan {
        return (format!("{} → {}", before.word(), after.word()), "");
    }
    let is = match before {
        Verdict::Pass => "pass",
        Verdict::Challenge => "are challenged",
        Verdict::Block => "are blocked",
    };
    let should = match after {
        Verdict::Pass => ", should pass",
        Verdict::Challenge => ", should be challenged",
        Verdict::Block => ", should be blocked",
    };
    (is.to_owned(), should)
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

impl Line {
    fn of(same: &[&Shift], told: Told) -> Option<Self> {
        let first = same.first()?;
        let (change, should) = change(first, told);
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
        let below = same.iter().any(|shift| is_lost_intermediate(shift));
        Some(Self {
            change,
            got: got(first, told),
            so: format!("{should}{example}{possibly}"),
            clients: same.iter().map(|shift| shift.client.to_string()).collect(),
            hint: below.then_some(
                "(an intermediate that shall get in: list it under `issuers` of its CA, or upload it)",
            ),
            opens: opens(same, told),
        })
    }

    fn text(&self, width: usize) -> String {
        let Self {
            change,
            got,
            so,
            clients,
            hint,
            opens: _,
        } = self;
        let style = match got {
            Verdict::Pass => paint::CAREFUL,
            Verdict::Challenge => paint::CHANGED,
            Verdict::Block => Style::new(),
        };
        let text = format!("{change}{so}: clients {}", words::list(clients));
        let wrapped = words::wrap(&text, 6, width).join("\n");
        let mut out = String::new();
        let rest = wrapped.trim_start();
        let rest = rest.strip_prefix(change.as_str()).unwrap_or(rest);
        let _ = writeln!(out, "    {}{rest}", paint(style, change));
        for line in hint.iter().flat_map(|hint| words::wrap(hint, 6, width)) {
            let _ = writeln!(out, "{}", paint(paint::ASIDE, line));
        }
        out
    }
}

/// Whether clients of an unknown intermediate lose what they had because of a pin.
fn is_lost_intermediate(shift: &Shift) -> bool {
    let is_below =
        matches!(&shift.client, Client::Issued(issued) if issued.path == Path::Subordinate);
    is_below && shift.after == Verdict::Block
}
