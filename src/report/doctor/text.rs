//! A diagnosis for people: a line for each check, and below it what to do.

use std::fmt::Write as _;

use anstyle::Style;

use crate::doctor::Check;
use crate::doctor::Diagnosis;
use crate::doctor::State;
use crate::report::paint;
use crate::report::paint::paint;
use crate::report::words;

/// Room for the word before each check.
const WORD: usize = 11;

/// All checks, what was not looked at, and the sums.
#[must_use]
pub fn text(diagnosis: &Diagnosis, width: usize) -> String {
    let Diagnosis {
        account: _,
        file: _,
        checks,
        unasked,
    } = diagnosis;
    let mut out = String::new();
    let mut told: Option<&str> = None;
    for check in checks {
        // What to do about several in a row is told below the last of them.
        let next = checks.iter().skip_while(|one| *one != check).nth(1);
        let is_shared = next.is_some_and(|next| next.remedy == check.remedy);
        told = check.remedy.as_deref().or(told);
        out.push_str(&line(check, width));
        if let (Some(remedy), false) = (told, is_shared || check.remedy.is_none()) {
            out.push_str(&below(&format!("→ {remedy}"), width));
        }
    }
    if !unasked.is_empty() {
        let list: Vec<String> = unasked.iter().map(ToString::to_string).collect();
        let because = diagnosis
            .first_problem()
            .map_or("the first problem", |check| check.id);
        let sentence = format!(
            "Not looked at because of the problem with `{because}`: {}.",
            words::list(&list)
        );
        out.push('\n');
        for line in words::wrap(&sentence, 0, width) {
            let _ = writeln!(out, "{line}");
        }
    }
    out.push('\n');
    out.push_str(&sums(diagnosis, width));
    out
}

fn line(check: &Check, width: usize) -> String {
    let Check {
        id,
        object,
        state,
        sentence,
        remedy: _,
    } = check;
    let subject = match object {
        Some(object) => format!("{id} {object}: {sentence}"),
        None => format!("{id}: {sentence}"),
    };
    let word = state.word();
    let lines = words::wrap(&subject, WORD, width);
    let mut out = String::new();
    for (nth, line) in lines.iter().enumerate() {
        let _ = match nth {
            0 => writeln!(
                out,
                "{}{}{}",
                paint(style(*state), word),
                " ".repeat(WORD.saturating_sub(word.len())),
                line.trim_start()
            ),
            _ => writeln!(out, "{line}"),
        };
    }
    out
}

fn below(text: &str, width: usize) -> String {
    let lines = words::wrap(text, WORD + 2, width);
    let mut out = String::new();
    for (nth, line) in lines.iter().enumerate() {
        let _ = match nth {
            0 => writeln!(out, "{}{}", " ".repeat(WORD), line.trim_start()),
            _ => writeln!(out, "{line}"),
        };
    }
    out
}

fn style(state: State) -> Style {
    match state {
        State::Ok => paint::ADDED,
        State::NotKnown => paint::ASIDE,
        State::Warning => paint::CAREFUL,
        State::Problem => paint::WRONG,
    }
}

fn sums(diagnosis: &Diagnosis, width: usize) -> String {
    let count = |state| diagnosis.count(state);
    let mut sums = vec![
        words::count(count(State::Problem), "problem"),
        words::count(count(State::Warning), "warning"),
    ];
    sums.push(format!("{} not known", count(State::NotKnown)));
    sums.push(format!("{} ok", count(State::Ok)));
    let sentence = format!("{}.", words::list(&sums));
    let sentence = match diagnosis.first_problem() {
        Some(first) => {
            let which = match &first.object {
                Some(object) => format!("{} {object}", first.id),
                None => first.id.to_owned(),
            };
            format!("{sentence} See to the first problem first: {which}.")
        }
        None => sentence,
    };
    let lines = words::wrap(&sentence, 0, width);
    lines.join("\n") + "\n"
}
