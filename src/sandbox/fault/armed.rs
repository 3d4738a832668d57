//! The faults that are armed, and which of them act on a call: counters and a call in, a decision out.

use std::collections::BTreeSet;

use bytes::Bytes;
use http::Request;
use serde::Deserialize;
use serde::Serialize;
use sha2::Digest;
use sha2::Sha256;

use crate::sandbox::account::Account;
use crate::sandbox::fault::Fault;
use crate::sandbox::fault::call::Call;
use crate::sandbox::fault::kind::Kind;
use crate::sandbox::permission::Permission;

/// The form in which this version writes armed faults.
const FORMAT_VERSION: u32 = 1;

/// Faults in the order in which they are asked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Faults {
    format_version: u32,
    faults: Vec<Armed>,
}

/// A fault that waits for calls.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Armed {
    fault: Fault,
    met: u64,
    fired: u64,
    #[serde(default)]
    in_vain: u64,
    /// Why it was in vain, the last time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

impl Default for Faults {
    fn default() -> Self {
        Self::new(Vec::new())
    }
}

impl Faults {
    /// Arms these, and nothing else.
    #[must_use]
    pub fn new(faults: Vec<Fault>) -> Self {
        Self {
            format_version: FORMAT_VERSION,
            faults: faults.into_iter().map(Armed::new).collect(),
        }
    }

    /// Arms one more.
    pub fn arm(&mut self, fault: Fault) {
        self.faults.push(Armed::new(fault));
    }

    /// Disarms the one at this place, counted from 1, and says whether there was one.
    pub fn disarm(&mut self, number: usize) -> bool {
        let index = number
            .checked_sub(1)
            .filter(|index| *index < self.faults.len());
        index.map(|index| self.faults.remove(index)).is_some()
    }

    /// What is armed.
    #[must_use]
    pub fn armed(&self) -> &[Armed] {
        &self.faults
    }

    /// The faults that act on a call. Counts it for all that it concerns.
    ///
    /// The same faults and the same calls in the same order give the same decisions. Of the faults that decide
    /// what comes back, the first that is due acts alone.
    pub fn meet(&mut self, request: &Request<Bytes>, account: &Account) -> Vec<Fault> {
        self.decide(&Call::of(request, account))
    }

    pub(crate) fn decide(&mut self, call: &Call) -> Vec<Fault> {
        let mut acting: Vec<Fault> = Vec::new();
        for armed in &mut self.faults {
            if !armed.fault.concerns(call) {
                continue;
            }
            armed.met = armed.met.saturating_add(1);
            let is_late =
                armed.fault.kind().is_end() && acting.iter().any(|fault| fault.kind().is_end());
            if !is_late && armed.is_due() {
                armed.fired = armed.fired.saturating_add(1);
                acting.push(armed.fault.clone());
            }
        }
        acting
    }

    /// One acted, and nothing came of it.
    pub(crate) fn note_in_vain(&mut self, fault: &Fault, reason: &str) {
        let mut armed = self.faults.iter_mut();
        if let Some(armed) = armed.find(|armed| armed.fault == *fault) {
            armed.in_vain = armed.in_vain.saturating_add(1);
            armed.reason = Some(reason.to_owned());
        }
    }

    /// The permissions that no token has any more.
    pub(crate) fn revoked(&self) -> BTreeSet<Permission> {
        let fired = self.faults.iter().filter(|armed| armed.fired > 0);
        fired
            .filter_map(|armed| match armed.fault.kind() {
                Kind::RevokedPermission(permission) => Some(*permission),
                _ => None,
            })
            .collect()
    }
}

impl Armed {
    fn new(fault: Fault) -> Self {
        Self {
            fault,
            met: 0,
            fired: 0,
            in_vain: 0,
            reason: None,
        }
    }

    /// The fault.
    #[must_use]
    pub fn fault(&self) -> &Fault {
        &self.fault
    }

    /// How many calls it concerned since it was armed.
    #[must_use]
    pub fn met(&self) -> u64 {
        self.met
    }

    /// On how many of them it acted.
    #[must_use]
    pub fn fired(&self) -> u64 {
        self.fired
    }

    /// How often it acted and nothing came of it, and why the last time; somebody else's write may be one that the
    /// account refuses.
    #[must_use]
    pub fn in_vain(&self) -> Option<(u64, &str)> {
        Some((self.in_vain, self.reason.as_deref()?))
    }

    /// Whether it acts on the call that was counted last.
    fn is_due(&self) -> bool {
        let entry = self.fault.entry();
        let times = match self.fault.kind() {
            Kind::RevokedPermission(_) => Some(1),
            _ => entry.times,
        };
        self.met > entry.after.unwrap_or(0)
            && times.is_none_or(|times| self.fired < times)
            && entry
                .chance
                .is_none_or(|chance| draw(entry.seed.unwrap_or(0), self.met) < chance)
    }
}

/// A number from 0 up to 1 that looks random, for the n-th call.
fn draw(seed: u64, nth: u64) -> f64 {
    let digest = Sha256::digest(format!("{seed}\0{nth}"));
    let drawn = digest
        .iter()
        .take(4)
        .fold(0_u32, |drawn, byte| (drawn << 8) | u32::from(*byte));
    f64::from(drawn) / (f64::from(u32::MAX) + 1.0)
}
