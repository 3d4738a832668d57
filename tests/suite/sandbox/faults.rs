//! Faults as values: how they are written, what is wrong with them, and which act on a call.

use bytes::Bytes;
use http::Request;
use mtlsctl::sandbox::BASE_PATH;
use mtlsctl::sandbox::Fault;
use mtlsctl::sandbox::Faults;
use mtlsctl::sandbox::parse_faults;

use crate::sandbox::world::World;
use crate::sandbox::world::certificates;
use crate::sandbox::world::entry_point;
use crate::sandbox::world::hosts;

/// One of each kind, as they are printed.
const EACH: [&str; 17] = [
    "{ fault: latency, on: any, time: 300ms }",
    "{ fault: latency, on: [get-hosts, put-hosts], zone: example.com, after: 2, times: 3, time: 1s }",
    "{ fault: rate-limit, on: list-zones, times: 1, time: 5s }",
    "{ fault: rate-limit, on: any }",
    "{ fault: server-error, on: create-rule, chance: 0.25, seed: 7, status: 503, lands: true }",
    "{ fault: html, on: any, status: 502 }",
    "{ fault: reset, on: verify-token }",
    "{ fault: lost-reply, on: upload-certificate, times: 1 }",
    "{ fault: half-body, on: get-rules }",
    "{ fault: stale-read, on: get-hosts, calls: 4 }",
    "{ fault: stale-read, on: any, time: 1h30m }",
    "{ fault: slow-propagation, on: put-hosts, time: 30s }",
    "{ fault: foreign-writer, on: put-hosts, moment: in-window, change: add-host, host: shop.example.com }",
    "{ fault: foreign-writer, on: get-rules, moment: before-read, change: edit-rule, rule: \"Their rule\", expression: \"(ip.src eq 192.0.2.7)\" }",
    "{ fault: foreign-writer, on: any, moment: after-write, change: delete-ca, ca: legacy-partners }",
    "{ fault: foreign-writer, on: patch-rule, moment: after-write, change: delete-rule }",
    "{ fault: revoked-permission, on: any, after: 3, permission: \"Zone WAF Edit\" }",
];

fn one(line: &str) -> Fault {
    let faults = parse_faults("faults.yaml", &format!("- {line}\n"));
    faults
        .unwrap_or_else(|error| panic!("{line}: {error}"))
        .remove(0)
}

fn armed(lines: &[&str]) -> Faults {
    Faults::new(lines.iter().map(|line| one(line)).collect())
}

pub(crate) fn request(method: &str, path: &str) -> Request<Bytes> {
    Request::builder()
        .method(method)
        .uri(format!("{BASE_PATH}{path}"))
        .body(Bytes::new())
        .expect("a request")
}

/// Which of the armed faults act on a call, by their kinds.
fn acting(faults: &mut Faults, world: &World, method: &str, path: &str) -> Vec<String> {
    let acting = faults.meet(&request(method, path), &world.account);
    acting
        .iter()
        .map(|fault| fault.entry().fault.clone())
        .collect()
}

/// On which of the first calls the fault acts.
fn acts_on(line: &str, calls: usize) -> Vec<usize> {
    let (mut faults, world) = (armed(&[line]), World::new());
    (1..=calls)
        .filter(|_| !acting(&mut faults, &world, "GET", "/zones").is_empty())
        .collect()
}

#[test]
fn a_fault_is_printed_as_it_can_be_written() {
    for line in EACH {
        let fault = one(line);
        assert_eq!(fault.to_string(), line);
        assert_eq!(one(&fault.to_string()), fault);
        let json = serde_json::to_string(&fault).expect("JSON");
        assert_eq!(
            serde_json::from_str::<Fault>(&json).expect("a fault"),
            fault
        );
    }
    let kinds: Vec<&str> = Fault::kinds().collect();
    for kind in kinds {
        assert!(EACH.iter().any(|line| line.contains(kind)), "{kind}");
    }
}

#[test]
fn texts_that_yaml_would_read_as_something_else_are_quoted() {
    for word in [
        "true", "No", "12", "1.5", "a: b", "#x", "", "x y", "5e3", "[a]", "null", "\"", "12s",
        "1_000",
    ] {
        let quoted = serde_json::to_string(word).expect("JSON");
        let line = format!(
            "{{ fault: foreign-writer, on: put-rules, moment: after-write, change: add-rule, rule: {quoted} }}"
        );
        let fault = one(&line);
        assert_eq!(fault.entry().rule.as_deref(), Some(word));
        assert_eq!(one(&fault.to_string()), fault, "{fault}");
    }
}

/// Faults that cannot be, and what is said of each.
const WRONG: &[(&str, &str)] = &[
    (
        "{ fault: lag, on: any }",
        "no fault is called `lag`; there are: `latency`, `rate-limit`",
    ),
    (
        "{ fault: reset, on: zones }",
        "no endpoint is called `zones`; there are: `any`, `list-zones`",
    ),
    (
        "{ fault: reset, on: [] }",
        "`on` is missing: name endpoints, or `any`",
    ),
    ("{ fault: reset, on: any, zone: nope }", "nope"),
    (
        "{ fault: latency, on: any }",
        "`time` is missing: say how long, such as `5s`",
    ),
    (
        "{ fault: latency, on: any, time: soon }",
        "`soon` is no length of time up to a day",
    ),
    (
        "{ fault: latency, on: any, time: 25h }",
        "`25h` is no length of time up to a day",
    ),
    (
        "{ fault: latency, on: any, time: 1s, status: 500 }",
        "`status` means nothing here; latency takes `time`",
    ),
    (
        "{ fault: reset, on: any, time: 1s }",
        "`time` means nothing here; reset takes no such key",
    ),
    (
        "{ fault: reset, on: any, chance: 0 }",
        "`chance` is a number above 0 and at most 1",
    ),
    (
        "{ fault: reset, on: any, chance: 1.5 }",
        "`chance` is a number above 0 and at most 1",
    ),
    (
        "{ fault: reset, on: any, seed: 3 }",
        "`seed` means nothing without `chance`",
    ),
    (
        "{ fault: reset, on: any, times: 0 }",
        "`times: 0` never acts",
    ),
    (
        "{ fault: server-error, on: any, status: 404 }",
        "`status` is a number from 500 to 599",
    ),
    (
        "{ fault: html, on: any, status: 99 }",
        "`status` is a number from 200 to 599",
    ),
    (
        "{ fault: stale-read, on: any }",
        "say how far back: `calls` or `time`, one of them",
    ),
    (
        "{ fault: stale-read, on: any, calls: 0 }",
        "`calls: 0` is not stale",
    ),
    (
        "{ fault: stale-read, on: any, time: 1s, calls: 1 }",
        "say how far back",
    ),
    (
        "{ fault: stale-read, on: put-hosts, calls: 1 }",
        "put-hosts is a write, on which it never acts",
    ),
    (
        "{ fault: slow-propagation, on: get-hosts, time: 1s }",
        "get-hosts is a read, on which it never acts",
    ),
    (
        "{ fault: revoked-permission, on: any }",
        "`permission` is missing",
    ),
    (
        "{ fault: revoked-permission, on: any, permission: WAF }",
        "no permission group is called `WAF`",
    ),
    (
        "{ fault: revoked-permission, on: any, permission: DNS Read, times: 1 }",
        "what is revoked stays revoked",
    ),
    (
        "{ fault: foreign-writer, on: any, change: add-rule }",
        "`moment` is missing",
    ),
    (
        "{ fault: foreign-writer, on: any, moment: later, change: add-rule }",
        "`later` is no moment",
    ),
    (
        "{ fault: foreign-writer, on: any, moment: in-window }",
        "`change` is missing: say one of `add-host`",
    ),
    (
        "{ fault: foreign-writer, on: any, moment: in-window, change: burn }",
        "`burn` is no change; there are: `add-host`",
    ),
    (
        "{ fault: foreign-writer, on: any, moment: in-window, change: add-host }",
        "`host` is missing",
    ),
    (
        "{ fault: foreign-writer, on: any, moment: in-window, change: add-rule, host: a.example.com }",
        "`host` means nothing here; add-rule takes `rule`, `expression`, `action`",
    ),
    (
        "{ fault: foreign-writer, on: get-rules, moment: in-window, change: add-rule }",
        "get-rules is a read, on which it never acts",
    ),
    (
        "{ fault: foreign-writer, on: create-rule, moment: in-window, change: add-host, host: a.example.com }",
        "say whose list with `ca`: create-rule is about none",
    ),
    (
        "{ fault: foreign-writer, on: create-rule, moment: in-window, change: delete-rule }",
        "say which rule with `rule`: create-rule names none",
    ),
    (
        "{ fault: foreign-writer, on: create-rule, moment: in-window, change: delete-ca }",
        "say which CA with `ca`: create-rule names none",
    ),
    (
        "{ fault: foreign-writer, on: upload-certificate, moment: in-window, change: add-rule }",
        "upload-certificate is about no zone; name another endpoint",
    ),
];

#[test]
fn every_problem_has_its_words_and_its_place() {
    for (line, words) in WRONG {
        let file = format!("# faults\n- {{ fault: reset, on: any }}\n- {line}\n");
        let error = parse_faults("faults.yaml", &file).expect_err(line);
        let [problem] = &error.problems[..] else {
            panic!("{line}: {error}");
        };
        assert!(problem.starts_with("faults.yaml:3:3: "), "{problem}");
        assert!(problem.contains(words), "{line}: {problem}");
    }
}

#[test]
fn problems_of_a_file_come_together_but_for_what_is_no_list_of_faults() {
    let file = "- { fault: reset, on: x }\n- { fault: latency, on: any, chance: 2, status: 1 }\n";
    let error = parse_faults("f", file).expect_err("four problems");
    let places: Vec<&str> = error.problems.iter().map(|problem| &problem[..6]).collect();
    assert_eq!(places, ["f:1:3:", "f:2:3:", "f:2:3:", "f:2:3:"], "{error}");
    for (file, place, words) in [
        ("fault: reset\n", "f:1:1: ", "sequence"),
        ("- { fault: reset, on: any, tims: 3 }\n", "f:1:28: ", "tims"),
        ("- { fault: reset }\n", "f:1:", "on"),
        (
            "- { fault: reset, on: any, zone: }\n",
            "f:1:32: ",
            "null is not allowed here",
        ),
        (
            "- { fault: reset, on: any, times: many }\n",
            "f:1:35: ",
            "number",
        ),
        (
            "- { fault: reset, fault: reset, on: any }\n",
            "f:1:",
            "fault",
        ),
        ("- {\n", "f:", ""),
    ] {
        let error = parse_faults("f", file).expect_err(file).to_string();
        assert!(
            error.starts_with(place) && error.contains(words),
            "{file}: {error}"
        );
    }
    for empty in ["", "# nothing\n", "[]\n"] {
        assert_eq!(parse_faults("f", empty), Ok(Vec::new()));
    }
}

#[test]
fn a_fault_counts_the_calls_that_it_concerns() {
    let reset = |rest: &str| format!("{{ fault: reset, on: list-zones{rest} }}");
    assert_eq!(acts_on(&reset(""), 4), [1, 2, 3, 4]);
    assert_eq!(acts_on(&reset(", after: 2"), 4), [3, 4]);
    assert_eq!(acts_on(&reset(", times: 2"), 4), [1, 2]);
    assert_eq!(acts_on(&reset(", after: 1, times: 2"), 5), [2, 3]);
    assert_eq!(
        acts_on("{ fault: reset, on: get-zone }", 4),
        Vec::<usize>::new()
    );
    assert_eq!(acts_on(&reset(", chance: 1"), 4), [1, 2, 3, 4]);

    let drawn = |seed: u64| acts_on(&reset(&format!(", chance: 0.2, seed: {seed}")), 1000);
    assert_eq!(drawn(7), drawn(7));
    assert_ne!(drawn(7), drawn(8));
    for seed in 0..5 {
        let often = drawn(seed).len();
        assert!((150..=250).contains(&often), "seed {seed}: {often} of 1000");
    }
    let few = acts_on(&reset(", chance: 0.2, seed: 7, after: 10, times: 3"), 1000);
    let later: Vec<usize> = drawn(7)
        .into_iter()
        .filter(|call| *call > 10)
        .take(3)
        .collect();
    assert_eq!(few, later);
}

#[test]
fn the_first_that_decides_what_comes_back_acts_alone() {
    let mut faults = armed(&[
        "{ fault: latency, on: any, time: 1s }",
        "{ fault: html, on: any, after: 1, times: 1 }",
        "{ fault: reset, on: any }",
        "{ fault: latency, on: any, time: 2s }",
    ]);
    let world = World::new();
    let mut next = || acting(&mut faults, &world, "GET", "/zones");
    assert_eq!(next(), ["latency", "reset", "latency"]);
    assert_eq!(next(), ["latency", "html", "latency"]);
    assert_eq!(next(), ["latency", "reset", "latency"]);
    let counts: Vec<(u64, u64)> = faults
        .armed()
        .iter()
        .map(|armed| (armed.met(), armed.fired()))
        .collect();
    assert_eq!(counts, [(3, 3), (3, 1), (3, 2), (3, 3)]);
    assert!(faults.disarm(3) && !faults.disarm(0) && !faults.disarm(4));
    assert_eq!(faults.armed().len(), 3);
}

#[test]
fn a_fault_keeps_to_its_zone_and_to_calls_that_say_enough() {
    let mut world = World::new();
    let (com, net) = (world.zone("example.com"), world.zone("example.net"));
    let mut faults = armed(&["{ fault: reset, on: any, zone: Example.COM }"]);
    assert!(!acting(&mut faults, &world, "GET", &hosts(&com)).is_empty());
    assert!(acting(&mut faults, &world, "GET", &hosts(&net)).is_empty());
    assert!(acting(&mut faults, &world, "GET", &certificates()).is_empty());
    assert_eq!(faults.armed()[0].met(), 1);

    let mut faults = armed(&[
        "{ fault: foreign-writer, on: any, moment: after-write, change: drop-host, host: a.example.com }",
        "{ fault: stale-read, on: any, calls: 1 }",
        "{ fault: slow-propagation, on: any, time: 1s }",
    ]);
    for (method, path, expected) in [
        ("GET", hosts(&com), vec!["stale-read"]),
        (
            "PUT",
            hosts(&com),
            vec!["foreign-writer", "slow-propagation"],
        ),
        ("GET", entry_point(&com), vec!["stale-read"]),
        ("PUT", entry_point(&com), vec!["slow-propagation"]),
        ("GET", "/zones".to_owned(), vec![]),
        ("POST", format!("/zones/{com}/dns_records"), vec![]),
    ] {
        assert_eq!(
            acting(&mut faults, &world, method, &path),
            expected,
            "{method} {path}"
        );
    }
}
