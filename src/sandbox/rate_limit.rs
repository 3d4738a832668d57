//! The rate limit: so many calls per window and token, and a lock-out after that (API reference,
//! section 6). Lives beside the account and is not kept on disk.

use std::collections::BTreeMap;

use http::HeaderMap;
use http::HeaderValue;
use http::StatusCode;
use http::header::RETRY_AFTER;
use jiff::SignedDuration;
use jiff::Timestamp;

use crate::sandbox::envelope::Refusal;

/// Counts calls by token.
#[derive(Clone, Debug)]
pub struct RateLimiter {
    quota: u32,
    window: SignedDuration,
    by_token: BTreeMap<String, Window>,
}

/// One token's calls since the start of its window.
#[derive(Clone, Copy, Debug)]
struct Window {
    start: Timestamp,
    calls: u32,
    /// Set once the quota was exceeded; until then every call is refused.
    locked_until: Option<Timestamp>,
}

/// What one call is told about the limit.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Allowance {
    quota: u32,
    window: SignedDuration,
    left: u32,
    /// Whole seconds until the window, or the lock-out, ends.
    seconds: i64,
    locked: bool,
}

impl RateLimiter {
    /// `quota` calls per `window`.
    #[must_use]
    pub fn new(quota: u32, window: SignedDuration) -> Self {
        Self {
            quota,
            window,
            by_token: BTreeMap::new(),
        }
    }

    /// Counts one call.
    pub(crate) fn count(&mut self, token_id: &str, now: Timestamp) -> Allowance {
        let fresh = Window {
            start: now,
            calls: 0,
            locked_until: None,
        };
        let window = self.by_token.entry(token_id.to_owned()).or_insert(fresh);
        let end = window
            .locked_until
            .unwrap_or(saturating_add(window.start, self.window));
        if end <= now {
            *window = fresh;
        }
        window.calls = window.calls.saturating_add(1);
        if window.calls > self.quota && window.locked_until.is_none() {
            window.locked_until = Some(saturating_add(now, self.window));
        }
        let window = *window;
        self.allowance(window, now)
    }

    /// Refuses every call of a token for so long, whatever was counted.
    pub(crate) fn lock_out(
        &mut self,
        token_id: &str,
        now: Timestamp,
        time: SignedDuration,
    ) -> Allowance {
        let window = Window {
            start: now,
            calls: self.quota,
            locked_until: Some(saturating_add(now, time)),
        };
        self.by_token.insert(token_id.to_owned(), window);
        self.allowance(window, now)
    }

    fn allowance(&self, window: Window, now: Timestamp) -> Allowance {
        let end = window
            .locked_until
            .unwrap_or(saturating_add(window.start, self.window));
        Allowance {
            quota: self.quota,
            window: self.window,
            left: self.quota.saturating_sub(window.calls),
            seconds: now
                .duration_until(end)
                .as_millis()
                .div_euclid(1000)
                .try_into()
                .unwrap_or(i64::MAX),
            locked: window.locked_until.is_some(),
        }
    }
}

impl Default for RateLimiter {
    /// Cloudflare's: 1,200 calls per five minutes.
    fn default() -> Self {
        Self::new(1200, SignedDuration::from_mins(5))
    }
}

impl Allowance {
    /// The refusal of every call during a lock-out.
    pub(crate) fn refusal(&self) -> Option<Refusal> {
        self.locked.then(|| {
            Refusal::new(
                StatusCode::TOO_MANY_REQUESTS,
                971,
                "Please wait and consider throttling your request speed",
            )
        })
    }

    /// Adds the headers that tell a client where it stands.
    pub(crate) fn stamp(&self, headers: &mut HeaderMap) {
        let Self {
            quota,
            window,
            left,
            seconds,
            locked,
        } = self;
        let window = window.as_secs();
        let lines = [
            ("ratelimit", format!("\"default\";r={left};t={seconds}")),
            (
                "ratelimit-policy",
                format!("\"burst\";q={quota};w={window}"),
            ),
        ];
        for (name, value) in lines {
            if let Ok(value) = HeaderValue::try_from(value) {
                headers.insert(name, value);
            }
        }
        if *locked {
            headers.insert(RETRY_AFTER, HeaderValue::from(*seconds));
        }
    }
}

fn saturating_add(moment: Timestamp, duration: SignedDuration) -> Timestamp {
    moment.checked_add(duration).unwrap_or(Timestamp::MAX)
}
