//! What is wrong with a host: one finding for one cause, whatever it shows in.

use std::collections::BTreeMap;

use crate::edge::Verdict;
use crate::resource::Hostname;
use crate::verify::Asking;
use crate::verify::Check;
use crate::verify::Expected;
use crate::verify::Finding;
use crate::verify::Kind;
use crate::verify::Seen;
use crate::verify::Standing;
use crate::verify::answered;
use crate::verify::failed;

/// What a host came to.
pub(super) struct Judged {
    pub(super) findings: Vec<Finding>,
    pub(super) notes: Vec<String>,
}

/// Judges a host by whether it asks and by what became of the requests.
pub(super) fn judge(host: &Hostname, asking: &Asking, checks: &[Check]) -> Judged {
    let mut findings = failed::findings(host, checks);
    let mut wrong: Vec<&Check> = checks.iter().filter(|one| is_wrong_answer(one)).collect();
    if let Some(kind) = wrongly_asking(asking) {
        let caused: Vec<&Check> = wrong
            .iter()
            .copied()
            .filter(|one| is_lock_out(one))
            .collect();
        let explains = kind != Kind::AsksUnexpectedly;
        let caused = if explains { caused } else { Vec::new() };
        wrong.retain(|one| !caused.contains(one));
        findings.push(answered::asking(kind, asking, checks, &caused));
    }
    for (everyone, one) in [
        (Verdict::Block, Kind::BlocksEveryone),
        (Verdict::Pass, Kind::PassesEveryone),
    ] {
        let alike = wrong.iter().copied();
        let alike: Vec<&Check> = alike.filter(|one| verdict(one) == Some(everyone)).collect();
        let shows = alike.iter().any(|check| check.test.is_none());
        if shows && is_everyone(checks, everyone) {
            wrong.retain(|one| !alike.contains(one));
            findings.push(answered::finding(one, host, checks, &alike));
        }
    }
    for kind in [Kind::Blocks, Kind::Passes, Kind::Challenge] {
        let alike = wrong.iter().copied().filter(|one| kind_of(one) == kind);
        let alike: Vec<&Check> = alike.collect();
        if !alike.is_empty() {
            findings.push(answered::finding(kind, host, checks, &alike));
        }
    }
    let mut notes = notes(checks);
    if findings.is_empty() {
        notes.extend(answered::bypass(checks));
    }
    Judged { findings, notes }
}

/// How it asks wrongly, if it does.
fn wrongly_asking(asking: &Asking) -> Option<Kind> {
    if asking.standing() != Standing::Mismatch {
        return None;
    }
    Some(if !asking.is_expected() {
        Kind::AsksUnexpectedly
    } else if asking.missing().is_empty() {
        Kind::DoesNotAsk
    } else {
        Kind::WrongCa
    })
}

/// The verdict that a request came to.
pub(super) fn verdict(check: &Check) -> Option<Verdict> {
    check.seen.as_ref().and_then(Seen::verdict)
}

fn is_wrong_answer(check: &Check) -> bool {
    check.standing == Standing::Mismatch && verdict(check).is_some()
}

/// Whether somebody with a certificate stays out who should get in.
fn is_lock_out(check: &Check) -> bool {
    let may_pass = |expected: &Expected| expected.allows(Verdict::Pass);
    check.counts_as != "none"
        && check.expected.as_ref().is_some_and(may_pass)
        && verdict(check) != Some(Verdict::Pass)
}

/// Whether the same became of the same request as every client; an access test asks for something else.
fn is_everyone(checks: &[Check], verdict_of_all: Verdict) -> bool {
    let mut clients = checks.iter().filter(|check| check.test.is_none());
    clients.clone().count() > 1 && clients.all(|check| verdict(check) == Some(verdict_of_all))
}

fn kind_of(check: &Check) -> Kind {
    let challenges = |expected: &Expected| expected.is(Verdict::Challenge);
    match verdict(check) {
        _ if check.expected.as_ref().is_some_and(challenges) => Kind::Challenge,
        Some(Verdict::Challenge) => Kind::Challenge,
        Some(Verdict::Block) => Kind::Blocks,
        _ => Kind::Passes,
    }
}

fn notes(checks: &[Check]) -> Vec<String> {
    let mut turned_away = checks.iter().filter_map(|check| match &check.seen {
        Some(Seen::TurnedAway(alert)) => Some(alert),
        _ => None,
    });
    let note = turned_away.next().map(|alert| {
        format!(
            "It turns clients away in the TLS handshake, with the alert {alert}. That counts as blocked, but \
             Cloudflare does not do it for a CA of one's own: a rule answers with a status. Something else \
             stands at this address, or asks besides Cloudflare."
        )
    });
    note.into_iter().chain(open_ends(checks)).collect()
}

/// Requests of which nobody can say what should become of them.
fn open_ends(checks: &[Check]) -> Vec<String> {
    let mut open: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for check in checks.iter().filter(|check| check.test.is_none()) {
        let several = check
            .expected
            .as_ref()
            .filter(|one| one.verdicts().count() > 1);
        if let Some(expected) = several {
            let who = open.entry(expected.to_string()).or_default();
            who.push(check.client.clone());
        }
    }
    let notes = open.into_iter().map(|(expected, who)| {
        format!(
            "For {} the rules ask for what a client cannot choose, or for what nobody outside Cloudflare knows: \
             {expected} counts as expected.",
            answered::list(&who)
        )
    });
    notes.collect()
}
