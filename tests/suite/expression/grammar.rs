//! Operators, literals, precedence, layout and spans, each as a table.

use mtlsctl::expression::Argument;
use mtlsctl::expression::Condition;
use mtlsctl::expression::Expression;
use mtlsctl::expression::Operand;
use mtlsctl::expression::Source;
use mtlsctl::expression::normalised_length;
use mtlsctl::expression::parse;

fn read(text: &str) -> Expression {
    parse(text).unwrap_or_else(|error| panic!("{text}\n{error} at {:?}", error.at))
}

/// Each row: what is written, and its canonical form.
fn assert_canonical(rows: &[(&str, &str)]) {
    for (written, canonical) in rows {
        assert_eq!(read(written).to_string(), *canonical, "from {written}");
        assert_eq!(read(canonical), read(written), "from {written}");
    }
}

#[test]
fn not_binds_before_and_before_xor_before_or() {
    assert_canonical(&[
        ("a or b and c", "a or (b and c)"),
        ("a and b or c", "(a and b) or c"),
        ("a xor b and c", "a xor (b and c)"),
        ("a and b xor c", "(a and b) xor c"),
        ("a or b xor c", "a or (b xor c)"),
        ("a xor b or c", "(a xor b) or c"),
        ("a or b xor c and d", "a or (b xor (c and d))"),
        ("a and b xor c or d", "((a and b) xor c) or d"),
        ("not a and b", "not a and b"),
        ("not (a and b)", "not (a and b)"),
        ("not a or b", "not a or b"),
        ("not a xor not b", "not a xor not b"),
        ("not x eq 1 and y", "not (x eq 1) and y"),
        ("not not a", "not not a"),
        ("(a or b) and c", "(a or b) and c"),
        ("a and (b xor c)", "a and (b xor c)"),
        ("a and b and c", "a and b and c"),
    ]);
}

#[test]
fn brackets_that_change_nothing_leave_no_trace() {
    assert_eq!(read("(a and b) and c"), read("a and (b and c)"));
    assert_eq!(read("(a xor b) xor c"), read("a xor (b xor c)"));
    assert_eq!(read("((a)) or ((b or (c)))"), read("a or b or c"));
    assert_eq!(read("not ((a))"), read("not a"));
    assert_ne!(read("not (a or b)"), read("not a or b"));
    assert_ne!(read("a and b"), read("b and a"));
}

#[test]
fn every_operator_has_a_word_and_most_have_a_symbol() {
    assert_canonical(&[
        ("x == 1", "x eq 1"),
        ("x != 1", "x ne 1"),
        ("x < 1", "x lt 1"),
        ("x <= 1", "x le 1"),
        ("x > 1", "x gt 1"),
        ("x >= 1", "x ge 1"),
        ("x~\"a\"", "x matches r\"a\""),
        ("a && b", "a and b"),
        ("a || b", "a or b"),
        ("a ^^ b", "a xor b"),
        ("!a", "not a"),
        ("! (a&&b)", "not (a and b)"),
        ("x==\"a\"&&!y", "x eq \"a\" and not y"),
        ("x contains \"a\"", "x contains \"a\""),
        ("x wildcard \"*.a\"", "x wildcard \"*.a\""),
        ("x strict   wildcard \"*.a\"", "x strict wildcard \"*.a\""),
        ("x in{1}", "x in {1}"),
        ("x in$l", "x in $l"),
        ("x in $cf.open_proxies", "x in $cf.open_proxies"),
    ]);
}

#[test]
fn strings_have_one_spelling_each() {
    assert_canonical(&[
        (r#"x eq "a\"b\\c""#, r#"x eq "a\"b\\c""#),
        (r#"x eq "\x41\102""#, r#"x eq "AB""#),
        (r#"x eq "\xe2\x98\x83""#, r#"x eq "☃""#),
        (r#"x eq "\xFF\000""#, r#"x eq "\xff\x00""#),
        ("x eq \"a\nb\tc\"", r#"x eq "a\x0ab\x09c""#),
        (r#"x eq r"a\b""#, r#"x eq "a\\b""#),
        (r##"x eq r#"a"b"#"##, r#"x eq "a\"b""#),
        (r###"x eq r##"a"#b"##"###, r##"x eq "a\"#b""##),
        (r#"x["a b"][0] eq """#, r#"x["a b"][0] eq """#),
        (r#"x[r"a"] eq "b""#, r#"x["a"] eq "b""#),
        (r#"x wildcard r"a\*\\*""#, r#"x wildcard "a\\*\\\\*""#),
    ]);
}

#[test]
fn regular_expressions_keep_their_backslashes() {
    assert_canonical(&[
        (r#"x matches "^/a\.b$""#, r#"x matches r"^/a\.b$""#),
        (r#"x matches "a\"b""#, r##"x matches r#"a"b"#"##),
        (r#"x matches "[^"]+""#, r##"x matches r#"[^"]+"#"##),
        (r#"x matches "[\]"]\\""#, r##"x matches r#"[\]"]\\"#"##),
        (
            r###"x matches r##"a"#b"##"###,
            r###"x matches r##"a"#b"##"###,
        ),
        (r#"x matches r"\d{1,3}""#, r#"x matches r"\d{1,3}""#),
    ]);
}

#[test]
fn numbers_and_addresses_have_one_spelling_each() {
    assert_canonical(&[
        ("x eq 0x1F", "x eq 31"),
        ("x eq 017", "x eq 15"),
        ("x eq -5", "x eq -5"),
        ("x eq 9223372036854775807", "x eq 9223372036854775807"),
        ("x in {1..5 7..7 9}", "x in {1..5 7 9}"),
        ("x in {-20..-10}", "x in {-20..-10}"),
        ("x eq 192.0.2.1", "x eq 192.0.2.1"),
        ("x eq 2001:0DB8:0::0001", "x eq 2001:db8::1"),
        ("x eq fe80::1", "x eq fe80::1"),
        ("x in {::1 10.0.0.0/8}", "x in {::1 10.0.0.0/8}"),
        ("x in {192.0.2.1/32}", "x in {192.0.2.1}"),
        ("x in {192.0.2.0..192.0.2.255}", "x in {192.0.2.0/24}"),
        ("x in {192.0.2.3..192.0.2.7}", "x in {192.0.2.3..192.0.2.7}"),
        ("x in {::/0 0.0.0.0/0}", "x in {::/0 0.0.0.0/0}"),
        (
            "x in {2001:db8::1..2001:db8::2}",
            "x in {2001:db8::1..2001:db8::2}",
        ),
        ("x in {2001:db8::/32}", "x in {2001:db8::/32}"),
        ("x in {}", "x in {}"),
        ("x in {\"a\"\"b\" \"a\"}", "x in {\"a\" \"b\" \"a\"}"),
    ]);
}

#[test]
fn calls_take_operands_literals_and_conditions() {
    assert_canonical(&[
        ("f()", "f()"),
        ("f (a,b)", "f(a, b)"),
        (
            "f(\"a\", r\"b\", -2, 192.0.2.1, ::1)",
            "f(\"a\", \"b\", -2, 192.0.2.1, ::1)",
        ),
        ("f(g(h(x)))[0] eq \"a\"", "f(g(h(x)))[0] eq \"a\""),
        ("any(x[*] == \"a\")", "any(x[*] eq \"a\")"),
        (
            "any(lower(x[*])[*] in {\"a\"})",
            "any(lower(x[*])[*] in {\"a\"})",
        ),
        (
            "all(not x[*] contains \"a\")",
            "all(not (x[*] contains \"a\"))",
        ),
        (
            "any(x[*] eq 1 or x[*] eq 2)",
            "any((x[*] eq 1 or x[*] eq 2))",
        ),
        ("f((x))", "f(x)"),
        ("f(true)", "f(true)"),
        ("true", "true"),
        ("(false)", "false"),
        ("truely and false.x", "truely and false.x"),
    ]);
}

#[test]
fn layout_and_comments_mean_nothing() {
    let plain = read(r#"any(http.request.headers["x-a"][*] in {"b" "c"}) and not ssl"#);
    let laid_out = "\r\n  # who may pass\n any (\n\thttp.request.headers [ \"x-a\" ] [ * ] # every value\n\
                    in { \"b\"\n\"c\" } )\n&&\n!ssl # done";
    assert_eq!(read(laid_out), plain);
    let in_string = read(r#"x eq "a # b""#);
    assert_eq!(in_string.to_string(), r#"x eq "a # b""#);
}

#[test]
fn comparisons_and_operands_know_where_they_stood() {
    let text = "ssl and  lower( http.host )[0]  in  {\"a\" \"b\"}  ";
    let Expression::And(parts) = read(text) else {
        panic!("an `and`")
    };
    let [Expression::Boolean(ssl), Expression::Comparison(comparison)] = parts.as_slice() else {
        panic!("a boolean and a comparison, not {parts:?}")
    };
    assert_eq!(&text[ssl.span.range()], "ssl");
    assert_eq!(
        &text[comparison.span.range()],
        "lower( http.host )[0]  in  {\"a\" \"b\"}"
    );
    assert_eq!(&text[comparison.left.span.range()], "lower( http.host )[0]");
    let Source::Call(call) = &comparison.left.source else {
        panic!("a call")
    };
    let [Argument::Operand(host)] = call.arguments.as_slice() else {
        panic!("one operand")
    };
    assert_eq!(&text[host.span.range()], "http.host");
}

#[test]
fn spans_follow_a_list_and_a_bracketed_comparison() {
    let text = "(ip.src in $office_1 )";
    let Expression::Comparison(comparison) = read(text) else {
        panic!("a comparison")
    };
    assert_eq!(&text[comparison.span.range()], "ip.src in $office_1");
    assert!(
        matches!(&comparison.condition, Condition::InList(name) if name.as_str() == "office_1")
    );
}

#[test]
fn trees_made_in_code_equal_those_that_were_read() {
    let host = || Operand::call("lower", [Operand::field("http.host").into()]);
    let verified = Expression::from(Operand::field("cf.tls_client_auth.cert_verified"));
    let pinned = Operand::field("cf.tls_client_auth.cert_issuer_ski").in_strings(["AB", "CD"]);
    let made = Expression::or([
        Expression::and([
            host().in_strings(["a.example.com", "b\"c"]),
            Expression::not(Expression::and([verified, pinned])),
        ]),
        host().in_strings(["d.example.com"]),
    ]);
    let text = r#"(lower(http.host) in {"a.example.com" "b\"c"} and not (cf.tls_client_auth.cert_verified and cf.tls_client_auth.cert_issuer_ski in {"AB" "CD"})) or lower(http.host) in {"d.example.com"}"#;
    assert_eq!(made.to_string(), text);
    assert_eq!(made, read(text));
    assert_eq!(Expression::and([]), Expression::Constant(true));
    assert_eq!(Expression::or([]), Expression::Constant(false));
    assert_eq!(Expression::xor([read("a")]), read("a"));
    assert_eq!(
        Expression::and([read("a and b"), read("c and d")]),
        read("a and b and c and d")
    );
}

#[test]
fn length_counts_one_character_per_run_of_blanks_outside_strings() {
    let rows = [
        ("", 0),
        ("  \n ", 0),
        ("ssl", 3),
        ("  ssl \n and\t\t ssl ", 11),
        ("x eq \"a  b\"", 11),
        ("x eq   \"é\"", 8),
        ("x eq r#\"a  \" \"#", 15),
        ("x matches \"[\"]  \"  or  y", 22),
        ("x eq \"[\"  or  y", 13),
        ("x # a  b\n\n and y", 14),
        ("x eq \"a  b", 10),
        ("for\"a  b\"  c", 11),
    ];
    for (text, length) in rows {
        assert_eq!(normalised_length(text), length, "of {text:?}");
    }
}
