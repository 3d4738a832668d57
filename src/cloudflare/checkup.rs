//! Trying each kind of read once: what a token, an account and its zones let us see, one answer for each.
//!
//! Unlike a survey, a failure ends nothing but what rests on it. Only GETs are sent.

use std::collections::BTreeMap;

use futures::StreamExt as _;
use futures::stream;

use crate::cloudflare::Error;
use crate::cloudflare::Observer;
use crate::cloudflare::TokenState;
use crate::cloudflare::TokenStatus;
use crate::live::HostList;
use crate::live::LiveCa;
use crate::live::Rules;
use crate::resource::AccountId;
use crate::resource::Issuer;
use crate::resource::Zone;
use crate::resource::ZoneName;

/// What each kind of read came to.
#[derive(Debug)]
pub struct Checkup {
    /// What the token is.
    pub token: Result<TokenState, Error>,
    /// What is in the account; `None` where the answer about the token leaves no hope for more.
    pub account: Option<AccountCheckup>,
}

/// What reads of an account came to.
#[derive(Debug)]
pub struct AccountCheckup {
    /// Its zones.
    pub zones: Result<Vec<Zone>, Error>,
    /// Its certificate store.
    pub cas: Result<Vec<LiveCa>, Error>,
    /// The zones that were tried.
    pub tried: BTreeMap<ZoneName, ZoneCheckup>,
}

/// What reads of a zone came to.
#[derive(Debug)]
pub struct ZoneCheckup {
    /// Its custom rules.
    pub rules: Result<Rules, Error>,
    /// The hosts of the managed CA there: the one host list that every zone has.
    pub hosts: Result<HostList, Error>,
}

impl Checkup {
    /// Every failure, in the order in which the reads were asked for.
    pub fn failures(&self) -> impl Iterator<Item = &Error> {
        let account = self.account.iter();
        let further = account.flat_map(|account| {
            let whole = [account.zones.as_ref().err(), account.cas.as_ref().err()];
            let tried = account
                .tried
                .values()
                .flat_map(|zone| [zone.rules.as_ref().err(), zone.hosts.as_ref().err()]);
            whole.into_iter().chain(tried).flatten()
        });
        self.token.as_ref().err().into_iter().chain(further)
    }
}

impl Observer<'_> {
    /// Tries each kind of read, in the zones of the account that `choose` picks.
    ///
    /// Stops at the answer about the token where that is not an API's, or says that the token is no good:
    /// many failed calls lead to a lock-out (API reference, section 6).
    pub async fn check_up(
        &self,
        account: &AccountId,
        choose: &(dyn Fn(&[Zone]) -> Vec<Zone> + Sync),
    ) -> Checkup {
        let token = self.told(self.reader.token(account)).await;
        if is_hopeless(&token) {
            let account = None;
            return Checkup { token, account };
        }
        let (zones, cas) = futures::join!(
            self.told(self.reader.zones(account)),
            self.told(self.reader.certificates(account))
        );
        let chosen = zones
            .as_ref()
            .map_or_else(|_| Vec::new(), |zones| choose(zones));
        let tried = stream::iter(chosen)
            .map(|zone| async move {
                let (rules, hosts) = futures::join!(
                    self.told(self.reader.rules(&zone.id)),
                    self.told(self.reader.hosts(&zone.id, &Issuer::CloudflareManaged))
                );
                (zone.name, ZoneCheckup { rules, hosts })
            })
            .buffer_unordered(self.parallel.max(1))
            .collect()
            .await;
        Checkup {
            token,
            account: Some(AccountCheckup { zones, cas, tried }),
        }
    }
}

/// Whether no other read could come to anything.
fn is_hopeless(token: &Result<TokenState, Error>) -> bool {
    match token {
        Ok(token) => matches!(token.status, TokenStatus::Disabled | TokenStatus::Expired),
        Err(error) => {
            error.is_no_answer_of_the_api() || matches!(error, Error::TokenRefused { .. })
        }
    }
}
