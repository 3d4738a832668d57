//! The entry point of a phase: the ruleset of kind `zone` that the edge runs (API reference,
//! section 3.2).

use http::StatusCode;
use jiff::Timestamp;

use crate::sandbox::account::Account;
use crate::sandbox::envelope::Answer;
use crate::sandbox::envelope::Answered;
use crate::sandbox::envelope::Refusal;
use crate::sandbox::fields::Fields;
use crate::sandbox::ruleset::CUSTOM_RULES;
use crate::sandbox::ruleset::Ruleset;
use crate::sandbox::ruleset::RulesetKind;
use crate::sandbox::rulesets;
use crate::sandbox::zone::Zone;

/// Every phase that the schema names.
const PHASES: [&str; 24] = [
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

/// The name of an entry point that nobody named.
const DEFAULT_NAME: &str = "default";

/// GET: 404 with 10003 if there is none; empty rules if somebody emptied it.
pub(crate) fn read(account: &Account, zone_id: &str, phase: &str, path: &str) -> Answered {
    let zone = account
        .zone(zone_id)
        .ok_or_else(|| Refusal::no_route(path))?;
    known_phase(phase)?;
    if let Some(index) = index(zone).filter(|_| phase == CUSTOM_RULES) {
        return Ok(Answer::Of(zone.rulesets[index].to_json()));
    }
    let message = format!("could not find entrypoint ruleset in the {phase} phase");
    Err(Refusal::new(StatusCode::NOT_FOUND, 10003, message))
}

/// PUT: creates it or replaces all its rules. Takes neither `kind` nor `phase`.
pub(crate) fn replace(
    account: &mut Account,
    zone_id: &str,
    phase: &str,
    mut fields: Fields,
    path: &str,
    now: Timestamp,
) -> Answered {
    let (zone, ids) = account
        .zone_mut(zone_id)
        .ok_or_else(|| Refusal::no_route(path))?;
    known_phase(phase)?;
    if phase != CUSTOM_RULES {
        return Err(not_entitled(phase));
    }
    for field in ["kind", "phase"] {
        if fields.has(field) {
            return Err(fields.refuse(field, "is not a field that can be set here"));
        }
    }
    if let Some(index) = index(zone) {
        return rulesets::rewrite(zone, index, ids, fields, now);
    }
    let name = if fields.has("name") {
        fields.text("name")?
    } else {
        DEFAULT_NAME.to_owned()
    };
    zone.rulesets
        .push(Ruleset::empty(ids.next(), name, RulesetKind::Zone, now));
    rulesets::rewrite(zone, zone.rulesets.len() - 1, ids, fields, now)
}

/// Where the entry point stands among the rulesets of the zone.
pub(crate) fn index(zone: &Zone) -> Option<usize> {
    zone.rulesets
        .iter()
        .position(|ruleset| ruleset.kind == RulesetKind::Zone)
}

/// Refuses what is no phase.
pub(crate) fn known_phase(phase: &str) -> Result<(), Refusal> {
    if PHASES.contains(&phase) {
        return Ok(());
    }
    Err(Refusal::invalid(format!("{phase:?} is not a phase")))
}

/// The sandbox has only the phase of custom rules; others are as if not paid for.
pub(crate) fn not_entitled(phase: &str) -> Refusal {
    Refusal::new(
        StatusCode::FORBIDDEN,
        50002,
        format!("not entitled to use the phase {phase}"),
    )
}
