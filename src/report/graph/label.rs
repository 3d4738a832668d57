//! What stands in the nodes and at the edges, the same in every format.

use crate::edge::Verdict;
use crate::report::graph::Asks;
use crate::report::graph::Ca;
use crate::report::graph::Change;
use crate::report::graph::Group;
use crate::report::graph::Outcome;
use crate::report::graph::Rule;
use crate::report::graph::Was;
use crate::report::graph::Zone;
use crate::report::words;

/// A group of more hosts than this shows the first few and a count.
const HOSTS_SHOWN: usize = 3;
/// So many it shows then.
const HOSTS_OF_MANY: usize = 2;

/// A CA's name.
pub(super) fn ca(ca: &Ca) -> Vec<String> {
    vec![format!(
        "{}{}",
        ca.change.symbol(),
        words::visible(&ca.name)
    )]
}

/// The hosts, and what becomes of clients without a certificate there.
pub(super) fn group(group: &Group, zone: &Zone) -> Vec<String> {
    let mut lines: Vec<String> = match group.hosts.as_slice() {
        [] => vec![format!("any other host of {}", zone.name)],
        few if few.len() <= HOSTS_SHOWN => few.iter().map(ToString::to_string).collect(),
        many => {
            let first = many.iter().take(HOSTS_OF_MANY).map(ToString::to_string);
            let more = format!(
                "and {} more: {} hosts",
                many.len() - HOSTS_OF_MANY,
                many.len()
            );
            first.chain([more]).collect()
        }
    };
    lines.push(format!("no certificate: {}", was(group.stranger)));
    lines
}

/// A rule's name, and what it does.
pub(super) fn rule(rule: &Rule) -> Vec<String> {
    let name = format!("{}{}", rule.change.symbol(), words::visible(&rule.name));
    let state = if rule.enabled { "" } else { " (disabled)" };
    vec![name, format!("{}{state}", rule.action)]
}

/// What becomes of the clients of a CA on some hosts; nothing where they get in, as they should.
pub(super) fn asks(asks: &Asks) -> Option<String> {
    let pass = Outcome::Always(Verdict::Pass);
    match (asks.clients.before, asks.clients.now, asks.change) {
        // The line itself says that there is nothing any more.
        (_, Outcome::NotAsked, Change::Removed) | (None, Outcome::NotAsked, _) => None,
        (Some(Outcome::NotAsked), now, _) => (now != pass).then(|| now.word().to_owned()),
        (None, now, _) if now == pass => None,
        _ => Some(was(asks.clients)),
    }
}

fn was(was: Was) -> String {
    match was.before {
        Some(before) => format!("{} → {}", before.word(), was.now.word()),
        None => was.now.word().to_owned(),
    }
}
