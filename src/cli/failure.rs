//! How a command fails: kind, words and hints. One `match` owns the exit codes.

use std::error::Error;
use std::process::ExitCode;

/// A command that did not do what it was asked for.
#[derive(Debug)]
pub(crate) struct Failure {
    kind: Kind,
    /// One sentence, or a whole report if `is_report`.
    pub(super) text: String,
    /// Whether `text` is laid out already and stands for itself.
    pub(super) is_report: bool,
    pub(super) hints: Vec<String>,
}

/// What kind of end it is (the table of exit codes in the README).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Error,
    Refused,
    Stale,
    PartWay,
}

impl Failure {
    /// An error; nothing was changed.
    pub(super) fn error(text: impl Into<String>) -> Self {
        Self {
            kind: Kind::Error,
            text: text.into(),
            is_report: false,
            hints: Vec::new(),
        }
    }

    /// An error with everything that caused it.
    pub(super) fn caused(error: &dyn Error) -> Self {
        let mut text = error.to_string();
        let mut cause = error.source();
        while let Some(error) = cause {
            let words = error.to_string();
            if !text.contains(&words) {
                text = format!("{text}: {words}");
            }
            cause = error.source();
        }
        Self::error(text)
    }

    /// Refused by safety or by a guard; nothing was changed.
    pub(super) fn refused(text: impl Into<String>) -> Self {
        Self {
            kind: Kind::Refused,
            ..Self::error(text)
        }
    }

    /// What the plan rests on moved before the first write; nothing was changed.
    pub(super) fn stale(text: impl Into<String>) -> Self {
        Self {
            kind: Kind::Stale,
            ..Self::error(text)
        }
    }

    /// Stopped after the first write.
    pub(super) fn part_way(text: impl Into<String>) -> Self {
        Self {
            kind: Kind::PartWay,
            ..Self::error(text)
        }
    }

    /// The text is laid out already.
    #[must_use]
    pub(super) fn report(self) -> Self {
        Self {
            is_report: true,
            ..self
        }
    }

    /// Says what to do.
    #[must_use]
    pub(super) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    pub(super) fn exit_code(&self) -> ExitCode {
        ExitCode::from(match self.kind {
            Kind::Error => 1,
            Kind::Refused => 3,
            Kind::Stale => 4,
            Kind::PartWay => 5,
        })
    }
}

/// The exit code for changes that are pending.
pub(super) const PENDING: u8 = 2;

/// The exit code for findings that count.
pub(super) const FOUND: u8 = 2;
