//! Rules: which are created, changed, moved and deleted in each zone.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use crate::desired;
use crate::desired::Desired;
use crate::desired::Requirement;
use crate::live::Live;
use crate::live::Rules;
use crate::plan::Address;
use crate::plan::Change;
use crate::plan::Field;
use crate::plan::Phase;
use crate::plan::Place;
use crate::plan::Reason;
use crate::plan::Refusal;
use crate::plan::RuleChange;
use crate::plan::Step;
use crate::plan::adoption;
use crate::plan::compile;
use crate::plan::overlap;
use crate::plan::overlap::Acceptance;
use crate::plan::overlap::Recollection;
use crate::plan::pack;
use crate::plan::place;
use crate::plan::place::Seat;
use crate::plan::seal;
use crate::resource::CustomRule;
use crate::resource::Hostname;
use crate::resource::MarkedRule;
use crate::resource::RuleBody;
use crate::resource::RuleMark;
use crate::resource::Seal;
use crate::resource::ZoneName;

/// The rules that change.
pub(super) struct RuleChanges {
    pub(super) steps: Vec<(Phase, Step)>,
    pub(super) refusals: Vec<Refusal>,
}

/// Holds the declared rules against those of every zone that the file speaks for.
pub(super) fn compare(desired: &Desired, live: &Live, acceptance: &Acceptance) -> RuleChanges {
    let mut changes = RuleChanges {
        steps: Vec::new(),
        refusals: Vec::new(),
    };
    for (name, zone) in live
        .zones
        .iter()
        .filter(|(name, _)| desired.speaks_for(name))
    {
        let Some(rules) = &zone.rules else { continue };
        let ours = adoption::pieces(desired, name, rules.as_slice());
        match wanted(desired, name, &ours, acceptance) {
            Ok(wanted) => changes
                .steps
                .extend(zone_steps(name, rules, &ours, &wanted)),
            Err(refusal) => changes.refusals.push(refusal),
        }
    }
    changes
}

/// A rule that the zone shall have.
struct Wanted<'a> {
    body: RuleBody,
    hosts: BTreeSet<Hostname>,
    /// The rule that it is now, if there is one.
    live: Option<&'a CustomRule>,
    /// Whether that one is adopted and says what the file says.
    is_settled: bool,
}

/// The rules that a zone shall have, in the order of the file.
fn wanted<'a>(
    desired: &Desired,
    zone: &ZoneName,
    ours: &[(RuleMark, &'a CustomRule)],
    acceptance: &Acceptance,
) -> Result<Vec<Wanted<'a>>, Refusal> {
    let mut wanted = Vec::new();
    for rule in &desired.rules {
        let Some(requirement) = rule.zones.get(zone) else {
            continue;
        };
        let pieces: BTreeMap<u32, &CustomRule> = ours
            .iter()
            .rev() // the first of two rules with one mark is kept
            .filter(|(mark, _)| mark.rule == MarkedRule::Declared(rule.name.clone()))
            .map(|(mark, live)| (mark.piece, *live))
            .collect();
        let named = pieces
            .iter()
            .map(|(piece, live)| (*piece, compile::hosts_named(&live.expression)))
            .collect();
        let packed = pack::pack(requirement, &named).map_err(|full| Refusal::NoRoom {
            rule: rule.name.clone(),
            zone: zone.clone(),
            host: full.host,
            length: full.length,
        })?;
        for (piece, requirement) in packed {
            let live = pieces.get(&piece).copied();
            let mark = RuleMark {
                owner: desired.owner.clone(),
                rule: MarkedRule::Declared(rule.name.clone()),
                piece,
            };
            let recollection = acceptance.of_rule(desired, &requirement);
            let body = body(desired, rule, &mark, &requirement, live, &recollection);
            let settled = live.filter(|live| {
                adoption::adopter(desired, zone, &live.reference).is_some()
                    && recollection.is_in(&live.description)
                    && adoption::says_the_same(zone, live, &body)
            });
            wanted.push(Wanted {
                body: settled.map_or(body, CustomRule::body),
                hosts: requirement.hosts.into_keys().collect(),
                live,
                is_settled: settled.is_some(),
            });
        }
    }
    Ok(wanted)
}

/// A live rule keeps its `ref`; one whose `ref` is not ours carries the mark in its description. What the
/// description remembers is brought up to date when the rule changes, or where a day would be lost.
fn body(
    desired: &Desired,
    rule: &desired::Rule,
    mark: &RuleMark,
    requirement: &Requirement,
    live: Option<&CustomRule>,
    recollection: &Recollection,
) -> RuleBody {
    let reference = live.map_or_else(|| mark.to_string(), |live| live.reference.clone());
    let unsealed = RuleBody {
        description: String::new(),
        reference: reference.clone(),
        action: rule.action.to_owned(),
        parameters: rule.parameters.clone(),
        expression: compile::print(requirement),
        enabled: rule.enabled,
    };
    let seal = seal::seal(&unsealed).map(|seal| seal.to_string());
    let text = format!(
        "{}: managed by mtlsctl ({}), edit {} instead{}",
        rule.name,
        desired.owner,
        desired.file,
        seal.unwrap_or_default()
    );
    let is_marked = RuleMark::parse(&reference).is_some();
    let described = |text: String| {
        if is_marked {
            text
        } else {
            format!("{text} [{mark}]")
        }
    };
    let body = RuleBody {
        description: described(recollection.behind(&text)),
        ..unsealed
    };
    let Some(live) = live.filter(|live| recollection.is_in(&live.description)) else {
        return body;
    };
    let unchanged = RuleBody {
        description: described(overlap::as_remembered(&text, &live.description)),
        ..body.clone()
    };
    if differences(&live.body(), &unchanged).is_empty() {
        unchanged
    } else {
        body
    }
}

fn zone_steps(
    zone: &ZoneName,
    rules: &Rules,
    ours: &[(RuleMark, &CustomRule)],
    wanted: &[Wanted<'_>],
) -> Vec<(Phase, Step)> {
    let kept: BTreeSet<&str> = wanted
        .iter()
        .filter_map(|rule| rule.live)
        .map(|live| live.id.as_str())
        .collect();
    let surplus: Vec<&CustomRule> = ours
        .iter()
        .map(|(_, live)| *live)
        .filter(|live| !kept.contains(live.id.as_str()))
        .collect();
    let seats: Vec<Seat<'_>> = wanted
        .iter()
        .map(|rule| Seat {
            reference: &rule.body.reference,
            hosts: rule.hosts.iter().collect(),
            is_settled: rule.is_settled,
        })
        .collect();

    let mut steps = Vec::new();
    for (rule, place) in wanted.iter().zip(place::places(rules.as_slice(), &seats)) {
        match (rule.live, place) {
            (None, place) => steps.push(create(
                zone,
                rule,
                place.map_or(Place::First, |(place, _)| place),
            )),
            (Some(live), Some((place, Some(reason)))) => {
                steps.push(relocate(zone, live, place, reason));
            }
            (Some(_), _) => {}
        }
        steps.extend(rule.live.and_then(|live| change(zone, live, rule)));
    }
    steps.extend(surplus.into_iter().map(|live| delete(zone, live)));
    steps
}

fn create(zone: &ZoneName, rule: &Wanted<'_>, place: Place) -> (Phase, Step) {
    let reference = rule.body.reference.clone();
    let change = RuleChange::Create {
        rule: rule.body.clone(),
        place,
    };
    (Phase::Widen, step(zone, reference, change, Reason::Missing))
}

fn relocate(zone: &ZoneName, live: &CustomRule, place: Place, reason: Reason) -> (Phase, Step) {
    let change = RuleChange::Move {
        rule: live.body(),
        place,
    };
    (
        Phase::Widen,
        step(zone, live.reference.clone(), change, reason),
    )
}

fn delete(zone: &ZoneName, live: &CustomRule) -> (Phase, Step) {
    let change = RuleChange::Delete { rule: live.body() };
    let is_bridge = live
        .mark()
        .is_some_and(|mark| mark.rule == MarkedRule::Bridge);
    let reason = if is_bridge {
        Reason::Served
    } else {
        Reason::NotDeclared
    };
    (
        Phase::Narrow,
        step(zone, live.reference.clone(), change, reason),
    )
}

pub(super) fn step(zone: &ZoneName, reference: String, change: RuleChange, reason: Reason) -> Step {
    Step {
        address: Address::Rule {
            zone: zone.clone(),
            label: reference,
        },
        change: Change::Rule {
            zone: zone.clone(),
            change,
        },
        reason,
    }
}

/// The change of a live rule.
fn change(zone: &ZoneName, live: &CustomRule, rule: &Wanted<'_>) -> Option<(Phase, Step)> {
    let (before, after) = (live.body(), rule.body.clone());
    let fields = differences(&before, &after);
    if fields.is_empty() {
        return None;
    }
    let phase = phase(&before, &after);
    let change = RuleChange::Replace { before, after };
    let differs = Reason::Differs { fields };
    let reference = live.reference.clone();
    Some((phase, step(zone, reference, change, differs)))
}

/// A rule that loses hosts, or certificates that get past it, is narrowed.
pub(super) fn phase(before: &RuleBody, after: &RuleBody) -> Phase {
    let hosts = compile::hosts_named(&after.expression);
    let keeps_hosts = compile::hosts_named(&before.expression).is_subset(&hosts);
    if keeps_hosts && !loses_issuers(before, after) {
        Phase::Widen
    } else {
        Phase::Narrow
    }
}

/// Whether certificates that a rule lets through now will not get past it any more, by their issuers;
/// without any pin it lets every verified one through.
fn loses_issuers(before: &RuleBody, after: &RuleBody) -> bool {
    let before = compile::key_ids_named(&before.expression);
    let after = compile::key_ids_named(&after.expression);
    !after.is_empty() && (before.is_empty() || !before.is_subset(&after))
}

/// The fields in which a live rule and a wanted one differ; layout is no difference, and a seal alone is none.
fn differences(live: &RuleBody, wanted: &RuleBody) -> Vec<Field> {
    let RuleBody {
        reference: _,
        description,
        action,
        parameters,
        expression,
        enabled,
    } = live;
    let differ = [
        (
            Field::Expression,
            !compile::is_same(expression, &wanted.expression),
        ),
        (Field::Action, *action != wanted.action),
        (Field::Parameters, *parameters != wanted.parameters),
        (Field::Enabled, *enabled != wanted.enabled),
        (
            Field::Description,
            Seal::cut(description) != Seal::cut(&wanted.description),
        ),
    ];
    differ
        .into_iter()
        .filter(|(_, differs)| *differs)
        .map(|(field, _)| field)
        .collect()
}
