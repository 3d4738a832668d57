//! Over TLS on the loopback interface: names, protocols, and connections that outlive a change.

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
use jiff::Timestamp;
use mtlsctl::sandbox::Caller;
use mtlsctl::sandbox::Store;
use mtlsctl::sandbox::edge::Edge;
use mtlsctl::sandbox::edge::EdgeOptions;
use mtlsctl::sandbox::edge::serve_edge;
use rustls::AlertDescription;
use rustls::ClientConfig;
use rustls::RootCertStore;
use rustls::SupportedProtocolVersion;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::PrivateKeyDer;
use rustls::pki_types::ServerName;
use rustls::pki_types::pem::PemObject as _;
use rustls::version::TLS12;
use rustls::version::TLS13;
use serde_json::Value;
use serde_json::json;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::net::TcpStream;
use tokio::runtime::Runtime;
use tokio_rustls::TlsConnector;

use crate::sandbox::edge::pki::Pki;
use crate::sandbox::edge::pki::TestClient;
use crate::sandbox::edge::visits::associate;
use crate::sandbox::edge::visits::set_rules;
use crate::sandbox::world::World;

const HOST: &str = "api.example.com";

/// An account whose edge is served.
struct Open {
    _folder: TempDir,
    runtime: Runtime,
    store: Arc<Store>,
    edge: Arc<Edge>,
    address: std::net::SocketAddr,
    world: World,
}

/// How a client shakes hands.
struct Hello<'a> {
    name: &'a str,
    client: Option<&'a TestClient>,
    version: &'static SupportedProtocolVersion,
    http: Version,
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
enum Connection {
    One(hyper::client::conn::http1::SendRequest<Empty<Bytes>>),
    Two(hyper::client::conn::http2::SendRequest<Empty<Bytes>>),
}

impl Open {
    fn new(lag: Duration) -> Self {
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
            _folder: folder,
            runtime,
            store,
            edge,
            address,
            world,
        }
    }

    /// Changes the account, and writes it to the folder that the edge looks at.
    fn change(&mut self, change: impl FnOnce(&mut World)) {
        change(&mut self.world);
        self.store
            .reset(self.world.account.clone())
            .expect("written");
    }

    fn connect(&self, hello: &Hello<'_>) -> Result<Connection, rustls::Error> {
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

    fn send(&self, connection: &mut Connection, request: Request<Empty<Bytes>>) -> Response<Bytes> {
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

    fn get(&self, connection: &mut Connection, host: &str, path: &str) -> Response<Bytes> {
        let request = request("GET", host, path, connection);
        self.send(connection, request)
    }

    /// Asks again and again, on the same connection, until the status is this one.
    fn until(&self, connection: &mut Connection, status: u16) {
        for _ in 0..1000 {
            if self.get(connection, HOST, "/").status() == status {
                return;
            }
            std::thread::sleep(Duration::from_millis(5));
        }
        panic!("it never was {status}");
    }
}

fn request(method: &str, host: &str, path: &str, on: &Connection) -> Request<Empty<Bytes>> {
    let builder = Request::builder().method(method);
    let builder = match on {
        Connection::One(_) => builder.uri(path).header("host", host),
        Connection::Two(_) => builder.uri(format!("https://{host}{path}")),
    };
    builder.body(Empty::new()).expect("a request")
}

fn config(edge: &Edge, hello: &Hello<'_>) -> ClientConfig {
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

fn seen(response: &Response<Bytes>) -> Value {
    assert_eq!(response.status(), 200, "{response:?}");
    serde_json::from_slice(response.body()).expect("JSON")
}

#[test]
fn both_versions_of_tls_and_of_http_are_served() {
    let open = Open::new(Duration::ZERO);
    let client = Pki::shared().fleet.client();
    for (version, tls) in [(&TLS12, "TLSv1.2"), (&TLS13, "TLSv1.3")] {
        for (http, name) in [(Version::HTTP_11, "HTTP/1.1"), (Version::HTTP_2, "HTTP/2")] {
            let hello = Hello {
                client: Some(&client),
                version,
                http,
                ..Hello::default()
            };
            let mut connection = open.connect(&hello).expect("a handshake");
            let answer = open.get(&mut connection, HOST, "/a?b=c");
            assert_eq!(answer.version(), http);
            let seen = seen(&answer);
            assert_eq!(
                (&seen["tls_version"], &seen["http_version"]),
                (&json!(tls), &json!(name))
            );
            assert_eq!(seen["certificate"]["verified"], true, "{tls}, {name}");
            assert_eq!(seen["client_address"], "127.0.0.1");
            // HEAD has the same headers and no body; the connection goes on.
            let head = request("HEAD", HOST, "/a?b=c", &connection);
            let head = open.send(&mut connection, head);
            assert_eq!((head.status().as_u16(), head.body().len()), (200, 0));
            let length = head.headers()["content-length"].to_str().expect("text");
            assert!(length.parse::<usize>().expect("a number") > 100);
            assert_eq!(open.get(&mut connection, HOST, "/").status(), 200);
        }
    }
}

#[test]
fn a_name_that_no_zone_has_ends_the_handshake() {
    let open = Open::new(Duration::ZERO);
    for name in ["api.example.org", "example.com.evil.test", "127.0.0.1"] {
        for version in [&TLS12, &TLS13] {
            let hello = Hello {
                name,
                version,
                ..Hello::default()
            };
            let error = open.connect(&hello).err();
            let alert = rustls::Error::AlertReceived(AlertDescription::UnrecognisedName);
            assert_eq!(error, Some(alert), "{name}");
        }
    }
}

#[test]
fn a_request_for_another_host_is_misdirected() {
    let open = Open::new(Duration::ZERO);
    for http in [Version::HTTP_11, Version::HTTP_2] {
        let hello = Hello {
            http,
            ..Hello::default()
        };
        let mut connection = open.connect(&hello).expect("a handshake");
        for other in [
            "pay.example.com",
            "example.com",
            "api.example.com.evil.test",
        ] {
            assert_eq!(
                open.get(&mut connection, other, "/").status(),
                421,
                "{other}"
            );
        }
        // Letter case, a port and a last dot make no other host.
        for same in [
            "API.example.com",
            "api.example.com:8443",
            "api.example.com.",
        ] {
            assert_eq!(open.get(&mut connection, same, "/").status(), 200, "{same}");
        }
    }
    let mut connection = open.connect(&Hello::default()).expect("a handshake");
    let none = Request::get("/").body(Empty::new()).expect("a request");
    assert_eq!(open.send(&mut connection, none).status(), 400);
    let two = Request::get("/")
        .header("host", HOST)
        .header("host", "pay.example.com");
    let two = two.body(Empty::new()).expect("a request");
    assert_eq!(open.send(&mut connection, two).status(), 400);
    let absolute = Request::get("https://pay.example.com/").header("host", HOST);
    let absolute = absolute.body(Empty::new()).expect("a request");
    assert_eq!(open.send(&mut connection, absolute).status(), 421);
}

#[test]
fn each_request_meets_the_state_of_its_moment() {
    let mut open = Open::new(Duration::ZERO);
    let client = Pki::shared().fleet.client();
    let hello = Hello {
        client: Some(&client),
        ..Hello::default()
    };
    let mut with = open.connect(&hello).expect("a handshake");
    let mut without = open.connect(&Hello::default()).expect("a handshake");
    let certificate = |open: &Open, connection: &mut Connection| {
        seen(&open.get(connection, HOST, "/"))["certificate"].clone()
    };
    assert_eq!(certificate(&open, &mut with)["verified"], true);
    // The very next request after a write sees it, where there is no lag.
    open.change(|world| {
        let expression = "not cf.tls_client_auth.cert_verified";
        set_rules(
            world,
            &json!([{"ref": "r", "action": "block", "expression": expression}]),
        );
    });
    assert_eq!(open.get(&mut with, HOST, "/").status(), 200);
    assert_eq!(open.get(&mut without, HOST, "/").status(), 403);
    // The certificate that the connection showed stays; whether it verifies does not.
    let fleet = open.world.certificate_named("fleet");
    open.change(|world| {
        associate(world, Some(&fleet), &[]);
        set_rules(world, &json!([]));
    });
    let gone = certificate(&open, &mut with);
    assert_eq!(
        (&gone["asked"], &gone["presented"]),
        (&json!(false), &json!(false))
    );
    // Who connected when nothing was asked for has nothing, until it connects anew.
    let mut early = open.connect(&hello).expect("a handshake");
    open.change(|world| associate(world, Some(&fleet), &[HOST]));
    let asked = certificate(&open, &mut early);
    assert_eq!(
        (&asked["asked"], &asked["presented"]),
        (&json!(true), &json!(false))
    );
    assert_eq!(certificate(&open, &mut with)["verified"], true);
    let mut late = open.connect(&hello).expect("a handshake");
    assert_eq!(certificate(&open, &mut late)["verified"], true);
}

#[test]
fn what_others_write_to_the_folder_arrives_after_a_lag() {
    let open = Open::new(Duration::from_millis(50));
    let mut connection = open.connect(&Hello::default()).expect("a handshake");
    assert_eq!(open.get(&mut connection, HOST, "/").status(), 200);
    // Another process has a store of its own on the same folder.
    let other = Store::at(open.store.folder());
    let zone = other.account().expect("an account");
    assert!(zone.zone_names().any(|name| name == "example.com"));
    let mut world = World {
        account: zone,
        ..World::new()
    };
    set_rules(
        &mut world,
        &json!([{"ref": "r", "action": "block", "expression": "true"}]),
    );
    other.reset(world.account.clone()).expect("written");
    open.until(&mut connection, 403);
    // And what is made anew.
    other.reset(World::new().account).expect("written");
    open.until(&mut connection, 200);
    // A folder that is gone leaves the edge as it was.
    std::fs::remove_dir_all(open.store.folder()).expect("removed");
    assert_eq!(open.get(&mut connection, HOST, "/").status(), 200);
    assert!(open.edge.look(Timestamp::now()).serves(HOST));
}

#[test]
fn requests_through_the_api_of_the_same_store_are_seen_too() {
    let mut open = Open::new(Duration::ZERO);
    let mut connection = open.connect(&Hello::default()).expect("a handshake");
    assert_eq!(open.get(&mut connection, HOST, "/").status(), 200);
    let zone = open.world.zone("example.com");
    let path = crate::sandbox::world::entry_point(&zone);
    let body = json!({"rules": [{"action": "block", "expression": "true"}]}).to_string();
    let request = Request::put(format!("/client/v4{path}")).body(Bytes::from(body));
    let request = request.expect("a request");
    let answered = open
        .store
        .respond_to(&Caller::owner(), &request, Timestamp::now());
    assert_eq!(answered.expect("a store").status(), 200);
    assert_eq!(open.get(&mut connection, HOST, "/").status(), 403);
}

#[test]
fn only_the_certificate_of_the_throw_away_ca_is_written() {
    let open = Open::new(Duration::ZERO);
    let written = std::fs::read_to_string(open.edge.ca_path()).expect("a file");
    assert_eq!(written, open.edge.ca_pem());
    for entry in std::fs::read_dir(open.store.folder()).expect("a folder") {
        let path = entry.expect("an entry").path();
        let text = std::fs::read_to_string(&path).expect("text");
        assert!(!text.contains("PRIVATE KEY"), "{}", path.display());
    }
}
