//! What hosts do, for programs. The shape has a version; fields may be added to it, and none is ever renamed.

use schemars::JsonSchema;
use serde::Serialize;

use crate::edge::Verdict;
use crate::handshake::Asked;
use crate::handshake::Offered;
use crate::handshake::Session;
use crate::verify::Asking;
use crate::verify::Check;
use crate::verify::Expected;
use crate::verify::Finding;
use crate::verify::HostReport;
use crate::verify::Report;
use crate::verify::Seen;
use crate::verify::Standing;

/// Counts up when a field changes its meaning or goes.
const FORMAT_VERSION: u32 = 1;

/// Everything, always in the same order, with a newline at its end.
#[must_use]
pub fn json(report: &Report) -> String {
    // Texts, numbers and lists of them: there is nothing that could not be written.
    let text = serde_json::to_string_pretty(&Document::of(report));
    text.unwrap_or_default() + "\n"
}

/// What hosts do seen from outside, held against what they should do.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Verification")]
pub(in crate::report) struct Document<'a> {
    /// Counts up when a field changes its meaning or goes.
    format_version: u32,
    /// Whether nothing is wrong. What was not run says nothing.
    as_expected: bool,
    counts: Counts,
    hosts: Vec<Host<'a>>,
    remarks: Vec<Remark<'a>>,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "VerificationCounts")]
struct Counts {
    as_expected: usize,
    mismatched: usize,
    not_run: usize,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "VerifiedHost")]
#[expect(clippy::struct_field_names, reason = "the field's word is the host")]
struct Host<'a> {
    host: &'a str,
    zone: &'a str,
    /// `null` where no handshake came to its end.
    session: Option<Agreed>,
    asks: Asks,
    checks: Vec<Checked<'a>>,
    findings: Vec<Found<'a>>,
    notes: &'a [String],
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Session")]
struct Agreed {
    tls: &'static str,
    http: &'static str,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Asking")]
struct Asks {
    expected: bool,
    /// `null` where no handshake got as far as that.
    seen: Option<bool>,
    declared_cas: Vec<String>,
    /// Empty where the server names none.
    offered_names: Vec<String>,
    standing: &'static str,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Check")]
struct Checked<'a> {
    client: &'a str,
    /// `none`, `stranger`, or the CA that issued its certificate.
    counts_as: &'a str,
    request: &'a str,
    /// Where the access test stands; `null` if it is none.
    access_test: Option<&'a str>,
    /// The verdicts that are as they should be; empty where that cannot be told.
    expected: Vec<&'static str>,
    /// `null` if nothing came back, or nothing was sent.
    seen: Option<&'static str>,
    status: Option<u16>,
    /// The alert, where the server turned the client away in the TLS handshake.
    alert: Option<String>,
    /// Whether the answer came by Cloudflare; `null` without an answer.
    cloudflare: Option<bool>,
    /// Why nothing came back.
    failure: Option<String>,
    standing: &'static str,
    /// Why it was not run.
    reason: Option<&'a str>,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Finding")]
struct Found<'a> {
    id: &'static str,
    what: &'a str,
    evidence: &'a [String],
    why: &'a str,
    remedy: &'a str,
}

#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Remark")]
struct Remark<'a> {
    client: &'a str,
    remark: &'a str,
}

impl<'a> Document<'a> {
    pub(in crate::report) fn of(report: &'a Report) -> Self {
        let Report { hosts, remarks } = report;
        let counts = report.counts();
        let remarks = remarks.iter();
        Self {
            format_version: FORMAT_VERSION,
            as_expected: report.is_as_expected(),
            counts: Counts {
                as_expected: counts.as_expected,
                mismatched: counts.mismatched,
                not_run: counts.not_run,
            },
            hosts: hosts.iter().map(Host::of).collect(),
            remarks: remarks
                .map(|(client, remark)| Remark { client, remark })
                .collect(),
        }
    }
}

impl<'a> Host<'a> {
    fn of(report: &'a HostReport) -> Self {
        let HostReport {
            host,
            zone,
            session,
            asking,
            checks,
            findings,
            notes,
        } = report;
        Self {
            host: host.as_str(),
            zone: zone.as_str(),
            session: session
                .as_ref()
                .map(|Session { tls, http }| Agreed { tls, http }),
            asks: Asks::of(asking),
            checks: checks.iter().map(Checked::of).collect(),
            findings: findings.iter().map(Found::of).collect(),
            notes,
        }
    }
}

impl Asks {
    fn of(asking: &Asking) -> Self {
        let (seen, offered) = match &asking.seen {
            Asked::Unknown => (None, &[][..]),
            Asked::No => (Some(false), &[][..]),
            Asked::Yes(offered) => (Some(true), offered.as_slice()),
        };
        Self {
            expected: asking.is_expected(),
            seen,
            declared_cas: asking.declared(),
            offered_names: offered.iter().map(Offered::to_string).collect(),
            standing: word(&asking.standing()),
        }
    }
}

impl<'a> Checked<'a> {
    fn of(check: &'a Check) -> Self {
        let Check {
            client,
            counts_as,
            request,
            test,
            expected,
            seen,
            standing,
        } = check;
        let seen = seen.as_ref();
        let answer = seen.and_then(Seen::answer);
        let expected = expected.iter().flat_map(Expected::verdicts);
        Self {
            client,
            counts_as,
            request,
            access_test: test.as_deref(),
            expected: expected.map(Verdict::word).collect(),
            seen: seen.and_then(Seen::verdict).map(Verdict::word),
            status: answer.map(|answer| answer.status),
            alert: seen.and_then(|seen| match seen {
                Seen::TurnedAway(alert) => Some(alert.name()),
                Seen::Answer(..) | Seen::Failure(_) => None,
            }),
            cloudflare: answer.map(|answer| answer.is_cloudflare),
            failure: seen.and_then(|seen| match seen {
                Seen::Failure(failure) => Some(failure.to_string()),
                Seen::Answer(..) | Seen::TurnedAway(_) => None,
            }),
            standing: word(standing),
            reason: match standing {
                Standing::NotRun(reason) => Some(reason),
                Standing::AsExpected | Standing::Mismatch => None,
            },
        }
    }
}

fn word(standing: &Standing) -> &'static str {
    match standing {
        Standing::AsExpected => "as_expected",
        Standing::Mismatch => "mismatch",
        Standing::NotRun(_) => "not_run",
    }
}

impl<'a> Found<'a> {
    fn of(finding: &'a Finding) -> Self {
        let Finding {
            kind,
            what,
            evidence,
            why,
            remedy,
        } = finding;
        Self {
            id: kind.id(),
            what,
            evidence,
            why,
            remedy,
        }
    }
}
