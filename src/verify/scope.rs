//! What is expected: a state of the account, the hosts that are looked at, and the access tests.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::desired::Content;
use crate::desired::Desired;
use crate::edge::AccessTest;
use crate::edge::Ca;
use crate::edge::State;
use crate::plan;
use crate::plan::alone;
use crate::resource::Hostname;
use crate::resource::ZoneName;

/// What the hosts are held against.
#[derive(Debug, Clone)]
pub struct Scope {
    /// The account as it should be.
    pub state: State,
    /// The hosts, with their zones.
    pub hosts: BTreeMap<Hostname, ZoneName>,
    /// What must become of some requests.
    pub tests: Vec<AccessTest>,
    /// CAs whose clients are told apart, be they in the account or not.
    pub cas: Vec<Ca>,
    /// The statuses besides 403 with which rules turn requests to a host away.
    pub responses: BTreeMap<Hostname, BTreeSet<u16>>,
}

/// A host that is not among those that are expected to be something.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the file declares no host {0}")]
pub struct UnknownHost(pub Hostname);

impl Scope {
    /// The file alone: the account as if it held exactly what the file says, and nothing of anybody else.
    #[must_use]
    pub fn of_file(desired: &Desired, at: Timestamp) -> Self {
        Self::of(alone::state(desired, at), desired, at)
    }

    /// The hosts of a file, held against any state, such as the one that a plan leads to.
    #[must_use]
    pub fn of(state: State, desired: &Desired, at: Timestamp) -> Self {
        let hosts = desired.hosts.iter();
        let tests = desired.tests.iter();
        let cas = desired.cas.iter().filter_map(|(name, ca)| {
            let Content::Uploaded(bundle) = &ca.content else {
                return None;
            };
            Some(Ca::new(name.as_str(), bundle, at).with_issuers(ca.issuers.clone()))
        });
        Self {
            state,
            hosts: hosts
                .map(|(name, host)| (name.clone(), host.zone.clone()))
                .collect(),
            tests: tests
                .map(|test| plan::access_test(test, &desired.file, at))
                .collect(),
            cas: cas.collect(),
            responses: responses(desired),
        }
    }

    /// The same, with one more status with which a rule of a zone turns requests away. Which of its hosts the rule is
    /// for is not asked.
    #[must_use]
    pub fn blocking_with(mut self, zone: &ZoneName, status: u16) -> Self {
        for (host, _) in self.hosts.iter().filter(|(_, there)| *there == zone) {
            self.responses
                .entry(host.clone())
                .or_default()
                .insert(status);
        }
        self
    }

    /// The same, for some of the hosts only.
    ///
    /// # Errors
    /// One that is not among them.
    pub fn only(mut self, hosts: &[Hostname]) -> Result<Self, UnknownHost> {
        if let Some(unknown) = hosts.iter().find(|host| !self.hosts.contains_key(host)) {
            return Err(UnknownHost(unknown.clone()));
        }
        self.hosts.retain(|host, _| hosts.contains(host));
        self.tests.retain(|test| hosts.contains(&test.host));
        Ok(self)
    }
}

/// The statuses of the answers that enabled block rules of the file give, by host.
fn responses(desired: &Desired) -> BTreeMap<Hostname, BTreeSet<u16>> {
    let mut responses: BTreeMap<Hostname, BTreeSet<u16>> = BTreeMap::new();
    for rule in desired.rules.iter().filter(|rule| rule.enabled) {
        let status = rule.parameters.pointer("/response/status_code");
        let Some(status) = status.and_then(serde_json::Value::as_u64) else {
            continue;
        };
        let hosts = rule.zones.values().flat_map(|zone| zone.hosts.keys());
        for host in hosts {
            let of_host = responses.entry(host.clone()).or_default();
            of_host.extend(u16::try_from(status).ok());
        }
    }
    responses
}
