//! TLS alerts, by what they tell of a client certificate.

use std::fmt;

use rustls::AlertDescription;

/// An alert with which a server ends a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Alert(AlertDescription);

impl Alert {
    pub(super) fn of(description: AlertDescription) -> Self {
        Self(description)
    }

    /// The name of the alert in the specification, such as `certificate_required`.
    ///
    /// <https://www.rfc-editor.org/rfc/rfc8446#section-6>
    #[must_use]
    pub fn name(self) -> String {
        let known = match self.0 {
            AlertDescription::BadCertificate => "bad_certificate",
            AlertDescription::UnsupportedCertificate => "unsupported_certificate",
            AlertDescription::CertificateRevoked => "certificate_revoked",
            AlertDescription::CertificateExpired => "certificate_expired",
            AlertDescription::CertificateUnknown => "certificate_unknown",
            AlertDescription::CertificateRequired => "certificate_required",
            AlertDescription::UnknownCA => "unknown_ca",
            AlertDescription::AccessDenied => "access_denied",
            AlertDescription::HandshakeFailure => "handshake_failure",
            AlertDescription::ProtocolVersion => "protocol_version",
            AlertDescription::UnrecognisedName => "unrecognized_name",
            AlertDescription::NoApplicationProtocol => "no_application_protocol",
            AlertDescription::InternalError => "internal_error",
            other => return format!("alert {}", u8::from(other)),
        };
        known.to_owned()
    }

    /// What the server means by it.
    #[must_use]
    pub fn meaning(self) -> &'static str {
        match self.0 {
            AlertDescription::CertificateRequired => {
                "it wants a client certificate and was shown none"
            }
            AlertDescription::UnknownCA => {
                "it does not know the CA that issued the client's certificate"
            }
            AlertDescription::CertificateExpired => "the client's certificate has expired",
            AlertDescription::CertificateRevoked => "the client's certificate has been revoked",
            AlertDescription::BadCertificate
            | AlertDescription::UnsupportedCertificate
            | AlertDescription::CertificateUnknown => "it does not accept the client's certificate",
            AlertDescription::AccessDenied => "it does not let this client in",
            AlertDescription::HandshakeFailure => {
                "it finds nothing that both sides can do: no certificate for this name, no common cipher, or \
                 no client certificate where it insists on one"
            }
            AlertDescription::ProtocolVersion => "it speaks neither TLS 1.2 nor TLS 1.3",
            AlertDescription::UnrecognisedName => "it serves no host of this name",
            AlertDescription::NoApplicationProtocol => {
                "it does not speak the HTTP version asked for"
            }
            _ => "something went wrong on its side",
        }
    }

    /// Whether it is about the certificate of the client, so that the client is turned away for it.
    #[must_use]
    pub fn is_about_client(self) -> bool {
        matches!(
            self.0,
            AlertDescription::BadCertificate
                | AlertDescription::UnsupportedCertificate
                | AlertDescription::CertificateRevoked
                | AlertDescription::CertificateExpired
                | AlertDescription::CertificateUnknown
                | AlertDescription::CertificateRequired
                | AlertDescription::UnknownCA
                | AlertDescription::AccessDenied
        )
    }

    /// Whether it is about the certificate of a client that was asked for one: before TLS 1.3 there is no other alert
    /// for one that is missing.
    #[must_use]
    pub fn is_about_asked_client(self) -> bool {
        self.is_about_client() || self.0 == AlertDescription::HandshakeFailure
    }

    /// Whether it is about what was offered before any client certificate.
    pub(super) fn is_for_everybody(self) -> bool {
        matches!(
            self.0,
            AlertDescription::ProtocolVersion
                | AlertDescription::UnrecognisedName
                | AlertDescription::NoApplicationProtocol
        )
    }
}

impl fmt::Display for Alert {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}`: {}", self.name(), self.meaning())
    }
}

#[cfg(test)]
mod tests {
    use rustls::AlertDescription;

    use super::Alert;

    #[test]
    fn before_tls_1_3_a_missing_certificate_is_a_failed_handshake() {
        let alert = Alert::of(AlertDescription::HandshakeFailure);
        assert!(!alert.is_about_client() && alert.is_about_asked_client());
        let alert = Alert::of(AlertDescription::ProtocolVersion);
        assert!(!alert.is_about_asked_client());
    }
}
