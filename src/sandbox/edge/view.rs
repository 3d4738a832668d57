//! What of an account has reached the edge, and what is on its way.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::Timestamp;

use crate::sandbox::account::Account;
use crate::sandbox::edge::delays::Delays;
use crate::sandbox::edge::managed_ca::ManagedCa;
use crate::sandbox::edge::snapshot::Snapshot;
use crate::sandbox::edge::thing::Fact;
use crate::sandbox::edge::thing::Facts;
use crate::sandbox::edge::thing::Thing;
use crate::sandbox::edge::thing::facts;

/// The edge's view of an account. A value: the moment and the delays come from outside.
#[derive(Clone, Debug, Default)]
pub struct View {
    /// The account as it was last noted.
    truth: Facts,
    /// What has arrived.
    shown: Facts,
    /// What has not, by the moment of its arrival.
    waiting: Vec<Change>,
    /// How many changes there have been.
    noted: u64,
    managed: Option<Arc<ManagedCa>>,
}

/// A change on its way.
#[derive(Clone, Debug)]
struct Change {
    arrives: Timestamp,
    /// A later change of the same thing has a larger one.
    number: u64,
    thing: Thing,
    /// `None` if it is gone.
    fact: Option<Fact>,
}

impl View {
    /// A view in which all of an account has arrived.
    #[must_use]
    pub fn of(account: &Account) -> Self {
        let truth = facts(account, &Facts::new());
        Self {
            shown: truth.clone(),
            truth,
            waiting: Vec::new(),
            noted: 0,
            managed: None,
        }
    }

    /// The same view with a managed CA; without one, its hosts ask and nobody has a certificate.
    #[must_use]
    pub fn with_managed(self, managed: Arc<ManagedCa>) -> Self {
        Self {
            managed: Some(managed),
            ..self
        }
    }

    /// The view once the account is noted to be like this: everything that differs from what was noted last
    /// set out at that moment, each with a delay of its own.
    #[must_use]
    pub fn noting(mut self, account: &Account, since: Timestamp, delays: &mut Delays) -> Self {
        let truth = facts(account, &self.truth);
        let things: BTreeSet<&Thing> = self.truth.keys().chain(truth.keys()).collect();
        for thing in things {
            let fact = truth.get(thing);
            if self.truth.get(thing) != fact {
                self.noted = self.noted.saturating_add(1);
                self.waiting.push(Change {
                    arrives: since.saturating_add(delays.next()).unwrap_or(since),
                    number: self.noted,
                    thing: thing.clone(),
                    fact: fact.cloned(),
                });
            }
        }
        self.waiting
            .sort_by_key(|change| (change.arrives, change.number));
        self.truth = truth;
        self
    }

    /// The view at a moment: what is due has arrived, and what it supersedes never does.
    #[must_use]
    pub fn at(mut self, now: Timestamp) -> Self {
        let due = self.waiting.partition_point(|change| change.arrives <= now);
        let rest = self.waiting.split_off(due);
        let mut due = std::mem::replace(&mut self.waiting, rest);
        while !due.is_empty() {
            let Change {
                number,
                thing,
                fact,
                ..
            } = due.remove(0);
            let is_older = |other: &Change| other.thing == thing && other.number < number;
            due.retain(|other| !is_older(other));
            self.waiting.retain(|other| !is_older(other));
            match fact {
                Some(fact) => self.shown.insert(thing, fact),
                None => self.shown.remove(&thing),
            };
        }
        self
    }

    /// When the next change arrives; `None` if all have.
    #[must_use]
    pub fn next_arrival(&self) -> Option<Timestamp> {
        self.waiting.first().map(|change| change.arrives)
    }

    /// How many changes are on their way.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// What has arrived, ready to answer.
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        Snapshot::of(&self.shown, self.managed.clone())
    }
}
