//! Whether planning an imported file right away would change nothing: it is loaded, resolved and planned against
//! the very account that it was made from.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::io;
use std::path::Path;

use jiff::Timestamp;

use crate::config;
use crate::config::Config;
use crate::config::Problems;
use crate::config::Surroundings;
use crate::config::UnsetAccount;
use crate::desired;
use crate::desired::Desired;
use crate::desired::Zones;
use crate::import::FILE;
use crate::live::HostList;
use crate::live::Live;
use crate::plan;
use crate::plan::Allowed;
use crate::plan::Change;
use crate::plan::Consent;
use crate::plan::Plan;
use crate::plan::Refusal;
use crate::plan::RuleChange;
use crate::plan::Step;
use crate::resource::Hostname;
use crate::resource::MarkedRule;
use crate::resource::Name;
use crate::resource::RuleMark;
use crate::resource::ZoneName;

/// What stands against a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Objection {
    /// Host lists would change.
    Hosts(BTreeSet<Hostname>),
    /// A live rule would change.
    Rule { zone: ZoneName, reference: String },
    /// A rule of the file would not be the live rules that it is taken from.
    FileRule {
        name: Name,
        zone: ZoneName,
        why: String,
    },
    /// Something that leaving things out does not mend.
    Account(String),
}

/// Holds a file against the account that it was made from.
pub(super) fn objections(
    text: &str,
    certificates: &BTreeMap<String, String>,
    live: &Live,
    at: Timestamp,
) -> Vec<Objection> {
    let written = Written { text, certificates };
    match planned(&written, live, at) {
        Ok(plan) => plan.steps().flat_map(of_step).collect(),
        Err(objections) => objections,
    }
}

fn planned(written: &Written<'_>, live: &Live, at: Timestamp) -> Result<Plan, Vec<Objection>> {
    let wrong = |problems: Problems| {
        let problems = problems.problems.into_iter();
        let told =
            problems.map(|problem| format!("the file would have an error: {}", problem.message));
        told.map(Objection::Account).collect::<Vec<_>>()
    };
    let config = written.load().map_err(wrong)?;
    let zones = Zones::of_account(live.zones());
    let desired: Desired = desired::resolve(&config, &zones, at).map_err(wrong)?;
    let refused = |refusals: Vec<Refusal>| refusals.into_iter().map(of_refusal).collect::<Vec<_>>();
    let plan = plan::plan(&desired, live, at, &Allowed::default()).map_err(refused)?;
    if plan.is_empty() {
        let approved = plan::approve(plan, &desired, live, at, &Consent::default());
        return approved
            .map(|approved| approved.plan().clone())
            .map_err(refused);
    }
    Ok(plan)
}

fn of_refusal(refusal: Refusal) -> Objection {
    match refusal {
        Refusal::OtherOwner { hosts, .. } => Objection::Hosts(hosts.into_iter().collect()),
        Refusal::NoRoom {
            ref rule, ref zone, ..
        } => Objection::FileRule {
            name: rule.clone(),
            zone: zone.clone(),
            why: refusal.to_string(),
        },
        Refusal::QuotaExceeded { .. }
        | Refusal::Unsafe { .. }
        | Refusal::Guarded { .. }
        | Refusal::AdoptsOfOther { .. }
        | Refusal::Defective { .. } => Objection::Account(refusal.to_string()),
    }
}

fn of_step(step: &Step) -> Vec<Objection> {
    let whole = || Objection::Account(format!("{} would be changed", step.address));
    match &step.change {
        Change::UploadCa { .. } | Change::DeleteCa { .. } => vec![whole()],
        Change::ReplaceHosts { before, after, .. } => {
            let (before, after) = (hosts(before), hosts(after));
            let changed: BTreeSet<Hostname> =
                before.symmetric_difference(&after).cloned().collect();
            if changed.is_empty() {
                return vec![whole()];
            }
            vec![Objection::Hosts(changed)]
        }
        Change::Rule { zone, change } => vec![of_rule(zone, change).unwrap_or_else(whole)],
    }
}

fn of_rule(zone: &ZoneName, change: &RuleChange) -> Option<Objection> {
    match change {
        RuleChange::Replace { before: rule, .. }
        | RuleChange::Move { rule, .. }
        | RuleChange::Delete { rule } => Some(Objection::Rule {
            zone: zone.clone(),
            reference: rule.reference.clone(),
        }),
        RuleChange::Create { rule, .. } => match RuleMark::parse(&rule.reference)?.rule {
            MarkedRule::Declared(name) => Some(Objection::FileRule {
                name,
                zone: zone.clone(),
                why: "a rule of our own would have to stand beside it".to_owned(),
            }),
            MarkedRule::Bridge => None,
        },
    }
}

/// The hosts of a list.
fn hosts(list: &HostList) -> BTreeSet<Hostname> {
    let hosts = list.0.iter();
    hosts.filter_map(|one| Hostname::parse(one).ok()).collect()
}

/// The file and its certificates, before anything is written.
struct Written<'a> {
    text: &'a str,
    certificates: &'a BTreeMap<String, String>,
}

impl Written<'_> {
    fn load(&self) -> Result<Config, Problems> {
        config::load(Path::new(FILE), self, UnsetAccount::Refused)
    }
}

impl Surroundings for Written<'_> {
    fn variable(&self, _: &str) -> Option<String> {
        None
    }

    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        let name = path.to_str().unwrap_or_default();
        let text = match self.certificates.get(name) {
            Some(pem) => pem,
            None if name == FILE => self.text,
            None => return Err(io::ErrorKind::NotFound.into()),
        };
        Ok(text.as_bytes().to_vec())
    }
}
