//! Bytes that are no plan, or not any more.

use std::fmt::Write as _;

use mtlsctl::plan::Saved;
use mtlsctl::resource::Digest;

use crate::plan::saved::saved;
use crate::plan::saved::world;
use crate::plan::worlds::ONE;
use crate::support::golden::golden;
use crate::support::scenario::Scenario;

/// The text of a small plan.
fn small() -> String {
    saved(&Scenario::agreed(ONE)).text()
}

#[test]
fn a_plan_reads_as_it_was_written() {
    let saved = saved(&world());
    let text = saved.text();
    assert_eq!(Saved::read(text.as_bytes()).as_ref(), Ok(&saved));
    golden("plan/saved/plan.json", &text);
}

#[test]
fn no_byte_can_be_another_one_or_be_missing() {
    let text = small().into_bytes();
    for at in 0..text.len() {
        // Each time something else becomes of it.
        let mut damaged = text.clone();
        match at % 9 {
            bit @ 0..7 => damaged[at] ^= 1 << bit,
            7 => drop(damaged.remove(at)),
            _ => damaged.insert(at, b' '),
        }
        assert!(
            Saved::read(&damaged).is_err(),
            "byte {at} of {}",
            text.len()
        );
    }
    for length in (0..text.len()).step_by(16) {
        assert!(
            Saved::read(&text[..length]).is_err(),
            "the first {length} bytes"
        );
    }
    assert!(Saved::read(&text).is_ok());
}

/// The text with a checksum that fits it.
fn summed(text: &str) -> String {
    const LABEL: &str = "\"checksum\": \"";
    let at = text.find(LABEL).expect("a checksum") + LABEL.len();
    let without = format!("{}{}", &text[..at], &text[at + 64..]);
    let sum = Digest::of(&without);
    format!("{}{sum}{}", &text[..at], &text[at + 64..])
}

#[test]
fn a_checksum_that_fits_makes_no_other_plan_of_it() {
    let text = saved(&world()).text();
    assert_eq!(summed(&text), text, "the checksum is over all other bytes");
    for (from, to) in [
        ("\"deletes\": null", "\"deletes\": 9"),
        (
            "\"open\": []",
            "\"open\": [\n      \"api.example.com\"\n    ]",
        ),
        ("\"action\": \"block\"", "\"action\": \"log\""),
        ("\"settles_first\": true", "\"settles_first\": false"),
        ("shop.example.com", "shopp.example.com"),
        (
            "\"format_version\": 1",
            "\"format_version\": 1,\n  \"more\": 1",
        ),
        ("  \"account\": \"9a7", "  \"account\": \"8a7"),
    ] {
        let edited = summed(&text.replacen(from, to, 1));
        assert_ne!(edited, text, "{from}");
        assert!(Saved::read(edited.as_bytes()).is_err(), "{to}");
    }
}

#[test]
fn what_is_no_plan_is_told_from_one_that_is_damaged() {
    let text = small();
    let mut told = String::new();
    for (what, bytes) in [
        ("nothing", String::new()),
        ("a file that breaks off", text[..200].to_owned()),
        ("a desired-state file", ONE.to_owned()),
        ("JSON", "[1]".to_owned()),
        (
            "the JSON of another command",
            "{ \"format_version\": 1 }".to_owned(),
        ),
        (
            "a later format",
            text.replace("\"format_version\": 1,", "\"format_version\": 2,"),
        ),
        (
            "a word in place of the format",
            text.replace("\"format_version\": 1,", "\"format_version\": \"1\","),
        ),
        ("an edited name", text.replace("mtls.yaml", "mtls.yml")),
        ("other line breaks", text.replace('\n', "\r\n")),
    ] {
        let error = Saved::read(bytes.as_bytes()).expect_err(what);
        let _ = writeln!(told, "{what}: {error}");
    }
    golden("plan/saved/unusable.txt", &told);
}
