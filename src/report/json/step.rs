//! The steps of a plan, in their waves, with what each changes.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value;

use crate::plan;
use crate::plan::CaRef;
use crate::plan::Place;
use crate::plan::RuleChange;
use crate::report::json::address::Address;
use crate::report::plan::symbol_and_word;
use crate::report::plan::why;
use crate::resource::Certificate;
use crate::resource::KeyId;
use crate::resource::RuleBody;

/// Steps that may take effect in any order; the next wave begins when all of them have been read back.
#[derive(Serialize, JsonSchema)]
pub(super) struct Wave<'a> {
    /// Counted from 1.
    number: usize,
    /// What kind of step it holds.
    phase: String,
    /// Whether the edge must have caught up with the waves before it.
    settles_first: bool,
    steps: Vec<Step<'a>>,
}

/// One change of the account, done by one call.
#[derive(Serialize, JsonSchema)]
struct Step<'a> {
    /// Counted from 1, over all waves.
    number: usize,
    /// `+` for what comes, `-` for what goes, `~` for what changes, `±` for what is replaced.
    symbol: char,
    /// The word for what is done.
    verb: &'static str,
    address: Address<'a>,
    reason: Reason,
    change: Change<'a>,
}

/// Why a step is taken.
#[derive(Serialize, JsonSchema)]
struct Reason {
    kind: ReasonKind,
    /// The same for people.
    text: String,
}

#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum ReasonKind {
    Missing,
    NewContent,
    Differs,
    NotDeclared,
    Retired,
    Bypassed,
    OutOfOrder,
    OnTheWay,
    Served,
}

/// What a step does.
#[derive(Serialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum Change<'a> {
    UploadCa {
        /// The name that it gets in the account.
        name: String,
        certificates: Vec<Issuing<'a>>,
    },
    ReplaceHosts {
        zone: &'a str,
        ca: Ca<'a>,
        added: Vec<&'a str>,
        removed: Vec<&'a str>,
        /// How many hosts stay in the list.
        kept: usize,
    },
    CreateRule {
        zone: &'a str,
        rule: Rule<'a>,
        place: Where<'a>,
    },
    ReplaceRule {
        zone: &'a str,
        before: Rule<'a>,
        after: Rule<'a>,
    },
    MoveRule {
        zone: &'a str,
        rule: Rule<'a>,
        place: Where<'a>,
    },
    DeleteRule {
        zone: &'a str,
        rule: Rule<'a>,
    },
    DeleteCa {
        id: &'a str,
        /// Its name in the account.
        name: &'a str,
    },
}

/// A certificate of a CA.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Certificate")]
struct Issuing<'a> {
    subject: &'a str,
    /// SHA-256 over its DER form, in hexadecimal digits.
    fingerprint: String,
    /// `null` if the certificate names none.
    key_id: Option<&'a str>,
    not_after: String,
}

/// How a step names a CA.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Ca")]
#[serde(tag = "kind", rename_all = "snake_case")]
enum Ca<'a> {
    CloudflareManaged,
    Known {
        id: &'a str,
    },
    /// An earlier step of this plan uploads it.
    UploadedBy {
        /// Its name in the file.
        name: &'a str,
    },
}

/// A custom rule.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Rule")]
struct Rule<'a> {
    r#ref: &'a str,
    description: &'a str,
    action: &'a str,
    /// What the action needs to know; an empty object where it needs nothing.
    parameters: &'a Value,
    expression: &'a str,
    enabled: bool,
}

/// A place in a zone's list of rules.
#[derive(Serialize, JsonSchema)]
#[schemars(rename = "Place")]
#[serde(tag = "kind", rename_all = "snake_case")]
enum Where<'a> {
    /// Above every other rule.
    First,
    /// Right below another rule.
    After { r#ref: &'a str },
}

/// The waves of a plan, with its steps counted through.
pub(super) fn waves(waves: &[plan::Wave]) -> Vec<Wave<'_>> {
    let mut number = 0;
    let mut next = || {
        number += 1;
        number
    };
    let waves = (1..).zip(waves).map(|(nth, wave)| {
        let plan::Wave {
            phase,
            steps,
            settles_first,
        } = wave;
        Wave {
            number: nth,
            phase: phase.to_string(),
            settles_first: *settles_first,
            steps: steps.iter().map(|step| Step::of(step, next())).collect(),
        }
    });
    waves.collect()
}

impl<'a> Step<'a> {
    fn of(step: &'a plan::Step, number: usize) -> Self {
        let plan::Step {
            address,
            change,
            reason,
        } = step;
        let (symbol, verb) = symbol_and_word(change, reason);
        Self {
            number,
            symbol,
            verb,
            address: Address::of(address),
            reason: Reason::of(reason),
            change: Change::of(change),
        }
    }
}

impl Reason {
    fn of(reason: &plan::Reason) -> Self {
        let kind = match reason {
            plan::Reason::Missing => ReasonKind::Missing,
            plan::Reason::NewContent => ReasonKind::NewContent,
            plan::Reason::Differs { .. } => ReasonKind::Differs,
            plan::Reason::NotDeclared => ReasonKind::NotDeclared,
            plan::Reason::Retired { .. } => ReasonKind::Retired,
            plan::Reason::Bypassed { .. } => ReasonKind::Bypassed,
            plan::Reason::OutOfOrder { .. } => ReasonKind::OutOfOrder,
            plan::Reason::OnTheWay => ReasonKind::OnTheWay,
            plan::Reason::Served => ReasonKind::Served,
        };
        Self {
            kind,
            text: why(reason),
        }
    }
}

impl<'a> Change<'a> {
    fn of(change: &'a plan::Change) -> Self {
        match change {
            plan::Change::UploadCa { mark, bundle } => Self::UploadCa {
                name: mark.to_string(),
                certificates: bundle.certificates().iter().map(Issuing::of).collect(),
            },
            plan::Change::ReplaceHosts {
                zone,
                ca,
                before,
                after,
            } => Self::ReplaceHosts {
                zone: zone.as_str(),
                ca: Ca::of(ca),
                added: after.0.difference(&before.0).map(String::as_str).collect(),
                removed: before.0.difference(&after.0).map(String::as_str).collect(),
                kept: before.0.intersection(&after.0).count(),
            },
            plan::Change::Rule { zone, change } => Self::of_rule(zone.as_str(), change),
            plan::Change::DeleteCa { id, name } => Self::DeleteCa {
                id: id.as_str(),
                name,
            },
        }
    }

    fn of_rule(zone: &'a str, change: &'a RuleChange) -> Self {
        match change {
            RuleChange::Create { rule, place } => Self::CreateRule {
                zone,
                rule: Rule::of(rule),
                place: Where::of(place),
            },
            RuleChange::Replace { before, after } => Self::ReplaceRule {
                zone,
                before: Rule::of(before),
                after: Rule::of(after),
            },
            RuleChange::Move { rule, place } => Self::MoveRule {
                zone,
                rule: Rule::of(rule),
                place: Where::of(place),
            },
            RuleChange::Delete { rule } => Self::DeleteRule {
                zone,
                rule: Rule::of(rule),
            },
        }
    }
}

impl<'a> Issuing<'a> {
    fn of(certificate: &'a Certificate) -> Self {
        Self {
            subject: certificate.subject(),
            fingerprint: certificate.fingerprint().to_string(),
            key_id: certificate.key_id().map(KeyId::as_str),
            not_after: certificate.not_after().to_string(),
        }
    }
}

impl<'a> Ca<'a> {
    fn of(ca: &'a CaRef) -> Self {
        match ca {
            CaRef::CloudflareManaged => Self::CloudflareManaged,
            CaRef::Known(id) => Self::Known { id: id.as_str() },
            CaRef::UploadedBy(name) => Self::UploadedBy {
                name: name.as_str(),
            },
        }
    }
}

impl<'a> Rule<'a> {
    fn of(rule: &'a RuleBody) -> Self {
        let RuleBody {
            reference,
            description,
            action,
            parameters,
            expression,
            enabled,
        } = rule;
        Self {
            r#ref: reference,
            description,
            action,
            parameters,
            expression,
            enabled: *enabled,
        }
    }
}

impl<'a> Where<'a> {
    fn of(place: &'a Place) -> Self {
        match place {
            Place::First => Self::First,
            Place::After(reference) => Self::After { r#ref: reference },
        }
    }
}
