//! Drift for pull requests and for jobs of GitHub Actions.

use mtlsctl::report::github;
use mtlsctl::report::markdown;
use mtlsctl::report::shown::Drifted;
use mtlsctl::resource::Name;

use crate::drift::found;
use crate::plan::worlds::ONE;
use crate::support::golden::golden;
use crate::support::markdown::is_harmless;
use crate::support::scenario::Scenario;

/// Tells the drift of a world with this function.
fn told(world: &Scenario, tell: impl Fn(&Drifted<'_>) -> String) -> String {
    let drift = found(world);
    let counts = !drift.is_none();
    tell(&Drifted {
        owner: &Name::parse("platform").expect("a name"),
        drift: &drift,
        counts,
        exit_code: if counts { 2 } else { 0 },
    })
}

fn drifted() -> Scenario {
    let rule = "platform/require-certificate/1";
    Scenario::agreed(ONE)
        .tampered("example.com", rule, |rule| rule.enabled = false)
        .listing("example.com", "platform/fleet-2026", &["api.example.com"])
}

#[test]
fn markdown_is_read_at_a_glance() {
    let text = told(&drifted(), markdown::drift);
    is_harmless(&text);
    golden("drift/drift.md", &text);
    let text = told(&Scenario::agreed(ONE), markdown::drift);
    is_harmless(&text);
    golden("drift/none.md", &text);
}

#[test]
fn annotations_are_errors_where_it_counts() {
    golden("drift/github.txt", &told(&drifted(), github::drift));
    golden(
        "drift/github_none.txt",
        &told(&Scenario::agreed(ONE), github::drift),
    );
}
