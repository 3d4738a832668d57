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
use crate::plan::compile;
use crate::plan::ownership;
use crate::plan::pack;
use crate::plan::place;
use crate::plan::place::Seat;
use crate::resource::CustomRule;
use crate::resource::EXPRESSION_LIMIT;
use crate::resource::Hostname;
use crate::resource::RuleBody;
use crate::resource::RuleMark;
use crate::resource::ZoneName;

/// The rules that change.
pub(super) struct RuleChanges {
    pub(super) steps: Vec<(Phase, Step)>,
    pub(super) refusals: Vec<Refusal>,
}

/// Holds the declared rules against those of every zone that the file speaks for.
pub(super) fn compare(desired: &Desired, live: &Live) -> RuleChanges {
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
        let ours = ours(desired, rules);
        match wanted(desired, name, &ours) {
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
}

/// The live rules of ours, each with its mark.
fn ours<'a>(desired: &Desired, rules: &'a Rules) -> Vec<(RuleMark, &'a CustomRule)> {
    let marked = rules
        .as_slice()
        .iter()
        .filter(|rule| ownership::is_our_rule(desired, rule));
    marked
        .filter_map(|rule| Some((rule.mark()?, rule)))
        .collect()
}

/// The rules that a zone shall have, in the order of the file.
fn wanted<'a>(
    desired: &Desired,
    zone: &ZoneName,
    ours: &[(RuleMark, &'a CustomRule)],
) -> Result<Vec<Wanted<'a>>, Refusal> {
    let mut wanted = Vec::new();
    for rule in &desired.rules {
        let Some(requirement) = rule.zones.get(zone) else {
            continue;
        };
        let pieces: BTreeMap<u32, &CustomRule> = ours
            .iter()
            .rev() // the first of two rules with one mark is kept
            .filter(|(mark, _)| mark.rule == rule.name)
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
                rule: rule.name.clone(),
                piece,
            };
            wanted.push(Wanted {
                body: body(desired, rule, &mark, &requirement, live),
                hosts: requirement.hosts.into_keys().collect(),
                live,
            });
        }
    }
    Ok(wanted)
}

/// A live rule keeps its `ref`; one whose `ref` is not ours carries the mark in its description.
fn body(
    desired: &Desired,
    rule: &desired::Rule,
    mark: &RuleMark,
    requirement: &Requirement,
    live: Option<&CustomRule>,
) -> RuleBody {
    let reference = live.map_or_else(|| mark.to_string(), |live| live.reference.clone());
    let text = format!(
        "{}: managed by mtlsctl ({}), edit {} instead",
        rule.name, desired.owner, desired.file
    );
    let is_marked = RuleMark::parse(&reference).is_some();
    RuleBody {
        description: if is_marked {
            text
        } else {
            format!("{text} [{mark}]")
        },
        reference,
        action: rule.action.to_owned(),
        parameters: rule.parameters.clone(),
        expression: compile::print(requirement),
        enabled: rule.enabled,
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
        })
        .collect();
    let lost: Vec<BTreeSet<Hostname>> = wanted.iter().map(losses).collect();
    let orphans: BTreeSet<Hostname> = surplus
        .iter()
        .flat_map(|live| compile::hosts_named(&live.expression))
        .collect();

    let mut steps = Vec::new();
    for (nth, (rule, place)) in wanted
        .iter()
        .zip(place::places(rules.as_slice(), &seats))
        .enumerate()
    {
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
        if let Some(live) = rule.live {
            let elsewhere = lost.iter().enumerate().filter(|(other, _)| *other != nth);
            let freed: BTreeSet<&Hostname> = elsewhere
                .flat_map(|(_, hosts)| hosts)
                .chain(&orphans)
                .collect();
            steps.extend(change(zone, live, rule, &lost[nth], &freed));
        }
    }
    steps.extend(surplus.into_iter().map(|live| delete(zone, live)));
    steps
}

/// The hosts that a rule covers now and will not cover any more.
fn losses(rule: &Wanted<'_>) -> BTreeSet<Hostname> {
    let now = rule
        .live
        .map(|live| compile::hosts_named(&live.expression))
        .unwrap_or_default();
    now.difference(&rule.hosts).cloned().collect()
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
        rule: live.clone(),
        place,
    };
    (
        Phase::Widen,
        step(zone, live.reference.clone(), change, reason),
    )
}

fn delete(zone: &ZoneName, live: &CustomRule) -> (Phase, Step) {
    let change = RuleChange::Delete { rule: live.clone() };
    (
        Phase::Narrow,
        step(zone, live.reference.clone(), change, Reason::NotDeclared),
    )
}

fn step(zone: &ZoneName, reference: String, change: RuleChange, reason: Reason) -> Step {
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

/// One change, or two where the rule both gives hosts away and takes over hosts that others give away:
/// then it covers both for a moment, so that no host is without a rule.
fn change(
    zone: &ZoneName,
    live: &CustomRule,
    rule: &Wanted<'_>,
    lost: &BTreeSet<Hostname>,
    freed: &BTreeSet<&Hostname>,
) -> Vec<(Phase, Step)> {
    let before = live.body();
    let fields = differences(&before, &rule.body);
    if fields.is_empty() {
        return Vec::new();
    }
    let replace = |before: RuleBody, after: RuleBody, reason: Reason| {
        step(
            zone,
            live.reference.clone(),
            RuleChange::Replace { before, after },
            reason,
        )
    };
    let differs = Reason::Differs { fields };
    if lost.is_empty() && !loses_issuers(&before, &rule.body) {
        return vec![(Phase::Widen, replace(before, rule.body.clone(), differs))];
    }
    let takes_over = rule.hosts.iter().any(|host| freed.contains(host));
    let both = takes_over.then(|| both(&before, &rule.body)).flatten();
    if let Some(both) = both {
        return vec![
            (
                Phase::Widen,
                replace(before, both.clone(), Reason::HandsOver),
            ),
            (Phase::Narrow, replace(both, rule.body.clone(), differs)),
        ];
    }
    vec![(Phase::Narrow, replace(before, rule.body.clone(), differs))]
}

/// Whether certificates that a rule lets through now will not get past it any more, by their issuers;
/// without any pin it lets every verified one through.
fn loses_issuers(before: &RuleBody, after: &RuleBody) -> bool {
    let before = compile::key_ids_named(&before.expression);
    let after = compile::key_ids_named(&after.expression);
    !after.is_empty() && (before.is_empty() || !before.is_subset(&after))
}

/// The rule as it shall be, matching what it matches now as well; `None` where that has no room.
fn both(before: &RuleBody, after: &RuleBody) -> Option<RuleBody> {
    let expression = compile::either(&before.expression, &after.expression)?;
    (expression.chars().count() <= EXPRESSION_LIMIT).then(|| RuleBody {
        expression,
        ..after.clone()
    })
}

/// The fields in which a live rule and a wanted one differ; layout is no difference.
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
        (Field::Description, *description != wanted.description),
    ];
    differ
        .into_iter()
        .filter(|(_, differs)| *differs)
        .map(|(field, _)| field)
        .collect()
}
