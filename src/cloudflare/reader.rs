//! The half of the API that looks. Holds nothing that could change the account.
//!
//! Whatever it returns is whole: a read that lost a page is an error, never a smaller account. Dropping
//! one of its futures does no harm.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use serde::de::DeserializeOwned;

use crate::cloudflare::Call;
use crate::cloudflare::Client;
use crate::cloudflare::Error;
use crate::cloudflare::TokenKind;
use crate::cloudflare::TokenState;
use crate::cloudflare::wire;
use crate::live::HostList;
use crate::live::LiveCa;
use crate::live::Rules;
use crate::resource::AccountId;
use crate::resource::CaId;
use crate::resource::Issuer;
use crate::resource::Zone;
use crate::resource::ZoneId;
use crate::resource::ZoneName;
use crate::resource::ZoneStatus;

/// Reads from the account.
#[derive(Debug, Clone)]
pub struct Reader {
    client: Client,
}

impl Reader {
    pub(crate) fn new(client: Client) -> Self {
        Self { client }
    }

    /// The zones of the account that the token shows, one for each name.
    ///
    /// A name can have several zone objects, one of which serves; the others are left out.
    ///
    /// # Errors
    /// Whatever the call meets; a list that is not whole; two active zones of one name.
    pub async fn zones(&self, account: &AccountId) -> Result<Vec<Zone>, Error> {
        let call = |page| Call::ListZones {
            account: account.clone(),
            page,
        };
        let all = self
            .pages(call, |zone: &wire::Zone| zone.id.clone())
            .await?;
        one_for_each_name(
            all.into_iter()
                .filter(|zone| !zone.is_foreign_to(account))
                .map(Zone::from),
        )
    }

    /// Everything in the account's certificate store, other products' objects included.
    ///
    /// # Errors
    /// Whatever the calls meet; a list that is not whole.
    pub async fn certificates(&self, account: &AccountId) -> Result<Vec<LiveCa>, Error> {
        let call = |page| Call::ListCertificates {
            account: account.clone(),
            page,
        };
        let listed = self
            .pages(call, |certificate: &wire::Certificate| {
                certificate.id.clone()
            })
            .await?;
        let mut all = Vec::with_capacity(listed.len());
        for certificate in listed {
            if certificate.lacks_content() {
                // One that is gone by now is left out, as if it had been listed a moment later.
                all.extend(self.certificate(account, &certificate.id).await?);
            } else {
                all.push(LiveCa::from(certificate));
            }
        }
        Ok(all)
    }

    /// One object of the certificate store; `None` where there is none of this id.
    ///
    /// # Errors
    /// Whatever the call meets.
    pub async fn certificate(
        &self,
        account: &AccountId,
        id: &CaId,
    ) -> Result<Option<LiveCa>, Error> {
        let call = Call::GetCertificate {
            account: account.clone(),
            certificate: id.clone(),
        };
        match self.one::<wire::Certificate>(&call).await {
            Ok(certificate) => Ok(Some(certificate.into())),
            Err(error) if error.is_no_certificate() => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// The kinds of services that use a certificate. None does not prove that it can be deleted (API
    /// reference, section 1.5).
    ///
    /// # Errors
    /// Whatever the call meets.
    pub async fn services_using(
        &self,
        account: &AccountId,
        id: &CaId,
    ) -> Result<BTreeSet<String>, Error> {
        let call = Call::CertificateAssociations {
            account: account.clone(),
            certificate: id.clone(),
        };
        let opened = self.client.send::<Vec<wire::Association>>(&call).await?;
        let services = opened.result.unwrap_or_default().into_iter();
        Ok(services.filter_map(|one| one.service).collect())
    }

    /// The hosts of one CA in one zone.
    ///
    /// # Errors
    /// Whatever the call meets; a 404 is an error too, since it speaks of the zone (API reference,
    /// trap 18).
    pub async fn hosts(&self, zone: &ZoneId, issuer: &Issuer) -> Result<HostList, Error> {
        let call = Call::ListHosts {
            zone: zone.clone(),
            issuer: issuer.clone(),
        };
        Ok(self.one::<wire::Hosts>(&call).await?.into())
    }

    /// The custom rules of a zone.
    ///
    /// # Errors
    /// Whatever the call meets. Only 404 with 10003 means that there is no entry point; read more
    /// generously, somebody's rules have been overwritten (API reference, trap 22).
    pub async fn rules(&self, zone: &ZoneId) -> Result<Rules, Error> {
        let call = Call::GetEntryPoint { zone: zone.clone() };
        match self.one::<wire::Ruleset>(&call).await {
            Ok(ruleset) => Ok(Rules::EntryPoint(ruleset.into())),
            Err(error) if error.is_no_entry_point() => Ok(Rules::NoEntryPoint),
            Err(error) => Err(error),
        }
    }

    /// What the token is: a user's, or this account's own.
    ///
    /// # Errors
    /// [`Error::TokenRefused`] where it is neither; else whatever the calls meet.
    pub async fn token(&self, account: &AccountId) -> Result<TokenState, Error> {
        let user = match self.one::<wire::Token>(&Call::VerifyUserToken).await {
            Ok(token) => return Ok(TokenState::new(TokenKind::User, token)),
            Err(error) if error.is_final_refusal() => error,
            Err(error) => return Err(error),
        };
        let call = Call::VerifyAccountToken {
            account: account.clone(),
        };
        match self.one::<wire::Token>(&call).await {
            Ok(token) => Ok(TokenState::new(TokenKind::Account, token)),
            Err(error) if error.is_final_refusal() => Err(Error::TokenRefused {
                user: Box::new(user),
                account: Box::new(error),
            }),
            Err(error) => Err(error),
        }
    }

    pub(crate) async fn one<T: DeserializeOwned>(&self, call: &Call) -> Result<T, Error> {
        self.client.send(call).await?.required()
    }

    /// All items of a paged list, each once.
    ///
    /// Ends where the API's own count is reached. A page that brings nothing new before that, as where a
    /// list does not know pages (API reference, section 1.2), or a count that changes is an error.
    pub(crate) async fn pages<T: DeserializeOwned, K: Ord>(
        &self,
        call: impl Fn(u32) -> Call,
        key: impl Fn(&T) -> K,
    ) -> Result<Vec<T>, Error> {
        let mut all = Vec::new();
        let mut keys = BTreeSet::new();
        let mut total = None;
        let mut page = 1;
        loop {
            let call = call(page);
            let opened = self.client.send::<Vec<T>>(&call).await?;
            let items = opened.result.unwrap_or_default();
            let is_full = as_count(items.len()) >= opened.info.per_page.unwrap_or(PAGE);
            let before = all.len();
            all.extend(items.into_iter().filter(|item| keys.insert(key(item))));
            let is_stuck = all.len() == before;
            let read = as_count(all.len());
            let earlier = total;
            total = opened.info.total_count.or(earlier);
            let is_steady = earlier.is_none() || earlier == total;
            let expected = total.unwrap_or_else(|| {
                let is_more = match opened.info.total_pages {
                    Some(pages) => pages > u64::from(page),
                    None => is_full && !is_stuck,
                };
                read + u64::from(is_more)
            });
            if is_steady && read >= expected {
                return Ok(all);
            }
            if is_stuck || !is_steady {
                return Err(Error::Incomplete {
                    call: call.to_string(),
                    page,
                    expected,
                    read,
                });
            }
            page += 1;
        }
    }
}

/// How many items a page holds where the answer does not say.
const PAGE: u64 = 50;

fn as_count(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}

fn one_for_each_name(zones: impl Iterator<Item = Zone>) -> Result<Vec<Zone>, Error> {
    let mut by_name: BTreeMap<ZoneName, Zone> = BTreeMap::new();
    for zone in zones {
        match by_name.get(&zone.name) {
            Some(known) if known.status == ZoneStatus::Active => {
                if zone.status == ZoneStatus::Active {
                    return Err(Error::TwoZones {
                        name: zone.name,
                        first: known.id.clone(),
                        second: zone.id,
                    });
                }
            }
            Some(_) if zone.status != ZoneStatus::Active => {}
            _ => {
                by_name.insert(zone.name.clone(), zone);
            }
        }
    }
    Ok(by_name.into_values().collect())
}
