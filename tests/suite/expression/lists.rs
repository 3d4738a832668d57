//! Whole rule lists: questions about many expressions on the same guards, and how large they may
//! be.

use std::time::Duration;
use std::time::Instant;

use mtlsctl::expression::Answer;
use mtlsctl::expression::Bound;
use mtlsctl::expression::Expression;
use mtlsctl::expression::GuardSet;
use mtlsctl::expression::Guards;
use mtlsctl::expression::Request;
use mtlsctl::expression::Truth;
use mtlsctl::expression::decide;
use mtlsctl::expression::parse;

fn read(text: &str) -> Expression {
    parse(text).unwrap_or_else(|error| panic!("{text}\n{error}"))
}

fn answer(text: &str) -> Answer {
    decide(&read(text), &Request::default())
}

/// The guards on which the first rule that holds is the one at `index`, or on which none holds.
fn decided_by(guards: &mut Guards, sets: &[GuardSet], index: Option<usize>) -> GuardSet {
    let mut open = GuardSet::EVERY;
    for set in &sets[..index.unwrap_or(sets.len())] {
        let past = guards.except(*set).unwrap();
        open = guards.both(open, past).unwrap();
    }
    match index {
        Some(index) => guards.both(open, sets[index]).unwrap(),
        None => open,
    }
}

#[test]
fn fifty_rules_with_thirty_tests_are_answered() {
    let mut tests: Vec<String> = Vec::new();
    tests.extend((0..8).map(|n| format!("starts_with(http.request.uri.path, \"/v{n}/\")")));
    tests.extend((0..4).map(|n| format!("http.request.uri.path contains \"/part{n}/\"")));
    tests.extend((0..4).map(|n| format!("ip.src in {{10.{n}.0.0/16 10.{}.3.0/24}}", n + 1)));
    tests.extend((0..4).map(|n| format!("cf.bot_management.score lt {}", 10 * n + 10)));
    tests.extend((0..4).map(|n| format!("any(http.request.headers[\"x-{n}\"][*] eq \"1\")")));
    tests.extend((0..3).map(|n| format!("http.request.method eq \"M{n}\"")));
    tests.extend(["ssl", "cf.client.bot", "ip.src in $office"].map(str::to_owned));
    assert_eq!(tests.len(), 30);
    let rule = |n: usize| {
        let one = |step: usize| &tests[(n + 1) * step % tests.len()];
        let (first, or, nor, other, too) = (one(1), one(7), one(11), one(13), one(17));
        read(&format!(
            "{first} and not ({or} or {nor}) or {other} and {too}"
        ))
    };
    let rules: Vec<Expression> = (0..50).map(rule).collect();
    let known = Request::default();
    let mut guards = Guards::over(&rules, &known);
    let holding = rules
        .iter()
        .map(|rule| guards.holding(rule, &known).unwrap());
    let sets: Vec<GuardSet> = holding.collect();
    let mut deciding = 0;
    for index in (0..50).map(Some).chain([None]) {
        let set = decided_by(&mut guards, &sets, index);
        let Some(guard) = guards.witness(set).unwrap() else {
            continue;
        };
        deciding += 1;
        for (position, rule) in sets
            .iter()
            .enumerate()
            .take(index.map_or(50, |index| index + 1))
        {
            let expected = Truth::from(Some(position) == index);
            let text = &rules[position];
            assert_eq!(guards.truth(*rule, &guard), expected, "{text}\non {guard}");
        }
    }
    assert!(deciding > 10, "{deciding} rules decide");
}

const TOOLS: [&str; 30] = [
    "axios",
    "bot",
    "crawler",
    "curl",
    "fetch",
    "go-http",
    "headless",
    "httpie",
    "insomnia",
    "java",
    "libwww",
    "masscan",
    "nikto",
    "nmap",
    "okhttp",
    "perl",
    "phantom",
    "playwright",
    "postman",
    "probe",
    "puppeteer",
    "python",
    "ruby",
    "scanner",
    "scrapy",
    "selenium",
    "spider",
    "sqlmap",
    "wget",
    "zgrab",
];

#[test]
fn thirty_words_in_one_field_are_answered() {
    let contains = |tool| format!("lower(http.user_agent) contains \"{tool}\"");
    let tools = TOOLS.map(contains).join(" or ");
    let Answer::Sometimes { holds, fails } = answer(&tools) else {
        panic!("{tools}");
    };
    assert_eq!(holds.to_string(), "http.user_agent is \"zgrab\"");
    assert_eq!(fails.to_string(), "http.user_agent is \"x\"");
    // The longer word has the shorter one in it, whatever the letter case.
    for never in [
        "http.user_agent contains \"NikTo/2\" and not lower(http.user_agent) contains \"nikto\"",
        "http.user_agent eq \"Mozilla/5.0\"",
        "lower(http.user_agent) matches \"^[0-9]*$\"",
    ] {
        assert_eq!(
            answer(&format!("{never} and ({tools})")),
            Answer::Never,
            "{never}"
        );
    }
    let always = format!("{tools} or not http.user_agent contains \"okhttp/4\"");
    assert_eq!(answer(&always), Answer::Always);
}

#[test]
fn hundreds_of_hosts_are_answered() {
    let hosts = |from: usize| {
        let hosts: Vec<_> = (from..from + 200)
            .map(|n| format!("\"h{n}.acme.example\""))
            .collect();
        hosts.join(" ")
    };
    let (first, second) = (hosts(0), hosts(100));
    let apart = format!("http.host in {{{first}}} and lower(http.host) in {{{second}}}");
    let Answer::Sometimes { holds, .. } = answer(&apart) else {
        panic!("{apart}");
    };
    assert_eq!(holds.to_string(), "http.host is \"h100.acme.example\"");
    let never = format!("{apart} and not ends_with(lower(http.host), \".acme.example\")");
    assert_eq!(answer(&never), Answer::Never);
    let never = format!("{apart} and not http.host matches r\"^h1\\d\\d\\.\"");
    assert_eq!(answer(&never), Answer::Never);
}

#[test]
fn thousands_of_hosts_are_answered() {
    let host = |n: usize| format!("\"h{n}.shop.acme.example\"");
    let set = |from: usize, count: usize| {
        let hosts: Vec<_> = (from..from + count).map(host).collect();
        format!("http.host in {{{}}}", hosts.join(" "))
    };
    let Answer::Sometimes { holds, fails } = answer(&set(0, 4_000)) else {
        panic!("a set of 4,000 hosts");
    };
    assert_eq!(holds.to_string(), "http.host is \"h0.shop.acme.example\"");
    assert_eq!(fails.to_string(), "http.host is anything else");
    let sets: Vec<_> = (0..40).map(|n| set(n * 50, 50)).collect();
    let all = sets.join(" or ");
    let outside = "http.host wildcard \"*.shop.acme.example\"";
    assert_eq!(answer(&format!("({all}) and not {outside}")), Answer::Never);
    let first_and_last = format!("({all}) and {} and {}", set(0, 50), set(1_950, 50));
    assert_eq!(answer(&first_and_last), Answer::Never);
}

#[test]
fn more_hosts_on_their_own_than_regions_are_answered() {
    let own = |n: usize| format!("http.host eq \"h{n}.acme.example\"");
    let all: Vec<_> = (0..530).map(own).collect();
    let all = all.join(" or ");
    let both = format!("{} and {}", own(0), own(529));
    assert!(matches!(answer(&all), Answer::Sometimes { .. }));
    assert_eq!(answer(&format!("({all}) and {both}")), Answer::Never);
    assert_eq!(answer(&format!("({all}) or not ({both})")), Answer::Always);
}

#[test]
fn nothing_is_in_a_list_that_is_known_to_be_empty() {
    let known = Request::default().with_list("none", Vec::new());
    for text in [
        "http.host in $none",
        "http.host in $none and http.host eq \"a\"",
        "ip.src in $none and ip.src in {10.0.0.0/8}",
        "lower(http.host) in $none",
    ] {
        assert_eq!(read(text).evaluate(&known), Truth::False, "{text}");
        assert_eq!(decide(&read(text), &known), Answer::Never, "{text}");
    }
}

#[test]
fn beyond_the_bound_the_answer_is_unknown() {
    let joined = |count: usize, word: &str, part: &dyn Fn(usize) -> String| {
        let parts: Vec<_> = (0..count).map(part).collect();
        parts.join(word)
    };
    let many = joined(1_024, " or ", &|n| format!("f{n}"));
    assert!(matches!(answer(&many), Answer::Sometimes { .. }));
    let limit = 1_024;
    let too_many = format!("{many} or one_more");
    assert_eq!(
        answer(&too_many),
        Answer::Unknown(Bound::Variables { limit })
    );
    // All of the first fields have to be remembered until the second ones come.
    let first = joined(24, " xor ", &|n| format!("a{n}"));
    let pairs = joined(24, " or ", &|n| format!("a{n} and b{n}"));
    let answer = answer(&format!("({first}) and ({pairs})"));
    assert!(
        matches!(answer, Answer::Unknown(Bound::Combinations { .. })),
        "{answer:?}"
    );
}

#[test]
fn no_question_takes_long() {
    let repeated = |count: usize, part: &dyn Fn(usize) -> String| {
        let parts: Vec<_> = (0..count).map(part).collect();
        parts.join(" or ")
    };
    let texts = [
        repeated(40, &|n| {
            format!("x matches \"(a?){{{}}}b{{{n}}}$\"", 300 + n)
        }),
        repeated(100, &|n| {
            format!("x matches r\"[ab]*a[ab]{{{}}}$\"", n % 13)
        }),
        repeated(60, &|n| {
            format!("x{n} matches r\"a.{{{n}}}b.{{{n}}}$\" and x{n} matches r\"b.{{{n}}}a$\"")
        }),
        repeated(100, &|n| format!("x wildcard \"*a*b{n}*c*\"")),
        repeated(100, &|n| {
            format!("len(x) eq {} and x contains \"{n}\"", n * 10)
        }),
        repeated(100, &|n| format!("x lt \"{n}\" xor lower(x) ge \"{n}a\"")),
        repeated(100, &|n| {
            format!("ip.src in {{10.{n}.0.0/16 2001:db8:{n}::/48}}")
        }),
        repeated(100, &|n| {
            format!("cidr(ip.src, {}, 64) eq 10.{n}.0.0", n % 32 + 1)
        }),
        repeated(30, &|n| {
            format!("(any(x[*] eq \"{n}\") xor y[{n}] eq \"a\")")
        }),
        repeated(600, &|n| format!("x eq \"h{n}.acme.example\"")),
        repeated(600, &|n| format!("starts_with(x, \"/v{n}/x\")")),
        format!("x eq \"{}\" or x matches \"{0}\"", "a".repeat(1_900)),
        format!("x in {{{}}}", "\"ab\" ".repeat(800)),
    ];
    for text in texts {
        let start = Instant::now();
        let answer = answer(&text);
        let taken = start.elapsed();
        let shown = &text[..60.min(text.len())];
        assert!(
            taken < Duration::from_secs(60),
            "{taken:?} for {shown}…: {answer:?}"
        );
    }
}
