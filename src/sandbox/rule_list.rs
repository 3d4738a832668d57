//! The rule list of a ruleset as a whole: which sent rule is which existing one, and what must hold
//! of the list after every write.

use std::collections::BTreeSet;

use http::StatusCode;
use jiff::Timestamp;
use serde_json::Value;

use crate::sandbox::envelope::Refusal;
use crate::sandbox::envelope::UNCONFIRMED;
use crate::sandbox::fields::Fields;
use crate::sandbox::ids::Ids;
use crate::sandbox::level::RulesetHome;
use crate::sandbox::level::Terms;
use crate::sandbox::phase::Phase;
use crate::sandbox::rule_definition;
use crate::sandbox::rule_definition::SentRule;
use crate::sandbox::ruleset::Rule;
use crate::sandbox::ruleset::Ruleset;
use crate::sandbox::ruleset::RulesetKind;
use crate::sandbox::zone::ZonePlan;

/// What a write sent, which decides where a refusal points.
#[derive(Clone, Copy)]
pub(crate) enum Written {
    OneRule,
    WholeList,
}

/// Takes `rules` out of the body. Left out means none, as the schema's default says.
pub(crate) fn parse(fields: &mut Fields, phase: Phase) -> Result<Vec<SentRule>, Refusal> {
    let sent = fields.array("rules")?.unwrap_or_default();
    let parse = |(index, rule): (usize, Value)| {
        rule_definition::parse(Fields::of(rule, format!("/rules/{index}"))?, phase)
    };
    sent.into_iter().enumerate().map(parse).collect()
}

/// The new list. A rule is the existing one of its id, else of its `ref`; with another `ref`, or
/// with neither, it is a new rule with a new id (API reference, section 3.4).
pub(crate) fn merge(
    existing: Vec<Rule>,
    sent: Vec<SentRule>,
    ids: &mut Ids,
    now: Timestamp,
) -> Result<Vec<Rule>, Refusal> {
    let mut left = existing;
    let mut rules = Vec::with_capacity(sent.len());
    for (
        index,
        SentRule {
            id,
            reference,
            definition,
        },
    ) in sent.into_iter().enumerate()
    {
        let found = match (&id, &reference) {
            (Some(id), _) => {
                let found = left.iter().position(|rule| rule.id == *id);
                let unknown = || {
                    Refusal::invalid(format!(
                        "id {id:?} is no rule of this ruleset, or given twice"
                    ))
                };
                Some(found.ok_or_else(|| unknown().at(format!("/rules/{index}/id")))?)
            }
            (None, Some(reference)) => left.iter().position(|rule| rule.reference == *reference),
            (None, None) => None,
        };
        let known = found.map(|found| left.remove(found));
        match known.filter(|rule| {
            reference
                .as_ref()
                .is_none_or(|reference| rule.reference == *reference)
        }) {
            Some(mut rule) => {
                let keeps_reference = rule.reference == *reference.as_ref().unwrap_or(&rule.id);
                if rule.definition != definition || !keeps_reference {
                    rule.redefine(reference, definition, now);
                }
                rules.push(rule);
            }
            None => rules.push(Rule::new(ids.next(), reference, definition, now)),
        }
    }
    Ok(rules)
}

/// What must hold after a write to the ruleset at `index`.
pub(crate) fn check(home: &RulesetHome<'_>, index: usize, written: Written) -> Result<(), Refusal> {
    let RulesetHome {
        rulesets, terms, ..
    } = home;
    let ruleset = &rulesets[index];
    let mut references = BTreeSet::new();
    for (index, rule) in ruleset.rules.iter().enumerate() {
        if !references.insert(&rule.reference) {
            let message = format!("ref {:?} is not unique in the ruleset", rule.reference);
            return Err(Refusal::invalid(message).at(written.pointer(index, "ref")));
        }
        check_rule(rulesets, ruleset, rule, *terms).map_err(|(field, message)| {
            Refusal::invalid(message).at(written.pointer(index, field))
        })?;
    }
    let phase = ruleset.phase;
    let rules: usize = rulesets
        .iter()
        .filter(|other| other.phase == phase)
        .map(|other| other.rules.len())
        .sum();
    let quota = phase.rule_quota(terms.plan);
    if rules > quota {
        let message = format!(
            "exceeded maximum number of {} of the {}: {rules} of {quota}",
            phase.rules(),
            terms.level()
        );
        return Err(Refusal::new(StatusCode::BAD_REQUEST, UNCONFIRMED, message));
    }
    Ok(())
}

/// Whether a rule may stand in its ruleset; else the field at fault, and why.
fn check_rule(
    rulesets: &[Ruleset],
    ruleset: &Ruleset,
    rule: &Rule,
    terms: Terms,
) -> Result<(), (&'static str, String)> {
    let action = rule.definition.action.as_str();
    let parameters = &rule.definition.action_parameters;
    if action == "log" && terms.plan != ZonePlan::Enterprise {
        return Err(("action", "the action log needs an Enterprise zone".into()));
    }
    if action == "block" && terms.plan == ZonePlan::Free && parameters.contains_key("response") {
        return Err((
            "action_parameters/response",
            "an own block answer needs a paid zone".into(),
        ));
    }
    if ruleset.kind == RulesetKind::Root {
        if action != "execute" {
            let message = format!("the action {action} is not allowed in a root ruleset");
            return Err(("action", message));
        }
        if !is_for_enterprise(&rule.definition.expression) {
            let message = "expression must contain cf.zone.plan eq \"ENT\"";
            return Err(("expression", message.into()));
        }
    }
    if action == "execute" {
        let target = parameters
            .get("id")
            .and_then(Value::as_str)
            .unwrap_or_default();
        let is_target = |other: &Ruleset| other.kind == RulesetKind::Custom && other.id == target;
        if ruleset.kind == RulesetKind::Custom || !rulesets.iter().any(is_target) {
            let level = terms.level();
            return Err((
                "action_parameters/id",
                format!("execute needs a custom ruleset of this {level}, and an entry point"),
            ));
        }
    }
    Ok(())
}

/// Whether an expression is limited to Enterprise zones, as that of an account-level rule must be (API
/// reference, section 3.5).
fn is_for_enterprise(expression: &str) -> bool {
    ["cf.zone.plan eq \"ENT\"", "cf.zone.plan == \"ENT\""]
        .iter()
        .any(|test| expression.contains(test))
}

impl Written {
    fn pointer(self, index: usize, field: &str) -> String {
        match self {
            Self::OneRule => format!("/{field}"),
            Self::WholeList => format!("/rules/{index}/{field}"),
        }
    }
}
