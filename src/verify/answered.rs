//! Words for answers that are not what was expected.

use std::fmt::Write as _;

use crate::edge::quoted;
use crate::handshake::Answer;
use crate::handshake::Asked;
use crate::handshake::Offered;
use crate::resource::Hostname;
use crate::verify::Asking;
use crate::verify::Check;
use crate::verify::Finding;
use crate::verify::Kind;
use crate::verify::Seen;

/// A host that asks wrongly, and who stays out for that.
pub(super) fn asking(kind: Kind, asking: &Asking, checks: &[Check], caused: &[&Check]) -> Finding {
    let declared = list(&asking.declared());
    let offered = match &asking.seen {
        Asked::Yes(offered) => list(&offered.iter().map(Offered::to_string).collect::<Vec<_>>()),
        Asked::No | Asked::Unknown => String::new(),
    };
    let (what, why, remedy) = match kind {
        Kind::DoesNotAsk => (
            "it does not ask for a client certificate".to_owned(),
            format!(
                "it should ask for certificates of {declared}; unasked, clients present none, and rules see none{}",
                aside(checks)
            ),
            "associate the host with its CAs: `mtlsctl plan` shows whether that is still to be done; if not, the \
             edge may need a minute, or the DNS record is not proxied"
                .to_owned(),
        ),
        Kind::WrongCa => (
            format!("it asks for certificates of other CAs: {offered}"),
            format!(
                "{} should be among them; clients that choose a certificate by what is offered present none{}",
                list(&asking.missing()),
                aside(checks)
            ),
            "`mtlsctl plan` shows whether a CA is still to be associated with the host; compare the names with \
             the subjects of the PEM files, as another content under the same name is another CA"
                .to_owned(),
        ),
        _ => (
            "it asks for a client certificate, and the file declares no CA for it".to_owned(),
            "somebody else associated a CA with the host, or `retire` has taken the last one away and that is \
             not live yet"
                .to_owned(),
            "`mtlsctl plan` shows what is still to be done".to_owned(),
        ),
    };
    Finding {
        kind,
        what,
        evidence: caused.iter().copied().map(line).collect(),
        why,
        remedy,
    }
}

/// A host that gives wrong answers, all alike.
pub(super) fn finding(kind: Kind, host: &Hostname, checks: &[Check], alike: &[&Check]) -> Finding {
    let first = alike
        .first()
        .map_or("none", |check| check.counts_as.as_str());
    let explain = format!(
        "`mtlsctl explain --host {host} --certificate {}`",
        quoted(first)
    );
    let statuses = statuses(alike);
    let origin = match statuses.as_str() {
        "" => String::new(),
        statuses => format!(", or the origin itself answers {statuses}"),
    };
    let (what, why, remedy) = match kind {
        Kind::BlocksEveryone => (
            "it blocks everyone".to_owned(),
            format!(
                "a rule blocks whatever the client presents, or does not know the issuers of these \
                 certificates{origin}{}",
                aside(checks)
            ),
            format!(
                "see on the live account which rule decides with {explain}; if none blocks, choose a --path that \
                 the origin answers, or name the statuses of the edge with --blocked-status"
            ),
        ),
        Kind::PassesEveryone => (
            "it lets everyone in".to_owned(),
            format!(
                "no block rule decides for this host: it is missing or disabled, a rule above it lets requests \
                 past, or requests do not come by Cloudflare{}",
                aside(checks)
            ),
            format!(
                "see with {explain} on the live account which rule decides, and with `mtlsctl plan` what is still \
                 to be done; if {statuses} is how this server turns clients away, say so with --blocked-status"
            ),
        ),
        Kind::Blocks => (
            "it blocks clients that should get in".to_owned(),
            format!(
                "a rule of the file or of somebody else blocks them{origin}{}",
                aside(checks)
            ),
            format!(
                "see on the live account which rule decides with {explain}; after a change the edge may need a \
                 minute"
            ),
        ),
        Kind::Passes => (
            "it lets clients in that should be blocked".to_owned(),
            format!(
                "the rule that should block them is not live as the file has it, or one above it lets them past{}",
                aside(checks)
            ),
            format!(
                "see on the live account which rule decides with {explain}; if {statuses} is how this server turns \
                 clients away, say so with --blocked-status"
            ),
        ),
        _ => (
            "it challenges where it should not, or does not where it should".to_owned(),
            "a challenge comes from a rule, or from what else Cloudflare guards the zone with; machines cannot \
             solve it"
                .to_owned(),
            format!("see on the live account which rule decides with {explain}"),
        ),
    };
    Finding {
        kind,
        what,
        evidence: alike.iter().copied().map(line).collect(),
        why,
        remedy,
    }
}

/// A check in one line, such as `stranger, GET /: expected block, got pass (200)`.
pub(super) fn line(check: &Check) -> String {
    let expected = check
        .expected
        .as_ref()
        .map_or_else(String::new, |expected| format!("expected {expected}, "));
    let test = check.test.as_ref();
    let test = test.map_or_else(String::new, |at| format!(" (the access test in {at})"));
    let seen = check.seen.as_ref();
    let seen = seen.map_or_else(|| "nothing".to_owned(), Seen::to_string);
    format!(
        "{}, {}: {expected}got {seen}{test}",
        check.client, check.request
    )
}

fn answers(checks: &[Check]) -> impl Iterator<Item = &Answer> {
    let seen = checks.iter().filter_map(|check| check.seen.as_ref());
    seen.filter_map(Seen::answer)
}

/// Whether answers came, and none by Cloudflare.
fn is_past_cloudflare(checks: &[Check]) -> bool {
    answers(checks).next().is_some() && answers(checks).all(|answer| !answer.is_cloudflare)
}

/// A note where everything is as expected, and Cloudflare has no part in it.
pub(super) fn bypass(checks: &[Check]) -> Option<String> {
    is_past_cloudflare(checks).then(|| {
        "No answer has a `cf-ray`: none came by Cloudflare, so that this says nothing of its rules.".to_owned()
    })
}

/// What is said besides where no answer came by Cloudflare, or where Cloudflare named an error.
fn aside(checks: &[Check]) -> String {
    let mut aside = String::new();
    if is_past_cloudflare(checks) {
        aside.push_str(" (no answer has a `cf-ray`: none came by Cloudflare)");
    }
    if let Some(code) = answers(checks).find_map(|answer| answer.cloudflare_error) {
        let _ = write!(aside, " (Cloudflare names error {code})");
    }
    aside
}

/// The statuses of answers; empty where there is none.
fn statuses(alike: &[&Check]) -> String {
    let seen = alike.iter().filter_map(|check| check.seen.as_ref());
    let mut statuses: Vec<u16> = seen
        .filter_map(Seen::answer)
        .map(|answer| answer.status)
        .collect();
    statuses.sort_unstable();
    statuses.dedup();
    if statuses.is_empty() {
        return String::new();
    }
    list(&statuses.iter().map(u16::to_string).collect::<Vec<_>>())
}

/// `a`, `a and b`, `a, b and c`.
pub(super) fn list(items: &[String]) -> String {
    match items {
        [] => "nobody".to_owned(),
        [only] => only.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}
