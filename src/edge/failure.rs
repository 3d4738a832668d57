//! Why an access test does not hold, in words that follow *expects block and*.

use std::fmt;

use crate::edge::Client;
use crate::edge::InvalidGiven;
use crate::edge::Reading;
use crate::edge::Rule;
use crate::edge::Verdict;
use crate::expression::Bound;
use crate::expression::Choice;
use crate::expression::Guard;
use crate::resource::ZoneName;

/// Why a test does not hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// The only reading under which it does not; `None` if it is so under both.
    pub reading: Option<Reading>,
    /// What stands against it.
    pub why: Why,
}

/// What stands against a test.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Why {
    /// A request that something else becomes of.
    Verdict(Box<Found>),
    /// There is no such request, so that nothing is tested.
    Nobody,
    /// A field that cannot be given like this.
    Given(InvalidGiven),
    /// The rules or the host lists of the zone were not read.
    NotRead(ZoneName),
    /// The question was too large.
    Bound(Bound),
}

/// A request, and what becomes of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Whose request.
    pub client: Client,
    /// What becomes of it.
    pub verdict: Verdict,
    /// What the request is like in what the test leaves open.
    pub guard: Guard,
    /// The rule that decides; `None` if none does, so that it passes.
    pub rule: Option<Decider>,
    /// A rule that cannot be read and may decide before that; `None` if there is none in the way.
    pub unreadable: Option<Decider>,
}

/// A rule that decides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decider {
    /// What people call it.
    pub name: String,
    /// Its `ref`.
    pub reference: String,
}

impl From<&Rule> for Decider {
    fn from(rule: &Rule) -> Self {
        Self {
            name: rule.name.clone(),
            reference: rule.reference.clone(),
        }
    }
}

impl From<Why> for Failure {
    fn from(why: Why) -> Self {
        let reading = None;
        Self { reading, why }
    }
}

impl fmt::Display for Failure {
    /// What the test does instead of holding, as in `expects block and` …
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.why)?;
        f.write_str(match self.reading {
            None => "",
            Some(Reading::PerHost) => " (if certificates are verified against the host's CAs only)",
            Some(Reading::AccountWide) => " (if they are verified against all CAs of the account)",
        })
    }
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Verdict(found) => found.fmt(f),
            Self::Nobody => f.write_str("tests nothing: there is no such request"),
            Self::Given(error) => write!(f, "cannot be judged: {error}"),
            Self::NotRead(zone) => write!(
                f,
                "cannot be judged: the custom rules or the host lists of {zone} were not read"
            ),
            Self::Bound(bound) => write!(f, "cannot be judged: {bound}"),
        }
    }
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            client,
            verdict,
            guard,
            rule,
            unreadable,
        } = self;
        write!(f, "gets {} for clients {client}", verdict.word())?;
        // What a rule that nobody can read does not do tells nothing.
        let tells = |choice: &Choice| !matches!(choice, Choice::Open { holds: false, .. });
        if guard.choices().iter().any(tells) {
            write!(f, ", such as a request where {guard}")?;
        }
        match rule {
            Some(rule) => write!(f, ": rule {rule} decides")?,
            None => f.write_str(": no rule matches")?,
        }
        match unreadable {
            Some(unread) if rule.as_ref() == Some(unread) => {
                f.write_str(", as far as can be told: it cannot be read")
            }
            Some(unread) => write!(f, ", as far as can be told: rule {unread} cannot be read"),
            None => Ok(()),
        }
    }
}

impl fmt::Display for Decider {
    /// Its name, and its `ref` where that is another.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, reference } = self;
        if name == reference {
            write!(f, "`{name}`")
        } else {
            write!(f, "`{name}` (ref {reference})")
        }
    }
}
