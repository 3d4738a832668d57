//! What has to be read of an account before it can be planned, and how many calls that takes.

use std::collections::BTreeSet;

use crate::desired::Content;
use crate::desired::Desired;
use crate::edge::Rule;
use crate::live::Live;
use crate::live::Reading;
use crate::live::Rules;
use crate::plan::cas;
use crate::plan::cas::Fate;
use crate::plan::ownership;
use crate::resource::ZoneName;
use crate::resource::ZoneStatus;

/// Above this many calls a plan says what it is about to do, and how to make it cheaper.
pub const MANY_CALLS: usize = 300;

/// Which zones' rules to read.
#[must_use]
pub fn rules_to_read(desired: &Desired, live: &Live) -> Reading {
    let active = live
        .zones
        .iter()
        .filter(|(_, zone)| zone.zone.status == ZoneStatus::Active);
    let (needed, other): (BTreeSet<ZoneName>, BTreeSet<ZoneName>) = active
        .map(|(name, _)| name.clone())
        .partition(|name| desired.speaks_for(name));
    let lists = live.slots_used() + 1;
    if (needed.len() + other.len()) * (1 + lists) > MANY_CALLS {
        return Reading {
            needed,
            optional: BTreeSet::new(),
            skipped: other.len(),
        };
    }
    Reading {
        needed,
        optional: other,
        skipped: 0,
    }
}

/// Which zones' host lists to read, once the rules are known: those with declared hosts or marks of
/// ours, the other ones that were looked at, those where others test certificates when a CA comes, which
/// may verify there too, and every zone of the account when a CA may be deleted.
#[must_use]
pub fn lists_to_read(desired: &Desired, live: &Live) -> Reading {
    let everywhere = live
        .cas
        .iter()
        .any(|ca| matches!(cas::fate(desired, ca), Fate::Goes(_)));
    let a_ca_comes = desired.cas.values().any(|ca| match &ca.content {
        Content::Uploaded(bundle) => !ca.is_retired && live.ca_of(bundle).is_none(),
        Content::CloudflareManaged => false,
    });
    let declared: BTreeSet<&ZoneName> = desired.hosts.values().map(|host| &host.zone).collect();
    let mut reading = Reading::default();
    for (name, zone) in &live.zones {
        let rules = zone.rules.as_ref().map_or(&[][..], Rules::as_slice);
        let is_marked = || {
            rules
                .iter()
                .any(|rule| ownership::is_our_rule(desired, name, rule))
        };
        let is_tested = || {
            let mut rules = rules.iter().map(|rule| Rule::of(rule, &zone.deployed));
            rules.any(|rule| rule.enabled && rule.is_about_certificates())
        };
        let is_outside = !desired.speaks_for(name);
        let matters = || is_marked() || (a_ca_comes && is_tested());
        if everywhere || declared.contains(name) || (!is_outside && matters()) {
            reading.needed.insert(name.clone());
        } else if is_outside && zone.rules.is_some() {
            reading.optional.insert(name.clone());
        }
    }
    reading
}

/// More calls than somebody would expect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ManyCalls {
    /// About how many.
    pub calls: usize,
    /// The zones whose host lists are read.
    pub zones: usize,
    /// The CAs that can have a list in each of them.
    pub cas: usize,
}

/// Whether reading takes more than [`MANY_CALLS`]: one for each zone's rules, and for each zone's lists
/// one for each CA that can have one, and one for the managed CA.
#[must_use]
pub fn many_calls(live: &Live, rules: &Reading, lists: &Reading) -> Option<ManyCalls> {
    let zones = lists.needed.len() + lists.optional.len();
    let cas = live.slots_used() + 1;
    let calls = rules.needed.len() + rules.optional.len() + zones * cas;
    (calls > MANY_CALLS).then_some(ManyCalls { calls, zones, cas })
}
