//! What a plan may touch, and how many CAs there may be meanwhile.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use mtlsctl::desired::Desired;
use mtlsctl::live::HostList;
use mtlsctl::live::Live;
use mtlsctl::live::LiveCa;
use mtlsctl::live::LiveZone;
use mtlsctl::plan::CaRef;
use mtlsctl::plan::Change;
use mtlsctl::plan::Plan;
use mtlsctl::plan::RuleChange;
use mtlsctl::resource::Bundle;
use mtlsctl::resource::Hostname;
use mtlsctl::resource::Issuer;
use mtlsctl::resource::RuleBody;
use mtlsctl::resource::ZoneName;

/// What a plan touches that it may not, or how it comes to hold too many CAs.
pub(super) fn touched(desired: &Desired, live: &Live, plan: &Plan) -> Option<String> {
    let mut held = live.cas.iter().filter(|ca| ca.is_uploaded_ca()).count();
    let mut lists: BTreeMap<(ZoneName, CaRef), HostList> = BTreeMap::new();
    for (nth, wave) in plan.waves.iter().enumerate() {
        let count = |is_meant: fn(&Change) -> bool| {
            let steps = wave.steps.iter().filter(|step| is_meant(&step.change));
            steps.count()
        };
        let uploads = count(|change| matches!(change, Change::UploadCa { .. }));
        let deletions = count(|change| matches!(change, Change::DeleteCa { .. }));
        // Each upload may be done, and no deletion yet.
        let most = held + uploads;
        if uploads > 0 && most > desired.quota {
            return Some(format!("{most} CAs in wave {}", nth + 1));
        }
        if most > plan.slots.peak {
            return Some(format!("{most} CAs at most, and the plan says less"));
        }
        held = most - deletions;
        for step in &wave.steps {
            let wrong = match &step.change {
                Change::UploadCa { .. } => None,
                Change::DeleteCa { id, .. } => {
                    let ca = live.ca(id).expect("a CA of the account");
                    (!may_delete(desired, ca)).then(|| "deletes a CA of others".to_owned())
                }
                Change::ReplaceHosts {
                    zone,
                    ca,
                    before,
                    after,
                } => {
                    let key = (zone.clone(), ca.clone());
                    let list = lists.remove(&key);
                    let list = list.unwrap_or_else(|| listed(&live.zones[zone], ca));
                    let others = pairs_of_others(desired, live, zone, ca, &list, after);
                    let wrong = if list != *before {
                        Some("does not know the list".to_owned())
                    } else if !desired.speaks_for(zone) || others != BTreeSet::new() {
                        Some(format!("changes the pairs of others: {others:?}"))
                    } else {
                        None
                    };
                    lists.insert(key, after.clone());
                    wrong
                }
                Change::Rule { zone, change } => {
                    let is_ours = desired.speaks_for(zone) && is_about_ours(desired, change);
                    (!is_ours).then(|| "changes a rule of others".to_owned())
                }
            };
            if let Some(wrong) = wrong {
                return Some(format!("{} in wave {} {wrong}", step.address, nth + 1));
            }
        }
    }
    None
}

/// The owner that a mark begins with is us.
fn is_owner(desired: &Desired, mark: &str) -> bool {
    let owner = mark.split('/').next();
    owner == Some(desired.owner.as_str())
        || desired
            .former_owners
            .iter()
            .any(|former| owner == Some(former.as_str()))
}

/// Whether a CA carries our mark, and the mark is true.
fn is_marked(desired: &Desired, ca: &LiveCa) -> bool {
    let digest = ca.bundle.as_ref().map(Bundle::digest);
    let named = ca.name.rsplit_once('@').map(|(_, digest)| digest);
    ca.name.contains('/') && is_owner(desired, &ca.name) && digest.is_some() && named == digest
}

fn may_delete(desired: &Desired, ca: &LiveCa) -> bool {
    let declared = ca.bundle.as_ref().and_then(|bundle| desired.ca_of(bundle));
    match declared {
        Some((_, declared)) => declared.is_retired,
        None => is_marked(desired, ca),
    }
}

fn is_about_ours(desired: &Desired, change: &RuleChange) -> bool {
    let body = match change {
        RuleChange::Create { rule, .. }
        | RuleChange::Move { rule, .. }
        | RuleChange::Delete { rule } => rule.clone(),
        RuleChange::Replace { before, after } => {
            if before.reference != after.reference {
                return false;
            }
            before.clone()
        }
    };
    is_our_rule(desired, &body)
}

/// Whether a rule carries our mark: three parts, the last a number.
fn is_our_rule(desired: &Desired, rule: &RuleBody) -> bool {
    let is_mark = |text: &str| {
        let parts: Vec<&str> = text.split('/').collect();
        parts.len() == 3 && parts[2].parse::<u32>().is_ok()
    };
    let in_brackets = rule.description.strip_suffix(']').unwrap_or_default();
    let in_brackets = in_brackets.rsplit('[').next().unwrap_or_default();
    let mark = if is_mark(&rule.reference) {
        &rule.reference
    } else {
        in_brackets
    };
    is_mark(mark) && is_owner(desired, mark)
}

fn listed(zone: &LiveZone, ca: &CaRef) -> HostList {
    let issuer = match ca {
        CaRef::CloudflareManaged => Issuer::CloudflareManaged,
        CaRef::Known(id) => Issuer::Uploaded(id.clone()),
        CaRef::UploadedBy(_) => return HostList::default(),
    };
    let list = zone.lists.as_ref().and_then(|lists| lists.get(&issuer));
    list.cloned().unwrap_or_default()
}

/// What a list gains or loses although it is not ours to decide.
fn pairs_of_others(
    desired: &Desired,
    live: &Live,
    zone: &ZoneName,
    ca: &CaRef,
    before: &HostList,
    after: &HostList,
) -> BTreeSet<String> {
    let is_ours = match ca {
        CaRef::CloudflareManaged => false,
        CaRef::Known(id) => is_marked(desired, live.ca(id).expect("a CA of the account")),
        CaRef::UploadedBy(_) => true,
    };
    if is_ours {
        return BTreeSet::new();
    }
    let rules = live.zones[zone].rules.as_ref();
    let rules = rules.map_or(&[][..], |rules| rules.as_slice());
    let ours = rules
        .iter()
        .filter(|rule| is_our_rule(desired, &rule.body()));
    let texts: String = ours.map(|rule| rule.expression.as_str()).collect();
    let changed = before.0.symmetric_difference(&after.0);
    let of_others = changed.filter(|host| {
        let declared = Hostname::parse(host).is_ok_and(|host| desired.hosts.contains_key(&host));
        !declared && !texts.contains(&format!("\"{}\"", host.to_lowercase()))
    });
    of_others.cloned().collect()
}
