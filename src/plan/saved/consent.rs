//! What a plan was allowed to do, as it is written down.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde::Serialize;

use crate::plan::Allowed;
use crate::plan::Consent;
use crate::resource::Hostname;
use crate::resource::Name;

/// The consent that was given with a plan; fields are called as the flags are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ConsentThen {
    allow_interruption: BTreeSet<String>,
    allow_open: BTreeSet<String>,
    allow_changed_hosts: Option<usize>,
    allow_deletes: Option<usize>,
    allow_expiring: BTreeSet<String>,
    allow_side_effect: BTreeSet<String>,
    allow_short_overlap: BTreeSet<String>,
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
            allow_interruption: hosts(interruptions),
            allow_open: hosts(opened),
            allow_changed_hosts: *changed_hosts,
            allow_deletes: *deletes,
            allow_expiring: expiring.iter().map(Name::to_string).collect(),
            allow_side_effect: hosts(side_effects),
            allow_short_overlap: cas.clone(),
        }
    }

    /// The consent again; `None` where a name in it is none.
    pub(super) fn read(&self) -> Option<(Consent, Allowed)> {
        let Self {
            allow_interruption,
            allow_open,
            allow_changed_hosts,
            allow_deletes,
            allow_expiring,
            allow_side_effect,
            allow_short_overlap,
        } = self;
        let hosts = |hosts: &BTreeSet<String>| {
            let hosts = hosts.iter().map(|host| Hostname::parse(host).ok());
            hosts.collect::<Option<BTreeSet<Hostname>>>()
        };
        let expiring = allow_expiring.iter().map(|name| Name::parse(name).ok());
        let consent = Consent {
            interruptions: hosts(allow_interruption)?,
            deletes: *allow_deletes,
            changed_hosts: *allow_changed_hosts,
            expiring: expiring.collect::<Option<BTreeSet<Name>>>()?,
            opened: hosts(allow_open)?,
            side_effects: hosts(allow_side_effect)?,
        };
        let allowed = Allowed {
            cas: allow_short_overlap.clone(),
        };
        Some((consent, allowed))
    }
}
