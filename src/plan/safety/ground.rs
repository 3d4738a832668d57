//! One zone, and what steps do there, with everything read and parsed once.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::sync::Arc;

use crate::desired::Desired;
use crate::edge::Authority;
use crate::edge::Ca;
use crate::edge::HostTests;
use crate::edge::Rule;
use crate::edge::State;
use crate::live::HostList;
use crate::live::Live;
use crate::plan::Address;
use crate::plan::Change;
use crate::plan::Step;
use crate::plan::Wave;
use crate::plan::effect;
use crate::plan::effect::Edit;
use crate::resource::Hostname;
use crate::resource::ZoneName;

/// One zone and what steps do there.
pub(in crate::plan) struct Ground<'p> {
    pub(super) zone: &'p ZoneName,
    /// All CAs that are in the account at some time.
    pub(super) cas: BTreeMap<Authority, Ca>,
    /// Those that are in it now.
    pub(in crate::plan) cas_now: BTreeSet<Authority>,
    hosts_now: &'p BTreeMap<Hostname, BTreeSet<Authority>>,
    pub(in crate::plan) rules_now: Vec<Arc<Rule>>,
    /// Everything that may be done, in whatever order.
    works: Vec<(Change, Arc<Work>)>,
}

/// What one step does, as far as hosts of one zone can tell.
pub(super) enum Work {
    /// A CA comes into the account.
    Upload(Authority),
    /// A CA leaves it.
    Delete(Authority),
    /// The hosts of a CA become others.
    Hosts {
        authority: Authority,
        before: BTreeSet<Hostname>,
        after: BTreeSet<Hostname>,
    },
    /// The zone's rules become others.
    Rules(Edit<Arc<Rule>>),
}

/// A step with its name.
pub(super) struct Named<'w> {
    pub(super) address: &'w Address,
    pub(super) work: Arc<Work>,
}

static NO_HOSTS: BTreeMap<Hostname, BTreeSet<Authority>> = BTreeMap::new();

impl<'p> Ground<'p> {
    /// The zone, and everything that some steps may do there, whatever their order.
    pub(in crate::plan) fn of<'s>(
        zone: &'p ZoneName,
        (now, after): (&'p State, &State),
        (desired, live): (&Desired, &Live),
        steps: impl Iterator<Item = &'s Step>,
    ) -> Self {
        let mut cas = now.cas.clone();
        cas.extend(after.cas.iter().map(|(one, ca)| (one.clone(), ca.clone())));
        let here = now.zones.get(zone);
        let mut works: Vec<(Change, Arc<Work>)> = Vec::new();
        for step in steps {
            if works.iter().any(|(change, _)| *change == step.change) {
                continue;
            }
            if let Some(work) = work(&step.change, zone, desired, live) {
                works.push((step.change.clone(), Arc::new(work)));
            }
        }
        Self {
            zone,
            cas,
            cas_now: now.cas.keys().cloned().collect(),
            hosts_now: here.map_or(&NO_HOSTS, |here| &here.hosts),
            rules_now: here
                .into_iter()
                .flat_map(|here| here.rules.iter().cloned().map(Arc::new))
                .collect(),
            works,
        }
    }

    /// What waves do here; steps that do nothing here are left out.
    pub(super) fn waves<'w>(&self, waves: &'w [Wave]) -> Vec<Vec<Named<'w>>> {
        let waves = waves.iter().map(|wave| {
            let steps = wave.steps.iter().filter_map(|step| {
                let mut works = self.works.iter();
                let (_, work) = works.find(|(change, _)| *change == step.change)?;
                Some(Named {
                    address: &step.address,
                    work: Arc::clone(work),
                })
            });
            steps.collect()
        });
        waves.collect()
    }

    /// The hosts of the zone, those together that neither rules nor steps tell apart; the last are any other
    /// host of the zone.
    pub(in crate::plan) fn groups(&self, desired: &Desired) -> Vec<Vec<Hostname>> {
        let declared = desired.hosts.iter();
        let declared = declared.filter(|(_, host)| host.zone == *self.zone);
        let mut hosts: BTreeSet<&Hostname> = declared.map(|(host, _)| host).collect();
        hosts.extend(self.hosts_now.keys());
        for (before, after) in self.lists() {
            hosts.extend(before.iter().chain(after));
        }
        let named = self.named();
        hosts.extend(&named);
        let tests = HostTests::of(self.all_rules());
        let groups = tests.kin(hosts.into_iter().map(|host| (host, self.standing(host))));
        let mut groups: Vec<Vec<Hostname>> = groups
            .into_iter()
            .map(|(_, hosts)| hosts.into_iter().cloned().collect())
            .collect();
        groups.push(Vec::new());
        groups
    }

    /// The CAs of a host now.
    pub(super) fn authorities_now(&self, host: &Hostname) -> BTreeSet<Authority> {
        self.hosts_now.get(host).cloned().unwrap_or_default()
    }

    /// Whether a host ever stands in a list.
    pub(super) fn ever_lists(&self, host: &Hostname) -> bool {
        self.hosts_now.contains_key(host) || self.lists().any(|(_, after)| after.contains(host))
    }

    /// Whether a host ever stands in the list of a CA.
    pub(super) fn ever_lists_for(&self, authority: &Authority, host: &Hostname) -> bool {
        let now = self.hosts_now.get(host);
        now.is_some_and(|now| now.contains(authority))
            || self.works.iter().any(|(_, work)| {
                matches!(&**work, Work::Hosts { authority: one, after, .. }
                    if one == authority && after.contains(host))
            })
    }

    /// The rules that are written.
    pub(super) fn written(&self) -> impl Iterator<Item = &Arc<Rule>> {
        self.works.iter().filter_map(|(_, work)| match &**work {
            Work::Rules(edit) => edit.written(),
            _ => None,
        })
    }

    /// A rule as it stands now.
    pub(in crate::plan) fn stands_as(&self, reference: &str) -> Option<Arc<Rule>> {
        let mut rules = self.rules_now.iter();
        rules.find(|rule| rule.reference == reference).cloned()
    }

    /// A rule as it is written.
    pub(in crate::plan) fn written_as(&self, reference: &str) -> Option<Arc<Rule>> {
        let mut rules = self.written();
        rules.find(|rule| rule.reference == reference).cloned()
    }

    /// All rules that there are at some time.
    pub(super) fn all_rules(&self) -> impl Iterator<Item = &Rule> {
        let rules = self.rules_now.iter().chain(self.written());
        rules.map(AsRef::as_ref)
    }

    /// The host lists that change, before and after.
    fn lists(&self) -> impl Iterator<Item = (&BTreeSet<Hostname>, &BTreeSet<Hostname>)> {
        self.works.iter().filter_map(|(_, work)| match &**work {
            Work::Hosts { before, after, .. } => Some((before, after)),
            _ => None,
        })
    }

    /// Hosts of the zone that rules about certificates name now or later.
    fn named(&self) -> BTreeSet<Hostname> {
        let about = self.all_rules().filter(|rule| rule.is_about_certificates());
        about.flat_map(|rule| rule.hosts_named(self.zone)).collect()
    }

    /// In which lists a host stands now and later.
    fn standing(&self, host: &Hostname) -> (BTreeSet<Authority>, Vec<(bool, bool)>) {
        let lists = self
            .lists()
            .map(|(before, after)| (before.contains(host), after.contains(host)));
        (self.authorities_now(host), lists.collect())
    }
}

fn work(change: &Change, zone: &ZoneName, desired: &Desired, live: &Live) -> Option<Work> {
    let parsed = |list: &HostList| {
        let hosts = list.0.iter();
        hosts
            .filter_map(|host| Hostname::parse(host).ok())
            .collect()
    };
    match change {
        Change::UploadCa { bundle, .. } => Some(Work::Upload(Authority::of(bundle))),
        Change::DeleteCa { id, .. } => Some(Work::Delete(live.ca(id)?.authority()?)),
        Change::ReplaceHosts {
            zone: there,
            ca,
            before,
            after,
        } => (there == zone).then_some(Work::Hosts {
            authority: effect::authority(ca, desired, live)?,
            before: parsed(before),
            after: parsed(after),
        }),
        Change::Rule {
            zone: there,
            change,
        } => (there == zone).then(|| Work::Rules(Edit::of(change))),
    }
}
