//! The account over real loopback HTTP.

use std::sync::Arc;

use mtlsctl::sandbox::Account;
use mtlsctl::sandbox::Store;
use mtlsctl::sandbox::TokenKind;
use mtlsctl::sandbox::serve;
use secrecy::ExposeSecret;
use serde_json::Value;
use serde_json::json;
use tempfile::TempDir;
use tokio::io::AsyncReadExt;
use tokio::io::AsyncWriteExt;
use tokio::net::TcpListener;
use tokio::net::TcpStream;
use tokio::runtime::Runtime;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::sandbox::world::certificates;
use crate::sandbox::world::entry_point;
use crate::sandbox::world::hosts;

struct Served {
    _folder: TempDir,
    runtime: Runtime,
    address: String,
    token: String,
    stop: oneshot::Sender<()>,
    serving: JoinHandle<std::io::Result<()>>,
    store: Arc<Store>,
}

impl Served {
    fn start() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let store = Arc::new(Store::at(folder.path().join("sandbox")));
        store
            .create(|| Account::enterprise(&["example.com".to_owned()], 5))
            .expect("created");
        let token = store
            .mint_token(&[], TokenKind::User)
            .expect("a token")
            .expose_secret()
            .to_owned();
        let runtime = Runtime::new().expect("a runtime");
        let listener = runtime
            .block_on(TcpListener::bind("127.0.0.1:0"))
            .expect("a port");
        let address = listener.local_addr().expect("an address").to_string();
        let (stop, stopped) = oneshot::channel::<()>();
        let shutdown = async {
            let _ = stopped.await;
        };
        let serving = runtime.spawn(serve(listener, Arc::clone(&store), shutdown));
        Self {
            _folder: folder,
            runtime,
            address,
            token,
            stop,
            serving,
            store,
        }
    }

    /// Sends one request on a connection of its own; gives status, headers and body.
    fn exchange(&self, method: &str, path: &str, body: &str) -> (u16, String, Value) {
        let Self { address, token, .. } = self;
        let length = body.len();
        let request = format!(
            "{method} {path} HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {token}\r\n\
             content-length: {length}\r\nconnection: close\r\n\r\n{body}"
        );
        let answer = self.runtime.block_on(async {
            let mut stream = TcpStream::connect(address).await.expect("a connection");
            // A server that refuses a body early may close before all of it is sent.
            let _ = stream.write_all(request.as_bytes()).await;
            let mut answer = Vec::new();
            let _ = stream.read_to_end(&mut answer).await;
            String::from_utf8(answer).expect("text")
        });
        let (head, body) = answer.split_once("\r\n\r\n").expect("a head and a body");
        let status = head
            .split(' ')
            .nth(1)
            .and_then(|status| status.parse().ok())
            .expect("a status");
        (
            status,
            head.to_ascii_lowercase(),
            serde_json::from_str(body).unwrap_or(Value::Null),
        )
    }
}

#[test]
fn a_client_can_read_and_write_over_http() {
    let served = Served::start();
    let (status, head, zones) = served.exchange("GET", "/client/v4/zones?per_page=50", "");
    assert_eq!(status, 200);
    assert!(head.contains("content-type: application/json"), "{head}");
    assert!(
        head.contains("cf-ray: ") && head.contains("ratelimit: \"default\";r=1199"),
        "{head}"
    );
    let zone = zones["result"][0]["id"].as_str().expect("a zone");

    let body = json!({"hostnames": ["www.example.com"]}).to_string();
    let (status, _, written) = served.exchange("PUT", &format!("/client/v4{}", hosts(zone)), &body);
    assert_eq!((status, &written["success"]), (200, &json!(true)));
    let (_, _, read) = served.exchange("GET", &format!("/client/v4{}", hosts(zone)), "");
    assert_eq!(read["result"], json!({"hostnames": ["www.example.com"]}));

    let (_, _, entry) = served.exchange("GET", &format!("/client/v4{}", entry_point(zone)), "");
    let ruleset = entry["result"]["id"].as_str().expect("an id");
    let (status, _, gone) = served.exchange(
        "DELETE",
        &format!("/client/v4/zones/{zone}/rulesets/{ruleset}"),
        "",
    );
    assert_eq!((status, gone), (204, Value::Null));
    let (status, _, absent) =
        served.exchange("GET", &format!("/client/v4{}", entry_point(zone)), "");
    assert_eq!((status, &absent["errors"][0]["code"]), (404, &json!(10003)));
}

#[test]
fn refusals_keep_the_envelope() {
    let served = Served::start();
    let upload = format!("/client/v4{}", certificates());
    let huge = "x".repeat(9 * 1024 * 1024);
    for (method, path, body, expected) in [
        ("GET", "/", "", 404),
        ("GET", "/client/v4", "", 404),
        ("GET", "/client/v5/zones", "", 404),
        ("PUT", "/client/v4/zones", "", 405),
        ("POST", upload.as_str(), "{", 400),
        ("POST", upload.as_str(), &huge, 413),
    ] {
        let (status, _, answer) = served.exchange(method, path, body);
        assert_eq!(status, expected, "{method} {path}");
        assert_eq!(answer["success"], false, "{method} {path}");
        assert!(
            answer["result"].is_null() && answer["errors"][0]["message"].is_string(),
            "{answer}"
        );
    }
}

#[test]
fn a_broken_sandbox_is_an_answer_not_a_silence() {
    let served = Served::start();
    std::fs::write(served.store.folder().join("sandbox.json"), "{").expect("written");
    let (status, _, answer) = served.exchange("GET", "/client/v4/zones", "");
    assert_eq!(status, 500);
    let message = answer["errors"][0]["message"].as_str().expect("words");
    assert!(message.contains("` starts it anew"), "{message}");
}

#[test]
fn it_stops_when_told() {
    let served = Served::start();
    assert_eq!(served.exchange("GET", "/client/v4/zones", "").0, 200);
    served.stop.send(()).expect("still serving");
    served
        .runtime
        .block_on(served.serving)
        .expect("no panic")
        .expect("no error");
}
