//! Declared hosts that stand open, as warnings at their places in the file.

use std::collections::BTreeMap;

use crate::config::Config;
use crate::config::Fault;
use crate::config::Problem;
use crate::config::Span;
use crate::plan::Gap;
use crate::report::words;
use crate::resource::Hostname;
use crate::resource::Name;

/// Hosts that stand open, for all requests or for some.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
enum Uncovered {
    #[error(
        "no enabled `block` rule names {hosts}: no request is refused there for want of a certificate"
    )]
    Always { hosts: String },
    #[error(
        "some requests to {hosts} get in without a certificate, such as one where {example}: {} it past",
        lets(rules)
    )]
    Unless {
        hosts: String,
        rules: Vec<Name>,
        example: String,
    },
    #[error(
        "all requests to {hosts} get in without a certificate: {} them past",
        lets(rules)
    )]
    Whatever { hosts: String, rules: Vec<Name> },
    #[error("which requests to {hosts} get in without a certificate could not be found out: {why}")]
    Unknown { hosts: String, why: String },
}

impl Fault for Uncovered {
    fn help(&self) -> Option<String> {
        match self {
            Self::Always { .. } => Some("name them in a rule with `action: block`".to_owned()),
            Self::Whatever { .. } => Some("an exception is for some requests only".to_owned()),
            Self::Unless { .. } | Self::Unknown { .. } => None,
        }
    }
}

/// Warnings about hosts that stand open.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GapWarnings {
    /// Hosts that no rule closes.
    pub open: Vec<Problem>,
    /// Hosts whose rules have exceptions, as the file asks for.
    pub excepted: Vec<Problem>,
}

/// The gaps of a file, at the first host of each.
#[must_use]
pub fn warnings(config: &Config, gaps: &[Gap]) -> GapWarnings {
    let places: BTreeMap<&Hostname, Span> = config
        .groups
        .iter()
        .flat_map(|group| &group.hosts)
        .map(|host| (&host.value, host.at))
        .collect();
    let mut warnings = GapWarnings::default();
    for gap in joined(gaps) {
        let at = |host: &Hostname| places.get(host).copied();
        let first = gap.hosts.iter().filter_map(at).min();
        let is_open = gap.rules.is_empty() || is_any(&gap);
        let kind = if is_open {
            &mut warnings.open
        } else {
            &mut warnings.excepted
        };
        kind.push(Problem::warning(first, uncovered(&gap, at)));
    }
    for kind in [&mut warnings.open, &mut warnings.excepted] {
        kind.sort_by_key(|problem| problem.at);
    }
    warnings
}

/// Gaps of several zones that are told in the same words.
fn joined(gaps: &[Gap]) -> Vec<Gap> {
    let mut joined: Vec<Gap> = Vec::new();
    for gap in gaps {
        let example = |gap: &Gap| gap.example.as_ref().map(ToString::to_string).ok();
        let same = joined
            .iter_mut()
            .find(|one| one.rules == gap.rules && example(one) == example(gap));
        match same {
            Some(one) => one.hosts.extend(gap.hosts.iter().cloned()),
            None => joined.push(gap.clone()),
        }
    }
    joined
}

fn uncovered(gap: &Gap, at: impl Fn(&Hostname) -> Option<Span>) -> Uncovered {
    let mut hosts: Vec<&Hostname> = gap.hosts.iter().collect();
    hosts.sort_by_key(|host| at(host));
    let shown = hosts.iter().take(SHOWN);
    let mut named: Vec<String> = shown.map(|host| format!("`{host}`")).collect();
    if hosts.len() > SHOWN {
        named.push(format!("{} more", hosts.len() - SHOWN));
    }
    let hosts = words::list(&named);
    match &gap.example {
        _ if gap.rules.is_empty() => Uncovered::Always { hosts },
        Ok(_) if is_any(gap) => Uncovered::Whatever {
            hosts,
            rules: gap.rules.iter().cloned().collect(),
        },
        Ok(example) => Uncovered::Unless {
            hosts,
            rules: gap.rules.iter().cloned().collect(),
            example: example.to_string(),
        },
        Err(bound) => Uncovered::Unknown {
            hosts,
            why: bound.to_string(),
        },
    }
}

/// Whether any request gets in.
fn is_any(gap: &Gap) -> bool {
    let example = gap.example.as_ref();
    example.is_ok_and(|example| example.choices().is_empty())
}

/// How many hosts are named before the rest is counted.
const SHOWN: usize = 4;

/// `` `unless` of rule `a` lets``.
fn lets(rules: &[Name]) -> String {
    let names: Vec<String> = rules.iter().map(|name| format!("`{name}`")).collect();
    if let [only] = names.as_slice() {
        format!("`unless` of rule {only} lets")
    } else {
        format!("`unless` of the rules {} let", words::list(&names))
    }
}
