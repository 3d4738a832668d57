//! Probing: connect, shake hands, ask, each within the time that is given.

use std::fmt;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use rustls::ClientConfig;
use rustls::ProtocolVersion;
use rustls::client::Resumption;
use rustls::client::danger::ServerCertVerifier;
use rustls::crypto::CryptoProvider;
use rustls::crypto::ring;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::ServerName;
use rustls::pki_types::pem::PemObject as _;
use rustls_platform_verifier::Verifier;
use tokio::net::TcpStream;
use tokio::net::lookup_host;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::handshake::Answer;
use crate::handshake::Credential;
use crate::handshake::Failure;
use crate::handshake::Http;
use crate::handshake::Probe;
use crate::handshake::Request;
use crate::handshake::Session;
use crate::handshake::Stage;
use crate::handshake::Target;
use crate::handshake::asked::Listener;
use crate::handshake::exchange::exchange;

/// The port of HTTPS.
const PORT: u16 = 443;

/// A client that trusts some roots.
#[derive(Clone)]
pub struct Prober {
    provider: Arc<CryptoProvider>,
    verifier: Arc<dyn ServerCertVerifier>,
}

/// Why roots cannot be trusted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidRoots {
    /// There is no certificate.
    #[error("it holds no certificate; expected `-----BEGIN CERTIFICATE-----`")]
    Empty,
    /// The PEM cannot be read.
    #[error("its certificate {number} cannot be read: its PEM is damaged")]
    Damaged {
        /// Counted from 1.
        number: usize,
    },
    /// A certificate that can be no root, or no root at all.
    #[error("server certificates cannot be verified: {reason}")]
    Unusable {
        /// What the library said.
        reason: String,
    },
}

impl Prober {
    /// Trusts the system's roots, and the certificates of a PEM text besides.
    ///
    /// # Errors
    /// [`InvalidRoots`].
    pub fn trusting(pem: Option<&[u8]>) -> Result<Self, InvalidRoots> {
        let mut roots = Vec::new();
        for (number, found) in (1..).zip(pem.into_iter().flat_map(CertificateDer::pem_slice_iter)) {
            roots.push(found.map_err(|_| InvalidRoots::Damaged { number })?);
        }
        if pem.is_some() && roots.is_empty() {
            return Err(InvalidRoots::Empty);
        }
        let provider = Arc::new(ring::default_provider());
        let verifier = Verifier::new_with_extra_roots(roots, Arc::clone(&provider));
        let verifier = verifier.map_err(|error| InvalidRoots::Unusable {
            reason: error.to_string(),
        })?;
        Ok(Self {
            provider,
            verifier: Arc::new(verifier),
        })
    }

    /// Connects to a target and sends one request; each stage may take as long as `limit`.
    pub async fn probe(
        &self,
        target: &Target,
        credential: Option<&Credential>,
        request: &Request,
        limit: Duration,
    ) -> Probe {
        let listener = Arc::new(Listener::presenting(credential.map(Credential::certified)));
        let stream = self.shake_hands(target, &listener, request.http, limit);
        let (session, answer) = match stream.await {
            Ok(stream) => {
                let session = agreed(&stream);
                let answer = if listener.has_kept_back() {
                    Err(Failure::KeptBack)
                } else {
                    ask(stream, &session, target, request, limit).await
                };
                (Some(session), answer)
            }
            Err(failure) => (None, Err(failure)),
        };
        let probe = Probe {
            asked: listener.asked(session.is_some()),
            session,
            answer,
        };
        tracing::debug!(host = %target.host, presents = credential.is_some(), ?probe, "probed");
        probe
    }

    async fn shake_hands(
        &self,
        target: &Target,
        listener: &Arc<Listener>,
        http: Http,
        limit: Duration,
    ) -> Result<TlsStream<TcpStream>, Failure> {
        let tls = |reason: String| Failure::Tls { reason };
        let builder = ClientConfig::builder_with_provider(Arc::clone(&self.provider))
            .with_safe_default_protocol_versions()
            .map_err(|error| tls(error.to_string()))?;
        let listener: Arc<Listener> = Arc::clone(listener);
        // The library's word for a verifier that is not its own: this one is the system's.
        let mut config = builder
            .dangerous()
            .with_custom_certificate_verifier(Arc::clone(&self.verifier))
            .with_client_cert_resolver(listener);
        config.alpn_protocols = http.alpn();
        // A resumed session proves what the host asked for when it began, not what it asks for today.
        config.resumption = Resumption::disabled();
        let name = ServerName::try_from(target.host.as_str().to_owned())
            .map_err(|error| tls(error.to_string()))?;
        let stream = within(limit, Stage::Connecting, connect(target, limit)).await?;
        let connector = TlsConnector::from(Arc::new(config));
        within(limit, Stage::Handshake, async {
            let shaken = connector.connect(name, stream).await;
            shaken.map_err(|error| Failure::of(&error, Stage::Handshake))
        })
        .await
    }
}

/// What a stage comes to, unless it takes too long.
async fn within<T>(
    limit: Duration,
    stage: Stage,
    work: impl Future<Output = Result<T, Failure>>,
) -> Result<T, Failure> {
    let after = limit;
    timeout(limit, work)
        .await
        .unwrap_or(Err(Failure::Hangs { stage, after }))
}

/// The first of the addresses of a target that takes a connection. Each may take its share of the time, so that one
/// that does not answer leaves some for the others.
async fn connect(target: &Target, limit: Duration) -> Result<TcpStream, Failure> {
    let addresses = match target.at {
        Some(at) => vec![at],
        None => look_up(target).await?,
    };
    let mut failure = Failure::NoAddress {
        family: target.family.word(),
    };
    let share = limit / u32::try_from(addresses.len().max(1)).unwrap_or(u32::MAX);
    for at in addresses {
        let Ok(connected) = timeout(share, TcpStream::connect(at)).await else {
            let stage = Stage::Connecting;
            failure = Failure::Hangs {
                stage,
                after: share,
            };
            continue;
        };
        match connected {
            Ok(stream) => return Ok(stream),
            Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => {
                failure = Failure::Refused { at };
            }
            Err(error) if error.kind() == io::ErrorKind::ConnectionReset => {
                let stage = Stage::Connecting;
                failure = Failure::Reset { stage };
            }
            Err(error) => {
                let reason = error.to_string();
                failure = Failure::NoConnection { at, reason };
            }
        }
    }
    Err(failure)
}

async fn look_up(target: &Target) -> Result<Vec<SocketAddr>, Failure> {
    let found = lookup_host((target.host.as_str(), PORT)).await;
    let found = found.map_err(|error| Failure::Unresolved {
        reason: error.to_string(),
    })?;
    Ok(found
        .filter(|address| target.family.takes(address.ip()))
        .collect())
}

fn agreed(stream: &TlsStream<TcpStream>) -> Session {
    let (_, connection) = stream.get_ref();
    Session {
        tls: match connection.protocol_version() {
            Some(ProtocolVersion::TLSv1_2) => "TLS 1.2",
            _ => "TLS 1.3",
        },
        http: match connection.alpn_protocol() {
            Some(b"h2") => HTTP_2,
            _ => HTTP_1_1,
        },
    }
}

/// How long is waited for the beginning of a body, at the most.
const BODY_PATIENCE: Duration = Duration::from_secs(1);

const HTTP_2: &str = "HTTP/2";
const HTTP_1_1: &str = "HTTP/1.1";

async fn ask(
    stream: TlsStream<TcpStream>,
    session: &Session,
    target: &Target,
    request: &Request,
    limit: Duration,
) -> Result<Answer, Failure> {
    let is_http2 = session.http == HTTP_2;
    if request.http == Http::Two && !is_http2 {
        return Err(Failure::NoHttp2);
    }
    let patience = BODY_PATIENCE.min(limit / 2);
    // The HTTP library's states are large: they are kept off the stack.
    let answer = Box::pin(exchange(stream, is_http2, &target.host, request, patience));
    within(limit, Stage::Answer, answer).await
}

impl fmt::Debug for Prober {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Prober(…)")
    }
}
