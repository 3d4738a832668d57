//! Running plans: on which day, as far as to which step, and what they find.

use jiff::Timestamp;
use mtlsctl::live::Live;
use mtlsctl::plan::Plan;

use crate::oracle::random::Random;
use crate::support::interpreter;

/// The day on which scenarios play.
pub(super) fn day() -> Timestamp {
    "2026-06-01T12:00:00Z".parse().expect("a moment")
}

/// Whether a plan is called safe, and has slots for its CAs.
pub(super) fn is_safe(plan: &Plan) -> bool {
    let slots = &plan.slots;
    plan.safety.is_safe() && (slots.peak <= slots.quota || slots.peak == slots.before)
}

/// The account after a plan.
pub(super) fn run(plan: &Plan, account: &Live) -> Result<Live, String> {
    interpreter::run(plan, account)
}

/// A plan up to some step: of its last wave any steps.
pub(super) fn beginning(plan: &Plan, random: &mut Random) -> Plan {
    let mut plan = plan.clone();
    let waves = random.below(plan.waves.len()) + 1;
    plan.waves.truncate(waves);
    if let Some(last) = plan.waves.last_mut() {
        last.steps.truncate(random.below(last.steps.len() + 1));
    }
    plan
}
