//! The permission groups that a plan needs, by their names in the dashboard.
//!
//! Reading is tried. For writing there is no harmless trial: the API tells a token's permissions to nobody
//! (API reference, section 5.2), and it says no only when a write comes. But who may edit may read, so a read
//! that is refused tells that editing is missing, too.

use std::collections::BTreeSet;

use crate::cloudflare::AccountCheckup;
use crate::cloudflare::Error;
use crate::cloudflare::ZoneCheckup;
use crate::doctor::Check;
use crate::doctor::Planned;
use crate::doctor::State;
use crate::plan::Change;
use crate::plan::Plan;
use crate::resource::ZoneName;

const ZONES: &str = "Zone · Zone: Read";

/// A group that exists for reading and for editing.
struct Group {
    read: &'static str,
    edit: &'static str,
    /// What it is for, as in *reading …*.
    about: &'static str,
    /// Whether a step needs it, and how such steps are counted.
    writes: fn(&Change) -> bool,
    step: &'static str,
}

const CAS: Group = Group {
    read: "Account · SSL and Certificates: Read",
    edit: "Account · SSL and Certificates: Edit",
    about: "CAs",
    writes: |change| matches!(change, Change::UploadCa { .. } | Change::DeleteCa { .. }),
    step: "uploads and deletes CAs",
};

const HOSTS: Group = Group {
    read: "Zone · SSL and Certificates: Read",
    edit: "Zone · SSL and Certificates: Edit",
    about: "host lists",
    writes: |change| matches!(change, Change::ReplaceHosts { .. }),
    step: "writes host lists",
};

const RULES: Group = Group {
    read: "Zone · Zone WAF: Read",
    edit: "Zone · Zone WAF: Edit",
    about: "custom rules",
    writes: |change| matches!(change, Change::Rule { .. }),
    step: "writes custom rules",
};

/// How reading went.
enum Reading {
    Fine,
    /// Refused, in these zones where it is about zones, and fine in others.
    Missing {
        zones: Vec<ZoneName>,
        elsewhere: bool,
    },
    /// Not tried, or failed for another reason.
    NotTried,
}

pub(super) fn checks(
    seen: &AccountCheckup,
    plan: Option<&Planned>,
    is_offline: bool,
) -> Vec<Check> {
    let readings = [
        (CAS, of_account(seen.cas.as_ref().err())),
        (HOSTS, of_zones(seen, |zone| zone.hosts.as_ref().err())),
        (RULES, of_zones(seen, |zone| zone.rules.as_ref().err())),
    ];
    let mut checks = vec![read(ZONES, "zones", &of_account(seen.zones.as_ref().err()))];
    for (group, reading) in &readings {
        checks.push(read(group.read, group.about, reading));
    }
    for (group, reading) in &readings {
        checks.push(if is_offline {
            let sentence = "an offline account lets everything be written";
            Check::new("permission", State::Ok, sentence).of(group.edit)
        } else {
            edit(group, reading, plan)
        });
    }
    checks
}

fn of_account(error: Option<&Error>) -> Reading {
    match error {
        None => Reading::Fine,
        Some(error) if error.is_permission() => Reading::Missing {
            zones: Vec::new(),
            elsewhere: false,
        },
        Some(_) => Reading::NotTried,
    }
}

fn of_zones(seen: &AccountCheckup, error: fn(&ZoneCheckup) -> Option<&Error>) -> Reading {
    let refused = |zone: &ZoneCheckup| error(zone).is_some_and(Error::is_permission);
    let missing = seen.tried.iter().filter(|(_, zone)| refused(zone));
    let zones: Vec<ZoneName> = missing.map(|(name, _)| name.clone()).collect();
    let elsewhere = seen.tried.values().any(|zone| error(zone).is_none());
    match (zones.is_empty(), elsewhere) {
        (false, elsewhere) => Reading::Missing { zones, elsewhere },
        (true, true) => Reading::Fine,
        (true, false) => Reading::NotTried,
    }
}

fn read(group: &str, about: &str, reading: &Reading) -> Check {
    let check = |state, sentence: String| Check::new("permission", state, sentence).of(group);
    match reading {
        Reading::Fine => check(State::Ok, format!("the token may read {about}")),
        Reading::NotTried => check(
            State::NotKnown,
            format!("no read of {about} could be tried"),
        ),
        Reading::Missing { zones, elsewhere } => {
            check(State::Problem, format!("missing{}", place(zones)))
                .remedy(give(group, *elsewhere))
        }
    }
}

fn edit(group: &Group, reading: &Reading, plan: Option<&Planned>) -> Check {
    let check = |state, sentence: String| Check::new("permission", state, sentence).of(group.edit);
    let plan = match plan {
        Some(Planned::Ready(plan)) => Some(&plan.0),
        Some(Planned::Refused { plan, .. }) => plan.as_deref().map(|plan| &plan.0),
        None => None,
    };
    let zones = plan.map(|plan| zones(plan, group));
    if let (Reading::Missing { zones, elsewhere }, true) = (reading, needs(plan, group)) {
        // Who may edit may read.
        return check(
            State::Problem,
            format!(
                "missing{}: editing includes reading, and that is refused",
                place(zones)
            ),
        )
        .remedy(give(group.edit, *elsewhere));
    }
    match zones {
        Some(None) => check(State::Ok, "not needed by the plan as it is now".to_owned()),
        Some(Some(zones)) => check(
            State::NotKnown,
            format!(
                "the plan {}{}; a read cannot tell whether the token may",
                group.step,
                place(&zones.into_iter().collect::<Vec<_>>())
            ),
        )
        .remedy(LOOK),
        None => check(
            State::NotKnown,
            "a read cannot tell whether the token may".to_owned(),
        )
        .remedy(LOOK),
    }
}

const LOOK: &str = "look at the token's permissions in the dashboard; nothing is sent to find out, and \
                    `apply` stops at the first write that is refused";

fn needs(plan: Option<&Plan>, group: &Group) -> bool {
    plan.is_none_or(|plan| zones(plan, group).is_some())
}

/// The zones of the steps that need a group; `None` where there is no such step.
fn zones(plan: &Plan, group: &Group) -> Option<BTreeSet<ZoneName>> {
    let steps = plan.steps().filter(|step| (group.writes)(&step.change));
    let mut zones: Option<BTreeSet<ZoneName>> = None;
    for step in steps {
        zones
            .get_or_insert_default()
            .extend(step.change.zone().cloned());
    }
    zones
}

fn place(zones: &[ZoneName]) -> String {
    const NAMED: usize = 4;
    if zones.is_empty() {
        return String::new();
    }
    let names: Vec<&str> = zones.iter().take(NAMED).map(ZoneName::as_str).collect();
    let more = zones.len() - names.len();
    let names = names.join(", ");
    match more {
        0 => format!(" in {names}"),
        more => format!(" in {names} and {more} more zones"),
    }
}

fn give(group: &str, elsewhere: bool) -> String {
    if elsewhere {
        format!("edit the token in the dashboard: `{group}` must include these zones too")
    } else {
        format!("edit the token in the dashboard and add `{group}`")
    }
}
