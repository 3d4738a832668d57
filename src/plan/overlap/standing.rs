//! How each host stands in the account: the CAs whose certificates it asks for, the pins it has to meet,
//! and what our rules remember of it.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::rc::Rc;

use jiff::civil::Date;

use crate::desired::Desired;
use crate::edge::CERTIFICATE_FIELDS;
use crate::expression;
use crate::expression::Expression;
use crate::live::Live;
use crate::live::LiveZone;
use crate::live::Rules;
use crate::plan::compile;
use crate::plan::overlap::memory;
use crate::plan::overlap::memory::Remembered;
use crate::plan::overlap::memory::Since;
use crate::plan::ownership;
use crate::resource::Hostname;
use crate::resource::Issuer;
use crate::resource::KeyId;

/// The hosts of the zones that the file speaks for.
pub(in crate::plan) struct Standings(BTreeMap<Hostname, Standing>);

/// One host in the account.
#[derive(Debug, Default)]
pub(in crate::plan) struct Standing {
    /// The CAs whose certificates it asks for.
    pub(in crate::plan) listed: BTreeSet<Issuer>,
    /// The key ids that each enabled rule of ours lets past, where it pins any.
    pins: Vec<Rc<BTreeSet<KeyId>>>,
    /// Whether an enabled rule of ours names it.
    pub(in crate::plan) is_ruled: bool,
    remembered: Vec<Since>,
}

impl Standings {
    /// Reads them from the account.
    pub(in crate::plan) fn of(desired: &Desired, live: &Live) -> Self {
        let mut hosts: BTreeMap<Hostname, Standing> = BTreeMap::new();
        let ours = |(name, _): &(&_, &LiveZone)| desired.speaks_for(name);
        for (name, zone) in live.zones.iter().filter(ours) {
            for (issuer, list) in zone.lists.iter().flatten() {
                let listed = list.0.iter().filter_map(|one| Hostname::parse(one).ok());
                for host in listed {
                    hosts.entry(host).or_default().listed.insert(issuer.clone());
                }
            }
            let rules = zone.rules.as_ref().map_or(&[][..], Rules::as_slice);
            let ours = rules
                .iter()
                .filter(|rule| ownership::is_our_rule(desired, name, rule));
            for rule in ours {
                let since = memory::read(&rule.description);
                for (named, pins) in clauses(&rule.expression) {
                    for host in named {
                        let standing = hosts.entry(host).or_default();
                        standing.is_ruled |= rule.enabled;
                        standing.remembered.extend(since.iter().cloned());
                        if rule.enabled && !pins.is_empty() {
                            standing.pins.push(Rc::clone(&pins));
                        }
                    }
                }
            }
        }
        Self(hosts)
    }

    /// All hosts that it knows.
    pub(in crate::plan) fn hosts(&self) -> impl Iterator<Item = &Standing> {
        self.0.values()
    }

    /// One host; `None` where the account knows nothing of it.
    pub(in crate::plan) fn get(&self, host: &Hostname) -> Option<&Standing> {
        self.0.get(host)
    }
}

impl Standing {
    /// Whether clients of a CA get in: the host asks for their certificates, and our rules let past all
    /// that it issues with these keys.
    pub(in crate::plan) fn accepts(&self, issuer: &Issuer, keys: &BTreeSet<KeyId>) -> bool {
        self.listed.contains(issuer) && self.pins.iter().all(|pins| keys.is_subset(pins))
    }

    /// Whether some clients of a CA get in.
    pub(in crate::plan) fn accepts_any(&self, issuer: &Issuer, keys: &BTreeSet<KeyId>) -> bool {
        self.listed.contains(issuer)
            && (keys.is_empty() || self.pins.iter().all(|pins| !keys.is_disjoint(pins)))
    }

    /// Since when a CA is accepted, as far as our rules remember it.
    pub(in crate::plan::overlap) fn since(&self, ca: &Remembered) -> Option<Date> {
        let said = self.remembered.iter().filter(|since| since.ca.is(ca));
        said.map(|since| since.on).max()
    }
}

/// The hosts and key ids of each part of an expression that stands for itself.
#[must_use]
pub fn clauses(text: &str) -> Vec<(BTreeSet<Hostname>, Rc<BTreeSet<KeyId>>)> {
    let Ok(expression) = expression::parse(text) else {
        return Vec::new();
    };
    let mut parts = Vec::new();
    split(&expression, &mut parts);
    let parts = parts.into_iter().map(|part| {
        let text = part.to_string();
        let keys = compile::key_ids_named(&text);
        (compile::hosts_named(&text), Rc::new(keys))
    });
    parts.collect()
}

fn split<'e>(expression: &'e Expression, parts: &mut Vec<&'e Expression>) {
    match expression {
        Expression::Or(either) => either.iter().for_each(|one| split(one, parts)),
        Expression::And(all) => {
            // An exception stands beside the clauses of a rule that has several, and so do the certificates of
            // rules in other people's writing, in which the hosts alone may be an `or`.
            let is_clauses = |one: &&Expression| {
                matches!(one, Expression::Or(_))
                    && one.mentions(CERTIFICATE_FIELDS).is_some()
                    && !compile::hosts_named(&one.to_string()).is_empty()
            };
            let clauses = all.iter().find(is_clauses);
            match clauses {
                Some(clauses) => split(clauses, parts),
                None => parts.push(expression),
            }
        }
        _ => parts.push(expression),
    }
}
