//! The gate between a plan and its execution.
//!
//! What a plan has to fulfil before anything is written is judged here, on the finished plan, and
//! nowhere else: today the quota; every other condition for running a plan belongs here too.

use crate::live::Live;
use crate::plan::Address;
use crate::plan::Change;
use crate::plan::Plan;
use crate::plan::Refusal;

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

/// Lets a plan through, or says everything that stands against it.
///
/// # Errors
/// Every [`Refusal`], each with the numbers and objects it rests on.
pub fn approve(plan: Plan, live: &Live) -> Result<Approved, Vec<Refusal>> {
    let refusals: Vec<Refusal> = quota(&plan, live).into_iter().collect();
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
