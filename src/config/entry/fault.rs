//! What can be wrong with any value of the file, and the word that was probably meant.

use std::fmt;
use std::fmt::Display;

use crate::config::problem::Fault;

/// What can be wrong with any value of the file.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(in crate::config) enum EntryFault {
    #[error("`{key}` is missing")]
    Missing {
        key: &'static str,
        example: &'static str,
    },
    #[error("`{key}` is empty")]
    Blank { key: &'static str },
    #[error("{reason}")]
    Invalid { reason: String, help: &'static str },
    #[error("a text of {length} characters cannot stand here")]
    TooLong { length: usize },
    #[error("`{text}` is not known here")]
    Word {
        text: String,
        known: Vec<&'static str>,
    },
    #[error("{kind} `{name}` is not declared")]
    Undeclared {
        kind: Kind,
        name: String,
        near: Option<String>,
    },
    #[error("`{name}` stands here twice")]
    Repeated { name: String },
    #[error("the {kind} name `{name}` is used twice")]
    NameTwice { kind: Kind, name: String },
    #[error("`{name}` is reserved")]
    Reserved { name: String },
    #[error("{text} is out of range")]
    OutOfRange { text: String, help: &'static str },
}

/// What a name in the file stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::config) enum Kind {
    Ca,
    Group,
    Host,
    Rule,
}

impl Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Ca => "CA",
            Self::Group => "group",
            Self::Host => "host",
            Self::Rule => "rule",
        })
    }
}

impl Fault for EntryFault {
    fn help(&self) -> Option<String> {
        Some(match self {
            Self::Missing { example, .. } => format!("add a line such as `{example}`"),
            Self::Blank { .. } => "write a value, or remove the key".into(),
            Self::Invalid { help, .. } | Self::OutOfRange { help, .. } => (*help).into(),
            Self::TooLong { .. } => "write a name, a host or a short text".into(),
            Self::Word { text, known } => match nearest(text, known) {
                Some(close) => format!("did you mean `{close}`?"),
                None => format!("known here are `{}`", known.join("`, `")),
            },
            Self::Undeclared {
                near: Some(near), ..
            } => format!("did you mean `{near}`?"),
            Self::Undeclared { kind, .. } => match kind {
                Kind::Ca | Kind::Rule => "declare it, or remove it here".into(),
                Kind::Group => {
                    "declare it under `hostnames`, or remove it here; a host has a dot".into()
                }
                Kind::Host => "add it to the `hosts` of a group, or remove it here".into(),
            },
            Self::Repeated { .. } => "remove one of them".into(),
            Self::NameTwice { .. } => "give one of them another name".into(),
            Self::Reserved { .. } => {
                "choose another name; access tests use `none`, `unknown` and `stranger` for clients without a known CA".into()
            }
        })
    }
}

/// The word that was probably meant.
pub(in crate::config) fn nearest<'a>(word: &str, known: &[&'a str]) -> Option<&'a str> {
    const LONGEST: usize = 100;
    const ALIKE: f32 = 0.7;
    if word.len() > LONGEST {
        return None;
    }
    similar::get_close_matches(word, known, 1, ALIKE)
        .first()
        .copied()
}
