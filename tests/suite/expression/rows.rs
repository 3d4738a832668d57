//! Expressions, requests and answers that people have worked out from the documentation, as
//! `rows.txt` shows them.

use std::collections::BTreeMap;
use std::net::IpAddr;

use mtlsctl::expression::Condition;
use mtlsctl::expression::Expression;
use mtlsctl::expression::Member;
use mtlsctl::expression::Request;
use mtlsctl::expression::Text;
use mtlsctl::expression::Truth;
use mtlsctl::expression::Value;
use mtlsctl::expression::parse;

#[test]
fn every_row_has_the_documented_answer() {
    let mut page = "";
    let mut expression = "";
    let mut rows = 0;
    let mut wrong = Vec::new();
    for line in include_str!("rows.txt").lines() {
        if let Some(url) = line.strip_prefix("= ") {
            assert!(url.starts_with("https://"), "{url}");
            page = url;
        } else if let Some(row) = line.strip_prefix("  ") {
            let (answer, known) = row.split_once(' ').unwrap_or((row, ""));
            let expected = match answer {
                "true" => Truth::True,
                "false" => Truth::False,
                "unknown" => Truth::Unknown,
                other => panic!("{other} is no answer: {line}"),
            };
            assert!(!page.is_empty() && !expression.is_empty(), "{line}");
            let read = parse(expression).unwrap_or_else(|error| panic!("{expression}\n{error}"));
            let truth = read.evaluate(&request(known.trim()));
            if truth != expected {
                wrong.push(format!("{expression}\n{row}\nis {truth:?}, see {page}"));
            }
            rows += 1;
        } else if !line.is_empty() && !line.starts_with('#') {
            expression = line;
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
    assert!(rows >= 200, "{rows} rows");
}

/// `field = value; field is missing; $list = members`.
fn request(known: &str) -> Request {
    let mut request = Request::default();
    for fact in known.split("; ").filter(|fact| !fact.is_empty()) {
        if let Some(field) = fact.strip_suffix(" is missing") {
            request = request.without(field);
        } else {
            let (name, what) = fact.split_once(" = ").unwrap_or_else(|| panic!("{fact}"));
            request = match name.strip_prefix('$') {
                Some(list) => request.with_list(list, members(what)),
                None => request.with(name, value(what)),
            };
        }
    }
    request
}

/// An address, or JSON.
fn value(text: &str) -> Value {
    match text.parse::<IpAddr>() {
        Ok(address) => address.into(),
        Err(_) => {
            of_json(serde_json::from_str(text).unwrap_or_else(|error| panic!("{text}: {error}")))
        }
    }
}

fn of_json(json: serde_json::Value) -> Value {
    match json {
        serde_json::Value::Bool(value) => value.into(),
        serde_json::Value::Number(value) => value.as_i64().expect("an integer").into(),
        serde_json::Value::String(text) => text.as_str().into(),
        serde_json::Value::Array(items) => Value::Array(items.into_iter().map(of_json).collect()),
        serde_json::Value::Object(items) => {
            let items = items.into_iter();
            let items: BTreeMap<Text, Value> = items
                .map(|(key, item)| (key.into(), of_json(item)))
                .collect();
            Value::Map(items)
        }
        serde_json::Value::Null => panic!("say `is missing`"),
    }
}

/// What stands between the braces of a set.
fn members(text: &str) -> Vec<Member> {
    match parse(&format!("x in {{{text}}}")) {
        Ok(Expression::Comparison(comparison)) => match comparison.condition {
            Condition::OneOf(members) => members,
            other => panic!("{other:?}"),
        },
        other => panic!("{other:?}"),
    }
}
