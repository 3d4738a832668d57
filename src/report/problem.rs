//! Problems of a file for people: the source line, underlined, with what is wrong and what to do.

use annotate_snippets::AnnotationKind;
use annotate_snippets::Group;
use annotate_snippets::Level;
use annotate_snippets::Origin;
use annotate_snippets::Renderer;
use annotate_snippets::Snippet;
use annotate_snippets::normalize_untrusted_str;

use crate::config::Problem;
use crate::config::Severity;
use crate::config::Source;
use crate::config::Span;
use crate::report::words;

/// Shows problems one below the other, each ending in an empty line.
///
/// `color` asks for ANSI styles; `width` is that of the terminal, in columns.
pub fn render<'a>(
    source: &Source,
    problems: impl IntoIterator<Item = &'a Problem>,
    color: bool,
    width: usize,
) -> String {
    let renderer = if color {
        Renderer::styled()
    } else {
        Renderer::plain()
    };
    let width = width.max(NARROWEST);
    let renderer = renderer.term_width(width);
    problems
        .into_iter()
        .map(|problem| {
            let message = words::wrap(&problem.message, 0, width - LABEL).join("\n");
            renderer.render(&[group(source, problem, &message)]) + "\n\n"
        })
        .collect()
}

/// Below this width there is no room for a line number and some text.
const NARROWEST: usize = 40;

/// Room for `warning: `, which continued lines keep free.
const LABEL: usize = 9;

fn group<'a>(source: &'a Source, problem: &'a Problem, message: &'a str) -> Group<'a> {
    let level = match problem.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let mut group = Group::with_title(level.primary_title(message));
    let mut marks: Vec<Mark<'_>> = Vec::new();
    marks.extend(problem.at.map(|at| (at, AnnotationKind::Primary, None)));
    marks.extend(
        problem
            .related
            .as_ref()
            .map(|(at, why)| (*at, AnnotationKind::Context, Some(why.as_str()))),
    );
    if marks.is_empty() {
        group = group.element(Origin::path(source.path().display().to_string()));
    }
    for on_one_line in marks.chunk_by(|one, other| one.0.line == other.0.line) {
        group = with_line(group, source, on_one_line);
    }
    match &problem.help {
        Some(help) => group.element(Level::HELP.message(normalize_untrusted_str(help))),
        None => group,
    }
}

/// A place, how it is underlined, and what is written there.
type Mark<'a> = (Span, AnnotationKind, Option<&'a str>);

/// Adds a line with the marks on it. Only this line is handed over, so that nothing else of the file can
/// show.
fn with_line<'a>(group: Group<'a>, source: &'a Source, marks: &[Mark<'a>]) -> Group<'a> {
    let at = marks[0].0;
    let path = source.path().display().to_string();
    let (begin, line) = source.line(at);
    let (from, to) = if line.len() <= LONG {
        (0, line.len())
    } else {
        let from = border(line, at.start.saturating_sub(begin + LONG / 2));
        (from, border(line, from + LONG))
    };
    let snippet = Snippet::source(&line[from..to])
        .line_start(at.line)
        .annotations(marks.iter().map(|(at, kind, label)| {
            let start = at.start.saturating_sub(begin).clamp(from, to);
            let end = at.end.saturating_sub(begin).clamp(start, to);
            kind.span(start - from..end - from).label(*label)
        }));
    if from == 0 {
        return group.element(snippet.path(path));
    }
    let origin = Origin::path(path).line(at.line).char_column(at.column);
    group.element(origin).element(snippet)
}

/// A longer line, in bytes, is cut around its first mark before it is laid out.
const LONG: usize = 4096;

/// The nearest border of a character at or before `at`.
fn border(line: &str, at: usize) -> usize {
    (0..=at.min(line.len()))
        .rev()
        .find(|at| line.is_char_boundary(*at))
        .unwrap_or(0)
}
