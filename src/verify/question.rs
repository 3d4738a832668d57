//! The requests to one host, with what should become of each.

use std::collections::BTreeMap;

use http::HeaderValue;
use http::Method;
use http::header::USER_AGENT;

use crate::edge::AccessTest;
use crate::edge::Authority;
use crate::edge::Client;
use crate::edge::Credential;
use crate::handshake;
use crate::handshake::Http;
use crate::handshake::Offered;
use crate::handshake::Request;
use crate::resource::Hostname;
use crate::resource::ZoneName;
use crate::verify::Check;
use crate::verify::Expected;
use crate::verify::Presenter;
use crate::verify::Scope;
use crate::verify::Standing;
use crate::verify::check::Declared;
use crate::verify::real;

/// What requests look like, where nothing else says it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wish {
    /// The method.
    pub method: Method,
    /// The path, perhaps with a query; begins with `/`.
    pub path: String,
    /// Which HTTP is spoken.
    pub http: Http,
    /// Whether access tests are sent too that are expected to get in with a method that may change something.
    pub sends_writes: bool,
}

impl Wish {
    /// What this client calls itself.
    pub const USER_AGENT: &str = concat!("mtlsctl/", env!("CARGO_PKG_VERSION"), " (verify)");

    fn request(&self) -> Request {
        Request {
            method: self.method.clone(),
            path: self.path.clone(),
            headers: vec![(USER_AGENT, HeaderValue::from_static(Self::USER_AGENT))],
            http: self.http,
        }
    }

    /// The fields of its requests that rules may test.
    fn fields(&self, client: &Client, host: &Hostname) -> BTreeMap<String, String> {
        let (path, query) = self.path.split_once('?').unwrap_or((&self.path, ""));
        let file = path.rsplit('/').next().unwrap_or_default();
        let full = format!("https://{host}{}", self.path);
        let of_address = [
            ("http.request.uri", self.path.as_str()),
            ("http.request.uri.path", path),
            (
                "http.request.uri.path.extension",
                file.rsplit_once('.').map_or("", |(_, extension)| extension),
            ),
            ("http.request.uri.query", query),
            ("http.request.full_uri", &full),
        ];
        let raw = of_address.map(|(field, value)| (format!("raw.{field}"), value));
        let version = match self.http {
            Http::Any => None,
            Http::One => Some(("http.request.version", "HTTP/1.1")),
            Http::Two => Some(("http.request.version", "HTTP/2")),
        };
        let others = [
            ("http.request.method", self.method.as_str()),
            ("http.user_agent", Self::USER_AGENT),
            ("http.referer", ""),
            ("http.cookie", ""),
            ("http.x_forwarded_for", ""),
        ];
        // Of clients with a certificate the model knows by itself that they come over TLS.
        let ssl = (!client.has_certificate()).then_some(("ssl", "true"));
        let plain = of_address
            .into_iter()
            .chain(others)
            .chain(version)
            .chain(ssl);
        plain
            .map(|(field, value)| (field.to_owned(), value))
            .chain(raw)
            .map(|(field, value)| (field, value.to_owned()))
            .collect()
    }
}

/// A request that is to be sent, as one of the clients.
#[derive(Debug)]
pub(super) struct Question<'p> {
    pub(super) presenter: &'p Presenter,
    pub(super) request: Request,
    pub(super) expected: Expected,
    /// Where the access test stands, if it is one.
    pub(super) test: Option<String>,
}

/// A request, or why there is none.
#[derive(Debug)]
pub(super) enum Item<'p> {
    Asked(Question<'p>),
    NotAsked(Check),
}

/// What is asked of a host: the same request as every client, then its access tests.
pub(super) fn questions<'p>(
    scope: &Scope,
    presenters: &'p [Presenter],
    wish: &Wish,
    host: &Hostname,
    zone: &ZoneName,
) -> Vec<Item<'p>> {
    let mut items = Vec::new();
    for presenter in presenters {
        let client = presenter.client();
        let request = wish.request();
        let expected = Expected::of(&scope.state, zone, host, client, &wish.fields(client, host));
        items.push(match expected {
            Ok(expected) => Item::Asked(Question {
                presenter,
                request,
                expected,
                test: None,
            }),
            Err(reason) => Item::NotAsked(Check {
                client: presenter.name().to_owned(),
                counts_as: presenter.counts_as().to_owned(),
                request: shown(&request),
                test: None,
                expected: None,
                seen: None,
                standing: Standing::NotRun(reason),
            }),
        });
    }
    for test in scope.tests.iter().filter(|test| test.host == *host) {
        of_test(test, presenters, wish, &mut items);
    }
    items
}

fn of_test<'p>(
    test: &AccessTest,
    presenters: &'p [Presenter],
    wish: &Wish,
    items: &mut Vec<Item<'p>>,
) {
    let not_run = |client: &str, reason| {
        Item::NotAsked(Check {
            client: client.to_owned(),
            counts_as: client.to_owned(),
            request: test.path.clone(),
            test: Some(test.origin.clone()),
            expected: Some(Expected::only(test.expect)),
            seen: None,
            standing: Standing::NotRun(reason),
        })
    };
    let name = match &test.credential {
        Credential::None => "none",
        Credential::Stranger => "stranger",
        Credential::Managed => "cloudflare-managed",
        Credential::IssuedBy(ca) => &ca.name,
    };
    let request = match real::request(test, wish) {
        Ok(request) => request,
        Err(reason) => return items.push(not_run(name, reason)),
    };
    let meant = presenters.iter().filter(|one| one.is_meant_by(test));
    let before = items.len();
    items.extend(meant.map(|presenter| {
        Item::Asked(Question {
            presenter,
            request: request.clone(),
            expected: Expected::only(test.expect),
            test: Some(test.origin.clone()),
        })
    }));
    if items.len() == before {
        let reason = format!("it takes a certificate: --client {name}=CERT.pem,KEY.pem");
        items.push(not_run(name, reason));
    }
}

/// A request for people, such as `GET /v1`.
pub(super) fn shown(request: &Request) -> String {
    format!("{} {}", request.method, request.path)
}

/// The CAs that a host should ask for, with the names that a server offers them by; the one that Cloudflare
/// runs has names that nobody tells.
pub(super) fn declared(scope: &Scope, host: &Hostname, zone: &ZoneName) -> Vec<Declared> {
    let here = scope.state.zones.get(zone);
    let authorities = here.and_then(|here| here.hosts.get(host));
    let mut declared: Vec<Declared> = authorities
        .into_iter()
        .flatten()
        .map(
            |authority| match (authority, scope.state.cas.get(authority)) {
                (Authority::Managed, _) => Declared {
                    name: "cloudflare-managed".to_owned(),
                    subjects: Vec::new(),
                },
                (_, ca) => Declared {
                    name: ca.map_or_else(String::new, |ca| ca.name.clone()),
                    subjects: ca
                        .iter()
                        .flat_map(|ca| &ca.certificates)
                        .map(|one| Offered::new(&handshake::subject(one)))
                        .collect(),
                },
            },
        )
        .collect();
    declared.sort_by(|one, other| one.name.cmp(&other.name));
    declared
}
