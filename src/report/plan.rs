//! A plan as text: its waves and steps, what is left alone, and the sums.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use anstyle::Style;

use crate::live::HostList;
use crate::plan::Address;
use crate::plan::Change;
use crate::plan::Field;
use crate::plan::Held;
use crate::plan::HeldBecause;
use crate::plan::Plan;
use crate::plan::Reason;
use crate::plan::Refusal;
use crate::plan::RuleChange;
use crate::plan::Slots;
use crate::plan::Step;
use crate::report::effects;
use crate::report::paint;
use crate::report::paint::paint;
use crate::report::rule;
use crate::report::words;
use crate::resource::Bundle;
use crate::resource::ZoneName;

/// How many hosts of one step are shown before the rest is counted.
const HOSTS_SHOWN: usize = 40;
/// How many rules of others are named per zone before the rest is counted.
const RULES_SHOWN: usize = 5;

/// The whole plan, for a terminal of that width.
#[must_use]
pub fn text(plan: &Plan, width: usize) -> String {
    let Plan {
        safety,
        waves,
        held,
        notes,
        slots,
    } = plan;
    let mut out = String::new();
    if !waves.is_empty() {
        out.push_str(&effects::text(&safety.shifts, width));
        out.push('\n');
    }
    for (number, wave) in (1..).zip(waves) {
        let title = format!("Wave {number}: {}", wave.phase);
        let settle = if wave.settles_first {
            "  (after the edge has settled)"
        } else {
            ""
        };
        let _ = writeln!(
            out,
            "{}{}",
            paint(paint::HEADING, title),
            paint(paint::ASIDE, settle)
        );
        for step in &wave.steps {
            out.push_str(&step_text(step, width));
        }
        out.push('\n');
    }
    section(
        &mut out,
        "Note",
        notes.iter().map(ToString::to_string),
        width,
    );
    let (waiting, others) = held_lines(held);
    section(&mut out, "Held", waiting, width);
    section(&mut out, "Left alone", others, width);
    out.push_str(&sums(plan, slots, width));
    out
}

/// One step: its symbol and word, what it is about, why, and the details.
fn step_text(step: &Step, width: usize) -> String {
    let Step {
        address,
        change,
        reason,
    } = step;
    let (symbol, word, style) = verb(change, reason);
    let mut out = String::new();
    let _ = writeln!(
        out,
        "  {}",
        paint(style, words::visible(&format!("{symbol} {word} {address}")))
    );
    for line in words::wrap(&why(reason), 6, width) {
        let _ = writeln!(out, "{}", paint(paint::ASIDE, line));
    }
    for (style, line) in details(change, width.saturating_sub(6)) {
        let _ = writeln!(out, "      {}", paint(style, words::visible(&line)));
    }
    out
}

fn verb(change: &Change, reason: &Reason) -> (char, &'static str, Style) {
    match change {
        Change::UploadCa { .. } if *reason == Reason::NewContent => ('±', "upload", paint::CHANGED),
        Change::UploadCa { .. } => ('+', "upload", paint::ADDED),
        Change::ReplaceHosts { before, after, .. } if after.0.is_superset(&before.0) => {
            ('+', "add", paint::ADDED)
        }
        Change::ReplaceHosts { .. } => ('-', "remove", paint::REMOVED),
        Change::Rule { change, .. } => match change {
            RuleChange::Create { .. } => ('+', "create", paint::ADDED),
            RuleChange::Replace { .. } => ('~', "change", paint::CHANGED),
            RuleChange::Move { .. } => ('~', "move", paint::CHANGED),
            RuleChange::Delete { .. } => ('-', "delete", paint::REMOVED),
        },
        Change::DeleteCa { .. } => ('-', "delete", paint::REMOVED),
    }
}

/// The symbol of a step, and the word for what it does.
pub(super) fn symbol_and_word(change: &Change, reason: &Reason) -> (char, &'static str) {
    let (symbol, word, _) = verb(change, reason);
    (symbol, word)
}

/// Why a step is taken.
pub(super) fn why(reason: &Reason) -> String {
    match reason {
        Reason::Served => "it was temporary, and is not needed any more".to_owned(),
        Reason::Missing => "in the file, not in the account".to_owned(),
        Reason::NewContent => "the file gives this name a new content".to_owned(),
        Reason::Differs { fields } => {
            let fields: Vec<String> = fields.iter().map(Field::to_string).collect();
            format!("file and account differ: {}", words::list(&fields))
        }
        Reason::NotDeclared => "not in the file".to_owned(),
        Reason::Retired { on } => format!("retired by the file on {on}"),
        Reason::Bypassed { by } => format!("the rule `{by}` above it could let requests past it"),
        Reason::OutOfOrder { first } => format!("the file names {first} first"),
        Reason::OnTheWay => {
            "only on the way: until a later step, so that nobody is let in or turned away for a moment"
                .to_owned()
        }
    }
}

/// What a step changes, line by line; texts are broken at `width`.
pub(super) fn details(change: &Change, width: usize) -> Vec<(Style, String)> {
    match change {
        Change::UploadCa { mark, bundle } => {
            let named = (Style::new(), format!("as {mark}"));
            std::iter::once(named).chain(certificates(bundle)).collect()
        }
        Change::ReplaceHosts { before, after, .. } => hosts(before, after),
        Change::Rule { change, .. } => rule::details(change, width),
        Change::DeleteCa { name, .. } => {
            vec![(Style::new(), format!("called {name} in the account"))]
        }
    }
}

fn certificates(bundle: &Bundle) -> impl Iterator<Item = (Style, String)> {
    bundle.certificates().iter().flat_map(|certificate| {
        let until = certificate.not_after().strftime("%Y-%m-%d");
        let key = certificate
            .key_id()
            .map_or_else(|| "no key id".to_owned(), |id| format!("key id {id}"));
        let subject = format!("{}, until {until}", certificate.subject());
        [(Style::new(), subject), (Style::new(), format!("  {key}"))]
    })
}

fn hosts(before: &HostList, after: &HostList) -> Vec<(Style, String)> {
    let added = after
        .0
        .difference(&before.0)
        .map(|host| (paint::ADDED, format!("+ {host}")));
    let removed = before
        .0
        .difference(&after.0)
        .map(|host| (paint::REMOVED, format!("- {host}")));
    let mut lines: Vec<(Style, String)> = added.chain(removed).collect();
    if lines.len() > HOSTS_SHOWN {
        let rest = lines.split_off(HOSTS_SHOWN).len();
        lines.push((paint::ASIDE, format!("… and {rest} more")));
    }
    let kept = before.0.intersection(&after.0).count();
    if kept > 0 {
        lines.push((
            paint::ASIDE,
            if kept == 1 {
                "  1 host stays".to_owned()
            } else {
                format!("  {kept} hosts stay")
            },
        ));
    }
    lines
}

/// What is not ours, and what is but cannot be done: one line per object, rules of others by zone.
pub(super) fn held_lines(held: &[Held]) -> (Vec<String>, Vec<String>) {
    let (mut waiting, mut others) = (Vec::new(), Vec::new());
    let mut rules: BTreeMap<&ZoneName, Vec<String>> = BTreeMap::new();
    for Held { address, because } in held {
        match (address, because) {
            (Address::Rule { zone, label }, HeldBecause::NotOurRule) => {
                rules.entry(zone).or_default().push(format!("`{label}`"));
            }
            (_, because) if because.is_ours() => waiting.push(format!("{address}: {because}")),
            _ => others.push(format!("{address}: {because}")),
        }
    }
    others.extend(rules.into_iter().map(|(zone, mut rules)| {
        let number = words::count(rules.len(), "rule");
        if rules.len() > RULES_SHOWN {
            let more = rules.split_off(RULES_SHOWN).len();
            rules.push(format!("{more} more"));
        }
        format!("{number} of others in {zone}: {}", words::list(&rules))
    }));
    (waiting, others)
}

fn section(out: &mut String, title: &str, items: impl IntoIterator<Item = String>, width: usize) {
    let mut items = items.into_iter().peekable();
    if items.peek().is_none() {
        return;
    }
    let _ = writeln!(out, "{}", paint(paint::HEADING, title));
    for item in items {
        for (nth, line) in words::wrap(&item, 4, width).into_iter().enumerate() {
            let line = if nth == 0 {
                format!("  · {}", line.trim_start())
            } else {
                line
            };
            let _ = writeln!(out, "{line}");
        }
    }
    out.push('\n');
}

/// How many of what, and the CA slots.
fn sums(plan: &Plan, slots: &Slots, width: usize) -> String {
    let mut out = String::new();
    for line in words::wrap(&sum(plan), 0, width) {
        let _ = writeln!(out, "{}", paint(paint::HEADING, line));
    }
    let _ = writeln!(out, "{}", slots_used(slots));
    if !plan.is_empty() && plan.safety.is_safe() {
        let evidence = effects::evidence(&plan.safety.evidence);
        out.push_str(&(words::wrap(&evidence, 0, width).join("\n") + "\n"));
    }
    out
}

/// How many of what, in a sentence.
pub(super) fn sum(plan: &Plan) -> String {
    if plan.is_empty() {
        return "Nothing to do: the account is what the file asks for.".to_owned();
    }
    let mut counts: BTreeMap<(u8, &str, &str), usize> = BTreeMap::new();
    for step in plan.steps() {
        *counts.entry(tally(&step.change)).or_default() += 1;
    }
    let parts: Vec<String> = counts
        .into_iter()
        .map(|((_, noun, verb), number)| format!("{} {verb}", words::count(number, noun)))
        .collect();
    format!(
        "Plan: {}, in {}.",
        words::list(&parts),
        words::count(plan.waves.len(), "wave")
    )
}

/// The CA slots, in a sentence.
pub(super) fn slots_used(slots: &Slots) -> String {
    let Slots {
        quota,
        before,
        peak,
        after,
    } = slots;
    if peak > before || after != before {
        format!(
            "CA slots: {before} of {quota} in use, {peak} at the fullest moment, {after} afterwards."
        )
    } else {
        format!("CA slots: {before} of {quota} in use.")
    }
}

/// Under what a step is counted: its place in the sentence, the noun and the verb.
fn tally(change: &Change) -> (u8, &'static str, &'static str) {
    match change {
        Change::UploadCa { .. } => (0, "CA", "to upload"),
        Change::ReplaceHosts { .. } => (1, "host list", "to replace"),
        Change::Rule { change, .. } => match change {
            RuleChange::Create { .. } => (2, "rule", "to create"),
            RuleChange::Replace { .. } => (3, "rule", "to change"),
            RuleChange::Move { .. } => (4, "rule", "to move"),
            RuleChange::Delete { .. } => (5, "rule", "to delete"),
        },
        Change::DeleteCa { .. } => (6, "CA", "to delete"),
    }
}

/// Refusals, each with what to do about it.
#[must_use]
pub fn refusals(refusals: &[Refusal], width: usize) -> String {
    let mut out = String::new();
    for refusal in refusals {
        let kind = if refusal.is_error() {
            "error"
        } else {
            "refused"
        };
        let mut lines = words::wrap(&format!("{kind}: {refusal}"), 0, width).into_iter();
        if let Some(first) = lines.next() {
            let rest = first.strip_prefix(kind).unwrap_or(&first);
            let _ = writeln!(out, "{}{rest}", paint(paint::WRONG, kind));
        }
        lines.for_each(|line| {
            let _ = writeln!(out, "  {line}");
        });
        for (nth, line) in words::wrap(&refusal.help(), 8, width)
            .into_iter()
            .enumerate()
        {
            let line = if nth == 0 {
                format!("  help: {}", line.trim_start())
            } else {
                line
            };
            let _ = writeln!(out, "{line}");
        }
    }
    out
}
