//! The course of a kind of requests through a rule list: which rule decides for which of them.

use crate::expression::GuardSet;

/// What becomes of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Verdict {
    /// It reaches the origin.
    Pass,
    /// It is challenged.
    Challenge,
    /// It is refused.
    Block,
}

impl Verdict {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Pass, Self::Challenge, Self::Block];

    /// The word for it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Challenge => "challenge",
            Self::Block => "block",
        }
    }
}

/// Where a rule stands: its position in the list, and in the ruleset that the rule there executes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// Counted from zero.
    pub rule: usize,
    /// Counted from zero, if it is a rule of the ruleset that the rule executes.
    pub executed: Option<usize>,
}

/// What one enabled rule does with the requests that reach it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Decision {
    /// Which rule.
    pub place: Place,
    /// Those that reach it.
    pub reached: GuardSet,
    /// Those of them that match.
    pub matched: GuardSet,
    /// What becomes of these, if the rule decides that.
    pub verdict: Option<Verdict>,
}

/// Which rule decides, for every guard of a kind of requests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Course {
    /// The guards that there are: what is fixed of the request allows no others.
    pub possible: GuardSet,
    /// The enabled rules, in the order in which they are evaluated.
    pub decisions: Vec<Decision>,
    /// The guards that no rule decides: they pass.
    pub undecided: GuardSet,
    /// The guards by verdict.
    pub(super) verdicts: [GuardSet; 3],
}

impl Course {
    /// The guards with this verdict.
    #[must_use]
    pub fn with(&self, verdict: Verdict) -> GuardSet {
        let [pass, challenge, block] = self.verdicts;
        match verdict {
            Verdict::Pass => pass,
            Verdict::Challenge => challenge,
            Verdict::Block => block,
        }
    }
}
