//! The parameters of each action, checked by form (API reference, sections 3.3 and 3.8). Whether a
//! ruleset named here exists is not known in this file.

use serde_json::Map;
use serde_json::Value;

use crate::sandbox::envelope::Refusal;
use crate::sandbox::fields::Fields;
use crate::sandbox::ids::is_tag;

/// The products that a skip rule can name.
const PRODUCTS: [&str; 7] = [
    "bic",
    "hot",
    "rateLimit",
    "securityLevel",
    "uaBlock",
    "waf",
    "zoneLockdown",
];

/// The phases that a skip rule can name.
const PHASES: [&str; 3] = [
    "http_ratelimit",
    "http_request_sbfm",
    "http_request_firewall_managed",
];

/// The statuses with which a Single Redirect can answer.
const REDIRECTS: [u64; 5] = [301, 302, 303, 307, 308];

/// Fields of a skip rule that exclude each other.
const EXCLUSIVE: [(&str, &[&str]); 3] = [
    ("ruleset", &["rulesets", "rules", "phases", "phase"]),
    ("phase", &["rulesets", "rules", "phases"]),
    ("phases", &["rulesets"]),
];

/// Checks the parameters of `action`, which stand at `pointer`.
pub(crate) fn check(
    action: &str,
    parameters: &Map<String, Value>,
    pointer: &str,
) -> Result<(), Refusal> {
    let fields = Fields::of(Value::Object(parameters.clone()), pointer.to_owned())?;
    match action {
        "block" => check_block(fields),
        "execute" => check_execute(fields),
        "redirect" => check_redirect(fields),
        "skip" => check_skip(fields, pointer),
        _ => fields.finish(),
    }
}

fn check_block(mut fields: Fields) -> Result<(), Refusal> {
    if let Some(mut response) = fields.object("response")? {
        let status = response
            .take("status_code")
            .ok_or_else(|| response.refuse("status_code", "is required"))?;
        if !status
            .as_u64()
            .is_some_and(|status| (400..=499).contains(&status))
        {
            return Err(response.refuse("status_code", "must be a whole number from 400 to 499"));
        }
        response.text("content")?;
        response.text("content_type")?;
        response.finish()?;
    }
    fields.finish()
}

fn check_execute(mut fields: Fields) -> Result<(), Refusal> {
    let id = fields.text("id")?;
    if !is_tag(&id) {
        return Err(fields.refuse("id", "must be the id of a ruleset"));
    }
    fields.finish()
}

/// <https://developers.cloudflare.com/rules/url-forwarding/single-redirects/settings/>
fn check_redirect(mut fields: Fields) -> Result<(), Refusal> {
    let mut to = fields
        .object("from_value")?
        .ok_or_else(|| fields.refuse("from_value", "is required"))?;
    let mut target = to
        .object("target_url")?
        .ok_or_else(|| to.refuse("target_url", "is required"))?;
    if target.has("value") == target.has("expression") {
        return Err(to.refuse("target_url", "must hold either value or expression"));
    }
    for name in ["value", "expression"] {
        if target.has(name) {
            target.text(name)?;
        }
    }
    target.finish()?;
    let is_redirect = |status: &Value| status.as_u64().is_some_and(|it| REDIRECTS.contains(&it));
    if to
        .take("status_code")
        .is_some_and(|status| !is_redirect(&status))
    {
        return Err(to.refuse("status_code", "must be 301, 302, 303, 307 or 308"));
    }
    to.boolean("preserve_query_string")?;
    to.finish()?;
    fields.finish()
}

fn check_skip(mut fields: Fields, pointer: &str) -> Result<(), Refusal> {
    if fields.is_empty() {
        return Err(
            Refusal::invalid("action_parameters of a skip rule must say what to skip").at(pointer),
        );
    }
    for (name, others) in EXCLUSIVE {
        if let Some(other) = others
            .iter()
            .find(|other| fields.has(name) && fields.has(other))
        {
            return Err(fields.refuse(name, &format!("cannot be combined with {other}")));
        }
    }
    for name in ["ruleset", "phase"] {
        if fields.string(name)?.is_some_and(|value| value != "current") {
            return Err(fields.refuse(name, "can only be \"current\""));
        }
    }
    check_names(&mut fields, "phases", |phase| PHASES.contains(&phase))?;
    check_names(&mut fields, "products", |product| {
        PRODUCTS.contains(&product)
    })?;
    check_names(&mut fields, "rulesets", is_tag)?;
    if let Some(rules) = fields.take("rules") {
        let is_list = |ids: &Value| {
            ids.as_array()
                .is_some_and(|ids| !ids.is_empty() && ids.iter().all(is_tag_value))
        };
        let is_map = |rules: &Map<String, Value>| {
            !rules.is_empty() && rules.iter().all(|(id, ids)| is_tag(id) && is_list(ids))
        };
        if !rules.as_object().is_some_and(is_map) {
            return Err(fields.refuse("rules", "must map ids of rulesets to lists of ids of rules"));
        }
    }
    fields.finish()
}

fn check_names(
    fields: &mut Fields,
    name: &str,
    is_known: impl Fn(&str) -> bool,
) -> Result<(), Refusal> {
    if !fields.has(name) {
        return Ok(());
    }
    let values = fields.strings(name)?;
    if values.is_empty() {
        return Err(fields.refuse(name, "must not be empty"));
    }
    match values.iter().find(|value| !is_known(value)) {
        Some(value) => Err(fields.refuse(name, &format!("cannot hold {value:?}"))),
        None => Ok(()),
    }
}

fn is_tag_value(value: &Value) -> bool {
    value.as_str().is_some_and(is_tag)
}
