//! CAs: which are uploaded, which are used as they are, and which go.
//!
//! A CA is its content. The same content under another name is used as it is; new content under a name
//! is a rotation.

use jiff::Timestamp;

use crate::desired::Ca;
use crate::desired::Content;
use crate::desired::Desired;
use crate::live::CaKind;
use crate::live::Live;
use crate::live::LiveCa;
use crate::plan::Address;
use crate::plan::CaRef;
use crate::plan::Change;
use crate::plan::Held;
use crate::plan::HeldBecause;
use crate::plan::Note;
use crate::plan::Phase;
use crate::plan::Reason;
use crate::plan::Refusal;
use crate::plan::Step;
use crate::plan::lists::ListChanges;
use crate::resource::Bundle;
use crate::resource::CaMark;
use crate::resource::Issuer;
use crate::resource::Name;

/// The CAs that the account shall gain.
pub(super) struct CaChanges {
    pub(super) uploads: Vec<(Phase, Step)>,
    pub(super) notes: Vec<Note>,
    pub(super) refusals: Vec<Refusal>,
}

/// Holds the declared CAs against the account's.
pub(super) fn compare(desired: &Desired, live: &Live, at: Timestamp) -> CaChanges {
    let mut changes = CaChanges {
        uploads: Vec::new(),
        notes: Vec::new(),
        refusals: Vec::new(),
    };
    for (name, ca) in &desired.cas {
        let Content::Uploaded(bundle) = &ca.content else {
            continue;
        };
        if ca.is_retired {
            continue;
        }
        let defects = bundle.defects(at, ca.is_pinned);
        if let Some(found) = live.ca_of(bundle) {
            if ca.left.is_some() {
                continue;
            }
            changes.notes.extend(called_otherwise(desired, name, found));
            let note = |defect| Note::Defective {
                name: name.clone(),
                defect,
            };
            changes.notes.extend(defects.into_iter().map(note));
        } else {
            changes
                .uploads
                .push((Phase::Upload, upload(desired, live, name, bundle)));
            let refusal = |defect| Refusal::Defective {
                ca: name.clone(),
                defect,
            };
            changes.refusals.extend(defects.into_iter().map(refusal));
        }
    }
    changes
}

fn called_otherwise(desired: &Desired, name: &Name, found: &LiveCa) -> Option<Note> {
    let live = found.label().to_owned();
    match found.mark() {
        Some(mark) if desired.is_ours(&mark.owner) => (mark.name != *name).then(|| Note::Renamed {
            name: name.clone(),
            live,
        }),
        _ => Some(Note::Adopted {
            name: name.clone(),
            live,
        }),
    }
}

fn upload(desired: &Desired, live: &Live, name: &Name, bundle: &Bundle) -> Step {
    let replaces = live.cas.iter().filter_map(LiveCa::mark).any(|mark| {
        mark.name == *name && desired.is_ours(&mark.owner) && mark.digest != bundle.digest()
    });
    Step {
        address: Address::Ca {
            label: name.to_string(),
        },
        change: Change::UploadCa {
            mark: CaMark::new(&desired.owner, name, bundle),
            bundle: bundle.clone(),
        },
        reason: if replaces {
            Reason::NewContent
        } else {
            Reason::Missing
        },
    }
}

/// The CAs that the account shall lose, and those that it keeps for a reason.
pub(super) struct Removals {
    pub(super) steps: Vec<(Phase, Step)>,
    pub(super) held: Vec<Held>,
}

/// Deletes what of ours is no longer declared and no longer listed anywhere once `lists` is done.
pub(super) fn removals(desired: &Desired, live: &Live, lists: &ListChanges) -> Removals {
    let mut removals = Removals {
        steps: Vec::new(),
        held: Vec::new(),
    };
    for ca in &live.cas {
        let address = Address::Ca {
            label: label(desired, ca),
        };
        match fate(desired, ca) {
            Fate::Stays => {}
            Fate::NotOurs(because) => removals.held.push(Held { address, because }),
            Fate::Goes(reason) => {
                let listed = still_listed(desired, live, lists, ca);
                let held = |because| Held {
                    address: address.clone(),
                    because,
                };
                removals.held.extend(listed.iter().cloned().map(held));
                if listed.is_empty() {
                    let change = Change::DeleteCa {
                        id: ca.id.clone(),
                        name: ca.name.clone(),
                    };
                    removals.steps.push((
                        Phase::Delete,
                        Step {
                            address,
                            change,
                            reason,
                        },
                    ));
                }
            }
        }
    }
    removals
}

/// What becomes of a CA in the account.
pub(super) enum Fate {
    /// It is declared.
    Stays,
    /// It is nobody's business here.
    NotOurs(HeldBecause),
    /// It has to go, from every host list and then from the account.
    Goes(Reason),
}

/// Decides by content, date and mark.
pub(super) fn fate(desired: &Desired, ca: &LiveCa) -> Fate {
    match &ca.kind {
        CaKind::Leaf => return Fate::NotOurs(HeldBecause::Leaf),
        CaKind::Product(kind) => return Fate::NotOurs(HeldBecause::Product(kind.clone())),
        CaKind::Uploaded => {}
    }
    match ca.bundle.as_ref().and_then(|bundle| desired.ca_of(bundle)) {
        Some((
            _,
            Ca {
                is_retired: true,
                retire: Some(on),
                ..
            },
        )) => {
            return Fate::Goes(Reason::Retired { on: *on });
        }
        Some(_) => return Fate::Stays,
        None => {}
    }
    match ca.mark() {
        Some(mark) if desired.is_ours(&mark.owner) => {
            let replaced = desired.cas.contains_key(&mark.name);
            Fate::Goes(if replaced {
                Reason::NewContent
            } else {
                Reason::NotDeclared
            })
        }
        None if claims_to_be_ours(desired, ca) => {
            Fate::NotOurs(HeldBecause::MarkContradictsContent)
        }
        _ => Fate::NotOurs(HeldBecause::NotUploadedByUs),
    }
}

fn claims_to_be_ours(desired: &Desired, ca: &LiveCa) -> bool {
    CaMark::parse(&ca.name).is_some_and(|mark| desired.is_ours(&mark.owner))
}

/// The zones that keep a CA from being deleted.
fn still_listed(
    desired: &Desired,
    live: &Live,
    lists: &ListChanges,
    ca: &LiveCa,
) -> Vec<HeldBecause> {
    let issuer = Issuer::Uploaded(ca.id.clone());
    let reference = CaRef::from(&issuer);
    let in_zone = |(name, zone): (&crate::resource::ZoneName, &crate::live::LiveZone)| {
        let planned = lists.after.get(&(name.clone(), reference.clone()));
        let left = planned.or_else(|| zone.lists.as_ref()?.get(&issuer))?;
        (!left.0.is_empty()).then(|| HeldBecause::StillListed {
            zone: name.clone(),
            hosts: left.0.iter().cloned().collect(),
            outside: !desired.speaks_for(name),
        })
    };
    live.zones.iter().filter_map(in_zone).collect()
}

/// What a live CA is called in a plan: its name in the file, else in our mark, else in the account.
pub(super) fn label(desired: &Desired, ca: &LiveCa) -> String {
    match ca.bundle.as_ref().and_then(|bundle| desired.ca_of(bundle)) {
        Some((name, declared)) if declared.left.is_none() => return name.to_string(),
        _ => {}
    }
    match ca.mark() {
        // The name may be declared with new content: the digest tells the two apart.
        Some(mark) if desired.is_ours(&mark.owner) => format!("{}@{}", mark.name, mark.digest),
        _ => ca.label().to_owned(),
    }
}
