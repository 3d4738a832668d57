//! A diagnosis for programs. The shape has a version; fields may be added to it, and none is ever renamed.

use schemars::JsonSchema;
use serde::Serialize;

use crate::doctor::Check;
use crate::doctor::Diagnosis;
use crate::doctor::State;
use crate::resource::AccountId;

/// Counts up when a field changes its meaning or goes.
const FORMAT_VERSION: u32 = 1;

/// Everything, always in the same order, with a newline at its end.
#[must_use]
pub fn json(diagnosis: &Diagnosis) -> String {
    // Texts, numbers and lists of them: there is nothing that could not be written.
    let text = serde_json::to_string_pretty(&Document::of(diagnosis));
    text.unwrap_or_default() + "\n"
}

/// What `mtlsctl doctor --format json` prints.
#[derive(Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Document<'a> {
    /// The version of this format.
    format_version: u32,
    /// The account; `null` where nothing names it.
    account: Option<&'a str>,
    /// The desired-state file; `null` without one.
    file: Option<String>,
    /// How many checks stand how.
    counts: Counts,
    /// The checks, in the order in which one rests on the other.
    checks: Vec<Examined<'a>>,
    /// What was not looked at, because of the first problem.
    not_looked_at: &'a [&'static str],
}

/// How many checks stand how.
#[derive(Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Counts {
    problem: usize,
    warning: usize,
    not_known: usize,
    ok: usize,
}

/// One thing that was looked at.
#[derive(Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Examined<'a> {
    /// What kind of thing it is; the ids never change.
    id: &'static str,
    /// Which one of its kind; `null` where there is one only, or all are told together.
    object: Option<&'a str>,
    /// How it stands.
    state: Word,
    /// What was found.
    sentence: &'a str,
    /// What to do about it; `null` where there is nothing to do.
    remedy: Option<&'a str>,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Word {
    Ok,
    NotKnown,
    Warning,
    Problem,
}

impl<'a> Document<'a> {
    fn of(diagnosis: &'a Diagnosis) -> Self {
        let Diagnosis {
            account,
            file,
            checks,
            unasked,
        } = diagnosis;
        Self {
            format_version: FORMAT_VERSION,
            account: account.as_ref().map(AccountId::as_str),
            file: file.as_ref().map(|path| path.display().to_string()),
            counts: Counts {
                problem: diagnosis.count(State::Problem),
                warning: diagnosis.count(State::Warning),
                not_known: diagnosis.count(State::NotKnown),
                ok: diagnosis.count(State::Ok),
            },
            checks: checks.iter().map(Examined::of).collect(),
            not_looked_at: unasked,
        }
    }
}

impl<'a> Examined<'a> {
    fn of(check: &'a Check) -> Self {
        let Check {
            id,
            object,
            state,
            sentence,
            remedy,
        } = check;
        Self {
            id,
            object: object.as_deref(),
            state: match state {
                State::Ok => Word::Ok,
                State::NotKnown => Word::NotKnown,
                State::Warning => Word::Warning,
                State::Problem => Word::Problem,
            },
            sentence,
            remedy: remedy.as_deref(),
        }
    }
}
