//! Whose certificates get past a condition about certificates: asked of the condition, one kind of
//! certificate after the other.

use std::collections::BTreeSet;

use crate::expression::Expression;
use crate::expression::Request;
use crate::import::demand::NotUnderstood;
use crate::resource::Hostname;
use crate::resource::KeyId;

/// The key id of the CA that issued a certificate.
const ISSUER: &str = "cf.tls_client_auth.cert_issuer_ski";

/// Key ids that no issuer has: of a certificate that names none, and of one that no rule names.
const UNNAMED: [&str; 2] = ["", "any other"];

/// The certificates that get past a rule on one host.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Accepts {
    /// The key ids of their issuers; `None` for any that could be verified.
    pub(super) pins: Option<BTreeSet<KeyId>>,
    /// Whether revoked ones are stopped.
    pub(super) stops_revoked: bool,
}

/// Reads whose certificates get past what is `stopped` on a host.
pub(super) fn accepts(host: &Hostname, stopped: &Expression) -> Result<Accepts, NotUnderstood> {
    let named = key_ids(stopped)?;
    let issuers = || named.iter().map(KeyId::as_str).chain(UNNAMED);
    for issuer in issuers() {
        for (presented, revoked) in [(false, false), (true, false), (true, true)] {
            let unverified = Client {
                presented,
                verified: false,
                revoked,
                issuer,
            };
            if !unverified.is_stopped(stopped)? {
                return Err(NotUnderstood::NotVerified { host: host.clone() });
            }
        }
    }
    let mut pins = BTreeSet::new();
    for key_id in &named {
        if !Client::by(key_id.as_str()).is_stopped(stopped)? {
            pins.insert(key_id.clone());
        }
    }
    let others = UNNAMED.map(|issuer| Client::by(issuer).is_stopped(stopped));
    let pins = match others {
        [Ok(false), Ok(false)] if pins == named => None,
        [Ok(true), Ok(true)] if !pins.is_empty() => Some(pins),
        [Ok(true), Ok(true)] if named.is_empty() => {
            return Err(NotUnderstood::StopsEverybody { host: host.clone() });
        }
        [Ok(true), Ok(true)] => return Err(NotUnderstood::NobodyPasses),
        [Ok(_), Ok(_)] => return Err(NotUnderstood::KeepsIssuersOut),
        [Err(why), _] | [_, Err(why)] => return Err(why),
    };
    let (mut passing, mut stopping) = (false, false);
    for issuer in issuers() {
        let valid = Client::by(issuer);
        if valid.is_stopped(stopped)? {
            continue;
        }
        let revoked = Client {
            revoked: true,
            ..valid
        };
        if revoked.is_stopped(stopped)? {
            stopping = true;
        } else {
            passing = true;
        }
    }
    if passing && stopping {
        return Err(NotUnderstood::OtherFields);
    }
    Ok(Accepts {
        pins,
        stops_revoked: stopping,
    })
}

/// The key ids that issuers are compared with.
fn key_ids(condition: &Expression) -> Result<BTreeSet<KeyId>, NotUnderstood> {
    let mut ids = BTreeSet::new();
    for text in condition.texts_of(ISSUER) {
        let text = String::from_utf8_lossy(text.as_bytes()).into_owned();
        match KeyId::parse(&text).filter(|id| id.as_str() == text) {
            Some(id) => ids.insert(id),
            None => return Err(NotUnderstood::NoKeyId { text }),
        };
    }
    Ok(ids)
}

/// A client, by what it presents.
#[derive(Debug, Clone, Copy)]
struct Client<'a> {
    presented: bool,
    verified: bool,
    revoked: bool,
    issuer: &'a str,
}

impl<'a> Client<'a> {
    /// A certificate that is verified.
    fn by(issuer: &'a str) -> Self {
        Self {
            presented: true,
            verified: true,
            revoked: false,
            issuer,
        }
    }

    fn is_stopped(&self, condition: &Expression) -> Result<bool, NotUnderstood> {
        let Self {
            presented,
            verified,
            revoked,
            issuer,
        } = *self;
        let request = Request::default()
            .with("cf.tls_client_auth.cert_presented", presented)
            .with("cf.tls_client_auth.cert_verified", verified)
            .with("cf.tls_client_auth.cert_revoked", revoked)
            .with(ISSUER, issuer);
        let truth = condition.evaluate(&request);
        truth.known().ok_or(NotUnderstood::OtherFields)
    }
}
