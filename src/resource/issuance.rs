//! Who issued a certificate, and what for, as it shows itself.

use x509_parser::error::X509Error;
use x509_parser::prelude::FromDer as _;
use x509_parser::prelude::X509Certificate;

use crate::resource::Certificate;

impl Certificate {
    /// Whether `parent` signed it; `None` where it cannot be told here, as of an algorithm that is not known.
    #[must_use]
    pub fn is_signed_by(&self, parent: &Self) -> Option<bool> {
        let (_, parent) = X509Certificate::from_der(parent.der()).ok()?;
        let (_, parsed) = X509Certificate::from_der(self.der()).ok()?;
        match parsed.verify_signature(Some(parent.public_key())) {
            Ok(()) => Some(true),
            Err(X509Error::SignatureVerificationError) => Some(false),
            Err(_) => None,
        }
    }

    /// Whether a client may present it: it says nothing of its purpose, or names this one.
    ///
    /// <https://www.rfc-editor.org/rfc/rfc5280#section-4.2.1.12>
    #[must_use]
    pub fn is_for_clients(&self) -> bool {
        let Ok((_, parsed)) = X509Certificate::from_der(self.der()) else {
            return false;
        };
        let purposes = parsed.extended_key_usage().ok().flatten();
        purposes.is_none_or(|purposes| purposes.value.any || purposes.value.client_auth)
    }
}
