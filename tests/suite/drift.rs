//! Drift: what differs from the file, how bad that is, whose side changed. The reports stand beside the tests as
//! text; `SNAPSHOTS=overwrite` writes them anew.

mod command; // the binary and its exit codes
mod fingerprint; // the same drift tomorrow, and another one
mod generated; // worlds as chance makes them
mod grades; // what each difference does
mod json; // for programs
mod shown; // for pull requests and jobs
mod sides; // whose side changed

use mtlsctl::drift::Drift;
use mtlsctl::drift::drift;
use mtlsctl::report;

use crate::support::golden::golden;
use crate::support::scenario::Scenario;

/// The drift of a world.
#[track_caller]
fn found(world: &Scenario) -> Drift {
    let desired = world.desired();
    let live = world.observed(&desired);
    drift(&desired, &live, world.at()).unwrap_or_else(|refusals| panic!("{refusals:?}"))
}

/// Each difference in a line: the object, its side and its grade.
#[track_caller]
fn told(world: &Scenario) -> Vec<String> {
    let drift = found(world);
    let told = drift.differences.iter().map(|one| {
        let stopped = if one.may_be_stopped {
            " or stopped"
        } else {
            ""
        };
        let hidden = if one.is_hidden { ", hidden" } else { "" };
        format!(
            "{}: {:?}{stopped}, {}{hidden}",
            one.object, one.side, one.grade
        )
    });
    told.collect()
}

/// The report reads as the file `tests/suite/drift/NAME.txt` says.
#[track_caller]
fn reads(world: &Scenario, name: &str) {
    let text = report::drift::text(&found(world), true, 80);
    let text = anstream::adapter::strip_str(&text).to_string();
    for line in text.lines() {
        assert!(line.chars().count() <= 80, "{line}");
    }
    golden(&format!("drift/{name}.txt"), &text);
}
