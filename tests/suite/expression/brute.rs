//! `decide` against all assignments: of free tests, and of fields whose tests are not independent.
//!
//! What a test means is written here a second time, as plainly as possible.

mod text; // tests of texts, and all texts to try them on

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::net::Ipv4Addr;
use std::net::Ipv6Addr;

use mtlsctl::expression::Answer;
use mtlsctl::expression::Choice;
use mtlsctl::expression::Guard;
use mtlsctl::expression::Request;
use mtlsctl::expression::Truth;
use mtlsctl::expression::Value;
use mtlsctl::expression::decide;
use mtlsctl::expression::parse;
use proptest::prelude::any;
use proptest::prelude::prop;
use proptest::prelude::prop_oneof;
use proptest::prelude::proptest;
use proptest::strategy::BoxedStrategy;
use proptest::strategy::Strategy;

use crate::expression::seeded;

use text::Spelled;
use text::TEXTS;
use text::of_text;
use text::rows_of_texts;

/// How tests are put together; a leaf is the number of a test.
#[derive(Clone, Debug)]
enum Tree {
    Test(usize),
    Not(Box<Tree>),
    And(Vec<Tree>),
    Xor(Vec<Tree>),
    Or(Vec<Tree>),
}

impl Tree {
    fn text(&self, tests: &[String]) -> String {
        let joined = |parts: &[Tree], word: &str| {
            let parts: Vec<_> = parts.iter().map(|part| part.text(tests)).collect();
            format!("({})", parts.join(word))
        };
        match self {
            Tree::Test(test) => tests[test % tests.len()].clone(),
            Tree::Not(inner) => format!("not ({})", inner.text(tests)),
            Tree::And(parts) => joined(parts, " and "),
            Tree::Xor(parts) => joined(parts, " xor "),
            Tree::Or(parts) => joined(parts, " or "),
        }
    }

    fn holds(&self, truths: &[bool]) -> bool {
        match self {
            Tree::Test(test) => truths[test % truths.len()],
            Tree::Not(inner) => !inner.holds(truths),
            Tree::And(parts) => parts.iter().all(|part| part.holds(truths)),
            Tree::Xor(parts) => parts
                .iter()
                .fold(false, |odd, part| odd ^ part.holds(truths)),
            Tree::Or(parts) => parts.iter().any(|part| part.holds(truths)),
        }
    }
}

fn tree() -> BoxedStrategy<Tree> {
    let leaf = (0_usize..60).prop_map(Tree::Test);
    leaf.prop_recursive(4, 24, 3, |inner| {
        let parts = || prop::collection::vec(inner.clone(), 1..4);
        prop_oneof![
            inner.clone().prop_map(|inner| Tree::Not(Box::new(inner))),
            parts().prop_map(Tree::And),
            parts().prop_map(Tree::Xor),
            parts().prop_map(Tree::Or),
        ]
    })
    .boxed()
}

/// A comparison of an integer, with `F` and `L` for its literals, and whether it holds.
type OfInteger = (&'static str, fn(i64, i64, i64) -> bool);

fn of_integer() -> impl Strategy<Value = (String, i64, i64, usize)> {
    (-3_i64..4, 0_i64..3, 0..INTEGER_FORMS.len()).prop_map(|(first, length, form)| {
        let last = first + length;
        let text = INTEGER_FORMS[form].0.replace('F', &first.to_string());
        (text.replace('L', &last.to_string()), first, last, form)
    })
}

const INTEGER_FORMS: [OfInteger; 7] = [
    ("n eq F", |n, first, _| n == first),
    ("n ne F", |n, first, _| n != first),
    ("n lt F", |n, first, _| n < first),
    ("n le F", |n, first, _| n <= first),
    ("n gt F", |n, first, _| n > first),
    ("n ge F", |n, first, _| n >= first),
    ("n in {F..L}", |n, first, last| first <= n && n <= last),
];

/// Small networks inside `10.0.0.0/28` and `2001:db8::/124`, so that all addresses can be tried.
fn address(number: u8) -> IpAddr {
    let low = number & 15;
    if number < 16 {
        IpAddr::V4(Ipv4Addr::new(10, 0, 0, low))
    } else {
        IpAddr::V6(Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, low.into()))
    }
}

fn of_address() -> impl Strategy<Value = (String, Vec<bool>)> {
    (0_u8..32, 1_u8..16, 0..5).prop_map(|(number, bits, form)| {
        let (low, family) = (number & 15, number & 16);
        let same = |other: u8| other & 16 == family;
        let length = u32::from(bits) % 5;
        let mask = (15_u8 << length) & 15;
        let at = address(number);
        let full = if family == 0 { 32 } else { 128 };
        let network = address(family | (low & mask));
        let last = address(family | low.max(bits));
        let (text, holds): (String, Box<dyn Fn(u8) -> bool>) = match form {
            0 => (format!("a eq {at}"), Box::new(move |other| other == number)),
            1 => (format!("a ne {at}"), Box::new(move |other| other != number)),
            2 => (
                format!("a in {{{network}/{}}}", full - length),
                Box::new(move |other| same(other) && other & mask == low & mask),
            ),
            3 => (
                format!("a in {{{at}..{last}}}"),
                Box::new(move |other| {
                    same(other) && other & 15 >= low && other & 15 <= low.max(bits)
                }),
            ),
            _ => (
                format!("cidr(a, {}, {}) eq {at}", 32 - length, 128 - length),
                Box::new(move |other| same(other) && other & mask == low),
            ),
        };
        let truths = (0..32).map(holds).collect();
        (text, truths)
    })
}

/// A request in which a guard holds; what it leaves open may be anything.
fn concrete(guard: &Guard) -> Request {
    let mut request = Request::default().with("b", true).without("h");
    for (field, value) in [("t", "c"), ("u", "Ba")] {
        request = request.with(field, value);
    }
    for number in 0..10 {
        request = request.with(format!("f{number}"), number % 2 == 0);
    }
    request = request.with("n", 2).with("a", address(3));
    for choice in guard.choices() {
        let (name, value) = match choice {
            Choice::Is { subject, value }
            | Choice::IsOther {
                subject,
                example: value,
            } => (subject.to_string(), Some(value.clone())),
            Choice::IsMissing { subject } => (subject.to_string(), None),
            Choice::Holds { test, holds } => (test.to_string(), Some(Value::Boolean(*holds))),
            Choice::Open { .. } => unreachable!("no rule is involved"),
        };
        let value = match name.as_str() {
            "h[\"x\"][0]" => {
                let values = value.map(|value| Value::Array(vec![value]));
                let headers = values.map(|values| ("x".into(), values));
                Some(Value::Map(headers.into_iter().collect()))
            }
            // The only subject that is not a field: any text of this length will do.
            "len(t)" | "len(u)" => match value {
                Some(Value::Integer(length)) => {
                    let length = usize::try_from(length).unwrap();
                    Some(Value::from("c".repeat(length).as_str()))
                }
                other => other,
            },
            "len(h[\"x\"][0])" => {
                let values = match value {
                    Some(Value::Integer(length)) => {
                        let length = usize::try_from(length).unwrap();
                        vec![Value::from("c".repeat(length).as_str())]
                    }
                    _ => Vec::new(),
                };
                let headers = [("x".into(), Value::Array(values))];
                Some(Value::Map(headers.into_iter().collect()))
            }
            _ => value,
        };
        let field = name
            .trim_start_matches("len(")
            .split(['[', ')'])
            .next()
            .unwrap();
        request = match value {
            Some(value) => request.with(field, value),
            None => request.without(field),
        };
    }
    request
}

/// Compares `decide` with the answers for all assignments; examples have to be examples.
fn check(text: &str, known: &Request, answers: &BTreeSet<bool>) {
    let expression = parse(text).unwrap_or_else(|error| panic!("{text}\n{error}"));
    let decided = decide(&expression, known);
    let expected: Vec<bool> = answers.iter().copied().collect();
    match (&decided, expected.as_slice()) {
        (Answer::Always, [true]) | (Answer::Never, [false]) => {}
        (Answer::Sometimes { holds, fails }, [false, true]) => {
            for (guard, truth) in [(holds, Truth::True), (fails, Truth::False)] {
                let request = concrete(guard);
                assert_eq!(expression.evaluate(&request), truth, "{text}\non {guard}");
            }
        }
        _ => panic!("{text}\nis {decided:?}, but all assignments give {answers:?}"),
    }
}

/// All combinations of one row from each table, as one row.
fn product(tables: &[Vec<Vec<bool>>]) -> Vec<Vec<bool>> {
    let mut rows = vec![Vec::new()];
    for table in tables {
        rows = rows
            .iter()
            .flat_map(|row| {
                table
                    .iter()
                    .map(move |more| [row.clone(), more.clone()].concat())
            })
            .collect();
    }
    rows
}

/// The different rows of answers that the tests of one field get.
fn rows(all: impl Iterator<Item = Vec<bool>>) -> Vec<Vec<bool>> {
    let distinct: BTreeSet<Vec<bool>> = all.collect();
    distinct.into_iter().collect()
}

proptest! {
    #![proptest_config(seeded())]

    #[test]
    fn of_free_tests(tree in tree(), count in 1_usize..=10) {
        let names: Vec<String> = (0..count).map(|number| format!("f{number}")).collect();
        let text = tree.text(&names);
        let assignments = 0..1_u32 << count;
        let answers = assignments
            .map(|bits| (0..count).map(|bit| bits >> bit & 1 == 1).collect::<Vec<_>>())
            .map(|truths| tree.holds(&truths))
            .collect();
        check(&text, &Request::default(), &answers);
    }

    #[test]
    fn of_texts_that_may_be_missing(
        tree in tree(),
        plain in prop::collection::vec(of_text(), 1..=5),
        picked in prop::collection::vec(of_text(), 1..=5),
    ) {
        let mut tests: Vec<_> = plain.iter().map(|(test, case)| test.text("t", *case)).collect();
        tests.extend(picked.iter().map(|(test, case)| test.text("h[\"x\"][0]", *case)));
        let tables = [rows_of_texts(&plain, false), rows_of_texts(&picked, true)];
        let answers = product(&tables).iter().map(|truths| tree.holds(truths)).collect();
        check(&tree.text(&tests), &Request::default(), &answers);
    }

    /// With so many tests that not all their combinations are listed, and more than the texts here
    /// can meet: what holds for some text is not denied, and examples are examples.
    #[test]
    fn of_many_tests_of_one_text(
        tree in tree(),
        many in prop::collection::vec(of_text(), 6..=12),
    ) {
        let tests: Vec<_> = many.iter().map(|(test, case)| test.text("t", *case)).collect();
        let text = tree.text(&tests);
        let holds = |spelled: &Spelled| {
            let truths = many.iter().map(|(test, case)| test.holds(*case, Some(spelled)));
            tree.holds(&truths.collect::<Vec<_>>())
        };
        let answers: BTreeSet<bool> = TEXTS.iter().step_by(7).map(holds).collect();
        let expression = parse(&text).unwrap();
        match decide(&expression, &Request::default()) {
            Answer::Always => assert_eq!(answers, BTreeSet::from([true]), "{text}"),
            Answer::Never => assert_eq!(answers, BTreeSet::from([false]), "{text}"),
            Answer::Sometimes { holds, fails } => {
                let truth = |guard: &Guard| expression.evaluate(&concrete(guard));
                assert_eq!(truth(&holds), Truth::True, "{text}\non {holds}");
                assert_eq!(truth(&fails), Truth::False, "{text}\non {fails}");
            }
            Answer::Unknown(bound) => panic!("{text}\n{bound}"),
        }
    }

    #[test]
    fn of_fields_of_four_kinds(
        tree in tree(),
        texts in prop::collection::vec(of_text(), 1..=5),
        integers in prop::collection::vec(of_integer(), 1..=5),
        addresses in prop::collection::vec(of_address(), 1..=5),
        open in any::<bool>(),
    ) {
        let mut tests: Vec<_> = texts.iter().map(|(test, case)| test.text("u", *case)).collect();
        tests.extend(integers.iter().map(|(text, ..)| text.clone()));
        tests.extend(addresses.iter().map(|(text, _)| text.clone()));
        tests.push("b".to_owned());
        let of_integers = |n: i64| {
            let holds = integers.iter();
            holds.map(|(_, first, last, form)| INTEGER_FORMS[*form].1(n, *first, *last)).collect()
        };
        let elsewhere: Vec<bool> = addresses.iter().map(|(text, _)| text.contains(" ne ")).collect();
        let of_addresses = (0..32).map(|number| {
            addresses.iter().map(|(_, truths)| truths[number]).collect::<Vec<_>>()
        });
        let tables = [
            rows_of_texts(&texts, false),
            rows((-10..10).map(of_integers)),
            rows(of_addresses.chain([elsewhere])),
            if open { rows([vec![true], vec![false]].into_iter()) } else { vec![vec![true]] },
        ];
        let answers = product(&tables).iter().map(|truths| tree.holds(truths)).collect();
        // A boolean field is a test like any other; here it may also be settled beforehand.
        let known = Request::default();
        let known = if open { known } else { known.with("b", true) };
        check(&tree.text(&tests), &known, &answers);
    }
}
