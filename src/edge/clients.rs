//! Every kind of caller that some states can tell apart.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use sha2::Digest as _;
use sha2::Sha256;

use crate::edge::Ca;
use crate::edge::Client;
use crate::edge::Issued;
use crate::edge::Key;
use crate::edge::KeyIds;
use crate::edge::Path;
use crate::edge::State;
use crate::resource::Certificate;
use crate::resource::KeyId;
use crate::resource::certificate::hex;

/// The clients of all CAs of some states, and those that every account has.
#[must_use]
pub fn clients<'s>(states: impl IntoIterator<Item = &'s State>) -> Vec<Client> {
    let mut issuers: BTreeMap<Key, Issuer<'s>> = BTreeMap::new();
    let mut managed = BTreeSet::new();
    for state in states {
        managed.extend(state.managed_key_ids.iter().cloned());
        for ca in state.cas.values() {
            Issuer::collect(&mut issuers, ca);
        }
    }
    let mut clients = vec![Client::None, Client::Stranger];
    for (key, issuer) in &issuers {
        let trust = issuer.trust(*key, &issuers);
        let mut others = issuers.iter().filter(|(other, _)| *other != key);
        let is_shared = others.any(|(_, other)| other.ca() == issuer.ca());
        let name = issuer.name(is_shared);
        clients.push(Client::Issued(issuer.direct(&name, *key, trust.clone())));
        if issuer.in_bundle {
            clients.push(Client::Issued(Issuer::subordinate(&name, *key, trust)));
        }
    }
    let key_ids = if managed.is_empty() {
        let ours = issuers.values().flat_map(|issuer| &issuer.certificates);
        KeyIds::NoneOf(ours.filter_map(|one| one.key_id().cloned()).collect())
    } else {
        KeyIds::OneOf(managed)
    };
    clients.extend([false, true].map(|revoked| Client::Managed {
        revoked,
        key_ids: key_ids.clone(),
    }));
    clients
}

/// All certificates with one issuing key.
#[derive(Default)]
struct Issuer<'s> {
    certificates: Vec<&'s Certificate>,
    /// The names of the CAs it stands in.
    cas: BTreeSet<&'s str>,
    in_bundle: bool,
    /// Keys above it by declaration.
    parents: BTreeSet<Key>,
}

impl<'s> Issuer<'s> {
    fn collect(issuers: &mut BTreeMap<Key, Self>, ca: &'s Ca) {
        for certificate in &ca.certificates {
            let issuer = issuers.entry(Key::of(certificate)).or_default();
            issuer.add(ca, certificate, true);
        }
        for certificate in &ca.issuers {
            let issuer = issuers.entry(Key::of(certificate)).or_default();
            issuer.add(ca, certificate, false);
            issuer.parents.extend(ca.certificates.iter().map(Key::of));
        }
    }

    fn direct(&self, name: &str, key: Key, trust: BTreeSet<Key>) -> Issued {
        Issued {
            issuer: name.to_owned(),
            path: Path::Direct,
            key,
            trust,
            key_ids: self.key_ids(),
            names: self.names(),
            serials: self.serials(),
        }
    }

    /// Below an intermediate that nobody has told of: any key id will do that is in no rule.
    fn subordinate(name: &str, key: Key, trust: BTreeSet<Key>) -> Issued {
        let hash = Sha256::new()
            .chain_update(key.as_bytes())
            .chain_update("below");
        let id = KeyId::parse(&hex(&hash.finalize()[..20]));
        Issued {
            issuer: name.to_owned(),
            path: Path::Subordinate,
            key,
            trust,
            key_ids: KeyIds::OneOf(id.into_iter().collect()),
            names: BTreeSet::new(),
            serials: BTreeSet::new(),
        }
    }

    fn add(&mut self, ca: &'s Ca, certificate: &'s Certificate, in_bundle: bool) {
        if !self.certificates.contains(&certificate) {
            self.certificates.push(certificate);
        }
        self.cas.insert(&ca.name);
        self.in_bundle |= in_bundle;
    }

    /// The name of a CA that it stands in.
    fn ca(&self) -> &'s str {
        self.cas.first().copied().unwrap_or_default()
    }

    /// The CA's name; where another issuer goes by it too, the subject says which.
    fn name(&self, is_shared: bool) -> String {
        let subject = self.certificates.first().map_or("", |one| one.subject());
        if is_shared {
            format!("{} ({subject})", self.ca())
        } else {
            self.ca().to_owned()
        }
    }

    /// Its own key and all above it.
    fn trust(&self, key: Key, issuers: &BTreeMap<Key, Self>) -> BTreeSet<Key> {
        let mut trust = BTreeSet::from([key]);
        let mut waiting: Vec<&Self> = vec![self];
        while let Some(issuer) = waiting.pop() {
            for (above, parent) in issuers {
                let is_parent = issuer.parents.contains(above) || issuer.is_below(parent);
                if is_parent && trust.insert(*above) {
                    waiting.push(parent);
                }
            }
        }
        trust
    }

    fn is_below(&self, parent: &Self) -> bool {
        let mut pairs = self
            .certificates
            .iter()
            .flat_map(|one| parent.certificates.iter().map(move |other| (one, other)));
        pairs.any(|(one, other)| one.is_issued_by(other))
    }

    fn key_ids(&self) -> KeyIds {
        let ids = self.certificates.iter().map(|one| one.key_id().cloned());
        // One without an id may go by any.
        ids.collect::<Option<_>>()
            .map_or(KeyIds::NoneOf(BTreeSet::new()), KeyIds::OneOf)
    }

    fn names(&self) -> BTreeSet<(String, String)> {
        let names = self.certificates.iter().map(|one| {
            let name = one.distinguished_name()?;
            Some((name.rfc2253(), name.legacy()))
        });
        names.collect::<Option<_>>().unwrap_or_default()
    }

    fn serials(&self) -> BTreeSet<String> {
        // How a leading zero is written is not documented.
        let serials = self.certificates.iter().map(|one| {
            let serial = one.serial();
            (!serial.starts_with('0')).then(|| serial.to_owned())
        });
        serials.collect::<Option<_>>().unwrap_or_default()
    }
}
