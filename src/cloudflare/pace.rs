//! The request budget: how fast the account may be asked, shared by everything that asks.
//!
//! Keeps our own calls below Cloudflare's limit whatever happens, and slows down further when the
//! answers say that others draw on the same budget.

use std::num::NonZeroU32;
use std::sync::Mutex as Shared;
use std::sync::PoisonError;
use std::time::Duration;

use governor::Quota;
use governor::RateLimiter;
use governor::clock::Clock;
use governor::middleware::NoOpMiddleware;
use governor::state::InMemoryState;
use governor::state::NotKeyed;
use tokio::sync::Mutex as Turns;
use tokio::time::Instant;

/// How many calls may be sent in how long.
///
/// In no span of `window` are more than `calls` sent: `burst` at once, and the rest spread evenly.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Budget {
    /// The most calls in any `window`.
    pub calls: u32,
    /// The span they are counted over.
    pub window: Duration,
    /// How many of them may go out at once after a quiet time; less than `calls`.
    pub burst: u32,
}

impl Default for Budget {
    /// <https://developers.cloudflare.com/fundamentals/api/reference/limits/>
    fn default() -> Self {
        Self {
            calls: 1200,
            window: Duration::from_secs(300),
            burst: 300,
        }
    }
}

impl Budget {
    /// The time in which one call is earned back, once the burst is spent.
    #[must_use]
    pub fn interval(&self) -> Duration {
        let spread = self.calls.saturating_sub(self.burst).max(1);
        // Rounded up: a nanosecond too short would let one call too many into the window.
        let nanos = self.window.as_nanos().div_ceil(u128::from(spread));
        Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX).max(1))
    }
}

/// What a `Ratelimit` header tells: `"default";r=<left>;t=<seconds>`.
///
/// <https://developers.cloudflare.com/changelog/> (2025-09-03)
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Ratelimit {
    /// Calls left, for everybody who shares the budget.
    pub left: u64,
    /// When there will be more.
    pub resets_in: Duration,
}

/// From how many calls left on the others get a share.
const SCARCE: u64 = 60;

impl Ratelimit {
    /// Reads the header; of several limits the one that is closest to its end.
    #[must_use]
    pub fn parse(header: &str) -> Option<Self> {
        let number = |item: &str, key: &str| {
            item.split(';')
                .find_map(|part| part.trim().strip_prefix(key)?.parse::<u64>().ok())
        };
        header
            .split(',')
            .filter_map(|item| {
                Some(Self {
                    left: number(item, "r=")?,
                    resets_in: Duration::from_secs(number(item, "t=")?),
                })
            })
            .min_by_key(|limit| limit.left)
    }

    /// How far apart calls should be until the reset: nothing while there is plenty, an even spread of
    /// what is left when it gets scarce, and nothing at all until the reset when none is left.
    #[must_use]
    pub fn gap(&self) -> Duration {
        match self.left {
            0 => self.resets_in,
            left if left < SCARCE => self
                .resets_in
                .div_f64(f64::from(u32::try_from(left).unwrap_or(u32::MAX))),
            _ => Duration::ZERO,
        }
    }
}

/// What the answers have taught.
#[derive(Debug, Clone, Copy, Default)]
struct Learned {
    closed_until: Option<Instant>,
    gap: Duration,
    gap_until: Option<Instant>,
}

impl Learned {
    fn closed(&self, now: Instant) -> Duration {
        left(self.closed_until, now)
    }

    fn gap(&self, now: Instant, last: Option<Instant>) -> Duration {
        match (last, self.gap_until) {
            (Some(last), Some(until)) if now < until => {
                left(Some((last + self.gap).min(until)), now)
            }
            _ => Duration::ZERO,
        }
    }
}

fn left(until: Option<Instant>, now: Instant) -> Duration {
    until.map_or(Duration::ZERO, |until| until.saturating_duration_since(now))
}

/// Whoever holds it is next, so that calls go out in the order in which they came.
#[derive(Debug, Default)]
struct Turn {
    last: Option<Instant>,
    told: bool,
}

/// The budget at work.
#[derive(Debug)]
pub(crate) struct Pace {
    budget: Budget,
    limiter: RateLimiter<NotKeyed, InMemoryState, SinceStart, NoOpMiddleware<Duration>>,
    turns: Turns<Turn>,
    learned: Shared<Learned>,
}

/// From which wait on somebody should be told.
const WORTH_TELLING: Duration = Duration::from_secs(5);

impl Pace {
    pub(crate) fn new(budget: Budget) -> Self {
        let burst = NonZeroU32::new(budget.burst).unwrap_or(NonZeroU32::MIN);
        let quota = Quota::with_period(budget.interval())
            .unwrap_or(Quota::per_second(NonZeroU32::MIN))
            .allow_burst(burst);
        Self {
            limiter: RateLimiter::direct_with_clock(quota, SinceStart(Instant::now())),
            budget,
            turns: Turns::default(),
            learned: Shared::default(),
        }
    }

    /// Waits until one more call may be sent; `Err` says for how long none may, where that is longer
    /// than `patience`.
    pub(crate) async fn permit(&self, patience: Duration) -> Result<(), Duration> {
        let mut turn = self.turns.lock().await;
        loop {
            let now = Instant::now();
            let learned = *self.learned.lock().unwrap_or_else(PoisonError::into_inner);
            let mut wait = learned.closed(now).max(learned.gap(now, turn.last));
            if wait > patience {
                return Err(wait);
            }
            if wait.is_zero() {
                match self.limiter.check() {
                    Ok(()) => {
                        turn.last = Some(now);
                        return Ok(());
                    }
                    Err(full) => wait = full.wait_time_from(self.limiter.clock().now()),
                }
                if !std::mem::replace(&mut turn.told, true) {
                    self.tell_slow();
                }
            } else if wait >= WORTH_TELLING {
                let seconds = wait.as_secs();
                tracing::warn!(target: "mtlsctl::api", seconds, "Cloudflare's request budget is spent, waiting.");
            }
            tokio::time::sleep(wait.max(Duration::from_millis(1))).await;
        }
    }

    /// From here on the calls come one by one, which a person may take for standing still.
    fn tell_slow(&self) {
        let Budget {
            calls,
            window,
            burst,
        } = self.budget;
        let window = window.as_secs();
        tracing::warn!(
            target: "mtlsctl::api",
            "{burst} calls went out at once; going on slowly to stay within {calls} calls in {window} s."
        );
    }

    /// Learns from an answer: what is left, and for how long everything is refused.
    pub(crate) fn learn(&self, limit: Option<Ratelimit>, lockout: Option<Duration>) {
        let now = Instant::now();
        let mut learned = self.learned.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(limit) = limit {
            learned.gap = limit.gap();
            learned.gap_until = now.checked_add(limit.resets_in);
            if limit.left == 0 {
                learned.closed_until = learned.closed_until.max(learned.gap_until);
            }
        }
        if let Some(lockout) = lockout {
            learned.closed_until = learned.closed_until.max(now.checked_add(lockout));
        }
    }
}

/// Time since the budget was opened, by tokio's clock.
#[derive(Debug, Clone)]
struct SinceStart(Instant);

impl Clock for SinceStart {
    type Instant = Duration;

    fn now(&self) -> Duration {
        self.0.elapsed()
    }
}
