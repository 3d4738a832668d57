//! What a token, an account and a file are fit for, judged before anything starts.
//!
//! Takes what some reads came to and gives a list of checks, each in one sentence with what to do. What a read
//! cannot tell is *not known*, never *ok*; and what fails for one cause is told once: [`Diagnosis::unasked`]
//! names what was not looked at because of it.

mod access;
mod file;
mod permissions;
mod rules;
mod slots;
mod wire;
mod zones;

use std::path::PathBuf;

use jiff::Timestamp;

use crate::cloudflare::AccountCheckup;
use crate::cloudflare::Checkup;
use crate::cloudflare::Heard;
use crate::live::Live;
use crate::plan::Plan;
use crate::resource::AccountId;
use crate::resource::Hostname;
use crate::resource::Name;
use crate::resource::ZoneName;

pub use zones::needed;

/// Everything that is judged.
#[derive(Debug)]
pub struct Patient {
    /// The moment that dates are judged by.
    pub at: Timestamp,
    /// The file, if there is one.
    pub file: File,
    /// The way to the account.
    pub line: Line,
    /// How many CAs the account may hold.
    pub quota: usize,
    /// What each kind of read came to; `None` where nothing could be asked.
    pub checkup: Option<Checkup>,
    /// What the answers told beside their bodies.
    pub heard: Heard,
    /// The plan of the file; `None` where none was made.
    pub plan: Option<Planned>,
}

/// The desired-state file.
#[derive(Debug)]
pub enum File {
    /// None was named, and there is none in its usual place.
    None,
    /// It has errors.
    Broken {
        /// Where it is.
        path: PathBuf,
        /// How many errors, and the first of them.
        reason: String,
    },
    /// It can be used.
    Read {
        /// Where it is.
        path: PathBuf,
        /// What it speaks of.
        scope: Scope,
    },
}

/// What a file speaks of.
#[derive(Debug, Clone)]
pub struct Scope {
    /// Its mark.
    pub owner: Name,
    /// The zones that it lists; `None` for every active zone.
    pub zones: Option<Vec<ZoneName>>,
    /// The hosts that it declares.
    pub hosts: Vec<Hostname>,
}

/// The way to the account.
#[derive(Debug)]
pub enum Line {
    /// There is none, such as without a token.
    Missing {
        /// Why.
        reason: String,
        /// What to do.
        remedy: String,
    },
    /// An offline account.
    Offline {
        /// Which account.
        account: AccountId,
    },
    /// The API.
    Network {
        /// Which account.
        account: AccountId,
    },
}

/// What became of planning.
#[derive(Debug)]
pub enum Planned {
    /// A plan that may be carried out, and the account that it begins with.
    Ready(Box<(Plan, Live)>),
    /// A plan that is refused, or none at all.
    Refused {
        /// Why, in one sentence.
        reason: String,
        /// What it would do, as far as that is known.
        plan: Option<Box<(Plan, Live)>>,
    },
}

/// What was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnosis {
    /// Which account, where that is known.
    pub account: Option<AccountId>,
    /// The file, if one was used.
    pub file: Option<PathBuf>,
    /// The checks, in the order in which one rests on the other.
    pub checks: Vec<Check>,
    /// What was not looked at, because of the first problem.
    pub unasked: Vec<&'static str>,
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// What kind of thing it is; the ids never change.
    pub id: &'static str,
    /// Which one of its kind, where there are several.
    pub object: Option<String>,
    /// How it stands.
    pub state: State,
    /// What was found, in one sentence.
    pub sentence: String,
    /// What to do about it.
    pub remedy: Option<String>,
}

/// How something stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum State {
    /// As it should be.
    Ok,
    /// It cannot be told from here.
    NotKnown,
    /// It works, and may not for long or not as meant.
    Warning,
    /// It does not work.
    Problem,
}

impl State {
    /// The word for it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::NotKnown => "not known",
            Self::Warning => "warning",
            Self::Problem => "problem",
        }
    }
}

impl Check {
    fn new(id: &'static str, state: State, sentence: impl Into<String>) -> Self {
        Self {
            id,
            object: None,
            state,
            sentence: sentence.into(),
            remedy: None,
        }
    }

    fn of(self, object: impl Into<String>) -> Self {
        Self {
            object: Some(object.into()),
            ..self
        }
    }

    fn remedy(self, remedy: impl Into<String>) -> Self {
        Self {
            remedy: Some(remedy.into()),
            ..self
        }
    }
}

impl Diagnosis {
    /// How many checks stand so.
    #[must_use]
    pub fn count(&self, state: State) -> usize {
        let such = self.checks.iter().filter(|check| check.state == state);
        such.count()
    }

    /// The first problem: what to see to before anything else.
    #[must_use]
    pub fn first_problem(&self) -> Option<&Check> {
        let mut checks = self.checks.iter();
        checks.find(|check| check.state == State::Problem)
    }
}

/// What rests on the token being good and the account being there.
const OF_ACCOUNT: [&str; 5] = [
    "permissions",
    "zones",
    "CA slots",
    "custom rules",
    "the plan",
];

/// What can be told of a line only once something answers.
const OF_LINE: [&str; 2] = ["the token", "the account"];
const OF_ANSWERS: [&str; 2] = ["the clock", "the rate budget"];

/// Judges all of it.
#[must_use]
pub fn diagnose(patient: &Patient) -> Diagnosis {
    let mut checks = vec![file::check(&patient.file)];
    let mut unasked = Vec::new();
    match (&patient.line, &patient.checkup) {
        (Line::Offline { account } | Line::Network { account }, Some(checkup)) => {
            let found = access::checks(patient, checkup, account);
            checks.extend(found.checks);
            unasked.extend(found.unasked);
            match found.account {
                Some(seen) => checks.extend(of_account(patient, checkup, seen)),
                None => unasked.extend(OF_ACCOUNT),
            }
            match &patient.line {
                Line::Offline { .. } => checks.push(wire::no_clock()),
                _ if patient.heard.took.is_empty() => unasked.extend(OF_ANSWERS),
                _ => checks.extend(wire::checks(&patient.heard)),
            }
        }
        (line, _) => {
            if let Line::Missing { reason, remedy } = line {
                let check = Check::new("connection", State::Problem, reason);
                checks.push(check.remedy(remedy));
            }
            unasked.extend(OF_LINE.into_iter().chain(OF_ACCOUNT).chain(OF_ANSWERS));
        }
    }
    Diagnosis {
        account: match &patient.line {
            Line::Missing { .. } => None,
            Line::Offline { account } | Line::Network { account } => Some(account.clone()),
        },
        file: match &patient.file {
            File::None => None,
            File::Broken { path, .. } | File::Read { path, .. } => Some(path.clone()),
        },
        checks,
        unasked,
    }
}

fn of_account(patient: &Patient, checkup: &Checkup, seen: &AccountCheckup) -> Vec<Check> {
    let scope = match &patient.file {
        File::Read { scope, .. } => Some(scope),
        File::None | File::Broken { .. } => None,
    };
    let plan = patient.plan.as_ref();
    let is_offline = matches!(patient.line, Line::Offline { .. });
    let mut checks = permissions::checks(seen, plan, is_offline);
    checks.extend(access::other_failures(checkup));
    checks.extend(zones::checks(seen, scope));
    checks.extend(slots::check(seen, scope, patient.quota));
    checks.extend(rules::checks(seen));
    checks.extend(plan.map(file::planned));
    checks
}
