//! What planning the file has shown: what cannot be declared, or not in that way, without changing something.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use crate::resource::Hostname;
use crate::resource::ZoneName;

/// What cannot be declared, each with the reason.
#[derive(Debug, Clone, Default)]
pub(super) struct Setbacks {
    /// Hosts.
    pub(super) hosts: BTreeMap<Hostname, String>,
    /// Live rules, by zone and `ref`.
    pub(super) rules: BTreeMap<(ZoneName, String), String>,
    /// Live rules with our mark that the file has to adopt all the same, since planning would rewrite them.
    pub(super) adopted: BTreeSet<(ZoneName, String)>,
}

impl Setbacks {
    /// How many there are: every round of planning has to add one.
    pub(super) fn len(&self) -> usize {
        self.hosts.len() + self.rules.len() + self.adopted.len()
    }
}
