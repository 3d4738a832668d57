//! Why a reviewed plan is not applied: what moved, a line each.

use std::fmt::Write as _;

use crate::report::paint;
use crate::report::paint::paint;
use crate::report::words;

/// A sentence, and below it a line for each thing that is another one now.
#[must_use]
pub fn text(sentence: &str, moved: &[String], width: usize) -> String {
    let lines = words::wrap(&format!("error: {sentence}"), 2, width).join("\n");
    let rest = lines.trim_start().trim_start_matches("error:");
    let mut out = format!("{}{rest}\n", paint(paint::WRONG, "error:"));
    for one in moved {
        let lines = words::wrap(one, 4, width).join("\n");
        let _ = writeln!(out, "  · {}", lines.trim_start());
    }
    out
}
