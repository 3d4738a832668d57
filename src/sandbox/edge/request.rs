//! A visit as rules see it: every field that the edge of the sandbox knows the value of. Others, such as
//! those about bots and places, have none here, and a rule that depends on one cannot be evaluated.

use std::collections::BTreeMap;

use jiff::Timestamp;

use crate::expression::Request;
use crate::expression::Text;
use crate::expression::Value;
use crate::sandbox::edge::credential::Credential;
use crate::sandbox::edge::host;
use crate::sandbox::edge::visit::Visit;

/// What a client showed to a host that asks.
#[derive(Debug)]
pub(crate) struct Shown<'c> {
    pub(crate) credential: &'c Credential,
    pub(crate) is_verified: bool,
    /// Whether the managed CA revoked it; certificates of uploaded CAs never are (API reference, section 4.4).
    pub(crate) is_revoked: bool,
    /// As rules see it; empty where the issuer is not known.
    pub(crate) issuer_serial: String,
}

/// Texts about the certificate, by the end of their fields' names: empty where none was shown (API reference,
/// section 4.1).
const TEXTS: [&str; 16] = [
    "cert_chain_rfc9440",
    "cert_fingerprint_sha1",
    "cert_fingerprint_sha256",
    "cert_issuer_dn",
    "cert_issuer_dn_legacy",
    "cert_issuer_dn_rfc2253",
    "cert_issuer_serial",
    "cert_issuer_ski",
    "cert_not_after",
    "cert_not_before",
    "cert_rfc9440",
    "cert_serial",
    "cert_ski",
    "cert_subject_dn",
    "cert_subject_dn_legacy",
    "cert_subject_dn_rfc2253",
];

/// The port of HTTPS.
const PORT: u16 = 443;

/// All that is known of a visit.
pub(crate) fn of(visit: &Visit, zone: &str, shown: Option<&Shown<'_>>, now: Timestamp) -> Request {
    let request = of_certificate(Request::default(), shown);
    let request = of_address(request, visit);
    let request = of_headers(request, visit);
    let port = host::port(&visit.host).unwrap_or(PORT);
    request
        .with("cf.edge.server_port", i64::from(port))
        .with("cf.tls_version", visit.tls_version)
        .with("cf.zone.name", zone)
        .with("http.host", visit.host.as_str())
        .with("http.request.method", visit.method.as_str())
        .with("http.request.timestamp.sec", now.as_second())
        .with(
            "http.request.timestamp.msec",
            i64::from(now.subsec_millisecond()),
        )
        .with("http.request.version", version(visit))
        .with("ip.src", visit.peer.to_canonical())
        .with("ssl", true)
}

/// The version of HTTP by its name.
pub(crate) fn version(visit: &Visit) -> &'static str {
    match visit.version {
        http::Version::HTTP_09 => "HTTP/0.9",
        http::Version::HTTP_10 => "HTTP/1.0",
        http::Version::HTTP_2 => "HTTP/2",
        http::Version::HTTP_3 => "HTTP/3",
        _ => "HTTP/1.1",
    }
}

fn of_certificate(request: Request, shown: Option<&Shown<'_>>) -> Request {
    let seen = shown.map(|shown| shown.credential.seen());
    let request = TEXTS.iter().fold(request, |request, name| {
        let text = match (*name, shown, seen) {
            ("cert_issuer_serial", Some(shown), _) => Some(&shown.issuer_serial),
            (name, _, Some(seen)) => seen.texts.get(name),
            _ => None,
        };
        let text = text.map_or("", String::as_str);
        request.with(format!("cf.tls_client_auth.{name}"), text)
    });
    let truths = [
        ("cert_presented", shown.is_some()),
        (
            "cert_verified",
            shown.is_some_and(|shown| shown.is_verified),
        ),
        ("cert_revoked", shown.is_some_and(|shown| shown.is_revoked)),
        (
            "cert_rfc9440_too_large",
            seen.is_some_and(|seen| seen.is_too_large),
        ),
        (
            "cert_chain_rfc9440_too_large",
            seen.is_some_and(|seen| seen.is_chain_too_large),
        ),
    ];
    truths.iter().fold(request, |request, (name, truth)| {
        request.with(format!("cf.tls_client_auth.{name}"), *truth)
    })
}

fn of_address(request: Request, visit: &Visit) -> Request {
    let path = visit.uri.path();
    let query = visit.uri.query().unwrap_or_default();
    let uri = match visit.uri.query() {
        Some(query) => format!("{path}?{query}"),
        None => path.to_owned(),
    };
    let file = path.rsplit('/').next().unwrap_or_default();
    let extension = file.rsplit_once('.').map_or("", |(_, extension)| extension);
    let full = format!("https://{}{uri}", visit.host);
    let mut arguments: BTreeMap<Text, Vec<Value>> = BTreeMap::new();
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    for (name, value) in pairs.map(|pair| pair.split_once('=').unwrap_or((pair, ""))) {
        arguments.entry(name.into()).or_default().push(value.into());
    }
    let names = arguments.keys().cloned().map(Value::Text).collect();
    let values = arguments.values().flatten().cloned().collect();
    ["", "raw."].iter().fold(request, |request, raw| {
        request
            .with(format!("{raw}http.request.uri"), uri.as_str())
            .with(format!("{raw}http.request.uri.path"), path)
            .with(format!("{raw}http.request.uri.path.extension"), extension)
            .with(format!("{raw}http.request.uri.query"), query)
            .with(format!("{raw}http.request.full_uri"), full.as_str())
            .with(format!("{raw}http.request.uri.args"), map(&arguments))
            .with(
                format!("{raw}http.request.uri.args.names"),
                Value::Array(Vec::clone(&names)),
            )
            .with(
                format!("{raw}http.request.uri.args.values"),
                Value::Array(Vec::clone(&values)),
            )
    })
}

fn of_headers(request: Request, visit: &Visit) -> Request {
    let mut headers: BTreeMap<Text, Vec<Value>> = BTreeMap::new();
    for (name, value) in &visit.headers {
        let value = Value::Text(value.as_bytes().to_vec().into());
        headers.entry(name.as_str().into()).or_default().push(value);
    }
    let first = |name: &str| {
        let value = visit.headers.get(name);
        Value::Text(
            value
                .map_or(&b""[..], |value| value.as_bytes())
                .to_vec()
                .into(),
        )
    };
    request
        .with("http.cookie", first("cookie"))
        .with("http.referer", first("referer"))
        .with("http.user_agent", first("user-agent"))
        .with("http.x_forwarded_for", first("x-forwarded-for"))
        .with(
            "http.request.headers.names",
            Value::Array(headers.keys().cloned().map(Value::Text).collect()),
        )
        .with(
            "http.request.headers.values",
            Value::Array(headers.values().flatten().cloned().collect()),
        )
        .with("http.request.headers", map(&headers))
}

fn map(entries: &BTreeMap<Text, Vec<Value>>) -> Value {
    let entries = entries.iter();
    Value::Map(
        entries
            .map(|(name, values)| (name.clone(), Value::Array(values.clone())))
            .collect(),
    )
}
