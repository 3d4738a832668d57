//! The audit findings that the file takes as they are, with a reason and an end.

use jiff::civil::Date;
use serde_yaml::Spanned;

use crate::config::document::AcceptEntry;
use crate::config::document::List;
use crate::config::entry;
use crate::config::problem::Problem;
use crate::config::source::Located;
use crate::config::source::place;
use crate::resource::Name;

/// A finding that is taken as it is for a while.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acceptance {
    /// The finding's id, such as `unpinned`.
    pub finding: Located<Name>,
    /// What it was found on.
    pub object: Located<String>,
    /// Why it is taken.
    pub reason: String,
    /// The first day on which it counts again.
    pub until: Located<Date>,
}

/// Reads the accepted findings.
pub(super) fn read(
    entries: Option<List<AcceptEntry>>,
    problems: &mut Vec<Problem>,
) -> Vec<Acceptance> {
    entries
        .into_iter()
        .flat_map(|entries| entries.value)
        .filter_map(|entry| read_one(entry, problems))
        .collect()
}

fn read_one(entry: Spanned<AcceptEntry>, problems: &mut Vec<Problem>) -> Option<Acceptance> {
    let at = place(&entry);
    let entry = entry.value;
    let finding = entry::required(entry.finding, "finding", "finding: unpinned", at, problems)
        .and_then(|text| {
            entry::parse(
                &text,
                Name::parse,
                "a finding's id, such as `unpinned`",
                problems,
            )
        });
    let example = "object: legacy.example.com";
    let object = entry::required(entry.object, "object", example, at, problems)
        .and_then(|text| entry::text(text, "object", problems));
    let example = "reason: moved in Q1";
    let reason = entry::required(entry.reason, "reason", example, at, problems)
        .and_then(|text| entry::text(text, "reason", problems));
    let until = entry::required(entry.until, "until", "until: 2099-03-01", at, problems)
        .and_then(|text| entry::date(&text, problems));
    Some(Acceptance {
        finding: finding?,
        object: object?,
        reason: reason?.value,
        until: until?,
    })
}
