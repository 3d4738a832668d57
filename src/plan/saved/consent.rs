//! What a plan was allowed to do, as it is written down.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde::Serialize;

use crate::plan::Allowed;
use crate::plan::Consent;
use crate::resource::Hostname;
use crate::resource::Name;

/// The consent that was given with a plan; fields are called as the `--allow` flags are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ConsentThen {
    interruption: BTreeSet<String>,
    open: BTreeSet<String>,
    changed_hosts: Option<usize>,
    deletes: Option<usize>,
    expiring: BTreeSet<String>,
    side_effect: BTreeSet<String>,
    short_overlap: BTreeSet<String>,
}

impl ConsentThen {
    pub(super) fn of(consent: &Consent, allowed: &Allowed) -> Self {
        let Consent {
            interruptions,
            deletes,
            changed_hosts,
            expiring,
            opened,
            side_effects,
        } = consent;
        let Allowed { cas } = allowed;
        let hosts = |hosts: &BTreeSet<Hostname>| hosts.iter().map(Hostname::to_string).collect();
        Self {
            interruption: hosts(interruptions),
            open: hosts(opened),
            changed_hosts: *changed_hosts,
            deletes: *deletes,
            expiring: expiring.iter().map(Name::to_string).collect(),
            side_effect: hosts(side_effects),
            short_overlap: cas.clone(),
        }
    }

    /// The consent again; `None` where a name in it is none.
    pub(super) fn read(&self) -> Option<(Consent, Allowed)> {
        let Self {
            interruption,
            open,
            changed_hosts,
            deletes,
            expiring,
            side_effect,
            short_overlap,
        } = self;
        let hosts = |hosts: &BTreeSet<String>| {
            let hosts = hosts.iter().map(|host| Hostname::parse(host).ok());
            hosts.collect::<Option<BTreeSet<Hostname>>>()
        };
        let expiring = expiring.iter().map(|name| Name::parse(name).ok());
        let consent = Consent {
            interruptions: hosts(interruption)?,
            deletes: *deletes,
            changed_hosts: *changed_hosts,
            expiring: expiring.collect::<Option<BTreeSet<Name>>>()?,
            opened: hosts(open)?,
            side_effects: hosts(side_effect)?,
        };
        let allowed = Allowed {
            cas: short_overlap.clone(),
        };
        Some((consent, allowed))
    }
}
