//! Certificates of the account and their endpoints (API reference, section 1): list, upload, get,
//! delete, associations.

use http::StatusCode;
use jiff::Timestamp;
use serde::Deserialize;
use serde::Serialize;
use serde_json::Value;
use serde_json::json;

use crate::sandbox::account::Account;
use crate::sandbox::bundle;
use crate::sandbox::bundle::Bundle;
use crate::sandbox::envelope::Answer;
use crate::sandbox::envelope::Answered;
use crate::sandbox::envelope::Refusal;
use crate::sandbox::envelope::UNCONFIRMED;
use crate::sandbox::fields::Fields;
use crate::sandbox::host_list::HostList;
use crate::sandbox::host_list::is_recent;
use crate::sandbox::ids::certificate_id;
use crate::sandbox::query::Query;

/// Where a certificate comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum CertificateType {
    /// Uploaded by anybody.
    Custom,
    /// Made by Gateway; cannot be deleted here.
    GatewayManaged,
}

/// A certificate object. Immutable but for the marks of its end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Certificate {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) ca: bool,
    pub(crate) kind: CertificateType,
    pub(crate) expires_on: String,
    fingerprints: Vec<String>,
    pem: String,
    issuer: String,
    signature: String,
    serial_number: String,
    uploaded_on: Timestamp,
    /// When the last hostname was taken away.
    released_on: Option<Timestamp>,
    deleted_on: Option<Timestamp>,
}

impl Certificate {
    pub(crate) fn new(
        account_id: &str,
        name: String,
        ca: bool,
        bundle: Bundle,
        now: Timestamp,
    ) -> Self {
        Self {
            id: certificate_id(account_id, &bundle.fingerprints),
            name,
            ca,
            kind: CertificateType::Custom,
            expires_on: bundle.expires_on,
            fingerprints: bundle.fingerprints,
            pem: bundle.pem,
            issuer: bundle.issuer,
            signature: bundle.signature.to_owned(),
            serial_number: bundle.serial_number,
            uploaded_on: now,
            released_on: None,
            deleted_on: None,
        }
    }

    /// Whether it exists in truth.
    pub(crate) fn exists(&self) -> bool {
        self.deleted_on.is_none()
    }

    /// Whether it takes up a slot of the quota.
    pub(crate) fn holds_slot(&self) -> bool {
        self.exists() && self.ca && self.kind == CertificateType::Custom
    }

    /// What it is made of, as it is answered.
    pub(crate) fn pem(&self) -> &str {
        &self.pem
    }

    pub(crate) fn type_name(&self) -> &'static str {
        match self.kind {
            CertificateType::Custom => "custom",
            CertificateType::GatewayManaged => "gateway_managed",
        }
    }

    /// Whether a read shows it, lagging behind upload and delete.
    fn is_seen(&self, account: &Account, now: Timestamp) -> bool {
        let lag = account.lag().certificates;
        let gone = self
            .deleted_on
            .is_some_and(|deleted_on| !is_recent(deleted_on, now, lag));
        !gone && !is_recent(self.uploaded_on, now, lag)
    }

    fn to_json(&self) -> Value {
        json!({
            "id": self.id,
            "name": self.name,
            "ca": self.ca,
            "certificates": self.pem,
            "issuer": self.issuer,
            "signature": self.signature,
            "serial_number": self.serial_number,
            "type": self.type_name(),
            "uploaded_on": format!("{:.6}", self.uploaded_on),
            "expires_on": self.expires_on,
        })
    }
}

/// GET `/accounts/{account_id}/mtls_certificates`: one page with everything.
pub(crate) fn list(account: &Account, query: &Query, now: Timestamp) -> Answered {
    let types = query.choices("type", &["custom", "gateway_managed", "access_managed"])?;
    let shown: Vec<Value> = account
        .certificates()
        .values()
        .filter(|certificate| certificate.is_seen(account, now))
        .filter(|certificate| {
            types
                .as_ref()
                .is_none_or(|types| types.contains(&certificate.type_name()))
        })
        .map(Certificate::to_json)
        .collect();
    let count = shown.len();
    let info =
        json!({"page": 1, "per_page": 50, "count": count, "total_count": count, "total_pages": 1});
    Ok(Answer::Page {
        result: Value::Array(shown),
        info,
    })
}

/// GET `/accounts/{account_id}/mtls_certificates/{id}`.
pub(crate) fn read(account: &Account, id: &str, now: Timestamp) -> Answered {
    let certificate = seen(account, id, now)?;
    Ok(Answer::Of(certificate.to_json()))
}

/// GET `…/{id}/associations`: which services use it, never where. Empty as soon as the last
/// hostname has gone, even while a delete is still refused.
pub(crate) fn associations(account: &Account, id: &str, now: Timestamp) -> Answered {
    let certificate = seen(account, id, now)?;
    let services = if is_associated(account, &certificate.id) {
        json!([{"service": "api_shield", "status": "active"}])
    } else {
        json!([])
    };
    Ok(Answer::Of(services))
}

/// POST `/accounts/{account_id}/mtls_certificates`.
pub(crate) fn upload(account: &mut Account, mut fields: Fields, now: Timestamp) -> Answered {
    let ca = fields
        .boolean("ca")?
        .ok_or_else(|| fields.refuse("ca", "is required"))?;
    let pem = fields.text("certificates")?;
    let name = fields.string("name")?.unwrap_or_default();
    // Looked at for its type only: a key has no business in the sandbox.
    fields.string("private_key")?;
    fields.finish()?;

    let bundle = bundle::parse(&pem)
        .ok_or_else(|| Refusal::invalid("Unable to parse certificate").at("/certificates"))?;
    if ca && !bundle.all_ca {
        return Err(
            Refusal::invalid("A CA certificate must have the basic constraint CA:TRUE")
                .at("/certificates"),
        );
    }
    let certificate = Certificate::new(account.id(), name, ca, bundle, now);
    add(account, certificate.clone())?;
    let mut result = certificate.to_json();
    // The one answer that has this field (API reference, section 1.4).
    result["updated_at"] = result["uploaded_on"].clone();
    Ok(Answer::Of(result))
}

/// Puts a new certificate into the account, if it is new and fits.
pub(crate) fn add(account: &mut Account, certificate: Certificate) -> Result<(), Refusal> {
    let same =
        |other: &Certificate| other.exists() && other.fingerprints == certificate.fingerprints;
    if account.certificates().values().any(same) {
        return Err(Refusal::new(
            StatusCode::BAD_REQUEST,
            1471,
            "This certificate already exists.",
        ));
    }
    let used = account
        .certificates()
        .values()
        .filter(|certificate| certificate.holds_slot())
        .count();
    if certificate.holds_slot() && used >= account.quota() {
        return Err(Refusal::new(
            StatusCode::BAD_REQUEST,
            1489,
            "Hit maximum CA cert allocation.",
        ));
    }
    account
        .certificates_mut()
        .insert(certificate.id.clone(), certificate);
    Ok(())
}

/// DELETE `/accounts/{account_id}/mtls_certificates/{id}`: the answer holds the object.
pub(crate) fn delete(account: &mut Account, id: &str, now: Timestamp) -> Answered {
    let Some(certificate) = account.certificates().get(id) else {
        return Err(not_found());
    };
    if !certificate.exists() {
        return Err(Refusal::invalid("This certificate was already deleted."));
    }
    if certificate.kind != CertificateType::Custom {
        return Err(Refusal::new(
            StatusCode::FORBIDDEN,
            UNCONFIRMED,
            "Unauthorized",
        ));
    }
    let in_use_lag = account.lag().in_use;
    let lately = certificate
        .released_on
        .is_some_and(|released_on| is_recent(released_on, now, in_use_lag));
    if lately || is_associated(account, id) {
        return Err(Refusal::invalid(
            "This certificate cannot be deleted while in use.",
        ));
    }
    for zone in account.all_zones_mut() {
        zone.associations.remove(id);
    }
    let Some(certificate) = account.certificates_mut().get_mut(id) else {
        return Err(not_found());
    };
    certificate.deleted_on = Some(now);
    Ok(Answer::Of(certificate.to_json()))
}

/// The certificate that hostnames can be associated with: an existing CA that somebody uploaded.
pub(crate) fn associable<'a>(account: &'a Account, id: &str) -> Result<&'a Certificate, Refusal> {
    let certificate = account
        .certificates()
        .get(id)
        .filter(|certificate| certificate.exists())
        .ok_or_else(not_found)?;
    if !certificate.holds_slot() {
        let message = "Hostnames can only be associated with an uploaded CA certificate";
        return Err(Refusal::invalid(message).at("/mtls_certificate_id"));
    }
    Ok(certificate)
}

/// Whether any zone has hostnames for it.
pub(crate) fn is_associated(account: &Account, id: &str) -> bool {
    let listed = |list: &HostList| !list.hosts().is_empty();
    account
        .zones()
        .iter()
        .any(|zone| zone.associations.get(id).is_some_and(listed))
}

/// Remembers that its last hostname has just gone: for a while it still counts as in use.
pub(crate) fn release(account: &mut Account, id: &str, now: Timestamp) {
    if let Some(certificate) = account.certificates_mut().get_mut(id) {
        certificate.released_on = Some(now);
    }
}

fn seen<'a>(account: &'a Account, id: &str, now: Timestamp) -> Result<&'a Certificate, Refusal> {
    account
        .certificates()
        .get(id)
        .filter(|certificate| certificate.is_seen(account, now))
        .ok_or_else(not_found)
}

fn not_found() -> Refusal {
    Refusal::new(StatusCode::NOT_FOUND, 1472, "Certificate not found")
}
