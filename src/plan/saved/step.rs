//! The steps of a plan as they are written down: what each does, and a digest of it.
//!
//! The digest leaves out ids, which may be others tomorrow, and descriptions, which remember days. A rule is
//! told by our mark, somebody else's by what it says, and a CA by its content.

use serde::Deserialize;
use serde::Serialize;
use serde_json::Value;
use serde_json::json;

use crate::desired::Desired;
use crate::live::Live;
use crate::live::LiveCa;
use crate::live::Rules;
use crate::plan::CaRef;
use crate::plan::Change;
use crate::plan::Place;
use crate::plan::Plan;
use crate::plan::RuleChange;
use crate::plan::Step;
use crate::plan::Wave;
use crate::plan::basis::printed;
use crate::plan::basis::sorted;
use crate::resource::CaId;
use crate::resource::CustomRule;
use crate::resource::Digest;
use crate::resource::RuleBody;
use crate::resource::RuleMark;
use crate::resource::ZoneName;

/// A wave.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct WaveThen {
    phase: String,
    settles_first: bool,
    steps: Vec<StepThen>,
}

/// A step.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StepThen {
    /// For people; it may be called otherwise later.
    does: String,
    digest: Digest,
}

/// The waves of a plan.
pub(super) fn waves(plan: &Plan, desired: &Desired, live: &Live) -> Vec<WaveThen> {
    let known = Known { desired, live };
    let wave = |wave: &Wave| {
        let Wave {
            phase,
            steps,
            settles_first,
        } = wave;
        let steps = steps.iter().map(|step| StepThen {
            does: step.to_string(),
            digest: Digest::of(known.meaning(step).to_string()),
        });
        WaveThen {
            phase: phase.to_string(),
            settles_first: *settles_first,
            steps: steps.collect(),
        }
    };
    plan.waves.iter().map(wave).collect()
}

/// Which steps, and in which order.
pub(super) fn digest(waves: &[WaveThen]) -> Digest {
    let waves = waves.iter().map(|wave| {
        let WaveThen {
            phase,
            settles_first,
            steps,
        } = wave;
        let steps: Vec<&str> = steps.iter().map(|step| step.digest.as_str()).collect();
        json!([phase, settles_first, steps])
    });
    Digest::of(waves.collect::<Value>().to_string())
}

/// In what steps are others than they were, one phrase each.
pub(super) fn moved(then: &[WaveThen], now: &[WaveThen]) -> Vec<String> {
    if digest(then) == digest(now) {
        return Vec::new();
    }
    let mut new: Vec<&StepThen> = now.iter().flat_map(|wave| &wave.steps).collect();
    let mut phrases = Vec::new();
    for step in then.iter().flat_map(|wave| &wave.steps) {
        match new.iter().position(|one| one.digest == step.digest) {
            Some(at) => {
                new.remove(at);
            }
            None => phrases.push(format!("not any more: {}", step.does)),
        }
    }
    phrases.extend(new.into_iter().map(|step| format!("now: {}", step.does)));
    if phrases.is_empty() {
        phrases.push("the same steps, in other waves".to_owned());
    }
    phrases
}

/// What a step's names stand for.
struct Known<'a> {
    desired: &'a Desired,
    live: &'a Live,
}

impl Known<'_> {
    fn meaning(&self, step: &Step) -> Value {
        let Step {
            address: _, // says where in other words
            change,
            reason: _, // nothing is decided by it
        } = step;
        match change {
            Change::UploadCa { mark, bundle } => {
                json!([
                    "upload",
                    mark.to_string(),
                    Digest::of_bundle(bundle).as_str()
                ])
            }
            Change::ReplaceHosts {
                zone,
                ca,
                before,
                after,
            } => json!(["hosts", zone.as_str(), self.ca(ca), before.0, after.0]),
            Change::Rule { zone, change } => {
                let (zone, name) = (zone.as_str(), zone);
                match change {
                    RuleChange::Create { rule, place } => {
                        json!(["create", zone, body(rule), self.place(name, place)])
                    }
                    RuleChange::Replace { before, after } => {
                        json!(["change", zone, body(before), body(after)])
                    }
                    RuleChange::Move { rule, place } => {
                        json!(["move", zone, body(rule), self.place(name, place)])
                    }
                    RuleChange::Delete { rule } => json!(["delete", zone, body(rule)]),
                }
            }
            Change::DeleteCa { id, name } => json!(["delete", name, self.content(id)]),
        }
    }

    fn ca(&self, ca: &CaRef) -> Value {
        match ca {
            CaRef::CloudflareManaged => json!("managed"),
            CaRef::Known(id) => self.content(id),
            CaRef::UploadedBy(name) => json!(["uploaded", name.as_str()]),
        }
    }

    /// The content of a CA, else its name.
    fn content(&self, id: &CaId) -> Value {
        let ca = self.live.ca(id);
        match ca.and_then(|ca| ca.bundle.as_ref()) {
            Some(bundle) => json!(Digest::of_bundle(bundle).as_str()),
            None => json!(["unreadable", ca.map(LiveCa::label)]),
        }
    }

    fn place(&self, zone: &ZoneName, place: &Place) -> Value {
        let reference = match place {
            Place::First => return json!("first"),
            Place::After(reference) => reference,
        };
        let zone = self.live.zones.get(zone);
        let rules = zone.and_then(|zone| zone.rules.as_ref());
        let mut rules = rules.map_or(&[][..], Rules::as_slice).iter();
        match rules.find(|rule| rule.reference == *reference) {
            Some(rule) => json!(["after", self.rule(rule)]),
            // An earlier step makes it, under a mark of ours.
            None => json!(["after", reference]),
        }
    }

    /// A rule that is there: ours by its mark, somebody else's by what it says.
    fn rule(&self, rule: &CustomRule) -> Value {
        let mark = rule.mark();
        match mark.filter(|mark| self.desired.is_ours(&mark.owner)) {
            Some(mark) => json!(mark.to_string()),
            None => said(&rule.body()),
        }
    }
}

fn body(body: &RuleBody) -> Value {
    let mark = RuleMark::of(&body.reference, &body.description);
    json!([mark.map(|mark| mark.to_string()), said(body)])
}

fn said(body: &RuleBody) -> Value {
    let RuleBody {
        reference: _,
        description: _,
        action,
        parameters,
        expression,
        enabled,
    } = body;
    json!([action, sorted(parameters), printed(expression), enabled])
}
