//! Asking an account's edge in a few words.

use std::sync::Arc;

use bytes::Bytes;
use http::Response;
use mtlsctl::sandbox::edge::Credential;
use mtlsctl::sandbox::edge::Reading;
use mtlsctl::sandbox::edge::Snapshot;
use mtlsctl::sandbox::edge::View;
use mtlsctl::sandbox::edge::Visit;
use serde_json::Value;
use serde_json::json;

use crate::sandbox::edge::pki::Managed;
use crate::sandbox::world::World;
use crate::sandbox::world::entry_point;
use crate::sandbox::world::hosts;

pub(super) const READINGS: [Reading; 2] = [Reading::PerHost, Reading::AccountWide];

/// The account's edge, on which everything has arrived.
pub(super) struct Arrived {
    snapshot: Arc<Snapshot>,
    now: jiff::Timestamp,
}

impl Arrived {
    pub(super) fn of(world: &World) -> Self {
        Self {
            snapshot: Arc::new(
                View::of(&world.account)
                    .with_managed(Arc::clone(&Managed::shared().ca))
                    .snapshot(),
            ),
            now: world.now,
        }
    }

    pub(super) fn answer(
        &self,
        visit: &Visit,
        credential: Option<&Credential>,
        reading: Reading,
    ) -> Response<Bytes> {
        self.snapshot.answer(visit, credential, reading, self.now)
    }

    /// What becomes of a GET without a certificate.
    pub(super) fn get(&self, host: &str, path: &str) -> Response<Bytes> {
        self.answer(&visit(host, path), None, Reading::PerHost)
    }
}

/// A GET.
pub(super) fn visit(host: &str, path: &str) -> Visit {
    Visit::to(host, path.parse().expect("a path"))
}

/// The verdict by status and headers: `pass`, `challenge` or `block`.
pub(super) fn verdict(response: &Response<Bytes>) -> &'static str {
    match response.status().as_u16() {
        200 => "pass",
        403 if response.headers().get("cf-mitigated").is_some() => "challenge",
        400..=499 => "block",
        other => panic!("status {other}"),
    }
}

/// What the origin says that the edge saw.
pub(super) fn echo(response: &Response<Bytes>) -> Value {
    assert_eq!(response.status(), 200, "{response:?}");
    serde_json::from_slice(response.body()).expect("JSON")
}

/// Text of a header, empty if there is none.
pub(super) fn header<'r>(response: &'r Response<Bytes>, name: &str) -> &'r str {
    let value = response.headers().get(name);
    value.map_or("", |value| value.to_str().expect("text"))
}

/// Replaces all rules of `example.com`.
pub(super) fn set_rules(world: &mut World, rules: &Value) {
    let zone = world.zone("example.com");
    world.put(&entry_point(&zone), json!({ "rules": rules }));
}

/// Replaces the hosts of a CA in `example.com`.
pub(super) fn associate(world: &mut World, ca: Option<&str>, listed: &[&str]) {
    let zone = world.zone("example.com");
    let mut body = json!({ "hostnames": listed });
    if let Some(ca) = ca {
        body["mtls_certificate_id"] = json!(ca);
    }
    world.put(&hosts(&zone), body);
}
