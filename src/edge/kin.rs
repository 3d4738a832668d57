//! Hosts that no rule can tell apart: one of them speaks for all.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::collections::HashSet;

use crate::edge::Effect;
use crate::edge::Rule;
use crate::expression::Comparison;
use crate::expression::Condition;
use crate::expression::Expression;
use crate::expression::Member;
use crate::expression::Operand;
use crate::expression::Request;
use crate::expression::Truth;

/// The tests of the host in some rule lists.
#[derive(Debug, Clone, Default)]
pub struct HostTests<'r> {
    /// Sets of hosts in braces: almost all tests of the host are such.
    sets: Vec<HashSet<&'r [u8]>>,
    others: Vec<&'r Expression>,
}

/// What the tests answer for a host. Hosts for which it is equal cannot be told apart.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Answers {
    sets: Vec<usize>,
    others: Vec<Truth>,
}

impl<'r> HostTests<'r> {
    /// The tests of the host in these rules.
    pub fn of(rules: impl IntoIterator<Item = &'r Rule>) -> Self {
        let mut tests = BTreeSet::new();
        collect(rules, &mut tests);
        let mut all = Self::default();
        for test in tests {
            match set(test) {
                Some(set) => all.sets.push(set),
                None => all.others.push(test),
            }
        }
        all
    }

    /// What the tests answer for a host, which is spelled in lower case.
    #[must_use]
    pub fn answers(&self, host: &str) -> Answers {
        let request = Request::default().with("http.host", host);
        let sets = self.sets.iter().enumerate();
        Answers {
            sets: sets
                .filter(|(_, set)| set.contains(host.as_bytes()))
                .map(|(index, _)| index)
                .collect(),
            others: self
                .others
                .iter()
                .map(|test| test.evaluate(&request))
                .collect(),
        }
    }

    /// Hosts grouped by what the tests answer and by `asks`, whatever that is; both in order.
    pub fn kin<H: AsRef<str> + Ord, A: Ord>(
        &self,
        hosts: impl IntoIterator<Item = (H, A)>,
    ) -> Vec<(A, Vec<H>)> {
        let mut groups: BTreeMap<(Answers, A), Vec<H>> = BTreeMap::new();
        for (host, asks) in hosts {
            let answers = self.answers(host.as_ref());
            groups.entry((answers, asks)).or_default().push(host);
        }
        let mut groups: Vec<_> = groups
            .into_iter()
            .map(|((_, asks), hosts)| (asks, hosts))
            .collect();
        groups.sort_by(|(_, one), (_, other)| one.first().cmp(&other.first()));
        groups
    }
}

fn collect<'r>(rules: impl IntoIterator<Item = &'r Rule>, tests: &mut BTreeSet<&'r Expression>) {
    for rule in rules {
        if let Ok(expression) = &rule.condition {
            let of_host = expression.tests().into_iter().filter(|test| {
                // A field such as the full URI may hold the host, too; it is free for all hosts alike.
                test.mentions("http.host").is_some()
            });
            tests.extend(of_host);
        }
        if let Effect::Execute(inner) = &rule.effect {
            collect(inner, tests);
        }
    }
}

/// `http.host in {…}`, as it is or in lower case, for hosts that are spelled in lower case.
fn set(test: &Expression) -> Option<HashSet<&[u8]>> {
    let Expression::Comparison(Comparison {
        left,
        condition: Condition::OneOf(members),
        ..
    }) = test
    else {
        return None;
    };
    let host = Operand::field("http.host");
    if *left != host && *left != Operand::call("lower", [host.into()]) {
        return None;
    }
    let names = members.iter().map(|member| match member {
        Member::Text(name) => Some(name.as_bytes()),
        _ => None,
    });
    names.collect()
}
