//! What a guard has against a plan, in words, and the flag that lifts just that.

use std::fmt;

use jiff::Timestamp;

use crate::desired::HostLimit;
use crate::edge::Reading;
use crate::plan::Address;
use crate::plan::guard::reliance::Reliance;
use crate::plan::guard::reliance::ReliedOn;
use crate::plan::safety::Certainty;
use crate::resource::Hostname;
use crate::resource::Name;

/// How many hosts or objects are named before the rest is counted.
const SHOWN: usize = 6;

/// How many values of a flag are filled in.
const FILLED_IN: usize = 20;

/// What a guard has against a plan, with the numbers and objects it rests on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Objection {
    /// Too many objects of ours are deleted.
    Deletions {
        /// Which: CAs and rules.
        objects: Vec<Address>,
        /// How many may be.
        limit: usize,
    },
    /// All protected hosts, or most of them, lose every enabled rule of ours that turns anybody away.
    Unprotected {
        /// Those hosts.
        hosts: Hosts,
        /// How many hosts are protected.
        of: usize,
        /// How many hosts lose theirs or change verdict: what has to be allowed.
        changed: usize,
    },
    /// On too many protected hosts somebody changes verdict.
    ChangedHosts {
        /// The hosts.
        hosts: Hosts,
        /// How many hosts are protected.
        of: usize,
        /// On how many it may be.
        limit: HostLimit,
    },
    /// Hosts are opened to clients without a certificate.
    Opened {
        /// The hosts.
        hosts: Vec<Hostname>,
    },
    /// Verdicts change on hosts that are not ours.
    SideEffects {
        /// The hosts.
        hosts: Vec<Hostname>,
        /// Under which readings.
        certainty: Certainty,
    },
    /// A CA is deleted that a rule of somebody else counts on.
    Relied(Reliance),
    /// A CA is uploaded that ends soon.
    Expiring {
        /// Its name in the file.
        ca: Name,
        /// When the first of its keys ends.
        on: Timestamp,
        /// How many whole days that is from now.
        left: i64,
        /// How many days it should be.
        least: u64,
    },
}

/// Some hosts, of which those that another refusal names as opened are only counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hosts {
    /// Those that no other refusal names.
    pub named: Vec<Hostname>,
    /// How many are named as opened.
    pub opened: usize,
}

impl Hosts {
    /// How many they are together.
    #[must_use]
    pub fn count(&self) -> usize {
        self.named.len() + self.opened
    }
}

impl Objection {
    /// What to do about it, and the flag that lifts it.
    #[must_use]
    pub fn help(&self) -> String {
        match self {
            Self::Deletions { objects, .. } => format!(
                "look whether a part of the file got lost; if all of them shall go: `--allow-deletes {}`",
                objects.len()
            ),
            Self::Unprotected { changed, .. } => format!(
                "look whether a part of the file got lost; if it shall be so: `--allow-changed-hosts {changed}`"
            ),
            Self::ChangedHosts { hosts, .. } => format!(
                "make the change in several plans, for some of the hosts at a time; or allow it at once: \
                 `--allow-changed-hosts {}`",
                hosts.count()
            ),
            Self::Opened { hosts } => format!(
                "look whether a host or a rule got lost in the file; if they shall be open to everybody: `{}`, or \
                 `guards.may_open` in the file",
                flag("--allow-open", hosts)
            ),
            Self::SideEffects { hosts, certainty } => format!(
                "{}; if it may be so: `{}`",
                match certainty {
                    Certainty::Certain =>
                        "talk to whoever speaks for them, or declare them in the file",
                    Certainty::Possible(_) => {
                        "ask whoever speaks for them to name the issuers' key ids in their rules"
                    }
                },
                flag("--allow-side-effect", hosts)
            ),
            Self::Relied(Reliance { hosts, .. }) => format!(
                "keep the CA in the file until whoever owns the rule has changed it; if the rule may lose it: `{}`",
                flag("--allow-side-effect", hosts)
            ),
            Self::Expiring { ca, .. } => format!(
                "issue a CA that is valid for longer; if this one is meant: `--allow-expiring {ca}`"
            ),
        }
    }
}

impl fmt::Display for Objection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Deletions { objects, limit } => write!(
                f,
                "the plan deletes {} CAs and rules of ours, and {limit} may be deleted by one plan \
                 (`max_deletes`): {}",
                objects.len(),
                some(objects),
            ),
            Self::Unprotected { hosts, of, .. } => write!(
                f,
                "the plan leaves {} of {of} protected hosts without an enabled rule of ours that turns anybody \
                 away: {hosts}",
                hosts.count(),
            ),
            Self::ChangedHosts { hosts, of, limit } => {
                let count = hosts.count();
                write!(f, "on {count} of {of} protected hosts ")?;
                match limit {
                    HostLimit::Percent(percent) => write!(
                        f,
                        "({} %) somebody changes verdict, and {percent} % may change in one plan",
                        count * 100 / of.max(&1)
                    )?,
                    HostLimit::Count(limit) => write!(
                        f,
                        "somebody changes verdict, and {limit} may change in one plan"
                    )?,
                }
                write!(f, " (`max_changed_hosts`): {hosts}")
            }
            Self::Opened { hosts } => write!(
                f,
                "clients without a certificate, which are stopped now, would get in on {}: {}",
                count(hosts.len(), "host"),
                some(hosts),
            ),
            Self::SideEffects { hosts, certainty } => {
                write!(
                    f,
                    "on {} that neither the file nor a rule of ours names, somebody ",
                    count(hosts.len(), "host")
                )?;
                match certainty {
                    Certainty::Certain => write!(f, "changes verdict: {}", some(hosts)),
                    Certainty::Possible(reading) => write!(
                        f,
                        "may change verdict, {}, and `side_effects` is `refuse`: {}",
                        if_so(*reading),
                        some(hosts)
                    ),
                }
            }
            Self::Relied(Reliance { ca, rule, on, .. }) => {
                write!(f, "{ca} is deleted, and {rule}, which is not ours, ")?;
                match on {
                    ReliedOn::KeyIds(ids) => {
                        let ids: Vec<_> = ids.iter().collect();
                        write!(f, "names its {} {}", noun(ids.len(), "key id"), some(&ids))
                    }
                    ReliedOn::Asking(hosts) => write!(
                        f,
                        "tests certificates on {}, which {} for one only because of it",
                        some(hosts),
                        if hosts.len() == 1 { "asks" } else { "ask" },
                    ),
                }
            }
            Self::Expiring {
                ca,
                on,
                left,
                least,
            } => write!(
                f,
                "CA {ca} is uploaded and ends on {}, in {}, and a CA shall be valid for {least} more \
                 (`min_validity`)",
                on.strftime("%Y-%m-%d"),
                count(usize::try_from(*left).unwrap_or_default(), "day"),
            ),
        }
    }
}

impl fmt::Display for Hosts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { named, opened } = self;
        match (named.as_slice(), opened) {
            (_, 0) => f.write_str(&some(named)),
            ([], 1) => f.write_str("the one that is opened"),
            ([], _) => write!(f, "the {opened} that are opened"),
            (_, 1) => write!(f, "{}, and the one that is opened", some(named)),
            (_, _) => write!(f, "{}, and the {opened} that are opened", some(named)),
        }
    }
}

/// Under which condition one reading holds.
pub(in crate::plan) fn if_so(reading: Reading) -> &'static str {
    match reading {
        Reading::PerHost => "if certificates are verified against the host's CAs only",
        Reading::AccountWide => "if certificates are verified against all CAs of the account",
    }
}

/// A flag for each host; where they are very many, for the first.
pub(in crate::plan) fn flag(flag: &str, hosts: &[Hostname]) -> String {
    let shown = hosts.iter().take(FILLED_IN);
    let mut said: Vec<String> = shown.map(|host| format!("{flag} {host}")).collect();
    if hosts.len() > FILLED_IN {
        said.push(format!("… for each of the {}", hosts.len()));
    }
    said.join(" ")
}

/// The first few, and how many more there are.
pub(in crate::plan) fn some(items: &[impl fmt::Display]) -> String {
    let shown = items.iter().take(SHOWN).map(ToString::to_string);
    let mut said: Vec<String> = shown.collect();
    if items.len() > SHOWN {
        said.push(format!("{} more", items.len() - SHOWN));
    }
    match said.as_slice() {
        [first @ .., last] if !first.is_empty() => format!("{} and {last}", first.join(", ")),
        _ => said.concat(),
    }
}

fn count(number: usize, noun: &str) -> String {
    format!("{number} {}", self::noun(number, noun))
}

fn noun(number: usize, noun: &str) -> String {
    if number == 1 {
        noun.to_owned()
    } else {
        format!("{noun}s")
    }
}
