//! Letter case between a field and a test of it: `lower(x)`, `upper(x)`, or `x` as it is.

/// What is done to each byte before a test sees it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Case {
    AsIs,
    Lower,
    Upper,
}

impl Case {
    /// The case after one more function around this one; the outer one wins.
    pub(super) fn under(function: &str) -> Option<Self> {
        match function {
            "lower" => Some(Self::Lower),
            "upper" => Some(Self::Upper),
            _ => None,
        }
    }

    fn applied(self, byte: u8) -> u8 {
        match self {
            Self::AsIs => byte,
            Self::Lower => byte.to_ascii_lowercase(),
            Self::Upper => byte.to_ascii_uppercase(),
        }
    }

    /// The bytes of the field that a test takes for `wanted`, as ranges.
    pub(super) fn sources(self, wanted: u8, strict: bool) -> Vec<(u8, u8)> {
        let fits = |byte: &u8| {
            let seen = self.applied(*byte);
            seen == wanted || (!strict && seen.eq_ignore_ascii_case(&wanted))
        };
        let candidates = [wanted, wanted ^ 0x20];
        let mut sources: Vec<u8> = candidates.into_iter().filter(fits).collect();
        sources.sort_unstable();
        sources.into_iter().map(|byte| (byte, byte)).collect()
    }

    /// The bytes of the field that a test takes for something smaller than `limit`, as ranges.
    pub(super) fn below(self, limit: u8) -> Vec<(u8, u8)> {
        limit
            .checked_sub(1)
            .map_or(Vec::new(), |last| self.within(0, last))
    }

    /// The bytes of the field that a test takes for one from `low` to `high`, as ranges.
    pub(super) fn within(self, low: u8, high: u8) -> Vec<(u8, u8)> {
        if self == Self::AsIs {
            return vec![(low, high)];
        }
        let fits = |byte: &u8| (low..=high).contains(&self.applied(*byte));
        let mut ranges: Vec<(u8, u8)> = Vec::new();
        for byte in (0..=u8::MAX).filter(fits) {
            match ranges.last_mut() {
                Some((_, last)) if last.checked_add(1) == Some(byte) => *last = byte,
                _ => ranges.push((byte, byte)),
            }
        }
        ranges
    }
}
