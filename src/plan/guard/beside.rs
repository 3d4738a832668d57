//! Hosts that are not ours, and what a plan changes there.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use crate::desired::Desired;
use crate::edge::Reading;
use crate::edge::Verdict;
use crate::live::Live;
use crate::plan::Assessment;
use crate::plan::ownership;
use crate::plan::safety::Certainty;
use crate::resource::Hostname;

/// The hosts that are ours: declared, or named in a live rule of ours.
pub(super) fn ours(desired: &Desired, live: &Live) -> BTreeSet<Hostname> {
    let zones = live.zones.values();
    let named = zones.flat_map(|zone| ownership::hosts_in_our_rules(desired, zone));
    desired.hosts.keys().cloned().chain(named).collect()
}

/// The other hosts on which somebody changes verdict, and how certain that is. Any other host of a zone has no
/// name and is not among them; that an opened one is open is not told again.
pub(super) fn side_effects(
    desired: &Desired,
    live: &Live,
    safety: &Assessment,
) -> BTreeMap<Certainty, Vec<Hostname>> {
    let ours = ours(desired, live);
    let mut changed: BTreeMap<&Hostname, BTreeSet<Reading>> = BTreeMap::new();
    for shift in &safety.shifts {
        let theirs = shift.hosts.iter().filter(|host| !ours.contains(*host));
        let theirs = theirs.filter(|host| {
            let is_opening = shift.after == Verdict::Pass && safety.opened.contains(*host);
            !is_opening
        });
        for host in theirs {
            let readings = changed.entry(host).or_default();
            match shift.certainty {
                Certainty::Certain => readings.extend(Reading::BOTH),
                Certainty::Possible(reading) => readings.extend([reading]),
            }
        }
    }
    let mut hosts: BTreeMap<Certainty, Vec<Hostname>> = BTreeMap::new();
    for (host, readings) in changed {
        // Each reading may have a change of its own: that there is one is certain then.
        let certainty = match readings.first() {
            Some(only) if readings.len() == 1 => Certainty::Possible(*only),
            _ => Certainty::Certain,
        };
        hosts.entry(certainty).or_default().push(host.clone());
    }
    hosts
}
