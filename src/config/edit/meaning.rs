//! What a file says, without where it says it: what has to be the same after an edit, but for the edit.

use std::collections::BTreeSet;

use jiff::civil::Date;

use crate::config::Ca;
use crate::config::CaContent;
use crate::config::Config;
use crate::config::Hostnames;
use crate::config::Member;
use crate::config::Origin;
use crate::config::Response;
use crate::config::edit::Rotation;
use crate::resource::Bundle;
use crate::resource::Hostname;
use crate::resource::KeyId;
use crate::resource::Name;

/// A file's CAs and groups in full, and of the rest what an edit of them could run into.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Meaning {
    head: (Name, Vec<Name>, usize, std::time::Duration),
    zones: Option<Vec<String>>,
    cas: Vec<(Name, Content, Option<Date>)>,
    groups: Vec<(Name, Vec<Name>, Vec<Hostname>)>,
    rules: Vec<Demand>,
    tests: Vec<String>,
    guards: (usize, std::time::Duration, std::time::Duration, usize),
    accepted: usize,
}

/// A rule.
#[derive(Debug, PartialEq, Eq)]
struct Demand {
    name: Name,
    hostnames: Vec<String>,
    action: &'static str,
    pin: bool,
    enabled: bool,
    unless: Option<String>,
    response: Option<Response>,
}

#[derive(Debug, PartialEq, Eq)]
enum Content {
    Managed(BTreeSet<KeyId>),
    Uploaded(Bundle, Origin, Vec<Bundle>),
}

impl Meaning {
    pub(super) fn of(config: &Config) -> Self {
        let groups = config.groups.iter().map(|group| {
            let cas = group.cas.iter().map(|ca| ca.value.clone()).collect();
            let hosts = group.hosts.iter().map(|host| host.value.clone()).collect();
            (group.name.value.clone(), cas, hosts)
        });
        let rules = config.rules.iter().map(|rule| {
            let hostnames = match &rule.hostnames {
                Hostnames::All => Vec::new(),
                Hostnames::Listed(members) => members
                    .iter()
                    .map(|member| match &member.value {
                        Member::Group(name) => name.to_string(),
                        Member::Host(host) => host.to_string(),
                    })
                    .collect(),
            };
            Demand {
                name: rule.name.value.clone(),
                hostnames,
                action: rule.action.as_str(),
                pin: rule.pin,
                enabled: rule.enabled,
                unless: rule.unless.as_ref().map(|unless| unless.value.clone()),
                response: rule.response.clone(),
            }
        });
        let guards = &config.guards;
        Self {
            head: (
                config.owner.clone(),
                config.former_owners.clone(),
                config.quota,
                config.settle,
            ),
            zones: config
                .zones
                .as_ref()
                .map(|zones| zones.iter().map(|zone| zone.value.to_string()).collect()),
            cas: config.cas.iter().map(of_ca).collect(),
            groups: groups.collect(),
            rules: rules.collect(),
            tests: config
                .tests
                .iter()
                .map(|test| test.host.value.to_string())
                .collect(),
            guards: (
                guards.max_deletes,
                guards.min_validity,
                guards.min_overlap,
                guards.may_open.len(),
            ),
            accepted: config.accept.len(),
        }
    }

    /// Does to the meaning what an edit does to the text.
    pub(super) fn rotate(&mut self, rotation: &Rotation, new: &Name, bundle: &Bundle) {
        let Rotation { name, to, retire } = rotation;
        let origin = Origin::File(to.clone());
        let Some(at) = self.cas.iter().position(|(one, _, _)| one == name) else {
            return;
        };
        let Some((_, content, date)) = self.cas.get_mut(at) else {
            return;
        };
        if retire.is_none() {
            if let Content::Uploaded(old, from, _) = content {
                *old = bundle.clone();
                *from = origin;
            }
            return;
        }
        *date = *retire;
        let content = Content::Uploaded(bundle.clone(), origin, Vec::new());
        self.cas.insert(at + 1, (new.clone(), content, None));
        for (_, cas, _) in &mut self.groups {
            if let Some(at) = cas.iter().position(|one| one == name) {
                cas.insert(at + 1, new.clone());
            }
        }
    }
}

fn of_ca(ca: &Ca) -> (Name, Content, Option<Date>) {
    let content = match &ca.content {
        CaContent::CloudflareManaged { key_ids } => Content::Managed(key_ids.clone()),
        CaContent::Uploaded {
            bundle,
            origin,
            issuers,
        } => Content::Uploaded(
            bundle.value.clone(),
            origin.clone(),
            issuers.iter().map(|one| one.value.clone()).collect(),
        ),
    };
    let retire = ca.retire.as_ref().map(|day| day.value);
    (ca.name.value.clone(), content, retire)
}
