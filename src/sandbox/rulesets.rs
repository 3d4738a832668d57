//! Whole rulesets of a zone or of the account: list, create, read, replace, delete (API reference,
//! section 3.1).

use http::StatusCode;
use jiff::Timestamp;
use serde_json::Value;
use serde_json::json;

use crate::sandbox::account::Account;
use crate::sandbox::entry_point;
use crate::sandbox::envelope::Answer;
use crate::sandbox::envelope::Answered;
use crate::sandbox::envelope::Refusal;
use crate::sandbox::envelope::UNCONFIRMED;
use crate::sandbox::fields::Fields;
use crate::sandbox::ids::tag;
use crate::sandbox::level::Level;
use crate::sandbox::level::RulesetHome;
use crate::sandbox::phase::Phase;
use crate::sandbox::query::Query;
use crate::sandbox::rule_list;
use crate::sandbox::rule_list::Written;
use crate::sandbox::ruleset::Ruleset;
use crate::sandbox::ruleset::RulesetKind;

/// Which ruleset a request is about.
#[derive(Clone, Copy)]
pub(crate) struct RulesetPath<'a> {
    pub(crate) level: Level<'a>,
    pub(crate) ruleset: &'a str,
    /// For messages.
    pub(crate) path: &'a str,
}

impl RulesetPath<'_> {
    /// The ruleset to read.
    pub(crate) fn find<'a>(&self, account: &'a Account) -> Result<&'a Ruleset, Refusal> {
        account
            .rulesets(self.level)
            .ok_or_else(|| Refusal::no_route(self.path))?
            .iter()
            .find(|ruleset| ruleset.id == self.ruleset)
            .ok_or_else(not_found)
    }

    /// The rulesets beside it, and its place among them.
    pub(crate) fn find_mut<'a>(
        &self,
        account: &'a mut Account,
    ) -> Result<(RulesetHome<'a>, usize), Refusal> {
        let home = account
            .home(self.level)
            .ok_or_else(|| Refusal::no_route(self.path))?;
        let found = home
            .rulesets
            .iter()
            .position(|ruleset| ruleset.id == self.ruleset);
        Ok((home, found.ok_or_else(not_found)?))
    }
}

/// GET `…/rulesets`: without rules, paged by cursor, of the phases that the caller may see.
pub(crate) fn list(
    account: &Account,
    level: Level<'_>,
    is_seen: impl Fn(Phase) -> bool,
    query: &Query,
    path: &str,
) -> Answered {
    let rulesets = account
        .rulesets(level)
        .ok_or_else(|| Refusal::no_route(path))?;
    let seen: Vec<&Ruleset> = rulesets
        .iter()
        .filter(|ruleset| is_seen(ruleset.phase))
        .collect();
    let per_page = query.number("per_page", 20, 1..=50)?;
    let cursor_of = |ruleset: &Ruleset| tag(&["cursor", &ruleset.id]);
    let start = match query.get("cursor") {
        None => 0,
        Some(cursor) => {
            let found = seen.iter().position(|ruleset| cursor_of(ruleset) == cursor);
            found.ok_or_else(|| Refusal::invalid("cursor is not one that was given out"))?
        }
    };
    let shown: Vec<Value> = seen
        .iter()
        .skip(start)
        .take(per_page)
        .map(|ruleset| ruleset.summary())
        .collect();
    let info = match seen.get(start + per_page) {
        Some(next) => json!({"cursors": {"after": cursor_of(next)}}),
        None => json!({}),
    };
    Ok(Answer::Page {
        result: Value::Array(shown),
        info,
    })
}

/// GET `…/rulesets/{ruleset_id}`.
pub(crate) fn read(account: &Account, at: RulesetPath<'_>) -> Answered {
    Ok(Answer::Of(at.find(account)?.to_json()))
}

/// POST `…/rulesets`.
pub(crate) fn create(
    account: &mut Account,
    level: Level<'_>,
    mut fields: Fields,
    path: &str,
    now: Timestamp,
) -> Answered {
    let home = account.home(level).ok_or_else(|| Refusal::no_route(path))?;
    let name = fields.text("name")?;
    let entry = home.terms.entry;
    let kind = match fields.text("kind")?.as_str() {
        "custom" => RulesetKind::Custom,
        word if word == entry.name() => entry,
        other => {
            let what = format!("must be {} or custom here, got {other:?}", entry.name());
            return Err(fields.refuse("kind", &what));
        }
    };
    let phase = level
        .phase(&fields.text("phase")?)
        .map_err(|refusal| refusal.at("/phase"))?;
    if kind == RulesetKind::Custom && phase != Phase::CustomRules {
        return Err(fields.refuse("kind", "cannot be custom in this phase"));
    }
    if kind == entry && entry_point::index(home.rulesets, phase).is_some() {
        let (kind, phase) = (kind.name(), phase.name());
        let message = format!(
            "'{kind}' is not a valid value for kind because exceeded maximum number of {kind} rulesets for phase {phase}"
        );
        return Err(Refusal::new(StatusCode::BAD_REQUEST, 20217, message).at("/kind"));
    }
    let description = fields.string("description")?.unwrap_or_default();
    let sent = rule_list::parse(&mut fields, phase)?;
    fields.finish()?;
    let mut ruleset = Ruleset::empty(home.ids.next(), name, kind, now);
    ruleset.phase = phase;
    ruleset.description = description;
    ruleset.rules = rule_list::merge(Vec::new(), sent, home.ids, now)?;
    ruleset.touch(now);
    home.rulesets.push(ruleset);
    let index = home.rulesets.len() - 1;
    rule_list::check(&home, index, Written::WholeList)?;
    Ok(Answer::Of(home.rulesets[index].to_json()))
}

/// PUT `…/rulesets/{ruleset_id}`: replaces description and rules.
pub(crate) fn replace(
    account: &mut Account,
    at: RulesetPath<'_>,
    mut fields: Fields,
    now: Timestamp,
) -> Answered {
    let (mut home, index) = at.find_mut(account)?;
    let Ruleset { kind, phase, .. } = &home.rulesets[index];
    for (field, fixed) in [("kind", kind.name()), ("phase", phase.name())] {
        if let Some(got) = fields.string(field)?.filter(|got| got != fixed) {
            let message = format!("{field} field cannot be modified: got {got}, want {fixed}");
            return Err(Refusal::invalid(message).at(format!("/{field}")));
        }
    }
    rewrite(&mut home, index, fields, now)
}

/// Replaces description and rules of an existing ruleset by what `fields` holds. What is left out
/// is emptied.
pub(crate) fn rewrite(
    home: &mut RulesetHome<'_>,
    index: usize,
    mut fields: Fields,
    now: Timestamp,
) -> Answered {
    let ruleset = &mut home.rulesets[index];
    if let Some(got) = fields.string("name")?.filter(|got| *got != ruleset.name) {
        let message = format!(
            "name field cannot be modified: got {got}, want {}",
            ruleset.name
        );
        return Err(Refusal::invalid(message).at("/name"));
    }
    if let Some(got) = fields.string("id")?.filter(|got| *got != ruleset.id) {
        return Err(Refusal::invalid(format!("id is {}, got {got}", ruleset.id)).at("/id"));
    }
    // Read-only fields of an answer that is sent back have no effect.
    fields.take("version");
    fields.take("last_updated");
    ruleset.description = fields.string("description")?.unwrap_or_default();
    let sent = rule_list::parse(&mut fields, ruleset.phase)?;
    fields.finish()?;
    ruleset.rules = rule_list::merge(std::mem::take(&mut ruleset.rules), sent, home.ids, now)?;
    ruleset.touch(now);
    rule_list::check(home, index, Written::WholeList)?;
    Ok(Answer::Of(home.rulesets[index].to_json()))
}

/// DELETE `…/rulesets/{ruleset_id}`: 204. With an entry point go the rules of
/// everybody.
pub(crate) fn delete(account: &mut Account, at: RulesetPath<'_>) -> Answered {
    let (home, index) = at.find_mut(account)?;
    let executes = |ruleset: &Ruleset| {
        ruleset
            .rules
            .iter()
            .any(|rule| rule.definition.executes(at.ruleset))
    };
    if home.rulesets.iter().any(executes) {
        return Err(Refusal::invalid(
            "the ruleset cannot be deleted while an execute rule names it",
        ));
    }
    home.rulesets.remove(index);
    Ok(Answer::Empty)
}

fn not_found() -> Refusal {
    Refusal::new(StatusCode::NOT_FOUND, UNCONFIRMED, "could not find ruleset")
}
