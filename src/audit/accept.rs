//! Findings that are taken as they are, for a reason and until a day.

use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::audit::Finding;
use crate::audit::Standard;

/// A finding that is taken as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acceptance {
    /// The id of its kind.
    pub finding: String,
    /// What it is found on, as [`Finding::object`] says it.
    pub object: String,
    /// Why.
    pub reason: String,
    /// The first day on which it counts again.
    pub until: Date,
}

/// A finding with why it does not count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted {
    /// What was found.
    pub finding: Finding,
    /// Why it is taken as it is.
    pub acceptance: Acceptance,
}

impl Acceptance {
    fn is_of(&self, finding: &Finding) -> bool {
        self.finding == finding.kind.id() && self.object == finding.object
    }
}

/// Findings that count, those that are accepted, and acceptances that did nothing.
pub(super) fn sort_out(
    findings: Vec<Finding>,
    standard: &Standard,
) -> (Vec<Finding>, Vec<Accepted>, Vec<Acceptance>) {
    let today = TimeZone::UTC.to_datetime(standard.at).date();
    let (mut counting, mut accepted) = (Vec::new(), Vec::new());
    for finding in findings {
        let mut acceptances = standard.accept.iter();
        let acceptance = acceptances.find(|one| one.is_of(&finding) && today < one.until);
        match acceptance.cloned() {
            Some(acceptance) => accepted.push(Accepted {
                finding,
                acceptance,
            }),
            None => counting.push(finding),
        }
    }
    let mut idle = standard.accept.clone();
    idle.retain(|one| accepted.iter().all(|other| other.acceptance != *one));
    (counting, accepted, idle)
}
