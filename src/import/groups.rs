//! Groups: the hosts that ask for certificates of the same CAs.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use crate::config::CLOUDFLARE_MANAGED;
use crate::import::ground::Ground;
use crate::import::naming::Names;
use crate::resource::Hostname;
use crate::resource::Name;

/// A group of the file.
#[derive(Debug)]
pub(super) struct Group {
    /// What the file calls it.
    pub(super) name: Name,
    /// The CAs, by their names in the file.
    pub(super) cas: Vec<String>,
    /// The hosts.
    pub(super) hosts: BTreeSet<Hostname>,
}

/// The groups, in the order of their CAs.
pub(super) fn groups(ground: &Ground<'_>) -> Vec<Group> {
    let mut by_cas: BTreeMap<Vec<String>, BTreeSet<Hostname>> = BTreeMap::new();
    for (host, declared) in &ground.hosts {
        let managed = declared.is_managed.then(|| CLOUDFLARE_MANAGED.to_owned());
        let cas = declared.cas.iter().map(ToString::to_string).chain(managed);
        by_cas
            .entry(cas.collect())
            .or_default()
            .insert(host.clone());
    }
    let mut names = Names::default();
    let groups = by_cas.into_iter().map(|(cas, hosts)| Group {
        // The managed CA alone has a name that is taken.
        name: match cas.as_slice() {
            [only] if only == CLOUDFLARE_MANAGED => names.like("managed", "hosts"),
            cas => names.like(&cas.join("-"), "hosts"),
        },
        cas,
        hosts,
    });
    groups.collect()
}
