//! Surveying an account for an audit: what the rules are, whom they ask, and what stands beside them, as
//! far as the token allows.
//!
//! Unlike a plan, an audit can do without most of it. What could not be read is left `None` and told by
//! name; nothing that is unclear is taken for empty. Results are in the order of names and ids, however
//! the answers come.

mod beside;
mod gap;

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use futures::StreamExt as _;
use futures::TryStreamExt as _;
use futures::stream;

use crate::cloudflare::Error;
use crate::cloudflare::Observer;
use crate::live::HostList;
use crate::live::Live;
use crate::live::Looked;
use crate::live::Neighbours;
use crate::live::Unread;
use crate::resource::AccountId;
use crate::resource::CaId;
use crate::resource::Issuer;
use crate::resource::Zone;
use crate::resource::ZoneName;
use crate::resource::ZoneStatus;

use self::gap::Gaps;
use self::gap::Read;
use self::gap::or_gap;

/// Above this many reads a survey says what it is about to do.
pub const MANY_READS: usize = 300;

/// What was read of each zone's surroundings: IP Access rules, Single Redirects, DNS records.
const NEIGHBOURS: usize = 3;

/// Everything that an audit looks at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Survey {
    /// The account, its zones and CAs; rules and host lists of the zones that were looked at.
    pub live: Live,
    /// What can get a request past the rules. Zones that have nothing to do with client certificates are
    /// absent.
    pub neighbours: Neighbours,
    /// The services that use an uploaded CA which has no host in any list that was read.
    pub services: BTreeMap<CaId, BTreeSet<String>>,
    /// What could not be read, in order.
    pub unread: Vec<Unread>,
}

/// More reads than somebody would expect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ManyReads {
    /// At most how many, but for further pages of long lists and for custom rulesets.
    pub calls: usize,
    /// The zones that are looked at.
    pub zones: usize,
    /// The CAs that can have a host list in each of them.
    pub cas: usize,
}

impl Observer<'_> {
    /// Everything that an audit looks at, as far as the token allows: of all active zones, paused ones
    /// too, or of those that `only` names, whatever their status.
    ///
    /// `many` hears of it before many calls are made.
    ///
    /// # Errors
    /// Whatever a call meets, but for what an audit can do without: a missing permission, or an answer
    /// that a feature is not there. When no custom rules at all could be read, or no host lists, it is
    /// the first of those errors: an audit of nothing is no audit.
    pub async fn survey(
        &self,
        account: &AccountId,
        only: Option<&BTreeSet<ZoneName>>,
        many: &(dyn Fn(ManyReads) + Sync),
    ) -> Result<Survey, Error> {
        let mut live = self.account(account).await?;
        let zones = chosen(&live, only);
        let cas = live.slots_used() + 1;
        let calls = zones.len() * (1 + cas + NEIGHBOURS) + 2 + live.slots_used();
        if calls > MANY_READS {
            let zones = zones.len();
            many(ManyReads { calls, zones, cas });
        }
        let mut gaps = Gaps::default();
        self.survey_rules(&mut live, &zones, &mut gaps).await?;
        self.survey_lists(&mut live, &zones, &mut gaps).await?;
        self.survey_deployed(&mut live, &mut gaps).await?;
        let neighbours = self.survey_neighbours(&live, &mut gaps).await?;
        let services = self.survey_services(&live).await?;
        Ok(Survey {
            live,
            neighbours,
            services,
            unread: gaps.into_list(),
        })
    }

    async fn survey_rules(
        &self,
        live: &mut Live,
        zones: &[Zone],
        gaps: &mut Gaps,
    ) -> Result<(), Error> {
        let read = self
            .each(zones.to_vec(), |zone| async move {
                let rules = self.told(self.reader.rules(&zone.id)).await;
                let rules = or_gap(rules, Looked::CustomRules, Some(&zone.name))?;
                Ok((zone.name, rules))
            })
            .await?;
        for (name, rules) in gaps.fill_some(read)? {
            if let Some(zone) = live.zones.get_mut(&name) {
                zone.rules = Some(rules);
            }
        }
        Ok(())
    }

    /// Reads the list of every CA that can have one. A list that may not be read leaves the whole zone
    /// unread: half of it would mislead.
    async fn survey_lists(
        &self,
        live: &mut Live,
        zones: &[Zone],
        gaps: &mut Gaps,
    ) -> Result<(), Error> {
        let uploaded = live.cas.iter().filter(|ca| ca.is_uploaded_ca());
        let issuers: Vec<Issuer> = uploaded
            .map(|ca| Issuer::Uploaded(ca.id.clone()))
            .chain([Issuer::CloudflareManaged])
            .collect();
        let mut pairs = Vec::with_capacity(zones.len() * issuers.len());
        for zone in zones {
            pairs.extend(issuers.iter().map(|issuer| (zone.clone(), issuer.clone())));
        }
        let read = self
            .each(pairs, |(zone, issuer)| async move {
                let list = self.told(self.reader.hosts(&zone.id, &issuer)).await;
                let list = or_gap(list, Looked::HostLists, Some(&zone.name))?;
                Ok((zone.name, issuer, list))
            })
            .await?;
        let mut lists: BTreeMap<ZoneName, Read<BTreeMap<Issuer, HostList>>> = BTreeMap::new();
        for (name, issuer, list) in read {
            let zone = lists.entry(name).or_insert_with(|| Ok(BTreeMap::new()));
            match (zone, list) {
                (Ok(lists), Ok(list)) => {
                    lists.insert(issuer, list);
                }
                (zone @ Ok(_), Err(gap)) => *zone = Err(gap),
                (Err(_), _) => {}
            }
        }
        for (name, lists) in gaps.fill_some(lists)? {
            if let Some(zone) = live.zones.get_mut(&name) {
                zone.lists = Some(lists);
            }
        }
        Ok(())
    }

    /// Reads each of several things, some at a time, and gives them in their order.
    async fn each<I, T, F>(&self, items: Vec<I>, read: impl FnMut(I) -> F) -> Result<Vec<T>, Error>
    where
        F: Future<Output = Result<T, Error>>,
    {
        stream::iter(items)
            .map(read)
            .buffered(self.parallel.max(1))
            .try_collect()
            .await
    }
}

fn chosen(live: &Live, only: Option<&BTreeSet<ZoneName>>) -> Vec<Zone> {
    let is_chosen = |zone: &&Zone| match only {
        Some(names) => names.contains(&zone.name),
        None => zone.status == ZoneStatus::Active,
    };
    live.zones().filter(is_chosen).cloned().collect()
}
