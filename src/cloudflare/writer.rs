//! The half of the API that changes things, one call at a time.
//!
//! Expected flow: the executor has checked what its step rests on, hands the call over, drives the
//! future to its end, and reads back what it needs.
//!
//! Guarantees: nothing is created twice and no rule is changed twice because an answer got lost. After a
//! failure which leaves open whether the call took effect, the account is read and searched for what was
//! meant; only if it is not there the call is sent again. Verbs are idempotent: what is already gone was
//! deleted, and a certificate that is already there was uploaded, which is said.
//!
//! Caveat: reads lag behind writes. Should a search miss what is there, the API itself refuses a second
//! certificate of one content (1471) and a second rule of one `ref`, and the search is repeated then.

mod rules;

use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;

use serde::de::DeserializeOwned;
use serde::de::IgnoredAny;
use tokio::time::Instant;

use crate::cloudflare::Call;
use crate::cloudflare::Client;
use crate::cloudflare::Error;
use crate::cloudflare::Reader;
use crate::cloudflare::client;
use crate::cloudflare::envelope::Opened;
use crate::cloudflare::once::Once;
use crate::cloudflare::wire;
use crate::live::HostList;
use crate::live::LiveCa;
use crate::resource::AccountId;
use crate::resource::Bundle;
use crate::resource::CaId;
use crate::resource::Issuer;
use crate::resource::ZoneId;

/// Writes to the account.
#[derive(Debug, Clone)]
pub struct Writer {
    client: Client,
    reader: Reader,
    /// The `cf-ray` of the last write that was answered.
    heard: Arc<Mutex<Option<String>>>,
}

/// What became of an upload.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Upload {
    /// The account has a new CA.
    Created(CaId),
    /// The account had one of this content, perhaps under another name.
    WasThere(Box<LiveCa>),
}

impl Upload {
    /// The CA's id, either way.
    #[must_use]
    pub fn id(&self) -> &CaId {
        match self {
            Self::Created(id) => id,
            Self::WasThere(ca) => &ca.id,
        }
    }
}

/// What became of the deletion of a certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Deletion {
    /// It is gone, or was before.
    Deleted,
    /// Something still uses it, or did until a moment ago: the answer lags behind the truth by up to
    /// minutes (API reference, section 1.8).
    InUse {
        /// The API's words.
        message: String,
    },
}

impl Writer {
    pub(crate) fn new(client: Client) -> Self {
        let reader = client.reader();
        Self {
            client,
            reader,
            heard: Arc::default(),
        }
    }

    /// A writer like this one that has heard nothing yet. Clones hear together.
    #[must_use]
    pub fn apart(&self) -> Self {
        Self::new(self.client.clone())
    }

    /// Cloudflare's name for the last write that was answered, the header `cf-ray`: what its support asks for.
    #[must_use]
    pub fn request(&self) -> Option<String> {
        let heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        heard.clone()
    }

    async fn send<T: DeserializeOwned>(&self, call: &Call) -> Result<Opened<T>, Error> {
        let sent = self.client.send(call).await;
        let ray = match &sent {
            Ok(opened) => opened.answer.ray.clone(),
            Err(error) => error.ray().map(str::to_owned),
        };
        let mut heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
        *heard = ray;
        sent
    }

    /// Uploads a CA.
    ///
    /// # Errors
    /// Whatever the calls meet; [`Error::NotListed`] where the API refuses a second certificate of this
    /// content and its list shows no first one.
    pub async fn upload(
        &self,
        account: &AccountId,
        name: &str,
        bundle: &Bundle,
    ) -> Result<Upload, Error> {
        let call = Call::UploadCertificate {
            account: account.clone(),
            name: name.to_owned(),
            pem: bundle.to_pem(),
        };
        match self.upload_once(&call, account, name, bundle).await {
            Err(error) if error.code(ALREADY_EXISTS) => {
                self.find_existing(account, bundle, &call).await
            }
            other => other,
        }
    }

    async fn upload_once(
        &self,
        call: &Call,
        account: &AccountId,
        name: &str,
        bundle: &Bundle,
    ) -> Result<Upload, Error> {
        let mut once = Once::new(self.client.retry());
        loop {
            let sent = self.send::<wire::Uploaded>(call).await;
            let error = match sent.and_then(Opened::required) {
                Ok(made) => return Ok(Upload::Created(made.id)),
                Err(error) => error,
            };
            let doubt = once.failed(error).await?;
            let seen = self.find(account, bundle).await;
            if let Some(ca) = doubt.settle(seen)? {
                // Found under our own name after a lost answer: that was us.
                return Ok(if ca.name == name {
                    Upload::Created(ca.id)
                } else {
                    Upload::WasThere(Box::new(ca))
                });
            }
        }
    }

    async fn find(&self, account: &AccountId, bundle: &Bundle) -> Result<Option<LiveCa>, Error> {
        let all = self.reader.certificates(account).await?;
        Ok(all
            .into_iter()
            .find(|ca| ca.is_uploaded_ca() && ca.bundle.as_ref() == Some(bundle)))
    }

    /// Finds what the API says is there; its list lags behind, so that may take some looks.
    async fn find_existing(
        &self,
        account: &AccountId,
        bundle: &Bundle,
        call: &Call,
    ) -> Result<Upload, Error> {
        let started = Instant::now();
        let mut looks = 0;
        loop {
            if let Some(ca) = self.find(account, bundle).await? {
                return Ok(Upload::WasThere(Box::new(ca)));
            }
            looks += 1;
            let missing = Error::NotListed {
                call: call.to_string(),
            };
            let retry = self.client.retry();
            match retry.delay(looks, started.elapsed(), None) {
                Some(wait) => client::pause(&missing, wait).await,
                None => return Err(missing),
            }
        }
    }

    /// Deletes a CA that nothing uses.
    ///
    /// # Errors
    /// Whatever the call meets. That it is still in use is no error but an answer.
    pub async fn delete_certificate(
        &self,
        account: &AccountId,
        id: &CaId,
    ) -> Result<Deletion, Error> {
        let call = Call::DeleteCertificate {
            account: account.clone(),
            certificate: id.clone(),
        };
        // No code is known for these two, so their words have to do (API reference, section 1.8).
        let says = |error: &Error, words: &str| {
            let faults = error.faults().iter();
            faults
                .map(|fault| &fault.message)
                .find(|message| message.to_ascii_lowercase().contains(words))
                .cloned()
        };
        match self.send::<IgnoredAny>(&call).await {
            Ok(_) => Ok(Deletion::Deleted),
            Err(error) if error.is_no_certificate() => Ok(Deletion::Deleted),
            Err(error) if says(&error, "already deleted").is_some() => Ok(Deletion::Deleted),
            Err(error) => match says(&error, "cannot be deleted while in use") {
                Some(message) => Ok(Deletion::InUse { message }),
                None => Err(error),
            },
        }
    }

    /// Puts a whole list of hosts in place of `found`, which one CA has in one zone.
    ///
    /// # Errors
    /// Whatever the calls meet; [`Error::Overtaken`] where the answer got lost and the list is neither
    /// `found` nor `hosts` any more.
    pub async fn replace_hosts(
        &self,
        zone: &ZoneId,
        issuer: &Issuer,
        found: &HostList,
        hosts: &HostList,
    ) -> Result<(), Error> {
        let call = Call::ReplaceHosts {
            zone: zone.clone(),
            issuer: issuer.clone(),
            hosts: hosts.clone(),
        };
        let mut once = Once::new(self.client.retry());
        loop {
            let Err(error) = self.send::<IgnoredAny>(&call).await else {
                return Ok(());
            };
            let doubt = once.failed(error).await?;
            let seen = self.reader.hosts(zone, issuer).await;
            let is_overtaken = seen
                .as_ref()
                .is_ok_and(|seen| seen != hosts && seen != found);
            if is_overtaken {
                return Err(doubt.overtaken());
            }
            if doubt
                .settle(seen.map(|seen| (seen == *hosts).then_some(())))?
                .is_some()
            {
                return Ok(());
            }
        }
    }
}

/// `This certificate already exists.` (API reference, section 1.8)
const ALREADY_EXISTS: i64 = 1471;
