//! How a command fails: kind, words and hints. One `match` owns the exit codes.

use std::error::Error;
use std::process::ExitCode;

use crate::config::Problem;
use crate::config::Problems;
use crate::plan::Refusal;
use crate::report::shown::Failed;
use crate::report::shown::Faulty;

/// A command that did not do what it was asked for.
#[derive(Debug)]
pub(crate) struct Failure {
    kind: Kind,
    /// One sentence, or a whole report if `is_report`.
    pub(super) text: String,
    /// Whether `text` is laid out already and stands for itself.
    pub(super) is_report: bool,
    pub(super) hints: Vec<String>,
    /// What else is known of it, for whoever prints it for programs.
    about: Option<Box<About>>,
}

/// What a report is about.
#[derive(Debug)]
enum About {
    /// A file, with all of it in a sentence.
    File(Problems, String),
    /// A plan that is not made, or not let through.
    Plan(Vec<Refusal>),
    /// Nothing that has a shape of its own; all of it in a sentence.
    Words(String),
}

/// What kind of end it is (the table of exit codes in the README).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Error,
    Found,
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
            about: None,
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

    /// Something was looked for and found; nothing was changed.
    pub(super) fn found(text: impl Into<String>) -> Self {
        Self {
            kind: Kind::Found,
            ..Self::error(text)
        }
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

    /// The text is laid out already, and tells of problems of a file; a sentence says the same.
    #[must_use]
    pub(super) fn of_file(self, problems: Problems, sentence: String) -> Self {
        Self {
            is_report: true,
            about: Some(Box::new(About::File(problems, sentence))),
            ..self
        }
    }

    /// The text is laid out already, and tells of what stands against a plan.
    #[must_use]
    pub(super) fn of_plan(self, refusals: Vec<Refusal>) -> Self {
        Self {
            is_report: true,
            about: Some(Box::new(About::Plan(refusals))),
            ..self
        }
    }

    /// The text is laid out already; a sentence says the same.
    #[must_use]
    pub(super) fn laid_out(self, sentence: String) -> Self {
        Self {
            is_report: true,
            about: Some(Box::new(About::Words(sentence))),
            ..self
        }
    }

    /// What stands against a plan, if that is the reason.
    pub(super) fn refusals(&self) -> &[Refusal] {
        match self.about.as_deref() {
            Some(About::Plan(refusals)) => refusals,
            Some(About::File(..) | About::Words(_)) | None => &[],
        }
    }

    /// The problems of a file, if they are the reason.
    pub(super) fn problems(&self) -> &[Problem] {
        match self.about.as_deref() {
            Some(About::File(problems, _)) => &problems.problems,
            Some(About::Plan(_) | About::Words(_)) | None => &[],
        }
    }

    /// Tells it of a command, without colours.
    pub(super) fn shown<T>(&self, command: &str, tell: impl FnOnce(&Failed<'_>) -> T) -> T {
        let (text, file) = match self.about.as_deref() {
            None => (self.text.clone(), None),
            Some(About::Words(sentence)) => (sentence.clone(), None),
            Some(About::File(problems, sentence)) => {
                let file = problems.source.path().to_string_lossy();
                (sentence.clone(), Some(file))
            }
            Some(About::Plan(refusals)) => {
                let first = refusals.first().map(ToString::to_string);
                let more = refusals.len().saturating_sub(1);
                let more = (more > 0).then(|| format!(" (and {more} more)"));
                let text = first.unwrap_or_default() + &more.unwrap_or_default();
                (text, None)
            }
        };
        let problems = self.problems();
        tell(&Failed {
            command,
            text: &text,
            hints: &self.hints,
            faulty: file.as_deref().map(|file| Faulty { file, problems }),
            refusals: self.refusals(),
            exit_code: self.code(),
        })
    }

    /// Says what to do.
    #[must_use]
    pub(super) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    pub(super) fn exit_code(&self) -> ExitCode {
        ExitCode::from(self.code())
    }

    /// The exit code as a number.
    pub(super) fn code(&self) -> u8 {
        match self.kind {
            Kind::Error => 1,
            Kind::Found => FOUND,
            Kind::Refused => 3,
            Kind::Stale => 4,
            Kind::PartWay => 5,
        }
    }
}

/// The exit code for changes that are pending.
pub(super) const PENDING: u8 = 2;

/// The exit code for findings that count.
pub(super) const FOUND: u8 = 2;
