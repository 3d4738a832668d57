//! What the edge would know of an account: a neutral state, whether it is live, desired, or in between.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use crate::edge::Asks;
use crate::edge::Authority;
use crate::edge::Ca;
use crate::edge::Rule;
use crate::resource::Hostname;
use crate::resource::KeyId;
use crate::resource::ZoneName;

/// An account as the edge sees it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct State {
    /// The uploaded CAs.
    pub cas: BTreeMap<Authority, Ca>,
    /// The key ids of the CA that Cloudflare runs; empty where nobody has told them.
    pub managed_key_ids: BTreeSet<KeyId>,
    /// The zones that were read.
    pub zones: BTreeMap<ZoneName, ZoneState>,
}

/// A zone as the edge sees it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ZoneState {
    /// Its custom rules, in the order in which they are evaluated.
    pub rules: Vec<Rule>,
    /// The CAs of each host that has any.
    pub hosts: BTreeMap<Hostname, BTreeSet<Authority>>,
}

impl State {
    /// What a host with these CAs asks for; none makes a host that does not ask.
    #[must_use]
    pub fn asks(&self, authorities: &BTreeSet<Authority>) -> Asks {
        Asks::of(authorities, self.cas.iter())
    }
}
