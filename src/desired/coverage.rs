//! Declared hosts that no rule of the file closes: what still gets in without a certificate.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use crate::config;
use crate::config::Action;
use crate::config::Config;
use crate::config::Fault;
use crate::config::Located;
use crate::config::Problem;
use crate::desired::resolve::members;
use crate::resource::Hostname;
use crate::resource::Name;

/// Declared hosts that stand open, for all requests or for some.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
enum Uncovered {
    #[error(
        "no enabled `block` rule names {hosts}: no request is refused there for want of a certificate"
    )]
    Always { hosts: String },
    #[error("requests to {hosts} get in without a certificate where {}", exceptions.join(" and "))]
    Unless {
        hosts: String,
        exceptions: Vec<String>,
    },
}

impl Fault for Uncovered {
    fn help(&self) -> Option<String> {
        match self {
            Self::Always { .. } => Some("name them in a rule with `action: block`".to_owned()),
            Self::Unless { .. } => None,
        }
    }
}

/// Warnings about declared hosts that no enabled `block` rule covers entirely. Hosts with the same gap
/// are told together, at the first of them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Gaps {
    /// Hosts that no rule closes.
    pub open: Vec<Problem>,
    /// Hosts whose rules have exceptions, as the file asks for, and the requests that get in there.
    pub excepted: Vec<Problem>,
}

/// Which declared hosts no enabled `block` rule covers entirely, and which requests get in there.
#[must_use]
pub fn gaps(config: &Config) -> Gaps {
    let blocks = config
        .rules
        .iter()
        .filter(|rule| rule.enabled && rule.action == Action::Block);
    let mut covered: BTreeMap<&Hostname, Vec<&config::Rule>> = BTreeMap::new();
    for rule in blocks {
        for host in members(config, rule) {
            covered.entry(host).or_default().push(rule);
        }
    }
    let mut gaps: BTreeMap<Vec<String>, Vec<&Located<Hostname>>> = BTreeMap::new();
    for host in config.groups.iter().flat_map(|group| &group.hosts) {
        let rules = covered.get(&host.value).map_or(&[][..], Vec::as_slice);
        if let Some(exceptions) = exceptions(rules) {
            gaps.entry(exceptions).or_default().push(host);
        }
    }
    let mut found = Gaps::default();
    for (exceptions, hosts) in gaps {
        let kind = if exceptions.is_empty() {
            &mut found.open
        } else {
            &mut found.excepted
        };
        kind.push(warning(&hosts, exceptions));
    }
    found.excepted.sort_by_key(|problem| problem.at);
    found
}

/// Where requests get past all of these rules: nowhere (`None`), everywhere (no exception), or where
/// each of their exceptions holds.
fn exceptions(rules: &[&config::Rule]) -> Option<Vec<String>> {
    let mut exceptions = BTreeSet::new();
    for rule in rules {
        exceptions.insert(exception(&rule.name.value, &rule.unless.as_ref()?.value));
    }
    Some(exceptions.into_iter().collect())
}

fn warning(hosts: &[&Located<Hostname>], exceptions: Vec<String>) -> Problem {
    let mut names: Vec<String> = hosts
        .iter()
        .take(SHOWN)
        .map(|host| format!("`{}`", host.value))
        .collect();
    if hosts.len() > SHOWN {
        names.push(format!("{} more", hosts.len() - SHOWN));
    }
    let hosts_named = names.join(", ");
    let fault = if exceptions.is_empty() {
        Uncovered::Always { hosts: hosts_named }
    } else {
        Uncovered::Unless {
            hosts: hosts_named,
            exceptions,
        }
    };
    Problem::warning(hosts.first().map(|host| host.at), fault)
}

/// How many hosts are named before the rest is counted.
const SHOWN: usize = 4;

fn exception(rule: &Name, unless: &str) -> String {
    format!("`unless` of rule `{rule}` holds (`{}`)", unless.trim())
}
