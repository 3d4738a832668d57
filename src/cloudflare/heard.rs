//! What answers tell beside their bodies: how long they took, what time it is there, and what is left of the
//! budget.

use std::time::Duration;

use bytes::Bytes;
use http::Response;
use http::header::DATE;
use jiff::SignedDuration;
use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimeParser;

use crate::cloudflare::pace::Ratelimit;

/// What the answers so far have told.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Heard {
    /// How long each answer took, in the order in which they came.
    pub took: Vec<Duration>,
    /// How far our clock is ahead of theirs, by the header `Date` of the last answer that had one; as exact
    /// as that header, which has whole seconds.
    pub ahead: Option<SignedDuration>,
    /// What the last answer that had the header `Ratelimit` said.
    pub budget: Option<Ratelimit>,
}

impl Heard {
    /// Takes note of an answer that came at `now`.
    pub(crate) fn answer(
        &mut self,
        response: &Response<Bytes>,
        budget: Option<Ratelimit>,
        (took, now): (Duration, Timestamp),
    ) {
        self.took.push(took);
        self.budget = budget.or(self.budget);
        let date = response.headers().get(DATE).and_then(|date| {
            let parser = DateTimeParser::new();
            parser.parse_timestamp(date.as_bytes()).ok()
        });
        self.ahead = date.map(|date| now.duration_since(date)).or(self.ahead);
    }

    /// The time that half of the answers took at most; `None` before the first.
    #[must_use]
    pub fn median(&self) -> Option<Duration> {
        let mut took = self.took.clone();
        took.sort_unstable();
        took.get(took.len() / 2).copied()
    }
}
