//! Days and lengths of time as arguments.

use std::time::Duration;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::fmt::friendly::SpanParser;
use jiff::tz::TimeZone;

/// A length of time as people write it: `90s`, `2m`, `1h30m`. The form that `settle` has in the file.
pub(super) fn length(text: &str) -> Result<Duration, String> {
    SpanParser::new()
        .parse_unsigned_duration(text)
        .map_err(|_| "no length of time; write one such as `90s`, `2m` or `1h30m`".to_owned())
}

/// A number of days, written as `30d`. The form that `min_validity` has in the file.
pub(super) fn days(text: &str) -> Result<Duration, String> {
    const MOST: u64 = 36_500;
    let digits = text.strip_suffix('d').filter(|count| {
        let mut bytes = count.bytes();
        bytes.all(|byte| byte.is_ascii_digit())
    });
    digits
        .and_then(|count| count.parse().ok())
        .filter(|count: &u64| *count <= MOST)
        .map(|count| Duration::from_secs(count * 24 * 60 * 60))
        .ok_or_else(|| format!("no number of days; write one such as `30d`, `{MOST}d` at the most"))
}

/// The beginning of a day, 00:00 UTC, written as `2099-01-31`.
pub(super) fn day(text: &str) -> Result<Timestamp, String> {
    let begins = |day: Date| TimeZone::UTC.to_timestamp(day.at(0, 0, 0, 0)).ok();
    text.parse()
        .ok()
        .and_then(begins)
        .ok_or_else(|| "no day; write one such as 2099-01-31".to_owned())
}
