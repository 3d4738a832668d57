//! Ctrl-C and SIGTERM: before the first write, while a write is read back, and twice.
#![cfg(unix)]

use std::io::BufRead as _;
use std::io::BufReader;
use std::io::Read as _;
use std::net::TcpListener;
use std::os::unix::process::ExitStatusExt as _;
use std::process::Child;
use std::process::Command;
use std::process::ExitStatus;
use std::sync::mpsc;
use std::time::Duration;
use std::time::Instant;

use crate::cli::served::Served;
use crate::support::golden::golden;
use crate::support::project::Project;

/// A run that is going on, and what it says.
struct Running {
    child: Child,
    said: mpsc::Receiver<String>,
    heard: Vec<String>,
}

/// How a run ended.
struct Ended {
    status: ExitStatus,
    stdout: String,
    stderr: Vec<String>,
    took: Duration,
}

impl Running {
    fn start(project: &Project, arguments: &str) -> Self {
        let mut child = project
            .command(arguments.split_whitespace())
            .spawn()
            .expect("it starts");
        let (say, said) = mpsc::channel();
        let stderr = BufReader::new(child.stderr.take().expect("its words"));
        std::thread::spawn(move || {
            for line in stderr.lines().map_while(Result::ok) {
                let _ = say.send(line);
            }
        });
        Self {
            child,
            said,
            heard: Vec::new(),
        }
    }

    /// Waits until it says a line with all these words.
    fn hear(&mut self, words: &[&str]) {
        loop {
            let line = self.said.recv_timeout(Duration::from_secs(30));
            let line = line.unwrap_or_else(|_| panic!("{words:?} was not said: {:#?}", self.heard));
            let found = words.iter().all(|word| line.contains(word));
            self.heard.push(line);
            if found {
                return;
            }
        }
    }

    fn send(&self, signal: &str) {
        kill(signal, self.child.id());
    }

    fn end(mut self) -> Ended {
        let started = Instant::now();
        let mut stdout = String::new();
        self.child
            .stdout
            .take()
            .expect("its output")
            .read_to_string(&mut stdout)
            .expect("UTF-8");
        let status = self.child.wait().expect("its end");
        let took = started.elapsed();
        self.heard.extend(self.said.iter());
        Ended {
            status,
            stdout,
            stderr: std::mem::take(&mut self.heard),
            took,
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn kill(signal: &str, process: u32) {
    let status = Command::new("sh")
        .args(["-c", &format!("kill -{signal} {process}")])
        .status();
    assert!(status.expect("a shell").success());
}

const APPLY: &str = "apply --yes --sandbox=account -f mtls.yaml.example -vv";

#[test]
fn a_signal_while_a_write_is_read_back_stops_the_run_and_accounts_for_every_step() {
    for signal in ["TERM", "INT"] {
        let project = Project::example();
        let _ = project
            .run("sandbox reset --dir account --lag-hosts 60s")
            .ends(0);
        let mut running = Running::start(&project, APPLY);
        running.hear(&["PUT", "hostname_associations"]);
        running.hear(&["GET", "hostname_associations"]);
        running.send(signal);
        let ended = running.end();
        assert_eq!(ended.status.code(), Some(5), "{:#?}", ended.stderr);
        assert!(ended.took < Duration::from_secs(5), "{:?}", ended.took);
        let (_plan, report) = ended.stdout.rsplit_once("\n\n").expect("a report");
        let accounted = ["  applied", "  failed", "  not tried"];
        let steps = report
            .lines()
            .filter(|line| accounted.iter().any(|word| line.starts_with(word)));
        assert_eq!(steps.count(), 11, "{report}");
        let said = ended.stderr.join("\n");
        assert!(
            said.contains("stopping: the call in flight is finished first"),
            "{said}"
        );
        assert!(
            said.contains("run `mtlsctl plan` to see what is left to do"),
            "{said}"
        );
    }
}

#[test]
fn a_run_that_was_stopped_between_two_waves_goes_on_with_the_next() {
    let (_served, project) = Served::example("");
    let mut running = Running::start(
        &project,
        "apply --yes --settle 10m -f mtls.yaml.example -vv",
    );
    for _list in 0..5 {
        running.hear(&["PUT", "hostname_associations"]);
    }
    // Reading back takes milliseconds; then it waits for the edge.
    std::thread::sleep(Duration::from_secs(2));
    running.send("INT");
    let ended = running.end();
    assert_eq!(ended.status.code(), Some(5), "{:#?}", ended.stderr);
    assert!(ended.took < Duration::from_secs(5), "{:?}", ended.took);
    let (_plan, report) = ended.stdout.rsplit_once("\n\n").expect("a report");
    golden("cli/golden/interrupted.txt", report);
    let _ = project
        .run("apply --yes --settle 0s -f mtls.yaml.example")
        .ends(0);
}

#[test]
fn before_the_first_write_a_signal_just_ends_it() {
    // It takes connections and never answers.
    let silent = TcpListener::bind("127.0.0.1:0").expect("a port");
    let base = format!(
        "http://{}/client/v4",
        silent.local_addr().expect("an address")
    );
    let project = Project::example()
        .variable("CLOUDFLARE_BASE_URL", &base)
        .variable("CLOUDFLARE_ACCOUNT_ID", &"5a".repeat(16))
        .variable("CLOUDFLARE_API_TOKEN", "some-token");
    let running = Running::start(&project, "apply --yes -f mtls.yaml.example");
    let _asked = silent.accept().expect("a connection");
    // Not SIGINT: whoever runs the tests in the background lets children inherit that it is ignored.
    running.send("TERM");
    let ended = running.end();
    assert_eq!(ended.status.code(), None, "{:?}", ended.status);
    assert!(ended.status.signal().is_some());
    assert_eq!(ended.stdout, "");
    assert!(ended.took < Duration::from_secs(5), "{:?}", ended.took);
}

#[test]
fn a_second_signal_quits_at_once() {
    let (served, project) = Served::example("--lag-hosts 60s");
    let mut running = Running::start(
        &project,
        "apply --yes --settle 0s -f mtls.yaml.example -vv --format json",
    );
    running.hear(&["PUT", "hostname_associations"]);
    running.hear(&["GET", "hostname_associations"]);
    // From now on no call is answered: one of the next reads hangs.
    kill("STOP", served.process());
    std::thread::sleep(Duration::from_secs(3));
    running.send("TERM");
    running.hear(&["stopping: the call in flight is finished first (again to quit at once)"]);
    running.send("TERM");
    running.hear(&["quit at once: a call may be half-way; plan again to see what was done"]);
    let ended = running.end();
    assert_eq!(ended.status.code(), Some(5));
    let document: serde_json::Value = serde_json::from_str(&ended.stdout).expect("JSON");
    assert_eq!(document["exit_code"], 5, "{document:#}");
    assert!(ended.took < Duration::from_secs(5), "{:?}", ended.took);
}
