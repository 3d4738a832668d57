//! The edge over TLS: its sockets and its clock.

use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::net::IpAddr;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::HeaderValue;
use http::Method;
use http::Request;
use http::Response;
use http::header::CONTENT_LENGTH;
use http::header::HOST;
use http::request::Parts;
use http_body_util::BodyExt as _;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::server::conn::http2;
use hyper::service::service_fn;
use hyper_util::rt::TokioExecutor;
use hyper_util::rt::TokioIo;
use jiff::Timestamp;
use rustls::ProtocolVersion;
use rustls::server::Acceptor;
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpListener;
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio::time::MissedTickBehavior;
use tokio::time::interval;
use tokio::time::sleep;
use tokio::time::timeout;
use tokio_rustls::LazyConfigAcceptor;
use tokio_rustls::server::TlsStream;

use crate::sandbox::edge::answer;
use crate::sandbox::edge::credential::Credential;
use crate::sandbox::edge::host;
use crate::sandbox::edge::tls::HTTP_2;
use crate::sandbox::edge::tls::UNRECOGNIZED_NAME;
use crate::sandbox::edge::visit::Visit;
use crate::sandbox::edge::watch::Edge;
use crate::sandbox::ids::ray;

/// How often changes are looked for while nobody asks, where they take time: those that are noticed together set out
/// together.
const TICK: Duration = Duration::from_millis(5);

/// How often the account is read even if its file looks the same.
const READ: Duration = Duration::from_secs(1);

/// How long a client may take to shake hands.
const HANDSHAKE: Duration = Duration::from_secs(10);

/// How long to wait after a connection that could not be taken, for lack of descriptors for one.
const PAUSE: Duration = Duration::from_millis(50);

/// Who is at the other end of a connection.
struct Peer {
    address: IpAddr,
    /// The host that the handshake was for.
    name: String,
    /// The port that it came to: here it stands for 443.
    port: Option<u16>,
    credential: Option<Credential>,
    tls_version: &'static str,
}

/// Serves the hosts of the edge's account over TLS 1.2 and 1.3, with HTTP/1.1 and HTTP/2, until `shutdown` is
/// ready; connections end then. Clients reach a host by connecting to the listener's address with the host's
/// name in the handshake and in the request; they trust [`Edge::ca_pem`].
///
/// A handshake without a name, or with one that no zone has, ends in the alert `unrecognized_name`.
pub async fn serve_edge(
    listener: TcpListener,
    edge: Arc<Edge>,
    shutdown: impl Future<Output = ()>,
) {
    let mut shutdown = pin!(shutdown);
    let mut connections = JoinSet::new();
    let [mut ticks, mut reads] = [TICK, READ].map(interval);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    reads.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = &mut shutdown => return,
            accepted = listener.accept() => match accepted {
                Ok((stream, peer)) => {
                    connections.spawn(connection(stream, peer.ip(), Arc::clone(&edge)));
                }
                Err(error) => {
                    tracing::warn!(%error, "the edge cannot take a connection");
                    sleep(PAUSE).await;
                }
            },
            _ = ticks.tick(), if edge.lags() => {
                let _ = edge.snapshot(Timestamp::now());
            }
            _ = reads.tick() => {
                edge.look(Timestamp::now());
            }
            Some(_) = connections.join_next() => {}
        }
    }
}

impl Peer {
    /// The host without the port of this edge. Clients leave 443 out, and name this one only because it is another.
    fn without_port(&self, host: String) -> String {
        let (name, is_here) = match host.rsplit_once(':') {
            Some((name, port)) => (name, port.parse().ok() == self.port),
            None => return host,
        };
        if is_here { name.to_owned() } else { host }
    }
}

async fn connection(stream: TcpStream, address: IpAddr, edge: Arc<Edge>) {
    let _ = stream.set_nodelay(true);
    let shaken = match timeout(HANDSHAKE, handshake(stream, address, &edge)).await {
        Ok(Ok(shaken)) => shaken,
        Ok(Err(error)) => {
            tracing::debug!(%error, "no handshake at the edge");
            return;
        }
        Err(_) => return,
    };
    let Some((stream, peer)) = shaken else { return };
    let is_http_2 = stream.get_ref().1.alpn_protocol() == Some(HTTP_2);
    let peer = Arc::new(peer);
    let service = service_fn(move |request: Request<Incoming>| {
        let (edge, peer) = (Arc::clone(&edge), Arc::clone(&peer));
        async move {
            let (parts, mut body) = request.into_parts();
            // Whoever is still sending when the answer comes may never read it.
            while let Some(Ok(_)) = body.frame().await {}
            Ok::<_, Infallible>(respond(&edge, &peer, parts))
        }
    });
    let io = TokioIo::new(stream);
    let ended = if is_http_2 {
        let server = http2::Builder::new(TokioExecutor::new());
        server.serve_connection(io, service).await
    } else {
        http1::Builder::new().serve_connection(io, service).await
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection at the edge broke");
    }
}

/// Shakes hands for the host that the client names; `None` if it was sent away.
async fn handshake(
    stream: TcpStream,
    address: IpAddr,
    edge: &Edge,
) -> io::Result<Option<(TlsStream<TcpStream>, Peer)>> {
    let mut start = LazyConfigAcceptor::new(Acceptor::default(), stream).await?;
    let hello = start.client_hello();
    let name = hello.server_name().map(host::name).unwrap_or_default();
    let snapshot = edge.snapshot(Timestamp::now());
    if !snapshot.serves(&name) {
        start.io.write_all(&UNRECOGNIZED_NAME).await?;
        start.io.shutdown().await?;
        return Ok(None);
    }
    let offered = snapshot.offered(&name, edge.reading());
    let config = edge
        .tls()
        .config(&name, offered)
        .map_err(io::Error::other)?;
    let stream = start.into_stream(config).await?;
    let (_, session) = stream.get_ref();
    let credential = match session.peer_certificates() {
        Some(chain) if !chain.is_empty() => {
            let chain = chain.iter().map(|der| der.to_vec());
            Some(Credential::from_der(chain).map_err(io::Error::other)?)
        }
        _ => None,
    };
    let tls_version = match session.protocol_version() {
        Some(ProtocolVersion::TLSv1_2) => "TLSv1.2",
        _ => "TLSv1.3",
    };
    let peer = Peer {
        address,
        name,
        port: stream.get_ref().0.local_addr().ok().map(|at| at.port()),
        credential,
        tls_version,
    };
    Ok(Some((stream, peer)))
}

fn respond(edge: &Edge, peer: &Peer, parts: Parts) -> Response<Full<Bytes>> {
    let method = parts.method.clone();
    let now = Timestamp::now();
    let ray = ray(&[&peer.name, method.as_str(), &parts.uri.to_string()], now);
    let mut hosts = parts.headers.get_all(HOST).iter();
    let header = match (hosts.next(), hosts.next()) {
        (Some(only), None) => only.to_str().ok(),
        _ => None,
    };
    let authority = parts.uri.authority().map(http::uri::Authority::as_str);
    let is_this = |host: &str| host::name(host) == peer.name;
    let response = match header.or(authority).map(str::to_owned) {
        None => answer::no_host(),
        Some(_) if parts.headers.get_all(HOST).iter().count() > 1 => answer::no_host(),
        Some(host) if !is_this(&host) || !authority.is_none_or(is_this) => answer::misdirected(),
        Some(host) => {
            let visit = Visit {
                host: peer.without_port(host),
                method: parts.method,
                uri: parts.uri,
                version: parts.version,
                headers: parts.headers,
                peer: peer.address,
                tls_version: peer.tls_version,
            };
            edge.answer(&visit, peer.credential.as_ref(), now)
        }
    };
    sent(&method, &ray, response)
}

/// The response as it goes out, with its `cf-ray`: one to HEAD says how long its body would be, and has none.
fn sent(method: &Method, ray: &str, response: Response<Bytes>) -> Response<Full<Bytes>> {
    let (mut parts, body) = response.into_parts();
    if let Ok(ray) = HeaderValue::try_from(ray) {
        parts.headers.insert("cf-ray", ray);
    }
    let length = HeaderValue::from(body.len());
    parts.headers.insert(CONTENT_LENGTH, length);
    let body = if *method == Method::HEAD {
        Bytes::new()
    } else {
        body
    };
    Response::from_parts(parts, Full::new(body))
}
