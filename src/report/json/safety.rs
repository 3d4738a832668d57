//! Who changes verdict by a plan, what was looked at, and what is wrong with it.

use schemars::JsonSchema;
use serde::Serialize;

use crate::edge;
use crate::plan::safety;
use crate::plan::safety::Certainty;
use crate::plan::safety::Wrong;
use crate::report::json::address::Address;
use crate::resource::Hostname;

/// What becomes of a request.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Verdict {
    Pass,
    Challenge,
    Block,
}

/// One of the two ways to read when a certificate counts as verified.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Reading {
    /// By the CAs of the very host.
    PerHost,
    /// By any CA of the account.
    AccountWide,
}

/// Requests of one kind of client that end up with another verdict on some hosts.
#[derive(Serialize, JsonSchema)]
pub(super) struct Shift<'a> {
    zone: &'a str,
    hosts: Vec<&'a str>,
    /// Whether it stands for every host of the zone that is named nowhere; `hosts` is empty then.
    any_other_host: bool,
    /// As in *clients of fleet-2026*, without the first word.
    client: String,
    before: Verdict,
    after: Verdict,
    /// A request for which it is so; `null` if it is so for all.
    example: Option<String>,
    /// The only reading under which it is so; `null` if it is so under both.
    only_if: Option<Reading>,
    /// Whether clients without a certificate get in that did not.
    opens: bool,
}

/// What was looked at to know that a plan is safe.
#[derive(Serialize, JsonSchema)]
pub(super) struct Evidence {
    hosts: usize,
    /// Kinds of clients.
    clients: usize,
    states: usize,
}

/// A state that the plan can pass through and must not.
#[derive(Serialize, JsonSchema)]
pub(super) struct Violation<'a> {
    kind: ViolationKind,
    zone: &'a str,
    hosts: Vec<&'a str>,
    /// Whether it stands for every host of the zone that is named nowhere; `hosts` is empty then.
    any_other_host: bool,
    /// The only reading under which it is so; `null` if that makes no difference.
    only_if: Option<Reading>,
    /// The wave that is under way then; `null` if it is so in the end.
    wave: Option<usize>,
    /// The steps of that wave that have taken effect, and no others of it.
    done: Vec<Address<'a>>,
    /// Whether it lets somebody in for a while or leaves an access test failing, which nothing lifts.
    exposes: bool,
    text: String,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum ViolationKind {
    Flicker,
    Gap,
    TestBroken,
    TestFails,
    Unknown,
}

impl Verdict {
    pub(super) fn of(verdict: edge::Verdict) -> Self {
        match verdict {
            edge::Verdict::Pass => Self::Pass,
            edge::Verdict::Challenge => Self::Challenge,
            edge::Verdict::Block => Self::Block,
        }
    }
}

impl Reading {
    pub(super) fn of(reading: edge::Reading) -> Self {
        match reading {
            edge::Reading::PerHost => Self::PerHost,
            edge::Reading::AccountWide => Self::AccountWide,
        }
    }
}

impl<'a> Shift<'a> {
    pub(super) fn of(shift: &'a safety::Shift) -> Self {
        let safety::Shift {
            zone,
            hosts,
            client,
            before,
            after,
            only,
            certainty,
        } = shift;
        Self {
            zone: zone.as_str(),
            hosts: hosts.iter().map(Hostname::as_str).collect(),
            any_other_host: hosts.is_empty(),
            client: client.to_string(),
            before: Verdict::of(*before),
            after: Verdict::of(*after),
            example: only.as_ref().map(ToString::to_string),
            only_if: match certainty {
                Certainty::Certain => None,
                Certainty::Possible(reading) => Some(Reading::of(*reading)),
            },
            opens: *client == edge::Client::None && *after == edge::Verdict::Pass,
        }
    }
}

impl Evidence {
    pub(super) fn of(evidence: &safety::Evidence) -> Self {
        let safety::Evidence {
            hosts,
            clients,
            states,
        } = evidence;
        Self {
            hosts: *hosts,
            clients: *clients,
            states: *states,
        }
    }
}

impl<'a> Violation<'a> {
    pub(super) fn of(violation: &'a safety::Violation) -> Self {
        let safety::Violation {
            zone,
            hosts,
            reading,
            when,
            wrong,
        } = violation;
        let done = when.iter().flat_map(|when| &when.done);
        Self {
            kind: match wrong {
                Wrong::Flicker { .. } => ViolationKind::Flicker,
                Wrong::Gap { .. } => ViolationKind::Gap,
                Wrong::Broken { .. } => ViolationKind::TestBroken,
                Wrong::Failing { .. } => ViolationKind::TestFails,
                Wrong::Unknown { .. } => ViolationKind::Unknown,
            },
            zone: zone.as_str(),
            hosts: hosts.iter().map(Hostname::as_str).collect(),
            any_other_host: hosts.is_empty(),
            only_if: reading.map(Reading::of),
            wave: when.as_ref().map(|when| when.wave + 1),
            done: done.map(Address::of).collect(),
            exposes: violation.exposes(),
            text: violation.to_string(),
        }
    }
}
