//! What went over the wire, one JSON line for each call. Never a token, never a private key.

use std::io;
use std::io::Write;
use std::sync::Mutex;
use std::sync::PoisonError;

use bytes::Bytes;
use http::HeaderMap;
use http::Request;
use http::header::RETRY_AFTER;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

use crate::sandbox::fault::Acted;
use crate::sandbox::fault::Delivery;
use crate::sandbox::fault::Exchange;

/// The form of the lines.
const FORMAT_VERSION: u32 = 1;

/// The field of an upload that is a secret (API reference, section 1.3).
const PRIVATE_KEY: &str = "private_key";

/// Writes down every call.
pub struct Recorder(Mutex<Box<dyn Write + Send>>);

/// One call.
#[derive(Serialize)]
pub(crate) struct Recorded {
    format_version: u32,
    /// When it arrived.
    time: Timestamp,
    method: String,
    path: String,
    query: Option<String>,
    /// The id of the token, as the verification endpoints give it; null for an unknown one.
    token: Option<String>,
    request: Value,
    /// Null where no answer went out.
    status: Option<u16>,
    cf_ray: Option<String>,
    retry_after: Option<String>,
    /// What the account answered, however little of it went out.
    response: Value,
    /// `whole`, `half`, `cut`, `reset`.
    delivery: &'static str,
    /// The faults that acted.
    faults: Vec<Acted>,
    /// From its arrival to the moment when the answer went out.
    duration_ms: u64,
}

impl Recorder {
    /// Writes to `out`, a line at a time.
    #[must_use]
    pub fn new(out: impl Write + Send + 'static) -> Self {
        Self(Mutex::new(Box::new(out)))
    }

    /// Writes a line, all of it before the next one.
    pub(crate) fn record(&self, recorded: &Recorded) -> io::Result<()> {
        let mut line = serde_json::to_vec(recorded)?;
        line.push(b'\n');
        let mut out = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        out.write_all(&line)?;
        out.flush()
    }
}

impl Recorded {
    pub(crate) fn new(
        request: &Request<Bytes>,
        exchange: &Exchange,
        time: Timestamp,
        duration_ms: u64,
    ) -> Self {
        let Exchange {
            response,
            delivery,
            hold: _,
            token,
            faults,
        } = exchange;
        let is_answered = matches!(delivery, Delivery::Whole | Delivery::Half);
        Self {
            format_version: FORMAT_VERSION,
            time,
            method: request.method().to_string(),
            path: request.uri().path().to_owned(),
            query: request.uri().query().map(str::to_owned),
            token: token.clone(),
            request: without_key(body(request.body())),
            status: is_answered.then_some(response.status().as_u16()),
            cf_ray: header(response.headers(), "cf-ray"),
            retry_after: header(response.headers(), RETRY_AFTER.as_str()),
            response: without_key(body(response.body())),
            delivery: match delivery {
                Delivery::Whole => "whole",
                Delivery::Half => "half",
                Delivery::Cut => "cut",
                Delivery::Reset => "reset",
            },
            faults: faults.clone(),
            duration_ms,
        }
    }
}

/// JSON as it is, anything else as text, nothing as null.
fn body(bytes: &Bytes) -> Value {
    if bytes.is_empty() {
        return Value::Null;
    }
    serde_json::from_slice(bytes)
        .unwrap_or_else(|_| Value::String(String::from_utf8_lossy(bytes).into_owned()))
}

/// Leaves out the field that is a secret, and every text with a key in it, which may have slipped in anywhere.
fn without_key(body: Value) -> Value {
    const LEFT_OUT: &str = "(left out)";
    match body {
        Value::String(text) if text.contains("PRIVATE KEY") => LEFT_OUT.into(),
        Value::Array(items) => items.into_iter().map(without_key).collect(),
        Value::Object(fields) => {
            let fields = fields.into_iter().map(|(name, value)| {
                let is_secret = name == PRIVATE_KEY || name.contains("PRIVATE KEY");
                match (is_secret, name) {
                    (true, name) if name == PRIVATE_KEY => (name, LEFT_OUT.into()),
                    (true, _) => (LEFT_OUT.to_owned(), LEFT_OUT.into()),
                    (false, name) => (name, without_key(value)),
                }
            });
            Value::Object(fields.collect())
        }
        other => other,
    }
}

fn header(headers: &HeaderMap, name: &str) -> Option<String> {
    Some(headers.get(name)?.to_str().ok()?.to_owned())
}
