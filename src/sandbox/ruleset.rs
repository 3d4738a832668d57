//! Rulesets and rules as the account keeps and answers them. Operations on them are in `rulesets`,
//! `entry_point` and `rules`.

use jiff::Timestamp;
use serde::Deserialize;
use serde::Serialize;
use serde_json::Value;
use serde_json::json;

use crate::sandbox::phase::Phase;
use crate::sandbox::rule_definition::Definition;

/// The kinds of ruleset that somebody can have of their own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum RulesetKind {
    /// The entry point of a phase in a zone.
    Zone,
    /// The entry point of a phase in the account.
    Root,
    /// Run by an `execute` rule.
    Custom,
}

/// A list of rules in one phase.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Ruleset {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) description: String,
    pub(crate) kind: RulesetKind,
    /// Custom rules, where the file is from a time when there was nothing else.
    #[serde(default)]
    pub(crate) phase: Phase,
    /// Starts at 1, one more with each write.
    pub(crate) version: u64,
    pub(crate) last_updated: Timestamp,
    pub(crate) rules: Vec<Rule>,
}

/// A rule.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Rule {
    pub(crate) id: String,
    /// Unique in the ruleset; the id unless set.
    #[serde(rename = "ref")]
    pub(crate) reference: String,
    /// Starts at 1, one more with each change; a move is none.
    pub(crate) version: u64,
    pub(crate) last_updated: Timestamp,
    pub(crate) definition: Definition,
}

impl RulesetKind {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Zone => "zone",
            Self::Root => "root",
            Self::Custom => "custom",
        }
    }
}

impl Ruleset {
    /// A ruleset for custom rules, without any, before its first write.
    pub(crate) fn empty(id: String, name: String, kind: RulesetKind, now: Timestamp) -> Self {
        Self {
            id,
            name,
            description: String::new(),
            kind,
            phase: Phase::default(),
            version: 0,
            last_updated: now,
            rules: Vec::new(),
        }
    }

    /// The ruleset without its rules, as lists show it.
    pub(crate) fn summary(&self) -> Value {
        json!({
            "id": self.id,
            "name": self.name,
            "description": self.description,
            "kind": self.kind.name(),
            "phase": self.phase.name(),
            "version": self.version.to_string(),
            "last_updated": format!("{:.6}", self.last_updated),
        })
    }

    /// The whole ruleset.
    pub(crate) fn to_json(&self) -> Value {
        let mut ruleset = self.summary();
        ruleset["rules"] = self.rules.iter().map(Rule::to_json).collect();
        ruleset
    }

    /// Marks one write.
    pub(crate) fn touch(&mut self, now: Timestamp) {
        self.version = self.version.saturating_add(1);
        self.last_updated = now;
    }
}

impl Rule {
    /// A rule that nobody has seen yet.
    pub(crate) fn new(
        id: String,
        reference: Option<String>,
        definition: Definition,
        now: Timestamp,
    ) -> Self {
        let reference = reference.unwrap_or_else(|| id.clone());
        Self {
            id,
            reference,
            version: 1,
            last_updated: now,
            definition,
        }
    }

    /// The rule with a full new definition; a `ref` left out falls back to the id, like every
    /// field.
    pub(crate) fn redefine(
        &mut self,
        reference: Option<String>,
        definition: Definition,
        now: Timestamp,
    ) {
        self.reference = reference.unwrap_or_else(|| self.id.clone());
        self.definition = definition;
        self.version = self.version.saturating_add(1);
        self.last_updated = now;
    }

    fn to_json(&self) -> Value {
        let mut rule = self.definition.to_json();
        rule["id"] = json!(self.id);
        rule["ref"] = json!(self.reference);
        rule["version"] = json!(self.version.to_string());
        rule["last_updated"] = json!(format!("{:.6}", self.last_updated));
        rule
    }
}
