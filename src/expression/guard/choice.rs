//! A guard: what it supposes of a request, in words that a person can read.

use std::collections::BTreeMap;
use std::fmt;

use crate::expression::request::Value;
use crate::expression::tree::Expression;
use crate::expression::tree::Operand;

/// One region or truth for each variable that matters; whatever is not mentioned may be anything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Guard {
    /// The variables, and which of their regions or truths it is.
    pub(super) picks: BTreeMap<usize, usize>,
    pub(super) choices: Vec<Choice>,
}

impl Guard {
    /// What is supposed, one by one; nothing if any request will do.
    #[must_use]
    pub fn choices(&self) -> &[Choice] {
        &self.choices
    }
}

impl fmt::Display for Guard {
    /// As in `http.request.uri.path is "/healthz", not ssl`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // What a rule that nobody can read does not do tells nothing.
        let tells = |choice: &&Choice| !matches!(choice, Choice::Open { holds: false, .. });
        let mut telling = self.choices.iter().filter(tells).peekable();
        if telling.peek().is_none() {
            return f.write_str("any request");
        }
        for (position, choice) in telling.enumerate() {
            if position > 0 {
                f.write_str(", ")?;
            }
            write!(f, "{choice}")?;
        }
        Ok(())
    }
}

/// What is supposed of one field, call or test.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Choice {
    /// It has a value like this one: no test tells the difference.
    Is {
        /// The field or call.
        subject: Operand,
        /// The value.
        value: Value,
    },
    /// It has a value that makes no test of it true.
    IsOther {
        /// The field or call.
        subject: Operand,
        /// One such value.
        example: Value,
    },
    /// It has no value.
    IsMissing {
        /// The element or call.
        subject: Operand,
    },
    /// A test that cannot be taken apart is true or false.
    Holds {
        /// The test.
        test: Expression,
        /// Whether it is true.
        holds: bool,
    },
    /// Something that no expression says is so or not ([`Guards::open`](super::Guards::open)).
    Open {
        /// What it is.
        name: String,
        /// Whether it is so.
        holds: bool,
    },
}

impl Choice {
    /// The field or call that something is supposed of; `None` for a test as a whole.
    #[must_use]
    pub fn subject(&self) -> Option<&Operand> {
        match self {
            Self::Is { subject, .. }
            | Self::IsOther { subject, .. }
            | Self::IsMissing { subject } => Some(subject),
            Self::Holds { .. } | Self::Open { .. } => None,
        }
    }
}

impl fmt::Display for Choice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Is { subject, value } => write!(f, "{subject} is {value}"),
            Self::IsOther {
                subject,
                example: _,
            } => write!(f, "{subject} is anything else"),
            Self::IsMissing { subject } => write!(f, "{subject} is missing"),
            Self::Holds { test, holds: true } => write!(f, "{test}"),
            Self::Holds { test, holds: false } => write!(f, "{}", Expression::not(test.clone())),
            Self::Open { name, holds: true } => f.write_str(name),
            Self::Open { name, holds: false } => write!(f, "not: {name}"),
        }
    }
}
