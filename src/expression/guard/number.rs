//! Regions of integers, of lengths, and of addresses: the stretches between the values at which
//! some test changes its answer.

use std::net::IpAddr;
use std::net::Ipv4Addr;
use std::net::Ipv6Addr;

use super::partition::Answer;
use super::partition::Candidate;
use super::partition::Partition;
use super::subject::Asked;
use super::subject::Asks;
use crate::expression::request::Request;
use crate::expression::request::Value;
use crate::expression::tree::Expression;
use crate::expression::tree::Operand;

/// Addresses that are nobody's, for what no test names
/// (<https://www.rfc-editor.org/rfc/rfc5737>, <https://www.rfc-editor.org/rfc/rfc3849>).
const NOBODY: [IpAddr; 2] = [
    IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1)),
    IpAddr::V6(Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1)),
];

pub(super) fn integers(subject: &Operand, tests: Vec<Asked>, answer: Answer<'_>) -> Partition {
    let cuts = tests.iter().flat_map(|test| match &test.asks {
        Asks::Integer(cuts) => cuts.as_slice(),
        _ => &[],
    });
    let candidates = between(cuts, i64::MIN);
    cut(subject.clone(), tests, candidates, answer)
}

/// The subject is `len(…)` of what all tests take the length of.
pub(super) fn lengths(subject: &Operand, tests: Vec<Asked>, request: &Request) -> Partition {
    let cuts = tests.iter().flat_map(|test| match &test.asks {
        Asks::Length(cuts) => cuts.as_slice(),
        _ => &[],
    });
    let candidates = between(cuts, 0);
    // The letter case inside `len(lower(…))` changes no length.
    let answer = |test: &Asked, value: Option<&Value>| match (&test.test, value) {
        (Expression::Comparison(comparison), Some(value)) => {
            comparison.condition.holds(value, request).known()
        }
        _ => Some(false),
    };
    let length = Operand::call("len", [subject.clone().into()]);
    cut(length, tests, candidates, &answer)
}

pub(super) fn addresses(subject: &Operand, tests: Vec<Asked>, answer: Answer<'_>) -> Partition {
    let cuts = tests.iter().flat_map(|test| match &test.asks {
        Asks::Address(cuts) => cuts.as_slice(),
        _ => &[],
    });
    let lowest = [Ipv4Addr::UNSPECIFIED.into(), Ipv6Addr::UNSPECIFIED.into()];
    let candidates = cuts.copied().chain(NOBODY).chain(lowest);
    let candidates = candidates.map(Value::Address).collect();
    cut(subject.clone(), tests, candidates, answer)
}

/// A value in each stretch: the cuts, and one below them all.
fn between<'c>(cuts: impl Iterator<Item = &'c i64>, lowest: i64) -> Vec<Value> {
    let mut candidates: Vec<i64> = cuts.copied().filter(|cut| *cut > lowest).collect();
    candidates.sort_unstable();
    candidates.dedup();
    let below = candidates.first().map_or(lowest, |first| first - 1);
    candidates.insert(0, below);
    candidates.into_iter().map(Value::Integer).collect()
}

fn cut(
    subject: Operand,
    tests: Vec<Asked>,
    candidates: Vec<Value>,
    answer: Answer<'_>,
) -> Partition {
    let (beyond, exact): (Vec<_>, Vec<_>) = tests
        .into_iter()
        .partition(|test| matches!(test.asks, Asks::Beyond));
    let alone = |value| Candidate {
        value,
        alone: false,
    };
    let candidates: Vec<_> = candidates.into_iter().map(alone).collect();
    Partition::around(subject, exact, &beyond, &candidates, answer)
}
