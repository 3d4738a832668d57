//! Lengths of time in faults: read as people write them, written as they are read.

use jiff::SignedDuration;
use jiff::fmt::friendly::SpanParser;

/// The longest that is taken; longer ones are slips.
const LONGEST: SignedDuration = SignedDuration::from_hours(24);

/// A length of time such as `200ms`, `90s` or `1h30m`, at most a day.
pub(crate) fn length(text: &str) -> Result<SignedDuration, String> {
    let parsed = SpanParser::new().parse_duration(text).ok();
    parsed
        .filter(|time| (SignedDuration::ZERO..=LONGEST).contains(time))
        .ok_or_else(|| {
            format!("`{text}` is no length of time up to a day; write one such as `200ms`, `90s` or `1h30m`")
        })
}
