//! The account for programs to look at: what holds a CA slot, who uses it, which rules run in which
//! order, and what stands beside them.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::sandbox::access_rule::AccessRule;
use crate::sandbox::account::Account;
use crate::sandbox::certificate::Certificate;
use crate::sandbox::entry_point::entry_point;
use crate::sandbox::level::Level;
use crate::sandbox::phase::Phase;
use crate::sandbox::ruleset::Rule;
use crate::sandbox::ruleset::Ruleset;
use crate::sandbox::zone::Zone;

/// What is in an account, as `sandbox show` tells it.
#[derive(Debug, Serialize)]
pub struct View {
    pub(crate) format_version: u32,
    pub(crate) account: String,
    pub(crate) name: String,
    pub(crate) quota: usize,
    pub(crate) slots_used: usize,
    pub(crate) certificates: Vec<CertificateView>,
    /// Rules of the account itself.
    pub(crate) rules: Option<EntryPointView>,
    pub(crate) access_rules: Vec<AccessRuleView>,
    pub(crate) zones: Vec<ZoneView>,
}

#[derive(Debug, Serialize)]
pub(crate) struct CertificateView {
    pub(crate) id: String,
    pub(crate) name: String,
    #[serde(rename = "type")]
    pub(crate) kind: &'static str,
    pub(crate) ca: bool,
    pub(crate) expires_on: String,
    pub(crate) hostnames: Vec<String>,
}

#[derive(Debug, Serialize)]
pub(crate) struct ZoneView {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) status: &'static str,
    pub(crate) paused: bool,
    pub(crate) plan: &'static str,
    pub(crate) managed_ca_hostnames: Vec<String>,
    pub(crate) entry_point: Option<EntryPointView>,
    pub(crate) redirects: Option<EntryPointView>,
    pub(crate) access_rules: Vec<AccessRuleView>,
    /// Names with a record that does not go through the edge though it could.
    pub(crate) dns_only: BTreeSet<String>,
}

#[derive(Debug, Serialize)]
pub(crate) struct EntryPointView {
    pub(crate) id: String,
    pub(crate) version: u64,
    pub(crate) rules: Vec<RuleView>,
}

#[derive(Debug, Serialize)]
pub(crate) struct AccessRuleView {
    pub(crate) mode: String,
    pub(crate) target: String,
    pub(crate) value: String,
    pub(crate) notes: String,
}

#[derive(Debug, Serialize)]
pub(crate) struct RuleView {
    pub(crate) id: String,
    #[serde(rename = "ref")]
    pub(crate) reference: String,
    pub(crate) action: String,
    pub(crate) enabled: bool,
    pub(crate) description: String,
    pub(crate) expression: String,
}

/// What is in the account, true state, whatever reads still lag behind.
#[must_use]
pub fn view(account: &Account) -> View {
    let certificates = account
        .certificates()
        .values()
        .filter(|certificate| certificate.exists());
    View {
        format_version: 1,
        account: account.id().to_owned(),
        name: account.name().to_owned(),
        quota: account.quota(),
        slots_used: certificates
            .clone()
            .filter(|certificate| certificate.holds_slot())
            .count(),
        certificates: certificates
            .map(|certificate| view_certificate(account, certificate))
            .collect(),
        rules: view_rules(
            account.rulesets(Level::Account).unwrap_or_default(),
            Phase::CustomRules,
        ),
        access_rules: view_access_rules(account.access_rules()),
        zones: account.zones().iter().map(view_zone).collect(),
    }
}

fn view_certificate(account: &Account, certificate: &Certificate) -> CertificateView {
    let lists = account
        .zones()
        .iter()
        .filter_map(|zone| zone.associations.get(&certificate.id));
    CertificateView {
        id: certificate.id.clone(),
        name: certificate.name.clone(),
        kind: certificate.type_name(),
        ca: certificate.ca,
        expires_on: certificate.expires_on.clone(),
        hostnames: lists
            .flat_map(|list| list.hosts().iter().cloned())
            .collect(),
    }
}

fn view_zone(zone: &Zone) -> ZoneView {
    let dns_only = zone.records.iter().filter(|record| record.is_dns_only());
    ZoneView {
        id: zone.id.clone(),
        name: zone.facts.name.clone(),
        status: zone.facts.status.name(),
        paused: zone.facts.paused,
        plan: zone.facts.plan.name(),
        managed_ca_hostnames: zone.managed.hosts().iter().cloned().collect(),
        entry_point: view_rules(&zone.rulesets, Phase::CustomRules),
        redirects: view_rules(&zone.rulesets, Phase::Redirects),
        access_rules: view_access_rules(&zone.access_rules),
        dns_only: dns_only.map(|record| record.name.clone()).collect(),
    }
}

fn view_rules(rulesets: &[Ruleset], phase: Phase) -> Option<EntryPointView> {
    entry_point(rulesets, phase).map(|ruleset| EntryPointView {
        id: ruleset.id.clone(),
        version: ruleset.version,
        rules: ruleset.rules.iter().map(view_rule).collect(),
    })
}

fn view_access_rules(rules: &[AccessRule]) -> Vec<AccessRuleView> {
    let view = |rule: &AccessRule| AccessRuleView {
        mode: rule.mode.clone(),
        target: rule.target.clone(),
        value: rule.value.clone(),
        notes: rule.notes.clone(),
    };
    rules.iter().map(view).collect()
}

fn view_rule(rule: &Rule) -> RuleView {
    RuleView {
        id: rule.id.clone(),
        reference: rule.reference.clone(),
        action: rule.definition.action.clone(),
        enabled: rule.definition.enabled,
        description: rule.definition.description.clone(),
        expression: rule.definition.expression.clone(),
    }
}
