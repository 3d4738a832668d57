//! Names of CAs as a server offers them: DER, and words for people.

use x509_parser::prelude::FromDer as _;
use x509_parser::prelude::X509Certificate;
use x509_parser::prelude::X509Name;

use crate::resource::Certificate;

/// A name for people, such as `CN=Fleet 2026, O=Example`.
#[must_use]
pub fn readable(name: &[u8]) -> String {
    match X509Name::from_der(name) {
        Ok((_, name)) => name.to_string(),
        Err(_) => "a name that cannot be read".to_owned(),
    }
}

/// The subject of a CA certificate as a server offers it, DER.
#[must_use]
pub fn subject(certificate: &Certificate) -> Vec<u8> {
    X509Certificate::from_der(certificate.der())
        .map(|(_, parsed)| parsed.subject().as_raw().to_vec())
        .unwrap_or_default()
}
