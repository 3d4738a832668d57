//! The account for people to look at: its view as text.

use std::fmt::Write;

use crate::sandbox::account::Account;
use crate::sandbox::view::AccessRuleView;
use crate::sandbox::view::CertificateView;
use crate::sandbox::view::EntryPointView;
use crate::sandbox::view::RuleView;
use crate::sandbox::view::View;
use crate::sandbox::view::ZoneView;
use crate::sandbox::view::view;

/// Widest line, in columns; a single longer word still stands on a line of its own.
const WIDTH: usize = 80;

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
        rules,
        access_rules,
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
    if rules.is_some() || !access_rules.is_empty() {
        out.push_str("\nFor all zones\n");
    }
    show_access_rules(&mut out, "  IP Access rules", &access_rules);
    if let Some(rules) = &rules {
        show_rules(&mut out, "  account rules", rules);
    }
    for zone in &zones {
        show_zone(&mut out, zone);
    }
    out
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
        redirects,
        access_rules,
        dns_only,
    } = zone;
    let paused = if *paused { ", paused" } else { "" };
    let _ = writeln!(out, "\nZone {name} ({status}{paused}, {plan})\n  {id}");
    if !managed_ca_hostnames.is_empty() {
        wrap(out, "  managed CA: ", &managed_ca_hostnames.join(" "));
    }
    if !dns_only.is_empty() {
        let names: Vec<&str> = dns_only.iter().map(String::as_str).collect();
        wrap(out, "  DNS only: ", &names.join(" "));
    }
    show_access_rules(out, "  IP Access rules", access_rules);
    if let Some(redirects) = redirects {
        show_rules(out, "  Single Redirects", redirects);
    }
    match entry_point {
        Some(rules) => show_rules(out, "  custom rules", rules),
        None => out.push_str("  no custom rules were ever written\n"),
    }
}

fn show_rules(out: &mut String, title: &str, entry_point: &EntryPointView) {
    let EntryPointView {
        id: _,
        version,
        rules,
    } = entry_point;
    let _ = writeln!(out, "{title}, version {version}");
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

fn show_access_rules(out: &mut String, title: &str, rules: &[AccessRuleView]) {
    if rules.is_empty() {
        return;
    }
    let _ = writeln!(out, "{title}");
    for rule in rules {
        let AccessRuleView {
            mode,
            target,
            value,
            notes,
        } = rule;
        let _ = writeln!(out, "       {mode}: {target} {value}");
        if !notes.is_empty() {
            wrap(out, "         ", notes);
        }
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
