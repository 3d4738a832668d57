//! Access tests as real requests: which of their fields a client chooses, and how.

use http::HeaderName;
use http::HeaderValue;
use http::Method;
use http::header::COOKIE;
use http::header::REFERER;
use http::header::USER_AGENT;
use http::uri::PathAndQuery;

use crate::edge::AccessTest;
use crate::edge::Verdict;
use crate::handshake::Request;
use crate::verify::Wish;

/// Fields that are one header each.
const HEADERS: [(&str, HeaderName); 3] = [
    ("http.user_agent", USER_AGENT),
    ("http.referer", REFERER),
    ("http.cookie", COOKIE),
];

/// A test as one request. It means every value of what it leaves open, and this is one.
///
/// # Errors
/// Why no client can make it, or none should.
pub(super) fn request(test: &AccessTest, wish: &Wish) -> Result<Request, String> {
    let mut request = Request {
        method: wish.method.clone(),
        path: test.path.clone(),
        headers: vec![(USER_AGENT, HeaderValue::from_static(Wish::USER_AGENT))],
        http: wish.http,
    };
    for (field, value) in &test.given {
        let no_value = || format!("no request can have `{value}` as `{field}`");
        match field.as_str() {
            "http.request.method" => {
                request.method = value.parse().map_err(|_| no_value())?;
            }
            "http.request.uri.query" if !test.path.contains('?') => {
                if !value.is_empty() {
                    request.path = format!("{}?{value}", test.path);
                }
            }
            "ssl" if value == "true" => {}
            other => {
                let mut headers = HEADERS.into_iter();
                let Some((_, name)) = headers.find(|(field, _)| *field == other) else {
                    return Err(format!("a client cannot choose `{field}`"));
                };
                let value = HeaderValue::try_from(value.as_str()).map_err(|_| no_value())?;
                request.headers.retain(|(known, _)| *known != name);
                request.headers.push((name, value));
            }
        }
    }
    if !is_path(&request.path) {
        return Err(format!("no request can have the path `{}`", request.path));
    }
    if test.expect != Verdict::Block && !is_harmless(&request.method) && !wish.sends_writes {
        return Err(format!(
            "a {} that gets in may change something at the origin; --send-writes sends it",
            request.method
        ));
    }
    Ok(request)
}

/// Whether a request can have this path, perhaps with a query. What stands behind a `#` never leaves a client.
#[must_use]
pub fn is_path(text: &str) -> bool {
    text.starts_with('/') && !text.contains('#') && text.parse::<PathAndQuery>().is_ok()
}

/// Whether a request with this method asks for nothing to be done.
///
/// <https://www.rfc-editor.org/rfc/rfc9110#section-9.2.1>
fn is_harmless(method: &Method) -> bool {
    method.is_safe()
}
