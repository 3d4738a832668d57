//! Findings about the certificates of a CA: their dates, algorithms and key ids.

use jiff::SignedDuration;
use jiff::Timestamp;

use crate::audit::Finding;
use crate::audit::Kind;
use crate::audit::Severity;
use crate::audit::Standard;
use crate::audit::cas::Uploaded;
use crate::audit::cas::day;
use crate::audit::cas::some_of;
use crate::edge::Key;
use crate::resource::Certificate;

/// What is wrong with the certificates of a CA; one finding of a kind, however many of them it is about.
pub(super) fn findings(
    ca: &Uploaded<'_>,
    all: &[Uploaded<'_>],
    standard: &Standard,
) -> Vec<Finding> {
    let found = [
        expired(ca, all, standard.at),
        expiring(ca, standard),
        weak(ca),
        unverifiable(ca),
        no_key_id(ca),
    ];
    found.into_iter().flatten().collect()
}

fn expired(ca: &Uploaded<'_>, all: &[Uploaded<'_>], at: Timestamp) -> Option<Finding> {
    let invalid: Vec<&Certificate> = ca
        .certificates()
        .iter()
        .filter(|one| one.not_after() < at || at < one.not_before())
        .collect();
    let sentences = invalid.iter().map(|one| {
        let subject = one.subject();
        if one.not_after() < at {
            format!(
                "Its certificate `{subject}` expired on {}.",
                day(one.not_after())
            )
        } else {
            format!(
                "Its certificate `{subject}` is not valid before {}.",
                day(one.not_before())
            )
        }
    });
    // A renewal with the same key verifies the same clients, in this CA or in another one of the host.
    let is_renewed = |host: &String, one: &Certificate| {
        all.iter()
            .any(|other| other.verifies(host, Key::of(one), at))
    };
    let (renewed, affected): (Vec<&String>, Vec<&String>) = ca
        .hosts
        .iter()
        .partition(|host| invalid.iter().all(|one| is_renewed(host, one)));
    let is_early = invalid.iter().all(|one| at < one.not_before());
    let (severity, remedy) = match (affected.as_slice(), is_early) {
        ([], true) => (
            Severity::Medium,
            "wait for that day before a host asks for it.",
        ),
        ([], false) => (Severity::Medium, "take it away, or replace it."),
        (_, true) => (
            Severity::High,
            "until then, associate a CA with these hosts that is valid now.",
        ),
        (_, false) => (
            Severity::High,
            "upload its successor and associate it with these hosts, then take this one away.",
        ),
    };
    let finding = told(ca, severity, Kind::CaExpired, sentences)?;
    let finding = match (affected.as_slice(), renewed.as_slice()) {
        ([], []) => finding.detail(associated(ca)),
        ([], hosts) => finding.detail(format!(
            "On {} a renewal with the same key is valid, and verifies the same clients.",
            some_of(hosts.iter().copied())
        )),
        (hosts, _) => finding.detail(format!(
            "Its clients are expected to be refused on {}; what Cloudflare does with such a CA is not \
             documented.",
            some_of(hosts.iter().copied())
        )),
    };
    Some(finding.remedy(remedy))
}

fn expiring(ca: &Uploaded<'_>, standard: &Standard) -> Option<Finding> {
    let Standard {
        at, min_validity, ..
    } = standard;
    let soon = at.checked_add(*min_validity).unwrap_or(Timestamp::MAX);
    let ending = ca
        .certificates()
        .iter()
        .filter(|one| one.not_before() <= *at && *at <= one.not_after() && one.not_after() < soon);
    let sentences = ending.map(|one| {
        format!(
            "Its certificate `{}` expires on {}, {}.",
            one.subject(),
            day(one.not_after()),
            time_left(one.not_after().duration_since(*at))
        )
    });
    let finding = told(ca, Severity::Medium, Kind::CaExpiring, sentences)?;
    Some(finding.detail(associated(ca)).remedy(
        "rotate it: upload its successor, associate it with the same hosts, and take this one away once its \
         clients have certificates of the new one.",
    ))
}

fn weak(ca: &Uploaded<'_>) -> Option<Finding> {
    let weak = ca.certificates().iter().filter_map(|one| {
        let weakness = one.weakness()?;
        Some(format!(
            "Its certificate `{}` has {weakness}: certificates that seem to come from it are easier to forge \
             than they should be.",
            one.subject()
        ))
    });
    let finding = told(ca, Severity::Medium, Kind::CaWeak, weak)?;
    Some(finding.remedy(
        "rotate to a CA with an RSA key of 2048 bits or an elliptic curve of 256 bits at least, signed with \
         SHA-256 or better.",
    ))
}

fn unverifiable(ca: &Uploaded<'_>) -> Option<Finding> {
    let unverifiable = ca.certificates().iter().filter_map(|one| {
        let algorithm = one.unverifiable()?;
        Some(format!(
            "Its certificate `{}` uses {algorithm}, which Cloudflare never verifies: its clients are strangers.",
            one.subject()
        ))
    });
    let severity = if ca.hosts.is_empty() {
        Severity::Medium
    } else {
        Severity::High
    };
    let finding = told(ca, severity, Kind::CaUnverifiable, unverifiable)?;
    Some(finding.detail(associated(ca)).remedy(
        "replace it by a CA that signs with RSA (not RSA-PSS) or ECDSA, and with SHA-256, SHA-384 or SHA-512.",
    ))
}

fn no_key_id(ca: &Uploaded<'_>) -> Option<Finding> {
    let without = ca
        .certificates()
        .iter()
        .filter(|one| one.key_id().is_none());
    let sentences = without.map(|one| {
        format!(
            "Its certificate `{}` has no subject key identifier: no rule can name it as the issuer.",
            one.subject()
        )
    });
    let severity = if ca.hosts.is_empty() {
        Severity::Low
    } else {
        Severity::Medium
    };
    let finding = told(ca, severity, Kind::CaNoKeyId, sentences)?;
    let finding = if ca.hosts.is_empty() {
        finding
    } else {
        finding.detail(format!(
            "On {} its clients cannot be told from those of other CAs.",
            some_of(&ca.hosts)
        ))
    };
    Some(finding.remedy("issue it again with a subject key identifier, and rotate to that."))
}

/// A finding whose first sentence is about the first certificate, with the others as details.
fn told(
    ca: &Uploaded<'_>,
    severity: Severity,
    kind: Kind,
    sentences: impl Iterator<Item = String>,
) -> Option<Finding> {
    let mut sentences = sentences;
    let finding = ca.finding(severity, kind, sentences.next()?);
    Some(sentences.fold(finding, Finding::detail))
}

/// Which hosts ask for it.
fn associated(ca: &Uploaded<'_>) -> String {
    if ca.hosts.is_empty() {
        "No host list that was read names it.".to_owned()
    } else {
        format!("It is associated with {}.", some_of(&ca.hosts))
    }
}

fn time_left(left: SignedDuration) -> String {
    match left.as_hours() / 24 {
        0 => "in less than a day".to_owned(),
        1 => "in 1 day".to_owned(),
        days => format!("in {days} days"),
    }
}
