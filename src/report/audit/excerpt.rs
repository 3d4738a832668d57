//! The part of an expression that a finding is about, laid out and underlined.

use std::ops::Range;

use annotate_snippets::AnnotationKind;
use annotate_snippets::Group;
use annotate_snippets::Level;
use annotate_snippets::Renderer;
use annotate_snippets::Snippet;

use crate::audit::Excerpt;
use crate::report::audit::labelled;
use crate::report::layout;
use crate::report::words;

/// How far the lines are indented.
const INDENT: usize = 2;
/// Columns before the text of a line, for the rule at its left and a mark over several lines.
const MARGIN: usize = 5;
/// Room for `= note: `, which continued lines keep free.
const NOTE: usize = 10;
/// Below this width an expression cannot be read.
const NARROWEST: usize = 40;

/// The marked lines and their direct neighbours.
pub(super) fn text(excerpt: &Excerpt, width: usize) -> String {
    let Excerpt {
        origin,
        expression,
        mark,
        label,
    } = excerpt;
    let laid_out = layout::lines(expression).join("\n");
    let mark = carried_over(expression, &laid_out, mark);
    let shown = with_neighbours(&laid_out, &mark);
    let width = width.max(NARROWEST) - INDENT;
    let source = laid_out.get(shown.clone()).unwrap_or_default();
    let mark = mark.start - shown.start..mark.end - shown.start;
    // A label that does not fit behind its mark stands below.
    let from = source.get(..mark.end).unwrap_or_default();
    let end = from.lines().last().unwrap_or_default().chars().count();
    let fits = MARGIN + end + 1 + label.chars().count() <= width;
    let snippet = Snippet::source(source)
        .line_numbering(false)
        .annotations(neighbours(source, &mark))
        .annotation(
            AnnotationKind::Primary
                .span(mark)
                .label(fits.then_some(label.as_str())),
        );
    let mut group = Group::with_level(Level::WARNING).element(snippet);
    if !fits {
        let label = words::wrap(label, 0, width - NOTE).join("\n");
        group = group.element(Level::NOTE.message(label));
    }
    let rendered = Renderer::styled().term_width(width).render(&[group]);
    let lines = rendered
        .lines()
        .map(|line| format!("{}{line}\n", " ".repeat(INDENT)));
    labelled("  in ", &format!("{origin}:"), width + INDENT) + &lines.collect::<String>()
}

/// The same characters in the laid-out text, which differs in nothing but white space; all of it where
/// there are none.
fn carried_over(expression: &str, laid_out: &str, mark: &Range<usize>) -> Range<usize> {
    let dense = |text: &'_ str| {
        let characters = text.char_indices().filter(|(_, c)| !c.is_whitespace());
        characters
            .map(|(at, c)| at..at + c.len_utf8())
            .collect::<Vec<_>>()
    };
    let (before, after) = (dense(expression), dense(laid_out));
    let mut carried = before
        .iter()
        .zip(after)
        .filter(|(from, _)| mark.start <= from.start && from.end <= mark.end)
        .map(|(_, to)| to);
    match carried.next() {
        Some(first) => {
            let end = carried.next_back().map_or(first.end, |last| last.end);
            first.start..end
        }
        None => 0..laid_out.len(),
    }
}

/// The lines of a mark, with the one above and the one below.
fn with_neighbours(text: &str, mark: &Range<usize>) -> Range<usize> {
    let begin = |at: usize| {
        let before = text.get(..at).unwrap_or_default();
        before.rfind('\n').map_or(0, |newline| newline + 1)
    };
    let end = |at: usize| {
        let after = text.get(at..).unwrap_or_default();
        after.find('\n').map_or(text.len(), |newline| at + newline)
    };
    let first = begin(mark.start);
    let last = end(mark.end);
    begin(first.saturating_sub(1))..end((last + 1).min(text.len()))
}

/// Keeps the neighbours of a mark from being folded away.
fn neighbours<'a>(
    source: &str,
    mark: &Range<usize>,
) -> impl Iterator<Item = annotate_snippets::Annotation<'a>> {
    let above = source
        .get(..mark.start)
        .is_some_and(|text| text.contains('\n'));
    let below = source
        .get(mark.end..)
        .is_some_and(|text| text.contains('\n'));
    let above = above.then_some(0..0);
    let below = below.then_some(source.len()..source.len());
    let spans = above.into_iter().chain(below);
    spans.map(|span| AnnotationKind::Visible.span(span))
}
