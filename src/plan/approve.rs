//! The gate between a plan and its execution.
//!
//! What a plan has to fulfil before anything is written is judged here, on the finished plan, and
//! nowhere else: the quota, that no state on the way is unsafe, and what the guards say; every other condition for
//! running a plan belongs here too.

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::desired::Desired;
use crate::live::Live;
use crate::plan::Address;
use crate::plan::Change;
use crate::plan::Plan;
use crate::plan::Refusal;
use crate::plan::guard;
use crate::plan::safety::Violation;
use crate::resource::Hostname;
use crate::resource::Name;

/// A plan that may run, with what it was judged by. Only [`approve`] makes one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Approved {
    plan: Plan,
    pub(super) desired: Desired,
    /// The moment that dates are judged by.
    pub(super) at: Timestamp,
    pub(super) consent: Consent,
}

impl Approved {
    /// The plan.
    #[must_use]
    pub fn plan(&self) -> &Plan {
        &self.plan
    }
}

/// What somebody who runs a plan takes upon themselves; each for itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Consent {
    /// Hosts on which clients that get in now and in the end may be turned away in between.
    pub interruptions: BTreeSet<Hostname>,
    /// How many CAs and rules of ours may be deleted, if more than the file says.
    pub deletes: Option<usize>,
    /// On how many protected hosts somebody may change verdict, or every rule of ours go.
    pub changed_hosts: Option<usize>,
    /// CAs, by their names in the file, that may be uploaded although they end soon.
    pub expiring: BTreeSet<Name>,
    /// Hosts that may stand open to clients without a certificate.
    pub opened: BTreeSet<Hostname>,
    /// Hosts that are not ours on which verdicts may change, and rules of others lose what they count on; a
    /// zone's name stands for its rules that name no host.
    pub side_effects: BTreeSet<Hostname>,
}

impl Consent {
    /// Whether it is for this. Nothing is for a moment in which somebody gets in who should not.
    pub(super) fn covers(&self, violation: &Violation) -> bool {
        let mut hosts = violation.hosts.iter();
        !violation.exposes()
            && !violation.hosts.is_empty()
            && hosts.all(|host| self.interruptions.contains(host))
    }
}

/// Lets a plan through, or says everything that stands against it. The plan is that from `live` to `desired`, and
/// `at` is the moment that dates are judged by.
///
/// # Errors
/// Every [`Refusal`], each with the numbers and objects it rests on.
pub fn approve(
    plan: Plan,
    desired: &Desired,
    live: &Live,
    at: Timestamp,
    consent: &Consent,
) -> Result<Approved, Vec<Refusal>> {
    let mut refusals: Vec<Refusal> = quota(&plan, live).into_iter().collect();
    let unsafe_states = plan.safety.violations.iter();
    let unsafe_states = unsafe_states.filter(|violation| !consent.covers(violation));
    refusals.extend(unsafe_states.map(|violation| Refusal::Unsafe {
        violation: Box::new(violation.clone()),
    }));
    let objections = guard::objections(&plan, (desired, live), at, consent).into_iter();
    refusals.extend(objections.map(|objection| Refusal::Guarded {
        objection: Box::new(objection),
    }));
    if refusals.is_empty() {
        Ok(Approved {
            plan,
            desired: desired.clone(),
            at,
            consent: consent.clone(),
        })
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
