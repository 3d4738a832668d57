//! How long to wait for something that lags, and how often to look.

use std::time::Duration;

use backon::BackoffBuilder as _;
use backon::ExponentialBuilder;

/// A deadline, and a rhythm that begins quick and becomes slow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// The first wait.
    pub first: Duration,
    /// The longest wait.
    pub longest: Duration,
    /// When to give up.
    pub deadline: Duration,
}

impl Patience {
    /// Associations lag up to about 75 s and deletions up to about 90 s in field reports (API
    /// reference, section 6); this is room enough for both.
    pub const DEFAULT: Self = Self {
        first: Duration::from_millis(250),
        longest: Duration::from_secs(10),
        deadline: Duration::from_secs(180),
    };

    /// The same rhythm with another deadline.
    #[must_use]
    pub const fn within(self, deadline: Duration) -> Self {
        Self { deadline, ..self }
    }

    /// How long to wait after the first `looks` were in vain, `elapsed` after the first one began; `None`
    /// once the deadline has come.
    #[must_use]
    pub fn wait(&self, looks: usize, elapsed: Duration) -> Option<Duration> {
        let left = self.deadline.saturating_sub(elapsed);
        let mut rhythm = ExponentialBuilder::new()
            .with_min_delay(self.first)
            .with_max_delay(self.longest)
            .without_max_times()
            .build();
        let wait = rhythm.nth(looks.saturating_sub(1)).unwrap_or(self.longest);
        (!left.is_zero()).then_some(wait.min(left))
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::Patience;

    #[test]
    fn the_waits_grow_and_end_at_the_deadline() {
        let patience = Patience::DEFAULT.within(Duration::from_secs(30));
        let mut elapsed = Duration::ZERO;
        let mut waits = Vec::new();
        while let Some(wait) = patience.wait(waits.len() + 1, elapsed) {
            elapsed += wait;
            waits.push(wait.as_millis());
        }
        assert_eq!(waits, [250, 500, 1000, 2000, 4000, 8000, 10_000, 4250]);
        assert_eq!(patience.wait(1, Duration::from_secs(31)), None);
        assert_eq!(
            patience.within(Duration::ZERO).wait(1, Duration::ZERO),
            None
        );
    }
}
