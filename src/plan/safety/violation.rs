//! What is wrong with a plan: which class, at which step, before → during → after.

use std::fmt;

use crate::edge::Client;
use crate::edge::Reading;
use crate::edge::Verdict;
use crate::edge::Why;
use crate::expression::Bound;
use crate::expression::Guard;
use crate::plan::Address;
use crate::plan::FailedTest;
use crate::plan::safety::kin::Kin;
use crate::resource::Hostname;
use crate::resource::ZoneName;

/// A state that a plan can pass through and must not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// In which zone.
    pub zone: ZoneName,
    /// On which hosts; none stands for any other host of the zone.
    pub hosts: Vec<Hostname>,
    /// Under which reading; `None` where that makes no difference.
    pub reading: Option<Reading>,
    /// When; `None` where the question was too large.
    pub when: Option<When>,
    /// What is wrong.
    pub wrong: Wrong,
}

/// A state of a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct When {
    /// The wave that is under way, counted from zero; all before it have taken effect.
    pub wave: usize,
    /// The steps of it that matter here and have taken effect.
    pub done: Vec<Address>,
}

/// What can be wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wrong {
    /// A verdict that is neither the one before nor the one after, or goes back.
    Flicker {
        /// Whose requests.
        client: Client,
        /// An example.
        guard: Guard,
        /// The verdict before.
        before: Verdict,
        /// The verdict in that state.
        during: Verdict,
        /// The verdict in the end.
        after: Verdict,
    },
    /// Neither all clients that get in before nor all that get in afterwards do.
    Gap {
        /// An example.
        guard: Guard,
    },
    /// An access test that held, and does not any more.
    Broken {
        /// Which one, and what it gets.
        failed: Box<FailedTest>,
    },
    /// An access test that does not hold in the end.
    Failing {
        /// Which one, and what it gets.
        failed: Box<FailedTest>,
    },
    /// It could not be found out.
    Unknown {
        /// Why.
        bound: Bound,
    },
}

impl Violation {
    pub(super) fn new(kin: &Kin<'_>, reading: Reading, when: When, wrong: Wrong) -> Self {
        Self {
            zone: kin.zone.clone(),
            hosts: kin.hosts.clone(),
            reading: Some(reading),
            when: Some(when),
            wrong,
        }
    }

    pub(super) fn unknown(kin: &Kin<'_>, bound: Bound) -> Self {
        Self {
            zone: kin.zone.clone(),
            hosts: kin.hosts.clone(),
            reading: None,
            when: None,
            wrong: Wrong::Unknown { bound },
        }
    }

    /// An access test that does not hold in the end.
    pub(super) fn in_the_end(failed: FailedTest) -> Self {
        Self {
            zone: failed.zone.clone(),
            hosts: vec![failed.test.host.clone()],
            reading: failed.failure.reading,
            when: None,
            wrong: Wrong::Failing {
                failed: Box::new(failed),
            },
        }
    }

    /// Earlier states first.
    pub(super) fn order(&self) -> (Option<(usize, usize)>, ZoneName, Vec<Hostname>) {
        let when = self.when.as_ref().map(|when| (when.wave, when.done.len()));
        (when, self.zone.clone(), self.hosts.clone())
    }

    /// Whether nothing makes it good ([`Wrong::exposes`]).
    #[must_use]
    pub fn exposes(&self) -> bool {
        self.wrong.exposes()
    }
}

impl Wrong {
    /// Whether nothing makes it good: it lets somebody in for a while, or an access test fails in the end.
    /// Otherwise it keeps somebody out for a while.
    #[must_use]
    pub fn exposes(&self) -> bool {
        match self {
            Wrong::Flicker {
                before,
                during,
                after,
                ..
            } => *during < *before && *during < *after,
            Wrong::Broken { failed } => match &failed.failure.why {
                Why::Verdict(found) => found.verdict < failed.test.expect,
                _ => true,
            },
            Wrong::Gap { .. } => false,
            Wrong::Failing { .. } | Wrong::Unknown { .. } => true,
        }
    }
}

impl Wrong {
    /// What to do about a test that does not hold in the end; nothing is said of the others here.
    pub(crate) fn help(&self) -> String {
        match self {
            Self::Failing { failed } => format!(
                "change the file so that the test holds, change the rule that decides, or take the test out of the \
                 file if it asks for too much; `{}` shows it rule by rule",
                failed.test.question(true)
            ),
            _ => String::new(),
        }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let hosts = match self.hosts.as_slice() {
            [] => format!("any other host of {}", self.zone),
            [only] => only.to_string(),
            [first, rest @ ..] => format!("{first} and {} more", rest.len()),
        };
        match &self.wrong {
            Wrong::Flicker {
                client,
                guard,
                before,
                during,
                after,
            } => write!(
                f,
                "clients {client} on {hosts} get {} now, {} in the end, and {} on the way ({guard})",
                before.word(),
                after.word(),
                during.word()
            )?,
            Wrong::Gap { guard } => write!(
                f,
                "on {hosts} there is a moment when neither all clients that get in now nor all that get in afterwards do \
                 ({guard})"
            )?,
            Wrong::Broken { failed } => write!(f, "{failed}, though it held before")?,
            Wrong::Failing { failed } => write!(f, "{failed}")?,
            Wrong::Unknown { bound } => {
                write!(f, "what happens on {hosts} could not be found out: {bound}")?;
            }
        }
        if let Some(When { wave, done }) = &self.when {
            write!(f, ": in wave {}, ", wave + 1)?;
            if done.is_empty() {
                f.write_str("before any of its steps")?;
            } else {
                let done: Vec<String> = done.iter().map(ToString::to_string).collect();
                let done = done.join(" and ");
                write!(f, "once {done} has changed and nothing else in it has")?;
            }
        }
        Ok(())
    }
}
