//! A transport that plays answers in order and notes what was sent; ids and clients for the tests.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::Mutex;
use std::time::Duration;

use bytes::Bytes;
use futures::future::BoxFuture;
use futures::future::ready;
use http::Request;
use http::Response;
use mtlsctl::cloudflare::Budget;
use mtlsctl::cloudflare::Client;
use mtlsctl::cloudflare::Retry;
use mtlsctl::cloudflare::Settings;
use mtlsctl::cloudflare::Transport;
use mtlsctl::cloudflare::TransportError;
use mtlsctl::resource::AccountId;
use mtlsctl::resource::Bundle;
use mtlsctl::resource::CaId;
use mtlsctl::resource::RuleId;
use mtlsctl::resource::RulesetId;
use mtlsctl::resource::ZoneId;
use serde_json::Value;
use serde_json::json;
use tokio::time::Instant;

pub(crate) type Reply = Result<Response<Bytes>, TransportError>;

/// The answers to come, and what was sent so far.
#[derive(Clone, Default)]
pub(crate) struct Script(Arc<Mutex<Log>>);

#[derive(Default)]
struct Log {
    replies: VecDeque<Reply>,
    sent: Vec<(Instant, String)>,
}

impl Script {
    pub(crate) fn new(replies: impl IntoIterator<Item = Reply>) -> Self {
        let script = Self::default();
        script.0.lock().unwrap().replies.extend(replies);
        script
    }

    /// A client that plays this script, without jitter.
    pub(crate) fn client(&self) -> Client {
        Client::new(self.clone(), settings())
    }

    /// Method and target of what was sent, in order.
    pub(crate) fn sent(&self) -> Vec<String> {
        let log = self.0.lock().unwrap();
        log.sent.iter().map(|(_, line)| line.clone()).collect()
    }

    /// The methods alone of what was sent, such as `POST GET`.
    pub(crate) fn methods(&self) -> String {
        let lines = self.sent();
        let methods: Vec<_> = lines
            .iter()
            .map(|line| line.split(' ').next().unwrap())
            .collect();
        methods.join(" ")
    }

    /// When each request was sent, in milliseconds after the first.
    pub(crate) fn times(&self) -> Vec<u128> {
        let log = self.0.lock().unwrap();
        let since = |at: Instant| at.duration_since(log.sent[0].0).as_millis();
        log.sent.iter().map(|(at, _)| since(*at)).collect()
    }

    /// How many answers nobody asked for.
    pub(crate) fn unplayed(&self) -> usize {
        self.0.lock().unwrap().replies.len()
    }
}

impl Transport for Script {
    fn send(&self, request: Request<Bytes>) -> BoxFuture<'_, Reply> {
        let mut log = self.0.lock().unwrap();
        let line = format!("{} {}", request.method(), request.uri());
        log.sent.push((Instant::now(), line.clone()));
        let reply = log.replies.pop_front();
        Box::pin(ready(
            reply.unwrap_or_else(|| panic!("nothing is left to answer `{line}`")),
        ))
    }
}

pub(crate) fn settings() -> Settings {
    Settings {
        retry: Retry {
            jitter: false,
            ..Retry::default()
        },
        budget: Budget::default(),
    }
}

/// An answer of this status and text.
#[expect(
    clippy::unnecessary_wraps,
    reason = "it stands in scripts beside replies that failed"
)]
pub(crate) fn text(status: u16, body: &str) -> Reply {
    Ok(response(status, body))
}

pub(crate) fn response(status: u16, body: &str) -> Response<Bytes> {
    let mut response = Response::new(Bytes::copy_from_slice(body.as_bytes()));
    *response.status_mut() = http::StatusCode::from_u16(status).unwrap();
    response
}

pub(crate) fn with_header(reply: Reply, name: &'static str, value: &str) -> Reply {
    reply.map(|mut response| {
        response.headers_mut().insert(name, value.parse().unwrap());
        response
    })
}

/// A success with this result.
pub(crate) fn ok(result: Value) -> Reply {
    text(
        200,
        &json!({ "success": true, "errors": [], "messages": [], "result": result }).to_string(),
    )
}

/// One page of a list of `total` items.
pub(crate) fn page(items: Vec<Value>, page: u32, pages: u32, total: usize) -> Reply {
    let info = json!({
        "page": page, "per_page": 50, "count": items.len(),
        "total_count": total, "total_pages": pages,
    });
    let body = json!({
        "success": true, "errors": [], "messages": [], "result": items, "result_info": info,
    });
    text(200, &body.to_string())
}

/// A refusal with one reason.
pub(crate) fn refused(status: u16, code: i64, message: &str) -> Reply {
    let body = json!({
        "success": false, "errors": [{ "code": code, "message": message }],
        "messages": [], "result": null,
    });
    text(status, &body.to_string())
}

pub(crate) fn broken() -> Reply {
    Err(TransportError::Broken {
        host: "api.cloudflare.com".into(),
        reason: "connection reset by peer".into(),
    })
}

pub(crate) fn timed_out() -> Reply {
    Err(TransportError::TimedOut {
        host: "api.cloudflare.com".into(),
        seconds: 60,
    })
}

pub(crate) fn unreachable() -> Reply {
    Err(TransportError::Connect {
        host: "api.cloudflare.com".into(),
        reason: "connection refused".into(),
    })
}

pub(crate) const HTML: &str = "<!DOCTYPE html>\n<html><title>502 Bad Gateway</title></html>";

pub(crate) fn account() -> AccountId {
    AccountId::parse("9a7806061c88ada191ed06f989cc3dac").unwrap()
}

pub(crate) fn zone() -> ZoneId {
    ZoneId::parse("023e105f4ecef8ad9ca31a8372d0c353").unwrap()
}

pub(crate) fn ruleset() -> RulesetId {
    RulesetId::parse("2f2feab2026849078ba485f918791bdc").unwrap()
}

/// The `n`th rule.
pub(crate) fn rule(n: u8) -> RuleId {
    RuleId::parse(&format!("{n:032x}")).unwrap()
}

/// The `n`th certificate.
pub(crate) fn ca(n: u8) -> CaId {
    CaId::parse(&format!("2458ce5a-0c35-4c7f-82c7-{n:012x}")).unwrap()
}

/// A CA of one certificate, made anew.
pub(crate) fn bundle(name: &str) -> Bundle {
    let mut params = rcgen::CertificateParams::new(Vec::<String>::new()).unwrap();
    params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    params
        .distinguished_name
        .push(rcgen::DnType::CommonName, name);
    let key = rcgen::KeyPair::generate().unwrap();
    Bundle::from_pem(&params.self_signed(&key).unwrap().pem()).unwrap()
}

/// An uploaded CA as the API lists it.
pub(crate) fn listed(id: &CaId, name: &str, bundle: &Bundle) -> Value {
    json!({
        "id": id.as_str(), "name": name, "ca": true, "type": "custom",
        "certificates": bundle.to_pem().trim_end(),
        "uploaded_on": "2026-11-22T17:32:30.467938Z", "expires_on": "2122-10-29T16:59:47Z",
    })
}

pub(crate) fn seconds(number: u64) -> Duration {
    Duration::from_secs(number)
}
