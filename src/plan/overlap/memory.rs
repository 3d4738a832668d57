//! What the description of a rule of ours remembers: since when a CA is accepted.
//!
//! `…; fleet-2026@1a2b3c4d since 2026-11-23`, one such part for each CA, before the mark of a rule that
//! carries it there.

use std::fmt;

use jiff::civil::Date;

use crate::desired::Ca;
use crate::desired::Content;
use crate::resource::Name;

/// Since when clients of a CA get past a rule.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Since {
    /// The CA.
    pub(super) ca: Remembered,
    /// The first day, in UTC.
    pub(super) on: Date,
}

/// A CA as a description names it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Remembered {
    /// The digest of its content, which is what tells it from others; `None` for the managed one.
    digest: Option<String>,
    /// Its name, for people.
    name: String,
}

/// How long a description may become, in characters. The API names no limit; this much can still be read
/// in the dashboard.
const LONGEST: usize = 500;

impl Remembered {
    /// A declared CA.
    pub(super) fn of(name: &Name, ca: &Ca) -> Self {
        let (digest, name) = match (&ca.content, &ca.left) {
            (Content::CloudflareManaged, _) => (None, name.to_string()),
            (Content::Uploaded(bundle), Some(mark)) => {
                (Some(bundle.digest().to_owned()), mark.name.to_string())
            }
            (Content::Uploaded(bundle), None) => {
                (Some(bundle.digest().to_owned()), name.to_string())
            }
        };
        Self { digest, name }
    }

    /// Whether both are the same CA, whatever it is called.
    pub(super) fn is(&self, other: &Self) -> bool {
        match (&self.digest, &other.digest) {
            (Some(one), Some(other)) => one == other,
            (None, None) => self.name == other.name,
            _ => false,
        }
    }

    fn parse(text: &str) -> Option<Self> {
        let (name, digest) = match text.split_once('@') {
            Some((name, digest)) => (name, Some(digest)),
            None => (text, None),
        };
        let is_hex = |digest: &str| {
            let hex = |b: u8| matches!(b, b'0'..=b'9' | b'a'..=b'f');
            digest.len() == 8 && digest.bytes().all(hex)
        };
        let name = Name::parse(name).ok()?.to_string();
        digest.is_none_or(is_hex).then(|| Self {
            digest: digest.map(str::to_owned),
            name,
        })
    }
}

impl fmt::Display for Remembered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.digest {
            Some(digest) => write!(f, "{}@{digest}", self.name),
            None => f.write_str(&self.name),
        }
    }
}

impl fmt::Display for Since {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} since {}", self.ca, self.on)
    }
}

/// What a description remembers.
pub(super) fn read(description: &str) -> Vec<Since> {
    let text = description.trim_end();
    let text = match text.rsplit_once('[') {
        Some((before, mark)) if mark.ends_with(']') => before.trim_end(),
        _ => text,
    };
    let one = |part: &str| {
        let (ca, on) = part.split_once(" since ")?;
        let ca = Remembered::parse(ca)?;
        let on = on.parse().ok()?;
        Some(Since { ca, on })
    };
    let mut parts: Vec<&str> = text.split("; ").collect();
    // The first one is what the rule says of itself.
    parts.reverse();
    parts.pop();
    let mut read: Vec<Since> = parts.into_iter().map_while(one).collect();
    read.reverse();
    read
}

/// A text with what it remembers behind it. Where there is no room for all, the latest are kept.
pub(super) fn written(text: &str, since: &[Since]) -> String {
    let mut latest: Vec<&Since> = since.iter().collect();
    latest.sort_by_key(|since| std::cmp::Reverse(since.on));
    let mut room = LONGEST.saturating_sub(text.chars().count());
    let fits = |since: &&Since| {
        let length = format!("; {since}").chars().count();
        let fits = length <= room;
        room = room.saturating_sub(length);
        fits
    };
    let mut kept: Vec<&Since> = latest.into_iter().take_while(fits).collect();
    kept.sort();
    let parts = kept.into_iter().map(|since| format!("; {since}"));
    format!("{text}{}", parts.collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::read;
    use super::written;

    fn texts(description: &str) -> Vec<String> {
        read(description).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn what_was_written_is_read_back() {
        let text = "r: managed; see a since 2026-01-01 [x";
        let first = "fleet@22b0e131 since 2026-11-23";
        let managed = "cloudflare-managed since 2026-11-24";
        let described = format!("r; {first}; {managed}");
        assert_eq!(texts(&described), [first, managed]);
        let rewritten = written(text, &read(&described));
        assert_eq!(rewritten, format!("{text}; {managed}; {first}"));
        assert_eq!(texts(&rewritten), [managed, first]);
        assert_eq!(texts(&format!("{described} [a/b/1]")), [first, managed]);
    }

    #[test]
    fn only_whole_parts_at_the_end_count() {
        for text in [
            "",
            "fleet@22b0e131 since 2026-11-23",
            "a; fleet@22b0e131 since 2026-11-23; b",
            "a; fleet@22B0e131 since 2026-11-23",
            "a; fleet@22b0e131 since then",
            "a; two words since 2026-11-23",
        ] {
            assert_eq!(texts(text), [""; 0], "{text}");
        }
    }

    #[test]
    fn the_latest_are_kept_where_there_is_no_room_for_all() {
        let all: Vec<String> = (10..40)
            .map(|n| format!("; fleet-{n}@22b0e1{n} since 2026-01-{:02}", n % 28 + 1))
            .collect();
        let described = written("r", &read(&format!("r{}", all.concat())));
        assert!(described.chars().count() <= 500, "{described}");
        assert!(described.contains("2026-01-28"), "{described}");
        assert!(!described.contains("2026-01-01"), "{described}");
    }
}
