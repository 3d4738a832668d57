//! Observing an account: all of what is asked for, or an error.
//!
//! What to read is the caller's to say; this reads it side by side and puts it together. It is done in
//! three parts, since what the second has to read follows from the first.

use std::collections::BTreeMap;

use futures::StreamExt as _;
use futures::TryStreamExt as _;
use futures::stream;

use crate::cloudflare::Error;
use crate::cloudflare::Reader;
use crate::live::HostList;
use crate::live::Live;
use crate::live::LiveZone;
use crate::live::Reading;
use crate::resource::AccountId;
use crate::resource::Issuer;
use crate::resource::Zone;
use crate::resource::ZoneName;

/// How an account is read.
#[derive(Clone, Copy)]
pub struct Observer<'a> {
    /// Who reads.
    pub reader: &'a Reader,
    /// How many reads are under way at a time.
    pub parallel: usize,
    /// Told after each read.
    pub tell: &'a (dyn Fn() + Sync),
}

impl Observer<'_> {
    /// The account's zones and certificate store, without rules and host lists.
    ///
    /// # Errors
    /// Whatever a call meets.
    pub async fn account(&self, account: &AccountId) -> Result<Live, Error> {
        // Both are waited for: of two failures it is always the first that is told.
        let (zones, cas) = futures::join!(
            self.told(self.reader.zones(account)),
            self.told(self.reader.certificates(account))
        );
        let (zones, cas) = (zones?, cas?);
        let unread = |zone: Zone| {
            (
                zone.name.clone(),
                LiveZone {
                    zone,
                    rules: None,
                    lists: None,
                    deployed: BTreeMap::new(),
                },
            )
        };
        let zones = zones.into_iter().map(unread).collect();
        Ok(Live {
            account: account.clone(),
            cas,
            zones,
        })
    }

    /// Reads custom rules into `live`, and gives the number of optional zones that the token may not
    /// read.
    ///
    /// # Errors
    /// Whatever a call meets but for a missing permission in an optional zone.
    pub async fn rules(&self, live: &mut Live, reading: &Reading) -> Result<usize, Error> {
        let read: Vec<_> = stream::iter(chosen(live, reading))
            .map(|zone| async move {
                let rules = self.told(self.reader.rules(&zone.id)).await;
                let rules = where_allowed(reading, &zone.name, rules)?;
                Ok::<_, Error>((zone.name, rules))
            })
            .buffer_unordered(self.parallel.max(1))
            .try_collect()
            .await?;
        let mut unread = 0;
        for (name, rules) in read {
            unread += usize::from(rules.is_none());
            if let Some(zone) = live.zones.get_mut(&name) {
                zone.rules = rules;
            }
        }
        Ok(unread)
    }

    /// Reads host lists into `live`, one for each uploaded CA and the managed CA's, and gives the number
    /// of optional zones that the token may not read.
    ///
    /// # Errors
    /// Whatever a call meets but for a missing permission in an optional zone.
    pub async fn lists(&self, live: &mut Live, reading: &Reading) -> Result<usize, Error> {
        let uploaded = live.cas.iter().filter(|ca| ca.is_uploaded_ca());
        let issuers: Vec<Issuer> = uploaded
            .map(|ca| Issuer::Uploaded(ca.id.clone()))
            .chain([Issuer::CloudflareManaged])
            .collect();
        let chosen = chosen(live, reading);
        let pairs = chosen
            .iter()
            .flat_map(|zone| issuers.iter().map(move |issuer| (zone, issuer)));
        let read: Vec<_> = stream::iter(pairs)
            .map(|(zone, issuer)| async move {
                let list = self.told(self.reader.hosts(&zone.id, issuer)).await;
                let list = where_allowed(reading, &zone.name, list)?;
                Ok::<_, Error>((zone.name.clone(), issuer.clone(), list))
            })
            .buffer_unordered(self.parallel.max(1))
            .try_collect()
            .await?;
        // One list that may not be read leaves the whole zone unread: half of it would mislead.
        let mut lists: BTreeMap<ZoneName, Option<BTreeMap<Issuer, HostList>>> = BTreeMap::new();
        for (name, issuer, list) in read {
            let zone = lists.entry(name).or_insert_with(|| Some(BTreeMap::new()));
            *zone = zone.take().zip(list).map(|(mut lists, list)| {
                lists.insert(issuer, list);
                lists
            });
        }
        let unread = lists.values().filter(|lists| lists.is_none()).count();
        for (name, lists) in lists {
            if let Some(zone) = live.zones.get_mut(&name) {
                zone.lists = lists;
            }
        }
        Ok(unread)
    }

    /// Waits for a read, and tells that it is done.
    pub(crate) async fn told<T>(&self, read: impl Future<Output = T>) -> T {
        let read = read.await;
        (self.tell)();
        read
    }
}

/// What was read; `None` where it need not be and may not be.
fn where_allowed<T>(
    reading: &Reading,
    zone: &ZoneName,
    read: Result<T, Error>,
) -> Result<Option<T>, Error> {
    match read {
        Err(error) if error.is_permission() && reading.optional.contains(zone) => Ok(None),
        read => read.map(Some),
    }
}

fn chosen(live: &Live, reading: &Reading) -> Vec<Zone> {
    let is_chosen =
        |zone: &&Zone| reading.needed.contains(&zone.name) || reading.optional.contains(&zone.name);
    live.zones().filter(is_chosen).cloned().collect()
}
