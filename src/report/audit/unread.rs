//! What an audit did not look at, so that nobody takes silence for safety.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::live::Looked;
use crate::live::Unread;
use crate::report::audit::heading;
use crate::report::audit::labelled;
use crate::report::words;
use crate::resource::ZoneName;

/// What no audit looks at, whatever the token may read.
const NEVER: &str = "Outside of what it looks at: Workers, bulk redirects, URL rewrites before custom rules, \
                     resumed TLS sessions, and the contents of lists (`$name`).";

/// What the reader of the matrix has to keep in mind, where something unread could let requests past it.
pub(super) fn reservation(unread: &[Unread], width: usize) -> String {
    // A zone whose rules or host lists were not read is not in the matrix at all.
    let lets_past = |one: &Unread| !matches!(one.what, Looked::CustomRules | Looked::HostLists);
    if !unread.iter().any(lets_past) {
        return String::new();
    }
    let sentence =
        "What the matrix says holds unless something under *not looked at* lets requests past.";
    words::wrap(sentence, 0, width).join("\n") + "\n"
}

/// The section, by permission.
pub(super) fn text(unread: &[Unread], width: usize) -> String {
    let mut out = heading("Not looked at");
    for (permission, things) in by_permission(unread) {
        let things: Vec<String> = things
            .iter()
            .map(|(what, zones)| match what {
                Looked::AccountRules => what.to_string(),
                _ => format!("{what} of {}", whose(zones)),
            })
            .collect();
        let things = things.join("; ");
        let line = match permission {
            Some(permission) => format!("{permission}: {things}"),
            None => format!("Not readable: {things}"),
        };
        out.push_str(&labelled("  ", &line, width));
    }
    out.push_str(&labelled("  ", NEVER, width));
    out
}

type Things<'u> = BTreeMap<&'u Looked, Vec<Option<&'u ZoneName>>>;

fn by_permission(unread: &[Unread]) -> BTreeMap<Option<&str>, Things<'_>> {
    let mut grouped: BTreeMap<Option<&str>, Things<'_>> = BTreeMap::new();
    for Unread {
        what,
        zone,
        permission,
    } in unread
    {
        let things = grouped.entry(permission.as_deref()).or_default();
        things.entry(what).or_default().push(zone.as_ref());
    }
    grouped
}

/// `the account`, `example.com`, `example.com and 3 more zones`.
fn whose(zones: &[Option<&ZoneName>]) -> String {
    let mut named: Vec<&ZoneName> = zones.iter().copied().flatten().collect();
    named.sort();
    named.dedup();
    let mut out = String::new();
    if zones.contains(&None) {
        out.push_str("the account");
        if !named.is_empty() {
            out.push_str(", of ");
        }
    }
    if let Some((first, rest)) = named.split_first() {
        let _ = write!(out, "{first}");
        if !rest.is_empty() {
            let _ = write!(out, " and {}", words::count(rest.len(), "more zone"));
        }
    }
    out
}
