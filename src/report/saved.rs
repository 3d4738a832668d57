//! What is said of a plan that can be applied as it was reviewed.

use std::fmt::Write as _;

use crate::plan::Plan;
use crate::plan::Saved;
use crate::report;
use crate::report::words;

/// How wide the lines are that stand in a plan file.
const WIDTH: usize = 100;

/// A plan as a plan file has it: who changes verdict, the steps and the sums, line by line, without colours.
///
/// Notes and what is held are left out: they name lines of the file, which may be others in a file that means
/// the same.
#[must_use]
pub fn lines(plan: &Plan) -> Vec<String> {
    let steps = Plan {
        held: Vec::new(),
        notes: Vec::new(),
        ..plan.clone()
    };
    let text = report::plan::text(&steps, WIDTH);
    let bare = anstream::adapter::strip_str(&text).to_string();
    bare.lines().map(str::to_owned).collect()
}

/// Which plan it is, and how just this one is applied; `with_consent` if it was allowed something.
#[must_use]
pub fn how_to_apply(saved: &Saved, with_consent: bool, width: usize) -> String {
    let also = if with_consent {
        ", with the same --allow flags,"
    } else {
        ""
    };
    let how = format!("`mtlsctl apply --expect DIGEST`{also} applies just this plan, or nothing.");
    let mut out = String::new();
    // Never broken: it is copied.
    let _ = writeln!(out, "Digest: {}", saved.digest());
    for line in words::wrap(&how, 0, width) {
        let _ = writeln!(out, "{line}");
    }
    out
}
