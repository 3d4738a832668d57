//! What every entry of the file is made of: names, hosts, dates, words. Each is read once, or reported.

mod fault;

use std::collections::HashMap;
use std::fmt::Display;
use std::hash::Hash;

use jiff::civil::Date;
use serde_yaml::Spanned;

pub(super) use fault::Kind;
pub(super) use fault::nearest;

use crate::config::document::Text;
use crate::config::entry::fault::EntryFault;
use crate::config::problem::Problem;
use crate::config::source::Located;
use crate::config::source::Span;
use crate::config::source::place;
use crate::resource::Hostname;
use crate::resource::Name;
use crate::resource::ZoneName;

/// The value of a key that must be there; `at` is the entry it is missing from.
pub(super) fn required<T>(
    value: Option<T>,
    key: &'static str,
    example: &'static str,
    at: impl Into<Option<Span>>,
    problems: &mut Vec<Problem>,
) -> Option<T> {
    if value.is_none() {
        problems.push(Problem::error(at, EntryFault::Missing { key, example }));
    }
    value
}

/// A text in the form that `parse` asks for.
pub(super) fn parse<T, E: Display>(
    text: &Text,
    parse: impl Fn(&str) -> Result<T, E>,
    help: &'static str,
    problems: &mut Vec<Problem>,
) -> Option<Located<T>> {
    const LONGEST: usize = 300;
    let at = place(text);
    let fault = if text.value.len() > LONGEST {
        let length = text.value.chars().count();
        EntryFault::TooLong { length }
    } else {
        match parse(&text.value) {
            Ok(value) => return Some(Located::new(value, at)),
            Err(error) => EntryFault::Invalid {
                reason: error.to_string(),
                help,
            },
        }
    };
    problems.push(Problem::error(at, fault));
    None
}

pub(super) fn name(text: &Text, problems: &mut Vec<Problem>) -> Option<Located<Name>> {
    parse(text, Name::parse, "such as `fleet-2026`", problems)
}

pub(super) fn host(text: &Text, problems: &mut Vec<Problem>) -> Option<Located<Hostname>> {
    parse(
        text,
        Hostname::parse,
        "one whole name for each host, such as `api.example.com`",
        problems,
    )
}

pub(super) fn zone(text: &Text, problems: &mut Vec<Problem>) -> Option<Located<ZoneName>> {
    parse(
        text,
        ZoneName::parse,
        "the domain of the zone, such as `example.com`",
        problems,
    )
}

pub(super) fn date(text: &Text, problems: &mut Vec<Problem>) -> Option<Located<Date>> {
    let read = |text: &str| {
        let whole = text.len() == "2099-01-31".len();
        let date = text.parse::<Date>().ok().filter(|_| whole);
        date.ok_or_else(|| format!("`{text}` is no date"))
    };
    parse(
        text,
        read,
        "year, month and day, such as `2099-01-31`",
        problems,
    )
}

/// A text with something in it.
pub(super) fn text(
    text: Text,
    key: &'static str,
    problems: &mut Vec<Problem>,
) -> Option<Located<String>> {
    let at = place(&text);
    if text.value.trim().is_empty() {
        problems.push(Problem::error(at, EntryFault::Blank { key }));
        return None;
    }
    Some(Located::new(text.value, at))
}

/// One word of a closed vocabulary.
pub(super) fn word<T: Copy>(
    text: &Text,
    words: &[(&'static str, T)],
    problems: &mut Vec<Problem>,
) -> Option<T> {
    let found = words.iter().find(|(word, _)| *word == text.value);
    if found.is_none() {
        let fault = EntryFault::Word {
            text: text.value.clone(),
            known: words.iter().map(|(word, _)| *word).collect(),
        };
        problems.push(Problem::error(place(text), fault));
    }
    found.map(|(_, meaning)| *meaning)
}

/// A whole number within bounds.
pub(super) fn number<T: TryFrom<i64>>(
    number: &Spanned<i64>,
    accepts: impl Fn(i64) -> bool,
    help: &'static str,
    problems: &mut Vec<Problem>,
) -> Option<T> {
    let value = Some(number.value).filter(|value| accepts(*value));
    let value = value.and_then(|value| T::try_from(value).ok());
    if value.is_none() {
        let text = number.value.to_string();
        let fault = EntryFault::OutOfRange { text, help };
        problems.push(Problem::error(place(number), fault));
    }
    value
}

/// The list without what stands in it twice, which is reported.
pub(super) fn distinct<T: Clone + Display + Eq + Hash>(
    list: Vec<Located<T>>,
    problems: &mut Vec<Problem>,
) -> Vec<Located<T>> {
    let mut seen: HashMap<T, Span> = HashMap::new();
    list.into_iter()
        .filter(|one| match seen.get(&one.value) {
            None => seen.insert(one.value.clone(), one.at).is_none(),
            Some(first) => {
                let name = one.value.to_string();
                let fault = EntryFault::Repeated { name };
                problems
                    .push(Problem::error(one.at, fault).related(*first, "it stands here first"));
                false
            }
        })
        .collect()
}

/// Reports the names that are used twice or that mean something already.
pub(super) fn unique<'a>(
    kind: Kind,
    names: impl IntoIterator<Item = &'a Located<Name>>,
    problems: &mut Vec<Problem>,
) {
    let mut seen: HashMap<&Name, Span> = HashMap::new();
    for name in names {
        if RESERVED.contains(&name.value.as_str()) {
            let fault = EntryFault::Reserved {
                name: name.value.to_string(),
            };
            problems.push(Problem::error(name.at, fault));
        } else if let Some(first) = seen.insert(&name.value, name.at) {
            let fault = EntryFault::NameTwice {
                kind,
                name: name.value.to_string(),
            };
            problems.push(Problem::error(name.at, fault).related(first, "it is used here first"));
        }
    }
}

/// Names that access tests give to clients without a known CA.
const RESERVED: [&str; 3] = ["none", "unknown", "stranger"];

/// Reports a name that is not declared, with the declared one that it may be a slip of.
pub(super) fn undeclared<'a>(
    kind: Kind,
    name: &str,
    at: Span,
    declared: impl IntoIterator<Item = &'a str>,
    problems: &mut Vec<Problem>,
) {
    // Comparing takes a while; who has this many problems reads the first ones first.
    const MOST_COMPARED: usize = 100;
    let similar: Vec<&str> = if problems.len() < MOST_COMPARED {
        let alike = |known: &&str| known.len().abs_diff(name.len()) <= 3;
        declared
            .into_iter()
            .filter(alike)
            .take(MOST_COMPARED)
            .collect()
    } else {
        Vec::new()
    };
    let fault = EntryFault::Undeclared {
        kind,
        name: name.to_owned(),
        near: nearest(name, &similar).map(str::to_owned),
    };
    problems.push(Problem::error(at, fault));
}
