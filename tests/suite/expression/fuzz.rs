//! Anything that parses can be evaluated and decided, and the answers agree with one another.
//!
//! `PROPTEST_CASES` in the environment makes the run longer.

use std::collections::BTreeMap;
use std::net::IpAddr;

use mtlsctl::expression::Answer;
use mtlsctl::expression::Request;
use mtlsctl::expression::Text;
use mtlsctl::expression::Truth;
use mtlsctl::expression::Value;
use mtlsctl::expression::decide;
use mtlsctl::expression::parse;
use proptest::prelude::any;
use proptest::prelude::prop;
use proptest::prelude::prop_oneof;
use proptest::prelude::proptest;
use proptest::strategy::BoxedStrategy;
use proptest::strategy::Just;
use proptest::strategy::Strategy;

use crate::expression::seeded;

const FIELDS: [&str; 7] = ["t", "u", "n", "a", "b", "l", "m"];

const FUNCTIONS: [&str; 27] = [
    "any",
    "all",
    "cidr",
    "cidr6",
    "concat",
    "decode_base64",
    "encode_base64",
    "ends_with",
    "has_key",
    "has_value",
    "join",
    "len",
    "lookup_json_integer",
    "lookup_json_string",
    "lower",
    "regex_replace",
    "remove_bytes",
    "remove_query_args",
    "sha256",
    "split",
    "starts_with",
    "substring",
    "to_string",
    "upper",
    "url_decode",
    "uuidv4",
    "wildcard_replace",
];

fn short() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "[abA%+./*$]{0,4}",
        1 => "\\{\"a\": ?[0-9]\\}",
        1 => any::<[char; 2]>().prop_map(|chars| chars.iter().collect()),
    ]
}

fn value() -> BoxedStrategy<Value> {
    let text = prop_oneof![
        3 => short().prop_map(Text::from),
        1 => prop::collection::vec(any::<u8>(), 0..5).prop_map(Text::from),
    ];
    let leaf = prop_oneof![
        any::<bool>().prop_map(Value::Boolean),
        (-3_i64..4).prop_map(Value::Integer),
        any::<i64>().prop_map(Value::Integer),
        text.prop_map(Value::Text),
        any::<IpAddr>().prop_map(Value::Address),
    ];
    leaf.prop_recursive(2, 8, 3, |inner| {
        let key = prop::sample::select(vec!["a", "x"]).prop_map(Text::from);
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..3).prop_map(Value::Array),
            prop::collection::btree_map(key, inner, 0..3).prop_map(Value::Map),
        ]
    })
    .boxed()
}

/// A value for each field: mostly of the kind that its name suggests.
fn values() -> impl Strategy<Value = Vec<Value>> {
    let text = || short().prop_map(|text| Value::from(text.as_str()));
    let fit = (
        (text(), text(), -3_i64..4),
        (any::<IpAddr>(), any::<bool>()),
        prop::collection::vec(text(), 0..3),
    )
        .prop_map(|((t, u, n), (a, b), l)| {
            let map = BTreeMap::from([("x".into(), Value::Array(l.clone()))]);
            vec![
                t,
                u,
                n.into(),
                a.into(),
                b.into(),
                Value::Array(l),
                Value::Map(map),
            ]
        });
    prop_oneof![4 => fit, 1 => prop::collection::vec(value(), 7)]
}

fn quoted() -> impl Strategy<Value = String> {
    short().prop_map(|text| Text::from(text).to_string())
}

fn literal() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => quoted(),
        2 => (-3_i64..4).prop_map(|number| number.to_string()),
        1 => Just("10.0.0.1".to_owned()),
        1 => Just("::1".to_owned()),
    ]
}

fn operand(unpacks: bool) -> BoxedStrategy<String> {
    let mut picks = vec!["", "", "", "", "[0]", "[\"x\"]", "[\"x\"][0]"];
    if unpacks {
        picks.extend(["[*]", "[\"x\"][*]", "[*][0]"]);
    }
    let field = (
        prop::sample::select(FIELDS.to_vec()),
        prop::sample::select(picks),
    );
    let field = field.prop_map(|(field, picks)| format!("{field}{picks}"));
    field
        .prop_recursive(3, 8, 3, move |inner| {
            let argument = prop_oneof![inner.clone(), literal()];
            let function = prop::sample::select(FUNCTIONS.to_vec());
            let pick = if unpacks { "[*]" } else { "[0]" };
            (function, inner, prop::collection::vec(argument, 0..3), 0..6).prop_map(
                move |(function, first, later, form)| {
                    // Only a first argument may unpack.
                    let later = later.into_iter().map(|one| one.replace("[*]", "[0]"));
                    let arguments: Vec<_> = [first].into_iter().chain(later).collect();
                    let picks = if form == 0 { pick } else { "" };
                    format!("{function}({}){picks}", arguments.join(", "))
                },
            )
        })
        .boxed()
}

fn condition() -> impl Strategy<Value = String> {
    let relation = prop::sample::select(vec!["eq", "ne", "lt", "le", "gt", "ge"]);
    let regex = prop::sample::select(vec![
        "a", "^a", "a$", "(a|b)+", "[^a]*", "\\\\b", "a{2,3}", "(?i)aA", "(?u)é", "(", "\\\\x61",
        "",
    ]);
    let number = -3_i64..4;
    prop_oneof![
        4 => (relation, literal()).prop_map(|(relation, literal)| format!("{relation} {literal}")),
        2 => quoted().prop_map(|text| format!("contains {text}")),
        2 => regex.prop_map(|regex| format!("matches \"{regex}\"")),
        2 => "[ab/]{0,2}\\*?[ab]?".prop_map(|text| format!("wildcard \"{text}\"")),
        1 => "[ab/]{0,2}\\*?[ab]?".prop_map(|text| format!("strict wildcard \"{text}\"")),
        2 => prop::collection::vec(quoted(), 0..3).prop_map(|texts| format!("in {{{}}}", texts.join(" "))),
        1 => (number, 0_i64..3).prop_map(|(first, more)| format!("in {{{first}..{}}}", first + more)),
        1 => Just("in {10.0.0.0/8 ::/1}".to_owned()),
        1 => Just("in $list".to_owned()),
    ]
}

fn expression() -> BoxedStrategy<String> {
    let joined = |inner: BoxedStrategy<String>| {
        inner
            .prop_recursive(3, 10, 3, |inner| {
                let word = prop::sample::select(vec![" and ", " or ", " xor "]);
                prop_oneof![
                    inner.clone().prop_map(|inner| format!("not ({inner})")),
                    (prop::collection::vec(inner, 1..4), word)
                        .prop_map(|(parts, word)| format!("({})", parts.join(word))),
                ]
            })
            .boxed()
    };
    let comparison = |unpacks| {
        (operand(unpacks), condition()).prop_map(|(left, condition)| format!("{left} {condition}"))
    };
    let gathered = (
        prop::sample::select(vec!["any", "all"]),
        joined(comparison(true).boxed()),
    )
        .prop_map(|(function, inside)| format!("{function}({inside})"));
    joined(prop_oneof![4 => comparison(false), 1 => operand(false), 2 => gathered].boxed())
}

/// A request with the fields whose bits are set.
fn request(values: &[Value], known: usize) -> Request {
    let fields = FIELDS.iter().zip(values).enumerate();
    let fields = fields.filter(|(bit, _)| known >> bit & 1 == 1);
    fields.fold(Request::default(), |request, (_, (field, value))| {
        request.with(*field, value.clone())
    })
}

proptest! {
    #![proptest_config(seeded())]

    /// What is true or false for little knowledge stays so for more, and `decide` never says
    /// otherwise than a request does.
    #[test]
    fn answers_agree(text in expression(), values in values(), known in 0_usize..128) {
        let Ok(expression) = parse(&text) else {
            return Ok(());
        };
        let little = expression.evaluate(&request(&values, known));
        let all = expression.evaluate(&request(&values, 127));
        assert!(little == Truth::Unknown || little == all, "{text}\n{little:?}, then {all:?}");
        for known in [known, 0] {
            let decided = decide(&expression, &request(&values, known));
            let wrong = match &decided {
                Answer::Always => all == Truth::False,
                Answer::Never => all == Truth::True,
                Answer::Sometimes { .. } | Answer::Unknown(_) => false,
            };
            assert!(!wrong, "{text}\n{decided:?}, but {all:?} for {values:?}");
        }
    }

    #[test]
    fn nothing_that_parses_panics(bytes in prop::collection::vec(any::<u8>(), 0..60), text in expression(), cut in any::<prop::sample::Index>()) {
        let bytes = String::from_utf8_lossy(&bytes);
        let places: Vec<_> = text.char_indices().map(|(place, _)| place).collect();
        let (before, after) = text.split_at(places[cut.index(places.len())]);
        for text in [bytes.as_ref(), &format!("{before}{bytes}{after}"), before, after] {
            if let Ok(expression) = parse(text) {
                let _ = expression.evaluate(&Request::default());
                let _ = decide(&expression, &Request::default());
            }
        }
    }
}
