//! When to ask again. A value and a pure question; the sleeping is done elsewhere.
//!
//! Does not know *whether* something may be sent again: that depends on the call and on the failure.

use std::time::Duration;

use backon::BackoffBuilder as _;
use backon::ExponentialBuilder;
use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimeParser;

/// How often and how patiently a call is repeated.
#[derive(Debug, Clone, PartialEq)]
pub struct Retry {
    /// The wait before the second attempt.
    pub first: Duration,
    /// What each further wait is multiplied with; at least 1.
    pub factor: f32,
    /// The longest wait that we choose ourselves, jitter aside.
    pub cap: Duration,
    /// How often a call is sent at most, the first time included.
    pub attempts: u32,
    /// How long after its first attempt a call may still be sent. Above the five minutes for which
    /// Cloudflare refuses everything once the budget is spent, so that one such time is sat out.
    pub deadline: Duration,
    /// Whether a wait that we choose is lengthened by a random part of itself.
    pub jitter: bool,
}

impl Default for Retry {
    fn default() -> Self {
        Self {
            first: Duration::from_millis(500),
            factor: 2.0,
            cap: Duration::from_secs(20),
            attempts: 5,
            deadline: Duration::from_secs(420),
            jitter: true,
        }
    }
}

impl Retry {
    /// How long to wait before attempt `sent + 1`, `elapsed` after the first one; the server's own wish
    /// wins over ours. `None` once the attempts or the time are spent.
    #[must_use]
    pub fn delay(&self, sent: u32, elapsed: Duration, wish: Option<Duration>) -> Option<Duration> {
        if sent >= self.attempts {
            return None;
        }
        let ours = || {
            let mut waits = ExponentialBuilder::new()
                .with_min_delay(self.first)
                .with_factor(self.factor)
                .with_max_delay(self.cap)
                .without_max_times();
            if self.jitter {
                waits = waits.with_jitter();
            }
            let index = usize::try_from(sent.saturating_sub(1)).unwrap_or(usize::MAX);
            waits.build().nth(index).unwrap_or(self.cap)
        };
        let wait = wish.unwrap_or_else(ours);
        (elapsed.saturating_add(wait) <= self.deadline).then_some(wait)
    }
}

/// Reads a `Retry-After`: whole seconds, or a date measured from `now`.
pub(crate) fn wish(value: &str, now: Timestamp) -> Option<Duration> {
    let value = value.trim();
    if let Ok(seconds) = value.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let at = DateTimeParser::new().parse_timestamp(value).ok()?;
    Some(Duration::try_from(at.duration_since(now)).unwrap_or(Duration::ZERO))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use jiff::Timestamp;

    use super::wish;

    #[test]
    fn a_wish_is_in_seconds_or_a_date() {
        let now: Timestamp = "2026-11-06T08:49:37Z".parse().unwrap();
        for (value, seconds) in [
            ("0", Some(0)),
            (" 300 ", Some(300)),
            ("Fri, 06 Nov 2026 08:54:37 GMT", Some(300)),
            ("Fri, 06 Nov 2026 08:00:00 GMT", Some(0)),
            ("-5", None),
            ("soon", None),
            ("", None),
        ] {
            assert_eq!(
                wish(value, now),
                seconds.map(Duration::from_secs),
                "{value}"
            );
        }
    }
}
