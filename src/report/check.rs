//! A file that was checked alone: what is wrong with it, and which of its access tests hold.

use std::borrow::Cow;

use jiff::Timestamp;

use crate::config::Problem;
use crate::desired::Desired;
use crate::plan;
use crate::plan::FailedTest;
use crate::report::access_tests;
use crate::report::shown::Failed;
use crate::report::shown::Faulty;

/// What a check of a file came to.
#[derive(Debug, Clone, Copy)]
pub struct Checked<'a> {
    /// The file, its warnings and what makes it unusable.
    pub file: Faulty<'a>,
    /// What it declares; `None` if that could not be read.
    pub declares: Option<Declares>,
    /// Its access tests; none if they could not be read.
    pub tests: &'a [Judged],
    /// Why it does not count as valid.
    pub failed: Option<&'a Failed<'a>>,
}

/// How many things a file declares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Declares {
    /// CAs.
    pub cas: usize,
    /// Hosts.
    pub hosts: usize,
    /// Rules.
    pub rules: usize,
    /// Access tests.
    pub tests: usize,
}

/// An access test, judged on what the file says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judged {
    /// The line on which it stands.
    pub line: usize,
    /// The column in which it begins.
    pub column: usize,
    /// What it asks, such as `api.example.com, certificate none, path /`.
    pub asks: String,
    /// The verdict that it expects.
    pub expects: &'static str,
    /// Why it does not hold; `None` if it does.
    pub failure: Option<Problem>,
}

impl Declares {
    /// What a file declares.
    #[must_use]
    pub fn of(desired: &Desired) -> Self {
        Self {
            cas: desired.cas.len(),
            hosts: desired.hosts.len(),
            rules: desired.rules.len(),
            tests: desired.tests.len(),
        }
    }
}

/// Every access test of a file, in its order; `failing` are those that do not hold.
#[must_use]
pub fn judged(desired: &Desired, failing: &[FailedTest], at: Timestamp) -> Vec<Judged> {
    let problems = access_tests::problems(failing);
    let tests = desired.tests.iter().map(|test| {
        let told = plan::access_test(test, &desired.file, at);
        let failure = problems.iter().find(|one| one.at == Some(test.at));
        Judged {
            line: test.at.line,
            column: test.at.column,
            asks: told.to_string(),
            expects: told.expect.word(),
            failure: failure.cloned(),
        }
    });
    tests.collect()
}

impl Checked<'_> {
    /// Whether the file may be used as it is.
    #[must_use]
    pub fn is_valid(&self) -> bool {
        self.failed.is_none()
    }

    /// Why the file does not count as valid, if that is not about one of its tests.
    #[must_use]
    pub(super) fn error(&self) -> Option<Cow<'_, str>> {
        let is_tests = self.tests.iter().any(|test| test.failure.is_some());
        let failed = self.failed.filter(|_| !is_tests)?;
        Some(Cow::Borrowed(failed.text))
    }
}
