//! How the edge shakes hands: which certificate a host shows, whether it asks for one, and that any
//! certificate is taken whose key the client has. Whether it verifies is a question for each request.

use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;

use rustls::DigitallySignedStruct;
use rustls::DistinguishedName;
use rustls::Error;
use rustls::ServerConfig;
use rustls::SignatureScheme;
use rustls::client::danger::HandshakeSignatureValid;
use rustls::crypto::CryptoProvider;
use rustls::crypto::ring::default_provider;
use rustls::crypto::verify_tls12_signature;
use rustls::crypto::verify_tls13_signature;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::UnixTime;
use rustls::server::NoServerSessionStorage;
use rustls::server::danger::ClientCertVerified;
use rustls::server::danger::ClientCertVerifier;
use rustls::sign::SingleCertAndKey;
use rustls::version::TLS12;
use rustls::version::TLS13;

use crate::sandbox::edge::throw_away_ca::ThrowAwayCa;
use crate::sandbox::edge::watch::EdgeError;

/// The versions of HTTP that are offered, the preferred one first.
const PROTOCOLS: [&[u8]; 2] = [HTTP_2, b"http/1.1"];

/// HTTP/2 as ALPN names it.
pub(crate) const HTTP_2: &[u8] = b"h2";

/// What a connection is refused with whose host is in no zone: a fatal alert, `unrecognized_name`
/// (RFC 6066, section 3).
pub(crate) const UNRECOGNIZED_NAME: [u8; 7] = [21, 3, 3, 0, 2, 2, 112];

/// What all handshakes share.
pub(crate) struct Tls {
    ca: ThrowAwayCa,
    provider: Arc<CryptoProvider>,
}

impl Tls {
    pub(crate) fn new() -> Result<Self, EdgeError> {
        Ok(Self {
            ca: ThrowAwayCa::new()?,
            provider: Arc::new(default_provider()),
        })
    }

    /// The certificate that clients have to trust.
    pub(crate) fn ca_pem(&self) -> String {
        self.ca.pem()
    }

    /// How to shake hands for a host; `offered` are the names of the CAs if it asks for certificates. No
    /// session can be resumed.
    pub(crate) fn config(
        &self,
        host: &str,
        offered: Option<BTreeSet<Vec<u8>>>,
    ) -> Result<Arc<ServerConfig>, EdgeError> {
        let certified = self.ca.certified(host, &self.provider)?;
        let builder = ServerConfig::builder_with_provider(Arc::clone(&self.provider))
            .with_protocol_versions(&[&TLS13, &TLS12])?;
        let builder = match offered {
            None => builder.with_no_client_auth(),
            Some(offered) => builder.with_client_cert_verifier(Arc::new(AnyCertificate {
                offered: offered
                    .iter()
                    .map(|name| DistinguishedName::in_sequence(name))
                    .collect(),
                provider: Arc::clone(&self.provider),
            })),
        };
        let mut config = builder.with_cert_resolver(Arc::new(SingleCertAndKey::from(certified)));
        config.alpn_protocols = PROTOCOLS.iter().map(|name| name.to_vec()).collect();
        config.session_storage = Arc::new(NoServerSessionStorage {});
        config.send_tls13_tickets = 0;
        Ok(Arc::new(config))
    }
}

/// Asks for a certificate, takes any and none.
struct AnyCertificate {
    offered: Vec<DistinguishedName>,
    provider: Arc<CryptoProvider>,
}

impl fmt::Debug for AnyCertificate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AnyCertificate").finish_non_exhaustive()
    }
}

impl ClientCertVerifier for AnyCertificate {
    fn client_auth_mandatory(&self) -> bool {
        false
    }

    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &self.offered
    }

    fn verify_client_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        Ok(ClientCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signed, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signed, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider
            .signature_verification_algorithms
            .supported_schemes()
    }
}
