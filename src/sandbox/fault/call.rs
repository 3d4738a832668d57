//! What faults know of a call before the account sees it: where it goes and what it is about.

use bytes::Bytes;
use http::Method;
use http::Request;
use serde_json::Value;

use crate::sandbox::account::Account;
use crate::sandbox::fault::endpoint::Endpoint;
use crate::sandbox::fault::endpoint::segments;
use crate::sandbox::query::Query;

/// The parameter that names a certificate in calls about hostnames (API reference, section 2.1).
const CERTIFICATE: &str = "mtls_certificate_id";

/// A call, as far as faults care.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Call {
    /// `None` where there is no such endpoint.
    pub(crate) endpoint: Option<Endpoint>,
    pub(crate) is_read: bool,
    /// The id of the zone in the path, of an unknown zone, too.
    pub(crate) zone: Option<String>,
    /// Its name.
    pub(crate) zone_name: Option<String>,
    /// The certificate that the call names; calls about hostnames name none for the managed CA.
    pub(crate) certificate: Option<String>,
    /// The rule in the path.
    pub(crate) rule: Option<String>,
}

/// The things of which a write changes one, and a read shows one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Object {
    /// The certificates of the account.
    Certificates,
    /// The hostnames of a certificate in a zone, or those of the managed CA.
    Hosts {
        zone: String,
        certificate: Option<String>,
    },
    /// The rulesets of a zone, or of the account.
    Rules { zone: Option<String> },
}

impl Call {
    pub(crate) fn of(request: &Request<Bytes>, account: &Account) -> Self {
        let endpoint = Endpoint::of(request);
        let segments = segments(request.uri().path()).unwrap_or_default();
        let (mut zone, mut certificate, mut rule) = (None, None, None);
        match segments.as_slice() {
            [
                "zones",
                id,
                "certificate_authorities",
                "hostname_associations",
            ] => {
                zone = Some(*id);
                certificate = certificate_of(request);
            }
            ["zones", id, "rulesets", _, "rules", named] => {
                zone = Some(*id);
                rule = Some((*named).to_owned());
            }
            ["zones", id, ..] => zone = Some(*id),
            ["accounts", _, "mtls_certificates", id, ..] => certificate = Some((*id).to_owned()),
            ["accounts", _, "rulesets", _, "rules", named] => rule = Some((*named).to_owned()),
            _ => {}
        }
        let known = zone.and_then(|id| account.zone(id));
        Self {
            endpoint,
            is_read: request.method() == Method::GET,
            zone: zone.map(str::to_owned),
            zone_name: known.map(|zone| zone.facts.name.clone()),
            certificate,
            rule,
        }
    }

    /// Whether it is about the hostnames of one CA.
    pub(crate) fn is_about_hosts(&self) -> bool {
        self.is_to(&["get-hosts", "put-hosts"])
    }

    /// What it reads or writes; `None` where it is nothing that an apply changes.
    pub(crate) fn object(&self) -> Option<Object> {
        if self.is_about_hosts() {
            return self.zone.clone().map(|zone| Object::Hosts {
                zone,
                certificate: self.certificate.clone(),
            });
        }
        if self.endpoint?.name().ends_with("-services") {
            return None;
        }
        if self.certificate.is_some() || self.is_to(&["list-certificates", "upload-certificate"]) {
            return Some(Object::Certificates);
        }
        let is_rules = self.is_to(&[
            "get-rules",
            "put-rules",
            "get-redirects",
            "put-redirects",
            "list-rulesets",
            "create-ruleset",
            "get-ruleset",
            "put-ruleset",
            "delete-ruleset",
            "create-rule",
            "patch-rule",
            "delete-rule",
        ]);
        is_rules.then(|| Object::Rules {
            zone: self.zone.clone(),
        })
    }

    fn is_to(&self, names: &[&str]) -> bool {
        self.endpoint
            .is_some_and(|endpoint| names.contains(&endpoint.name()))
    }
}

/// The certificate that a call about hostnames names: in the query of a GET, in the body of a PUT.
fn certificate_of(request: &Request<Bytes>) -> Option<String> {
    let named = if request.method() == Method::GET {
        Query::parse(request.uri().query())
            .get(CERTIFICATE)
            .map(str::to_owned)
    } else {
        let body: Value = serde_json::from_slice(request.body()).ok()?;
        body.get(CERTIFICATE)?.as_str().map(str::to_owned)
    };
    named.filter(|id| !id.is_empty())
}
