//! The transport over real sockets on this machine.

use std::io;
use std::io::Read as _;
use std::io::Write as _;
use std::net::SocketAddr;
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::Mutex;
use std::thread;
use std::time::Duration;

use mtlsctl::cloudflare::Call;
use mtlsctl::cloudflare::InvalidNetwork;
use mtlsctl::cloudflare::Network;
use mtlsctl::cloudflare::Timeouts;
use mtlsctl::cloudflare::Transport as _;
use mtlsctl::cloudflare::TransportError;
use mtlsctl::live::HostList;
use mtlsctl::resource::Issuer;
use secrecy::SecretString;

use crate::cloudflare::script::zone;

/// A server that gives one canned answer for each connection, in order, and notes what it read.
pub(crate) struct Server {
    address: SocketAddr,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Server {
    /// An empty answer means that the connection stays open, silent.
    pub(crate) fn answering(answers: Vec<String>) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let address = listener.local_addr().unwrap();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let notes = Arc::clone(&requests);
        thread::spawn(move || {
            let mut silent = Vec::new();
            for answer in answers {
                let Ok((mut stream, _)) = listener.accept() else {
                    return;
                };
                notes.lock().unwrap().push(read_request(&mut stream));
                let _ = stream.write_all(answer.as_bytes());
                if answer.is_empty() {
                    silent.push(stream);
                }
            }
            if !silent.is_empty() {
                thread::sleep(Duration::from_secs(20));
            }
        });
        Self { address, requests }
    }

    pub(crate) fn base_url(&self) -> String {
        format!("http://{}/client/v4/", self.address)
    }

    pub(crate) fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }
}

/// Head and body, as far as `content-length` says.
fn read_request(stream: &mut impl io::Read) -> String {
    let mut text = Vec::new();
    let mut buffer = [0; 4096];
    loop {
        let read = stream.read(&mut buffer).unwrap_or(0);
        text.extend_from_slice(&buffer[..read]);
        let so_far = String::from_utf8_lossy(&text).into_owned();
        let whole = so_far.split_once("\r\n\r\n").is_some_and(|(head, body)| {
            let length = head
                .lines()
                .find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
            body.len() >= length.unwrap_or(0_usize)
        });
        if whole || read == 0 {
            return so_far;
        }
    }
}

fn network(base_url: &str, whole: Duration) -> Network {
    let timeouts = Timeouts {
        whole,
        ..Timeouts::default()
    };
    Network::new(base_url, &SecretString::from("t0ken\n"), timeouts).unwrap()
}

fn call() -> Call {
    Call::ReplaceHosts {
        zone: zone(),
        issuer: Issuer::CloudflareManaged,
        hosts: HostList(["a.example.com".to_owned()].into()),
    }
}

const PATIENT: Duration = Duration::from_secs(15);

#[tokio::test]
async fn it_sends_the_call_the_token_and_its_own_name() {
    let server = Server::answering(vec![
        "HTTP/1.1 200 OK\r\nratelimit: \"default\";r=9;t=3\r\ncontent-length: 2\r\n\r\n{}".into(),
    ]);
    let network = network(&server.base_url(), PATIENT);
    let answer = network.send(call().request()).await.unwrap();
    assert_eq!(answer.status(), 200);
    assert_eq!(answer.headers()["ratelimit"], "\"default\";r=9;t=3");
    assert_eq!(answer.body().as_ref(), b"{}");

    let request = server.requests().remove(0);
    let (head, body) = request.split_once("\r\n\r\n").unwrap();
    let mut lines: Vec<_> = head.lines().collect();
    lines[1..].sort_unstable();
    let agent = format!("user-agent: mtlsctl/{}", env!("CARGO_PKG_VERSION"));
    let host = format!("host: {}", server.address);
    assert_eq!(
        lines,
        [
            "PUT /client/v4/zones/023e105f4ecef8ad9ca31a8372d0c353/certificate_authorities/hostname_associations HTTP/1.1",
            "accept: */*",
            "authorization: Bearer t0ken",
            "content-length: 31",
            "content-type: application/json",
            &host,
            &agent,
        ]
    );
    assert_eq!(body, r#"{"hostnames":["a.example.com"]}"#);
}

#[tokio::test]
async fn a_redirect_is_brought_back_and_not_followed() {
    let target = Server::answering(vec!["HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n".into()]);
    let location = target.base_url();
    let server = Server::answering(vec![format!(
        "HTTP/1.1 302 Found\r\nlocation: {location}\r\ncontent-length: 0\r\n\r\n"
    )]);
    let network = network(&server.base_url(), PATIENT);
    let answer = network.send(call().request()).await.unwrap();
    assert_eq!(answer.status(), 302);
    assert!(target.requests().is_empty());
}

#[tokio::test]
async fn silence_and_broken_answers_may_have_taken_effect() {
    let server = Server::answering(vec![
        String::new(),
        "HTTP/1.1 200 OK\r\ncontent-length: 500\r\n\r\n{\"succ".into(),
        "HTTP/1.1 200".into(),
    ]);
    let network = network(&server.base_url(), Duration::from_secs(2));
    let host = server.address.to_string();
    let error = network.send(call().request()).await.unwrap_err();
    let expected = TransportError::TimedOut { host, seconds: 2 };
    assert_eq!(error, expected);
    assert!(error.may_have_arrived());
    for _ in 0..2 {
        let error = network.send(call().request()).await.unwrap_err();
        assert!(matches!(error, TransportError::Broken { .. }), "{error:?}");
        assert!(error.may_have_arrived());
    }
}

#[tokio::test]
async fn a_refused_connection_was_certainly_not_used() {
    let closed = TcpListener::bind(("127.0.0.1", 0))
        .unwrap()
        .local_addr()
        .unwrap();
    let network = network(&format!("http://{closed}"), PATIENT);
    let error = network.send(call().request()).await.unwrap_err();
    assert!(matches!(error, TransportError::Connect { .. }), "{error:?}");
    assert!(!error.may_have_arrived());
    let words = error.to_string();
    assert!(
        words.starts_with(&format!("cannot connect to {closed}: ")),
        "{words}"
    );
    assert!(words.to_lowercase().contains("refused"), "{words}");
    assert!(!words.contains("client error"), "{words}");
    assert!(!words.contains("hostname_associations"), "{words}");
}

#[tokio::test]
async fn an_endless_answer_is_cut_off() {
    let body = "x".repeat((64 << 20) + 1);
    let server = Server::answering(vec![format!(
        "HTTP/1.1 200 OK\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    )]);
    let network = network(&server.base_url(), PATIENT);
    let error = network.send(call().request()).await.unwrap_err();
    assert!(
        matches!(
            error,
            TransportError::TooLarge {
                limit: 67_108_864,
                ..
            }
        ),
        "{error:?}"
    );
}

#[tokio::test]
async fn a_server_that_nobody_vouches_for_gets_no_token_and_is_not_asked_again() {
    let key = rcgen::KeyPair::generate().unwrap();
    let params = rcgen::CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    let certificate = params.self_signed(&key).unwrap();
    let key = rustls::pki_types::PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![certificate.der().clone()], key)
        .unwrap();
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    let server = thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut tls = rustls::ServerConnection::new(Arc::new(config)).unwrap();
        let mut text = String::new();
        let _ = rustls::Stream::new(&mut tls, &mut stream).read_to_string(&mut text);
        text
    });
    let base_url = format!("https://localhost:{port}");
    let token = SecretString::from("t0ken");
    let network = match Network::new(&base_url, &token, Timeouts::default()) {
        Ok(network) => network,
        // Without any root certificate on this machine there is nothing to try.
        Err(error) => {
            assert!(matches!(error, InvalidNetwork::Tls { .. }), "{error}");
            return;
        }
    };
    let error = network.send(call().request()).await.unwrap_err();
    assert!(
        matches!(error, TransportError::Untrusted { .. }),
        "{error:?}"
    );
    assert!(!error.may_have_arrived() && !error.is_retryable());
    assert_eq!(server.join().unwrap(), "");
}

#[test]
fn base_urls_are_judged_before_anything_is_sent() {
    let token = SecretString::from("t0ken");
    let judge = |base_url: &str| {
        match Network::new(base_url, &token, Timeouts::default()) {
            // A machine without root certificates says so later than the base URL is judged.
            Ok(_) | Err(InvalidNetwork::Tls { .. }) => Ok(()),
            Err(error) => Err(error.to_string()),
        }
    };
    for good in [
        "https://api.cloudflare.com/client/v4",
        "https://api.cloudflare.com/client/v4/",
        "http://localhost:8787",
        "http://127.0.0.1:8787/client/v4",
        "http://[::1]:8787/client/v4",
    ] {
        assert_eq!(judge(good), Ok(()), "{good}");
    }
    let like = "the base URL must look like https://api.cloudflare.com/client/v4: ";
    for (bad, words) in [
        ("", "the base URL is no URL: relative URL without a base".to_owned()),
        ("api.cloudflare.com", "the base URL is no URL: relative URL without a base".to_owned()),
        ("ftp://api.cloudflare.com", format!("{like}the scheme does not belong there")),
        ("https://me:pw@api.cloudflare.com", format!("{like}a user or password does not belong there")),
        ("https://api.cloudflare.com/?a", format!("{like}a query does not belong there")),
        ("https://api.cloudflare.com/#a", format!("{like}a fragment does not belong there")),
        (
            "http://api.cloudflare.com",
            "the base URL must start with https://: over plain HTTP the token would be readable on its way \
             to api.cloudflare.com"
                .to_owned(),
        ),
        (
            "http://127.0.0.1.example.net:80/",
            "the base URL must start with https://: over plain HTTP the token would be readable on its way \
             to 127.0.0.1.example.net"
                .to_owned(),
        ),
    ] {
        assert_eq!(judge(bad), Err(words), "{bad}");
    }
}

#[test]
fn a_token_that_cannot_be_sent_is_refused_without_being_shown() {
    for (token, words) in [
        ("", "the API token is empty"),
        (" \n", "the API token is empty"),
        (
            "two words",
            "the API token is not one word of plain ASCII characters",
        ),
        (
            "a\nb",
            "the API token is not one word of plain ASCII characters",
        ),
        (
            "tökén",
            "the API token is not one word of plain ASCII characters",
        ),
    ] {
        let token = SecretString::from(token);
        let network = Network::new("http://localhost", &token, Timeouts::default());
        assert_eq!(network.unwrap_err().to_string(), words);
    }
}
