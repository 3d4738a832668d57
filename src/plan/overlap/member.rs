//! A desired state in which CAs stay that the file has sent away.

use std::collections::BTreeSet;

use crate::desired::Accepts;
use crate::desired::Ca;
use crate::desired::Content;
use crate::desired::Desired;
use crate::desired::Host;
use crate::resource::Bundle;
use crate::resource::CaMark;
use crate::resource::Hostname;
use crate::resource::KeyId;
use crate::resource::Name;

/// Gives a declared CA the content that it has in the account.
pub(super) fn put_back(desired: &mut Desired, name: &Name, content: &Bundle) {
    if let Some(ca) = desired.cas.get_mut(name) {
        let below = ca.issuers.iter().filter_map(|one| one.key_id().cloned());
        ca.pins = content.key_ids().into_iter().chain(below).collect();
        ca.content = Content::Uploaded(content.clone());
    }
}

/// Declares a CA that has left the file, under a name that no other has.
pub(super) fn declare(desired: &mut Desired, mark: &CaMark, content: &Bundle) -> Option<Name> {
    const ROOM: usize = 50;
    let stem: String = mark.name.as_str().chars().take(ROOM).collect();
    let names = (1..1000).map(|n| match n {
        1 => format!("{stem}-{}", mark.digest),
        n => format!("{stem}-{}-{n}", mark.digest),
    });
    let mut names = names.filter_map(|name| Name::parse(&name).ok());
    let name = names.find(|name| !desired.cas.contains_key(name))?;
    let ca = Ca {
        content: Content::Uploaded(content.clone()),
        issuers: Vec::new(),
        pins: content.key_ids(),
        retire: None,
        is_retired: false,
        is_pinned: false,
        left: Some(mark.clone()),
    };
    desired.cas.insert(name.clone(), ca);
    Some(name)
}

/// Makes a CA a member on a host, whatever its date says.
pub(super) fn join(desired: &mut Desired, name: &Name, host: &Hostname) {
    if let Some(ca) = desired.cas.get_mut(name) {
        ca.is_retired = false;
    }
    if let Some(host) = desired.hosts.get_mut(host) {
        host.cas.insert(name.clone());
    }
}

/// Has the rules accept what the hosts do.
pub(super) fn accept(desired: &mut Desired) {
    let Desired {
        cas, hosts, rules, ..
    } = desired;
    let requirements = rules.iter_mut().flat_map(|rule| rule.zones.values_mut());
    for (host, accepts) in requirements.flat_map(|requirement| &mut requirement.hosts) {
        let Some(Host { cas: members, .. }) = hosts.get(host) else {
            continue;
        };
        let members = || members.iter().filter_map(|name| cas.get(name));
        let pins = || -> BTreeSet<KeyId> { members().flat_map(|ca| &ca.pins).cloned().collect() };
        *accepts = Accepts {
            pins: accepts.pins.is_some().then(pins),
            revocable: members().any(|ca| ca.content == Content::CloudflareManaged),
        };
    }
}
