//! Faults: what the sandbox does to calls on purpose, so that a client can be seen to survive it.
//!
//! A [`Fault`] says which calls it concerns, when it acts and what happens then. It is written as a
//! [`FaultEntry`], in a file or as arguments. [`Faults`] are armed and count; which of them act on a call is
//! a pure question to them. What becomes of the call is in `exchange`; the network's part of it is the server's.

mod armed;
mod call;
mod endpoint;
mod entry;
mod exchange;
mod file;
mod foreign;
mod kind;
mod length;
mod past;
mod writer;

use std::fmt;

use serde::Deserialize;
use serde::Serialize;

use crate::resource::ZoneName;
use crate::sandbox::fault::call::Call;
use crate::sandbox::fault::endpoint::ANY;
use crate::sandbox::fault::kind::Kind;

pub use armed::Armed;
pub use armed::Faults;
pub use endpoint::Endpoint;
pub use endpoint::UnknownEndpoint;
pub use entry::FaultEntry;
pub(crate) use exchange::Acted;
pub(crate) use exchange::Delivery;
pub(crate) use exchange::Desk;
pub(crate) use exchange::Exchange;
pub(crate) use exchange::exchange;
pub use file::InvalidFaultFile;
pub use file::parse_faults;
pub(crate) use past::Past;

/// Something that goes wrong, checked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "FaultEntry", into = "FaultEntry")]
pub struct Fault {
    entry: FaultEntry,
    /// Empty for every endpoint.
    on: Vec<Endpoint>,
    kind: Kind,
}

/// A fault that makes no sense.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", problems.join("; "))]
pub struct InvalidFault {
    /// Everything that is wrong with it.
    pub problems: Vec<String>,
}

impl Fault {
    /// The fault that an entry means.
    ///
    /// # Errors
    /// Everything that is wrong with it.
    pub fn check(mut entry: FaultEntry) -> Result<Self, InvalidFault> {
        let mut problems = Vec::new();
        let mut on = Vec::new();
        for name in entry.on.iter().filter(|name| *name != ANY) {
            match name.parse::<Endpoint>() {
                Ok(endpoint) => on.push(endpoint),
                Err(unknown) => problems.push(unknown.to_string()),
            }
        }
        if entry.on.iter().any(|name| name == ANY) {
            on.clear();
        } else if entry.on.is_empty() {
            problems.push(format!("`on` is missing: name endpoints, or `{ANY}`"));
        }
        match entry.zone.as_deref().map(ZoneName::parse) {
            Some(Ok(zone)) => entry.zone = Some(zone.to_string()),
            Some(Err(error)) => problems.push(error.to_string()),
            None => {}
        }
        problems.extend(timing(&entry));
        match Kind::of(&entry) {
            Err(wrong) => problems.extend(wrong),
            Ok(kind) => {
                problems.extend(on.iter().filter_map(|endpoint| misfit(&kind, *endpoint)));
                if problems.is_empty() {
                    return Ok(Self { entry, on, kind });
                }
            }
        }
        Err(InvalidFault { problems })
    }

    /// How it is written.
    #[must_use]
    pub fn entry(&self) -> &FaultEntry {
        &self.entry
    }

    pub(crate) fn kind(&self) -> &Kind {
        &self.kind
    }

    /// The names of the kinds, such as `latency`.
    pub fn kinds() -> impl Iterator<Item = &'static str> {
        kind::names()
    }

    /// Whether a call is one that it can act on.
    fn concerns(&self, call: &Call) -> bool {
        let is_named = self.on.is_empty()
            || call
                .endpoint
                .is_some_and(|endpoint| self.on.contains(&endpoint));
        let is_there = self.entry.zone.is_none() || self.entry.zone == call.zone_name;
        is_named && is_there && self.kind.fits(call)
    }
}

impl fmt::Display for Fault {
    /// One line of YAML, which can stand in a file of faults.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.entry.fmt(f)
    }
}

impl TryFrom<FaultEntry> for Fault {
    type Error = InvalidFault;

    fn try_from(entry: FaultEntry) -> Result<Self, InvalidFault> {
        Self::check(entry)
    }
}

impl From<Fault> for FaultEntry {
    fn from(fault: Fault) -> Self {
        fault.entry
    }
}

/// What is wrong with when it acts.
fn timing(entry: &FaultEntry) -> Vec<String> {
    let mut problems = Vec::new();
    if entry
        .chance
        .is_some_and(|chance| !(chance > 0.0 && chance <= 1.0))
    {
        problems.push("`chance` is a number above 0 and at most 1, such as 0.2".to_owned());
    }
    if entry.seed.is_some() && entry.chance.is_none() {
        problems.push("`seed` means nothing without `chance`".to_owned());
    }
    if entry.times == Some(0) {
        problems.push("`times: 0` never acts; leave the fault out".to_owned());
    }
    if entry.times.is_some() && entry.fault == "revoked-permission" {
        problems.push("`times` means nothing here; what is revoked stays revoked".to_owned());
    }
    problems
}

/// Why a kind never acts on calls to an endpoint.
fn misfit(kind: &Kind, endpoint: Endpoint) -> Option<String> {
    if !kind.suits(endpoint.is_read()) {
        let what = if endpoint.is_read() { "read" } else { "write" };
        return Some(format!("{endpoint} is a {what}, on which it never acts"));
    }
    match kind {
        Kind::ForeignWriter { change, .. } => change.lacks(endpoint),
        _ => None,
    }
}
