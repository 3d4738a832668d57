//! The guards of the file: what no plan may do without being asked again.

use std::time::Duration;

use crate::config::document::GuardsEntry;
use crate::config::document::Text;
use crate::config::entry;
use crate::config::problem::Problem;
use crate::config::source::Located;
use crate::resource::Hostname;

/// What no plan may do without being asked again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Guards {
    /// How many CAs and rules of ours one plan may delete.
    pub max_deletes: usize,
    /// On how many protected hosts a verdict may change.
    pub max_changed_hosts: HostLimit,
    /// How long a CA must still be valid; whole days.
    pub min_validity: Duration,
    /// How long a CA stays beside its successor; whole days.
    pub min_overlap: Duration,
    /// Hosts that a plan may leave open to clients without a certificate; they may have left the file.
    pub may_open: Vec<Located<Hostname>>,
    /// What becomes of a changed verdict on a host that is not ours.
    pub side_effects: SideEffects,
}

/// A limit on hosts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HostLimit {
    /// At most so many of a hundred.
    Percent(u8),
    /// At most so many.
    Count(usize),
}

/// What becomes of a changed verdict on a host that is not ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SideEffects {
    /// The plan says so.
    Report,
    /// The plan is refused.
    Refuse,
}

impl Default for Guards {
    fn default() -> Self {
        Self {
            max_deletes: 1,
            max_changed_hosts: HostLimit::Percent(30),
            min_validity: days(30),
            min_overlap: days(14),
            may_open: Vec::new(),
            side_effects: SideEffects::Report,
        }
    }
}

/// Reads the guards; what is absent has its default.
pub(super) fn read(entry: Option<GuardsEntry>, problems: &mut Vec<Problem>) -> Guards {
    const WORDS: [(&str, SideEffects); 2] = [
        ("report", SideEffects::Report),
        ("refuse", SideEffects::Refuse),
    ];
    let entry = entry.unwrap_or_default();
    let default = Guards::default();
    let accepts = |count: i64| count >= 0;
    let help = "a count from 0 on";
    let max_deletes = entry
        .max_deletes
        .and_then(|count| entry::number(&count, accepts, help, problems));
    let max_changed_hosts = entry
        .max_changed_hosts
        .and_then(|limit| entry::parse(&limit, limit_from, "such as `30%` or `12`", problems));
    let min_validity = entry
        .min_validity
        .and_then(|text| read_days(&text, problems));
    let min_overlap = entry
        .min_overlap
        .and_then(|text| read_days(&text, problems));
    let may_open = entry
        .may_open
        .iter()
        .flat_map(|listed| &listed.value)
        .filter_map(|host| entry::host(host, problems))
        .collect();
    let side_effects = entry
        .side_effects
        .and_then(|text| entry::word(&text, &WORDS, problems));
    Guards {
        max_deletes: max_deletes.unwrap_or(default.max_deletes),
        max_changed_hosts: max_changed_hosts.map_or(default.max_changed_hosts, |limit| limit.value),
        min_validity: min_validity.unwrap_or(default.min_validity),
        min_overlap: min_overlap.unwrap_or(default.min_overlap),
        may_open: entry::distinct(may_open, problems),
        side_effects: side_effects.unwrap_or(default.side_effects),
    }
}

fn limit_from(text: &str) -> Result<HostLimit, String> {
    let limit = match text.strip_suffix('%') {
        Some(percent) => digits(percent)
            .and_then(|percent| u8::try_from(percent).ok())
            .filter(|percent| *percent <= 100)
            .map(HostLimit::Percent),
        None => digits(text)
            .and_then(|count| usize::try_from(count).ok())
            .map(HostLimit::Count),
    };
    limit.ok_or_else(|| format!("`{text}` is no limit"))
}

fn read_days(text: &Text, problems: &mut Vec<Problem>) -> Option<Duration> {
    const MOST: u32 = 36_500;
    let read = |text: &str| {
        let count = text.strip_suffix('d').and_then(digits);
        let count = count.filter(|count| *count <= MOST);
        count
            .map(days)
            .ok_or_else(|| format!("`{text}` is no number of days"))
    };
    entry::parse(text, read, "such as `30d`; 36500d at the most", problems).map(|days| days.value)
}

fn digits(text: &str) -> Option<u32> {
    let plain = text.bytes().all(|b| b.is_ascii_digit());
    plain.then(|| text.parse().ok()).flatten()
}

fn days(count: u32) -> Duration {
    Duration::from_secs(u64::from(count) * 24 * 60 * 60)
}
