//! One rule in a plan: how it will be, what changes in it, where it goes.

use anstyle::Style;
use similar::ChangeTag;
use similar::TextDiff;

use crate::plan::Place;
use crate::plan::RuleChange;
use crate::report::layout;
use crate::report::paint;
use crate::report::words;
use crate::resource::RuleBody;
use crate::resource::Seal;

/// The change, line by line; texts are broken at `width`.
pub(super) fn details(change: &RuleChange, width: usize) -> Vec<(Style, String)> {
    let laid_out = |style, expression: &str| {
        layout::lines(expression)
            .into_iter()
            .map(move |line| (style, line))
    };
    match change {
        RuleChange::Create { rule, place } => {
            let mut lines = made(rule, place);
            lines.extend(laid_out(paint::ADDED, &rule.expression));
            lines
        }
        RuleChange::Replace { before, after } => diff(before, after, width),
        RuleChange::Move { place, .. } => vec![(Style::new(), where_to(place))],
        RuleChange::Delete { rule } => laid_out(paint::REMOVED, &rule.expression).collect(),
    }
}

/// What a new rule does, and where; its description says no more than its name and the file's.
fn made(rule: &RuleBody, place: &Place) -> Vec<(Style, String)> {
    let RuleBody {
        reference: _,
        description: _,
        action,
        parameters,
        expression: _,
        enabled,
    } = rule;
    let state = if *enabled { "" } else { ", disabled" };
    let mut lines = vec![(Style::new(), format!("{action} {}{state}", where_to(place)))];
    if parameters
        .as_object()
        .is_none_or(|object| !object.is_empty())
    {
        lines.push((Style::new(), format!("response: {parameters}")));
    }
    lines
}

fn where_to(place: &Place) -> String {
    match place {
        Place::First => "at the top".to_owned(),
        Place::After(reference) => format!("below {reference}"),
    }
}

/// A unified diff of what differs, the expression line by line.
fn diff(before: &RuleBody, after: &RuleBody, width: usize) -> Vec<(Style, String)> {
    let RuleBody {
        reference: _,
        description,
        action,
        parameters,
        expression,
        enabled,
    } = before;
    let mut lines = Vec::new();
    let mut field = |name: &str, old: String, new: String| {
        if old != new {
            for (style, sign, text) in [(paint::REMOVED, '-', old), (paint::ADDED, '+', new)] {
                let words = words::wrap(&format!("{name}: {text}"), 1, width.saturating_sub(1));
                lines.extend(
                    words
                        .into_iter()
                        .map(|line| (style, format!("{sign}{line}"))),
                );
            }
        }
    };
    field("action", action.clone(), after.action.clone());
    field(
        "response",
        parameters.to_string(),
        after.parameters.to_string(),
    );
    field("enabled", enabled.to_string(), after.enabled.to_string());
    field(
        "description",
        Seal::cut(description),
        Seal::cut(&after.description),
    );
    let old = layout::lines(expression).join("\n") + "\n";
    let new = layout::lines(&after.expression).join("\n") + "\n";
    let diff = TextDiff::from_lines(&old, &new);
    let hunks = diff.grouped_ops(2);
    for (nth, hunk) in hunks.iter().enumerate() {
        if nth > 0 {
            lines.push((paint::ASIDE, "  …".to_owned()));
        }
        for change in hunk.iter().flat_map(|op| diff.iter_changes(op)) {
            let (style, sign) = match change.tag() {
                ChangeTag::Insert => (paint::ADDED, '+'),
                ChangeTag::Delete => (paint::REMOVED, '-'),
                ChangeTag::Equal => (Style::new(), ' '),
            };
            lines.push((style, format!("{sign} {}", change.value().trim_end())));
        }
    }
    lines
}
