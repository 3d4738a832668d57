//! What of a request is fixed by its zone, its host and its client.

use std::collections::BTreeSet;

use crate::edge::Asks;
use crate::edge::Client;
use crate::edge::Issued;
use crate::edge::KeyIds;
use crate::edge::Reading;
use crate::expression::Expression;
use crate::expression::Operand;
use crate::expression::Request;
use crate::expression::Truth;
use crate::resource::KeyId;
use crate::resource::ZoneName;

/// A request as far as zone, host and client fix it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Presented {
    /// The fields that are fixed.
    pub known: Request,
    /// What holds of the others.
    pub also: Vec<Expression>,
}

/// Text fields about a client's certificate: empty when there is none.
///
/// <https://developers.cloudflare.com/ruleset-engine/rules-language/fields/reference/?field-category=mTLS>
const TEXTS: [&str; 16] = [
    "cf.tls_client_auth.cert_chain_rfc9440",
    "cf.tls_client_auth.cert_fingerprint_sha1",
    "cf.tls_client_auth.cert_fingerprint_sha256",
    ISSUER_DN,
    ISSUER_DN_LEGACY,
    ISSUER_DN_RFC2253,
    ISSUER_SERIAL,
    ISSUER_KEY_ID,
    "cf.tls_client_auth.cert_not_after",
    "cf.tls_client_auth.cert_not_before",
    "cf.tls_client_auth.cert_rfc9440",
    "cf.tls_client_auth.cert_serial",
    "cf.tls_client_auth.cert_ski",
    "cf.tls_client_auth.cert_subject_dn",
    "cf.tls_client_auth.cert_subject_dn_legacy",
    "cf.tls_client_auth.cert_subject_dn_rfc2253",
];

/// Boolean fields about a client's certificate: false when there is none.
const TRUTHS: [&str; 5] = [
    PRESENTED,
    VERIFIED,
    REVOKED,
    "cf.tls_client_auth.cert_rfc9440_too_large",
    "cf.tls_client_auth.cert_chain_rfc9440_too_large",
];

/// A key id that no rule names.
const UNNAMED: &str = "0000000000000000000000000000000000000000";

/// The fingerprints of a client's certificate, with their lengths: a stranger's are in no rule.
const FINGERPRINTS: [(&str, usize); 2] = [
    ("cf.tls_client_auth.cert_fingerprint_sha1", 40),
    ("cf.tls_client_auth.cert_fingerprint_sha256", 64),
];

const PRESENTED: &str = "cf.tls_client_auth.cert_presented";
const VERIFIED: &str = "cf.tls_client_auth.cert_verified";
const REVOKED: &str = "cf.tls_client_auth.cert_revoked";
const ISSUER_KEY_ID: &str = "cf.tls_client_auth.cert_issuer_ski";
const ISSUER_SERIAL: &str = "cf.tls_client_auth.cert_issuer_serial";
const ISSUER_DN: &str = "cf.tls_client_auth.cert_issuer_dn";
const ISSUER_DN_LEGACY: &str = "cf.tls_client_auth.cert_issuer_dn_legacy";
const ISSUER_DN_RFC2253: &str = "cf.tls_client_auth.cert_issuer_dn_rfc2253";

/// What is fixed of a request to `host`, spelled as the client spells it.
#[must_use]
pub fn presented(
    zone: &ZoneName,
    host: &str,
    client: &Client,
    asks: &Asks,
    reading: Reading,
) -> Presented {
    let known = Request::default()
        .with("http.host", host)
        .with("cf.zone.name", zone.as_str());
    // Whoever has one to present comes over TLS, asked or not.
    let known = if client.has_certificate() {
        known.with("ssl", true)
    } else {
        known
    };
    if !asks.asks() || !client.has_certificate() {
        let known = TEXTS
            .iter()
            .fold(known, |known, field| known.with(*field, ""));
        let known = TRUTHS
            .iter()
            .fold(known, |known, field| known.with(*field, false));
        return Presented {
            known,
            also: Vec::new(),
        };
    }
    let revoked = matches!(client, Client::Managed { revoked: true, .. });
    let known = known.with(PRESENTED, true).with(REVOKED, revoked);
    let known = match asks.verifies(client, reading) {
        Truth::True => known.with(VERIFIED, true),
        Truth::False => known.with(VERIFIED, false),
        Truth::Unknown => known,
    };
    let request = Presented {
        known,
        also: Vec::new(),
    };
    match client {
        Client::None => request,
        // What a certificate says is its maker's choice; what it is is not.
        Client::Stranger => FINGERPRINTS
            .iter()
            .fold(request, |request, (field, length)| {
                request.one_of(field, std::iter::once("0".repeat(*length).as_str()))
            }),
        // A rule that names it by a key id that nobody has told is one for hosts that list it.
        Client::Managed {
            key_ids: KeyIds::NoneOf(_),
            ..
        } if !asks.names(client) => request.one_of(ISSUER_KEY_ID, std::iter::once(UNNAMED)),
        Client::Managed { key_ids, .. } => request.issued_with(key_ids),
        Client::Issued(issued) => request.issued_with(&issued.key_ids).issued_by(issued),
    }
}

impl Presented {
    fn issued_with(self, key_ids: &KeyIds) -> Self {
        match key_ids {
            KeyIds::OneOf(ids) => self.one_of(ISSUER_KEY_ID, ids.iter().map(KeyId::as_str)),
            KeyIds::NoneOf(ids) if ids.is_empty() => self,
            KeyIds::NoneOf(ids) => {
                let field = Operand::field(ISSUER_KEY_ID);
                self.and(Expression::not(
                    field.in_strings(ids.iter().map(KeyId::as_str)),
                ))
            }
        }
    }

    fn issued_by(self, issued: &Issued) -> Self {
        let rfc2253: BTreeSet<&str> = issued.names.iter().map(|(one, _)| one.as_str()).collect();
        let legacy: BTreeSet<&str> = issued.names.iter().map(|(_, one)| one.as_str()).collect();
        self.one_of(ISSUER_DN, rfc2253.iter().copied())
            .one_of(ISSUER_DN_RFC2253, rfc2253.iter().copied())
            .one_of(ISSUER_DN_LEGACY, legacy.iter().copied())
            .one_of(ISSUER_SERIAL, issued.serials.iter().map(String::as_str))
    }

    /// A field has one of these values; any if there is none.
    fn one_of<'v>(
        self,
        field: &'static str,
        values: impl ExactSizeIterator<Item = &'v str>,
    ) -> Self {
        let mut values = values;
        match values.len() {
            0 => self,
            1 => match values.next() {
                Some(value) => Self {
                    known: self.known.with(field, value),
                    also: self.also,
                },
                None => self,
            },
            _ => self.and(Operand::field(field).in_strings(values)),
        }
    }

    fn and(mut self, expression: Expression) -> Self {
        self.also.push(expression);
        self
    }
}
