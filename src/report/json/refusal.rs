//! What stands against a plan, and the flag that lifts it where one does.

use schemars::JsonSchema;
use serde::Serialize;

use crate::plan;
use crate::plan::Objection;
use crate::resource::Hostname;

/// One reason against a plan.
#[derive(Serialize, JsonSchema)]
pub(super) struct Refusal {
    kind: Kind,
    text: String,
    /// What to do about it.
    help: String,
    /// `null` where no flag lifts it.
    flag: Option<Flag>,
    /// Whether the file or the account is in error, rather than the plan unsafe.
    is_error: bool,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Kind {
    QuotaExceeded,
    Unsafe,
    Deletions,
    Unprotected,
    ChangedHosts,
    Opened,
    SideEffects,
    ReliedOn,
    Expiring,
    OtherOwner,
    AdoptsOfOther,
    Defective,
    NoRoom,
}

/// A flag, to be given once with each value.
#[derive(Serialize, JsonSchema)]
struct Flag {
    name: &'static str,
    values: Vec<String>,
}

impl Refusal {
    pub(super) fn of(refusal: &plan::Refusal) -> Self {
        Self {
            kind: kind(refusal),
            text: refusal.to_string(),
            help: refusal.help(),
            flag: flag(refusal),
            is_error: refusal.is_error(),
        }
    }
}

fn kind(refusal: &plan::Refusal) -> Kind {
    match refusal {
        plan::Refusal::QuotaExceeded { .. } => Kind::QuotaExceeded,
        plan::Refusal::Unsafe { .. } => Kind::Unsafe,
        plan::Refusal::Guarded { objection } => match &**objection {
            Objection::Deletions { .. } => Kind::Deletions,
            Objection::Unprotected { .. } => Kind::Unprotected,
            Objection::ChangedHosts { .. } => Kind::ChangedHosts,
            Objection::Opened { .. } => Kind::Opened,
            Objection::SideEffects { .. } => Kind::SideEffects,
            Objection::Relied(_) => Kind::ReliedOn,
            Objection::Expiring { .. } => Kind::Expiring,
        },
        plan::Refusal::OtherOwner { .. } => Kind::OtherOwner,
        plan::Refusal::AdoptsOfOther { .. } => Kind::AdoptsOfOther,
        plan::Refusal::Defective { .. } => Kind::Defective,
        plan::Refusal::NoRoom { .. } => Kind::NoRoom,
    }
}

fn flag(refusal: &plan::Refusal) -> Option<Flag> {
    match refusal {
        plan::Refusal::Unsafe { violation } => {
            let is_lifted = !violation.exposes() && !violation.hosts.is_empty();
            is_lifted.then(|| of_hosts("--allow-interruption", &violation.hosts))
        }
        plan::Refusal::Guarded { objection } => Some(match &**objection {
            Objection::Deletions { objects, .. } => of_count("--allow-deletes", objects.len()),
            Objection::Unprotected { changed, .. } => of_count("--allow-changed-hosts", *changed),
            Objection::ChangedHosts { hosts, .. } => {
                of_count("--allow-changed-hosts", hosts.count())
            }
            Objection::Opened { hosts } => of_hosts("--allow-open", hosts),
            Objection::SideEffects { hosts, .. } => of_hosts("--allow-side-effect", hosts),
            Objection::Relied(reliance) => of_hosts("--allow-side-effect", &reliance.hosts),
            Objection::Expiring { ca, .. } => Flag {
                name: "--allow-expiring",
                values: vec![ca.to_string()],
            },
        }),
        plan::Refusal::QuotaExceeded { .. }
        | plan::Refusal::OtherOwner { .. }
        | plan::Refusal::AdoptsOfOther { .. }
        | plan::Refusal::Defective { .. }
        | plan::Refusal::NoRoom { .. } => None,
    }
}

fn of_hosts(name: &'static str, hosts: &[Hostname]) -> Flag {
    let values = hosts.iter().map(ToString::to_string).collect();
    Flag { name, values }
}

fn of_count(name: &'static str, count: usize) -> Flag {
    let values = vec![count.to_string()];
    Flag { name, values }
}
