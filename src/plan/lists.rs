//! Host lists: which hosts ask for certificates of which CA.
//!
//! A list is replaced as a whole, so every pair that is not ours to decide is carried over as it is.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use crate::desired::Content;
use crate::desired::Desired;
use crate::live::HostList;
use crate::live::Live;
use crate::live::LiveCa;
use crate::live::LiveZone;
use crate::plan::Address;
use crate::plan::CaRef;
use crate::plan::Change;
use crate::plan::Phase;
use crate::plan::Reason;
use crate::plan::Step;
use crate::plan::cas;
use crate::plan::cas::Fate;
use crate::plan::ownership;
use crate::resource::Hostname;
use crate::resource::Issuer;
use crate::resource::Name;
use crate::resource::ZoneName;

/// The lists that change.
pub(super) struct ListChanges {
    pub(super) steps: Vec<(Phase, Step)>,
    /// Each list that was compared, as the plan leaves it.
    pub(super) after: BTreeMap<(ZoneName, CaRef), HostList>,
}

/// One CA as the lists of a zone see it.
struct Column {
    ca: CaRef,
    label: String,
    /// Its name in the file, where it has one.
    declared: Option<Name>,
    /// Whether every host in its lists is ours to decide.
    ours: bool,
    /// Why hosts would be taken from its lists.
    reason: Reason,
}

/// Holds the declared hosts against the lists of every zone that the file speaks for.
pub(super) fn compare(desired: &Desired, live: &Live) -> ListChanges {
    let mut changes = ListChanges {
        steps: Vec::new(),
        after: BTreeMap::new(),
    };
    let columns = columns(desired, live);
    let read = live
        .zones
        .iter()
        .filter(|(name, _)| desired.speaks_for(name));
    for (name, zone) in read {
        let Some(lists) = &zone.lists else { continue };
        let covered = ownership::hosts_in_our_rules(desired, zone);
        for column in &columns {
            let before = match &column.ca {
                CaRef::CloudflareManaged => lists.get(&Issuer::CloudflareManaged),
                CaRef::Known(id) => lists.get(&Issuer::Uploaded(id.clone())),
                CaRef::UploadedBy(_) => None,
            };
            let before = before.cloned().unwrap_or_default();
            let after = after(desired, zone, column, &before, &covered);
            changes.steps.extend(steps(name, column, before, &after));
            changes
                .after
                .insert((name.clone(), column.ca.clone()), after);
        }
    }
    changes
}

/// The managed CA, every uploaded CA of the account, and those that the plan uploads.
fn columns(desired: &Desired, live: &Live) -> Vec<Column> {
    let managed = desired
        .cas
        .iter()
        .find(|(_, ca)| ca.content == Content::CloudflareManaged);
    let mut columns = vec![Column {
        ca: CaRef::CloudflareManaged,
        label: "cloudflare-managed".to_owned(),
        declared: managed.map(|(name, _)| name.clone()),
        ours: false,
        reason: Reason::NotDeclared,
    }];
    let known = live.cas.iter().filter(|ca| ca.is_uploaded_ca());
    columns.extend(known.map(|ca| {
        Column {
            ca: CaRef::Known(ca.id.clone()),
            label: cas::label(desired, ca),
            declared: ca
                .bundle
                .as_ref()
                .and_then(|b| desired.ca_of(b))
                .map(|(name, _)| name.clone()),
            ours: is_ours(desired, ca),
            reason: match cas::fate(desired, ca) {
                Fate::Goes(reason) => reason,
                Fate::Stays | Fate::NotOurs(_) => Reason::NotDeclared,
            },
        }
    }));
    let uploaded = desired.cas.iter().filter(|(_, ca)| match &ca.content {
        Content::Uploaded(bundle) => !ca.is_retired && live.ca_of(bundle).is_none(),
        Content::CloudflareManaged => false,
    });
    columns.extend(uploaded.map(|(name, _)| Column {
        ca: CaRef::UploadedBy(name.clone()),
        label: name.to_string(),
        declared: Some(name.clone()),
        ours: true,
        reason: Reason::NotDeclared,
    }));
    columns
}

fn is_ours(desired: &Desired, ca: &LiveCa) -> bool {
    ca.mark().is_some_and(|mark| desired.is_ours(&mark.owner))
}

/// What is not ours to decide, and what the file declares; a host that is listed already keeps the
/// account's spelling.
fn after(
    desired: &Desired,
    zone: &LiveZone,
    column: &Column,
    before: &HostList,
    covered: &BTreeSet<Hostname>,
) -> HostList {
    let mut missing: BTreeSet<&Hostname> = column
        .declared
        .iter()
        .flat_map(|name| desired.hosts_of(&zone.zone.name, name))
        .collect();
    let declared = missing.clone();
    let mut stays = |listed: &String| match Hostname::parse(listed) {
        Ok(host) if declared.contains(&host) => {
            missing.remove(&host);
            true
        }
        Ok(host) => !column.ours && !desired.hosts.contains_key(&host) && !covered.contains(&host),
        Err(_) => !column.ours,
    };
    let mut list: BTreeSet<String> = before
        .0
        .iter()
        .filter(|listed| stays(listed))
        .cloned()
        .collect();
    list.extend(missing.into_iter().map(ToString::to_string));
    HostList(list)
}

/// Hosts are added before any rule asks for the CA, and taken away after the last rule did.
fn steps(
    zone: &ZoneName,
    column: &Column,
    before: HostList,
    after: &HostList,
) -> Vec<(Phase, Step)> {
    let both = HostList(before.0.union(&after.0).cloned().collect());
    let step = |before: HostList, after: HostList, reason: Reason| Step {
        address: Address::Hosts {
            zone: zone.clone(),
            ca: column.label.clone(),
        },
        change: Change::ReplaceHosts {
            zone: zone.clone(),
            ca: column.ca.clone(),
            before,
            after,
        },
        reason,
    };
    let mut steps = Vec::new();
    if both != before {
        steps.push((
            Phase::Associate,
            step(before, both.clone(), Reason::Missing),
        ));
    }
    if *after != both {
        steps.push((
            Phase::Dissociate,
            step(both, after.clone(), column.reason.clone()),
        ));
    }
    steps
}
