//! The account for people and programs to look at: what holds a CA slot, who uses it, which rules
//! run in which order.

use std::fmt::Write;

use serde::Serialize;

use crate::sandbox::account::Account;
use crate::sandbox::certificate::Certificate;
use crate::sandbox::entry_point;
use crate::sandbox::ruleset::Rule;
use crate::sandbox::zone::Zone;

/// Widest line, in columns; a single longer word still stands on a line of its own.
const WIDTH: usize = 80;

/// What is in an account, as `sandbox show` tells it.
#[derive(Debug, Serialize)]
pub struct View {
    format_version: u32,
    account: String,
    name: String,
    quota: usize,
    slots_used: usize,
    certificates: Vec<CertificateView>,
    zones: Vec<ZoneView>,
}

#[derive(Debug, Serialize)]
struct CertificateView {
    id: String,
    name: String,
    #[serde(rename = "type")]
    kind: &'static str,
    ca: bool,
    expires_on: String,
    hostnames: Vec<String>,
}

#[derive(Debug, Serialize)]
struct ZoneView {
    id: String,
    name: String,
    status: &'static str,
    paused: bool,
    plan: &'static str,
    managed_ca_hostnames: Vec<String>,
    entry_point: Option<EntryPointView>,
}

#[derive(Debug, Serialize)]
struct EntryPointView {
    id: String,
    version: u64,
    rules: Vec<RuleView>,
}

#[derive(Debug, Serialize)]
struct RuleView {
    id: String,
    #[serde(rename = "ref")]
    reference: String,
    action: String,
    enabled: bool,
    description: String,
    expression: String,
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
        zones: account.zones().iter().map(view_zone).collect(),
    }
}

/// The view as text, 80 columns wide.
#[must_use]
pub fn show(account: &Account) -> String {
    let View {
        format_version: _,
        account,
        name,
        quota,
        slots_used,
        certificates,
        zones,
    } = view(account);
    let mut out = String::new();
    let _ = writeln!(
        out,
        "Account {account} ({name})\n{slots_used} of {quota} CA slots used\n\nCertificates"
    );
    for certificate in &certificates {
        show_certificate(&mut out, certificate);
    }
    if certificates.is_empty() {
        out.push_str("  none\n");
    }
    for zone in &zones {
        show_zone(&mut out, zone);
    }
    out
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
    let entry_point = entry_point::index(zone).map(|index| &zone.rulesets[index]);
    ZoneView {
        id: zone.id.clone(),
        name: zone.facts.name.clone(),
        status: zone.facts.status.name(),
        paused: zone.facts.paused,
        plan: zone.facts.plan.name(),
        managed_ca_hostnames: zone.managed.hosts().iter().cloned().collect(),
        entry_point: entry_point.map(|ruleset| EntryPointView {
            id: ruleset.id.clone(),
            version: ruleset.version,
            rules: ruleset.rules.iter().map(view_rule).collect(),
        }),
    }
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

fn show_certificate(out: &mut String, certificate: &CertificateView) {
    let CertificateView {
        id,
        name,
        kind,
        ca,
        expires_on,
        hostnames,
    } = certificate;
    let name = if name.is_empty() { "(no name)" } else { name };
    let what = if *ca { "CA" } else { "leaf" };
    let day = expires_on.split('T').next().unwrap_or_default();
    let _ = writeln!(out, "  {name}\n    {kind} {what}, {id}, until {day}");
    if !hostnames.is_empty() {
        wrap(out, "    hosts: ", &hostnames.join(" "));
    }
}

fn show_zone(out: &mut String, zone: &ZoneView) {
    let ZoneView {
        id,
        name,
        status,
        paused,
        plan,
        managed_ca_hostnames,
        entry_point,
    } = zone;
    let paused = if *paused { ", paused" } else { "" };
    let _ = writeln!(out, "\nZone {name} ({status}{paused}, {plan})\n  {id}");
    if !managed_ca_hostnames.is_empty() {
        wrap(out, "  managed CA: ", &managed_ca_hostnames.join(" "));
    }
    let Some(EntryPointView {
        id: _,
        version,
        rules,
    }) = entry_point
    else {
        out.push_str("  no custom rules were ever written\n");
        return;
    };
    let _ = writeln!(out, "  custom rules, version {version}");
    for (index, rule) in rules.iter().enumerate() {
        let RuleView {
            id,
            reference,
            action,
            enabled,
            description,
            expression,
        } = rule;
        let disabled = if *enabled { "" } else { " (disabled)" };
        let reference = if reference == id {
            String::new()
        } else {
            format!(", ref {reference}")
        };
        let _ = writeln!(out, "  {:>3}. {action}{disabled}{reference}", index + 1);
        if !description.is_empty() {
            wrap(out, "       ", description);
        }
        wrap(out, "       ", expression);
    }
    if rules.is_empty() {
        out.push_str("       none\n");
    }
}

/// Writes `text` after `label`, broken at spaces, further lines indented by as much.
fn wrap(out: &mut String, label: &str, text: &str) {
    let indent = " ".repeat(label.chars().count());
    let mut line = label.to_owned();
    let mut is_empty = true;
    for word in text.split(' ') {
        if !is_empty && line.chars().count() + 1 + word.chars().count() > WIDTH {
            let _ = writeln!(out, "{line}");
            line.clone_from(&indent);
            is_empty = true;
        }
        if !is_empty {
            line.push(' ');
        }
        line.push_str(word);
        is_empty = false;
    }
    let _ = writeln!(out, "{line}");
}
