//! Whole rulesets of a zone: list, create, read, replace, delete (API reference, section 3.1).

use http::StatusCode;
use jiff::Timestamp;
use serde_json::Value;
use serde_json::json;

use crate::sandbox::account::Account;
use crate::sandbox::entry_point::known_phase;
use crate::sandbox::entry_point::not_entitled;
use crate::sandbox::envelope::Answer;
use crate::sandbox::envelope::Answered;
use crate::sandbox::envelope::Refusal;
use crate::sandbox::envelope::UNCONFIRMED;
use crate::sandbox::fields::Fields;
use crate::sandbox::ids::Ids;
use crate::sandbox::ids::tag;
use crate::sandbox::query::Query;
use crate::sandbox::rule_list;
use crate::sandbox::rule_list::Written;
use crate::sandbox::ruleset::CUSTOM_RULES;
use crate::sandbox::ruleset::Ruleset;
use crate::sandbox::ruleset::RulesetKind;
use crate::sandbox::zone::Zone;

/// Which ruleset a request is about.
#[derive(Clone, Copy)]
pub(crate) struct RulesetPath<'a> {
    pub(crate) zone: &'a str,
    pub(crate) ruleset: &'a str,
    /// For messages.
    pub(crate) path: &'a str,
}

impl RulesetPath<'_> {
    /// The ruleset to read.
    pub(crate) fn find<'a>(&self, account: &'a Account) -> Result<&'a Ruleset, Refusal> {
        let zone = account
            .zone(self.zone)
            .ok_or_else(|| Refusal::no_route(self.path))?;
        zone.rulesets
            .iter()
            .find(|ruleset| ruleset.id == self.ruleset)
            .ok_or_else(not_found)
    }

    /// The zone, the place of the ruleset in it, and the source of ids.
    pub(crate) fn find_mut<'a>(
        &self,
        account: &'a mut Account,
    ) -> Result<(&'a mut Zone, usize, &'a mut Ids), Refusal> {
        let (zone, ids) = account
            .zone_mut(self.zone)
            .ok_or_else(|| Refusal::no_route(self.path))?;
        let found = zone
            .rulesets
            .iter()
            .position(|ruleset| ruleset.id == self.ruleset);
        Ok((zone, found.ok_or_else(not_found)?, ids))
    }
}

/// GET `/zones/{zone_id}/rulesets`: without rules, paged by cursor.
pub(crate) fn list(account: &Account, zone_id: &str, query: &Query, path: &str) -> Answered {
    let zone = account
        .zone(zone_id)
        .ok_or_else(|| Refusal::no_route(path))?;
    let per_page = query.number("per_page", 20, 1..=50)?;
    let cursor_of = |ruleset: &Ruleset| tag(&["cursor", &ruleset.id]);
    let start = match query.get("cursor") {
        None => 0,
        Some(cursor) => {
            let found = zone
                .rulesets
                .iter()
                .position(|ruleset| cursor_of(ruleset) == cursor);
            found.ok_or_else(|| Refusal::invalid("cursor is not one that was given out"))?
        }
    };
    let shown: Vec<Value> = zone
        .rulesets
        .iter()
        .skip(start)
        .take(per_page)
        .map(Ruleset::summary)
        .collect();
    let info = match zone.rulesets.get(start + per_page) {
        Some(next) => json!({"cursors": {"after": cursor_of(next)}}),
        None => json!({}),
    };
    Ok(Answer::Page {
        result: Value::Array(shown),
        info,
    })
}

/// GET `/zones/{zone_id}/rulesets/{ruleset_id}`.
pub(crate) fn read(account: &Account, at: RulesetPath<'_>) -> Answered {
    Ok(Answer::Of(at.find(account)?.to_json()))
}

/// POST `/zones/{zone_id}/rulesets`.
pub(crate) fn create(
    account: &mut Account,
    zone_id: &str,
    mut fields: Fields,
    path: &str,
    now: Timestamp,
) -> Answered {
    let (zone, ids) = account
        .zone_mut(zone_id)
        .ok_or_else(|| Refusal::no_route(path))?;
    let name = fields.text("name")?;
    let kind = match fields.text("kind")?.as_str() {
        "zone" => RulesetKind::Zone,
        "custom" => RulesetKind::Custom,
        other => {
            return Err(fields.refuse(
                "kind",
                &format!("must be zone or custom here, got {other:?}"),
            ));
        }
    };
    let phase = fields.text("phase")?;
    known_phase(&phase).map_err(|refusal| refusal.at("/phase"))?;
    if phase != CUSTOM_RULES {
        return Err(not_entitled(&phase).at("/phase"));
    }
    if kind == RulesetKind::Zone && zone.rulesets.iter().any(|ruleset| ruleset.kind == kind) {
        let message = format!(
            "'zone' is not a valid value for kind because exceeded maximum number of zone rulesets for phase {phase}"
        );
        return Err(Refusal::new(StatusCode::BAD_REQUEST, 20217, message).at("/kind"));
    }
    let description = fields.string("description")?.unwrap_or_default();
    let sent = rule_list::parse(&mut fields)?;
    fields.finish()?;
    let id = ids.next();
    let rules = rule_list::merge(Vec::new(), sent, ids, now)?;
    let mut ruleset = Ruleset::empty(id, name, kind, now);
    ruleset.description = description;
    ruleset.rules = rules;
    ruleset.touch(now);
    zone.rulesets.push(ruleset);
    let index = zone.rulesets.len() - 1;
    rule_list::check(zone, index, Written::WholeList)?;
    Ok(Answer::Of(zone.rulesets[index].to_json()))
}

/// PUT `/zones/{zone_id}/rulesets/{ruleset_id}`: replaces description and rules.
pub(crate) fn replace(
    account: &mut Account,
    at: RulesetPath<'_>,
    mut fields: Fields,
    now: Timestamp,
) -> Answered {
    let (zone, index, ids) = at.find_mut(account)?;
    let kind = zone.rulesets[index].kind;
    for (field, fixed) in [("kind", kind.name()), ("phase", CUSTOM_RULES)] {
        if let Some(got) = fields.string(field)?.filter(|got| got != fixed) {
            let message = format!("{field} field cannot be modified: got {got}, want {fixed}");
            return Err(Refusal::invalid(message).at(format!("/{field}")));
        }
    }
    rewrite(zone, index, ids, fields, now)
}

/// Replaces description and rules of an existing ruleset by what `fields` holds. What is left out
/// is emptied.
pub(crate) fn rewrite(
    zone: &mut Zone,
    index: usize,
    ids: &mut Ids,
    mut fields: Fields,
    now: Timestamp,
) -> Answered {
    let ruleset = &mut zone.rulesets[index];
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
    let sent = rule_list::parse(&mut fields)?;
    fields.finish()?;
    ruleset.rules = rule_list::merge(std::mem::take(&mut ruleset.rules), sent, ids, now)?;
    ruleset.touch(now);
    rule_list::check(zone, index, Written::WholeList)?;
    Ok(Answer::Of(zone.rulesets[index].to_json()))
}

/// DELETE `/zones/{zone_id}/rulesets/{ruleset_id}`: 204. With an entry point go the rules of
/// everybody.
pub(crate) fn delete(account: &mut Account, at: RulesetPath<'_>) -> Answered {
    let (zone, index, _) = at.find_mut(account)?;
    let executes = |ruleset: &Ruleset| {
        ruleset
            .rules
            .iter()
            .any(|rule| rule.definition.executes(at.ruleset))
    };
    if zone.rulesets.iter().any(executes) {
        return Err(Refusal::invalid(
            "the ruleset cannot be deleted while an execute rule names it",
        ));
    }
    zone.rulesets.remove(index);
    Ok(Answer::Empty)
}

fn not_found() -> Refusal {
    Refusal::new(StatusCode::NOT_FOUND, UNCONFIRMED, "could not find ruleset")
}
