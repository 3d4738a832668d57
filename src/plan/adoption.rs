//! Adopted rules: which live rules the file takes over, and while they are left as they are.
//!
//! An adopted rule is a piece of the rule that adopts it. While it says what the file says, neither its
//! text nor its place nor its missing mark is a difference; with the first change it becomes a rule like
//! any other of ours, under the id and the `ref` that it has.

use std::collections::BTreeSet;

use crate::desired;
use crate::desired::Desired;
use crate::live::Live;
use crate::live::Rules;
use crate::plan::Note;
use crate::plan::meaning;
use crate::plan::ownership;
use crate::resource::CustomRule;
use crate::resource::MarkedRule;
use crate::resource::RuleBody;
use crate::resource::RuleMark;
use crate::resource::ZoneName;

/// The rule of the file that adopts the live rule of a zone with this `ref`.
pub(super) fn adopter<'d>(
    desired: &'d Desired,
    zone: &ZoneName,
    reference: &str,
) -> Option<&'d desired::Rule> {
    desired.rules.iter().find(|rule| {
        let adopted = rule.adopt.get(zone).into_iter().flatten();
        adopted.into_iter().any(|one| one == reference)
    })
}

/// The live rules of ours in a zone, each with its mark: the one that it carries, or the one that it would
/// get. What the file says of an adopted rule counts for more than the mark that it carries.
pub(super) fn pieces<'a>(
    desired: &Desired,
    zone: &ZoneName,
    rules: &'a [CustomRule],
) -> Vec<(RuleMark, &'a CustomRule)> {
    let ours = rules
        .iter()
        .filter(|rule| ownership::is_our_rule(desired, zone, rule));
    let ours: Vec<(&CustomRule, Option<RuleMark>, Option<&desired::Rule>)> = ours
        .map(|rule| {
            let adopter = adopter(desired, zone, &rule.reference);
            let mark = rule.mark().filter(|mark| match adopter {
                Some(adopter) => mark.rule == MarkedRule::Declared(adopter.name.clone()),
                None => true,
            });
            (rule, mark, adopter)
        })
        .collect();
    let number = |mark: &RuleMark| (mark.rule.clone(), mark.piece);
    let with_marks = ours.iter().filter_map(|(_, mark, _)| mark.as_ref());
    let mut taken: BTreeSet<(MarkedRule, u32)> = with_marks.map(number).collect();
    let mut met: BTreeSet<(MarkedRule, u32)> = BTreeSet::new();
    let numbered = ours.into_iter().filter_map(|(live, mark, adopter)| {
        // A copy of an adopted rule has its mark, too.
        let mark = mark.filter(|mark| met.insert(number(mark)) || adopter.is_none());
        let mark = mark.or_else(|| {
            let rule = MarkedRule::Declared(adopter?.name.clone());
            let piece = (1..=u32::MAX).find(|piece| taken.insert((rule.clone(), *piece)))?;
            Some(RuleMark {
                owner: desired.owner.clone(),
                rule,
                piece,
            })
        });
        Some((mark?, live))
    });
    numbered.collect()
}

/// Whether an adopted rule does to requests what the file asks for, in whatever words.
pub(super) fn says_the_same(zone: &ZoneName, live: &CustomRule, wanted: &RuleBody) -> bool {
    let RuleBody {
        reference: _,
        description: _,
        action,
        parameters,
        expression,
        enabled,
    } = wanted;
    live.action == *action
        && live.parameters == *parameters
        && live.enabled == *enabled
        && meaning::is_same(&live.expression, expression, zone)
}

/// Adopted rules that are not in the account.
pub(super) fn missing(desired: &Desired, live: &Live) -> Vec<Note> {
    let is_there = |zone: &ZoneName, reference: &str| {
        let zone = live.zones.get(zone);
        match zone.map(|zone| zone.rules.as_ref()) {
            None => false,
            // It was not looked for.
            Some(None) => true,
            Some(Some(rules)) => has(rules, reference),
        }
    };
    let adopted = desired.rules.iter().flat_map(|rule| {
        let zones = rule.adopt.iter();
        zones.flat_map(move |(zone, refs)| refs.iter().map(move |one| (rule, zone, one)))
    });
    let missing = adopted.filter(|(_, zone, reference)| !is_there(zone, reference));
    let notes = missing.map(|(rule, zone, reference)| Note::AdoptedMissing {
        rule: rule.name.clone(),
        zone: zone.clone(),
        reference: reference.clone(),
    });
    notes.collect()
}

fn has(rules: &Rules, reference: &str) -> bool {
    let mut rules = rules.as_slice().iter();
    rules.any(|rule| rule.reference == reference)
}
