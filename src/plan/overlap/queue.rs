//! Rotations that wait for a free CA slot.
//!
//! A rotation needs the slots of both CAs for as long as they overlap. What does not fit waits, if something
//! is on its way out that will make room; if nothing is, the plan is left as it is and refused.

use std::cmp::Reverse;

use jiff::Timestamp;

use crate::desired::Content;
use crate::desired::Desired;
use crate::live::Live;
use crate::live::LiveCa;
use crate::plan::Address;
use crate::plan::Allowed;
use crate::plan::Held;
use crate::plan::HeldBecause;
use crate::plan::cas;
use crate::plan::cas::Fate;
use crate::plan::overlap::Holds;
use crate::plan::overlap::member;
use crate::resource::Bundle;
use crate::resource::Issuer;
use crate::resource::Name;

/// Puts the old content back where the new one has no slot, and says so.
pub(super) fn wait(
    desired: &mut Desired,
    live: &Live,
    at: Timestamp,
    allowed: &Allowed,
) -> Vec<Held> {
    let (mut rotations, new) = uploads(desired, live);
    let free = desired.quota.saturating_sub(live.slots_used());
    if rotations.len() + new <= free || new > free {
        return Vec::new();
    }
    let fit = free - new;
    let mut without = desired.clone();
    for (name, old) in &rotations {
        member::put_back(&mut without, name, old);
    }
    member::accept(&mut without);
    if fit == 0 && !makes_room(&without, live, at, allowed) {
        return Vec::new();
    }
    // The CA that ends first has the least time to wait.
    rotations.sort_by_key(|(_, old)| old.not_after());
    let mut held = Vec::new();
    for (name, old) in rotations.into_iter().skip(fit) {
        member::put_back(desired, &name, &old);
        let address = Address::Ca {
            label: name.to_string(),
        };
        let because = HeldBecause::NoSlot {
            quota: desired.quota,
        };
        held.push(Held { address, because });
    }
    member::accept(desired);
    held
}

/// The rotations, each with the content that is live, and how many other CAs are to be uploaded.
fn uploads(desired: &Desired, live: &Live) -> (Vec<(Name, Bundle)>, usize) {
    let (mut rotations, mut new) = (Vec::new(), 0);
    for (name, ca) in &desired.cas {
        let Content::Uploaded(bundle) = &ca.content else {
            continue;
        };
        if ca.is_retired || live.ca_of(bundle).is_some() {
            continue;
        }
        match replaced(desired, live, name) {
            Some(old) => rotations.push((name.clone(), old.clone())),
            None => new += 1,
        }
    }
    (rotations, new)
}

/// The content of the CA of ours that was last uploaded under a name and has left the file.
fn replaced<'l>(desired: &Desired, live: &'l Live, name: &Name) -> Option<&'l Bundle> {
    let old = live.cas.iter().filter(|ca| {
        let mark = ca.mark().filter(|mark| desired.is_ours(&mark.owner));
        ca.is_uploaded_ca() && mark.is_some_and(|mark| mark.name == *name)
    });
    let left = old.filter_map(|ca| Some((ca, ca.bundle.as_ref()?)));
    let left = left.filter(|(_, bundle)| desired.ca_of(bundle).is_none());
    let last = left.min_by_key(|(ca, _)| (Reverse(ca.uploaded_on), ca.id.clone()));
    last.map(|(_, bundle)| bundle)
}

/// Whether a CA of ours waits to go, or goes, that hosts still ask for.
fn makes_room(desired: &Desired, live: &Live, at: Timestamp, allowed: &Allowed) -> bool {
    let goes = |ca: &LiveCa| {
        let issuer = Issuer::Uploaded(ca.id.clone());
        let lists = live.zones.values().filter_map(|zone| zone.lists.as_ref());
        let listed = lists.filter_map(|lists| lists.get(&issuer));
        matches!(cas::fate(desired, ca), Fate::Goes(_))
            && listed.into_iter().any(|list| !list.0.is_empty())
    };
    live.cas.iter().any(goes) || !Holds::of(desired, live, at, allowed).is_empty()
}
