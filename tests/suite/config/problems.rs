//! Every problem's exact words: `problems/NAME.yaml` is the file, `problems/NAME.txt` what is said of it.

use std::io;
use std::path::Path;
use std::path::PathBuf;

use jiff::Timestamp;
use mtlsctl::config::MOST_BYTES;
use mtlsctl::config::Problems;
use mtlsctl::config::Surroundings;
use mtlsctl::config::UnsetAccount;
use mtlsctl::config::defects;
use mtlsctl::config::load;
use mtlsctl::report::problem::render;

use crate::config::world::KEY_BODY;
use crate::config::world::SECRET;
use crate::config::world::World;
use crate::config::world::load_text;
use crate::support::golden::golden;

fn shown(problems: &Problems) -> String {
    let list = render(&problems.source, &problems.problems, false, 100);
    format!("{list}error: {problems}\n")
}

#[test]
fn each_file_is_told_what_is_wrong_with_it() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/suite/config/problems");
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .expect("the folder of cases")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|ext| ext == "yaml"))
        .collect();
    files.sort();
    assert!(files.len() > 30, "the cases are gone");
    for file in files {
        let name = file.file_stem().expect("a name").to_string_lossy();
        let text = std::fs::read_to_string(&file).expect("a case");
        let said = match load_text(&text) {
            Err(problems) => shown(&problems),
            Ok(config) => panic!("{name} loads, with {:?}", config.warnings),
        };
        assert!(!said.contains(KEY_BODY), "{name} shows a private key");
        assert!(!said.contains(SECRET), "{name} shows a secret");
        golden(&format!("config/problems/{name}.txt"), &said);
    }
}

/// A machine that answers every read in one way.
struct Answer(Result<Vec<u8>, io::ErrorKind>);

impl Surroundings for Answer {
    fn variable(&self, _: &str) -> Option<String> {
        None
    }

    fn read(&self, _: &Path) -> io::Result<Vec<u8>> {
        Ok(self.0.clone()?)
    }
}

#[test]
fn a_file_that_cannot_be_read_is_told_apart_from_one_that_is_wrong() {
    let error = |kind: io::ErrorKind| Answer(Err(kind));
    let bytes = |bytes: &[u8]| Answer(Ok(bytes.to_vec()));
    let mut said = String::new();
    for (name, answer) in [
        ("absent", error(io::ErrorKind::NotFound)),
        ("a folder", error(io::ErrorKind::IsADirectory)),
        ("locked", error(io::ErrorKind::PermissionDenied)),
        ("empty", bytes(b"")),
        ("binary", bytes(&[0xff, 0xfe, 0x00, 0x01])),
        ("latin-1", bytes(b"version: 1\nowner: caf\xe9\n")),
        ("zeros", bytes(&[0; 64])),
        ("too large", bytes(&vec![b' '; MOST_BYTES + 1])),
    ] {
        let path = Path::new("prod/mtls.yaml");
        let problems = load(path, &answer, UnsetAccount::Refused).expect_err("no good file");
        said += &["# ", name, "\n\n", &shown(&problems), "\n"].concat();
    }
    golden("config/unreadable.txt", &said);
}

#[test]
fn a_disk_is_read_up_to_the_limit_and_no_further() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("huge.yaml");
    let huge = std::fs::File::create(&file).expect("a file");
    huge.set_len(50 * 1024 * 1024).expect("a sparse file");
    let bytes = mtlsctl::config::read_file(&file).expect("a file");
    assert_eq!(bytes.len(), MOST_BYTES + 1);
    let error = mtlsctl::config::read_file(folder.path()).expect_err("a folder");
    assert_eq!(error.kind(), io::ErrorKind::IsADirectory);
}

#[test]
fn warnings_are_shown_in_the_same_way() {
    let text = "\
version: 1
account: 9a7806061c88ada191ed06f989cc3dac
owner: platform-mtls
cas:
  - { name: ed25519, certificates: fixtures/ed25519.pem }
  - { name: expired, certificates: fixtures/expired.pem }
  - { name: future, certificates: fixtures/not-yet-valid.pem }
  - { name: no-key-id, certificates: fixtures/no-key-id.pem }
  - { name: fleet-2026, certificates: ca/fleet-2026.pem, issuers: [fixtures/expired.pem] }
  - { name: partner-2026, certificates: ca/partner-2026.pem }
  - { name: retired, certificates: ca/fleet-2025.pem, retire: 2099-01-31 }
hostnames:
  - { name: public-api, cas: [ed25519, expired, future, no-key-id, fleet-2026], hosts: [api.example.com] }
rules:
  - { name: require-client-certificate, hostnames: [api.example.com] }
";
    let config = load_text(text).expect("a file without errors");
    let now: Timestamp = "2026-07-01T00:00:00Z".parse().expect("a moment");
    let mut warnings = config.warnings.clone();
    warnings.extend(defects(&config, now));
    golden(
        "config/warnings.txt",
        &render(&config.source, &warnings, false, 100),
    );

    let unpinned = text.replace("hostnames: [api.example.com] }", "pin: false }");
    let config = load_text(&unpinned).expect("a file without errors");
    let count = defects(&config, now).len();
    assert_eq!(
        count + 1,
        defects(&load_text(text).expect("good"), now).len()
    );
}

#[test]
fn a_terminal_gets_colours_and_its_own_width() {
    let long = format!(
        "version: 1\naccount: {}\nowner: platform-mtls\nzones: [{}, a b]\n",
        crate::config::world::ACCOUNT,
        ["example.com"; 300].join(", ")
    );
    let problems = load_text(&long).expect_err("a zone with a space");
    let last = &problems.problems[problems.problems.len() - 1..];
    let narrow = render(&problems.source, last, false, 60);
    golden("config/narrow.txt", &narrow);
    assert!(
        narrow
            .lines()
            .skip(2)
            .take(4)
            .all(|line| line.chars().count() <= 60),
        "{narrow}"
    );
    let colored = render(&problems.source, last, true, 60);
    assert!(colored.contains("\u{1b}["));
    assert_eq!(anstream::adapter::strip_str(&colored).to_string(), narrow);
}

#[test]
fn beyond_a_thousand_problems_the_rest_is_counted() {
    let hosts = (0..1500).map(|n| format!("h{n}_/x")).collect::<Vec<_>>();
    let text = format!("version: 1\nzones: [{}]\n", hosts.join(", "));
    let problems = load_text(&text).expect_err("bad zones");
    assert_eq!(problems.problems.len(), 1000);
    assert_eq!(
        problems.to_string(),
        "`mtls.yaml` has 1502 problems, of which the first 1000 are shown"
    );
}

#[test]
fn an_unset_account_is_allowed_where_the_caller_has_its_own() {
    let path = Path::new("mtls.yaml");
    let text = "version: 1\naccount: ${NOT_SET}\nowner: platform-mtls\n";
    let config = load(path, &World(text.as_bytes()), UnsetAccount::Allowed).expect("allowed");
    assert_eq!(config.account, None);
    assert!(load(path, &World(text.as_bytes()), UnsetAccount::Refused).is_err());
    let wrong = text.replace("NOT_SET", "SWAPPED_SECRET");
    assert!(load(path, &World(wrong.as_bytes()), UnsetAccount::Allowed).is_err());
}
