//! Looking at an account for a file: all that planning needs, and nothing more.
//!
//! Reads in the order in which one thing says what else is needed: zones and CAs, then rules, then host
//! lists. Decides nothing itself: what to read is [`crate::plan::reading`]'s to say.

use jiff::Timestamp;

use crate::cloudflare;
use crate::cloudflare::Observer;
use crate::config::Config;
use crate::config::Problems;
use crate::desired;
use crate::desired::Desired;
use crate::desired::Zones;
use crate::live::Live;
use crate::plan;
use crate::plan::Allowed;
use crate::plan::Approved;
use crate::plan::Consent;
use crate::plan::Note;
use crate::plan::Plan;
use crate::plan::Refusal;
use crate::plan::reading;
use crate::plan::reading::ManyCalls;
use crate::resource::AccountId;

/// A file's meaning, and the account that it is held against.
#[derive(Debug, Clone)]
pub struct Observed {
    /// What the file asks for, in the zones of this account.
    pub desired: Desired,
    /// What the account held.
    pub live: Live,
    /// The moment that dates are judged by.
    pub at: Timestamp,
    /// Zones outside the file's scope that were left unread.
    pub unread: usize,
}

/// Why there is nothing to plan from.
#[derive(Debug, thiserror::Error)]
pub enum Unobserved {
    /// A read failed.
    #[error(transparent)]
    Account(#[from] cloudflare::Error),
    /// The file does not fit the account.
    #[error(transparent)]
    File(#[from] Problems),
}

/// Reads of the account what planning this file needs; `many` hears of it before many calls are made.
///
/// # Errors
/// [`Unobserved`]: a read that failed, or everything in the file that does not fit the account's zones.
pub async fn observe(
    config: &Config,
    account: &AccountId,
    observer: &Observer<'_>,
    at: Timestamp,
    many: &(dyn Fn(ManyCalls) + Sync),
) -> Result<Observed, Unobserved> {
    let mut live = observer.account(account).await?;
    let desired = desired::resolve(config, &Zones::of_account(live.zones()), at)?;
    let rules = reading::rules_to_read(&desired, &live);
    let mut unread = rules.skipped + observer.rules(&mut live, &rules).await?;
    let lists = reading::lists_to_read(&desired, &live);
    if let Some(calls) = reading::many_calls(&live, &rules, &lists) {
        many(calls);
    }
    unread += observer.lists(&mut live, &lists).await?;
    Ok(Observed {
        desired,
        live,
        at,
        unread,
    })
}

impl Observed {
    /// Plans the way from the account to the file.
    ///
    /// # Errors
    /// As [`plan::plan`].
    pub fn plan(&self, allowed: &Allowed) -> Result<Plan, Vec<Refusal>> {
        let mut plan = plan::plan(&self.desired, &self.live, self.at, allowed)?;
        if self.unread > 0 {
            plan.notes.push(Note::NotLookedAt { zones: self.unread });
        }
        Ok(plan)
    }

    /// Lets a plan that was made from this through, or says everything that stands against it.
    ///
    /// # Errors
    /// As [`plan::approve()`].
    pub fn approve(&self, plan: Plan, consent: &Consent) -> Result<Approved, Vec<Refusal>> {
        plan::approve(plan, &self.desired, &self.live, self.at, consent)
    }
}
