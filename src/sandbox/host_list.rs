//! The hostnames associated with one CA in one zone, and what lagging reads still show of earlier
//! lists.

use std::collections::BTreeSet;

use jiff::SignedDuration;
use jiff::Timestamp;
use serde::Deserialize;
use serde::Serialize;

/// A list of hostnames with its recent past.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct HostList {
    hosts: BTreeSet<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    earlier: Vec<Earlier>,
}

/// A list that was replaced, oldest first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Earlier {
    hosts: BTreeSet<String>,
    replaced: Timestamp,
}

impl HostList {
    /// The true list, which writes act on.
    pub(crate) fn hosts(&self) -> &BTreeSet<String> {
        &self.hosts
    }

    /// Replaces the list; reads go on showing the old one for `lag`.
    pub(crate) fn replace(&mut self, hosts: BTreeSet<String>, now: Timestamp, lag: SignedDuration) {
        let before = std::mem::replace(&mut self.hosts, hosts);
        self.earlier
            .retain(|earlier| is_recent(earlier.replaced, now, lag));
        if lag > SignedDuration::ZERO {
            self.earlier.push(Earlier {
                hosts: before,
                replaced: now,
            });
        }
    }

    /// What a read shows: the list as it was `lag` ago.
    pub(crate) fn seen(&self, now: Timestamp, lag: SignedDuration) -> &BTreeSet<String> {
        let stale = self
            .earlier
            .iter()
            .find(|earlier| is_recent(earlier.replaced, now, lag));
        stale.map_or(&self.hosts, |earlier| &earlier.hosts)
    }

    /// Whether nothing is left to remember.
    pub(crate) fn is_forgettable(&self) -> bool {
        self.hosts.is_empty() && self.earlier.is_empty()
    }
}

/// Whether what happened at `then` is less than `lag` ago.
pub(crate) fn is_recent(then: Timestamp, now: Timestamp, lag: SignedDuration) -> bool {
    now.duration_since(then) < lag
}
