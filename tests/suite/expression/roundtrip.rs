//! Generated trees survive printing and parsing, in the canonical layout and in any other.

use std::net::IpAddr;

use mtlsctl::expression::Argument;
use mtlsctl::expression::Comparison;
use mtlsctl::expression::Condition;
use mtlsctl::expression::Expression;
use mtlsctl::expression::Index;
use mtlsctl::expression::Literal;
use mtlsctl::expression::Member;
use mtlsctl::expression::Operand;
use mtlsctl::expression::Relation;
use mtlsctl::expression::Span;
use mtlsctl::expression::Text;
use mtlsctl::expression::normalised_length;
use mtlsctl::expression::parse;
use proptest::prelude::Just;
use proptest::prelude::any;
use proptest::prelude::prop;
use proptest::prelude::prop_oneof;
use proptest::prelude::proptest;
use proptest::strategy::BoxedStrategy;
use proptest::strategy::Strategy;

use crate::expression::seeded;

fn text() -> BoxedStrategy<Text> {
    prop_oneof![
        "[a-z. \"\\\\#]{0,8}".prop_map(Text::from),
        any::<String>().prop_map(Text::from),
        prop::collection::vec(any::<u8>(), 0..8).prop_map(Text::from),
    ]
    .boxed()
}

fn literal() -> BoxedStrategy<Literal> {
    prop_oneof![
        text().prop_map(Literal::Text),
        any::<i64>().prop_map(Literal::Integer),
        any::<IpAddr>().prop_map(Literal::Address),
    ]
    .boxed()
}

fn relation() -> impl Strategy<Value = Relation> {
    prop::sample::select(vec![
        Relation::Equal,
        Relation::NotEqual,
        Relation::Less,
        Relation::LessOrEqual,
        Relation::Greater,
        Relation::GreaterOrEqual,
    ])
}

fn wildcard_pattern() -> impl Strategy<Value = Text> {
    let between = prop::sample::select(vec!["a", ".", "\\*", "\\\\", "é", " ", "\""]);
    prop::collection::vec(between, 0..5).prop_map(|parts| Text::from(parts.join("*")))
}

fn members() -> BoxedStrategy<Vec<Member>> {
    let integers = (any::<i64>(), any::<i64>()).prop_map(|(a, b)| Member::Integers {
        first: a.min(b),
        last: a.max(b),
    });
    prop_oneof![
        prop::collection::vec(text().prop_map(Member::Text), 0..4),
        prop::collection::vec(integers, 0..4),
        prop::collection::vec(addresses(), 0..4),
    ]
    .boxed()
}

/// Addresses can be had only by reading them.
fn addresses() -> impl Strategy<Value = Member> {
    let network = (any::<IpAddr>(), 0_u32..=128).prop_map(|(address, prefix)| match address {
        IpAddr::V4(address) => {
            let prefix = prefix % 33;
            let mask = u32::MAX.checked_shl(32 - prefix).unwrap_or(0);
            format!("{}/{prefix}", IpAddr::V4((address.to_bits() & mask).into()))
        }
        IpAddr::V6(address) => {
            let mask = u128::MAX.checked_shl(128 - prefix).unwrap_or(0);
            format!("{}/{prefix}", IpAddr::V6((address.to_bits() & mask).into()))
        }
    });
    let range = (any::<u32>(), any::<u32>())
        .prop_map(|(a, b)| (IpAddr::V4(a.min(b).into()), IpAddr::V4(a.max(b).into())))
        .prop_map(|(first, last)| format!("{first}..{last}"));
    prop_oneof![network, range].prop_map(|written| {
        let read = parse(&format!("x in {{{written}}}")).expect("a set of addresses");
        match read {
            Expression::Comparison(Comparison {
                condition: Condition::OneOf(members),
                ..
            }) => members.into_iter().next().expect("one member"),
            other => panic!("{written} was read as {other}"),
        }
    })
}

fn condition() -> BoxedStrategy<Condition> {
    prop_oneof![
        (relation(), literal())
            .prop_map(|(relation, value)| Condition::Relation { relation, value }),
        text().prop_map(Condition::Contains),
        any::<String>().prop_map(Condition::Matches),
        "[a-z\"#\\[\\]\\\\]{0,8}".prop_map(Condition::Matches),
        (wildcard_pattern(), any::<bool>())
            .prop_map(|(pattern, strict)| Condition::Wildcard { pattern, strict }),
        members().prop_map(Condition::OneOf),
    ]
    .boxed()
}

fn field() -> impl Strategy<Value = Operand> {
    prop::sample::select(vec![
        "http.host",
        "ip.src",
        "ssl",
        "cf.bot_management.score",
        "r",
        "inner",
        "_x.0",
    ])
    .prop_map(Operand::field)
}

fn picks() -> impl Strategy<Value = Vec<Index>> {
    let pick = prop_oneof![
        any::<u32>().prop_map(Index::Position),
        text().prop_map(Index::Key)
    ];
    prop::collection::vec(pick, 0..3)
}

/// An operand; inside a first argument it may also unpack an array.
fn operand(unpacks: bool) -> BoxedStrategy<Operand> {
    let indexes = (picks(), any::<bool>()).prop_map(move |(mut indexes, every)| {
        indexes.extend((unpacks && every).then_some(Index::Every));
        indexes
    });
    let source = field().prop_recursive(3, 8, 2, |inner| {
        let first = prop_oneof![
            inner.clone().prop_map(Argument::from),
            literal().prop_map(Argument::Literal)
        ];
        let later = first.clone();
        let function = prop::sample::select(vec!["lower", "concat", "substring", "f_1"]);
        (function, prop::option::of((first, prop::option::of(later)))).prop_map(
            |(function, arguments)| {
                let arguments = arguments
                    .into_iter()
                    .flat_map(|(first, later)| [Some(first), later]);
                Operand::call(function, arguments.flatten())
            },
        )
    });
    (source, indexes)
        .prop_map(|(source, indexes)| Operand { indexes, ..source })
        .boxed()
}

fn comparison(unpacks: bool) -> impl Strategy<Value = Expression> {
    (operand(unpacks), condition()).prop_map(|(left, condition)| {
        Expression::Comparison(Comparison {
            left,
            condition,
            span: Span::default(),
        })
    })
}

fn combined(leaf: BoxedStrategy<Expression>) -> BoxedStrategy<Expression> {
    leaf.prop_recursive(4, 24, 3, |inner| {
        let parts = || prop::collection::vec(inner.clone(), 0..4);
        prop_oneof![
            parts().prop_map(Expression::and),
            parts().prop_map(Expression::xor),
            parts().prop_map(Expression::or),
            inner.clone().prop_map(Expression::not),
        ]
    })
    .boxed()
}

fn tree() -> impl Strategy<Value = Expression> {
    let inside = combined(comparison(true).boxed());
    let gathered = (prop::sample::select(vec!["any", "all"]), inside)
        .prop_map(|(function, inside)| Operand::call(function, [inside.into()]).into());
    combined(
        prop_oneof![
            any::<bool>().prop_map(Expression::Constant),
            operand(false).prop_map(Expression::from),
            comparison(false),
            gathered,
        ]
        .boxed(),
    )
}

/// Terms with a single space wherever blanks may stand.
const TERMS: [&str; 6] = ["a", "not b", "(c)", "d eq 1", "e in { 1 2 }", "f( g , h )"];

const CONNECTIVES: [(&str, &str); 3] = [("and", "&&"), ("or", "||"), ("xor", "^^")];

/// A layout that means nothing.
fn blank() -> impl Strategy<Value = &'static str> {
    prop_oneof![4 => Just(" "), 1 => Just("\n"), 1 => Just("\r\n\t"), 1 => Just(" # why \"\n")]
}

proptest! {
    #![proptest_config(seeded())]

    #[test]
    fn a_printed_tree_is_read_as_the_same_tree(tree in tree()) {
        let printed = tree.to_string();
        let read = parse(&printed).unwrap_or_else(|error| panic!("{printed}\n{error}"));
        assert_eq!(read, tree, "{printed}");
        assert_eq!(read.to_string(), printed);
    }

    #[test]
    fn printed_text_is_measured_as_it_is(tree in tree()) {
        let printed = tree.to_string();
        // White space beyond the ASCII kind, or a run of it, can stand in a raw regular expression.
        assert_eq!(normalised_length(&printed), printed.chars().count(), "{printed}");
        assert_eq!(normalised_length(&format!(" \n{printed}\t ")), printed.chars().count());
    }

    #[test]
    fn layout_never_changes_the_tree(
        names in prop::collection::vec(prop::sample::select(TERMS.to_vec()), 1..8),
        blanks in prop::collection::vec(blank(), 20),
        words in prop::collection::vec(prop::sample::select(CONNECTIVES.to_vec()), 8),
    ) {
        let (mut plain, mut laid_out) = (Vec::new(), Vec::new());
        for (at, name) in names.iter().enumerate() {
            if at > 0 {
                let (word, symbol) = words[at - 1];
                plain.push(format!(" {word} "));
                laid_out.push(format!("{}{symbol}{}", blanks[at], blanks[at + 8]));
            }
            plain.push((*name).to_owned());
            laid_out.push(name.replace(' ', blanks[at + 1]));
        }
        let (plain, laid_out) = (plain.concat(), laid_out.concat());
        assert_eq!(parse(&plain), parse(&laid_out), "{plain}\n{laid_out}");
        assert!(parse(&plain).is_ok(), "{plain}");
    }
}
