//! How bad a difference is, by verdicts: on the account as it is, against the account as the file wants it.

use std::fmt;

use crate::edge::Verdict;
use crate::plan::safety::Certainty;
use crate::plan::safety::Contrast;
use crate::plan::safety::Shift;

/// Whether somebody gets in who should not, and whether somebody is stopped who should get in.
///
/// A challenge stands between the two verdicts: to strangers it is open, and machines it stops. So one in the
/// place of a block exposes, and one in the place of a pass locks out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Grade {
    /// Whether somebody gets further than they should.
    pub exposed: Extent,
    /// Whether somebody gets less far than they should.
    pub locked_out: Extent,
}

/// Whether somebody is concerned.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Extent {
    /// Nobody.
    #[default]
    Nobody,
    /// Somebody under one reading of `cert_verified` only, or where it could not be found out.
    Possibly,
    /// Somebody.
    Certainly,
}

/// Which of the two a shift is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Somebody gets further than they should.
    Exposed,
    /// Somebody gets less far than they should.
    LockedOut,
}

impl Part {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Exposed, Self::LockedOut];

    /// What a shift is, from the account as it is to what the file wants.
    #[must_use]
    pub fn of(shift: &Shift) -> Self {
        if rank(shift.before) < rank(shift.after) {
            Self::Exposed
        } else {
            Self::LockedOut
        }
    }

    /// Whether somebody is concerned by this part of a grade.
    #[must_use]
    pub fn is_in(self, grade: Grade) -> bool {
        grade.part(self) != Extent::Nobody
    }
}

/// The less a verdict lets through, the more.
fn rank(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Pass => 0,
        Verdict::Challenge => 1,
        Verdict::Block => 2,
    }
}

impl Grade {
    /// That of a contrast. What could not be found out may be anything.
    #[must_use]
    pub fn of(contrast: &Contrast) -> Self {
        let grade = Self::of_shifts(&contrast.shifts);
        if contrast.unknown.is_empty() {
            return grade;
        }
        Self {
            exposed: grade.exposed.max(Extent::Possibly),
            locked_out: grade.locked_out.max(Extent::Possibly),
        }
    }

    /// That of shifts.
    #[must_use]
    pub fn of_shifts<'s>(shifts: impl IntoIterator<Item = &'s Shift>) -> Self {
        let mut grade = Self::default();
        for shift in shifts {
            let extent = match shift.certainty {
                Certainty::Certain => Extent::Certainly,
                Certainty::Possible(_) => Extent::Possibly,
            };
            grade.note(Part::of(shift), extent);
        }
        grade
    }

    /// Whether nobody is concerned.
    #[must_use]
    pub fn is_neutral(self) -> bool {
        self == Self::default()
    }

    /// One of its parts.
    #[must_use]
    pub fn part(self, part: Part) -> Extent {
        match part {
            Part::Exposed => self.exposed,
            Part::LockedOut => self.locked_out,
        }
    }

    /// Makes a part at least as bad as that.
    pub(super) fn note(&mut self, part: Part, extent: Extent) {
        let known = match part {
            Part::Exposed => &mut self.exposed,
            Part::LockedOut => &mut self.locked_out,
        };
        *known = extent.max(*known);
    }

    /// No worse than another.
    pub(super) fn within(self, other: Self) -> Self {
        Self {
            exposed: self.exposed.min(other.exposed),
            locked_out: self.locked_out.min(other.locked_out),
        }
    }
}

impl fmt::Display for Grade {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            exposed,
            locked_out,
        } = self;
        let possibly = |extent: Extent| match extent {
            Extent::Possibly => "possibly ",
            Extent::Nobody | Extent::Certainly => "",
        };
        match (exposed, locked_out) {
            (Extent::Nobody, Extent::Nobody) => f.write_str("neutral"),
            (_, Extent::Nobody) => write!(f, "{}exposed", possibly(*exposed)),
            (Extent::Nobody, _) => write!(f, "{}locked out", possibly(*locked_out)),
            _ => write!(
                f,
                "{}exposed and {}locked out",
                possibly(*exposed),
                possibly(*locked_out)
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Extent::Certainly;
    use super::Extent::Nobody;
    use super::Extent::Possibly;
    use super::Grade;

    #[test]
    fn a_grade_says_what_is_certain_and_what_is_not() {
        let grade = |exposed, locked_out| {
            let grade = Grade {
                exposed,
                locked_out,
            };
            grade.to_string()
        };
        assert_eq!(grade(Nobody, Nobody), "neutral");
        assert_eq!(grade(Certainly, Nobody), "exposed");
        assert_eq!(grade(Nobody, Possibly), "possibly locked out");
        assert_eq!(
            grade(Certainly, Possibly),
            "exposed and possibly locked out"
        );
    }
}
