//! The picture as Mermaid, which GitHub, GitLab and many wikis draw.
//!
//! <https://mermaid.js.org/syntax/flowchart.html>

use std::fmt::Write as _;

use crate::report::graph::Change;
use crate::report::graph::Colour;
use crate::report::graph::Graph;
use crate::report::graph::label;
use crate::report::words;

/// The longest text, and the most edges, that Mermaid draws unless it is told otherwise.
///
/// <https://mermaid.js.org/config/schema-docs/config.html>
const MOST_CHARACTERS: usize = 50_000;
const MOST_EDGES: usize = 500;

/// Fill and stroke of each colour, with ink that is readable on it whatever the theme.
const CLASSES: [(Colour, &str); 4] = [
    (Colour::Good, "fill:#dafbe1,stroke:#1a7f37,color:#1f2328"),
    (Colour::Bad, "fill:#ffebe9,stroke:#cf222e,color:#1f2328"),
    (Colour::Between, "fill:#fff8c5,stroke:#9a6700,color:#1f2328"),
    (Colour::Plain, "fill:#f6f8fa,stroke:#8c959f,color:#1f2328"),
];

/// The whole text, with a newline at its end.
#[must_use]
pub fn mermaid(graph: &Graph) -> String {
    let mut drawing = Drawing::default();
    let _ = writeln!(drawing.out, "flowchart LR");
    for (at, ca) in graph.cas.iter().enumerate() {
        let text = text(&label::ca(ca));
        drawing.node("  ", &format!("ca{at}"), ("([", &text, "])"), Colour::Plain);
    }
    for (at, zone) in graph.zones.iter().enumerate() {
        let title = text(&[zone.name.to_string()]);
        let _ = writeln!(drawing.out, "  subgraph zone{at}[\"{title}\"]");
        for (nth, group) in zone.groups.iter().enumerate() {
            let text = text(&label::group(group, zone));
            let colour = Colour::of_strangers(group.stranger.now);
            let id = format!("host{at}x{nth}");
            if group.stranger.before.is_some() {
                drawing.changed.push(id.clone());
            }
            drawing.node("    ", &id, ("[", &text, "]"), colour);
        }
        for (nth, rule) in zone.rules.iter().enumerate() {
            let text = text(&label::rule(rule));
            let id = format!("rule{at}x{nth}");
            drawing.node("    ", &id, ("{{", &text, "}}"), Colour::Plain);
        }
        let _ = writeln!(drawing.out, "  end");
    }
    edges(graph, &mut drawing);
    drawing.end()
}

/// A picture that says only why there is none.
#[must_use]
pub fn mermaid_of_failure(why: &str) -> String {
    format!(
        "flowchart LR\n  failed[\"{}\"]\n",
        text(&[words::visible(why)])
    )
}

/// Whether Mermaid draws this only where somebody has raised its limits.
#[must_use]
pub fn is_too_large(mermaid: &str) -> bool {
    let is_edge =
        |line: &&str| line.contains("-->") || line.contains("-.->") || line.contains("==>");
    mermaid.chars().count() > MOST_CHARACTERS
        || mermaid.lines().filter(is_edge).count() > MOST_EDGES
}

fn edges(graph: &Graph, drawing: &mut Drawing) {
    for (at, zone) in graph.zones.iter().enumerate() {
        for (nth, group) in zone.groups.iter().enumerate() {
            let host = format!("host{at}x{nth}");
            for asks in &group.asks {
                let colour = Colour::of_clients(asks.clients.now);
                let ca = format!("ca{}", asks.ca);
                drawing.edge((&ca, &host), asks.change, label::asks(asks), colour);
            }
            for reach in &group.rules {
                let rule = format!("rule{at}x{}", reach.rule);
                drawing.edge((&host, &rule), reach.change, None, Colour::Plain);
            }
        }
    }
}

#[derive(Default)]
struct Drawing {
    out: String,
    /// The nodes of each colour, by its place in [`CLASSES`].
    nodes: [Vec<String>; CLASSES.len()],
    /// The edges of each colour, likewise.
    edges: [Vec<String>; CLASSES.len()],
    count: usize,
    changed: Vec<String>,
}

impl Drawing {
    fn node(
        &mut self,
        indent: &str,
        id: &str,
        (open, text, close): (&str, &str, &str),
        colour: Colour,
    ) {
        let _ = writeln!(self.out, "{indent}{id}{open}\"{text}\"{close}");
        if let Some(nodes) = place(colour).and_then(|place| self.nodes.get_mut(place)) {
            nodes.push(id.to_owned());
        }
    }

    fn edge(
        &mut self,
        (from, to): (&str, &str),
        change: Change,
        label: Option<String>,
        colour: Colour,
    ) {
        let arrow = match change {
            Change::Added => "==>",
            Change::Removed => "-.->",
            Change::Kept | Change::Changed => "-->",
        };
        let label = label.map(|label| format!("|\"{}\"|", text(&[label])));
        let _ = writeln!(
            self.out,
            "  {from} {arrow}{} {to}",
            label.unwrap_or_default()
        );
        if let Some(edges) = place(colour).and_then(|place| self.edges.get_mut(place)) {
            edges.push(self.count.to_string());
        }
        self.count += 1;
    }

    fn end(self) -> String {
        let mut out = self.out;
        for ((colour, style), (nodes, edges)) in
            CLASSES.iter().zip(self.nodes.iter().zip(&self.edges))
        {
            if !nodes.is_empty() {
                let name = colour.name();
                let _ = writeln!(out, "  classDef {name} {style}");
                let _ = writeln!(out, "  class {} {name}", nodes.join(","));
            }
            let stroke = style
                .split(',')
                .find_map(|part| part.strip_prefix("stroke:"));
            if let (false, Some(stroke)) = (edges.is_empty(), stroke) {
                let _ = writeln!(out, "  linkStyle {} stroke:{stroke}", edges.join(","));
            }
        }
        if !self.changed.is_empty() {
            let _ = writeln!(out, "  classDef changed stroke-width:4px");
            let _ = writeln!(out, "  class {} changed", self.changed.join(","));
        }
        out
    }
}

fn place(colour: Colour) -> Option<usize> {
    CLASSES.iter().position(|(one, _)| *one == colour)
}

/// Lines as the inside of a quoted text; whatever could mean something to Mermaid or HTML is written by its
/// number.
fn text(lines: &[String]) -> String {
    let mut out = String::new();
    for (nth, line) in lines.iter().enumerate() {
        if nth > 0 {
            out.push_str("<br/>");
        }
        let mut rest = line.chars().enumerate().peekable();
        while let Some((at, c)) = rest.next() {
            // At the start of a line `-` and `+` begin a list, and so does a number with a full stop.
            let begins_list = (at == 0 && "+-".contains(c))
                || (c == '.' && rest.peek().is_none_or(|(_, next)| *next == ' '));
            let is_plain = c.is_alphanumeric() || " .,-+/@:~→()".contains(c);
            if is_plain && !begins_list {
                out.push(c);
            } else {
                let _ = write!(out, "#{};", u32::from(c));
            }
        }
    }
    out
}
