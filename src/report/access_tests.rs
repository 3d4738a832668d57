//! Access tests that fail on the file alone, as errors at their places in it.

use crate::config::Fault;
use crate::config::Problem;
use crate::edge::Verdict;
use crate::edge::Why;
use crate::plan::FailedTest;

/// A test that does not hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("this access test expects {} and {}", failed.test.expect.word(), failed.failure)]
struct DoesNotHold<'f> {
    failed: &'f FailedTest,
}

impl Fault for DoesNotHold<'_> {
    fn help(&self) -> Option<String> {
        let help = match (&self.failed.failure.why, self.failed.test.expect) {
            (Why::Verdict(_), Verdict::Pass) => {
                "let the CAs of the host or an `unless` admit it, or change the test"
            }
            (Why::Verdict(_), Verdict::Challenge) => {
                "let a rule with a challenge as `action` cover it, or change the test"
            }
            (Why::Verdict(_), Verdict::Block) => {
                "let a `block` rule cover it, make the `unless` narrower, or change the test"
            }
            (Why::Nobody, _) => "say of the request only what can be at the same time",
            (Why::Given(_), _) => "give another value, or take the field out of the test",
            (Why::NotRead(_) | Why::Bound(_), _) => return None,
        };
        Some(help.to_owned())
    }
}

/// The errors, in the order of the file.
#[must_use]
pub fn problems(failing: &[FailedTest]) -> Vec<Problem> {
    let mut problems: Vec<Problem> = failing
        .iter()
        .map(|failed| Problem::error(failed.at, DoesNotHold { failed }))
        .collect();
    problems.sort_by_key(|problem| problem.at);
    problems
}
