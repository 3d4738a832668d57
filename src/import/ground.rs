//! What of an account the file declares: its owner, the CAs with their names, and the hosts that ask for their
//! certificates.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use crate::import::LeftOut;
use crate::import::NotImported;
use crate::import::Object;
use crate::import::Wish;
use crate::import::naming::Names;
use crate::import::setbacks::Setbacks;
use crate::live::Live;
use crate::live::LiveCa;
use crate::live::LiveZone;
use crate::live::Rules;
use crate::resource::Bundle;
use crate::resource::CustomRule;
use crate::resource::Hostname;
use crate::resource::Issuer;
use crate::resource::KeyId;
use crate::resource::Name;
use crate::resource::ZoneName;
use crate::resource::ZoneStatus;
use crate::resource::zone::zone_of;

/// What the file declares.
#[derive(Debug)]
pub(super) struct Ground<'l> {
    /// Whose file it is.
    pub(super) owner: Name,
    /// The uploaded CAs.
    pub(super) cas: BTreeMap<Name, (&'l LiveCa, &'l Bundle)>,
    /// The key ids of the managed CA, where they are known.
    pub(super) managed: Option<BTreeSet<KeyId>>,
    /// The hosts, with their CAs; the managed one is not among these.
    pub(super) hosts: BTreeMap<Hostname, Host>,
    /// What of lists and CAs is left out.
    pub(super) left_out: Vec<LeftOut>,
}

/// A declared host.
#[derive(Debug, Clone)]
pub(super) struct Host {
    /// Its zone.
    pub(super) zone: ZoneName,
    /// The uploaded CAs whose certificates it asks for.
    pub(super) cas: BTreeSet<Name>,
    /// Whether it asks for those of the managed CA, too.
    pub(super) is_managed: bool,
}

/// The zones whose rules and lists were read, by name.
pub(super) fn read<'l>(
    live: &'l Live,
    wish: &Wish,
) -> impl Iterator<Item = (&'l ZoneName, &'l LiveZone)> {
    live.zones.iter().filter(|(name, zone)| {
        let is_wanted = wish.zones.as_ref().is_none_or(|zones| zones.contains(name));
        is_wanted && zone.rules.is_some() && zone.lists.is_some()
    })
}

/// The rules of a zone.
pub(super) fn rules(zone: &LiveZone) -> &[CustomRule] {
    zone.rules.as_ref().map_or(&[], Rules::as_slice)
}

/// Whose file it shall be: the wish, else the one owner that marks in the account name.
pub(super) fn owner(live: &Live, wish: &Wish) -> Result<Name, NotImported> {
    if let Some(owner) = &wish.owner {
        return Ok(owner.clone());
    }
    let of_cas = live.cas.iter().filter_map(|ca| Some(ca.mark()?.owner));
    let rules = live.zones.values().flat_map(rules);
    let of_rules = rules.filter_map(|rule| Some(rule.mark()?.owner));
    let owners: BTreeSet<Name> = of_cas.chain(of_rules).collect();
    let mut all = owners.iter();
    match (all.next(), all.next()) {
        (Some(only), None) => Ok(only.clone()),
        _ => Err(NotImported::Owner { owners }),
    }
}

/// Hosts as the lists of the account have them.
#[derive(Debug, Default)]
struct Listed {
    zone: Option<ZoneName>,
    issuers: BTreeSet<Issuer>,
}

impl<'l> Ground<'l> {
    /// Reads it from the account; `managed` are the key ids of the managed CA, where they are known.
    pub(super) fn of(
        live: &'l Live,
        wish: &Wish,
        owner: &Name,
        managed: Option<BTreeSet<KeyId>>,
        setbacks: &Setbacks,
    ) -> Self {
        let mut ground = Self {
            owner: owner.clone(),
            cas: cas(live, owner),
            managed,
            hosts: BTreeMap::new(),
            left_out: Vec::new(),
        };
        let listed = ground.listed(live, wish);
        let named = Named::of(live, wish, owner);
        for (host, Listed { zone, issuers }) in listed {
            let Some(zone) = zone else { continue };
            match ground.host(live, &host, &zone, &issuers, &named, setbacks) {
                Ok(Some(declared)) => {
                    ground.hosts.insert(host, declared);
                }
                Ok(None) => {}
                Err(why) => ground.left_out.push(LeftOut {
                    zone: Some(zone),
                    what: Object::Host(host.to_string()),
                    why,
                }),
            }
        }
        ground.leave_out_cas(live);
        ground
    }

    /// Whether a host asks for certificates of the managed CA in a file, and which others.
    fn host(
        &self,
        live: &Live,
        host: &Hostname,
        zone: &ZoneName,
        issuers: &BTreeSet<Issuer>,
        named: &Named,
        setbacks: &Setbacks,
    ) -> Result<Option<Host>, String> {
        let mut declared = Host {
            zone: zone.clone(),
            cas: BTreeSet::new(),
            is_managed: false,
        };
        if let Some(why) = setbacks.hosts.get(host) {
            return Err(why.clone());
        }
        if let Some(owner) = named.by_others.get(host) {
            return Err(format!(
                "a rule of `{owner}` names it: another file speaks for it"
            ));
        }
        for issuer in issuers {
            match issuer {
                Issuer::CloudflareManaged => declared.is_managed = true,
                Issuer::Uploaded(id) => {
                    let ca = live.ca(id);
                    let bundle = ca.and_then(|ca| ca.bundle.as_ref());
                    let name = bundle.and_then(|bundle| self.name_of(bundle));
                    let Some(name) = name else {
                        let label = ca.map_or(id.as_str(), LiveCa::label);
                        return Err(format!(
                            "it asks for certificates of `{label}`, which the file cannot declare"
                        ));
                    };
                    declared.cas.insert(name.clone());
                }
            }
        }
        if declared.cas.is_empty() && !named.by_us.contains(host) {
            // Only the managed CA: nothing there is about CAs of one's own.
            return Ok(None);
        }
        if declared.is_managed && self.managed.is_none() {
            return Err(
                "it asks for certificates of the CA that Cloudflare runs, too, whose key ids a file has to \
                 say: give them with --managed-key-id"
                    .to_owned(),
            );
        }
        Ok(Some(declared))
    }

    /// The name of a CA with this content.
    pub(super) fn name_of(&self, content: &Bundle) -> Option<&Name> {
        let mut cas = self.cas.iter();
        cas.find(|(_, (_, bundle))| *bundle == content)
            .map(|(name, _)| name)
    }

    /// The key ids of the CAs of a host, which pinning rules have to name.
    pub(super) fn key_ids(&self, host: &Host) -> BTreeSet<KeyId> {
        let uploaded = host.cas.iter().filter_map(|name| self.cas.get(name));
        let mut ids: BTreeSet<KeyId> = uploaded.flat_map(|(_, bundle)| bundle.key_ids()).collect();
        if host.is_managed {
            ids.extend(self.managed.iter().flatten().cloned());
        }
        ids
    }

    /// The hosts of all lists, each in its own zone; other entries are left out.
    fn listed(&mut self, live: &Live, wish: &Wish) -> BTreeMap<Hostname, Listed> {
        let active = || {
            let zones = live.zones.iter();
            let active = zones.filter(|(_, zone)| zone.zone.status == ZoneStatus::Active);
            active.map(|(name, _)| name)
        };
        let mut hosts: BTreeMap<Hostname, Listed> = BTreeMap::new();
        for (name, zone) in read(live, wish) {
            for (issuer, list) in zone.lists.iter().flatten() {
                for entry in &list.0 {
                    let host = Hostname::parse(entry).map_err(|error| error.to_string());
                    let host = host.and_then(|host| match zone_of(&host, active()) {
                        _ if !zone.zone.is_serving() => {
                            Err(format!("{name} is not served by the edge"))
                        }
                        Some(own) if own == name => Ok(host),
                        Some(own) => {
                            Err(format!("it belongs to {own}, another zone of the account"))
                        }
                        None => Err(format!("it is no host of {name}")),
                    });
                    match host {
                        Ok(host) => {
                            let listed = hosts.entry(host).or_default();
                            listed.zone = Some(name.clone());
                            listed.issuers.insert(issuer.clone());
                        }
                        Err(_) if *issuer == Issuer::CloudflareManaged => {}
                        Err(why) => self.left_out.push(LeftOut {
                            zone: Some(name.clone()),
                            what: Object::Entry {
                                entry: entry.clone(),
                                ca: label(live, issuer),
                            },
                            why,
                        }),
                    }
                }
            }
        }
        hosts
    }

    /// Says which CAs are not declared, and drops those of other files that no declared host needs.
    fn leave_out_cas(&mut self, live: &Live) {
        let used: BTreeSet<Name> = self
            .hosts
            .values()
            .flat_map(|host| host.cas.clone())
            .collect();
        let owner = self.owner.clone();
        let mut of_others = Vec::new();
        self.cas.retain(|name, (ca, _)| {
            let other = ca.mark().filter(|mark| mark.owner != owner);
            match other {
                Some(mark) if !used.contains(name) => {
                    of_others.push((
                        ca.label().to_owned(),
                        format!("it belongs to `{}`", mark.owner),
                    ));
                    false
                }
                _ => true,
            }
        });
        let declared: BTreeSet<_> = self.cas.values().map(|(ca, _)| &ca.id).collect();
        let told = |label: &String| of_others.iter().any(|(other, _)| other == label);
        let others = live
            .cas
            .iter()
            .filter(|ca| ca.is_uploaded_ca() && !declared.contains(&ca.id));
        let mut left_out: Vec<(String, String)> = others
            .filter_map(|ca| {
                let label = ca.label().to_owned();
                let why = match &ca.bundle {
                    None => "its certificates cannot be read",
                    Some(_) if told(&label) => return None,
                    Some(_) => "another CA of the account has the same certificates",
                };
                Some((label, why.to_owned()))
            })
            .collect();
        left_out.extend(of_others);
        self.left_out
            .extend(left_out.into_iter().map(|(label, why)| LeftOut {
                zone: None,
                what: Object::Ca(label),
                why,
            }));
    }
}

/// What people call the CA of a list.
fn label(live: &Live, issuer: &Issuer) -> String {
    match issuer {
        Issuer::CloudflareManaged => issuer.to_string(),
        Issuer::Uploaded(id) => live.ca(id).map_or(id.as_str(), LiveCa::label).to_owned(),
    }
}

/// The uploaded CAs that can be read, each content once, by the names that the file gives them: those of our
/// marks first, since they are told to everybody already, of two with one name the newest.
fn cas<'l>(live: &'l Live, owner: &Name) -> BTreeMap<Name, (&'l LiveCa, &'l Bundle)> {
    let mut contents: Vec<(&LiveCa, &Bundle)> = Vec::new();
    let readable = live.cas.iter().filter(|ca| ca.is_uploaded_ca());
    for ca in readable {
        if let Some(bundle) = &ca.bundle
            && !contents.iter().any(|(_, known)| *known == bundle)
        {
            contents.push((ca, bundle));
        }
    }
    contents.sort_by_key(|(ca, bundle)| {
        let is_ours = ca.mark().is_some_and(|mark| mark.owner == *owner);
        (
            !is_ours,
            std::cmp::Reverse(ca.uploaded_on.filter(|_| is_ours)),
            ca.label(),
            bundle.digest(),
        )
    });
    let mut names = Names::default();
    let declared = contents.into_iter().map(|(ca, bundle)| {
        let name = match ca.mark() {
            Some(mark) if names.exactly(&mark.name) => mark.name,
            Some(mark) => names.like(mark.name.as_str(), "ca"),
            None if ca.name.trim().is_empty() => names.like(subject(bundle), "ca"),
            None => names.like(&ca.name, "ca"),
        };
        (name, (ca, bundle))
    });
    declared.collect()
}

/// The common name of the first certificate, else its whole subject.
fn subject(bundle: &Bundle) -> &str {
    let first = bundle.certificates().first();
    let subject = first.map_or("", |certificate| certificate.subject());
    let common = subject
        .split(',')
        .map(str::trim)
        .find_map(|part| part.strip_prefix("CN="));
    common.unwrap_or(subject)
}

/// Hosts that live rules with marks name.
struct Named {
    by_us: BTreeSet<Hostname>,
    by_others: BTreeMap<Hostname, Name>,
}

impl Named {
    fn of(live: &Live, wish: &Wish, owner: &Name) -> Self {
        let mut named = Self {
            by_us: BTreeSet::new(),
            by_others: BTreeMap::new(),
        };
        for (name, zone) in read(live, wish) {
            for rule in rules(zone) {
                let Some(mark) = rule.mark() else { continue };
                let hosts = crate::edge::Rule::of(rule, &BTreeMap::new()).hosts_named(name);
                if mark.owner == *owner {
                    named.by_us.extend(hosts);
                } else {
                    let theirs = hosts.into_iter().map(|host| (host, mark.owner.clone()));
                    named.by_others.extend(theirs);
                }
            }
        }
        named
    }
}
