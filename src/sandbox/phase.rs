//! The phases of the Ruleset Engine: those in which the sandbox keeps rules, and those that it knows by
//! name only.

use http::StatusCode;
use serde::Deserialize;
use serde::Serialize;

use crate::sandbox::envelope::Refusal;
use crate::sandbox::zone::ZonePlan;

/// Every phase that the schema names.
const NAMES: [&str; 24] = [
    "ddos_l4",
    "ddos_l7",
    "http_config_settings",
    "http_custom_errors",
    "http_log_custom_fields",
    "http_ratelimit",
    "http_request_cache_settings",
    "http_request_dynamic_redirect",
    "http_request_firewall_custom",
    "http_request_firewall_managed",
    "http_request_late_transform",
    "http_request_origin",
    "http_request_redirect",
    "http_request_sanitize",
    "http_request_sbfm",
    "http_request_transform",
    "http_response_cache_settings",
    "http_response_compression",
    "http_response_firewall_managed",
    "http_response_headers_transform",
    "magic_transit",
    "magic_transit_ids_managed",
    "magic_transit_managed",
    "magic_transit_ratelimit",
];

/// A phase in which there can be rules.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Phase {
    /// Custom rules.
    #[default]
    #[serde(rename = "http_request_firewall_custom")]
    CustomRules,
    /// Single Redirects, of zones only. They answer before custom rules run (API reference, section 3.8).
    #[serde(rename = "http_request_dynamic_redirect")]
    Redirects,
}

impl Phase {
    pub(crate) const ALL: [Self; 2] = [Self::CustomRules, Self::Redirects];

    /// The phase of this name; `None` for one that has no rules here. Refuses what is no phase.
    pub(crate) fn parse(name: &str) -> Result<Option<Self>, Refusal> {
        if !NAMES.contains(&name) {
            return Err(Refusal::invalid(format!("{name:?} is not a phase")));
        }
        Ok(Self::ALL.into_iter().find(|phase| phase.name() == name))
    }

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::CustomRules => "http_request_firewall_custom",
            Self::Redirects => "http_request_dynamic_redirect",
        }
    }

    /// What its rules can do.
    pub(crate) fn actions(self) -> &'static [&'static str] {
        match self {
            Self::CustomRules => &[
                "block",
                "challenge",
                "execute",
                "js_challenge",
                "log",
                "managed_challenge",
                "skip",
            ],
            Self::Redirects => &["redirect"],
        }
    }

    /// How many rules a zone may have in it (API reference, section 3.7;
    /// <https://developers.cloudflare.com/rules/url-forwarding/#availability>).
    pub(crate) fn rule_quota(self, plan: ZonePlan) -> usize {
        match (self, plan) {
            (Self::CustomRules, plan) => plan.rule_quota(),
            (Self::Redirects, ZonePlan::Free) => 10,
            (Self::Redirects, ZonePlan::Pro) => 25,
            (Self::Redirects, ZonePlan::Business) => 50,
            (Self::Redirects, ZonePlan::Enterprise) => 300,
        }
    }

    /// What people call its rules.
    pub(crate) fn rules(self) -> &'static str {
        match self {
            Self::CustomRules => "custom rules",
            Self::Redirects => "Single Redirects",
        }
    }
}

/// A phase that has no rules here is as if it were not paid for.
pub(crate) fn not_entitled(phase: &str) -> Refusal {
    Refusal::new(
        StatusCode::FORBIDDEN,
        50002,
        format!("not entitled to use the phase {phase}"),
    )
}
