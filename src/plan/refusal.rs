//! Why a plan is not made, or not allowed to run.

use std::fmt;

use crate::plan::Address;
use crate::plan::Objection;
use crate::plan::guard;
use crate::plan::safety::Violation;
use crate::plan::safety::Wrong;
use crate::resource::Defect;
use crate::resource::EXPRESSION_LIMIT;
use crate::resource::Hostname;
use crate::resource::Name;
use crate::resource::ZoneName;

/// One reason against a plan, with the numbers and objects it rests on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// The account would hold more CAs than it may.
    QuotaExceeded {
        /// How many it may hold.
        quota: usize,
        /// The CAs that the plan uploads.
        uploads: Vec<Address>,
        /// What takes the slots now.
        holders: Vec<Address>,
    },
    /// A state on the way in which somebody gets in who gets in neither now nor in the end, or the other way
    /// round.
    Unsafe {
        /// The state, and what is wrong with it.
        violation: Box<Violation>,
    },
    /// A guard is against it.
    Guarded {
        /// What it has against it.
        objection: Box<Objection>,
    },
    /// A live rule of another owner names a declared host.
    OtherOwner {
        /// The rule.
        rule: Address,
        /// Its owner.
        owner: Name,
        /// The declared hosts it names.
        hosts: Vec<Hostname>,
    },
    /// The file adopts a live rule that carries another owner's mark.
    AdoptsOfOther {
        /// The rule.
        rule: Address,
        /// Its owner.
        owner: Name,
        /// The rule of the file that adopts it.
        adopter: Name,
    },
    /// A CA that is to be uploaded would let nobody in.
    Defective {
        /// Its name in the file.
        ca: Name,
        /// What is wrong with it.
        defect: Defect,
    },
    /// A rule has no room for a host.
    NoRoom {
        /// The rule's name in the file.
        rule: Name,
        /// Where.
        zone: ZoneName,
        /// The host.
        host: Hostname,
        /// How long the expression would be.
        length: usize,
    },
}

impl Refusal {
    /// Whether the file or the account is in error, rather than the plan unsafe.
    #[must_use]
    pub fn is_error(&self) -> bool {
        match self {
            Self::QuotaExceeded { .. } | Self::Unsafe { .. } | Self::Guarded { .. } => false,
            Self::OtherOwner { .. }
            | Self::AdoptsOfOther { .. }
            | Self::Defective { .. }
            | Self::NoRoom { .. } => true,
        }
    }

    /// What to do about it.
    #[must_use]
    pub fn help(&self) -> String {
        match self {
            Self::QuotaExceeded { .. } => "retire a CA that is no longer needed and apply that first, ask \
                Cloudflare for a larger quota and set `quota`, or delete a CA that is not ours by hand"
                .to_owned(),
            Self::Unsafe { violation } if matches!(violation.wrong, Wrong::Failing { .. }) => {
                violation.wrong.help()
            }
            Self::Unsafe { violation } if violation.exposes() => {
                "make the change in two plans, and apply the one before the other: first what turns more requests \
                 away, then what lets more in"
                    .to_owned()
            }
            Self::Unsafe { violation } => {
                let first = if matches!(violation.wrong, Wrong::Gap { .. }) {
                    "first let the host accept the CAs of before and after (in a group of its own), apply, then go on \
                     from there and take the old ones away at last"
                } else {
                    "make the change in two plans, and apply the one before the other"
                };
                if violation.hosts.is_empty() {
                    return first.to_owned();
                }
                let flag = guard::flag("--allow-interruption", &violation.hosts);
                format!("{first}; or let it be: `{flag}` takes the moment in which clients are turned away")
            }
            Self::Guarded { objection } => objection.help(),
            Self::OtherOwner { owner, .. } => format!(
                "if the owner was renamed, add `former_owners: [{owner}]`; otherwise let one of the two files \
                 speak for these hosts"
            ),
            Self::AdoptsOfOther { owner, .. } => format!(
                "if the owner was renamed, add `former_owners: [{owner}]`; otherwise remove the entry under `adopt`"
            ),
            Self::Defective { defect, .. } => match defect {
                Defect::Expired { .. } => "give the CA that replaced it".to_owned(),
                Defect::NotYetValid { .. } => "wait for that day, then declare it".to_owned(),
                Defect::Unverifiable { .. } => {
                    "issue a CA with RSA or ECDSA and SHA-256, SHA-384 or SHA-512".to_owned()
                }
                Defect::NoKeyId { .. } => {
                    "issue the CA with a subject key identifier, or set `pin: false` on its rules".to_owned()
                }
            },
            Self::NoRoom { .. } => "shorten `unless`, or let the host accept fewer CAs".to_owned(),
        }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::QuotaExceeded {
                quota,
                uploads,
                holders,
            } => write!(
                f,
                "the account may hold {quota} CAs and holds {}; the plan uploads {}: {}, and in no safe order do \
                 enough others go first; the slots are taken by {}",
                holders.len(),
                uploads.len(),
                list(uploads),
                list(holders),
            ),
            Self::Unsafe { violation } => match &violation.wrong {
                Wrong::Failing { failed } => write!(f, "once this is applied, {failed}"),
                _ => write!(f, "no safe order was found: {violation}"),
            },
            Self::Guarded { objection } => objection.fmt(f),
            Self::OtherOwner { rule, owner, hosts } => write!(
                f,
                "{rule} belongs to `{owner}` and names {}, which this file declares",
                list(hosts),
            ),
            Self::AdoptsOfOther {
                rule,
                owner,
                adopter,
            } => write!(
                f,
                "rule {adopter} adopts {rule}, which belongs to `{owner}`"
            ),
            Self::Defective { ca, defect } => write!(f, "CA {ca} cannot be uploaded: {defect}"),
            Self::NoRoom {
                rule,
                zone,
                host,
                length,
            } => write!(
                f,
                "rule {rule} in {zone} has no room for {host}: its expression would have {length} characters, \
                 and {EXPRESSION_LIMIT} are allowed",
            ),
        }
    }
}

fn list(items: &[impl fmt::Display]) -> String {
    items
        .iter()
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(", ")
}
