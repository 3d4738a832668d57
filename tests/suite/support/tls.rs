//! Little TLS servers on loopback: one that behaves as the edge does, and others that do not.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::Mutex;

use bytes::Bytes;
use http_body_util::Full;
use hyper::Request;
use hyper::Response;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::TokioExecutor;
use hyper_util::rt::TokioIo;
use rustls::DigitallySignedStruct;
use rustls::DistinguishedName;
use rustls::RootCertStore;
use rustls::ServerConfig;
use rustls::SignatureScheme;
use rustls::client::danger::HandshakeSignatureValid;
use rustls::crypto::ring;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::UnixTime;
use rustls::server::WebPkiClientVerifier;
use rustls::server::danger::ClientCertVerified;
use rustls::server::danger::ClientCertVerifier;
use tokio::io::AsyncReadExt as _;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpListener;
use tokio::net::TcpStream;
use tokio::runtime::Runtime;
use tokio_rustls::TlsAcceptor;

use crate::support::pki::Authority;
use crate::support::pki::Leaf;

/// Whom a server asks for a certificate.
#[derive(Clone, Copy)]
pub(crate) enum Asks {
    /// Nobody.
    Nobody,
    /// Everybody, and names no CA; who has none may come in.
    Anyone,
    /// Everybody, and names this CA.
    For(&'static str),
    /// Everybody, and takes no signature but those of Ed25519.
    ForEd25519,
    /// Everybody, and lets nobody finish the handshake without one of the CA that it accepts.
    Strictly,
}

/// How a server answers.
#[derive(Clone, Copy)]
pub(crate) enum Answers {
    /// As a pinning rule does: 403 to whoever has no certificate of the CA that it accepts; `/healthz` is free.
    ByRule,
    /// Always with this status.
    Always(u16),
    /// As a rule that challenges does.
    Challenge,
    /// With the edge's short page for an error.
    EdgeError,
}

/// What goes wrong with a server.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// Nothing.
    None,
    /// It takes connections and is silent.
    HangsShakingHands,
    /// It shakes hands and is silent.
    HangsAnswering,
    /// It breaks connections off at once.
    ResetsShakingHands,
    /// It shakes hands and breaks off.
    ResetsAnswering,
    /// It speaks HTTP without TLS.
    InTheClear,
    /// Its answers break off in the middle of the head.
    HalfAnAnswer,
}

/// How a server behaves.
pub(crate) struct Manner<'a> {
    /// What it shows of itself.
    pub(crate) certificate: &'a Leaf,
    /// The CA whose clients it accepts.
    pub(crate) accepts: &'a Authority,
    /// Whom it asks.
    pub(crate) asks: Asks,
    /// How it answers.
    pub(crate) answers: Answers,
    /// What goes wrong.
    pub(crate) trouble: Trouble,
    /// The names of application protocols that it takes.
    pub(crate) alpn: &'a [&'static str],
    /// Where it listens.
    pub(crate) listens: &'a str,
}

impl<'a> Manner<'a> {
    /// As the edge: asks without naming CAs, answers by rule, speaks both versions of HTTP.
    pub(crate) fn right(certificate: &'a Leaf, accepts: &'a Authority) -> Self {
        Self {
            certificate,
            accepts,
            asks: Asks::Anyone,
            answers: Answers::ByRule,
            trouble: Trouble::None,
            alpn: &["h2", "http/1.1"],
            listens: "127.0.0.1:0",
        }
    }
}

/// A server that runs until it is dropped.
pub(crate) struct Server {
    /// Where it listens.
    pub(crate) at: SocketAddr,
    requests: Arc<Mutex<Vec<String>>>,
    _runtime: Runtime,
}

impl Server {
    /// Starts it; `None` where its address cannot be had, as on a machine without IPv6.
    pub(crate) fn start(manner: &Manner<'_>) -> Option<Self> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .expect("a runtime");
        let listener = runtime.block_on(TcpListener::bind(manner.listens)).ok()?;
        let at = listener.local_addr().expect("an address");
        let requests = Arc::new(Mutex::new(Vec::new()));
        let host = Arc::new(Host {
            acceptor: TlsAcceptor::from(Arc::new(config(manner))),
            accepts: verifier(manner.accepts),
            answers: manner.answers,
            trouble: manner.trouble,
            requests: Arc::clone(&requests),
        });
        runtime.spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(Arc::clone(&host).serve(stream));
            }
        });
        Some(Self {
            at,
            requests,
            _runtime: runtime,
        })
    }

    /// What it was asked, such as `GET /v1 HTTP/2 user-agent=…`.
    pub(crate) fn requests(&self) -> Vec<String> {
        self.requests.lock().expect("no test panicked").clone()
    }
}

struct Host {
    acceptor: TlsAcceptor,
    accepts: Arc<dyn ClientCertVerifier>,
    answers: Answers,
    trouble: Trouble,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Host {
    async fn serve(self: Arc<Self>, mut stream: TcpStream) {
        match self.trouble {
            Trouble::HangsShakingHands => return std::future::pending().await,
            Trouble::ResetsShakingHands => {
                let _ = stream.read(&mut [0; 4096]).await;
                return break_off(&stream);
            }
            Trouble::InTheClear => {
                let answer = b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n";
                let _ = stream.write_all(answer).await;
                let _ = stream.read(&mut [0; 4096]).await;
                return;
            }
            _ => {}
        }
        // The end of the connection is told to the client even where the handshake fails.
        let mut tls = match self.acceptor.accept(stream).into_fallible().await {
            Ok(tls) => tls,
            Err((_, mut stream)) => {
                while stream.read(&mut [0; 4096]).await.is_ok_and(|read| read > 0) {}
                return;
            }
        };
        match self.trouble {
            Trouble::HangsAnswering => return std::future::pending().await,
            Trouble::ResetsAnswering => return break_off(tls.get_ref().0),
            Trouble::HalfAnAnswer => {
                let _ = tls.read(&mut [0; 4096]).await;
                let _ = tls.write_all(b"HTTP/1.1 200 O").await;
                let _ = tls.shutdown().await;
                return;
            }
            _ => {}
        }
        let (_, connection) = tls.get_ref();
        let is_http2 = connection.alpn_protocol() == Some(b"h2");
        let is_accepted = connection.peer_certificates().is_some_and(|chain| {
            let (leaf, rest) = chain.split_first().expect("a certificate");
            let verified = self.accepts.verify_client_cert(leaf, rest, UnixTime::now());
            verified.is_ok()
        });
        let service = service_fn(move |request| {
            let answer = self.answer(&request, is_accepted);
            async { Ok::<_, Infallible>(answer) }
        });
        let stream = TokioIo::new(tls);
        if is_http2 {
            let server = hyper::server::conn::http2::Builder::new(TokioExecutor::new());
            let _ = server.serve_connection(stream, service).await;
        } else {
            let server = hyper::server::conn::http1::Builder::new();
            let _ = server.serve_connection(stream, service).await;
        }
    }

    fn answer(&self, request: &Request<Incoming>, is_accepted: bool) -> Response<Full<Bytes>> {
        let agent = request.headers().get("user-agent");
        let agent = agent.map_or("", |agent| agent.to_str().expect("ASCII"));
        self.requests
            .lock()
            .expect("no test panicked")
            .push(format!(
                "{} {} {:?} user-agent={agent}",
                request.method(),
                request.uri().path_and_query().expect("a path"),
                request.version(),
            ));
        let mut answer = Response::new(Full::new(Bytes::from_static(b"hello\n")));
        *answer.status_mut() = match self.answers {
            Answers::ByRule if is_accepted || request.uri().path() == "/healthz" => 200,
            Answers::ByRule => 403,
            Answers::Always(status) => status,
            Answers::Challenge => {
                let challenge = "challenge".parse().expect("a value");
                answer.headers_mut().insert("cf-mitigated", challenge);
                403
            }
            Answers::EdgeError => {
                let ray = "8f0c0ffee0123456-FRA".parse().expect("a value");
                answer.headers_mut().insert("cf-ray", ray);
                *answer.body_mut() = Full::new(Bytes::from_static(b"error code: 1020"));
                403
            }
        }
        .try_into()
        .expect("a status");
        answer
    }
}

fn break_off(stream: &TcpStream) {
    stream.set_zero_linger().expect("a socket");
}

fn config(manner: &Manner<'_>) -> ServerConfig {
    let provider = Arc::new(ring::default_provider());
    let builder = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .expect("versions");
    let builder = match manner.asks {
        Asks::Nobody => builder.with_no_client_auth(),
        Asks::Strictly => builder.with_client_cert_verifier(verifier(manner.accepts)),
        Asks::Anyone => builder.with_client_cert_verifier(Arc::new(Whoever::default())),
        Asks::ForEd25519 => builder.with_client_cert_verifier(Arc::new(Whoever {
            only: Some(SignatureScheme::ED25519),
            ..Whoever::default()
        })),
        Asks::For(name) => {
            let names = match name {
                "" => verifier(manner.accepts).root_hint_subjects().to_vec(),
                other => verifier(&Authority::new(other))
                    .root_hint_subjects()
                    .to_vec(),
            };
            builder.with_client_cert_verifier(Arc::new(Whoever {
                names,
                ..Whoever::default()
            }))
        }
    };
    let chain = vec![manner.certificate.der()];
    let mut config = builder
        .with_single_cert(chain, manner.certificate.key_der())
        .expect("a certificate");
    config.alpn_protocols = manner
        .alpn
        .iter()
        .map(|name| name.as_bytes().to_vec())
        .collect();
    config
}

fn verifier(ca: &Authority) -> Arc<dyn ClientCertVerifier> {
    let mut roots = RootCertStore::empty();
    roots.add(ca.der()).expect("a CA");
    let provider = Arc::new(ring::default_provider());
    WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider)
        .build()
        .expect("a verifier")
}

/// Lets whoever comes finish the handshake, as the edge does: rules decide later.
#[derive(Debug, Default)]
struct Whoever {
    names: Vec<DistinguishedName>,
    /// The one kind of signature that is taken.
    only: Option<SignatureScheme>,
}

impl ClientCertVerifier for Whoever {
    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &self.names
    }

    fn client_auth_mandatory(&self) -> bool {
        false
    }

    fn verify_client_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: UnixTime,
    ) -> Result<ClientCertVerified, rustls::Error> {
        Ok(ClientCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &ring::default_provider().signature_verification_algorithms;
        rustls::crypto::verify_tls12_signature(message, certificate, signature, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &ring::default_provider().signature_verification_algorithms;
        rustls::crypto::verify_tls13_signature(message, certificate, signature, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        match self.only {
            Some(only) => vec![only],
            None => ring::default_provider()
                .signature_verification_algorithms
                .supported_schemes(),
        }
    }
}
