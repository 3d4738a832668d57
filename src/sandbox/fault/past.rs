//! How the account was: for reads that show it as it was. Lives in memory, as long as one server does.

use std::collections::VecDeque;

use jiff::SignedDuration;
use jiff::Timestamp;

use crate::sandbox::account::Account;
use crate::sandbox::fault::call::Object;
use crate::sandbox::fault::kind::Ago;

/// How many states are remembered, and how many writes hidden; further back, the oldest is shown, and shows.
const STATES: usize = 256;

/// The states of the account so far, and what is not shown yet.
#[derive(Debug, Default)]
pub(crate) struct Past {
    /// How many calls there were.
    calls: u64,
    /// Oldest first; neighbours differ.
    states: VecDeque<State>,
    veils: Vec<Veil>,
}

/// The account from some call, and some moment, on.
#[derive(Debug)]
struct State {
    call: u64,
    since: Timestamp,
    account: Account,
}

/// A write that reads of its object do not show yet.
#[derive(Debug)]
struct Veil {
    object: Object,
    before: Account,
    until: Timestamp,
}

impl Past {
    /// Counts a call that finds the account like this.
    pub(crate) fn begin(&mut self, account: &Account, now: Timestamp) {
        self.calls = self.calls.saturating_add(1);
        self.remember(self.calls, account, now);
    }

    /// The call leaves the account like this.
    pub(crate) fn end(&mut self, account: &Account, now: Timestamp) {
        self.remember(self.calls.saturating_add(1), account, now);
    }

    /// Hides a write of `object` from reads until a moment.
    pub(crate) fn hide(
        &mut self,
        object: Object,
        before: Account,
        (now, until): (Timestamp, Timestamp),
    ) {
        self.veils.retain(|veil| veil.until > now);
        if self.veils.len() >= STATES {
            self.veils.remove(0);
        }
        self.veils.push(Veil {
            object,
            before,
            until,
        });
    }

    /// The account that reads of `object` show, if it is not the true one.
    pub(crate) fn veiled(&mut self, object: &Object, now: Timestamp) -> Option<&Account> {
        self.veils.retain(|veil| veil.until > now);
        let veil = self.veils.iter().find(|veil| veil.object == *object)?;
        Some(&veil.before)
    }

    /// The account as the call of that long ago found it.
    pub(crate) fn ago(&self, ago: Ago, now: Timestamp) -> Option<&Account> {
        let is_old_enough = |state: &&State| match ago {
            Ago::Calls(calls) => state.call <= self.calls.saturating_sub(calls),
            Ago::Time(time) => now.duration_since(state.since) >= time.max(SignedDuration::ZERO),
        };
        let found = self.states.iter().rev().find(is_old_enough);
        found.or(self.states.front()).map(|state| &state.account)
    }

    fn remember(&mut self, call: u64, account: &Account, now: Timestamp) {
        if self
            .states
            .back()
            .is_some_and(|last| last.account == *account)
        {
            return;
        }
        if self.states.len() >= STATES {
            self.states.pop_front();
        }
        self.states.push_back(State {
            call,
            since: now,
            account: account.clone(),
        });
    }
}
