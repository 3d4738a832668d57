//! What goes back to the client: the origin's answer about what the edge saw, or the edge's own.

use bytes::Bytes;
use http::HeaderName;
use http::HeaderValue;
use http::Response;
use http::StatusCode;
use http::header::CONTENT_TYPE;
use serde::Serialize;

use crate::sandbox::edge::decide::Decision;
use crate::sandbox::edge::decide::End;
use crate::sandbox::edge::decide::Met;
use crate::sandbox::edge::page::BLOCKED;
use crate::sandbox::edge::page::CHALLENGED;
use crate::sandbox::edge::request;
use crate::sandbox::edge::request::Shown;
use crate::sandbox::edge::rule::Rule;
use crate::sandbox::edge::visit::Visit;

/// The `ref` of the rule that decided.
const DECIDED_BY: HeaderName = HeaderName::from_static("sandbox-decided-by");

/// The `ref`s of the rules that could not be evaluated, and that had no effect.
const UNDECIDED: HeaderName = HeaderName::from_static("sandbox-undecided");

/// By which a client tells a challenge from a page
/// (<https://developers.cloudflare.com/cloudflare-challenges/challenge-types/challenge-pages/detect-response/>).
const MITIGATED: HeaderName = HeaderName::from_static("cf-mitigated");

const HTML: &str = "text/html; charset=UTF-8";
const TEXT: &str = "text/plain; charset=UTF-8";

/// The origin's answer.
#[derive(Serialize)]
struct Echo<'a> {
    format_version: u32,
    zone: &'a str,
    host: &'a str,
    method: &'a str,
    path: &'a str,
    query: Option<&'a str>,
    http_version: &'static str,
    tls_version: &'static str,
    client_address: String,
    certificate: CertificateEcho<'a>,
    /// Those that match, and those that could not be evaluated.
    rules: Vec<RuleEcho<'a>>,
}

/// What rules saw of the client's certificate.
#[derive(Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "they are what rules see")]
struct CertificateEcho<'a> {
    /// Whether the host asks for one now.
    asked: bool,
    presented: bool,
    verified: bool,
    revoked: bool,
    subject: &'a str,
    issuer: &'a str,
    issuer_key_id: &'a str,
    serial: &'a str,
    fingerprint_sha256: &'a str,
    not_before: &'a str,
    not_after: &'a str,
}

#[derive(Serialize)]
struct RuleEcho<'a> {
    #[serde(rename = "ref")]
    reference: &'a str,
    action: &'a str,
    /// Null where it could not be evaluated.
    matched: Option<bool>,
}

/// The answer to a visit that came to this decision.
pub(crate) fn answer(
    visit: &Visit,
    zone: &str,
    asked: bool,
    shown: Option<&Shown<'_>>,
    decision: &Decision<'_>,
) -> Response<Bytes> {
    let mut response = match &decision.end {
        End::Pass => echo(visit, zone, asked, shown, &decision.met),
        End::Challenge(rule) => {
            let mut response = page(StatusCode::FORBIDDEN, HTML, CHALLENGED);
            let headers = response.headers_mut();
            headers.insert(MITIGATED, HeaderValue::from_static("challenge"));
            decided(response, rule)
        }
        End::Block(rule, None) => decided(page(StatusCode::FORBIDDEN, HTML, BLOCKED), rule),
        End::Block(rule, Some(own)) => {
            let status = StatusCode::from_u16(own.status).unwrap_or(StatusCode::FORBIDDEN);
            decided(page(status, &own.content_type, &own.content), rule)
        }
    };
    let met = decision.met.iter();
    let undecided: Vec<&str> = met
        .filter(|met| met.matches.is_none())
        .map(|met| met.rule.reference.as_str())
        .collect();
    if !undecided.is_empty() {
        put(&mut response, UNDECIDED, &undecided.join(", "));
    }
    response
}

/// For a host that is none of the connection's, or of no zone (RFC 9110, section 15.5.20).
pub(crate) fn misdirected() -> Response<Bytes> {
    page(
        StatusCode::MISDIRECTED_REQUEST,
        TEXT,
        "This connection is not for that host: name it in the handshake, too.\n",
    )
}

/// For a request without a host, or with several.
pub(crate) fn no_host() -> Response<Bytes> {
    page(
        StatusCode::BAD_REQUEST,
        TEXT,
        "The request has to name its host, once.\n",
    )
}

fn echo(
    visit: &Visit,
    zone: &str,
    asked: bool,
    shown: Option<&Shown<'_>>,
    met: &[Met<'_>],
) -> Response<Bytes> {
    let text = |name: &str| {
        let seen = shown.map(|shown| shown.credential.seen());
        let text = seen.and_then(|seen| seen.texts.get(name));
        text.map_or("", String::as_str)
    };
    let rules = met.iter().map(|met| RuleEcho {
        reference: &met.rule.reference,
        action: met.rule.action(),
        matched: met.matches,
    });
    let echo = Echo {
        format_version: 1,
        zone,
        host: &visit.host,
        method: visit.method.as_str(),
        path: visit.uri.path(),
        query: visit.uri.query(),
        http_version: request::version(visit),
        tls_version: visit.tls_version,
        client_address: visit.peer.to_canonical().to_string(),
        certificate: CertificateEcho {
            asked,
            presented: shown.is_some(),
            verified: shown.is_some_and(|shown| shown.is_verified),
            revoked: shown.is_some_and(|shown| shown.is_revoked),
            subject: text("cert_subject_dn"),
            issuer: text("cert_issuer_dn"),
            issuer_key_id: text("cert_issuer_ski"),
            serial: text("cert_serial"),
            fingerprint_sha256: text("cert_fingerprint_sha256"),
            not_before: text("cert_not_before"),
            not_after: text("cert_not_after"),
        },
        rules: rules.collect(),
    };
    let json = serde_json::to_string_pretty(&echo).unwrap_or_default();
    page(StatusCode::OK, "application/json", &format!("{json}\n"))
}

fn decided(mut response: Response<Bytes>, rule: &Rule) -> Response<Bytes> {
    put(&mut response, DECIDED_BY, &rule.reference);
    response
}

fn page(status: StatusCode, content_type: &str, body: &str) -> Response<Bytes> {
    let mut response = Response::new(Bytes::copy_from_slice(body.as_bytes()));
    *response.status_mut() = status;
    put(&mut response, CONTENT_TYPE, content_type);
    response
}

/// A text of somebody's making as a header: what cannot stand in one is escaped.
fn put(response: &mut Response<Bytes>, name: HeaderName, text: &str) {
    let plain = HeaderValue::try_from(text).ok();
    let value = plain
        .filter(|_| text.is_ascii())
        .or_else(|| HeaderValue::try_from(text.escape_default().to_string()).ok());
    if let Some(value) = value {
        response.headers_mut().insert(name, value);
    }
}
