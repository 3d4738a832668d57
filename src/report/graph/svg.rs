//! The picture as one SVG file that needs nothing else: no script, no font, no other file.
//!
//! Three columns, CAs, hosts and rules, with the zones below one another. Colours follow whether the reader's
//! screen is light or dark; whatever a colour says, a word says too.

mod layout;
mod legend;
mod style;

use std::fmt::Write as _;

use crate::report::graph::Change;
use crate::report::graph::Graph;
use crate::report::graph::svg::layout::Layout;
use crate::report::graph::svg::layout::Line;
use crate::report::graph::svg::layout::Node;
use crate::report::graph::svg::layout::Shape;
use crate::report::words;

/// The whole file, with a newline at its end.
#[must_use]
pub fn svg(graph: &Graph) -> String {
    let layout = Layout::of(graph);
    let legend = legend::legend(graph, layout.width, layout.height + 10);
    let (width, height) = (layout.width.max(legend.width), legend.bottom);
    let title = if graph.is_change {
        "Client certificates before and after the plan: CA, host, rule"
    } else {
        "Client certificates: CA, host, rule"
    };
    let mut out = String::new();
    let _ = writeln!(
        out,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} \
         {height}\" role=\"img\">\n<title>{title}</title>\n<style>\n{}</style>\n<rect class=\"ground\" \
         width=\"{width}\" height=\"{height}\"/>",
        style::CSS
    );
    for (x, text) in &layout.headings {
        let _ = writeln!(
            out,
            "<text class=\"heading\" x=\"{x}\" y=\"{}\">{text}</text>",
            layout::HEADINGS
        );
    }
    for band in &layout.bands {
        let _ = writeln!(
            out,
            "<rect class=\"band\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" rx=\"8\"/>\n<text class=\"zone\" \
             x=\"{}\" y=\"{}\">{}</text>",
            band.x,
            band.y,
            band.width,
            band.height,
            band.x + 12,
            band.y + 20,
            escaped(&band.title)
        );
    }
    for line in &layout.lines {
        out.push_str(&drawn(line));
    }
    for one in &layout.boxes {
        out.push_str(&boxed(one));
    }
    // Above everything, so that no box covers a word.
    for line in layout.lines.iter().filter(|line| line.label.is_some()) {
        out.push_str(&labelled(line));
    }
    out.push_str(&legend.text);
    out + "</svg>\n"
}

/// A picture that says only why there is none.
#[must_use]
pub fn svg_of_failure(why: &str) -> String {
    let why = escaped(&words::visible(why));
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"800\" height=\"40\" viewBox=\"0 0 800 40\" role=\"img\">\n\
         <title>{why}</title>\n<style>\n{}</style>\n<rect class=\"ground\" width=\"800\" height=\"40\"/>\n\
         <text class=\"heading\" x=\"12\" y=\"25\">{why}</text>\n</svg>\n",
        style::CSS
    )
}

fn drawn(line: &Line) -> String {
    let Line {
        from: (x1, y1),
        to: (x2, y2),
        colour,
        change,
        label: _,
    } = line;
    let bend = x2.saturating_sub(*x1) / 2;
    format!(
        "<path class=\"line {}{}\" d=\"M{x1} {y1} C{} {y1} {} {y2} {x2} {y2}\"/>\n",
        colour.name(),
        class(*change),
        x1 + bend,
        x2.saturating_sub(bend)
    )
}

fn class(change: Change) -> &'static str {
    match change {
        Change::Kept | Change::Changed => "",
        Change::Added => " added",
        Change::Removed => " removed",
    }
}

fn labelled(line: &Line) -> String {
    let (x1, y1) = line.from;
    let (x2, y2) = line.to;
    // Nearer to the host, where lines of several CAs stand apart.
    let (x, y) = (
        (x1 * 3 + x2 * 7) / 10,
        ((y1 * 22 + y2 * 78) / 100).saturating_sub(4),
    );
    let label = line.label.as_deref().unwrap_or_default();
    format!(
        "<text class=\"note {}\" x=\"{x}\" y=\"{y}\" text-anchor=\"middle\">{}</text>\n",
        line.colour.name(),
        escaped(label)
    )
}

fn boxed(one: &Node) -> String {
    let Node {
        x,
        y,
        width,
        height,
        lines,
        colour,
        change,
        shape,
        is_changed,
    } = one;
    let radius = match shape {
        Shape::Ca => height / 2,
        Shape::Hosts => 4,
        Shape::Rule => 14,
    };
    let thick = if *is_changed { " changed" } else { "" };
    let mut out = format!(
        "<rect class=\"box {}{}{thick}\" x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" \
         rx=\"{radius}\"/>\n",
        colour.name(),
        class(*change)
    );
    let (mut at, last) = (y + layout::PADDING + 12, lines.len().saturating_sub(1));
    for (nth, line) in lines.iter().enumerate() {
        // The last line says what becomes of requests.
        let is_verdict = nth == last && last > 0 && *shape != Shape::Ca;
        let class = if is_verdict { " class=\"verdict\"" } else { "" };
        let _ = writeln!(
            out,
            "<text{class} x=\"{}\" y=\"{at}\">{}</text>",
            x + layout::MARGIN,
            escaped(line)
        );
        at += layout::LINE;
    }
    out
}

/// As the content of an element; characters that no XML may have are written by their numbers.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\u{fffe}' | '\u{ffff}' => out.extend(c.escape_unicode()),
            c if c.is_control() => out.extend(c.escape_unicode()),
            c => out.push(c),
        }
    }
    out
}
