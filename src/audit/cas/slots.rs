//! Findings about the slots of the CA quota.

use jiff::SignedDuration;
use jiff::Timestamp;

use crate::audit::Finding;
use crate::audit::Kind;
use crate::audit::Severity;
use crate::audit::Standard;
use crate::audit::Subject;
use crate::audit::cas::Uploaded;
use crate::audit::cas::day;

/// With one slot left, a CA that ends within this time is a reason to free another: contracts take a
/// while to change.
const RUNWAY: SignedDuration = SignedDuration::from_hours(180 * 24);

/// A CA that nothing uses, as far as can be seen; nothing is said where not all host lists were read.
pub(super) fn unused(ca: &Uploaded<'_>, subject: &Subject, standard: &Standard) -> Option<Finding> {
    let mut zones = subject.live.zones.values();
    let all_read = zones.len() > 0 && zones.all(|zone| zone.lists.is_some());
    let services = subject.services.get(&ca.ca.id)?;
    if !all_read || !ca.hosts.is_empty() || !services.is_empty() {
        return None;
    }
    let finding = ca
        .finding(
            Severity::Low,
            Kind::CaUnused,
            format!(
                "No host list names it and no service uses it, and it holds {} for CAs.",
                slot_of(standard.quota)
            ),
        )
        .remedy(
            "delete it, after making sure that no zone that this account does not show lists hosts for it.",
        );
    Some(finding)
}

/// No room for the next CA, or soon none.
pub(super) fn quota(
    cas: &[Uploaded<'_>],
    subject: &Subject,
    standard: &Standard,
) -> Option<Finding> {
    let used = subject.live.slots_used();
    let finding = if used >= standard.quota {
        full(used, standard.quota)
    } else if used + 1 == standard.quota {
        last_slot(cas, standard.at)?
    } else {
        return None;
    };
    let taken = standard.quota;
    Some(finding.detail(format!(
        "The quota is taken as {taken}: contracts differ, and `quota` in the file or `--quota` sets it."
    )))
}

fn full(used: usize, quota: usize) -> Finding {
    let sentence = if used == quota {
        let used = if quota == 1 {
            "The only slot for CAs is used".to_owned()
        } else {
            format!("All {quota} slots for CAs are used")
        };
        format!("{used}: there is no room for the next CA.")
    } else {
        format!(
            "The account holds {used} CAs, and its quota is taken as {quota}: there is no room for the next CA."
        )
    };
    Finding::new(Severity::Medium, Kind::CaQuota, "account", sentence)
        .detail("A rotation needs one free slot while the old and the new CA are both live.")
        .remedy("delete a CA that is not needed, or have the quota raised in the contract.")
}

fn last_slot(cas: &[Uploaded<'_>], at: Timestamp) -> Option<Finding> {
    let ends = |ca: &Uploaded<'_>| Some(ca.ca.bundle.as_ref()?.not_after());
    let within = |end: Timestamp| at <= end && end.duration_since(at) <= RUNWAY;
    let ending = cas
        .iter()
        .filter_map(|ca| Some((ends(ca)?, ca)))
        .filter(|(end, _)| within(*end));
    let (end, ca) = ending.min_by_key(|(end, _)| *end)?;
    let finding = Finding::new(
        Severity::Low,
        Kind::CaQuota,
        "account",
        format!(
            "One slot for CAs is left, and the CA {} expires on {}: its rotation takes it.",
            ca.label,
            day(end)
        ),
    )
    .remedy(
        "delete a CA that is not needed before that, so that the rotation after this one has room too.",
    );
    Some(finding)
}

fn slot_of(quota: usize) -> String {
    if quota == 1 {
        "the only slot".to_owned()
    } else {
        format!("one of {quota} slots")
    }
}
