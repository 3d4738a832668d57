//! The names that the file declares, for the entries that refer to them.

use std::collections::HashSet;

use crate::config::document::Text;
use crate::config::entry;
use crate::config::entry::Kind;
use crate::config::group::Group;
use crate::config::problem::Problem;
use crate::config::source::Located;
use crate::resource::Hostname;
use crate::resource::Name;
use crate::resource::ZoneName;

/// What entries may refer to.
pub(super) struct Declared<'a> {
    cas: HashSet<&'a Name>,
    groups: HashSet<&'a Name>,
    hosts: HashSet<&'a Hostname>,
    zones: Option<HashSet<&'a ZoneName>>,
    /// Whether a group could not be read, so that its hosts are not known.
    incomplete: bool,
}

impl<'a> Declared<'a> {
    pub(super) fn new(
        cas: &'a [Located<Name>],
        groups: &'a [Located<Name>],
        read: &'a [Group],
        zones: Option<&'a [Located<ZoneName>]>,
    ) -> Self {
        Self {
            cas: cas.iter().map(|ca| &ca.value).collect(),
            groups: groups.iter().map(|group| &group.value).collect(),
            hosts: read
                .iter()
                .flat_map(|group| &group.hosts)
                .map(|host| &host.value)
                .collect(),
            zones: zones.map(|zones| zones.iter().map(|zone| &zone.value).collect()),
            incomplete: read.len() < groups.len(),
        }
    }

    /// Whether no rule can have a host.
    pub(super) fn has_no_group(&self) -> bool {
        self.groups.is_empty()
    }

    /// Whether the file speaks for this zone, as far as it says.
    pub(super) fn lists(&self, zone: &ZoneName) -> bool {
        self.zones.as_ref().is_none_or(|zones| zones.contains(zone))
    }

    /// A host that some group declares.
    pub(super) fn host(
        &self,
        text: &Text,
        problems: &mut Vec<Problem>,
    ) -> Option<Located<Hostname>> {
        let host = entry::host(text, problems)?;
        if !self.hosts.contains(&host.value) && !self.incomplete {
            let known = self.hosts.iter().map(|known| known.as_str());
            entry::undeclared(Kind::Host, host.value.as_str(), host.at, known, problems);
        }
        Some(host)
    }

    /// A declared group.
    pub(super) fn group(&self, text: &Text, problems: &mut Vec<Problem>) -> Option<Located<Name>> {
        Self::declared(Kind::Group, &self.groups, text, problems)
    }

    /// A declared CA.
    pub(super) fn ca(&self, text: &Text, problems: &mut Vec<Problem>) -> Option<Located<Name>> {
        Self::declared(Kind::Ca, &self.cas, text, problems)
    }

    fn declared(
        kind: Kind,
        names: &HashSet<&Name>,
        text: &Text,
        problems: &mut Vec<Problem>,
    ) -> Option<Located<Name>> {
        let name = entry::name(text, problems)?;
        if !names.contains(&name.value) {
            let known = names.iter().map(|known| known.as_str());
            entry::undeclared(kind, name.value.as_str(), name.at, known, problems);
        }
        Some(name)
    }
}
