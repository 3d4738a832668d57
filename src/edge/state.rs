//! What the edge would know of an account: a neutral state, whether it is live, desired, or in between.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use crate::edge::Asks;
use crate::edge::Authority;
use crate::edge::Ca;
use crate::edge::Rule;
use crate::resource::Bundle;
use crate::resource::Certificate;
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
    /// The names of some of its CAs.
    #[must_use]
    pub fn names(&self, authorities: &BTreeSet<Authority>) -> Vec<String> {
        let names = authorities.iter().map(|authority| match authority {
            Authority::Managed => "cloudflare-managed".to_owned(),
            other => match self.cas.get(other) {
                Some(ca) => ca.name.clone(),
                None => "a CA that is gone".to_owned(),
            },
        });
        let mut names: Vec<String> = names.collect();
        names.sort();
        names
    }

    /// Takes note of intermediates below a CA that are not in the account.
    pub fn note_issuers(&mut self, bundle: &Bundle, issuers: &[Certificate]) {
        if let Some(ca) = self.cas.get_mut(&Authority::of(bundle)) {
            ca.issuers = issuers.to_vec();
        }
    }

    /// What a host with these CAs asks for; none makes a host that does not ask.
    #[must_use]
    pub fn asks(&self, authorities: &BTreeSet<Authority>) -> Asks {
        Asks::of(authorities, self.cas.iter())
    }
}
