//! Custom rules of a zone, as the account holds them.

use serde_json::Value;

use crate::resource::RuleId;
use crate::resource::RuleMark;
use crate::resource::RulesetId;

/// One custom rule in a zone's entry point.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CustomRule {
    /// Cloudflare's name for it.
    pub id: RuleId,
    /// The name that survives a replacement of the list; by default the id.
    pub reference: String,
    /// Counts its changes, from 1.
    pub version: u64,
    /// What happens to a request that matches, such as `block` or `skip`.
    pub action: String,
    /// What the action needs to know, as the API gives it; an empty object where it needs nothing.
    pub parameters: Value,
    /// In Cloudflare's rules language.
    pub expression: String,
    /// What the dashboard shows as its name.
    pub description: String,
    /// Whether it takes part at all.
    pub enabled: bool,
}

impl CustomRule {
    /// What of it is somebody's to say.
    #[must_use]
    pub fn body(&self) -> RuleBody {
        RuleBody {
            reference: self.reference.clone(),
            description: self.description.clone(),
            action: self.action.clone(),
            parameters: self.parameters.clone(),
            expression: self.expression.clone(),
            enabled: self.enabled,
        }
    }

    /// What people call it: its description, else its `ref`.
    #[must_use]
    pub fn label(&self) -> &str {
        if self.description.trim().is_empty() {
            &self.reference
        } else {
            self.description.trim()
        }
    }

    /// Which file's rule this is a piece of; `None` for other people's rules.
    #[must_use]
    pub fn mark(&self) -> Option<RuleMark> {
        RuleMark::of(&self.reference, &self.description)
    }

    /// The status of the answer with which it turns requests away, where it has one of its own (API reference,
    /// section 3.3).
    #[must_use]
    pub fn own_status(&self) -> Option<u16> {
        let status = self.parameters.pointer("/response/status_code")?.as_u64()?;
        let turns_away = self.enabled && self.action == "block";
        turns_away.then(|| u16::try_from(status).ok()).flatten()
    }

    /// Whether a request that matches this rule gets past the custom rules below it.
    ///
    /// `skip` with the current ruleset or the current phase does that; skips of other products and
    /// phases do not touch custom rules.
    /// <https://developers.cloudflare.com/waf/custom-rules/skip/options/>
    #[must_use]
    pub fn may_let_past(&self) -> bool {
        let is_current =
            |field: &str| self.parameters.get(field).and_then(Value::as_str) == Some("current");
        self.enabled && self.action == "skip" && (is_current("ruleset") || is_current("phase"))
    }
}

/// A rule as it is sent: everything that is ours to say about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleBody {
    /// The name that survives a replacement of the list.
    pub reference: String,
    /// What the dashboard shows as its name.
    pub description: String,
    /// What happens to a request that matches.
    pub action: String,
    /// What the action needs to know; an empty object where it needs nothing.
    pub parameters: Value,
    /// In Cloudflare's rules language.
    pub expression: String,
    /// Whether it takes part at all.
    pub enabled: bool,
}

/// A zone's list of custom rules: the entry point of phase `http_request_firewall_custom`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EntryPoint {
    /// The ruleset behind the phase.
    pub id: RulesetId,
    /// Rises by one with every change of the ruleset (API reference, section 3.3).
    pub version: u64,
    /// In the order in which the edge evaluates them.
    pub rules: Vec<CustomRule>,
}
