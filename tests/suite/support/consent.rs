//! What a plan has to be allowed so that no guard is against it.

use jiff::Timestamp;
use mtlsctl::desired::Desired;
use mtlsctl::live::Live;
use mtlsctl::plan::Consent;
use mtlsctl::plan::Objection;
use mtlsctl::plan::Plan;
use mtlsctl::plan::Refusal;
use mtlsctl::plan::approve;
use mtlsctl::plan::guard::Reliance;

/// Just what the guards ask for; nothing else that stands against a plan is lifted by it.
pub(crate) fn to_guards(plan: &Plan, desired: &Desired, live: &Live, at: Timestamp) -> Consent {
    match approve(plan.clone(), desired, live, at, &Consent::default()) {
        Ok(_) => Consent::default(),
        Err(refusals) => refusals.iter().fold(Consent::default(), granting),
    }
}

/// The same, and what one more refusal asks for.
pub(crate) fn granting(consent: Consent, refusal: &Refusal) -> Consent {
    let mut consent = consent;
    let Refusal::Guarded { objection } = refusal else {
        return consent;
    };
    match &**objection {
        Objection::Deletions { objects, .. } => consent.deletes = Some(objects.len()),
        Objection::Unprotected { changed, .. } => consent.changed_hosts = Some(*changed),
        Objection::ChangedHosts { hosts, .. } => consent.changed_hosts = Some(hosts.count()),
        Objection::Opened { hosts } => consent.opened.extend(hosts.iter().cloned()),
        Objection::SideEffects { hosts, .. } | Objection::Relied(Reliance { hosts, .. }) => {
            consent.side_effects.extend(hosts.iter().cloned());
        }
        Objection::Expiring { ca, .. } => {
            consent.expiring.insert(ca.clone());
        }
    }
    consent
}
