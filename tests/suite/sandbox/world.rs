//! An account to call, with a clock that the test moves.

use bytes::Bytes;
use http::HeaderMap;
use http::Request;
use jiff::SignedDuration;
use jiff::Timestamp;
use mtlsctl::sandbox::ACCOUNT_ID;
use mtlsctl::sandbox::Account;
use mtlsctl::sandbox::Permission;
use mtlsctl::sandbox::RateLimiter;
use mtlsctl::sandbox::Token;
use mtlsctl::sandbox::TokenKind;
use mtlsctl::sandbox::respond;
use rcgen::BasicConstraints;
use rcgen::CertificateParams;
use rcgen::DnType;
use rcgen::IsCa;
use rcgen::KeyPair;
use rcgen::PKCS_ED25519;
use serde_json::Value;
use serde_json::json;

/// The token of the tests.
pub(crate) const SECRET: &str = "test-token-with-every-permission-0123456";

/// The seeded account with `example.com` and `example.net`, a token for it, and the time.
pub(crate) struct World {
    pub(crate) account: Account,
    pub(crate) limiter: RateLimiter,
    pub(crate) secret: String,
    pub(crate) now: Timestamp,
}

/// An answer, decoded.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Value,
}

/// A refusal that a call must end in: method, path, body, status, code (0: none), words.
pub(crate) type Refused<'a> = (&'a str, String, Option<Value>, u16, u64, &'a str);

impl World {
    pub(crate) fn new() -> Self {
        Self::with_zones(&["example.com", "example.net"])
    }

    pub(crate) fn with_zones(zones: &[&str]) -> Self {
        let zones: Vec<String> = zones.iter().map(|zone| (*zone).to_owned()).collect();
        let mut account = Account::enterprise(&zones, 5);
        account.add_token(SECRET, Token::full(TokenKind::User));
        Self {
            account,
            limiter: RateLimiter::new(u32::MAX, SignedDuration::from_mins(5)),
            secret: SECRET.to_owned(),
            now: "2026-11-22T17:32:30.467938Z".parse().expect("a timestamp"),
        }
    }

    /// Goes on with a token that has only these permissions.
    pub(crate) fn limit_to(&mut self, permissions: &[Permission]) {
        self.secret = format!("limited-{permissions:?}").replace(' ', "");
        let token = Token {
            permissions: permissions.iter().copied().collect(),
            ..Token::full(TokenKind::User)
        };
        self.account.add_token(&self.secret, token);
    }

    pub(crate) fn wait(&mut self, seconds: i64) {
        self.now += SignedDuration::from_secs(seconds);
    }

    pub(crate) fn send(&mut self, method: &str, path: &str, body: Option<Value>) -> Reply {
        let text = body.map(|body| body.to_string()).unwrap_or_default();
        let request = Request::builder()
            .method(method)
            .uri(format!("/client/v4{path}"))
            .header("authorization", format!("Bearer {}", self.secret))
            .body(Bytes::from(text))
            .expect("a request");
        Reply::decode(respond(
            &mut self.account,
            &mut self.limiter,
            &request,
            self.now,
        ))
    }

    pub(crate) fn get(&mut self, path: &str) -> Value {
        self.send("GET", path, None).result()
    }

    pub(crate) fn post(&mut self, path: &str, body: Value) -> Value {
        self.send("POST", path, Some(body)).result()
    }

    pub(crate) fn put(&mut self, path: &str, body: Value) -> Value {
        self.send("PUT", path, Some(body)).result()
    }

    pub(crate) fn patch(&mut self, path: &str, body: Value) -> Value {
        self.send("PATCH", path, Some(body)).result()
    }

    pub(crate) fn delete(&mut self, path: &str) -> Value {
        self.send("DELETE", path, None).result()
    }

    /// Makes every call, and demands its refusal and that nothing changed.
    pub(crate) fn all_refused<'a>(&mut self, rows: impl IntoIterator<Item = Refused<'a>>) {
        for (method, path, body, status, code, words) in rows {
            let before = self.account.clone();
            let shown = format!("{method} {path} {body:?}");
            let reply = self.send(method, &path, body);
            reply.is_refused(status, code, words, &shown);
            assert!(
                self.account == before,
                "{shown} was refused and changed the account"
            );
        }
    }

    pub(crate) fn zone(&mut self, name: &str) -> String {
        let zones = self.get(&format!("/zones?name={name}"));
        zones[0]["id"].as_str().expect("a zone").to_owned()
    }

    /// Uploads a CA and returns its id.
    pub(crate) fn upload(&mut self, name: &str, pem: &str) -> String {
        let uploaded = self.post(
            &certificates(),
            json!({"ca": true, "name": name, "certificates": pem}),
        );
        uploaded["id"].as_str().expect("an id").to_owned()
    }

    /// The seeded CA of this name.
    pub(crate) fn certificate_named(&mut self, name: &str) -> String {
        let list = self.get(&certificates());
        let found = list
            .as_array()
            .expect("a list")
            .iter()
            .find(|certificate| certificate["name"] == name);
        found.expect("a certificate of this name")["id"]
            .as_str()
            .expect("an id")
            .to_owned()
    }
}

impl Reply {
    pub(crate) fn decode(response: http::Response<Bytes>) -> Self {
        let (parts, body) = response.into_parts();
        let body = if body.is_empty() {
            Value::Null
        } else {
            serde_json::from_slice(&body).expect("JSON")
        };
        Self {
            status: parts.status.as_u16(),
            headers: parts.headers,
            body,
        }
    }

    /// The result of a success.
    #[track_caller]
    pub(crate) fn result(self) -> Value {
        assert_eq!(self.status, 200, "{}", self.body);
        assert_eq!(self.body["success"], true);
        assert_eq!(self.body["errors"], json!([]));
        assert!(self.body["messages"].is_array());
        self.body["result"].clone()
    }

    #[track_caller]
    pub(crate) fn is_refused(&self, status: u16, code: u64, words: &str, call: &str) {
        assert_eq!(self.status, status, "{call}: {}", self.body);
        assert_eq!(self.body["success"], false, "{call}");
        assert!(self.body["result"].is_null(), "{call}");
        assert_eq!(self.body["messages"], json!([]), "{call}");
        let error = &self.body["errors"][0];
        assert_eq!(
            error["code"].as_u64().unwrap_or(0),
            code,
            "{call}: {}",
            self.body
        );
        let message = error["message"].as_str().unwrap_or_default();
        assert!(
            message.contains(words),
            "{call}: {message:?} does not say {words:?}"
        );
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().expect("text"))
    }
}

pub(crate) fn certificates() -> String {
    format!("/accounts/{ACCOUNT_ID}/mtls_certificates")
}

pub(crate) fn certificate(id: &str) -> String {
    format!("/accounts/{ACCOUNT_ID}/mtls_certificates/{id}")
}

pub(crate) fn hosts(zone: &str) -> String {
    format!("/zones/{zone}/certificate_authorities/hostname_associations")
}

pub(crate) fn hosts_of(zone: &str, certificate: &str) -> String {
    format!("{}?mtls_certificate_id={certificate}", hosts(zone))
}

pub(crate) fn entry_point(zone: &str) -> String {
    format!("/zones/{zone}/rulesets/phases/http_request_firewall_custom/entrypoint")
}

pub(crate) fn account_entry_point() -> String {
    format!("/accounts/{ACCOUNT_ID}/rulesets/phases/http_request_firewall_custom/entrypoint")
}

pub(crate) fn redirects(zone: &str) -> String {
    format!("/zones/{zone}/rulesets/phases/http_request_dynamic_redirect/entrypoint")
}

/// The IP Access rules of a zone or an account, such as `/zones/…`.
pub(crate) fn access_rules(of: &str) -> String {
    format!("{of}/firewall/access_rules/rules")
}

pub(crate) fn records(zone: &str) -> String {
    format!("/zones/{zone}/dns_records")
}

/// A self-signed CA, its key thrown away.
pub(crate) fn ca_pem(name: &str) -> String {
    self_signed(
        name,
        IsCa::Ca(BasicConstraints::Unconstrained),
        &KeyPair::generate().expect("a key"),
    )
}

pub(crate) fn ed25519_ca_pem(name: &str) -> String {
    let key = KeyPair::generate_for(&PKCS_ED25519).expect("a key");
    self_signed(name, IsCa::Ca(BasicConstraints::Unconstrained), &key)
}

pub(crate) fn leaf_pem(name: &str) -> String {
    self_signed(
        name,
        IsCa::ExplicitNoCa,
        &KeyPair::generate().expect("a key"),
    )
}

fn self_signed(name: &str, is_ca: IsCa, key: &KeyPair) -> String {
    let mut params = CertificateParams::default();
    params.distinguished_name.remove(DnType::CommonName);
    params.distinguished_name.push(DnType::CountryName, "US");
    params
        .distinguished_name
        .push(DnType::OrganizationName, "Example, Corp");
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = is_ca;
    params.self_signed(key).expect("a certificate").pem()
}
