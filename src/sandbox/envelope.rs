//! The envelope around every answer, and the refusals it carries.
//!
//! `{success, errors, messages, result, result_info?}`, `result` null on failure (API reference,
//! section 6). Decides no refusal itself.

use bytes::Bytes;
use http::HeaderValue;
use http::Response;
use http::StatusCode;
use http::header::CONTENT_TYPE;
use serde_json::Value;
use serde_json::json;

/// The code of a refusal whose real code no public source names. Cloudflare uses no such code, so
/// that a client which matches on it is visibly wrong.
pub(crate) const UNCONFIRMED: u32 = 9999;

/// What an operation ends in.
pub(crate) type Answered = Result<Answer, Refusal>;

/// A successful answer.
#[derive(Debug)]
pub(crate) enum Answer {
    /// 200 with a result.
    Of(Value),
    /// 200 with a list and what is said about the page.
    Page { result: Value, info: Value },
    /// 200 with a result and one message.
    Told {
        result: Value,
        code: u32,
        message: &'static str,
    },
    /// 204 without a body.
    Empty,
}

/// A failed answer: the status, and at least one error.
#[derive(Clone, Debug)]
pub(crate) struct Refusal {
    status: StatusCode,
    errors: Vec<Fault>,
}

#[derive(Clone, Debug)]
struct Fault {
    code: Option<u32>,
    message: String,
    pointer: Option<String>,
    chain: Option<(u32, &'static str)>,
}

impl Refusal {
    pub(crate) fn new(status: StatusCode, code: u32, message: impl Into<String>) -> Self {
        let fault = Fault {
            code: Some(code),
            message: message.into(),
            pointer: None,
            chain: None,
        };
        Self {
            status,
            errors: vec![fault],
        }
    }

    /// 400 with a code of our own.
    pub(crate) fn invalid(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, UNCONFIRMED, message)
    }

    /// 403/10000: what a missing permission, and a foreign account, look like (API reference,
    /// section 5.3).
    pub(crate) fn forbidden() -> Self {
        Self::new(StatusCode::FORBIDDEN, 10000, "Authentication error")
    }

    /// 404 with 7003 and 7000: an id of the wrong form, an unknown zone, an unknown path (API
    /// reference, section 6).
    pub(crate) fn no_route(path: &str) -> Self {
        let message =
            format!("Could not route to {path}, perhaps your object identifier is invalid?");
        let mut refusal = Self::new(StatusCode::NOT_FOUND, 7003, message);
        refusal.errors.push(Fault {
            code: Some(7000),
            message: "No route for that URI".into(),
            pointer: None,
            chain: None,
        });
        refusal
    }

    /// Names the field of the request that is at fault, as a JSON pointer.
    pub(crate) fn at(mut self, pointer: impl Into<String>) -> Self {
        if let Some(fault) = self.errors.first_mut() {
            fault.pointer = Some(pointer.into());
        }
        self
    }

    /// Adds the cause, as Cloudflare does for unreadable headers.
    pub(crate) fn because(mut self, code: u32, message: &'static str) -> Self {
        if let Some(fault) = self.errors.first_mut() {
            fault.chain = Some((code, message));
        }
        self
    }

    /// Drops the codes that no source confirms, where the schema lets an error have none (API
    /// reference, section 6: rulesets).
    pub(crate) fn without_unconfirmed_codes(mut self) -> Self {
        for fault in &mut self.errors {
            if fault.code == Some(UNCONFIRMED) {
                fault.code = None;
            }
        }
        self
    }
}

/// The answer as Cloudflare would put it on the wire.
pub(crate) fn render(answered: Answered) -> Response<Bytes> {
    match answered {
        Ok(Answer::Empty) => {
            let mut response = Response::new(Bytes::new());
            *response.status_mut() = StatusCode::NO_CONTENT;
            response
        }
        Ok(Answer::Of(result)) => json_response(StatusCode::OK, &success(result, json!([]))),
        Ok(Answer::Page { result, info }) => {
            let mut body = success(result, json!([]));
            body["result_info"] = info;
            json_response(StatusCode::OK, &body)
        }
        Ok(Answer::Told {
            result,
            code,
            message,
        }) => {
            let messages = json!([{"code": code, "message": message, "type": null}]);
            json_response(StatusCode::OK, &success(result, messages))
        }
        Err(refusal) => {
            let errors: Vec<Value> = refusal.errors.iter().map(Fault::to_json).collect();
            let body = json!({"success": false, "errors": errors, "messages": [], "result": null});
            json_response(refusal.status, &body)
        }
    }
}

impl Fault {
    fn to_json(&self) -> Value {
        let mut error = json!({"message": self.message});
        if let Some(code) = self.code {
            error["code"] = json!(code);
        }
        if let Some(pointer) = &self.pointer {
            error["source"] = json!({"pointer": pointer});
        }
        if let Some((code, message)) = self.chain {
            error["error_chain"] = json!([{"code": code, "message": message}]);
        }
        error
    }
}

fn success(result: Value, messages: Value) -> Value {
    json!({"success": true, "errors": [], "messages": messages, "result": result})
}

fn json_response(status: StatusCode, body: &Value) -> Response<Bytes> {
    let mut response = Response::new(Bytes::from(body.to_string()));
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    response
}
