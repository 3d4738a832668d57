//! An audit for programs. The shape has a version; fields may be added to it, and none is ever renamed.

use schemars::JsonSchema;
use serde::Serialize;

use crate::audit::Acceptance;
use crate::audit::Accepted;
use crate::audit::Audit;
use crate::audit::Cell;
use crate::audit::Coverage;
use crate::audit::Excerpt;
use crate::audit::Finding;
use crate::audit::Outcome;
use crate::audit::Row;
use crate::audit::Severity;
use crate::live::Unread;
use crate::resource::Hostname;
use crate::resource::ZoneName;

/// Counts up when a field changes its meaning or goes.
const FORMAT_VERSION: u32 = 1;

/// Everything, always in the same order, with a newline at its end.
#[must_use]
pub fn json(audit: &Audit) -> String {
    // Texts, numbers and lists of them: there is nothing that could not be written.
    let text = serde_json::to_string_pretty(&Report::of(audit));
    text.unwrap_or_default() + "\n"
}

/// Who gets in where on an account, and what is wrong with that.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Audit")]
pub(in crate::report) struct Report<'a> {
    format_version: u32,
    account: &'a str,
    at: String,
    zones: Vec<&'a str>,
    counts: Counts,
    coverage: Matrix<'a>,
    findings: Vec<Found<'a>>,
    accepted: Vec<Taken<'a>>,
    idle: Vec<Entry<'a>>,
    not_looked_at: Vec<Missing<'a>>,
}

#[derive(Serialize, JsonSchema)]
struct Counts {
    high: usize,
    medium: usize,
    low: usize,
    info: usize,
    accepted: usize,
}

#[derive(Serialize, JsonSchema)]
struct Matrix<'a> {
    clients: &'a [String],
    rows: Vec<Group<'a>>,
}

/// Hosts that nothing tells apart.
#[derive(Serialize, JsonSchema)]
struct Group<'a> {
    zone: &'a str,
    hosts: Vec<&'a str>,
    /// Whether it stands for every host of the zone that is in no other row.
    any_other_host: bool,
    cas: &'a [String],
    cells: Vec<Verdicts<'a>>,
}

/// What becomes of one client's requests, under each reading of `cert_verified`.
#[derive(Serialize, JsonSchema)]
struct Verdicts<'a> {
    client: &'a str,
    per_host: &'static str,
    account_wide: &'static str,
}

#[derive(Serialize, JsonSchema)]
struct Found<'a> {
    severity: &'static str,
    id: &'static str,
    object: &'a str,
    sentence: &'a str,
    details: &'a [String],
    remedy: &'a str,
    excerpt: Option<Marked<'a>>,
}

/// Bytes from `start` to before `end` of an expression.
#[derive(Serialize, JsonSchema)]
struct Marked<'a> {
    origin: &'a str,
    expression: &'a str,
    start: usize,
    end: usize,
    label: &'a str,
}

#[derive(Serialize, JsonSchema)]
struct Taken<'a> {
    finding: Found<'a>,
    reason: &'a str,
    until: String,
}

#[derive(Serialize, JsonSchema)]
struct Entry<'a> {
    finding: &'a str,
    object: &'a str,
    reason: &'a str,
    until: String,
}

#[derive(Serialize, JsonSchema)]
struct Missing<'a> {
    what: String,
    /// `null` for the account.
    zone: Option<&'a str>,
    /// `null` where permissions are not the reason.
    permission: Option<&'a str>,
}

impl<'a> Report<'a> {
    fn of(audit: &'a Audit) -> Self {
        let Audit {
            account,
            at,
            zones,
            coverage,
            findings,
            accepted,
            idle,
            unread,
        } = audit;
        Self {
            format_version: FORMAT_VERSION,
            account: account.as_str(),
            at: at.to_string(),
            zones: zones.iter().map(ZoneName::as_str).collect(),
            counts: Counts::of(findings, accepted),
            coverage: Matrix::of(coverage),
            findings: findings.iter().map(Found::of).collect(),
            accepted: accepted.iter().map(Taken::of).collect(),
            idle: idle.iter().map(Entry::of).collect(),
            not_looked_at: unread.iter().map(Missing::of).collect(),
        }
    }
}

impl Counts {
    fn of(findings: &[Finding], accepted: &[Accepted]) -> Self {
        let count = |severity| {
            let of_it = findings.iter().filter(|one| one.severity == severity);
            of_it.count()
        };
        Self {
            high: count(Severity::High),
            medium: count(Severity::Medium),
            low: count(Severity::Low),
            info: count(Severity::Info),
            accepted: accepted.len(),
        }
    }
}

impl<'a> Matrix<'a> {
    fn of(coverage: &'a Coverage) -> Self {
        let Coverage { clients, rows } = coverage;
        let group = |row: &'a Row| Group::of(row, clients);
        Self {
            clients,
            rows: rows.iter().map(group).collect(),
        }
    }
}

impl<'a> Group<'a> {
    fn of(row: &'a Row, clients: &'a [String]) -> Self {
        let Row {
            zone,
            hosts,
            cas,
            cells,
        } = row;
        let verdicts = clients.iter().zip(cells).map(|(client, cell)| {
            let Cell {
                per_host,
                account_wide,
            } = cell;
            Verdicts {
                client,
                per_host: word(*per_host),
                account_wide: word(*account_wide),
            }
        });
        Self {
            zone: zone.as_str(),
            hosts: hosts.iter().map(Hostname::as_str).collect(),
            any_other_host: hosts.is_empty(),
            cas,
            cells: verdicts.collect(),
        }
    }
}

fn word(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Always(verdict) => verdict.word(),
        Outcome::Depends => "some",
        Outcome::Unknown => "unknown",
    }
}

impl<'a> Found<'a> {
    fn of(finding: &'a Finding) -> Self {
        let Finding {
            severity,
            kind,
            object,
            sentence,
            details,
            remedy,
            excerpt,
        } = finding;
        Self {
            severity: severity.word(),
            id: kind.id(),
            object,
            sentence,
            details,
            remedy,
            excerpt: excerpt.as_ref().map(Marked::of),
        }
    }
}

impl<'a> Marked<'a> {
    fn of(excerpt: &'a Excerpt) -> Self {
        let Excerpt {
            origin,
            expression,
            mark,
            label,
        } = excerpt;
        Self {
            origin,
            expression,
            start: mark.start,
            end: mark.end,
            label,
        }
    }
}

impl<'a> Taken<'a> {
    fn of(accepted: &'a Accepted) -> Self {
        let Accepted {
            finding,
            acceptance,
        } = accepted;
        Self {
            finding: Found::of(finding),
            reason: &acceptance.reason,
            until: acceptance.until.to_string(),
        }
    }
}

impl<'a> Entry<'a> {
    fn of(acceptance: &'a Acceptance) -> Self {
        let Acceptance {
            finding,
            object,
            reason,
            until,
        } = acceptance;
        Self {
            finding,
            object,
            reason,
            until: until.to_string(),
        }
    }
}

impl<'a> Missing<'a> {
    fn of(unread: &'a Unread) -> Self {
        let Unread {
            what,
            zone,
            permission,
        } = unread;
        Self {
            what: what.to_string(),
            zone: zone.as_ref().map(ZoneName::as_str),
            permission: permission.as_deref(),
        }
    }
}
