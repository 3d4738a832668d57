//! A custom rule as the edge evaluates it.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use serde_json::Value;

use crate::expression::Expression;
use crate::expression::SyntaxError;
use crate::expression::parse;
use crate::resource::CustomRule;
use crate::resource::Hostname;
use crate::resource::RuleBody;
use crate::resource::RulesetId;
use crate::resource::ZoneName;

/// A rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// What people call it.
    pub name: String,
    /// Its `ref`, which is unique in its ruleset.
    pub reference: String,
    /// Whether it takes part at all.
    pub enabled: bool,
    /// Its expression, as it is stored.
    pub text: String,
    /// Which requests it is for, or why that cannot be read.
    pub condition: Result<Expression, SyntaxError>,
    /// What it does with them.
    pub effect: Effect,
}

/// What a rule does with a request that matches.
///
/// <https://developers.cloudflare.com/ruleset-engine/rules-language/actions/>
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Blocks it.
    Block,
    /// Challenges it: people may solve it, machines are locked out, strangers are not.
    Challenge,
    /// Lets it past the remaining rules of this ruleset.
    SkipRuleset,
    /// Lets it past the rest of the phase.
    SkipPhase,
    /// Decides nothing: it is logged, or past other products than custom rules.
    Nothing,
    /// Takes it through the rules of another ruleset first.
    Execute(Vec<Rule>),
    /// Something that could not be read, or an action that is not known here.
    Unknown,
}

impl Rule {
    /// A rule of the account; `deployed` are the rulesets that could be read.
    #[must_use]
    pub fn of(rule: &CustomRule, deployed: &BTreeMap<RulesetId, Vec<CustomRule>>) -> Self {
        Self {
            name: match rule.mark() {
                Some(mark) => mark.to_string(),
                None => rule.label().to_owned(),
            },
            reference: rule.reference.clone(),
            enabled: rule.enabled,
            text: rule.expression.clone(),
            condition: parse(&rule.expression),
            effect: Effect::of(&rule.action, &rule.parameters, &|id| {
                let rules = deployed.get(id)?;
                // A custom ruleset executes no other.
                let rules = rules.iter().map(|rule| Self::of(rule, &BTreeMap::new()));
                Some(rules.collect())
            }),
        }
    }

    /// A rule that a plan writes.
    #[must_use]
    pub fn written(body: &RuleBody) -> Self {
        Self {
            name: body.reference.clone(),
            reference: body.reference.clone(),
            enabled: body.enabled,
            text: body.expression.clone(),
            condition: parse(&body.expression),
            effect: Effect::of(&body.action, &body.parameters, &|_| None),
        }
    }
}

/// Fields about client certificates begin so.
pub const CERTIFICATE_FIELDS: &str = "cf.tls_client_auth.";

impl Rule {
    /// Whether its own expression is about client certificates; of one that cannot be read the text tells.
    #[must_use]
    pub fn mentions_certificates(&self) -> bool {
        match &self.condition {
            Ok(condition) => condition.mentions(CERTIFICATE_FIELDS).is_some(),
            Err(_) => self.text.contains(CERTIFICATE_FIELDS),
        }
    }

    /// Whether it, or a rule that it executes, is about client certificates.
    #[must_use]
    pub fn is_about_certificates(&self) -> bool {
        self.mentions_certificates()
            || matches!(&self.effect, Effect::Execute(inner) if inner.iter().any(Self::mentions_certificates))
    }

    /// The hosts of a zone that it compares the request's host with, those of rules that it executes included.
    #[must_use]
    pub fn hosts_named(&self, zone: &ZoneName) -> BTreeSet<Hostname> {
        let texts = self
            .condition
            .iter()
            .flat_map(|one| one.texts_of("http.host"));
        let texts = texts.filter_map(|text| std::str::from_utf8(text.as_bytes()).ok());
        let named = texts.filter_map(|text| Hostname::parse(text).ok());
        let mut hosts: BTreeSet<Hostname> = named.filter(|host| zone.contains(host)).collect();
        if let Effect::Execute(inner) = &self.effect {
            hosts.extend(inner.iter().flat_map(|rule| rule.hosts_named(zone)));
        }
        hosts
    }
}

impl Effect {
    fn of(
        action: &str,
        parameters: &Value,
        deployed: &dyn Fn(&RulesetId) -> Option<Vec<Rule>>,
    ) -> Self {
        let is_current =
            |field: &str| parameters.get(field).and_then(Value::as_str) == Some("current");
        match action {
            "block" => Self::Block,
            "challenge" | "js_challenge" | "managed_challenge" => Self::Challenge,
            "skip" if is_current("phase") => Self::SkipPhase,
            "skip" if is_current("ruleset") => Self::SkipRuleset,
            "skip" | "log" => Self::Nothing,
            // What an override changes is not taken apart here.
            "execute" if parameters.get("overrides").is_none() => {
                let id = parameters.get("id").and_then(Value::as_str);
                let id = id.and_then(|id| RulesetId::parse(id).ok());
                id.and_then(|id| deployed(&id))
                    .map_or(Self::Unknown, Self::Execute)
            }
            _ => Self::Unknown,
        }
    }
}
