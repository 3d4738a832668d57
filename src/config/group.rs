//! The groups of the file: which hosts ask for certificates of which CAs.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::collections::HashMap;

use jiff::civil::Date;

use crate::config::ca::Ca;
use crate::config::document::GroupEntry;
use crate::config::document::List;
use crate::config::entry;
use crate::config::entry::Kind;
use crate::config::problem::Fault;
use crate::config::problem::Problem;
use crate::config::source::Located;
use crate::config::source::Span;
use crate::config::source::place;
use crate::resource::Hostname;
use crate::resource::Name;
use crate::resource::ZoneName;

/// Hosts that accept the same CAs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// What rules call it.
    pub name: Located<Name>,
    /// Names of declared CAs, each once, in file order; never empty.
    pub cas: Vec<Located<Name>>,
    /// Each once, in file order; never empty. No other group has them.
    pub hosts: Vec<Located<Hostname>>,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
enum GroupFault {
    #[error("`{key}` is an empty list")]
    EmptyList {
        key: &'static str,
        help: &'static str,
    },
    #[error("host `{host}` is claimed by two groups, `{first}` and `{second}`")]
    TwoGroups {
        host: Hostname,
        first: Name,
        second: Name,
    },
    #[error("host `{host}` is in none of the listed zones")]
    OutsideZones { host: Hostname },
    #[error("from {date} on, group `{group}` has no CA left")]
    NoCaLeft { group: Name, date: Date },
    #[error("CA `{ca}` is in no group")]
    UnusedCa { ca: Name },
}

impl Fault for GroupFault {
    fn help(&self) -> Option<String> {
        Some(match self {
            Self::EmptyList { help, .. } => (*help).into(),
            Self::TwoGroups { .. } => {
                "keep it in one group; a group may name several CAs".into()
            }
            Self::OutsideZones { .. } => {
                "correct the host, or add its zone to `zones`".into()
            }
            Self::NoCaLeft { .. } => {
                "add the CA that succeeds it to the group, or move the date: a host without a CA locks out every client".into()
            }
            Self::UnusedCa { .. } => {
                "add it to a group, remove it, or give it a `retire` date: each CA takes a slot of the quota".into()
            }
        })
    }
}

/// Reads the groups. The names of all entries are given too, so that a faulty group is not reported as
/// undeclared as well.
pub(super) fn read(
    entries: Option<List<GroupEntry>>,
    cas: &[Located<Name>],
    problems: &mut Vec<Problem>,
) -> (Vec<Group>, Vec<Located<Name>>) {
    let declared: BTreeSet<&Name> = cas.iter().map(|ca| &ca.value).collect();
    let (mut groups, mut names) = (Vec::new(), Vec::new());
    for entry in entries.into_iter().flat_map(|entries| entries.value) {
        let at = place(&entry);
        let entry = entry.value;
        let name = entry::required(
            entry.name.as_ref(),
            "name",
            "name: public-api",
            at,
            problems,
        )
        .and_then(|name| entry::name(name, problems));
        names.extend(name.clone());
        let cas = entry::required(entry.cas, "cas", "cas: [fleet-2026]", at, problems)
            .and_then(|listed| non_empty(listed, "cas", "name a CA of `cas`", problems))
            .map(|listed| read_cas(&listed, &declared, problems));
        let hosts = entry::required(
            entry.hosts,
            "hosts",
            "hosts: [api.example.com]",
            at,
            problems,
        )
        .and_then(|listed| {
            let help = "name a host, or remove the group";
            non_empty(listed, "hosts", help, problems)
        })
        .map(|listed| read_hosts(&listed, problems));
        if let (Some(name), Some(cas), Some(hosts)) = (name, cas, hosts) {
            groups.push(Group { name, cas, hosts });
        }
    }
    entry::unique(Kind::Group, &names, problems);
    report_two_groups(&groups, problems);
    (groups, names)
}

fn non_empty(
    list: List<String>,
    key: &'static str,
    help: &'static str,
    problems: &mut Vec<Problem>,
) -> Option<List<String>> {
    if list.value.is_empty() {
        let fault = GroupFault::EmptyList { key, help };
        problems.push(Problem::error(place(&list), fault));
        return None;
    }
    Some(list)
}

fn read_cas(
    listed: &List<String>,
    declared: &BTreeSet<&Name>,
    problems: &mut Vec<Problem>,
) -> Vec<Located<Name>> {
    let mut cas = Vec::new();
    for text in &listed.value {
        let Some(ca) = entry::name(text, problems) else {
            continue;
        };
        if !declared.contains(&ca.value) {
            let known = declared.iter().map(|known| known.as_str());
            entry::undeclared(Kind::Ca, ca.value.as_str(), ca.at, known, problems);
        }
        cas.push(ca);
    }
    entry::distinct(cas, problems)
}

fn read_hosts(listed: &List<String>, problems: &mut Vec<Problem>) -> Vec<Located<Hostname>> {
    let hosts = listed
        .value
        .iter()
        .filter_map(|text| entry::host(text, problems))
        .collect();
    entry::distinct(hosts, problems)
}

fn report_two_groups(groups: &[Group], problems: &mut Vec<Problem>) {
    let mut claimed: HashMap<&Hostname, (&Name, Span)> = HashMap::new();
    for group in groups {
        for host in &group.hosts {
            let Some((first, at)) = claimed.get(&host.value) else {
                claimed.insert(&host.value, (&group.name.value, host.at));
                continue;
            };
            let fault = GroupFault::TwoGroups {
                host: host.value.clone(),
                first: (*first).clone(),
                second: group.name.value.clone(),
            };
            problems.push(Problem::error(host.at, fault).related(*at, "claimed here first"));
        }
    }
}

/// Reports the hosts that lie in none of the listed zones.
pub(super) fn report_outside_zones(
    groups: &[Group],
    zones: &[Located<ZoneName>],
    problems: &mut Vec<Problem>,
) {
    let listed: BTreeSet<&str> = zones.iter().map(|zone| zone.value.as_str()).collect();
    for host in groups.iter().flat_map(|group| &group.hosts) {
        if !is_within(&host.value, &listed) {
            let fault = GroupFault::OutsideZones {
                host: host.value.clone(),
            };
            problems.push(Problem::error(host.at, fault));
        }
    }
}

/// Looks each suffix up, so that many hosts and many zones take no long time.
fn is_within(host: &Hostname, zones: &BTreeSet<&str>) -> bool {
    let suffixes = std::iter::successors(Some(host.as_str()), |name| {
        name.split_once('.').map(|(_, rest)| rest)
    });
    suffixes.into_iter().any(|suffix| zones.contains(suffix))
}

/// Reports the groups that dates would leave without CAs.
pub(super) fn report_no_ca_left(groups: &[Group], cas: &[Ca], problems: &mut Vec<Problem>) {
    let known: BTreeMap<&Name, &Ca> = cas.iter().map(|ca| (&ca.name.value, ca)).collect();
    for group in groups {
        // `None` as soon as one CA stays.
        let dates: Option<Vec<&Located<Date>>> = group
            .cas
            .iter()
            .map(|ca| known.get(&ca.value)?.retire.as_ref())
            .collect();
        let last = dates.and_then(|dates| dates.into_iter().max_by_key(|date| date.value));
        if let Some(last) = last {
            let fault = GroupFault::NoCaLeft {
                group: group.name.value.clone(),
                date: last.value,
            };
            problems.push(Problem::error(last.at, fault).related(group.name.at, "this group"));
        }
    }
}

/// Warns of CAs that no group names. A `retire` date alone is of use: it consents to deleting a CA that
/// was adopted.
pub(super) fn report_unused_cas(groups: &[Group], cas: &[Ca], problems: &mut Vec<Problem>) {
    let used: BTreeSet<&Name> = groups
        .iter()
        .flat_map(|group| &group.cas)
        .map(|ca| &ca.value)
        .collect();
    for ca in cas {
        if ca.retire.is_none() && !used.contains(&ca.name.value) {
            let fault = GroupFault::UnusedCa {
                ca: ca.name.value.clone(),
            };
            problems.push(Problem::warning(ca.name.at, fault));
        }
    }
}
