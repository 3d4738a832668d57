//! Servers that are none: each ends in clear words and exit 1, without following anything.

use std::io::Read as _;
use std::io::Write as _;
use std::net::TcpListener;
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;
use std::time::Duration;

use crate::support::project::Project;
use crate::support::project::Ran;

/// Answers everything in one way until the tests end.
struct Server {
    address: String,
    asked: Arc<AtomicUsize>,
}

impl Server {
    fn new(answer: impl Fn(&mut TcpStream) + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address").to_string();
        let asked = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&asked);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let Ok(mut stream) = stream else { continue };
                if read_head(&mut stream) {
                    count.fetch_add(1, Ordering::SeqCst);
                    answer(&mut stream);
                }
            }
        });
        Self { address, asked }
    }

    fn saying(status: &str, kind: &str, body: &str) -> Self {
        let answer = format!(
            "HTTP/1.1 {status}\r\ncontent-type: {kind}\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{body}",
            body.len()
        );
        Self::new(move |stream| {
            let _ = stream.write_all(answer.as_bytes());
        })
    }

    fn plan(&self) -> Ran {
        plan(&format!("http://{}/client/v4", self.address))
    }
}

/// Reads a request's head; a GET has no more.
fn read_head(stream: &mut TcpStream) -> bool {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read(&mut byte) {
            Ok(1) => head.push(byte[0]),
            _ => return false,
        }
    }
    true
}

fn plan(base: &str) -> Ran {
    let project = Project::example()
        .variable("CLOUDFLARE_BASE_URL", base)
        .variable("CLOUDFLARE_ACCOUNT_ID", &"5a".repeat(16))
        .variable("CLOUDFLARE_API_TOKEN", "some-token");
    project.run("plan -f mtls.yaml.example").ends(1)
}

#[test]
fn a_web_page_is_no_api() {
    let server = Server::saying(
        "200 OK",
        "text/html",
        "<!doctype html><title>Log in</title>",
    );
    let ran = server.plan();
    ran.says("HTML instead of JSON");
    ran.says("<title>Log in</title>");
    assert!(ran.took < Duration::from_secs(5), "{:?}", ran.took);
}

#[test]
fn a_redirect_is_not_followed_and_its_host_is_named() {
    let elsewhere = Server::saying("200 OK", "application/json", "{}");
    let to = elsewhere.address.clone();
    let server = Server::new(move |stream| {
        let head = format!(
            "HTTP/1.1 302 Found\r\nlocation: http://{to}/client/v4/zones\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
        );
        let _ = stream.write_all(head.as_bytes());
    });
    let ran = server.plan();
    ran.says("a redirect to 127.0.0.1");
    ran.says("which is not followed; check the base URL");
    assert_eq!(elsewhere.asked.load(Ordering::SeqCst), 0);
}

#[test]
fn json_that_is_not_the_apis_is_shown() {
    let server = Server::saying("200 OK", "application/json", r#"{"hello":"world"}"#);
    server.plan().says(r#"{"hello":"world"}"#);
    let server = Server::saying(
        "200 OK",
        "application/json",
        r#"{"success":true,"errors":[],"messages":[],"result":7}"#,
    );
    let _ = server.plan();
    let server = Server::saying("404 Not Found", "text/plain", "404 page not found");
    server.plan().says("404 page not found");
}

#[test]
fn an_endless_body_is_cut() {
    let server = Server::new(|stream| {
        let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\n\r\n";
        let _ = stream.write_all(head.as_bytes());
        let blanks = vec![b' '; 1 << 20];
        while stream.write_all(&blanks).is_ok() {}
    });
    let ran = server.plan();
    ran.says("answered with more than");
    assert!(ran.took < Duration::from_secs(30), "{:?}", ran.took);
}

/// These three are asked again, with growing pauses; side by side they cost the time of one.
#[test]
fn what_may_pass_is_asked_again_and_given_up_in_bounded_time() {
    let closed = TcpListener::bind("127.0.0.1:0").expect("a port");
    let unreachable = closed.local_addr().expect("an address");
    drop(closed);
    let broken = Server::saying("500 Internal Server Error", "text/plain", "oh no");
    let whole = r#"{"success":true,"errors":[],"messages":[],"result":["#;
    let truncated = Server::saying("200 OK", "application/json", whole);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let ran = plan(&format!("http://{unreachable}/client/v4"));
            ran.says(&format!("{unreachable}"));
            ran.says("Connection refused");
            assert!(ran.took < Duration::from_secs(40), "{:?}", ran.took);
        });
        scope.spawn(|| {
            let ran = broken.plan();
            ran.says("answered 500");
            ran.says("oh no");
            assert!(ran.took < Duration::from_secs(40), "{:?}", ran.took);
        });
        scope.spawn(|| {
            let ran = truncated.plan();
            ran.says("answered 200");
            assert!(ran.took < Duration::from_secs(40), "{:?}", ran.took);
        });
    });
    assert!(broken.asked.load(Ordering::SeqCst) > 1);
}

#[test]
fn a_base_url_that_cannot_be_is_refused_before_anything_is_sent() {
    for (base, words) in [
        ("nonsense", "the base URL is no URL"),
        ("ftp://127.0.0.1/", "the scheme does not belong there"),
        (
            "http://api.example.com/client/v4",
            "over plain HTTP the token would be readable",
        ),
        ("https://127.0.0.1/?a=b", "a query does not belong there"),
    ] {
        let ran = plan(base);
        ran.says(words);
        assert!(ran.took < Duration::from_secs(5), "{base}: {:?}", ran.took);
    }
}
