//! The picture in the language of Graphviz.
//!
//! <https://graphviz.org/doc/info/lang.html>

use std::fmt::Write as _;

use crate::report::graph::Change;
use crate::report::graph::Colour;
use crate::report::graph::Graph;
use crate::report::graph::label;
use crate::report::words;

/// The whole text, with a newline at its end.
#[must_use]
pub fn dot(graph: &Graph) -> String {
    let mut out = String::from(
        "digraph mtls {\n  rankdir=LR\n  ranksep=1.2\n  bgcolor=\"white\"\n  \
         node [shape=box, style=\"rounded,filled\", fontname=\"monospace\", fontsize=11]\n  \
         edge [fontname=\"monospace\", fontsize=10]\n",
    );
    for (at, ca) in graph.cas.iter().enumerate() {
        node(
            &mut out,
            "  ",
            &format!("ca{at}"),
            &label::ca(ca),
            Colour::Plain,
            "",
        );
    }
    for (at, zone) in graph.zones.iter().enumerate() {
        let _ = writeln!(out, "  subgraph cluster_{at} {{");
        let _ = writeln!(out, "    label={}", quoted(&[zone.name.to_string()]));
        let _ = writeln!(out, "    color=\"#8c959f\"\n    fontname=\"monospace\"");
        for (nth, group) in zone.groups.iter().enumerate() {
            let colour = Colour::of_strangers(group.stranger.now);
            let width = if group.stranger.before.is_some() {
                ", penwidth=3"
            } else {
                ""
            };
            let lines = label::group(group, zone);
            node(
                &mut out,
                "    ",
                &format!("host{at}x{nth}"),
                &lines,
                colour,
                width,
            );
        }
        for (nth, rule) in zone.rules.iter().enumerate() {
            let lines = label::rule(rule);
            let id = format!("rule{at}x{nth}");
            node(
                &mut out,
                "    ",
                &id,
                &lines,
                Colour::Plain,
                ", shape=hexagon",
            );
        }
        out.push_str("  }\n");
    }
    for (at, zone) in graph.zones.iter().enumerate() {
        for (nth, group) in zone.groups.iter().enumerate() {
            let host = format!("host{at}x{nth}");
            for asks in &group.asks {
                let ca = format!("ca{}", asks.ca);
                let colour = Colour::of_clients(asks.clients.now);
                edge(
                    &mut out,
                    (&ca, &host),
                    asks.change,
                    label::asks(asks),
                    colour,
                );
            }
            for reach in &group.rules {
                let rule = format!("rule{at}x{}", reach.rule);
                edge(&mut out, (&host, &rule), reach.change, None, Colour::Plain);
            }
        }
    }
    out + "}\n"
}

/// A picture that says only why there is none.
#[must_use]
pub fn dot_of_failure(why: &str) -> String {
    let label = quoted(&[words::visible(why)]);
    format!("digraph mtls {{\n  failed [shape=box, label={label}]\n}}\n")
}

fn node(out: &mut String, indent: &str, id: &str, lines: &[String], colour: Colour, more: &str) {
    let (fill, stroke) = inks(colour);
    let label = quoted(lines);
    let _ = writeln!(
        out,
        "{indent}{id} [label={label}, fillcolor=\"{fill}\", color=\"{stroke}\"{more}]"
    );
}

fn edge(
    out: &mut String,
    (from, to): (&str, &str),
    change: Change,
    label: Option<String>,
    colour: Colour,
) {
    let (_, stroke) = inks(colour);
    let style = match change {
        Change::Added => ", style=bold",
        Change::Removed => ", style=dashed",
        Change::Kept | Change::Changed => "",
    };
    let label = label.map(|label| format!(", label={}", quoted(&[label])));
    let label = label.unwrap_or_default();
    let _ = writeln!(out, "  {from} -> {to} [color=\"{stroke}\"{style}{label}]");
}

fn inks(colour: Colour) -> (&'static str, &'static str) {
    match colour {
        Colour::Good => ("#dafbe1", "#1a7f37"),
        Colour::Bad => ("#ffebe9", "#cf222e"),
        Colour::Between => ("#fff8c5", "#9a6700"),
        Colour::Plain => ("#f6f8fa", "#6e7781"),
    }
}

/// A quoted text; a backslash would begin an escape, such as `\N` for the node's name, and `&` an entity of HTML.
fn quoted(lines: &[String]) -> String {
    let lines = lines.iter().map(|line| {
        let line = line.replace('&', "&amp;").replace('\\', "\\\\");
        line.replace('"', "\\\"")
    });
    format!("\"{}\"", lines.collect::<Vec<_>>().join("\\n"))
}
