//! What stays as it is although somebody might expect otherwise, and what the reader should know.

use std::fmt;

use jiff::civil::Date;

use crate::edge::Reading;
use crate::plan::Address;
use crate::plan::guard;
use crate::resource::Defect;
use crate::resource::Hostname;
use crate::resource::Name;
use crate::resource::ZoneName;

/// An object that the plan leaves alone, and why.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Held {
    /// The object.
    pub address: Address,
    /// Why it is left alone.
    pub because: HeldBecause,
}

/// Why an object is left alone.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum HeldBecause {
    /// A CA that somebody else uploaded.
    NotUploadedByUs,
    /// A CA whose name carries our mark, but not with the digest of its content.
    MarkContradictsContent,
    /// A leaf certificate, which other products use.
    Leaf,
    /// Run by another product.
    Product(String),
    /// Somebody else's rule.
    NotOurRule,
    /// A CA that should go, but a zone lists hosts for it that are not ours to take away.
    StillListed {
        /// The zone.
        zone: ZoneName,
        /// The hosts, in the account's spelling.
        hosts: Vec<String>,
        /// Whether the file speaks for that zone at all.
        outside: bool,
    },
    /// Ours, but in a zone that the file does not speak for.
    OutsideZones,
    /// A CA that is replaced on hosts whose successor has not been accepted for `min_overlap` yet.
    Overlap {
        /// From 00:00 UTC of this day it may go.
        until: Date,
        /// The hosts.
        hosts: Vec<Hostname>,
        /// What it is called where it is allowed to go at once.
        ca: String,
    },
    /// A CA whose new content waits for a slot, with the old one in its place.
    NoSlot {
        /// How many CAs the account may hold.
        quota: usize,
    },
}

/// How many hosts are named before the rest is counted.
const HOSTS_NAMED: usize = 5;

fn some_of(hosts: &[Hostname]) -> String {
    let named = hosts.iter().take(HOSTS_NAMED).map(ToString::to_string);
    let named = named.collect::<Vec<_>>().join(", ");
    match hosts
        .len()
        .checked_sub(HOSTS_NAMED)
        .filter(|more| *more > 0)
    {
        Some(more) => format!("{named} and {more} more"),
        None => named,
    }
}

impl HeldBecause {
    /// Whether it is about something of ours, which waits for a day or for somebody to act.
    #[must_use]
    pub fn is_ours(&self) -> bool {
        match self {
            Self::MarkContradictsContent
            | Self::StillListed { .. }
            | Self::OutsideZones
            | Self::Overlap { .. }
            | Self::NoSlot { .. } => true,
            Self::NotUploadedByUs | Self::Leaf | Self::Product(_) | Self::NotOurRule => false,
        }
    }
}

impl fmt::Display for HeldBecause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotUploadedByUs => {
                f.write_str("not uploaded by us; declare it with `retire` to have it deleted")
            }
            Self::MarkContradictsContent => {
                f.write_str("its name carries our mark, but not that of its content; not ours to delete")
            }
            Self::Leaf => f.write_str("a leaf certificate, used by other products"),
            Self::Product(kind) => write!(f, "run by another product ({kind})"),
            Self::NotOurRule => f.write_str("not our rule"),
            Self::StillListed { zone, hosts, outside } => {
                let hosts = hosts.join(", ");
                if *outside {
                    write!(
                        f,
                        "cannot be deleted: {zone}, which is not in `zones`, still lists {hosts} for it; \
                         add the zone, apply, then drop it"
                    )
                } else {
                    write!(f, "cannot be deleted: {zone} still lists {hosts} for it, which we do not manage")
                }
            }
            Self::OutsideZones => f.write_str(
                "ours, in a zone that is not in `zones`: keep the zone, remove its hosts, apply, then drop the zone",
            ),
            Self::Overlap { until, hosts, ca } => write!(
                f,
                "held until {until} on {}, while its clients move to the CA that follows it (`min_overlap`); \
                 `--allow-short-overlap {ca}` does not wait",
                some_of(hosts)
            ),
            Self::NoSlot { quota } => write!(
                f,
                "its new content waits for a free CA slot, of which the account has {quota}; the old one stays until then"
            ),
        }
    }
}

/// Something that the reader should know, without any step.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Note {
    /// The account has this content under another name already; it is used as it is.
    Adopted {
        /// The name in the file.
        name: Name,
        /// The name in the account.
        live: String,
    },
    /// A CA of ours has another name in the file now; nothing is done for a name.
    Renamed {
        /// The name in the file.
        name: Name,
        /// The name in the account.
        live: String,
    },
    /// A live CA has a defect.
    Defective {
        /// The name in the file.
        name: Name,
        /// What is wrong with it.
        defect: Defect,
    },
    /// A rule that the file adopts is not in the account.
    AdoptedMissing {
        /// The rule of the file that adopts it.
        rule: Name,
        /// The zone where it should be.
        zone: ZoneName,
        /// Its `ref`.
        reference: String,
    },
    /// An access test does not hold, and no step would change that.
    TestFails {
        /// Which one, what it expects and what it gets.
        told: String,
        /// The command that shows why.
        question: String,
    },
    /// Verdicts change on hosts that are not ours, under one reading only.
    SideEffects {
        /// The hosts.
        hosts: Vec<Hostname>,
        /// Under which.
        reading: Reading,
    },
    /// Zones outside `zones` were left unread, to save calls.
    NotLookedAt {
        /// How many.
        zones: usize,
    },
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Adopted { name, live } => {
                write!(
                    f,
                    "CA {name} is in the account already, as `{live}`: used as it is, not uploaded again"
                )
            }
            Self::Renamed { name, live } => {
                write!(
                    f,
                    "CA {name} is called `{live}` in the account; a name alone changes nothing"
                )
            }
            Self::Defective { name, defect } => write!(f, "CA {name}: {defect}"),
            Self::AdoptedMissing {
                rule,
                zone,
                reference,
            } => write!(
                f,
                "rule {rule} adopts `{reference}` of {zone}, which is not there (any more); a rule of our own does \
                 its work, and the entry under `adopt` can go"
            ),
            Self::TestFails { told, question } => {
                write!(f, "{told}; `{question}` shows it rule by rule")
            }
            Self::SideEffects { hosts, reading } => write!(
                f,
                "somebody may change verdict on {}, which neither the file nor a rule of ours names: {}",
                guard::some(hosts),
                guard::if_so(*reading)
            ),
            Self::NotLookedAt { zones } => write!(
                f,
                "{zones} zones outside `zones` were not looked at; what of ours is left there is not listed"
            ),
        }
    }
}
