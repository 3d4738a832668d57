//! What moved between two looks at what a plan rests on.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::fmt;

use crate::plan::Address;
use crate::plan::basis::Basis;
use crate::plan::basis::CaThen;
use crate::plan::basis::ListThen;
use crate::plan::basis::RuleThen;
use crate::resource::Digest;
use crate::resource::ZoneName;

/// One thing that a plan rests on and that is another one now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moved {
    /// What it is.
    pub address: Address,
    /// What became of it.
    pub how: How,
}

/// What became of something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum How {
    /// It was not there.
    New,
    /// It is not there any more.
    Gone,
    /// It has another name in the account.
    Renamed {
        /// Which.
        to: String,
    },
    /// It has another content under the same name.
    Content,
    /// It was read then, and could not be read now.
    Unread,
    /// Other hosts are listed.
    Hosts {
        /// Those that were not.
        gained: BTreeSet<String>,
        /// Those that are not any more.
        lost: BTreeSet<String>,
    },
    /// A rule says something else.
    Changed {
        /// Which parts of it.
        what: Vec<&'static str>,
    },
    /// The rules of a zone stand in another order.
    Order,
}

impl fmt::Display for Moved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { address, how } = self;
        match (how, address) {
            (How::New, Address::Rule { .. }) => write!(f, "{address} is new, or was enabled"),
            (How::New, _) => write!(f, "{address} is new"),
            (How::Gone, Address::Rule { .. }) => write!(f, "{address} is gone, or was disabled"),
            (How::Gone, _) => write!(f, "{address} is gone"),
            (How::Renamed { to }, _) => write!(f, "{address} is called {to} now"),
            (How::Content, _) => write!(f, "{address} has another content"),
            (How::Unread, _) => {
                write!(
                    f,
                    "{address} was read for the plan, and could not be read now"
                )
            }
            (How::Hosts { gained, lost }, _) => {
                let gained = gained.iter().map(|host| format!("+{host}"));
                let lost = lost.iter().map(|host| format!("-{host}"));
                let hosts: Vec<String> = gained.chain(lost).collect();
                write!(f, "{address}: {}", hosts.join(", "))
            }
            (How::Changed { what }, _) => write!(f, "{address} was changed: {}", what.join(", ")),
            (How::Order, _) => write!(f, "{address}: the rules stand in another order"),
        }
    }
}

impl Basis {
    /// What is another thing in `now`, which is [`Basis::again`] of this.
    #[must_use]
    pub fn moved(&self, now: &Self) -> Vec<Moved> {
        let Self { cas, lists, rules } = self;
        let mut moved = cas_moved(cas, &now.cas);
        for (zone, then) in lists {
            match now.lists.get(zone) {
                Some(now) => moved.extend(lists_moved(zone, then, now)),
                None => moved.extend(unread(zone)),
            }
        }
        for (zone, then) in rules {
            match now.rules.get(zone) {
                Some(now) => moved.extend(rules_moved(zone, then, now)),
                None if moved.iter().any(|one| Some(one) == unread(zone).as_ref()) => {}
                None => moved.extend(unread(zone)),
            }
        }
        moved
    }
}

/// A zone's name as it was written down; it was one when it was.
fn zone_name(zone: &str) -> Option<ZoneName> {
    ZoneName::parse(zone).ok()
}

fn unread(zone: &str) -> Option<Moved> {
    let zone = zone_name(zone)?;
    Some(Moved {
        address: Address::Zone { zone },
        how: How::Unread,
    })
}

fn cas_moved(then: &[CaThen], now: &[CaThen]) -> Vec<Moved> {
    let (gone, new) = apart(then, now);
    let moved = |ca: &CaThen, how| Moved {
        address: Address::Ca {
            label: ca.name.clone(),
        },
        how,
    };
    let mut new = new;
    let mut all = Vec::new();
    for ca in gone {
        let renamed = |one: &&CaThen| one.content.is_some() && one.content == ca.content;
        let same = |one: &&CaThen| renamed(one) || one.name == ca.name;
        let how = match new.iter().position(same).map(|at| new.remove(at)) {
            Some(one) if renamed(&one) => How::Renamed {
                to: one.name.clone(),
            },
            Some(_) => How::Content,
            None => How::Gone,
        };
        all.push(moved(ca, how));
    }
    all.extend(new.into_iter().map(|ca| moved(ca, How::New)));
    all
}

/// A list is that of a content, whatever the CA is called.
fn lists_moved(zone: &str, then: &[ListThen], now: &[ListThen]) -> Vec<Moved> {
    let Some(zone) = zone_name(zone) else {
        return Vec::new();
    };
    let (then, now) = (by_ca(then), by_ca(now));
    let keys: BTreeSet<&Key<'_>> = then.keys().chain(now.keys()).collect();
    let nothing = (BTreeSet::new(), "");
    let moved = keys.into_iter().filter_map(|key| {
        let (before, old) = then.get(key).unwrap_or(&nothing);
        let (after, new) = now.get(key).unwrap_or(&nothing);
        let ca = if old.is_empty() { new } else { old };
        let names = |hosts: BTreeSet<&&str>| hosts.into_iter().map(ToString::to_string).collect();
        (before != after).then(|| Moved {
            address: Address::Hosts {
                zone: zone.clone(),
                ca: (*ca).to_owned(),
            },
            how: How::Hosts {
                gained: names(after.difference(before).collect()),
                lost: names(before.difference(after).collect()),
            },
        })
    });
    moved.collect()
}

/// The content of a CA, else its name.
type Key<'a> = (Option<&'a Digest>, &'a str);

/// The hosts of each CA, and what it is called.
fn by_ca(lists: &[ListThen]) -> BTreeMap<Key<'_>, (BTreeSet<&str>, &str)> {
    let mut all: BTreeMap<Key<'_>, (BTreeSet<&str>, &str)> = BTreeMap::new();
    for ListThen { ca, content, hosts } in lists {
        let name = if content.is_some() { "" } else { ca.as_str() };
        let (listed, called) = all.entry((content.as_ref(), name)).or_default();
        listed.extend(hosts.iter().map(String::as_str));
        *called = ca;
    }
    all
}

fn rules_moved(zone: &str, then: &[RuleThen], now: &[RuleThen]) -> Vec<Moved> {
    let Some(zone) = zone_name(zone) else {
        return Vec::new();
    };
    let moved = |rule: &RuleThen, how| Moved {
        address: Address::Rule {
            zone: zone.clone(),
            label: rule.called.clone(),
        },
        how,
    };
    let (said_then, said_now): (Vec<Said<'_>>, Vec<Said<'_>>) = (
        then.iter().map(Said).collect(),
        now.iter().map(Said).collect(),
    );
    let (gone, mut new) = apart(&said_then, &said_now);
    let mut all = Vec::new();
    for Said(rule) in gone.iter().copied() {
        let is_it = |one: &&Said<'_>| one.0.called == rule.called;
        let how = match new.iter().position(is_it).map(|at| new.remove(at)) {
            Some(Said(now)) => How::Changed {
                what: differences(rule, now),
            },
            None => How::Gone,
        };
        all.push(moved(rule, how));
    }
    all.extend(new.into_iter().map(|Said(rule)| moved(rule, How::New)));
    if all.is_empty() && said_then != said_now {
        all.push(Moved {
            address: Address::Zone { zone: zone.clone() },
            how: How::Order,
        });
    }
    all
}

/// A rule by what it says, whatever it is called.
#[derive(Debug, Clone, Copy)]
struct Said<'a>(&'a RuleThen);

impl PartialEq for Said<'_> {
    fn eq(&self, other: &Self) -> bool {
        differences(self.0, other.0).is_empty()
    }
}

/// The parts in which two rules differ.
fn differences(one: &RuleThen, other: &RuleThen) -> Vec<&'static str> {
    let RuleThen {
        called: _,
        ours,
        enabled,
        action,
        parameters,
        expression,
    } = one;
    let parts = [
        ("mark", *ours != other.ours),
        ("enabled", *enabled != other.enabled),
        ("expression", *expression != other.expression),
        ("action", *action != other.action),
        ("parameters", *parameters != other.parameters),
    ];
    let differing = parts.into_iter().filter(|(_, differs)| *differs);
    differing.map(|(part, _)| part).collect()
}

/// What only the one has, and what only the other has; of equal things as many as it has more.
fn apart<'a, T: PartialEq>(one: &'a [T], other: &'a [T]) -> (Vec<&'a T>, Vec<&'a T>) {
    let mut left: Vec<&T> = other.iter().collect();
    let mut only = Vec::new();
    for item in one {
        match left.iter().position(|it| *it == item) {
            Some(at) => {
                left.remove(at);
            }
            None => only.push(item),
        }
    }
    (only, left)
}
