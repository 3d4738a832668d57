//! CAs of the file that Cloudflare would take and whose clients would still be refused, at a moment.

use std::collections::BTreeSet;

use jiff::Timestamp;

use crate::config::Ca;
use crate::config::CaContent;
use crate::config::Config;
use crate::config::Fault;
use crate::config::Group;
use crate::config::Hostnames;
use crate::config::Member;
use crate::config::Problem;
use crate::resource::Defect;
use crate::resource::Name;

/// A defect of one CA.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("CA `{ca}`: {defect}")]
struct CaDefect {
    ca: Name,
    defect: Defect,
}

impl Fault for CaDefect {
    fn help(&self) -> Option<String> {
        Some(
            match self.defect {
                Defect::Expired { .. } => "replace it: clients with its certificates are refused",
                Defect::NotYetValid { .. } => {
                    "wait for that day, or check the clock of the machine that made it"
                }
                Defect::Unverifiable { .. } => {
                    "use RSA or ECDSA with SHA-256, SHA-384 or SHA-512 (not RSA-PSS)"
                }
                Defect::NoKeyId { .. } => {
                    "issue the CA again with a subject key identifier, or set `pin: false` on its rules"
                }
            }
            .into(),
        )
    }
}

/// What is wrong at this moment with the CAs of the file, as warnings, by position; those that are
/// retired by then are left out. Where such a CA would be uploaded, the caller makes an error of it.
///
/// A missing key id counts where a rule pins the CA, and always for `issuers`, which are only there to
/// be pinned.
#[must_use]
pub fn defects(config: &Config, at: Timestamp) -> Vec<Problem> {
    let pinned = config.pinned_cas();
    let mut problems: Vec<Problem> = config
        .cas
        .iter()
        .filter(|ca| !ca.is_retired(at))
        .flat_map(|ca| of_ca(ca, at, pinned.contains(&ca.name.value)))
        .collect();
    problems.sort_by_key(|problem| problem.at);
    problems
}

fn of_ca(ca: &Ca, at: Timestamp, pinned: bool) -> Vec<Problem> {
    let CaContent::Uploaded {
        bundle, issuers, ..
    } = &ca.content
    else {
        return Vec::new();
    };
    let issuers = issuers.iter().map(|issuer| (issuer, true));
    std::iter::once((bundle, pinned))
        .chain(issuers)
        .flat_map(|(bundle, pinned)| {
            let defects = bundle.value.defects(at, pinned);
            defects.into_iter().map(|defect| {
                let ca = ca.name.value.clone();
                Problem::warning(bundle.at, CaDefect { ca, defect })
            })
        })
        .collect()
}

impl Config {
    /// The CAs of the hosts of all rules that pin: without a key id their clients cannot be told apart.
    #[must_use]
    pub fn pinned_cas(&self) -> BTreeSet<&Name> {
        let pins = |group: &Group| {
            let mut pinning = self.rules.iter().filter(|rule| rule.pin);
            pinning.any(|rule| match &rule.hostnames {
                Hostnames::All => true,
                Hostnames::Listed(members) => members.iter().any(|member| match &member.value {
                    Member::Group(name) => *name == group.name.value,
                    Member::Host(host) => group.hosts.iter().any(|one| one.value == *host),
                }),
            })
        };
        let pinned = self.groups.iter().filter(|group| pins(group));
        pinned
            .flat_map(|group| &group.cas)
            .map(|ca| &ca.value)
            .collect()
    }
}
