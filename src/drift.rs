//! What differs between the file and the account, how bad that is, and whose side changed.
//!
//! The differences are those that a plan would take away; here nothing orders or refuses them. They are graded by
//! verdicts: [`Grade`] says whether somebody gets in who should not, or is stopped who should get in. There is
//! no state file, so [`Side`] is told by what the account itself carries, and often cannot be told.

mod attribution;
mod difference;
mod fingerprint;
mod grade;
mod side;
mod threshold;
mod unit;

use jiff::Timestamp;

use crate::desired::Desired;
use crate::live::Live;
use crate::plan;
use crate::plan::Allowed;
use crate::plan::Consent;
use crate::plan::FailedTest;
use crate::plan::Held;
use crate::plan::Refusal;
use crate::plan::safety::Shift;
use crate::plan::safety::Unknown;
use crate::resource::AccountId;

pub use difference::Difference;
pub use difference::Object;
pub use difference::What;
pub use fingerprint::Fingerprint;
pub use grade::Extent;
pub use grade::Grade;
pub use side::Side;
pub use threshold::Kind;

use attribution::Scene;
use side::Sides;

/// What differs between a file and an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drift {
    /// The account.
    pub account: AccountId,
    /// The moment that dates are judged by.
    pub at: Timestamp,
    /// How bad all of it is together.
    pub grade: Grade,
    /// What differs, one object each, in their order.
    pub differences: Vec<Difference>,
    /// Whose requests have another verdict on the account than they should: *before* is as it is, *after* as the
    /// file wants it.
    pub shifts: Vec<Shift>,
    /// Where that could not be found out.
    pub unknown: Vec<Unknown>,
    /// The access tests of the file that do not hold on the account.
    pub tests: Vec<FailedTest>,
    /// What of ours waits for a day or for somebody to act, which is no drift.
    pub held: Vec<Held>,
    /// What would stand against applying the file.
    pub refusals: Vec<Refusal>,
    /// The same for the same drift, whenever it is looked at; `None` where there is none.
    pub fingerprint: Option<Fingerprint>,
}

impl Drift {
    /// Whether the account is what the file asks for, and every access test holds.
    #[must_use]
    pub fn is_none(&self) -> bool {
        self.differences.is_empty() && self.tests.is_empty()
    }
}

/// Holds the account against the file at a moment.
///
/// # Errors
/// Every [`Refusal`] at once that is an error: what is missing in the account or contradicts it. A plan that safety
/// or a guard would refuse is no error.
pub fn drift(desired: &Desired, live: &Live, at: Timestamp) -> Result<Drift, Vec<Refusal>> {
    let comparison = plan::compare(desired, live, at, &Allowed::default())?;
    let units = unit::units(&comparison, live, &Sides::of(&comparison.desired, live));
    let scene = Scene::of(&comparison, live, at);
    let whole = scene.whole();
    let grade = Grade::of(&whole);
    let differences = attribution::graded(units, &scene, &whole);
    let tests = plan::failing_now(&comparison.desired, live, at);
    let refusals = if differences.is_empty() {
        Vec::new()
    } else {
        refusals(desired, live, at)
    };
    let held = comparison.held.iter();
    Ok(Drift {
        account: live.account.clone(),
        at,
        grade,
        fingerprint: Fingerprint::of(&differences, &tests),
        differences,
        shifts: whole.shifts,
        unknown: whole.unknown,
        tests,
        held: held.filter(|one| one.because.is_ours()).cloned().collect(),
        refusals,
    })
}

/// What would stand against applying the file without any consent.
fn refusals(desired: &Desired, live: &Live, at: Timestamp) -> Vec<Refusal> {
    let plan = plan::plan(desired, live, at, &Allowed::default());
    let approved =
        plan.and_then(|plan| plan::approve(plan, desired, live, at, &Consent::default()));
    approved.err().unwrap_or_default()
}
