//! Which drift counts.

use crate::drift::Drift;
use crate::drift::Grade;
use crate::drift::grade::Part;

/// A kind of drift that may count or not. What does not is shown all the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Somebody gets in who should not, perhaps only once something else is put right.
    Exposed,
    /// Somebody is stopped who should get in, in the same sense.
    LockedOut,
    /// A difference by which nobody changes verdict.
    Neutral,
    /// An access test that does not hold.
    FailingTest,
}

impl Drift {
    /// Whether something of it counts.
    #[must_use]
    pub fn counts(&self, counted: &[Kind]) -> bool {
        counted.iter().any(|kind| self.has(*kind))
    }

    fn has(&self, kind: Kind) -> bool {
        let mut each = self.differences.iter().map(|difference| difference.grade);
        match kind {
            Kind::Exposed => each.chain([self.grade]).any(|one| Part::Exposed.is_in(one)),
            Kind::LockedOut => each
                .chain([self.grade])
                .any(|one| Part::LockedOut.is_in(one)),
            Kind::Neutral => each.any(Grade::is_neutral),
            Kind::FailingTest => !self.tests.is_empty(),
        }
    }
}
