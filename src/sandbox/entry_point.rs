//! The entry point of a phase: the ruleset that the edge runs, of kind `zone` in a zone and of kind
//! `root` in the account (API reference, sections 3.2 and 3.5).

use http::StatusCode;
use jiff::Timestamp;

use crate::sandbox::account::Account;
use crate::sandbox::envelope::Answer;
use crate::sandbox::envelope::Answered;
use crate::sandbox::envelope::Refusal;
use crate::sandbox::fields::Fields;
use crate::sandbox::level::Level;
use crate::sandbox::phase::Phase;
use crate::sandbox::ruleset::Ruleset;
use crate::sandbox::ruleset::RulesetKind;
use crate::sandbox::rulesets;

/// The name of an entry point that nobody named.
const DEFAULT_NAME: &str = "default";

/// GET: 404 with 10003 if there is none; empty rules if somebody emptied it.
pub(crate) fn read(account: &Account, level: Level<'_>, phase: &str, path: &str) -> Answered {
    let rulesets = account
        .rulesets(level)
        .ok_or_else(|| Refusal::no_route(path))?;
    if let Some(found) = Phase::parse(phase)?.and_then(|phase| entry_point(rulesets, phase)) {
        return Ok(Answer::Of(found.to_json()));
    }
    let message = format!("could not find entrypoint ruleset in the {phase} phase");
    Err(Refusal::new(StatusCode::NOT_FOUND, 10003, message))
}

/// PUT: creates it or replaces all its rules. Takes neither `kind` nor `phase`.
pub(crate) fn replace(
    account: &mut Account,
    level: Level<'_>,
    phase: &str,
    mut fields: Fields,
    path: &str,
    now: Timestamp,
) -> Answered {
    let mut home = account.home(level).ok_or_else(|| Refusal::no_route(path))?;
    let phase = level.phase(phase)?;
    for field in ["kind", "phase"] {
        if fields.has(field) {
            return Err(fields.refuse(field, "is not a field that can be set here"));
        }
    }
    if let Some(index) = index(home.rulesets, phase) {
        return rulesets::rewrite(&mut home, index, fields, now);
    }
    let name = if fields.has("name") {
        fields.text("name")?
    } else {
        DEFAULT_NAME.to_owned()
    };
    let mut made = Ruleset::empty(home.ids.next(), name, home.terms.entry, now);
    made.phase = phase;
    home.rulesets.push(made);
    let index = home.rulesets.len() - 1;
    rulesets::rewrite(&mut home, index, fields, now)
}

/// The entry point of a phase among the rulesets of a level.
pub(crate) fn entry_point(rulesets: &[Ruleset], phase: Phase) -> Option<&Ruleset> {
    rulesets.iter().find(|ruleset| is_entry(ruleset, phase))
}

/// Where it stands among them.
pub(crate) fn index(rulesets: &[Ruleset], phase: Phase) -> Option<usize> {
    rulesets.iter().position(|ruleset| is_entry(ruleset, phase))
}

fn is_entry(ruleset: &Ruleset, phase: Phase) -> bool {
    ruleset.kind != RulesetKind::Custom && ruleset.phase == phase
}
