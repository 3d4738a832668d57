//! Tests of texts, and all the texts that they are tried on.

use std::sync::LazyLock;

use proptest::prelude::Just;
use proptest::prelude::prop;
use proptest::prelude::prop_oneof;
use proptest::strategy::Strategy;

/// What can be done to a text before it is tested.
#[derive(Clone, Copy, Debug)]
pub(super) enum Case {
    AsIs,
    Lower,
    Upper,
}

/// A test of a text.
#[derive(Clone, Debug)]
pub(super) enum OfText {
    Equal(String),
    NotEqual(String),
    OneOf(Vec<String>),
    Contains(String),
    StartsWith(String),
    EndsWith(String),
    Wildcard(String, String),
    StrictWildcard(String, String),
    Less(String),
    AtLeast(String),
    Longer(usize),
    Matches(&'static str),
}

const REGEXES: [&str; 9] = [
    "^ab",
    "ba$",
    "a+b",
    "^(ab|b)$",
    "^a?b*$",
    "a.b",
    "[^a]b",
    "(?i)^ab",
    "^(a|bb){2,3}$",
];

impl OfText {
    pub(super) fn text(&self, field: &str, case: Case) -> String {
        let field = match case {
            Case::AsIs => field.to_owned(),
            Case::Lower => format!("lower({field})"),
            Case::Upper => format!("upper({field})"),
        };
        match self {
            Self::Equal(text) => format!("{field} eq \"{text}\""),
            Self::NotEqual(text) => format!("{field} ne \"{text}\""),
            Self::OneOf(texts) => format!("{field} in {{\"{}\"}}", texts.join("\" \"")),
            Self::Contains(text) => format!("{field} contains \"{text}\""),
            Self::StartsWith(text) => format!("starts_with({field}, \"{text}\")"),
            Self::EndsWith(text) => format!("ends_with({field}, \"{text}\")"),
            Self::Wildcard(before, after) => format!("{field} wildcard \"{before}*{after}\""),
            Self::StrictWildcard(before, after) => {
                format!("{field} strict wildcard \"{before}*{after}\"")
            }
            Self::Less(text) => format!("{field} lt \"{text}\""),
            Self::AtLeast(text) => format!("{field} ge \"{text}\""),
            Self::Longer(length) => format!("len({field}) gt {length}"),
            Self::Matches(regex) => format!("{field} matches r\"{regex}\""),
        }
    }

    /// A missing text meets nothing.
    pub(super) fn holds(&self, case: Case, text: Option<&Spelled>) -> bool {
        let Some(spelled) = text else {
            return false;
        };
        let text = match case {
            Case::AsIs => spelled.as_is.as_str(),
            Case::Lower => &spelled.lower,
            Case::Upper => &spelled.upper,
        };
        let wildcard = |text: &str, before: &str, after: &str| {
            text.len() >= before.len() + after.len()
                && text.starts_with(before)
                && text.ends_with(after)
        };
        match self {
            Self::Equal(other) => text == *other,
            Self::NotEqual(other) => text != *other,
            Self::OneOf(others) => others.iter().any(|other| text == other),
            Self::Contains(part) => text.contains(part.as_str()),
            Self::StartsWith(start) => text.starts_with(start.as_str()),
            Self::EndsWith(end) => text.ends_with(end.as_str()),
            Self::Wildcard(before, after) => wildcard(
                &spelled.lower,
                &before.to_ascii_lowercase(),
                &after.to_ascii_lowercase(),
            ),
            Self::StrictWildcard(before, after) => wildcard(text, before, after),
            Self::Less(other) => text < other.as_str(),
            Self::AtLeast(other) => text >= other.as_str(),
            Self::Longer(length) => text.len() > *length,
            Self::Matches(regex) => {
                let number = REGEXES.iter().position(|known| known == regex).unwrap();
                let matches = match case {
                    Case::AsIs => spelled.matches[0],
                    Case::Lower => spelled.matches[1],
                    Case::Upper => spelled.matches[2],
                };
                matches >> number & 1 == 1
            }
        }
    }
}

pub(super) fn of_text() -> impl Strategy<Value = (OfText, Case)> {
    let text = || "[abA]{0,2}";
    let asked = prop_oneof![
        text().prop_map(OfText::Equal),
        text().prop_map(OfText::NotEqual),
        prop::collection::vec(text(), 1..4).prop_map(OfText::OneOf),
        text().prop_map(OfText::Contains),
        text().prop_map(OfText::StartsWith),
        text().prop_map(OfText::EndsWith),
        ("[abA]?", "[abA]?").prop_map(|(before, after)| OfText::Wildcard(before, after)),
        ("[abA]?", "[abA]?").prop_map(|(before, after)| OfText::StrictWildcard(before, after)),
        text().prop_map(OfText::Less),
        text().prop_map(OfText::AtLeast),
        (0_usize..4).prop_map(OfText::Longer),
        prop::sample::select(REGEXES.to_vec()).prop_map(OfText::Matches),
    ];
    let case = prop_oneof![
        2 => Just(Case::AsIs),
        1 => Just(Case::Lower),
        1 => Just(Case::Upper)
    ];
    (asked, case)
}

/// Every text over the letters of the literals, long enough for all combinations of their tests,
/// and every short one that also has bytes below and above all letters.
pub(super) static TEXTS: LazyLock<Vec<Spelled>> = LazyLock::new(|| {
    let compiled = REGEXES.map(|regex| regex::Regex::new(regex).unwrap());
    let matches = |text: &str| {
        let found = compiled.iter().map(|regex| regex.is_match(text));
        found
            .rev()
            .fold(0, |row, found| row << 1 | u16::from(found))
    };
    let letters = over(&["a", "b", "A", "B"], 7);
    // One below all letters, one between those of the two cases, one above them.
    let others = over(&["a", "b", "A", "B", " ", "_", "{"], 4);
    let texts = letters.into_iter().chain(others);
    let spelled = |as_is: String| {
        let (lower, upper) = (as_is.to_ascii_lowercase(), as_is.to_ascii_uppercase());
        Spelled {
            matches: [&as_is, &lower, &upper].map(|text| matches(text)),
            as_is,
            lower,
            upper,
        }
    };
    texts.map(spelled).collect()
});

/// A text, and what `lower` and `upper` make of it.
pub(super) struct Spelled {
    as_is: String,
    lower: String,
    upper: String,
    /// Which of the regular expressions find a match in each of the three, bit by bit: so often
    /// is the same asked.
    matches: [u16; 3],
}

fn over(letters: &[&str], length: usize) -> Vec<String> {
    let mut texts = vec![String::new()];
    let mut from = 0;
    for _ in 0..length {
        let longer = texts[from..].iter();
        let longer = longer.flat_map(|text| letters.iter().map(move |one| format!("{text}{one}")));
        let longer: Vec<_> = longer.collect();
        from = texts.len();
        texts.extend(longer);
    }
    texts
}

/// The different rows of answers that the tests get from all texts, and from a missing one.
pub(super) fn rows_of_texts(tests: &[(OfText, Case)], missing: bool) -> Vec<Vec<bool>> {
    let mut seen = [false; 32];
    for text in TEXTS.iter().map(Some).chain(missing.then_some(None)) {
        let truths = tests.iter().map(|(test, case)| test.holds(*case, text));
        let row = truths.fold(0, |row, truth| row << 1 | usize::from(truth));
        seen[row] = true;
    }
    let rows = (0..32).filter(|row| seen[*row]);
    rows.map(|row| {
        (0..tests.len())
            .rev()
            .map(|bit| row >> bit & 1 == 1)
            .collect()
    })
    .collect()
}
