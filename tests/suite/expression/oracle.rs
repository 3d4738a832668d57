//! The engine that Cloudflare publishes, as the judge of what both it and this crate know.
//!
//! Its release 0.6 knows fields without picks, the comparisons and the connectives; not functions,
//! lists, wildcards, raw strings or comments. Left out of what is generated, although the release
//! knows it or refuses it:
//! - strings written as bytes (`61:62`), and `bitwise_and` with its symbol `&`: no longer documented;
//! - words glued to what follows (`noteq`, `eq1`, `in{1}`): refused here on purpose where they read
//!   as another word;
//! - tabs, comments, and blanks inside `a . b`: read here, refused there;
//! - operators in upper case: refused by both, here with a hint;
//! - integers beyond 32 bits: read here, refused there;
//! - addresses cut short (`ip.src in {10}`): read there as 10.0.0.0, undocumented and refused here;
//! - `{}` after a boolean, and other conditions on fields of another type: the release knows the
//!   types of fields, this crate's grammar does not, so the test knows them itself.

use std::net::IpAddr;

use mtlsctl::expression::Comparison;
use mtlsctl::expression::Condition;
use mtlsctl::expression::Expression;
use mtlsctl::expression::Literal;
use mtlsctl::expression::Member;
use mtlsctl::expression::Operand;
use mtlsctl::expression::Request;
use mtlsctl::expression::Source;
use mtlsctl::expression::Truth;
use mtlsctl::expression::parse;
use proptest::prelude::ProptestConfig;
use proptest::prelude::any;
use proptest::prelude::prop;
use proptest::prelude::prop_oneof;
use proptest::prelude::proptest;
use proptest::strategy::BoxedStrategy;
use proptest::strategy::Just;
use proptest::strategy::Strategy;

use crate::expression::seeded;
use wirefilter::ExecutionContext;
use wirefilter::LhsValue;
use wirefilter::Scheme;
use wirefilter::Type;

/// How many expressions each of the two tests compares, and the first one on how many requests: in
/// all 20,000 times whether the text is accepted, and 30,000 answers.
const CASES: u32 = 10_000;
const REQUESTS: usize = 2;

const FIELDS: [(&str, Type); 8] = [
    ("ssl", Type::Bool),
    ("cf.client.bot", Type::Bool),
    ("http.host", Type::Bytes),
    ("http.request.uri.path", Type::Bytes),
    ("cf.threat_score", Type::Int),
    ("tcp.port", Type::Int),
    ("ip.src", Type::Ip),
    ("ip.dst", Type::Ip),
];

fn scheme() -> Scheme {
    let fields = FIELDS.map(|(name, kind)| (name.to_owned(), kind));
    Scheme::try_from_iter(fields).expect("each field once")
}

/// A request, as both understand it.
#[derive(Clone, Debug)]
struct Values {
    booleans: [bool; 2],
    texts: [String; 2],
    integers: [i32; 2],
    addresses: [IpAddr; 2],
}

impl Values {
    fn ours(&self) -> Request {
        let [ssl, bot] = self.booleans;
        let [score, port] = self.integers.map(i64::from);
        let [src, dst] = self.addresses;
        Request::default()
            .with("ssl", ssl)
            .with("cf.client.bot", bot)
            .with("http.host", self.texts[0].as_str())
            .with("http.request.uri.path", self.texts[1].as_str())
            .with("cf.threat_score", score)
            .with("tcp.port", port)
            .with("ip.src", src)
            .with("ip.dst", dst)
    }

    fn theirs<'v>(&'v self, scheme: &'v Scheme) -> ExecutionContext<'v> {
        let mut context = ExecutionContext::new(scheme);
        for (name, kind) in FIELDS {
            let second = usize::from(matches!(
                name,
                "cf.client.bot" | "http.request.uri.path" | "tcp.port" | "ip.dst"
            ));
            let value = match kind {
                Type::Bool => LhsValue::Bool(self.booleans[second]),
                Type::Bytes => LhsValue::from(self.texts[second].as_str()),
                Type::Int => LhsValue::Int(self.integers[second]),
                Type::Ip => LhsValue::Ip(self.addresses[second]),
            };
            context.set_field_value(name, value).expect("of its type");
        }
        context
    }
}

/// Texts, integers and addresses that are few, so that requests meet literals.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "[ab/.]{0,4}",
        1 => "[a-cA-C\"\\\\\\[\\]é ]{0,5}",
    ]
}

fn integer() -> impl Strategy<Value = i32> {
    prop_oneof![8 => -20..20, 1 => any::<i32>()]
}

fn address() -> impl Strategy<Value = IpAddr> {
    prop_oneof![
        3 => (0_u32..64).prop_map(|low| IpAddr::V4((0x0a00_0000 | low).into())),
        3 => (0_u128..64).prop_map(|low| IpAddr::V6((0x2001_0db8_u128 << 96 | low).into())),
        1 => any::<IpAddr>(),
    ]
}

fn values() -> impl Strategy<Value = Values> {
    let texts = [text(), text()];
    let integers = [integer(), integer()];
    let addresses = [address(), address()];
    (any::<[bool; 2]>(), texts, integers, addresses).prop_map(
        |(booleans, texts, integers, addresses)| Values {
            booleans,
            texts,
            integers,
            addresses,
        },
    )
}

/// A literal string: as it is, or with bytes as escapes.
fn quoted() -> impl Strategy<Value = String> {
    let escaped = |text: String| {
        let escape = |c: char| match c {
            '"' | '\\' => format!("\\{c}"),
            'b' => "\\x62".to_owned(),
            'B' => "\\102".to_owned(),
            other => other.to_string(),
        };
        format!("\"{}\"", text.chars().map(escape).collect::<String>())
    };
    text().prop_map(escaped)
}

fn pattern() -> impl Strategy<Value = String> {
    let part = prop::sample::select(vec![
        "a", "b", ".", "^", "$", "[ab]", "[^a]", "(a|b)", "a*", "b+?", "\\.", "\\\"", "[\"]",
        "\\w", "\\d", "/", "(?i)A", "x{0,2}", "(", "]", "é", "\\", "[",
    ]);
    prop::collection::vec(part, 0..4).prop_map(|parts| format!("\"{}\"", parts.concat()))
}

fn number() -> impl Strategy<Value = String> {
    (integer(), 0..4).prop_map(|(value, form)| match form {
        1 if value >= 0 => format!("0x{value:x}"),
        2 if value >= 0 => format!("0{value:o}"),
        _ => value.to_string(),
    })
}

fn number_range() -> impl Strategy<Value = String> {
    // In the wrong order now and then: both refuse it.
    (number(), number()).prop_map(|(first, last)| format!("{first}..{last}"))
}

fn address_range() -> impl Strategy<Value = String> {
    let network = (address(), 24_u32..=129).prop_map(|(address, bits)| {
        let width: u32 = if address.is_ipv4() { 32 } else { 128 };
        let host = width.saturating_sub(bits);
        let cleared = match address {
            IpAddr::V4(address) => {
                IpAddr::V4((address.to_bits().checked_shr(host).unwrap_or(0) << host).into())
            }
            IpAddr::V6(address) => {
                IpAddr::V6((address.to_bits().checked_shr(host).unwrap_or(0) << host).into())
            }
        };
        // Sometimes with bits beyond the prefix, or a prefix that is too long.
        let shown = if bits % 7 == 0 { address } else { cleared };
        format!("{shown}/{bits}")
    });
    prop_oneof![
        network,
        (address(), address()).prop_map(|(first, last)| format!("{first}..{last}")),
    ]
}

fn set(member: BoxedStrategy<String>) -> impl Strategy<Value = String> {
    let members = prop::collection::vec(member, 0..4);
    (members, prop::sample::select(vec!["", " ", "\n"]))
        .prop_map(|(members, blank)| format!("{{{blank}{}{blank}}}", members.join(" ")))
}

fn relation() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "eq", "ne", "lt", "le", "gt", "ge", "==", "!=", "<", "<=", ">", ">=",
    ])
}

/// A test of a field, mostly of the right type.
fn test() -> BoxedStrategy<String> {
    let field = |kind: Type| {
        let names: Vec<_> = FIELDS
            .iter()
            .filter(|(_, other)| *other == kind)
            .map(|(name, _)| *name)
            .collect();
        prop::sample::select(names)
    };
    // A number after a string field would be a string written as bytes.
    let mistyped = prop_oneof![
        (field(Type::Bool), relation(), quoted()),
        (field(Type::Bool), relation(), number()),
        (field(Type::Int), relation(), quoted()),
        (field(Type::Ip), relation(), quoted()),
        (field(Type::Int), Just("contains"), quoted()),
        (field(Type::Ip), Just("matches"), pattern()),
        (field(Type::Int), Just("in"), set(quoted().boxed())),
        (field(Type::Bytes), Just("bitwise_or"), number()),
    ];
    let joined =
        |(field, operator, value): (&str, &str, String)| format!("{field} {operator} {value}");
    let matches = prop::sample::select(vec!["matches", "~"]);
    prop_oneof![
        3 => field(Type::Bool).prop_map(str::to_owned),
        3 => (field(Type::Bytes), relation(), quoted()).prop_map(joined),
        2 => (field(Type::Bytes), Just("contains"), quoted()).prop_map(joined),
        3 => (field(Type::Bytes), matches, pattern()).prop_map(joined),
        2 => (field(Type::Bytes), Just("in"), set(quoted().boxed())).prop_map(joined),
        3 => (field(Type::Int), relation(), number()).prop_map(joined),
        2 => (
            field(Type::Int),
            Just("in"),
            set(prop_oneof![number(), number_range()].boxed()),
        ).prop_map(joined),
        2 => (field(Type::Ip), relation(), address().prop_map(|one| one.to_string())).prop_map(joined),
        3 => (
            field(Type::Ip),
            Just("in"),
            set(prop_oneof![address().prop_map(|one| one.to_string()), address_range()].boxed()),
        ).prop_map(joined),
        1 => mistyped.prop_map(joined),
    ]
    .boxed()
}

fn expression() -> BoxedStrategy<String> {
    let connective = prop::sample::select(vec!["and", "or", "xor", "&&", "||", "^^"]);
    let negation = prop::sample::select(vec!["not ", "!", "! ", "not\n"]);
    let blank = || prop::sample::select(vec![" ", "  ", "\n", "\r\n"]);
    test()
        .prop_recursive(4, 16, 3, move |inner| {
            prop_oneof![
                (negation.clone(), inner.clone()).prop_map(|(not, inner)| format!("{not}{inner}")),
                (inner.clone(), blank())
                    .prop_map(|(inner, blank)| format!("({blank}{inner}{blank})")),
                prop::collection::vec((inner, connective.clone(), blank()), 1..4).prop_map(
                    |parts| {
                        let joined = parts.iter().enumerate();
                        let joined =
                            joined.map(|(position, (part, connective, blank))| match position {
                                0 => part.clone(),
                                _ => format!("{blank}{connective}{blank}{part}"),
                            });
                        joined.collect::<String>()
                    }
                ),
            ]
        })
        .boxed()
}

/// Pieces that break an expression when they stand where they should not.
fn debris() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "(", ")", "{", "}", "\"", "\\", " and ", " or", " not ", "eq", " in ", "..", "/33",
        " \"a\" ", ",", "[", "]", "$a", "=", "!",
    ])
}

/// Whether each condition is one that the release has for fields of that type.
fn is_typed(expression: &Expression) -> bool {
    match expression {
        Expression::Constant(_) => false,
        Expression::Boolean(operand) => kind(operand) == Some(Type::Bool),
        Expression::Comparison(Comparison {
            left, condition, ..
        }) => match kind(left) {
            Some(Type::Bytes) => match condition {
                Condition::Relation { value, .. } => matches!(value, Literal::Text(_)),
                Condition::Contains(_) => true,
                Condition::Matches(pattern) => regex_syntax::ParserBuilder::new()
                    .unicode(false)
                    .utf8(false)
                    .build()
                    .parse(pattern)
                    .is_ok(),
                Condition::OneOf(set) => set.iter().all(|one| matches!(one, Member::Text(_))),
                _ => false,
            },
            Some(Type::Int) => match condition {
                Condition::Relation { value, .. } => {
                    matches!(value, Literal::Integer(value) if i32::try_from(*value).is_ok())
                }
                Condition::OneOf(set) => set.iter().all(|one| match one {
                    Member::Integers { first, last } => {
                        i32::try_from(*first).is_ok() && i32::try_from(*last).is_ok()
                    }
                    _ => false,
                }),
                _ => false,
            },
            Some(Type::Ip) => match condition {
                Condition::Relation { value, .. } => matches!(value, Literal::Address(_)),
                Condition::OneOf(set) => set.iter().all(|one| matches!(one, Member::Addresses(_))),
                _ => false,
            },
            _ => false,
        },
        Expression::Not(inner) => is_typed(inner),
        Expression::And(parts) | Expression::Xor(parts) | Expression::Or(parts) => {
            parts.iter().all(is_typed)
        }
    }
}

fn kind(operand: &Operand) -> Option<Type> {
    let Source::Field(name) = &operand.source else {
        return None;
    };
    let plain = operand.indexes.is_empty();
    let known = FIELDS
        .iter()
        .find(|(known, _)| plain && *known == name.as_str());
    known.map(|(_, kind)| *kind)
}

/// Both accept the text, or both refuse it; then both give the same answers.
fn compare(text: &str, requests: &[Values]) {
    let scheme = scheme();
    let ours = parse(text);
    let theirs = scheme.parse(text);
    let accepted = ours.as_ref().is_ok_and(is_typed);
    assert_eq!(
        accepted,
        theirs.is_ok(),
        "{text:?}\nours: {ours:?}\ntheirs: {theirs:?}"
    );
    let (Ok(ours), Ok(theirs)) = (ours, theirs) else {
        return;
    };
    let filter = theirs.compile();
    for values in requests {
        let truth = filter
            .execute(&values.theirs(&scheme))
            .expect("of this scheme");
        assert_eq!(
            ours.evaluate(&values.ours()),
            Truth::from(truth),
            "{text:?}\n{values:?}"
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: CASES, ..seeded() })]

    #[test]
    fn what_is_well_formed_means_the_same(
        text in expression(),
        requests in prop::collection::vec(values(), REQUESTS),
    ) {
        compare(&text, &requests);
    }

    #[test]
    fn what_is_damaged_is_refused_by_both_or_means_the_same(
        text in expression(),
        cut in any::<prop::sample::Index>(),
        debris in debris(),
        request in values(),
    ) {
        let places: Vec<_> = text.char_indices().map(|(place, _)| place).collect();
        let (before, after) = text.split_at(places[cut.index(places.len())]);
        compare(&format!("{before}{debris}{after}"), &[request]);
    }
}
