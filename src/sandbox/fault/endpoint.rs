//! The endpoints of the API by names that people can write: `put-hosts`, `create-rule`.
//!
//! A table of its own beside the one that answers requests: a fault meets calls that are refused, too.

use std::fmt;
use std::str::FromStr;

use bytes::Bytes;
use http::Method;
use http::Request;

use crate::sandbox::route::BASE_PATH;

/// The word for every endpoint.
pub(crate) const ANY: &str = "any";

const CUSTOM: &str = "http_request_firewall_custom";
const REDIRECTS: &str = "http_request_dynamic_redirect";

/// Name, method, and the path below the base URL, in which `*` is any one segment. What is of a zone and of
/// the account alike has one name.
const ENDPOINTS: [(&str, Method, &[&str]); 29] = [
    ("list-zones", Method::GET, &["zones"]),
    ("get-zone", Method::GET, &["zones", "*"]),
    ("verify-token", Method::GET, &["user", "tokens", "verify"]),
    (
        "verify-token",
        Method::GET,
        &["accounts", "*", "tokens", "verify"],
    ),
    (
        "list-certificates",
        Method::GET,
        &["accounts", "*", "mtls_certificates"],
    ),
    (
        "upload-certificate",
        Method::POST,
        &["accounts", "*", "mtls_certificates"],
    ),
    (
        "get-certificate",
        Method::GET,
        &["accounts", "*", "mtls_certificates", "*"],
    ),
    (
        "delete-certificate",
        Method::DELETE,
        &["accounts", "*", "mtls_certificates", "*"],
    ),
    (
        "get-services",
        Method::GET,
        &["accounts", "*", "mtls_certificates", "*", "associations"],
    ),
    (
        "get-hosts",
        Method::GET,
        &[
            "zones",
            "*",
            "certificate_authorities",
            "hostname_associations",
        ],
    ),
    (
        "put-hosts",
        Method::PUT,
        &[
            "zones",
            "*",
            "certificate_authorities",
            "hostname_associations",
        ],
    ),
    (
        "get-rules",
        Method::GET,
        &["*", "*", "rulesets", "phases", CUSTOM, "entrypoint"],
    ),
    (
        "put-rules",
        Method::PUT,
        &["*", "*", "rulesets", "phases", CUSTOM, "entrypoint"],
    ),
    (
        "get-redirects",
        Method::GET,
        &["*", "*", "rulesets", "phases", REDIRECTS, "entrypoint"],
    ),
    (
        "put-redirects",
        Method::PUT,
        &["*", "*", "rulesets", "phases", REDIRECTS, "entrypoint"],
    ),
    ("list-rulesets", Method::GET, &["*", "*", "rulesets"]),
    ("create-ruleset", Method::POST, &["*", "*", "rulesets"]),
    ("get-ruleset", Method::GET, &["*", "*", "rulesets", "*"]),
    ("put-ruleset", Method::PUT, &["*", "*", "rulesets", "*"]),
    (
        "delete-ruleset",
        Method::DELETE,
        &["*", "*", "rulesets", "*"],
    ),
    (
        "create-rule",
        Method::POST,
        &["*", "*", "rulesets", "*", "rules"],
    ),
    (
        "patch-rule",
        Method::PATCH,
        &["*", "*", "rulesets", "*", "rules", "*"],
    ),
    (
        "delete-rule",
        Method::DELETE,
        &["*", "*", "rulesets", "*", "rules", "*"],
    ),
    (
        "list-access-rules",
        Method::GET,
        &["*", "*", "firewall", "access_rules", "rules"],
    ),
    (
        "create-access-rule",
        Method::POST,
        &["*", "*", "firewall", "access_rules", "rules"],
    ),
    (
        "delete-access-rule",
        Method::DELETE,
        &["*", "*", "firewall", "access_rules", "rules", "*"],
    ),
    ("list-records", Method::GET, &["zones", "*", "dns_records"]),
    (
        "create-record",
        Method::POST,
        &["zones", "*", "dns_records"],
    ),
    (
        "delete-record",
        Method::DELETE,
        &["zones", "*", "dns_records", "*"],
    ),
];

/// One operation of the API, by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Endpoint {
    name: &'static str,
    is_read: bool,
}

/// No endpoint has this name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no endpoint is called `{name}`; there are: `{ANY}`, {}", known())]
pub struct UnknownEndpoint {
    /// The name as given.
    pub name: String,
}

impl Endpoint {
    /// Every endpoint once, in the order of the API reference.
    pub fn all() -> impl Iterator<Item = Self> {
        let mut last = "";
        ENDPOINTS.iter().filter_map(move |(name, method, _)| {
            let is_new = std::mem::replace(&mut last, name) != *name;
            is_new.then_some(Self::new(name, method))
        })
    }

    /// The endpoint that a request is for; `None` where the path is none of the API's.
    #[must_use]
    pub fn of(request: &Request<Bytes>) -> Option<Self> {
        let segments = segments(request.uri().path())?;
        let is_meant = |path: &[&str]| {
            path.len() == segments.len()
                && path
                    .iter()
                    .zip(&segments)
                    .all(|(wanted, found)| match *wanted {
                        "*" => !found.is_empty(),
                        wanted => wanted == *found,
                    })
        };
        ENDPOINTS
            .iter()
            .find(|(_, method, path)| method == request.method() && is_meant(path))
            .map(|(name, method, _)| Self::new(name, method))
    }

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        self.name
    }

    /// Whether calls to it change nothing.
    #[must_use]
    pub fn is_read(self) -> bool {
        self.is_read
    }

    fn new(name: &'static str, method: &Method) -> Self {
        Self {
            name,
            is_read: method == Method::GET,
        }
    }
}

impl fmt::Display for Endpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

impl FromStr for Endpoint {
    type Err = UnknownEndpoint;

    fn from_str(name: &str) -> Result<Self, Self::Err> {
        let found = Self::all().find(|endpoint| endpoint.name == name);
        found.ok_or_else(|| UnknownEndpoint {
            name: name.to_owned(),
        })
    }
}

/// The segments of a path below the base path; `None` elsewhere.
pub(crate) fn segments(path: &str) -> Option<Vec<&str>> {
    let below = path.strip_prefix(BASE_PATH)?.strip_prefix('/')?;
    Some(below.split('/').collect())
}

fn known() -> String {
    let names: Vec<String> = Endpoint::all()
        .map(|endpoint| format!("`{endpoint}`"))
        .collect();
    names.join(", ")
}
