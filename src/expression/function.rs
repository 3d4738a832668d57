//! The functions of the language, as far as their results can be known
//! (<https://developers.cloudflare.com/ruleset-engine/rules-language/functions/>).
//!
//! Chance (`uuidv4`), secrets (`is_timed_hmac_valid_v0`) and packets (`bit_slice`) cannot be known,
//! nor can any function that is not in the table; neither can a result where the documentation is
//! silent, such as that of a malformed argument. `any` and `all` belong to the evaluation.

mod coded;
mod collected;
mod replaced;
mod textual;

use super::request::Reading;
use super::request::Value;

/// Results with more bytes than this are not looked at: calls inside one another could make them
/// grow without end.
const MAX_RESULT: usize = 256 * 1024;

/// A function of values that are all there. `None`: what it gives cannot be known.
type Function = fn(&[&Value]) -> Option<Value>;

const FUNCTIONS: &[(&str, Function)] = &[
    ("cidr", collected::cidr),
    ("cidr6", collected::cidr6),
    ("decode_base64", coded::decode_base64),
    ("encode_base64", coded::encode_base64),
    ("ends_with", textual::ends_with),
    ("has_key", collected::has_key),
    ("has_value", collected::has_value),
    ("join", collected::join),
    ("len", textual::len),
    ("lookup_json_integer", coded::lookup_json_integer),
    ("lookup_json_string", coded::lookup_json_string),
    ("lower", textual::lower),
    ("regex_replace", replaced::regex_replace),
    ("remove_bytes", textual::remove_bytes),
    ("remove_query_args", coded::remove_query_args),
    ("sha256", coded::sha256),
    ("split", collected::split),
    ("starts_with", textual::starts_with),
    ("substring", textual::substring),
    ("to_string", textual::to_string),
    ("upper", textual::upper),
    ("url_decode", coded::url_decode),
    ("wildcard_replace", replaced::wildcard_replace),
];

/// What `name` gives for these arguments. A missing one makes the result missing, except for
/// `concat`, which leaves it out.
pub(super) fn call(name: &str, arguments: &[Reading<'_>]) -> Reading<'static> {
    let mut values = Vec::with_capacity(arguments.len());
    let mut missing = false;
    for argument in arguments {
        match argument {
            Reading::Known(value) => values.push(&**value),
            Reading::Missing => missing = true,
            Reading::Unknown => return Reading::Unknown,
        }
    }
    if name == "concat" {
        return if values.is_empty() && missing {
            Reading::Missing
        } else {
            result(collected::concat(&values))
        };
    }
    match FUNCTIONS.iter().find(|(known, _)| *known == name) {
        Some(_) if missing => Reading::Missing,
        Some((_, function)) => result(function(&values)),
        None => Reading::Unknown,
    }
}

fn result(value: Option<Value>) -> Reading<'static> {
    let handy = value.filter(|value| bytes(value) <= MAX_RESULT);
    handy.map_or(Reading::Unknown, Reading::of)
}

/// How much a value holds, roughly.
fn bytes(value: &Value) -> usize {
    match value {
        Value::Text(text) => text.as_bytes().len(),
        Value::Array(items) => items.iter().map(|item| 1 + bytes(item)).sum(),
        Value::Map(items) => items.values().map(|item| 1 + bytes(item)).sum(),
        Value::Boolean(_) | Value::Integer(_) | Value::Address(_) => 1,
    }
}
