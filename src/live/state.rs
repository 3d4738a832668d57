//! The account as the edge sees it.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::edge;
use crate::edge::Authority;
use crate::edge::Rule;
use crate::edge::State;
use crate::edge::ZoneState;
use crate::live::Live;
use crate::live::LiveCa;
use crate::live::LiveZone;
use crate::live::Rules;
use crate::resource::CaId;
use crate::resource::Hostname;
use crate::resource::Issuer;
use crate::resource::ZoneName;

impl LiveCa {
    /// The CA as the edge knows it; `None` for what is no uploaded CA.
    #[must_use]
    pub fn authority(&self) -> Option<Authority> {
        self.is_uploaded_ca().then(|| match &self.bundle {
            Some(bundle) => Authority::of(bundle),
            None => Authority::Unreadable(self.id.clone()),
        })
    }

    fn at_edge(&self, at: Timestamp) -> edge::Ca {
        let name = match self.mark() {
            Some(mark) => mark.name.to_string(),
            None => self.label().to_owned(),
        };
        match &self.bundle {
            Some(bundle) => edge::Ca::new(name, bundle, at),
            None => edge::Ca::unreadable(name),
        }
    }
}

impl Live {
    /// The account as the edge sees it, with the validity of its CAs judged at a moment. Zones whose rules
    /// or host lists were not read are left out, since nothing can be said of them.
    #[must_use]
    pub fn state(&self, at: Timestamp) -> State {
        let authorities: BTreeMap<&CaId, Authority> = self
            .cas
            .iter()
            .filter_map(|ca| Some((&ca.id, ca.authority()?)))
            .collect();
        let cas = self
            .cas
            .iter()
            .filter_map(|ca| Some((authorities.get(&ca.id)?.clone(), ca.at_edge(at))));
        let zones = self
            .zones
            .iter()
            .filter_map(|(name, zone)| Some((name.clone(), zone.at_edge(&authorities)?)));
        State {
            cas: cas.collect(),
            managed_key_ids: BTreeSet::new(),
            zones: zones.collect::<BTreeMap<ZoneName, ZoneState>>(),
        }
    }
}

impl LiveZone {
    fn at_edge(&self, authorities: &BTreeMap<&CaId, Authority>) -> Option<ZoneState> {
        let rules = self.rules.as_ref().map(Rules::as_slice)?;
        let mut hosts: BTreeMap<Hostname, BTreeSet<Authority>> = BTreeMap::new();
        for (issuer, list) in self.lists.as_ref()? {
            let authority = match issuer {
                Issuer::CloudflareManaged => Authority::Managed,
                Issuer::Uploaded(id) => authorities
                    .get(id)
                    .cloned()
                    .unwrap_or_else(|| Authority::Unreadable(id.clone())),
            };
            // What a wildcard or a host of another zone does here is not documented.
            let listed = list.0.iter().filter_map(|one| Hostname::parse(one).ok());
            for host in listed.filter(|host| self.zone.name.contains(host)) {
                hosts.entry(host).or_default().insert(authority.clone());
            }
        }
        Some(ZoneState {
            rules: rules
                .iter()
                .map(|rule| Rule::of(rule, &self.deployed))
                .collect(),
            hosts,
        })
    }
}
