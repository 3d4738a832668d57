//! How long each change takes on its way: random, and the same for the same seed.

use std::time::Duration;

use jiff::SignedDuration;

/// The delays of the changes to come.
#[derive(Clone, Debug)]
pub struct Delays {
    longest: u64,
    random: fastrand::Rng,
}

impl Delays {
    /// Delays between nothing and `lag`, each as likely as any other.
    #[must_use]
    pub fn up_to(lag: Duration, seed: u64) -> Self {
        Self {
            longest: u64::try_from(lag.as_nanos()).unwrap_or(u64::MAX),
            random: fastrand::Rng::with_seed(seed),
        }
    }

    /// The delay of one more change.
    pub(crate) fn next(&mut self) -> SignedDuration {
        let nanos = self.random.u64(0..=self.longest);
        SignedDuration::from_nanos(i64::try_from(nanos).unwrap_or(i64::MAX))
    }
}
