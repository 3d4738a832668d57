//! A world's plan, with what stands against it.

use mtlsctl::plan;
use mtlsctl::plan::Consent;
use mtlsctl::plan::Plan;
use mtlsctl::plan::Refusal;
use mtlsctl::report::shown::Planned;
use mtlsctl::resource::AccountId;
use mtlsctl::resource::Digest;
use mtlsctl::resource::Name;

use crate::support::scenario::Scenario;

/// A plan that was judged.
pub(crate) struct Judged {
    pub(crate) account: AccountId,
    pub(crate) owner: Name,
    pub(crate) plan: Plan,
    pub(crate) digest: Digest,
    pub(crate) refusals: Vec<Refusal>,
}

impl Judged {
    /// The plan of a world without any consent.
    pub(crate) fn of(world: &Scenario) -> Self {
        let desired = world.desired();
        let live = world.observed(&desired);
        let plan = world.plan().expect("a plan");
        let consent = Consent::default();
        let judged = plan::approve(plan.clone(), &desired, &live, world.at(), &consent);
        Self {
            account: world.account().account.clone(),
            owner: desired.owner,
            plan,
            digest: Digest::of(b"this very plan"),
            refusals: judged.err().unwrap_or_default(),
        }
    }

    /// As reports take it.
    pub(crate) fn planned(&self) -> Planned<'_> {
        Planned {
            account: &self.account,
            owner: &self.owner,
            plan: &self.plan,
            digest: &self.digest,
            refusals: &self.refusals,
            exit_code: if self.refusals.is_empty() { 0 } else { 3 },
        }
    }
}
