//! What colours and lines mean, below the picture.

use std::fmt::Write as _;

use crate::report::graph::Graph;
use crate::report::graph::svg::layout::BORDER;
use crate::report::graph::svg::layout::columns;

/// A drawn legend.
pub(super) struct Legend {
    pub(super) text: String,
    pub(super) width: usize,
    pub(super) bottom: usize,
}

/// How wide a character is, in tenths of a pixel, at the legend's size.
const TENTHS: usize = 67;
/// A sample of what is explained.
const SAMPLE: usize = 26;
/// Between two entries of a row.
const GAP: usize = 22;
const ROW: usize = 22;

enum Sample {
    Hosts(&'static str),
    Line(&'static str),
}

const ALWAYS: [(Sample, &str); 7] = [
    (Sample::Hosts("good"), "host: blocked without a certificate"),
    (Sample::Hosts("bad"), "host: open without a certificate"),
    (
        Sample::Hosts("between"),
        "host: challenged, or some requests pass",
    ),
    (Sample::Hosts("plain"), "not known"),
    (Sample::Line("good"), "asks for the CA, its clients pass"),
    (Sample::Line("bad"), "asks, and its clients are blocked"),
    (
        Sample::Line("between"),
        "asks, and its clients are challenged, or some pass",
    ),
];

const CHANGES: [(Sample, &str); 3] = [
    (Sample::Line("plain added"), "comes with the plan (+)"),
    (Sample::Line("plain removed"), "goes with the plan (-)"),
    (
        Sample::Hosts("plain changed"),
        "access without a certificate changes (→)",
    ),
];

/// The legend below `top`, in rows as wide as the picture.
pub(super) fn legend(graph: &Graph, width: usize, top: usize) -> Legend {
    let entries = ALWAYS
        .iter()
        .chain(if graph.is_change { &CHANGES[..] } else { &[] });
    let (mut x, mut y, mut widest) = (BORDER, top, width);
    let mut text = String::new();
    for (sample, words) in entries {
        let needed = SAMPLE + 8 + columns(words) * TENTHS / 10;
        if x > BORDER && x + needed + BORDER > width {
            x = BORDER;
            y += ROW;
        }
        let _ = match sample {
            Sample::Hosts(class) => writeln!(
                text,
                "<rect class=\"box {class}\" x=\"{x}\" y=\"{}\" width=\"{SAMPLE}\" height=\"13\" rx=\"3\"/>",
                y - 11
            ),
            Sample::Line(class) => writeln!(
                text,
                "<path class=\"line {class}\" d=\"M{x} {0} H{1}\"/>",
                y - 4,
                x + SAMPLE
            ),
        };
        let _ = writeln!(
            text,
            "<text class=\"legend\" x=\"{}\" y=\"{y}\">{words}</text>",
            x + SAMPLE + 8
        );
        x += needed + GAP;
        widest = widest.max(x - GAP + BORDER);
    }
    Legend {
        text,
        width: widest,
        bottom: y + BORDER,
    }
}
