//! A served account with faults, a plain client over a socket of its own, and the record of both.

use std::io;
use std::io::ErrorKind;
use std::io::Read as _;
use std::io::Write;
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::Mutex;
use std::time::Duration;
use std::time::Instant;

use mtlsctl::sandbox::Account;
use mtlsctl::sandbox::Armed;
use mtlsctl::sandbox::Faults;
use mtlsctl::sandbox::Recorder;
use mtlsctl::sandbox::Store;
use mtlsctl::sandbox::TokenKind;
use mtlsctl::sandbox::parse_faults;
use mtlsctl::sandbox::serve_recording;
use secrecy::ExposeSecret as _;
use serde_json::Value;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::runtime::Runtime;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

use crate::sandbox::world::certificates;
use crate::sandbox::world::entry_point;
use crate::support::dashboard::text;

/// The account as new, with `example.com` and `example.net`, served and recorded.
pub(crate) struct Wired {
    _folder: TempDir,
    pub(crate) runtime: Runtime,
    pub(crate) address: String,
    pub(crate) token: String,
    pub(crate) store: Arc<Store>,
    lines: Lines,
    stop: oneshot::Sender<()>,
    serving: JoinHandle<io::Result<()>>,
}

/// What came back of a call.
#[derive(Debug)]
pub(crate) struct Seen {
    /// 0 where there was no answer.
    pub(crate) status: u16,
    /// In lower case.
    pub(crate) head: String,
    pub(crate) body: String,
    /// What `content-length` said.
    pub(crate) length: usize,
    /// Whether the connection was reset.
    pub(crate) is_reset: bool,
    pub(crate) took: Duration,
}

/// A file in memory.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().expect("lines").write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Wired {
    /// With these faults armed, each a line of YAML.
    pub(crate) fn with(faults: &[&str]) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let store = Arc::new(Store::at(folder.path().join("sandbox")));
        let zones = ["example.com", "example.net"].map(str::to_owned);
        store
            .create(|| Account::enterprise(&zones, 5))
            .expect("created");
        let token = store.mint_token(&[], TokenKind::User).expect("a token");
        let runtime = Runtime::new().expect("a runtime");
        let listener = runtime
            .block_on(TcpListener::bind("127.0.0.1:0"))
            .expect("a port");
        let address = listener.local_addr().expect("an address").to_string();
        let (stop, stopped) = oneshot::channel::<()>();
        let lines = Lines::default();
        let recorder = Recorder::new(lines.clone());
        let serving = runtime.spawn(serve_recording(
            listener,
            Arc::clone(&store),
            Some(recorder),
            async {
                let _ = stopped.await;
            },
        ));
        let wired = Self {
            _folder: folder,
            runtime,
            address,
            token: token.expose_secret().to_owned(),
            store,
            lines,
            stop,
            serving,
        };
        wired.arm(faults);
        wired
    }

    /// Arms these faults instead of what was armed.
    pub(crate) fn arm(&self, faults: &[&str]) {
        let lines: Vec<String> = faults.iter().map(|fault| format!("- {fault}")).collect();
        let faults =
            parse_faults("faults", &lines.join("\n")).unwrap_or_else(|error| panic!("{error}"));
        self.store
            .update_faults(|armed| *armed = Faults::new(faults))
            .expect("armed");
    }

    /// How often the faults acted.
    pub(crate) fn fired(&self) -> Vec<u64> {
        let faults = self.store.faults().expect("faults");
        faults.armed().iter().map(Armed::fired).collect()
    }

    /// Sends one request on a connection of its own, with a path below the base URL.
    pub(crate) fn send(&self, method: &str, path: &str, body: &Value) -> Seen {
        let Self { address, token, .. } = self;
        let body = if body.is_null() {
            String::new()
        } else {
            body.to_string()
        };
        let length = body.len();
        let request = format!(
            "{method} /client/v4{path} HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {token}\r\n\
             content-length: {length}\r\nconnection: close\r\n\r\n{body}"
        );
        let started = Instant::now();
        let mut stream = TcpStream::connect(address).expect("a connection");
        stream.write_all(request.as_bytes()).expect("sent");
        let mut answer = Vec::new();
        let read = stream.read_to_end(&mut answer);
        let is_reset = read.is_err_and(|error| error.kind() == ErrorKind::ConnectionReset);
        let answer = String::from_utf8(answer).expect("text");
        let (head, body) = answer.split_once("\r\n\r\n").unwrap_or_default();
        let head = head.to_ascii_lowercase();
        let word = |text: &str| text.trim().parse().ok();
        let length = head
            .lines()
            .find_map(|line| word(line.strip_prefix("content-length:")?));
        Seen {
            status: head
                .split(' ')
                .nth(1)
                .and_then(|status| status.parse().ok())
                .unwrap_or(0),
            body: body.to_owned(),
            length: length.unwrap_or(0),
            is_reset,
            took: started.elapsed(),
            head,
        }
    }

    pub(crate) fn get(&self, path: &str) -> Value {
        self.result("GET", path, &Value::Null)
    }

    /// The result of a call that succeeds.
    #[track_caller]
    pub(crate) fn result(&self, method: &str, path: &str, body: &Value) -> Value {
        let seen = self.send(method, path, body);
        assert_eq!(seen.status, 200, "{method} {path}: {seen:?}");
        let body: Value = serde_json::from_str(&seen.body).expect("JSON");
        body["result"].clone()
    }

    /// The id of a zone.
    pub(crate) fn zone(&self, name: &str) -> String {
        let zones = self.get("/zones");
        let mut zones = zones.as_array().expect("zones").iter();
        let found = zones.find(|zone| zone["name"] == name);
        text(&found.expect("a zone")["id"])
    }

    /// The id of the certificate whose name begins so.
    pub(crate) fn ca(&self, name: &str) -> Option<String> {
        let all = self.get(&certificates());
        let found = all
            .as_array()?
            .iter()
            .find(|one| text(&one["name"]).starts_with(name));
        found.map(|one| text(&one["id"]))
    }

    /// The hosts of a list, sorted.
    pub(crate) fn listed(&self, path: &str) -> Vec<String> {
        let list = self.get(path)["hostnames"].clone();
        let mut hosts: Vec<String> = list.as_array().into_iter().flatten().map(text).collect();
        hosts.sort();
        hosts
    }

    /// The descriptions of the rules of a zone, first to last.
    pub(crate) fn descriptions(&self, zone: &str) -> Vec<String> {
        let entry = self.get(&entry_point(zone));
        let rules = entry["rules"].as_array().expect("rules").iter();
        rules.map(|rule| text(&rule["description"])).collect()
    }

    /// What was recorded so far.
    pub(crate) fn record(&self) -> Vec<Value> {
        let lines = self.lines.0.lock().expect("lines").clone();
        let text = String::from_utf8(lines).expect("text");
        assert!(text.is_empty() || text.ends_with('\n'));
        let lines = text.lines();
        lines
            .map(|line| serde_json::from_str(line).expect("a JSON line"))
            .collect()
    }

    /// Method and status of each recorded call whose path has this in it; 0 where nothing came back.
    pub(crate) fn calls(&self, part: &str) -> Vec<(String, u64)> {
        let record = self.record().into_iter();
        let meant = record.filter(|line| {
            line["path"]
                .as_str()
                .is_some_and(|path| path.contains(part))
        });
        meant
            .map(|line| {
                let method = line["method"].as_str().expect("a method").to_owned();
                (method, line["status"].as_u64().unwrap_or(0))
            })
            .collect()
    }

    /// Stops serving; how long that takes.
    pub(crate) fn stop(self) -> Duration {
        let started = Instant::now();
        self.stop.send(()).expect("it serves");
        self.runtime
            .block_on(self.serving)
            .expect("no panic")
            .expect("no error");
        started.elapsed()
    }
}
