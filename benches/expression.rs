//! How fast expressions are read, evaluated and decided: `cargo bench --bench expression`.
//!
//! Prints the best of several rounds, which other work on the machine disturbs least.

use std::env;
use std::hint::black_box;
use std::time::Duration;
use std::time::Instant;

use mtlsctl::expression::Expression;
use mtlsctl::expression::GuardSet;
use mtlsctl::expression::Guards;
use mtlsctl::expression::Request;
use mtlsctl::expression::decide;
use mtlsctl::expression::parse;

/// Expressions as people write them, one in each paragraph.
const CORPUS: &str = include_str!("../tests/suite/expression/corpus.txt");

fn main() {
    // Without `--bench`, as `cargo test --all-targets` starts it, one round shows that it works.
    let rounds = if env::args().any(|argument| argument == "--bench") {
        200
    } else {
        1
    };
    let texts: Vec<&str> = CORPUS.split("\n\n").collect();
    let bytes: usize = texts.iter().map(|text| text.len()).sum();
    let expressions: Vec<Expression> = texts.iter().filter_map(|text| parse(text).ok()).collect();
    assert_eq!(expressions.len(), texts.len(), "the whole corpus parses");

    let parsing = best(rounds, || {
        texts
            .iter()
            .map(|text| parse(text).is_ok())
            .filter(|ok| *ok)
            .count()
    });
    let megabytes = per_second(parsing, bytes) / 1e6;
    show(
        "parse",
        parsing,
        texts.len(),
        &format!("{megabytes:.1} MB/s"),
    );

    let printing = best(rounds, || {
        expressions.iter().map(|one| one.to_string().len()).sum()
    });
    show("print", printing, texts.len(), "");

    let request = request();
    let evaluating = best(rounds, || {
        let truths = expressions.iter().map(|one| one.evaluate(&request));
        truths.filter(|truth| truth.known().is_some()).count()
    });
    show("evaluate", evaluating, texts.len(), "");

    let plain: Vec<&Expression> = expressions
        .iter()
        .filter(|one| !one.to_string().contains(" matches "))
        .collect();
    let evaluating = best(rounds, || {
        let truths = plain.iter().map(|one| one.evaluate(&request));
        truths.filter(|truth| truth.known().is_some()).count()
    });
    show("evaluate, no regexes", evaluating, plain.len(), "");

    let unknown = Request::default();
    let deciding = best(rounds.min(20), || {
        expressions
            .iter()
            .map(|one| usize::from(decide(one, &unknown) == decide(one, &request)))
            .sum()
    });
    show("decide, twice", deciding, texts.len(), "");

    let list = best(rounds.min(20), || passing(&expressions, &unknown));
    show(
        "the corpus as one list",
        list,
        1,
        "cut, combine, show an example",
    );
}

/// As a list of rules that block: is there a request that passes all of them?
fn passing(rules: &[Expression], known: &Request) -> usize {
    let mut guards = Guards::over(rules, known);
    let mut open = GuardSet::EVERY;
    for rule in rules {
        let Ok(past) = guards
            .holding(rule, known)
            .and_then(|set| guards.except(set))
        else {
            return 0;
        };
        match guards.both(open, past) {
            Ok(set) => open = set,
            Err(_) => return 0,
        }
    }
    match guards.witness(open) {
        Ok(Some(guard)) => guard.choices().len(),
        Ok(None) | Err(_) => 0,
    }
}

fn request() -> Request {
    Request::default()
        .with("http.host", "api.acme.example")
        .with("http.request.uri.path", "/v1/orders/17")
        .with("http.request.uri.query", "page=2&lang=de")
        .with("http.request.method", "GET")
        .with("http.user_agent", "Mozilla/5.0 (X11; Linux x86_64)")
        .with("ssl", true)
        .with("cf.client.bot", false)
        .with("cf.tls_client_auth.cert_verified", true)
        .with("cf.tls_client_auth.cert_presented", true)
        .with("cf.bot_management.score", 75)
}

/// The shortest of the rounds.
fn best(rounds: usize, mut work: impl FnMut() -> usize) -> Duration {
    let round = |_| {
        let start = Instant::now();
        black_box(work());
        start.elapsed()
    };
    (0..rounds).map(round).min().unwrap_or_default()
}

fn per_second(taken: Duration, amount: usize) -> f64 {
    let amount = u32::try_from(amount).map_or(f64::INFINITY, f64::from);
    amount / taken.as_secs_f64()
}

fn show(what: &str, taken: Duration, count: usize, more: &str) {
    let each = taken / u32::try_from(count.max(1)).unwrap_or(u32::MAX);
    println!("{what:24} {each:>12.1?} each, {count} of them  {more}");
}
