//! What is wrong with the mTLS of a live account, whoever made it, and who gets in where.
//!
//! [`audit()`] takes what was read of an account and gives a coverage matrix (host × client → verdict), and
//! findings. It needs no file. A finding is about one object and has a [`Kind`], whose id never changes.
//! What was not read is not guessed: it is listed as *not looked at*, and a zone of which rules or host
//! lists are missing is not in the matrix.

mod accept;
mod admission;
mod beside;
mod cas;
mod case;
mod coverage;
mod expected;
mod finding;
mod hosts;
mod rules;
mod spelling;

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use jiff::SignedDuration;
use jiff::Timestamp;

use crate::edge;
use crate::edge::AccessTest;
use crate::live::Live;
use crate::live::Neighbours;
use crate::live::Unread;
use crate::resource::AccountId;
use crate::resource::Bundle;
use crate::resource::CaId;
use crate::resource::Certificate;
use crate::resource::KeyId;
use crate::resource::ZoneName;

pub use accept::Acceptance;
pub use accept::Accepted;
pub use coverage::Cell;
pub use coverage::Coverage;
pub use coverage::Outcome;
pub use coverage::Row;
pub use finding::Excerpt;
pub use finding::Finding;
pub use finding::Kind;
pub use finding::Severity;

/// What was read of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    /// Its CAs, and the zones with their rules and host lists.
    pub live: Live,
    /// What stands beside the custom rules.
    pub neighbours: Neighbours,
    /// The services that use each uploaded CA without hosts; CAs that were not asked about are absent.
    pub services: BTreeMap<CaId, BTreeSet<String>>,
    /// What was not read.
    pub unread: Vec<Unread>,
}

/// What an audit judges by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standard {
    /// The moment that dates are judged by.
    pub at: Timestamp,
    /// How many CAs the account may hold.
    pub quota: usize,
    /// A CA that ends sooner than this is reported.
    pub min_validity: SignedDuration,
    /// Findings that are taken as they are.
    pub accept: Vec<Acceptance>,
    /// What must become of some requests.
    pub tests: Vec<AccessTest>,
    /// Intermediates below CAs that are not in the account, if somebody has told of them.
    pub issuers: Vec<(Bundle, Vec<Certificate>)>,
    /// The key ids of the CA that Cloudflare runs, if somebody has told them.
    pub managed_key_ids: BTreeSet<KeyId>,
}

/// What an audit came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Audit {
    /// Which account.
    pub account: AccountId,
    /// As of when.
    pub at: Timestamp,
    /// The zones that were looked at.
    pub zones: Vec<ZoneName>,
    /// Who gets in where.
    pub coverage: Coverage,
    /// The findings, the worst first, then by kind and object.
    pub findings: Vec<Finding>,
    /// Findings that the file takes as they are.
    pub accepted: Vec<Accepted>,
    /// Acceptances that fit no finding, or whose day has come.
    pub idle: Vec<Acceptance>,
    /// What was not looked at.
    pub unread: Vec<Unread>,
}

/// Audits what was read of an account.
#[must_use]
pub fn audit(subject: &Subject, standard: &Standard) -> Audit {
    let mut state = subject.live.state(standard.at);
    state.managed_key_ids.clone_from(&standard.managed_key_ids);
    for (bundle, issuers) in &standard.issuers {
        state.note_issuers(bundle, issuers);
    }
    let clients = edge::clients([&state]);
    let cases = case::cases(&state, &clients, subject);
    let mut findings = cas::findings(subject, standard);
    findings.extend(cases.iter().flat_map(|case| hosts::findings(case, &state)));
    findings.extend(rules::findings(subject, &state));
    findings.extend(beside::findings(subject, &cases));
    findings.extend(expected::findings(subject, &state, &standard.tests));
    findings.sort_by(|one, other| {
        let order = |finding: &Finding| (finding.kind, finding.object.clone());
        (other.severity.cmp(&one.severity)).then_with(|| order(one).cmp(&order(other)))
    });
    let (findings, accepted, idle) = accept::sort_out(findings, standard);
    let zones = subject.live.zones.values();
    let zones = zones.filter(|zone| zone.rules.is_some() || zone.lists.is_some());
    Audit {
        account: subject.live.account.clone(),
        at: standard.at,
        zones: zones.map(|zone| zone.zone.name.clone()).collect(),
        coverage: Coverage::of(&cases, &clients, &state),
        findings,
        accepted,
        idle,
        unread: subject.unread.clone(),
    }
}
