//! The one place that decides whether a call succeeded.
//!
//! Judges by the status and by `success`, both (API reference, section 6), and keeps what a person needs
//! in order to understand a failure. Knows no call's own shape.

use std::time::Duration;

use bytes::Bytes;
use http::HeaderMap;
use http::Response;
use http::StatusCode;
use http::header::LOCATION;
use http::header::RETRY_AFTER;
use jiff::Timestamp;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;
use serde_json::error::Category;

use crate::cloudflare::Call;
use crate::cloudflare::Error;
use crate::cloudflare::answer::Answer;
use crate::cloudflare::answer::Damage;
use crate::cloudflare::answer::Fault;
use crate::cloudflare::excerpt::excerpt;
use crate::cloudflare::excerpt::excerpt_at;
use crate::cloudflare::retry;

/// A successful answer.
#[derive(Debug)]
pub(crate) struct Opened<T> {
    /// How it was answered, for whoever finds it unusable.
    pub(crate) answer: Box<Answer>,
    /// `None` where the API says null, or nothing at all as with 204.
    pub(crate) result: Option<T>,
    /// Where a list stands.
    pub(crate) info: ResultInfo,
}

/// Where a list stands; every field may be missing.
#[derive(Debug, Clone, Default, Deserialize)]
pub(crate) struct ResultInfo {
    pub(crate) per_page: Option<u64>,
    pub(crate) total_count: Option<u64>,
    pub(crate) total_pages: Option<u64>,
}

impl<T> Opened<T> {
    /// The result of a call that must have one.
    pub(crate) fn required(self) -> Result<T, Error> {
        self.result.ok_or_else(|| Error::Unusable {
            answer: self.answer,
            field: "result".to_owned(),
            reason: "it is null or missing".to_owned(),
            excerpt: String::new(),
        })
    }
}

/// Everything of an envelope but its result.
#[derive(Deserialize)]
struct Envelope {
    success: Option<bool>,
    #[serde(default)]
    errors: Option<Vec<Item>>,
    #[serde(default)]
    result_info: Option<ResultInfo>,
    // A bare error, as the rate limit sends it.
    code: Option<Value>,
    message: Option<String>,
}

#[derive(Deserialize)]
struct Item {
    code: Option<Value>,
    message: Option<String>,
    source: Option<Source>,
}

#[derive(Deserialize)]
struct Source {
    pointer: Option<String>,
}

#[derive(Deserialize)]
struct Body<T> {
    result: Option<T>,
}

/// Opens the answer to `call`; `now` is what a `Retry-After` with a date is measured from.
pub(crate) fn open<T: DeserializeOwned>(
    call: &Call,
    response: &Response<Bytes>,
    now: Timestamp,
) -> Result<Opened<T>, Error> {
    let answer = Box::new(answer(call, response, now));
    let status = answer.status;
    let body = response.body().as_ref();
    if status.is_redirection() {
        let to = redirect_host(response.headers());
        return Err(Error::Redirected { answer, to });
    }
    if status == StatusCode::NO_CONTENT {
        return Ok(Opened {
            answer,
            result: None,
            info: ResultInfo::default(),
        });
    }
    let envelope = match read_envelope(body) {
        Ok(envelope) => envelope,
        Err(damage) => {
            return Err(Error::Unreadable {
                answer,
                damage,
                excerpt: excerpt(&String::from_utf8_lossy(&body[..body.len().min(4096)])),
            });
        }
    };
    if !(status.is_success() && envelope.success == Some(true)) {
        return Err(Error::Refused {
            answer,
            faults: faults(envelope),
            needs: call.permission(),
        });
    }
    match read_result(body) {
        Ok(result) => Ok(Opened {
            answer,
            result,
            info: envelope.result_info.unwrap_or_default(),
        }),
        Err(Misfit {
            field,
            reason,
            excerpt,
        }) => Err(Error::Unusable {
            answer,
            field,
            reason,
            excerpt,
        }),
    }
}

fn answer(call: &Call, response: &Response<Bytes>, now: Timestamp) -> Answer {
    let header = |name: &str| response.headers().get(name)?.to_str().ok();
    Answer {
        call: call.to_string(),
        status: response.status(),
        ray: header("cf-ray").map(excerpt),
        retry_after: header(RETRY_AFTER.as_str()).and_then(|value| retry::wish(value, now)),
    }
}

/// The host that a redirect points to; never the rest, which may hold anything.
fn redirect_host(headers: &HeaderMap) -> Option<String> {
    let location = headers.get(LOCATION)?.to_str().ok()?;
    match location.parse::<http::Uri>().ok()?.host() {
        Some(host) => Some(host.to_owned()),
        None => Some("another path of the same host".to_owned()),
    }
}

fn read_envelope(body: &[u8]) -> Result<Envelope, Damage> {
    let text = body.trim_ascii();
    if text.is_empty() {
        return Err(Damage::Empty);
    }
    if text.starts_with(b"<") {
        return Err(Damage::Html);
    }
    let envelope: Envelope =
        serde_json::from_slice(body).map_err(|error| match error.classify() {
            Category::Eof => Damage::Truncated,
            Category::Data => Damage::NoEnvelope,
            Category::Syntax | Category::Io => Damage::NotJson,
        })?;
    let is_ours = envelope.success.is_some() || envelope.message.is_some();
    is_ours.then_some(envelope).ok_or(Damage::NoEnvelope)
}

fn faults(envelope: Envelope) -> Vec<Fault> {
    let bare = envelope.message.is_some().then_some(Item {
        code: envelope.code,
        message: envelope.message,
        source: None,
    });
    let items = envelope.errors.unwrap_or_default();
    items
        .into_iter()
        .chain(bare)
        .map(|item| Fault {
            code: item.code.as_ref().and_then(number),
            message: excerpt(item.message.as_deref().unwrap_or("no message")),
            pointer: item
                .source
                .and_then(|source| source.pointer)
                .map(|pointer| excerpt(&pointer)),
        })
        .collect()
}

fn number(code: &Value) -> Option<i64> {
    code.as_i64().or_else(|| code.as_str()?.parse().ok())
}

struct Misfit {
    field: String,
    reason: String,
    excerpt: String,
}

fn read_result<T: DeserializeOwned>(body: &[u8]) -> Result<Option<T>, Misfit> {
    let mut reader = serde_json::Deserializer::from_slice(body);
    let read: Result<Body<T>, _> = serde_path_to_error::deserialize(&mut reader);
    read.map(|body| body.result).map_err(|error| {
        let field = error.path().to_string();
        let cause = error.into_inner();
        // The position is where the value ends; it is told by the excerpt, not by a number.
        let reason = cause.to_string();
        let reason = reason.split(" at line ").next().unwrap_or_default();
        Misfit {
            field,
            reason: excerpt(reason),
            excerpt: excerpt_at(body, offset(body, cause.line(), cause.column())),
        }
    })
}

/// The byte at a line and column, both counted from 1.
fn offset(body: &[u8], line: usize, column: usize) -> usize {
    let before: usize = body
        .split_inclusive(|byte| *byte == b'\n')
        .take(line.saturating_sub(1))
        .map(<[u8]>::len)
        .sum();
    before + column.saturating_sub(1)
}

/// How long the answer asks to wait before anything else is sent, if it says so.
pub(crate) fn lockout(response: &Response<Bytes>, now: Timestamp) -> Option<Duration> {
    let wish = response.headers().get(RETRY_AFTER)?.to_str().ok()?;
    (response.status() == StatusCode::TOO_MANY_REQUESTS)
        .then(|| retry::wish(wish, now))
        .flatten()
}
