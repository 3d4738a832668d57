//! Regions of strings: one for each combination of answers that some string gets.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::ops::ControlFlow;

use super::automaton::Automaton;
use super::automaton::Language;
use super::case::Case;
use super::partition::Answer;
use super::partition::Candidate;
use super::partition::Partition;
use super::partition::Region;
use super::sample::Effort;
use super::sample::Exceeded;
use super::sample::samples;
use super::subject::Asked;
use super::subject::Asks;
use crate::expression::request::Value;
use crate::expression::tree::Operand;
use crate::expression::tree::Source;
use crate::expression::value::Text;
use crate::expression::wildcard::Piece;

/// A length beyond this one is not counted byte by byte.
const MAX_LENGTH: i64 = 1_024;

/// How many regions one field may have.
const MAX_REGIONS: usize = 512;

/// More tests than this that may stand anywhere in the string are not combined with one another:
/// each of them could double the number of regions.
const MAX_FLOATING: usize = 5;

/// Cuts the strings of `subject` along as many of its tests as are exact and make no more regions
/// than can be listed; tests that may stand anywhere in the string are the first to be left out.
pub(super) fn partition(
    subject: &Operand,
    tests: Vec<Asked>,
    answer: Answer<'_>,
    effort: &Effort,
) -> Partition {
    let (mut exact, beyond): (Vec<_>, Vec<_>) = tests.into_iter().partition(is_regular);
    exact.sort_by_key(Asked::floats);
    let anchored = exact.iter().filter(|test| !test.floats()).count();
    let mut loose = exact.split_off(exact.len().min(anchored + MAX_FLOATING));
    let mut apart = !beyond.is_empty();
    let found = loop {
        match listed(&exact, apart, effort) {
            Ok(found) => break found,
            Err(Exceeded) if apart => apart = false,
            // Nothing is cut: any string stands for all.
            Err(Exceeded) if exact.is_empty() => break vec![b"x".to_vec()],
            Err(Exceeded) => {
                let floating = exact.len().saturating_sub(anchored);
                let surplus = if floating > 0 { floating } else { exact.len() };
                loose.extend(exact.split_off(exact.len() - surplus.div_ceil(2)));
            }
        }
    };
    let candidates: Vec<_> = found
        .into_iter()
        .map(|text| Candidate {
            alone: apart && is_spelled_out(&exact, &text),
            value: readable(subject, &exact, text, answer),
        })
        .collect();
    let mut partition = Partition::around(subject.clone(), exact, &beyond, &candidates, answer);
    let anchored = Anchored::of(&partition);
    let within = |test| within_regions(&partition.regions, &anchored, test, answer, effort);
    let rows = loose.iter().map(|test| (test.test.clone(), within(test)));
    let rows: Vec<_> = rows.collect();
    partition.answers.extend(rows);
    partition.loose = loose;
    partition
}

/// A string that gets the wanted answers, or `None` if none does.
pub(super) fn example(
    wanted: &[(&Asked, Option<bool>)],
    answer: Answer<'_>,
    effort: &Effort,
) -> Result<Option<Text>, Exceeded> {
    let tests: Vec<&Asked> = wanted.iter().map(|(test, _)| *test).collect();
    let unwanted: Vec<usize> = wanted
        .iter()
        .enumerate()
        .filter(|(_, (test, answer))| *answer == Some(false) && !test.is_negative())
        .map(|(index, _)| index)
        .collect();
    let mut found = None;
    examples(&tests, false, &unwanted, effort, &mut |text| {
        let value = Value::Text(Text::from(text.clone()));
        let mut wanted = wanted.iter();
        if wanted.all(|(test, wanted)| answer(test, Some(&value)) == *wanted) {
            found = Some(Text::from(text));
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    })?;
    Ok(found)
}

/// The exact tests that do not float, and what they answer in each region.
struct Anchored<'p> {
    tests: Vec<&'p Asked>,
    columns: Vec<Vec<Option<bool>>>,
}

impl<'p> Anchored<'p> {
    fn of(partition: &'p Partition) -> Self {
        let tests = partition.exact.iter().filter(|test| !test.floats());
        let tests: Vec<&Asked> = tests.collect();
        let rows = tests.iter().map(|test| partition.answers.get(&test.test));
        let rows: Vec<_> = rows.flatten().collect();
        let column = |region| {
            let column = rows.iter().map(|row| row.get(region).copied().flatten());
            column.collect()
        };
        let columns = (0..partition.regions.len()).map(column).collect();
        Self { tests, columns }
    }
}

/// What a test answers in each region of the others.
fn within_regions(
    regions: &[Region],
    anchored: &Anchored<'_>,
    test: &Asked,
    answer: Answer<'_>,
    effort: &Effort,
) -> Vec<Option<bool>> {
    let texts = spelled_out(test);
    let found = match &texts {
        Some(texts) => around_texts(texts, &anchored.tests, answer, effort),
        None => searched(&anchored.tests, test, answer, effort),
    };
    let in_region = |(region, column): (&Region, &Vec<Option<bool>>)| match &found {
        _ if region.alone => answer(test, region.value.as_ref()),
        Ok(found) => match found.get(column) {
            Some(answer) => *answer,
            // All that is spelled out lies elsewhere: one text stands for all.
            None if texts.is_some() => answer(test, region.value.as_ref()),
            None => None,
        },
        Err(Exceeded) => None,
    };
    regions
        .iter()
        .zip(&anchored.columns)
        .map(in_region)
        .collect()
}

/// By the answers of the anchored tests: what one more test answers; `None` if that differs.
type ByRegion = BTreeMap<Vec<Option<bool>>, Option<bool>>;

/// The regions in which a test that spells its texts out may be true for some and false for others.
fn around_texts(
    texts: &[Text],
    anchored: &[&Asked],
    answer: Answer<'_>,
    effort: &Effort,
) -> Result<ByRegion, Exceeded> {
    let mut found = ByRegion::new();
    for text in texts {
        effort.answers(anchored.len())?;
        let value = Value::Text(text.clone());
        let column = anchored.iter().map(|test| answer(test, Some(&value)));
        found.insert(column.collect(), None);
    }
    Ok(found)
}

/// All regions, by an example for each answer in each of them.
fn searched(
    anchored: &[&Asked],
    test: &Asked,
    answer: Answer<'_>,
    effort: &Effort,
) -> Result<ByRegion, Exceeded> {
    let together = [anchored, &[test]].concat();
    let mut found = ByRegion::new();
    let mut spent = Ok(());
    examples(&together, false, &[], effort, &mut |text| {
        spent = effort.answers(together.len());
        if spent.is_err() {
            return ControlFlow::Break(());
        }
        let value = Value::Text(Text::from(text));
        let column = anchored.iter().map(|test| answer(test, Some(&value)));
        let here = answer(test, Some(&value));
        found
            .entry(column.collect())
            .and_modify(|answer| *answer = answer.filter(|answer| here == Some(*answer)))
            .or_insert(here);
        ControlFlow::Continue(())
    })?;
    spent.map(|()| found)
}

/// The texts that decide a test, if it spells them out: it is the same for all others.
fn spelled_out(test: &Asked) -> Option<Vec<Text>> {
    let Asks::Patterns {
        patterns,
        case: Case::AsIs,
        strict: true,
    } = &test.asks
    else {
        return None;
    };
    let byte = |piece: &Piece| match piece {
        Piece::Byte(byte) => Some(*byte),
        Piece::Star => None,
    };
    let spelled = |pattern: &Vec<Piece>| {
        let bytes: Option<Vec<u8>> = pattern.iter().map(byte).collect();
        bytes.map(Text::from)
    };
    patterns.iter().map(spelled).collect()
}

fn is_regular(test: &Asked) -> bool {
    match &test.asks {
        Asks::Patterns { .. } | Asks::Regular { .. } | Asks::Order { .. } => true,
        Asks::Length(cuts) => cuts.iter().all(|cut| *cut <= MAX_LENGTH),
        Asks::Integer(_) | Asks::Address(_) | Asks::Beyond => false,
    }
}

/// An example for each combination of answers; with `apart`, also one for each string that is
/// spelled out.
fn listed(tests: &[Asked], apart: bool, effort: &Effort) -> Result<Vec<Vec<u8>>, Exceeded> {
    let tests: Vec<&Asked> = tests.iter().collect();
    let mut found = Vec::new();
    examples(&tests, apart, &[], effort, &mut |text| {
        found.push(text);
        match found.len() {
            ..=MAX_REGIONS => ControlFlow::Continue(()),
            _ => ControlFlow::Break(()),
        }
    })?;
    (found.len() <= MAX_REGIONS)
        .then_some(found)
        .ok_or(Exceeded)
}

/// The same, one after the other, without those that surely meet an unwanted test.
fn examples(
    tests: &[&Asked],
    apart: bool,
    unwanted: &[usize],
    effort: &Effort,
    visit: &mut dyn FnMut(Vec<u8>) -> ControlFlow<()>,
) -> Result<(), Exceeded> {
    effort.answers(tests.len())?;
    let mut automaton = Automaton::default();
    let mut next: Language = 0;
    let mut fresh = || {
        next += 1;
        next - 1
    };
    let mut avoided = Vec::new();
    let mut lengths = BTreeSet::new();
    for (index, test) in tests.iter().enumerate() {
        match &test.asks {
            Asks::Patterns {
                patterns,
                case,
                strict,
            } => {
                let shared = fresh();
                for pattern in patterns {
                    let language = if apart { fresh() } else { shared };
                    automaton.pattern(language, pattern, *case, *strict);
                }
                if unwanted.contains(&index) {
                    avoided.push(shared);
                }
            }
            Asks::Regular { machine, case } => {
                let language = fresh();
                automaton.regular(language, machine, *case);
                if unwanted.contains(&index) {
                    avoided.push(language);
                }
            }
            Asks::Order { text, case } => {
                let exactly: Vec<_> = text.as_bytes().iter().copied().map(Piece::Byte).collect();
                automaton.before(fresh(), text.as_bytes(), *case);
                automaton.pattern(fresh(), &exactly, *case, true);
            }
            Asks::Length(cuts) => {
                lengths.extend(cuts.iter().filter_map(|cut| usize::try_from(*cut).ok()));
            }
            Asks::Integer(_) | Asks::Address(_) | Asks::Beyond => {}
        }
    }
    if !lengths.is_empty() {
        automaton.lengths(&lengths, &mut fresh);
    }
    samples(&automaton, &avoided, effort, visit)
}

/// Whether a test is true for this string and for no other.
fn is_spelled_out(tests: &[Asked], text: &[u8]) -> bool {
    let is_text = |pattern: &Vec<Piece>| {
        pattern.len() == text.len()
            && pattern
                .iter()
                .zip(text)
                .all(|(piece, byte)| *piece == Piece::Byte(*byte))
    };
    tests.iter().any(|test| match &test.asks {
        Asks::Patterns {
            patterns,
            case: Case::AsIs,
            strict: true,
        } => patterns.iter().any(is_text),
        _ => false,
    })
}

/// The example, with a slash before it if the field is a path and the tests do not mind.
fn readable(subject: &Operand, exact: &[Asked], text: Vec<u8>, answer: Answer<'_>) -> Value {
    let plain = Value::Text(Text::from(text.clone()));
    let is_path = match &subject.source {
        Source::Field(name) => {
            let last = name.as_str().rsplit('.').next();
            matches!(last, Some("path" | "uri"))
        }
        Source::Call(_) => false,
    };
    if !is_path || text.starts_with(b"/") || is_spelled_out(exact, &text) {
        return plain;
    }
    let rooted = Value::Text(Text::from([&b"/"[..], &text].concat()));
    let mut tests = exact.iter();
    if tests.all(|test| answer(test, Some(&plain)) == answer(test, Some(&rooted))) {
        rooted
    } else {
        plain
    }
}
