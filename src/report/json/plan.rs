//! A plan as a document.

use schemars::JsonSchema;
use serde::Serialize;

use crate::plan;
use crate::plan::Assessment;
use crate::plan::HeldBecause;
use crate::plan::Plan;
use crate::report::json::FORMAT_VERSION;
use crate::report::json::address::Address;
use crate::report::json::refusal::Refusal;
use crate::report::json::safety::Evidence;
use crate::report::json::safety::Shift;
use crate::report::json::safety::Violation;
use crate::report::json::step;
use crate::report::json::step::Wave;
use crate::report::shown::Planned;
use crate::resource::Hostname;

/// What a plan would change, why, and what stands against it.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Plan")]
pub(super) struct Document<'a> {
    /// Counts up when a field changes its meaning or goes.
    format_version: u32,
    account: &'a str,
    owner: &'a str,
    /// Which plan it is: what `apply --expect` takes.
    digest: &'a str,
    /// Whether there is nothing to do.
    empty: bool,
    /// Whether every state on the way is safe.
    safe: bool,
    /// How `plan` ends.
    exit_code: u8,
    /// How many steps it has.
    steps: usize,
    /// The headline: who changes verdict.
    shifts: Vec<Shift<'a>>,
    /// The hosts that it opens to clients without a certificate.
    opened: Vec<&'a str>,
    /// What stands against it; empty if it may run.
    refusals: Vec<Refusal>,
    /// The steps; those of one wave may take effect in any order, the waves follow each other.
    waves: Vec<Wave<'a>>,
    /// What stays as it is although somebody might expect otherwise.
    held: Vec<Held<'a>>,
    notes: Vec<Note>,
    slots: Slots,
    evidence: Evidence,
    violations: Vec<Violation<'a>>,
}

/// An object that the plan leaves alone, and why.
#[derive(Serialize, JsonSchema)]
struct Held<'a> {
    address: Address<'a>,
    kind: HeldKind,
    /// Whether it is ours, and waits for a day or for somebody to act.
    is_ours: bool,
    /// From this day on it may go; `null` where no day is waited for.
    until: Option<String>,
    text: String,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum HeldKind {
    NotUploadedByUs,
    MarkContradictsContent,
    Leaf,
    Product,
    NotOurRule,
    StillListed,
    OutsideZones,
    Overlap,
    NoSlot,
}

/// Something to know, without any step.
#[derive(Serialize, JsonSchema)]
struct Note {
    kind: NoteKind,
    text: String,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum NoteKind {
    Adopted,
    Renamed,
    Defective,
    AdoptedMissing,
    TestFails,
    SideEffects,
    NotLookedAt,
}

/// The CA quota of the account over the plan.
#[derive(Serialize, JsonSchema)]
struct Slots {
    quota: usize,
    before: usize,
    /// At the fullest moment.
    peak: usize,
    after: usize,
}

impl<'a> Document<'a> {
    pub(super) fn of(planned: &Planned<'a>) -> Self {
        let Planned {
            account,
            owner,
            plan,
            digest,
            refusals,
            exit_code,
        } = *planned;
        let Plan {
            waves,
            held,
            notes,
            slots,
            safety,
        } = plan;
        let Assessment {
            violations,
            shifts,
            opened,
            evidence,
        } = safety;
        Self {
            format_version: FORMAT_VERSION,
            account: account.as_str(),
            owner: owner.as_str(),
            digest: digest.as_str(),
            empty: plan.is_empty(),
            safe: safety.is_safe(),
            exit_code,
            steps: plan.steps().count(),
            shifts: shifts.iter().map(Shift::of).collect(),
            opened: opened.iter().map(Hostname::as_str).collect(),
            refusals: refusals.iter().map(Refusal::of).collect(),
            waves: step::waves(waves),
            held: held.iter().map(Held::of).collect(),
            notes: notes.iter().map(Note::of).collect(),
            slots: Slots::of(slots),
            evidence: Evidence::of(evidence),
            violations: violations.iter().map(Violation::of).collect(),
        }
    }
}

impl<'a> Held<'a> {
    fn of(held: &'a plan::Held) -> Self {
        let plan::Held { address, because } = held;
        let until = match because {
            HeldBecause::Overlap { until, .. } => Some(until.to_string()),
            _ => None,
        };
        Self {
            address: Address::of(address),
            kind: HeldKind::of(because),
            is_ours: because.is_ours(),
            until,
            text: because.to_string(),
        }
    }
}

impl HeldKind {
    fn of(because: &HeldBecause) -> Self {
        match because {
            HeldBecause::NotUploadedByUs => Self::NotUploadedByUs,
            HeldBecause::MarkContradictsContent => Self::MarkContradictsContent,
            HeldBecause::Leaf => Self::Leaf,
            HeldBecause::Product(_) => Self::Product,
            HeldBecause::NotOurRule => Self::NotOurRule,
            HeldBecause::StillListed { .. } => Self::StillListed,
            HeldBecause::OutsideZones => Self::OutsideZones,
            HeldBecause::Overlap { .. } => Self::Overlap,
            HeldBecause::NoSlot { .. } => Self::NoSlot,
        }
    }
}

impl Note {
    fn of(note: &plan::Note) -> Self {
        let kind = match note {
            plan::Note::Adopted { .. } => NoteKind::Adopted,
            plan::Note::Renamed { .. } => NoteKind::Renamed,
            plan::Note::Defective { .. } => NoteKind::Defective,
            plan::Note::AdoptedMissing { .. } => NoteKind::AdoptedMissing,
            plan::Note::TestFails { .. } => NoteKind::TestFails,
            plan::Note::SideEffects { .. } => NoteKind::SideEffects,
            plan::Note::NotLookedAt { .. } => NoteKind::NotLookedAt,
        };
        Self {
            kind,
            text: note.to_string(),
        }
    }
}

impl Slots {
    fn of(slots: &plan::Slots) -> Self {
        let plan::Slots {
            quota,
            before,
            peak,
            after,
        } = slots;
        Self {
            quota: *quota,
            before: *before,
            peak: *peak,
            after: *after,
        }
    }
}
