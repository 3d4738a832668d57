//! Names and texts of other people that would be something else if they could.

use mtlsctl::report::github;
use mtlsctl::report::json;
use mtlsctl::report::junit;
use mtlsctl::report::markdown;
use mtlsctl::report::shown::Failed;
use serde_json::Value;

use crate::plan::worlds::ONE;
use crate::report::shown::Judged;
use crate::support::foreign::block;
use crate::support::foreign::skip;
use crate::support::markdown::is_harmless;
use crate::support::scenario::Scenario;

const NAMES: &[&str] = &[
    "`",
    "``` @all",
    "a|b|c",
    "</details></code><script>alert(1)</script>",
    "--><!-- mtlsctl:plan -->",
    "#1 and GH-1",
    "\n\n- @team/all\r\n::error::a",
    "[x](http://example.org) www.example.org",
    "&#64;all &commat;all",
    "\\@all \\`",
    "$`a`$ :tada: ~~a~~ **b**",
    "\u{202e}\u{1b}[31mred",
];

/// A world in which something of that name stands everywhere where somebody can write.
fn world(name: &str) -> Scenario {
    Scenario::agreed(ONE)
        .with_ca(name, "fleet-2027.pem")
        .with_rule("example.com", 0, name, block("ip.src eq 192.0.2.1"))
        .with_rule(
            "example.com",
            0,
            name,
            skip("http.host eq \"api.example.com\""),
        )
        .tampered("example.com", "platform/require-certificate/1", |rule| {
            rule.description = format!("{name} [platform/require-certificate/1]");
            "log".clone_into(&mut rule.action);
            rule.expression = format!("http.user_agent eq \"{}\"", name.replace(['"', '\\'], ""));
        })
}

#[test]
fn names_are_no_layout_in_markdown() {
    for name in NAMES {
        let judged = Judged::of(&world(name));
        assert!(!judged.plan.is_empty());
        let text = markdown::plan(&judged.planned());
        is_harmless(&text);
        assert!(text.contains("Left alone"), "{text}");
    }
}

#[test]
fn names_end_no_workflow_command() {
    for name in NAMES {
        let judged = Judged::of(&world(name));
        for line in github::plan(&judged.planned()).lines() {
            let command = ["::error title=", "::warning title=", "::notice title="];
            assert!(
                command.iter().any(|begin| line.starts_with(begin)),
                "{line}"
            );
            assert!(!line.contains('\u{1b}') && !line.contains('\r'), "{line}");
        }
    }
}

#[test]
fn names_are_what_they_are_in_json() {
    for name in NAMES {
        let judged = Judged::of(&world(name));
        let plan: Value = serde_json::from_str(&json::plan(&judged.planned())).expect("JSON");
        let held = plan["held"].as_array().expect("a list");
        let is_there = |held: &Value| held["address"]["name"] == name.trim();
        assert!(held.iter().any(is_there), "{plan:#}");
    }
}

#[test]
fn failures_are_told_as_harmlessly() {
    for name in NAMES {
        let hints = [(*name).to_owned()];
        let failed = Failed {
            command: "plan",
            text: name,
            hints: &hints,
            faulty: None,
            refusals: &[],
            exit_code: 1,
        };
        is_harmless(&markdown::failure(&failed));
        assert_eq!(github::failure(&failed).lines().count(), 1);
        let xml = junit::failure(&failed);
        let bare = ["<script>", "\u{1b}", "\u{202e}"];
        assert!(bare.iter().all(|bare| !xml.contains(bare)), "{xml}");
    }
}
