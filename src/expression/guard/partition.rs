//! The values of one subject, cut into regions by the tests of it.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use super::number;
use super::sample::Effort;
use super::subject::Asked;
use super::subject::Asks;
use super::text;
use crate::expression::evaluate::Known;
use crate::expression::request::Request;
use crate::expression::request::Value;
use crate::expression::tree::Argument;
use crate::expression::tree::Expression;
use crate::expression::tree::Operand;
use crate::expression::tree::Source;

/// Values that no test of the subject tells apart.
#[derive(Clone, Debug)]
pub(super) struct Region {
    /// One of the values; `None` stands for a missing value.
    pub(super) value: Option<Value>,
    /// Whether no test names these values, so that one of them shows nothing.
    pub(super) other: bool,
    /// Whether there is no other value in it.
    pub(super) alone: bool,
}

/// The regions of a subject.
#[derive(Clone, Debug)]
pub(super) struct Partition {
    pub(super) subject: Operand,
    /// The region of all other values comes first, if there is one.
    pub(super) regions: Vec<Region>,
    /// What each test answers in each region; `None` where it differs within the region, or cannot
    /// be known.
    pub(super) answers: BTreeMap<Expression, Vec<Option<bool>>>,
    /// Tests of a text that would have made too many regions; each may be true or false within
    /// some region, but not all combinations need have a text.
    pub(super) loose: Vec<Asked>,
    /// The tests that cut the regions.
    pub(super) exact: Vec<Asked>,
}

/// A value that may stand for a region.
pub(super) struct Candidate {
    pub(super) value: Value,
    /// Whether it is the only value for which some test is true.
    pub(super) alone: bool,
}

/// The answer of a test for a value of the subject, or for a missing one.
pub(super) type Answer<'a> = &'a dyn Fn(&Asked, Option<&Value>) -> Option<bool>;

impl Partition {
    /// `None` if there is nothing to cut along: all tests are beyond it, or they take the subject
    /// for values of different kinds, which Cloudflare would not store.
    pub(super) fn of(tests: Vec<Asked>, request: &Request, effort: &Effort) -> Option<Self> {
        let subject = tests.first()?.subject.clone();
        let kinds: BTreeSet<Kind> = tests.iter().filter_map(Kind::of).collect();
        let kinds: Vec<Kind> = kinds.into_iter().collect();
        let known = Known::of(request);
        let answer = |test: &Asked, value: Option<&Value>| {
            known.supposing(&subject, value).test(&test.test).known()
        };
        match kinds.as_slice() {
            [Kind::Length] => Some(number::lengths(&subject, tests, request)),
            [Kind::Text] | [Kind::Length, Kind::Text] => {
                Some(text::partition(&subject, tests, &answer, effort))
            }
            [Kind::Integer] => Some(number::integers(&subject, tests, &answer)),
            [Kind::Address] => Some(number::addresses(&subject, tests, &answer)),
            _ => None,
        }
    }

    /// The regions in which `candidates` lie, at least one in each region that `exact` cuts out.
    /// Where a test is beyond that, only a region with a single value has an answer.
    pub(super) fn around(
        subject: Operand,
        exact: Vec<Asked>,
        beyond: &[Asked],
        candidates: &[Candidate],
        answer: Answer<'_>,
    ) -> Self {
        let ordered = exact.iter().any(Asked::is_ordered);
        let missing = may_miss(&subject).then_some(None);
        let mut seen = BTreeSet::new();
        let mut columns: Vec<(Region, Vec<Option<bool>>)> = Vec::new();
        for candidate in candidates.iter().map(Some).chain(missing) {
            let value = candidate.map(|candidate| &candidate.value);
            let alone = candidate.is_none_or(|candidate| candidate.alone);
            let single = candidate.is_none() || (!beyond.is_empty() && alone);
            let mut column: Vec<_> = exact.iter().map(|test| answer(test, value)).collect();
            let region = Region {
                value: value.cloned(),
                other: value.is_some() && !single && !ordered && !singled_out(&exact, &column),
                alone,
            };
            if seen.insert((column.clone(), single.then(|| value.cloned()))) {
                let single_answer = |test| if single { answer(test, value) } else { None };
                column.extend(beyond.iter().map(single_answer));
                columns.push((region, column));
            }
        }
        columns.sort_by_key(|(region, _)| !region.other);
        let answers = exact.iter().chain(beyond).enumerate().map(|(row, test)| {
            let row = columns
                .iter()
                .map(|(_, column)| column.get(row).copied().flatten());
            (test.test.clone(), row.collect())
        });
        Self {
            answers: answers.collect(),
            regions: columns.iter().map(|(region, _)| region.clone()).collect(),
            subject,
            loose: Vec::new(),
            exact,
        }
    }
}

/// Whether some test names these values: it is true here, or, being `ne`, false.
fn singled_out(tests: &[Asked], answers: &[Option<bool>]) -> bool {
    let mut tests = tests.iter().zip(answers);
    tests.any(|(test, answer)| *answer == Some(!test.is_negative()))
}

/// What a test takes its subject for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Kind {
    Length,
    Text,
    Integer,
    Address,
}

impl Kind {
    fn of(test: &Asked) -> Option<Self> {
        match test.asks {
            Asks::Patterns { .. } | Asks::Regular { .. } | Asks::Order { .. } => Some(Self::Text),
            Asks::Length(_) => Some(Self::Length),
            Asks::Integer(_) => Some(Self::Integer),
            Asks::Address(_) => Some(Self::Address),
            Asks::Beyond => None,
        }
    }
}

/// Whether a request may have no such value: an element that was picked, or what a function makes
/// of one. Every field has a value.
pub(super) fn may_miss(operand: &Operand) -> bool {
    let always = [
        "concat",
        "len",
        "lower",
        "remove_bytes",
        "to_string",
        "upper",
        "url_decode",
    ];
    !operand.indexes.is_empty()
        || match &operand.source {
            Source::Field(_) => false,
            Source::Call(call) => {
                let missing = |argument: &Argument| match argument {
                    Argument::Operand(operand) => may_miss(operand),
                    Argument::Literal(_) | Argument::Expression(_) => false,
                };
                !always.contains(&call.function.as_str()) || call.arguments.iter().any(missing)
            }
        }
}
