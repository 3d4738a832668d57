//! Where everything stands: boxes as large as their texts, in columns, beside what they have to do with.

use crate::report::graph::Change;
use crate::report::graph::Colour;
use crate::report::graph::Graph;
use crate::report::graph::label;

/// How wide a character is, in tenths: the font is monospaced at 12 pixels, and wide letters take two.
const TENTHS: usize = 73;
/// How far the lines of a text stand apart.
pub(super) const LINE: usize = 17;
/// Room above and below a text in its box.
pub(super) const PADDING: usize = 7;
/// Room beside it.
pub(super) const MARGIN: usize = 12;
/// Where the headings of the columns stand.
pub(super) const HEADINGS: usize = 32;

/// The edge of the picture.
pub(super) const BORDER: usize = 24;
/// Below the headings.
const TOP: usize = 48;
/// Between two columns: room for lines and their words.
const BETWEEN: usize = 150;
/// Between two boxes of a column.
const GAP: usize = 12;
/// Between two zones.
const ZONE_GAP: usize = 18;
/// Above the first box of a zone, for its name.
const TITLE: usize = 32;
/// Longer texts are broken.
const LONGEST: usize = 42;
/// A column is no narrower.
const NARROWEST: usize = 110;

/// A placed picture.
pub(super) struct Layout {
    pub(super) width: usize,
    pub(super) height: usize,
    pub(super) headings: Vec<(usize, &'static str)>,
    pub(super) bands: Vec<Band>,
    pub(super) boxes: Vec<Node>,
    pub(super) lines: Vec<Line>,
}

/// The ground of a zone.
pub(super) struct Band {
    pub(super) x: usize,
    pub(super) y: usize,
    pub(super) width: usize,
    pub(super) height: usize,
    pub(super) title: String,
}

/// What a box stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Shape {
    Ca,
    Hosts,
    Rule,
}

/// A box with its text.
pub(super) struct Node {
    pub(super) x: usize,
    pub(super) y: usize,
    pub(super) width: usize,
    pub(super) height: usize,
    pub(super) lines: Vec<String>,
    pub(super) colour: Colour,
    pub(super) change: Change,
    pub(super) shape: Shape,
    /// Whether what becomes of strangers changes.
    pub(super) is_changed: bool,
}

/// A line from one box to another.
pub(super) struct Line {
    pub(super) from: (usize, usize),
    pub(super) to: (usize, usize),
    pub(super) colour: Colour,
    pub(super) change: Change,
    pub(super) label: Option<String>,
}

/// A line before its ends are known: boxes by their places.
struct Link {
    from: usize,
    to: usize,
    colour: Colour,
    change: Change,
    label: Option<String>,
}

impl Node {
    fn new(shape: Shape, lines: &[String], colour: Colour, change: Change) -> Self {
        let lines: Vec<String> = lines.iter().flat_map(|line| broken(line)).collect();
        let longest = lines.iter().map(|line| columns(line)).max();
        Self {
            x: 0,
            y: 0,
            width: longest.unwrap_or_default() * TENTHS / 10 + 2 * MARGIN,
            height: lines.len() * LINE + 2 * PADDING,
            lines,
            colour,
            change,
            shape,
            is_changed: false,
        }
    }

    fn middle(&self) -> usize {
        self.y + self.height / 2
    }

    fn bottom(&self) -> usize {
        self.y + self.height
    }
}

impl Layout {
    pub(super) fn of(graph: &Graph) -> Self {
        let mut boxes: Vec<Node> = Vec::new();
        for ca in &graph.cas {
            boxes.push(Node::new(
                Shape::Ca,
                &label::ca(ca),
                Colour::Plain,
                ca.change,
            ));
        }
        let cas = boxes.len();
        let (mut links, mut zones) = (Vec::new(), Vec::new());
        for zone in &graph.zones {
            let hosts = boxes.len();
            for group in &zone.groups {
                let colour = Colour::of_strangers(group.stranger.now);
                let text = label::group(group, zone);
                let mut one = Node::new(Shape::Hosts, &text, colour, Change::Kept);
                one.is_changed = group.stranger.before.is_some();
                boxes.push(one);
            }
            let rules = boxes.len();
            for rule in &zone.rules {
                let text = label::rule(rule);
                boxes.push(Node::new(Shape::Rule, &text, Colour::Plain, rule.change));
            }
            for (nth, group) in zone.groups.iter().enumerate() {
                links.extend(group.asks.iter().map(|asks| Link {
                    from: asks.ca,
                    to: hosts + nth,
                    colour: Colour::of_clients(asks.clients.now),
                    change: asks.change,
                    label: label::asks(asks),
                }));
                links.extend(group.rules.iter().map(|reach| Link {
                    from: hosts + nth,
                    to: rules + reach.rule,
                    colour: Colour::Plain,
                    change: reach.change,
                    label: None,
                }));
            }
            zones.push((hosts, rules, boxes.len(), zone.name.to_string()));
        }
        let columns = across(&mut boxes);
        let (mut y, mut bands) = (TOP, Vec::new());
        for (hosts, rules, end, title) in zones {
            let begin = y + TITLE;
            let bottom = stacked(&mut boxes, hosts..rules, begin);
            let bottom = beside(&mut boxes, &links, rules..end, (begin, bottom)).max(bottom);
            let [_, x, right] = columns.places;
            bands.push(Band {
                x: x.saturating_sub(BORDER / 2),
                y,
                width: right + columns.last - x + BORDER,
                height: bottom + PADDING * 2 - y,
                title,
            });
            y = bottom + PADDING * 2 + ZONE_GAP;
        }
        let end = bands.last().map_or(TOP, |band| band.y + band.height);
        let bottom = beside(&mut boxes, &links, 0..cas, (TOP, end)).max(end);
        let [first, second, third] = columns.places;
        Self {
            width: third + columns.last + BORDER * 2,
            height: bottom + BORDER,
            headings: vec![(first, "CAs"), (second, "Hosts"), (third, "Rules")],
            bands,
            lines: lines(&boxes, &links),
            boxes,
        }
    }
}

/// Where the columns begin, and how wide the last is.
struct Columns {
    places: [usize; 3],
    last: usize,
}

/// Gives the boxes of each column one width and one place.
fn across(boxes: &mut [Node]) -> Columns {
    let shapes = [Shape::Ca, Shape::Hosts, Shape::Rule];
    let widths = shapes.map(|shape| {
        let such = boxes.iter().filter(|one| one.shape == shape);
        such.map(|one| one.width)
            .max()
            .unwrap_or_default()
            .max(NARROWEST)
    });
    let [cas, hosts, rules] = widths;
    let second = BORDER + cas + BETWEEN;
    let places = [BORDER, second, second + hosts + BETWEEN];
    for one in boxes.iter_mut() {
        let column = shapes.iter().position(|shape| *shape == one.shape);
        let column = column.unwrap_or_default();
        one.x = places.get(column).copied().unwrap_or_default();
        one.width = widths.get(column).copied().unwrap_or_default();
    }
    Columns {
        places,
        last: rules,
    }
}

/// Puts boxes below one another, and gives where they end.
fn stacked(boxes: &mut [Node], range: std::ops::Range<usize>, begin: usize) -> usize {
    let mut y = begin;
    for one in boxes.get_mut(range).into_iter().flatten() {
        one.y = y;
        y = one.bottom() + GAP;
    }
    y.saturating_sub(GAP).max(begin)
}

/// Puts boxes beside what they are linked with, as far as they do not cover each other, and gives where they
/// end.
fn beside(
    boxes: &mut [Node],
    links: &[Link],
    range: std::ops::Range<usize>,
    (begin, end): (usize, usize),
) -> usize {
    let mut order: Vec<(usize, usize)> = range
        .map(|nth| {
            let others = links.iter().filter_map(|link| match link {
                Link { from, to, .. } if *from == nth => Some(*to),
                Link { from, to, .. } if *to == nth => Some(*from),
                _ => None,
            });
            let middles: Vec<usize> = others
                .filter_map(|other| boxes.get(other).map(Node::middle))
                .collect();
            // What nothing is linked with stands last.
            let wanted = middles.iter().sum::<usize>().checked_div(middles.len());
            (wanted.unwrap_or(usize::MAX), nth)
        })
        .collect();
    order.sort_unstable();
    let mut free = begin;
    for (wanted, nth) in &order {
        if let Some(one) = boxes.get_mut(*nth) {
            let wanted = if *wanted == usize::MAX { free } else { *wanted };
            one.y = wanted.saturating_sub(one.height / 2).max(free);
            free = one.bottom() + GAP;
        }
    }
    // What stands below the end moves up as far as there is room.
    let mut limit = end;
    for (_, nth) in order.iter().rev() {
        if let Some(one) = boxes.get_mut(*nth) {
            if one.bottom() <= limit {
                break;
            }
            one.y = limit.saturating_sub(one.height);
            limit = one.y.saturating_sub(GAP);
        }
    }
    // Where there was none, they are stacked from the beginning.
    let mut free = begin;
    for (_, nth) in &order {
        if let Some(one) = boxes.get_mut(*nth) {
            one.y = one.y.max(free);
            free = one.bottom() + GAP;
        }
    }
    free.saturating_sub(GAP)
}

/// The links with their ends: those of one side of a box are spread over it, in the order of their other ends.
fn lines(boxes: &[Node], links: &[Link]) -> Vec<Line> {
    let end = |nth: usize, link: &Link, is_left: bool| -> Option<(usize, usize)> {
        let one = boxes.get(nth)?;
        let other = |link: &Link| {
            let other = if is_left { link.from } else { link.to };
            (boxes.get(other).map(Node::middle), other)
        };
        let here = |link: &&Link| nth == if is_left { link.to } else { link.from };
        let same = links.iter().filter(here);
        let count = same.clone().count();
        let before = same.filter(|one| other(one) < other(link)).count();
        let y = one.y + one.height * (before + 1) / (count + 1);
        Some((if is_left { one.x } else { one.x + one.width }, y))
    };
    let drawn = links.iter().filter_map(|link| {
        Some(Line {
            from: end(link.from, link, false)?,
            to: end(link.to, link, true)?,
            colour: link.colour,
            change: link.change,
            label: link.label.clone(),
        })
    });
    drawn.collect()
}

/// How many columns a text takes.
pub(super) fn columns(text: &str) -> usize {
    text.chars()
        .map(|c| {
            if c < '\u{1100}' || ('\u{2000}'..'\u{2e80}').contains(&c) {
                1
            } else {
                2
            }
        })
        .sum()
}

/// A text in lines that are not too long, broken behind a slash, a hyphen or a full stop if one is near.
fn broken(text: &str) -> Vec<String> {
    const NEAR: usize = 16;
    let mut lines = vec![String::new()];
    for c in text.chars() {
        let width = columns(c.encode_utf8(&mut [0; 4]));
        let Some(line) = lines.last_mut() else { break };
        if columns(line) + width <= LONGEST {
            line.push(c);
            continue;
        }
        let at = line.rfind(['/', '-', '.']).map_or(line.len(), |at| at + 1);
        let rest = line.split_off(if columns(line.get(at..).unwrap_or_default()) < NEAR {
            at
        } else {
            line.len()
        });
        lines.push(format!("  {rest}{c}"));
    }
    lines
}
