//! The gate between a plan and its execution.
//!
//! What a plan has to fulfil before anything is written is judged here, on the finished plan, and
//! nowhere else: the quota, and that no state on the way is unsafe; every other condition for running a plan
//! belongs here too.

use std::collections::BTreeSet;

use crate::live::Live;
use crate::plan::Address;
use crate::plan::Change;
use crate::plan::Plan;
use crate::plan::Refusal;
use crate::plan::safety::Violation;
use crate::resource::Hostname;

/// A plan that may run. Only [`approve`] makes one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Approved(Plan);

impl Approved {
    /// The plan.
    #[must_use]
    pub fn plan(&self) -> &Plan {
        &self.0
    }
}

/// What somebody who runs a plan takes upon themselves.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Consent {
    /// Hosts on which clients that get in now and in the end may be turned away in between.
    pub interruptions: BTreeSet<Hostname>,
}

impl Consent {
    /// Whether it is for this. Nothing is for a moment in which somebody gets in who should not.
    fn covers(&self, violation: &Violation) -> bool {
        let mut hosts = violation.hosts.iter();
        !violation.exposes()
            && !violation.hosts.is_empty()
            && hosts.all(|host| self.interruptions.contains(host))
    }
}

/// Lets a plan through, or says everything that stands against it.
///
/// # Errors
/// Every [`Refusal`], each with the numbers and objects it rests on.
pub fn approve(plan: Plan, live: &Live, consent: &Consent) -> Result<Approved, Vec<Refusal>> {
    let mut refusals: Vec<Refusal> = quota(&plan, live).into_iter().collect();
    let unsafe_states = plan.safety.violations.iter();
    let unsafe_states = unsafe_states.filter(|violation| !consent.covers(violation));
    refusals.extend(unsafe_states.map(|violation| Refusal::Unsafe {
        violation: Box::new(violation.clone()),
    }));
    if refusals.is_empty() {
        Ok(Approved(plan))
    } else {
        Err(refusals)
    }
}

/// The number of CAs never exceeds the quota; uploads come first, so the fullest moment is after them.
fn quota(plan: &Plan, live: &Live) -> Option<Refusal> {
    let uploads: Vec<Address> = plan
        .steps()
        .filter(|step| matches!(step.change, Change::UploadCa { .. }))
        .map(|step| step.address.clone())
        .collect();
    if uploads.is_empty() || plan.slots.peak <= plan.slots.quota {
        return None;
    }
    let holders = live
        .cas
        .iter()
        .filter(|ca| ca.is_uploaded_ca())
        .map(|ca| Address::Ca {
            label: ca.label().to_owned(),
        })
        .collect();
    Some(Refusal::QuotaExceeded {
        quota: plan.slots.quota,
        uploads,
        holders,
    })
}
