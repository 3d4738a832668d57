//! Single rules of a ruleset: add, edit, move, delete (API reference, section 3.4). Each answers
//! the whole ruleset.

use http::StatusCode;
use jiff::Timestamp;

use crate::sandbox::account::Account;
use crate::sandbox::envelope::Answer;
use crate::sandbox::envelope::Answered;
use crate::sandbox::envelope::Refusal;
use crate::sandbox::envelope::UNCONFIRMED;
use crate::sandbox::fields::Fields;
use crate::sandbox::position::Position;
use crate::sandbox::rule_definition;
use crate::sandbox::rule_list;
use crate::sandbox::rule_list::Written;
use crate::sandbox::ruleset::Rule;
use crate::sandbox::ruleset::Ruleset;
use crate::sandbox::rulesets::RulesetPath;

/// Adds a rule, at the end unless told otherwise.
pub(crate) fn add(
    account: &mut Account,
    at: RulesetPath<'_>,
    mut fields: Fields,
    now: Timestamp,
) -> Answered {
    let phase = at.find(account)?.phase;
    let position = Position::take(&mut fields)?.unwrap_or_else(|| Position::After(String::new()));
    if fields.has("id") {
        return Err(fields.refuse("id", "is given out, not chosen"));
    }
    let sent = rule_definition::parse(fields, phase)?;
    write(account, at, now, |ruleset, fresh_id| {
        let rule = Rule::new(fresh_id, sent.reference, sent.definition, now);
        position.insert(rule, &mut ruleset.rules)
    })
}

/// Replaces the definition of a rule, or moves it if the body holds nothing but a position.
pub(crate) fn edit(
    account: &mut Account,
    at: RulesetPath<'_>,
    rule_id: &str,
    mut fields: Fields,
    now: Timestamp,
) -> Answered {
    let ruleset = at.find(account)?;
    index_of(ruleset, rule_id)?;
    let position = Position::take(&mut fields)?;
    let sent = match &position {
        Some(_) if fields.is_empty() => None,
        _ => Some(rule_definition::parse(fields, ruleset.phase)?),
    };
    if sent
        .as_ref()
        .and_then(|sent| sent.id.as_deref())
        .is_some_and(|id| id != rule_id)
    {
        return Err(Refusal::invalid("id must be the id in the path").at("/id"));
    }
    write(account, at, now, |ruleset, _| {
        let index = index_of(ruleset, rule_id)?;
        if let Some(sent) = sent {
            ruleset.rules[index].redefine(sent.reference, sent.definition, now);
        }
        match position {
            Some(position) => {
                let rule = ruleset.rules.remove(index);
                position.insert(rule, &mut ruleset.rules)
            }
            None => Ok(()),
        }
    })
}

/// Deletes a rule.
pub(crate) fn delete(
    account: &mut Account,
    at: RulesetPath<'_>,
    rule_id: &str,
    now: Timestamp,
) -> Answered {
    write(account, at, now, |ruleset, _| {
        let index = index_of(ruleset, rule_id)?;
        ruleset.rules.remove(index);
        Ok(())
    })
}

/// Changes a ruleset through `change`, which is given an unused id, and makes a new version of it.
fn write(
    account: &mut Account,
    at: RulesetPath<'_>,
    now: Timestamp,
    change: impl FnOnce(&mut Ruleset, String) -> Result<(), Refusal>,
) -> Answered {
    let (home, index) = at.find_mut(account)?;
    let ruleset = &mut home.rulesets[index];
    change(ruleset, home.ids.next())?;
    ruleset.touch(now);
    rule_list::check(&home, index, Written::OneRule)?;
    Ok(Answer::Of(home.rulesets[index].to_json()))
}

fn index_of(ruleset: &Ruleset, rule_id: &str) -> Result<usize, Refusal> {
    let found = ruleset.rules.iter().position(|rule| rule.id == rule_id);
    found.ok_or_else(|| Refusal::new(StatusCode::NOT_FOUND, UNCONFIRMED, "could not find rule"))
}
