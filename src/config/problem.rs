//! Problems of a file: what is wrong, where, and what to do. Says nothing about how they are shown.

use std::fmt;

use crate::config::Source;
use crate::config::Span;

/// What can be wrong with a file: `Display` says what is wrong, as a lower-case fragment.
pub trait Fault: std::error::Error {
    /// What to do about it, where that can be said.
    fn help(&self) -> Option<String> {
        None
    }
}

/// How much a problem weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Nothing is planned from a file that has one.
    Error,
    /// The file is taken as it is.
    Warning,
}

/// One thing that is wrong with a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// How much it weighs.
    pub severity: Severity,
    /// Where it stands; `None` for the file as a whole.
    pub at: Option<Span>,
    /// What is wrong: a fragment on one line, without control characters.
    pub message: String,
    /// What to do about it, in the same form.
    pub help: Option<String>,
    /// A second place that has to do with it, and why.
    pub related: Option<(Span, String)>,
}

/// Everything that is wrong with a file, by position; at least one is an error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problems {
    /// The file they point into.
    pub source: Source,
    /// At most [`MOST_PROBLEMS`], those of the whole file first.
    pub problems: Vec<Problem>,
    /// How many more there are.
    pub omitted: usize,
}

/// Beyond this many problems of one file the rest is only counted.
pub const MOST_PROBLEMS: usize = 1000;

impl Problem {
    /// An error at a place, or of the file as a whole.
    pub fn error(at: impl Into<Option<Span>>, fault: impl Fault) -> Self {
        Self::new(Severity::Error, at.into(), &fault)
    }

    /// A warning at a place, or about the file as a whole.
    pub fn warning(at: impl Into<Option<Span>>, fault: impl Fault) -> Self {
        Self::new(Severity::Warning, at.into(), &fault)
    }

    /// Names a second place that has to do with it.
    #[must_use]
    pub fn related(mut self, at: Span, why: &str) -> Self {
        self.related = Some((at, one_line(why)));
        self
    }

    fn new(severity: Severity, at: Option<Span>, fault: &dyn Fault) -> Self {
        Self {
            severity,
            at,
            message: one_line(&fault.to_string()),
            help: fault.help().map(|help| one_line(&help)),
            related: None,
        }
    }
}

impl Problems {
    /// The problems of a file, which is not to be used.
    pub(crate) fn new(source: Source, mut problems: Vec<Problem>) -> Self {
        let omitted = problems.len().saturating_sub(MOST_PROBLEMS);
        problems.truncate(MOST_PROBLEMS);
        Self {
            source,
            problems,
            omitted,
        }
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let path = self.source.path().display();
        match self.problems.len() + self.omitted {
            1 => write!(f, "`{path}` has a problem"),
            many if self.omitted == 0 => write!(f, "`{path}` has {many} problems"),
            many => write!(
                f,
                "`{path}` has {many} problems, of which the first {MOST_PROBLEMS} are shown"
            ),
        }
    }
}

impl std::error::Error for Problems {}

/// Escapes control characters and cuts what no reader would read to its end.
fn one_line(text: &str) -> String {
    const MOST_CHARACTERS: usize = 600;
    let mut line = String::with_capacity(text.len().min(MOST_CHARACTERS));
    for (count, character) in text.chars().enumerate() {
        if count == MOST_CHARACTERS {
            line.push('…');
            break;
        }
        if character.is_control() {
            line.extend(character.escape_default());
        } else {
            line.push(character);
        }
    }
    line
}

#[cfg(test)]
mod tests {
    use super::one_line;

    #[test]
    fn a_message_stays_on_its_line_and_has_an_end() {
        assert_eq!(one_line("a\nb\u{1b}[31m"), "a\\nb\\u{1b}[31m");
        assert_eq!(one_line(&"ä".repeat(5000)).chars().count(), 601);
    }
}
