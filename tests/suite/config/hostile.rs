//! Whatever a file may hold, the answer is an answer: no panic, no long wait, and no key in it.

use std::path::Path;
use std::time::Duration;
use std::time::Instant;

use mtlsctl::config::Config;
use mtlsctl::config::MOST_BYTES;
use mtlsctl::config::Problems;
use mtlsctl::config::UnsetAccount;
use mtlsctl::config::load;
use mtlsctl::report::problem::render;
use proptest::prelude::Strategy;
use proptest::prelude::any;
use proptest::prelude::prop;
use proptest::test_runner::Config as Runs;
use proptest::test_runner::RngSeed;
use proptest::test_runner::TestRunner;

use crate::config::world::KEY_BODY;
use crate::config::world::World;

const HEAD: &str = "version: 1\naccount: 9a7806061c88ada191ed06f989cc3dac\nowner: a\n";

fn load_bytes(bytes: &[u8]) -> Result<Config, Problems> {
    load(Path::new("mtls.yaml"), &World(bytes), UnsetAccount::Refused)
}

/// Loads and shows; gives what was said.
fn said(bytes: &[u8]) -> String {
    match load_bytes(bytes) {
        Ok(config) => render(&config.source, &config.warnings, true, 80),
        Err(problems) => render(&problems.source, &problems.problems, true, 80),
    }
}

fn runner() -> TestRunner {
    TestRunner::new(Runs {
        cases: 512,
        rng_seed: RngSeed::Fixed(20_260_701),
        failure_persistence: None,
        ..Runs::default()
    })
}

#[test]
fn arbitrary_bytes_never_panic() {
    runner()
        .run(&prop::collection::vec(any::<u8>(), 0..400), |bytes| {
            said(&bytes);
            Ok(())
        })
        .unwrap_or_else(|failure| panic!("{failure}"));
}

#[test]
fn a_good_file_with_pieces_put_into_it_never_panics() {
    let good = include_str!("../../../mtls.yaml.example");
    let pieces = prop::sample::select(vec![
        "\n",
        " ",
        "  - ",
        "[",
        "]",
        "{",
        "}",
        ": ",
        "'",
        "\"",
        "&a ",
        "*a",
        "|\n",
        "> ",
        "!x ",
        "#",
        "---\n",
        "ä",
        "\u{0}",
        "\t",
        "~",
        "null",
        "\u{feff}",
        "\r",
        "-----BEGIN PRIVATE KEY-----",
        "%",
    ]);
    let edits = prop::collection::vec((0..good.len(), 0..40_usize, pieces), 1..5);
    let edited = edits.prop_map(|edits| {
        let mut bytes = good.as_bytes().to_vec();
        for (at, cut, piece) in edits {
            let at = at.min(bytes.len());
            let end = (at + cut).min(bytes.len());
            bytes.splice(at..end, piece.bytes());
        }
        bytes
    });
    runner()
        .run(&edited, |bytes| {
            said(&bytes);
            Ok(())
        })
        .unwrap_or_else(|failure| panic!("{failure}"));
}

#[test]
fn a_private_key_is_shown_nowhere_whatever_stands_around_it() {
    for opening in ["-----BEGIN PRIVATE KEY-----", "-----BEGIN RSA PRIVATE KEY"] {
        for (before, after) in [
            ("owner: \"", "\"\n"),
            ("cas: ", "\n"),
            ("cas: [", "]\n"),
            ("rules:\n  - name: ", "\n"),
            ("zones:\n  - ", "\n"),
            ("", ": 1\n"),
            ("settle: !", " 60s\n"),
            ("cas:\n  - certificates: '", "'\n"),
            ("quota: &", " 5\n"),
            ("quota: *", "\n"),
        ] {
            for joint in ["\n", "\\n", " ", "\n\n   "] {
                let text = format!("{HEAD}{before}{opening}{joint}{KEY_BODY}{joint}{after}");
                let said = said(text.as_bytes());
                assert!(!said.contains(&KEY_BODY[..16]), "{text}\n{said}");
                assert!(said.contains("a private key stands in this file"), "{said}");
            }
        }
    }
}

#[test]
fn bombs_are_answered_quickly() {
    for (name, text) in bombs() {
        let start = Instant::now();
        let said = said(text.as_bytes());
        let took = start.elapsed();
        assert!(said.contains("error"), "{name}: {said}");
        assert!(said.len() < 2_000_000, "{name} says {} bytes", said.len());
        // Generous, for a debug build on a busy machine; without bounds these take minutes.
        assert!(took < Duration::from_secs(20), "{name} took {took:?}");
    }
}

fn bombs() -> Vec<(&'static str, String)> {
    let head = |rest: &str| format!("{HEAD}{rest}");
    let full = |piece: &str| piece.repeat((MOST_BYTES - 1000) / piece.len());
    let laughs = laughs();
    let hosts = numbered(40_000, "h", ".example.com, ");
    let zones = numbered(40_000, "z", ".example, ");
    let unmet =
        format!("zones: [{zones}]\nhostnames:\n  - {{ name: g, cas: [], hosts: [{hosts}] }}\n");
    vec![
        ("aliases of aliases", laughs.clone()),
        (
            "aliases in a known key",
            head(&format!("zones: &z [a.example]\naccept: *z\n{laughs}")),
        ),
        ("open brackets", full("[")),
        (
            "open brackets in a known key",
            head(&("zones: ".to_owned() + &full("["))),
        ),
        ("nested lists", full("- ")),
        ("nested mappings", full("{a: ")),
        (
            "one long line",
            head(&format!("zones: [{}]", "a b, ".repeat(400_000))),
        ),
        ("one long text", head(&("settle: ".to_owned() + &full("x")))),
        ("many keys", numbered(200_000, "k", ": 1\n")),
        ("comments only", full("# x\n")),
        ("openings of keys", full("-----BEGIN PRIVATE KEY-----\n")),
        (
            "whole keys on one line",
            full("# -----BEGIN PRIVATE KEY----------END"),
        ),
        (
            "openings of nothing",
            head(&format!("settle: '{}'", full("-----BEGIN X"))),
        ),
        ("anchors", numbered(100_000, "- &a", " x\n")),
        (
            "undeclared hosts",
            head(&format!(
                "rules:\n  - {{ name: r, hostnames: [{hosts}] }}\n"
            )),
        ),
        ("hosts and zones that do not meet", head(&unmet)),
    ]
}

/// Ten levels of lists, each of ten aliases of the level below.
fn laughs() -> String {
    let mut text = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for level in 1..10 {
        let aliases = format!("*a{}, ", level - 1).repeat(10);
        text += &["a", &level.to_string(), ": &a", &level.to_string()].concat();
        text += &[" [", &aliases, "]\n"].concat();
    }
    text
}

fn numbered(count: usize, before: &str, after: &str) -> String {
    (0..count)
        .flat_map(|number| [before.to_owned(), number.to_string(), after.to_owned()])
        .collect()
}
