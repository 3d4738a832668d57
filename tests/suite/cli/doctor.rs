//! `doctor`: what it finds with limited tokens and wrong servers, and that it only looks.

use std::io::Read as _;
use std::io::Write as _;
use std::net::Shutdown;
use std::net::TcpListener;
use std::net::TcpStream;
use std::sync::Arc;
use std::sync::Mutex;

use serde_json::Value;

use crate::cli::served::Served;
use crate::support::golden::golden;
use crate::support::project::Project;
use crate::support::project::Ran;

const DOCTOR: &str = "doctor -f mtls.yaml.example";

/// Passes bytes on to a server, and keeps what clients have sent.
struct Tap {
    address: String,
    sent: Arc<Mutex<Vec<u8>>>,
}

impl Tap {
    fn before(base: &str) -> Self {
        let rest = base.strip_prefix("http://").expect("plain HTTP");
        let server = rest.split('/').next().expect("an address").to_owned();
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = listener.local_addr().expect("an address").to_string();
        let sent = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&sent);
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let Ok(server) = TcpStream::connect(&server) else {
                    continue;
                };
                let (mut back_from, mut back_to) = (
                    server.try_clone().expect("a copy"),
                    client.try_clone().expect("a copy"),
                );
                std::thread::spawn(move || {
                    let _ = std::io::copy(&mut back_from, &mut back_to);
                    let _ = back_to.shutdown(Shutdown::Both);
                });
                let kept = Arc::clone(&kept);
                std::thread::spawn(move || pass_on(client, server, &kept));
            }
        });
        Self { address, sent }
    }

    /// The first lines of all requests.
    fn requests(&self) -> Vec<String> {
        let sent = self.sent.lock().expect("what was sent");
        let text = String::from_utf8_lossy(&sent);
        let lines = text.lines().filter(|line| line.ends_with(" HTTP/1.1"));
        lines.map(ToOwned::to_owned).collect()
    }
}

fn pass_on(mut client: TcpStream, mut server: TcpStream, kept: &Mutex<Vec<u8>>) {
    let mut bytes = [0; 4096];
    while let Ok(count @ 1..) = client.read(&mut bytes) {
        kept.lock().expect("what was sent").extend(&bytes[..count]);
        if server.write_all(&bytes[..count]).is_err() {
            break;
        }
    }
    let _ = server.shutdown(Shutdown::Both);
}

/// What it printed, without times and what is left of a budget.
fn steady(ran: &Ran) -> String {
    let mut out = String::new();
    let text = ran.transcript();
    let mut words = text.split_inclusive(' ').peekable();
    while let Some(word) = words.next() {
        let number = word.trim_end();
        let next = words.peek().map_or("", |next| next.trim());
        let varies = !number.is_empty()
            && number.bytes().all(|byte| byte.is_ascii_digit())
            && (next.starts_with("ms") || next == "calls" || next.starts_with("s,"));
        out.push_str(if varies { "… " } else { word });
    }
    out
}

#[test]
fn a_good_token_and_file_have_no_problem_and_only_gets_are_sent() {
    let (served, project) = Served::example("");
    let tap = Tap::before(&served.base);
    let base = format!("http://{}/client/v4", tap.address);
    let project = project.variable("CLOUDFLARE_BASE_URL", &base);
    let before = project
        .run("sandbox show --dir account --format json")
        .stdout;
    let ran = project.run(DOCTOR).ends(0);
    golden("cli/golden/doctor.txt", &steady(&ran));
    let requests = tap.requests();
    assert!(requests.len() > 10, "{requests:?}");
    let others = requests.iter().filter(|line| !line.starts_with("GET /"));
    assert_eq!(others.collect::<Vec<_>>(), Vec::<&String>::new());
    let after = project
        .run("sandbox show --dir account --format json")
        .stdout;
    assert_eq!(before, after);
}

/// Groups to leave out, and what is said then.
const GAPS: [(&[&str], &[&str]); 4] = [
    (&["Zone Read"], &["Zone · Zone: Read"]),
    (
        &[
            "Account: SSL and Certificates Read",
            "Account: SSL and Certificates Write",
        ],
        &[
            "Account · SSL and Certificates: Read",
            "Account · SSL and Certificates: Edit",
        ],
    ),
    (
        &["SSL and Certificates Read", "SSL and Certificates Write"],
        &[
            "Zone · SSL and Certificates: Read",
            "Zone · SSL and Certificates: Edit",
        ],
    ),
    (
        &["Zone WAF Read", "Zone WAF Write"],
        &["Zone · Zone WAF: Read", "Zone · Zone WAF: Edit"],
    ),
];

fn limited(project: &Project, groups: &[&str]) -> String {
    let mut arguments = vec!["sandbox", "token", "--dir", "account"];
    arguments.extend(groups.iter().flat_map(|group| ["--without", *group]));
    let output = project.command(arguments).output().expect("it runs");
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    text.trim().to_owned()
}

fn parsed(ran: &Ran) -> Value {
    serde_json::from_str(&ran.stdout)
        .unwrap_or_else(|error| panic!("{error}: {}", ran.transcript()))
}

/// The permissions that are a problem.
fn missing(ran: &Ran) -> Vec<String> {
    let document = parsed(ran);
    let checks = document["checks"].as_array().expect("checks").clone();
    let missing = checks
        .into_iter()
        .filter(|check| check["id"] == "permission" && check["state"] == "problem");
    missing
        .map(|check| check["object"].as_str().expect("a group").to_owned())
        .collect()
}

#[test]
fn each_missing_permission_is_named_and_nothing_else() {
    let (_served, mut project) = Served::example("");
    for (without, names) in GAPS {
        let token = limited(&project, without);
        project = project.variable("CLOUDFLARE_API_TOKEN", &token);
        let ran = project.run(&format!("{DOCTOR} --format json")).ends(1);
        assert_eq!(missing(&ran), names, "{}", ran.transcript());
    }
    let all: Vec<&str> = GAPS[1..]
        .iter()
        .flat_map(|(groups, _)| *groups)
        .copied()
        .collect();
    let token = limited(&project, &all);
    let project = project.variable("CLOUDFLARE_API_TOKEN", &token);
    let ran = project.run(&format!("{DOCTOR} --format json")).ends(1);
    assert_eq!(missing(&ran).len(), 6, "{}", ran.transcript());
}

#[test]
fn a_permission_to_write_is_not_guessed() {
    let (_served, project) = Served::example("");
    let token = limited(&project, &["Zone WAF Write"]);
    let project = project.variable("CLOUDFLARE_API_TOKEN", &token);
    let ran = project.run(&format!("{DOCTOR} --format json")).ends(0);
    let document = parsed(&ran);
    let checks = document["checks"].as_array().expect("checks");
    let edit = checks
        .iter()
        .find(|one| one["object"] == "Zone · Zone WAF: Edit");
    let edit = edit.expect("a check of the permission");
    assert_eq!(edit["state"], "not_known");
    let sentence = edit["sentence"].as_str().expect("a sentence");
    assert!(
        sentence.contains("in example.com, example.net"),
        "{sentence}"
    );
}

#[test]
fn the_first_cause_is_told_once_and_it_finishes() {
    let (_served, project) = Served::example("");
    let project = project.variable("CLOUDFLARE_API_TOKEN", "wrong");
    let ran = project.run(DOCTOR).ends(1);
    golden("cli/golden/doctor_wrong_token.txt", &steady(&ran));
    let (_served, project) = Served::example("");
    let other = format!("{DOCTOR} --account {}", "0".repeat(32));
    let ran = project.run(&other).ends(1);
    assert_eq!(
        ran.stdout.matches("problem  ").count(),
        1,
        "{}",
        ran.transcript()
    );
    assert!(
        ran.stdout.contains("either the id is wrong"),
        "{}",
        ran.stdout
    );
}

#[test]
fn a_page_instead_of_the_api_ends_the_looking() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    let asked = Arc::new(Mutex::new(0));
    let count = Arc::clone(&asked);
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let _ = stream.read(&mut [0; 4096]);
            *count.lock().expect("a count") += 1;
            let page = "<!doctype html><title>Log in</title>";
            let length = page.len();
            let _ = stream.write_all(
                format!("HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{page}")
                    .as_bytes(),
            );
        }
    });
    let project = Project::example()
        .variable(
            "CLOUDFLARE_BASE_URL",
            &format!("http://{address}/client/v4"),
        )
        .variable("CLOUDFLARE_ACCOUNT_ID", &"5a".repeat(16))
        .variable("CLOUDFLARE_API_TOKEN", "some-token");
    let ran = project.run(&format!("{DOCTOR} --format json")).ends(1);
    let document = parsed(&ran);
    assert_eq!(document["counts"]["problem"], 1, "{}", ran.stdout);
    assert!(
        ran.stdout.contains("HTML instead of JSON"),
        "{}",
        ran.stdout
    );
    assert_eq!(*asked.lock().expect("a count"), 1);
}

#[test]
fn it_works_without_a_file_without_a_token_and_offline() {
    let project = Project::new();
    let ran = project.run("doctor --sandbox").ends(0);
    golden("cli/golden/doctor_sandbox.txt", &steady(&ran));
    let ran = project.run("doctor --format json").ends(1);
    let document = parsed(&ran);
    assert_eq!(document["format_version"], 1);
    let project = project.with("mtls.yaml", "version: 1\nownr: x\n");
    let ran = project.run("doctor --sandbox").ends(1);
    assert!(
        ran.stdout.contains("mtls.yaml cannot be used: line 2"),
        "{}",
        ran.stdout
    );
    assert!(ran.stdout.contains("ca-slots"), "{}", ran.stdout);
}
