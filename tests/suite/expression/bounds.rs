//! Nothing that anybody could type takes the parser down: not its size, not its depth, not its
//! bytes.

use std::thread;
use std::time::Duration;
use std::time::Instant;

use mtlsctl::expression::Answer;
use mtlsctl::expression::Fault;
use mtlsctl::expression::MAX_BYTES;
use mtlsctl::expression::MAX_NESTING;
use mtlsctl::expression::Request;
use mtlsctl::expression::Truth;
use mtlsctl::expression::decide;
use mtlsctl::expression::normalised_length;
use mtlsctl::expression::parse;
use proptest::prelude::any;
use proptest::prelude::prop;
use proptest::prelude::proptest;
use proptest::strategy::Strategy;

use crate::expression::seeded;

/// What is opened, and what closes it.
const NESTS: [(&str, &str); 6] = [
    ("(", ")"),
    ("not ", ""),
    ("!", ""),
    ("lower(", ")"),
    ("any(not (", "))"),
    ("a and b or (", ")"),
];

#[test]
fn deep_nesting_is_refused_and_never_harms() {
    for (open, close) in NESTS {
        for characters in [4_096, 100_000] {
            let depth = characters / open.len();
            let opened = open.repeat(depth);
            let closed = format!("{opened}ssl{}", close.repeat(depth));
            assert!(parse(&opened).is_err(), "{depth} times {open}");
            assert!(parse(&closed).is_err(), "{depth} times {open} and {close}");
        }
    }
}

#[test]
fn the_deepest_tree_can_be_printed_compared_copied_and_dropped_on_an_ordinary_stack() {
    // A quarter less than the 2 MiB that a thread gets, and the frames of a debug build are the
    // largest.
    let ordinary = thread::Builder::new().stack_size(1536 * 1024);
    let work = || {
        for (open, close) in [
            ("(", ")"),
            ("not ", ""),
            ("lower(", ")"),
            ("(ssl or ssl and ", ")"),
        ] {
            let nest = |depth: usize| format!("{}ssl{}", open.repeat(depth), close.repeat(depth));
            let deepest = (1..=MAX_NESTING)
                .rev()
                .find_map(|depth| parse(&nest(depth)).ok());
            let tree = deepest.expect("one level is never too deep");
            assert_eq!(tree.clone(), tree);
            assert_eq!(parse(&tree.to_string()).as_ref(), Ok(&tree));
            let unknown = tree.evaluate(&Request::default());
            assert_ne!(
                unknown,
                Truth::from(matches!(decide(&tree, &Request::default()), Answer::Never))
            );
        }
    };
    ordinary
        .spawn(work)
        .expect("a thread")
        .join()
        .expect("no overflow");
}

#[test]
fn calls_that_would_grow_without_end_are_unknown() {
    let nested = |open: &str, inner: &str, close: &str| {
        format!("{}{inner}{} eq \"x\"", open.repeat(60), close.repeat(60))
    };
    let texts = [
        nested("encode_base64(", "\"x\"", ")"),
        nested("regex_replace(", "\"x\"", ", \"(.*)\", \"${1}${1}${1}\")"),
        nested("wildcard_replace(", "\"x\"", ", \"*\", \"${1}-${1}\")"),
        nested("concat(", "\"x\"", ", upper(t))"),
        nested("join(split(", "t", ", \"a\", 99), t)"),
        format!("url_decode(\"%{}\", \"r\") eq \"x\"", "25".repeat(50_000)),
    ];
    let request = Request::default().with("t", "a".repeat(100_000).as_str());
    for text in texts {
        let start = Instant::now();
        let expression = parse(&text).unwrap_or_else(|error| panic!("{text}\n{error}"));
        assert_eq!(expression.evaluate(&request), Truth::Unknown);
        let taken = start.elapsed();
        assert!(
            taken < Duration::from_secs(20),
            "{taken:?} for {}…",
            &text[..40]
        );
    }
}

#[test]
fn the_limit_is_exact_and_has_its_own_error() {
    let nest = |depth: usize| format!("{}ssl{}", "(".repeat(depth), ")".repeat(depth));
    assert!(parse(&nest(MAX_NESTING)).is_ok());
    let error = parse(&nest(MAX_NESTING + 1)).expect_err("one too many");
    assert_eq!(error.fault, Fault::TooDeep { limit: MAX_NESTING });
    assert_eq!(error.at, MAX_NESTING..MAX_NESTING + 1);
}

#[test]
fn brackets_that_printing_adds_count_too() {
    // `a and (b or a and (…))` is printed as `a and (b or (a and (…)))`.
    let nest = |depth: usize| format!("{}a{}", "a and (b or ".repeat(depth), ")".repeat(depth));
    let tree = parse(&nest(MAX_NESTING / 2)).expect("not too deep when printed");
    assert_eq!(parse(&tree.to_string()), Ok(tree));
    let error = parse(&nest(MAX_NESTING / 2 + 1)).expect_err("too deep when printed");
    assert_eq!(error.fault, Fault::TooDeep { limit: MAX_NESTING });
}

#[test]
fn a_text_beyond_the_limit_is_not_read() {
    let text = "a".repeat(MAX_BYTES);
    assert!(parse(&text).is_ok());
    let error = parse(&(text + "a")).expect_err("one too many");
    assert_eq!(
        error.fault,
        Fault::TooLong {
            bytes: MAX_BYTES + 1,
            limit: MAX_BYTES
        }
    );
}

#[test]
fn long_texts_are_quick() {
    let repeated = |part: &str| part.repeat(100_000 / part.len());
    let texts = [
        repeated("ssl and ") + "ssl",
        repeated("ssl and ssl or ") + "ssl",
        repeated("not (ssl) xor ") + "ssl",
        format!("x in {{{}}}", repeated("\"a\" ")),
        format!("x in {{{}}}", repeated("192.0.2.0/24 ")),
        format!("x eq \"{}\"", repeated("\\x41")),
        format!("x matches r\"{}\"", repeated("(a|b)")),
        format!("f({}1)", repeated("1, ")),
        format!("f({}a)", repeated("abc, ")),
        format!("x{}", repeated("[\"a\"]")),
        format!("{}ssl", repeated("# comment\n")),
        format!(
            "{}ssl{}",
            "(".repeat(100),
            repeated(" \n") + &")".repeat(100)
        ),
        repeated("r#\""),
        repeated("r#"),
        repeated("\""),
        repeated("a.b."),
        repeated("x eq \""),
        repeated("9"),
        repeated(":"),
        repeated("\\"),
    ];
    for text in texts {
        let start = Instant::now();
        let _ = parse(&text).map(|tree| tree.to_string());
        let _ = normalised_length(&text);
        let taken = start.elapsed();
        assert!(
            taken < Duration::from_secs(5),
            "{taken:?} for {}…",
            &text[..20]
        );
    }
}

/// Pieces that texts in this language are made of, so that random texts get past the first
/// character.
fn fragment() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec![
        "and",
        "or",
        "xor",
        "not",
        "!",
        "&&",
        "||",
        "^^",
        "eq",
        "==",
        "in",
        "matches",
        "~",
        "contains",
        "wildcard",
        "strict",
        "(",
        ")",
        "{",
        "}",
        "[",
        "]",
        "*",
        ",",
        "$",
        "$a",
        "#",
        "\n",
        "\"",
        "r\"",
        "r#\"",
        "\"#",
        "\\",
        "\\x",
        "a",
        "http.host",
        "lower(",
        "any(",
        "1",
        "-",
        "..",
        "1..5",
        "10.0.0.0/8",
        "::1",
        ":",
        "/",
        "☃",
        "é",
        "\0",
        "true",
        ".",
        "0x",
        "089",
        "99999999999999999999",
        " ",
    ])
}

proptest! {
    #![proptest_config(seeded())]

    #[test]
    fn no_text_panics(text in any::<String>()) {
        check(&text);
    }

    #[test]
    fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        check(&String::from_utf8_lossy(&bytes));
    }

    #[test]
    fn no_mixture_of_tokens_panics(parts in prop::collection::vec((fragment(), any::<bool>()), 0..40)) {
        let spaced = |(part, space): &(&'static str, bool)| [*part, if *space { " " } else { "" }];
        let text: String = parts.iter().flat_map(spaced).collect();
        check(&text);
    }

    #[test]
    fn no_damaged_expression_panics(cut in 0_usize..200, with in fragment()) {
        let whole = r##"not (lower(http.host) in {"a" "b\x41"} and any(x["k"][*] matches r#"^a"$"#)) or ip.src in {10.0.0.0/8 ::1..::2} xor y[0] eq -5"##;
        if let (Some(before), Some(after)) = (whole.get(..cut), whole.get(cut..)) {
            check(&format!("{before}{with}{after}"));
            check(before);
            check(after);
        }
    }
}

/// Whatever the text is, an answer comes: a tree that survives printing, or a place inside the
/// text.
fn check(text: &str) {
    let _ = normalised_length(text);
    match parse(text) {
        Ok(tree) => assert_eq!(parse(&tree.to_string()), Ok(tree), "{text}"),
        Err(error) => assert!(
            text.get(error.at.clone()).is_some(),
            "{error:?} in {text:?}"
        ),
    }
}
