//! Who is asked for whose certificates, by which rules, and who gets in: CA → host → rule, as a picture.
//!
//! A [`Graph`] is made from what the edge would know of an account, or from that before and after a plan.
//! Hosts that nothing tells apart are one node, so that ten thousand of them stay readable.

mod access;
mod build;
mod dot;
mod label;
mod mermaid;
mod svg;

use crate::edge::Verdict;
use crate::resource::Hostname;
use crate::resource::ZoneName;

pub use dot::dot;
pub use dot::dot_of_failure;
pub use mermaid::is_too_large;
pub use mermaid::mermaid;
pub use mermaid::mermaid_of_failure;
pub use svg::svg;
pub use svg::svg_of_failure;

/// A picture, before it is drawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Graph {
    /// Whether it shows what a plan changes.
    pub is_change: bool,
    /// The CAs of the account, by name.
    pub cas: Vec<Ca>,
    /// The zones with something to show, by name.
    pub zones: Vec<Zone>,
}

/// A CA.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ca {
    /// What people call it.
    pub name: String,
    /// What a plan does to it.
    pub change: Change,
}

/// A zone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Zone {
    /// Its name.
    pub name: ZoneName,
    /// Its hosts, by the first of each group; any other host comes last.
    pub groups: Vec<Group>,
    /// The rules that decide there, in the order in which they are evaluated.
    pub rules: Vec<Rule>,
}

/// Hosts that nothing tells apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// The hosts; empty for any other host of the zone.
    pub hosts: Vec<Hostname>,
    /// What becomes of clients without a certificate.
    pub stranger: Was,
    /// The CAs whose certificates they ask for.
    pub asks: Vec<Asks>,
    /// The rules that may match a request to them.
    pub rules: Vec<Reaches>,
}

/// That some hosts ask for certificates of a CA.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asks {
    /// Which CA, by its place in [`Graph::cas`].
    pub ca: usize,
    /// What a plan does to that.
    pub change: Change,
    /// What becomes of the CA's clients there.
    pub clients: Was,
}

/// That a rule may match requests to some hosts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reaches {
    /// Which rule, by its place in [`Zone::rules`].
    pub rule: usize,
    /// What a plan does to that.
    pub change: Change,
}

/// A rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// What people call it.
    pub name: String,
    /// What it does with a request that matches.
    pub action: &'static str,
    /// Whether it takes part at all.
    pub enabled: bool,
    /// What a plan does to it.
    pub change: Change,
}

/// What a plan does to something; everything is kept where no plan is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// Nothing.
    Kept,
    /// It comes.
    Added,
    /// It goes.
    Removed,
    /// It stays, and becomes another.
    Changed,
}

impl Change {
    fn of(before: bool, after: bool) -> Self {
        match (before, after) {
            (false, true) => Self::Added,
            (true, false) => Self::Removed,
            _ => Self::Kept,
        }
    }

    /// The symbol before a name.
    fn symbol(self) -> &'static str {
        match self {
            Self::Kept => "",
            Self::Added => "+ ",
            Self::Removed => "- ",
            Self::Changed => "~ ",
        }
    }
}

/// What becomes of some clients: at first, where that is shown and different, and in the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Was {
    /// At first; `None` where it is the same, or nothing to compare with.
    pub before: Option<Outcome>,
    /// In the end.
    pub now: Outcome,
}

/// What becomes of some requests, leaving aside those that rules stop that have nothing to do with
/// certificates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Outcome {
    /// The same for all of them.
    Always(Verdict),
    /// It depends on the request, or on how the edge verifies certificates.
    Depends,
    /// It could not be found out.
    Unknown,
    /// Nobody is asked for a certificate, so that there are no such clients.
    NotAsked,
}

impl Outcome {
    /// The word for it.
    fn word(self) -> &'static str {
        match self {
            Self::Always(verdict) => verdict.word(),
            Self::Depends => "some pass",
            Self::Unknown => "not known",
            Self::NotAsked => "not asked",
        }
    }
}

/// How something is painted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Colour {
    /// Strangers are stopped, or clients get in.
    Good,
    /// Strangers get in, or clients are stopped.
    Bad,
    /// Challenged, or some of both.
    Between,
    /// Nothing is said.
    Plain,
}

impl Colour {
    /// For hosts, by what becomes of clients without a certificate.
    fn of_strangers(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Always(Verdict::Block) => Self::Good,
            Outcome::Always(Verdict::Pass) => Self::Bad,
            Outcome::Always(Verdict::Challenge) | Outcome::Depends => Self::Between,
            Outcome::Unknown | Outcome::NotAsked => Self::Plain,
        }
    }

    /// For the way from a CA to hosts, by what becomes of its clients.
    fn of_clients(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Always(Verdict::Pass) => Self::Good,
            Outcome::Always(Verdict::Block) => Self::Bad,
            Outcome::Always(Verdict::Challenge) | Outcome::Depends => Self::Between,
            Outcome::Unknown | Outcome::NotAsked => Self::Plain,
        }
    }

    /// Its name in every format.
    fn name(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Bad => "bad",
            Self::Between => "between",
            Self::Plain => "plain",
        }
    }
}
