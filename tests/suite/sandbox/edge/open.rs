//! A served edge and clients that keep their connections.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::Request;
use http::Response;
use http::Version;
use http_body_util::BodyExt as _;
use http_body_util::Empty;
use hyper_util::rt::TokioExecutor;
use hyper_util::rt::TokioIo;
use mtlsctl::sandbox::Store;
use mtlsctl::sandbox::edge::Edge;
use mtlsctl::sandbox::edge::EdgeOptions;
use mtlsctl::sandbox::edge::serve_edge;
use rustls::ClientConfig;
use rustls::RootCertStore;
use rustls::SupportedProtocolVersion;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::PrivateKeyDer;
use rustls::pki_types::ServerName;
use rustls::pki_types::pem::PemObject as _;
use rustls::version::TLS13;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::net::TcpStream;
use tokio::runtime::Runtime;
use tokio_rustls::TlsConnector;

use crate::sandbox::edge::pki::Pki;
use crate::sandbox::edge::pki::TestClient;
use crate::sandbox::edge::visits::associate;
use crate::sandbox::world::World;

/// The host that asks for certificates.
pub(super) const HOST: &str = "api.example.com";

/// An account whose edge is served.
pub(super) struct Open {
    folder: TempDir,
    pub(super) runtime: Runtime,
    pub(super) store: Arc<Store>,
    pub(super) edge: Arc<Edge>,
    pub(super) address: std::net::SocketAddr,
    pub(super) world: World,
}

/// How a client shakes hands.
pub(super) struct Hello<'a> {
    pub(super) name: &'a str,
    pub(super) client: Option<&'a TestClient>,
    pub(super) version: &'static SupportedProtocolVersion,
    pub(super) http: Version,
}

impl Default for Hello<'_> {
    fn default() -> Self {
        Self {
            name: HOST,
            client: None,
            version: &TLS13,
            http: Version::HTTP_11,
        }
    }
}

/// A connection, ready for requests.
pub(super) enum Connection {
    One(hyper::client::conn::http1::SendRequest<Empty<Bytes>>),
    Two(hyper::client::conn::http2::SendRequest<Empty<Bytes>>),
}

impl Open {
    pub(super) fn new(lag: Duration) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let store = Arc::new(Store::at(folder.path().join("sandbox")));
        let mut world = World::new();
        let fleet = world.upload("fleet", &Pki::shared().fleet.pem());
        associate(&mut world, Some(&fleet), &[HOST]);
        store.reset(world.account.clone()).expect("written");
        let options = EdgeOptions {
            lag,
            seed: 1,
            ..EdgeOptions::default()
        };
        let edge = Arc::new(Edge::new(Arc::clone(&store), options).expect("an edge"));
        let runtime = Runtime::new().expect("a runtime");
        let listener = runtime
            .block_on(TcpListener::bind("127.0.0.1:0"))
            .expect("a port");
        let address = listener.local_addr().expect("an address");
        runtime.spawn(serve_edge(
            listener,
            Arc::clone(&edge),
            std::future::pending(),
        ));
        Self {
            folder,
            runtime,
            store,
            edge,
            address,
            world,
        }
    }

    /// Changes the account, and writes it to the folder that the edge looks at.
    pub(super) fn change(&mut self, change: impl FnOnce(&mut World)) {
        change(&mut self.world);
        self.store
            .reset(self.world.account.clone())
            .expect("written");
    }

    /// Ends the edge; what it left is there for as long as what this gives.
    pub(super) fn stop(self) -> TempDir {
        let Self {
            runtime,
            folder,
            edge,
            ..
        } = self;
        drop(runtime);
        drop(edge);
        folder
    }

    pub(super) fn connect(&self, hello: &Hello<'_>) -> Result<Connection, rustls::Error> {
        self.runtime.block_on(async {
            let config = config(&self.edge, hello);
            let stream = TcpStream::connect(self.address)
                .await
                .expect("a connection");
            let name = ServerName::try_from(hello.name.to_owned()).expect("a name");
            let connector = TlsConnector::from(Arc::new(config));
            let stream = connector.connect(name, stream).await.map_err(|error| {
                let tls = error
                    .into_inner()
                    .expect("a cause")
                    .downcast::<rustls::Error>();
                *tls.expect("of TLS")
            })?;
            let io = TokioIo::new(stream);
            Ok(if hello.http == Version::HTTP_2 {
                let executor = TokioExecutor::new();
                let (sender, connection) = hyper::client::conn::http2::handshake(executor, io)
                    .await
                    .expect("HTTP/2");
                tokio::spawn(connection);
                Connection::Two(sender)
            } else {
                let (sender, connection) = hyper::client::conn::http1::handshake(io)
                    .await
                    .expect("HTTP/1.1");
                tokio::spawn(connection);
                Connection::One(sender)
            })
        })
    }

    pub(super) fn send(
        &self,
        connection: &mut Connection,
        request: Request<Empty<Bytes>>,
    ) -> Response<Bytes> {
        self.runtime.block_on(async {
            let response = match connection {
                Connection::One(sender) => {
                    sender.ready().await.expect("open");
                    sender.send_request(request).await
                }
                Connection::Two(sender) => sender.send_request(request).await,
            };
            let (parts, body) = response.expect("an answer").into_parts();
            let body = body.collect().await.expect("a body").to_bytes();
            Response::from_parts(parts, body)
        })
    }

    pub(super) fn get(
        &self,
        connection: &mut Connection,
        host: &str,
        path: &str,
    ) -> Response<Bytes> {
        let request = request("GET", host, path, connection);
        self.send(connection, request)
    }

    /// Asks again and again, on the same connection, until the status is this one.
    pub(super) fn until(&self, connection: &mut Connection, status: u16) {
        for _ in 0..1000 {
            if self.get(connection, HOST, "/").status() == status {
                return;
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        panic!("it never was {status}");
    }
}

pub(super) fn request(
    method: &str,
    host: &str,
    path: &str,
    on: &Connection,
) -> Request<Empty<Bytes>> {
    let builder = Request::builder().method(method);
    let builder = match on {
        Connection::One(_) => builder.uri(path).header("host", host),
        Connection::Two(_) => builder.uri(format!("https://{host}{path}")),
    };
    builder.body(Empty::new()).expect("a request")
}

pub(super) fn config(edge: &Edge, hello: &Hello<'_>) -> ClientConfig {
    let mut roots = RootCertStore::empty();
    let ca = CertificateDer::from_pem_slice(edge.ca_pem().as_bytes()).expect("a certificate");
    roots.add(ca).expect("a root");
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[hello.version])
        .expect("a version")
        .with_root_certificates(roots);
    let mut config = match hello.client {
        None => builder.with_no_client_auth(),
        Some(client) => {
            let chain = client.chain.iter().cloned().map(CertificateDer::from);
            let key = PrivateKeyDer::Pkcs8(client.key.serialize_der().into());
            builder
                .with_client_auth_cert(chain.collect(), key)
                .expect("a client")
        }
    };
    config.alpn_protocols = match hello.http {
        Version::HTTP_2 => vec![b"h2".to_vec()],
        _ => vec![b"http/1.1".to_vec()],
    };
    config
}
