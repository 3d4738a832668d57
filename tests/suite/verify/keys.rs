//! Private keys that are given show nowhere: not in output, not in logs, not in files.

use std::fs;
use std::path::Path;

use crate::support::project::Ran;
use crate::support::tls::Asks;
use crate::support::tls::Manner;
use crate::verify::shop::Shop;

/// Every way to log, with the loudest level.
const LOUD: [&str; 2] = ["-vvv", "-vvv --log-format json"];

#[test]
fn a_key_shows_in_no_output_no_log_and_no_file() {
    let shop = Shop::new("");
    let secrets = secrets(&shop.project.read("fleet-client.key"));
    // What the program writes on the way would land here.
    let scratch = tempfile::tempdir().expect("a folder");
    let before = files(shop.project.path("").as_path());
    for asks in [Asks::Anyone, Asks::Strictly, Asks::Nobody] {
        let server = Shop::serve(&Manner {
            asks,
            ..shop.right()
        });
        for format in ["text", "json", "junit"] {
            for loud in LOUD {
                let more = format!("--format {format} {loud}");
                let arguments = format!(
                    "verify --cacert web.pem --resolve api.example.com:{} \
                     --client fleet=fleet-client.pem,fleet-client.key {more}",
                    server.at
                );
                let mut command = shop.project.command(arguments.split_whitespace());
                command.env("TMPDIR", scratch.path());
                let output = command.output().expect("a program that starts");
                let (out, err) = (output.stdout, output.stderr);
                let text = String::from_utf8([out, err].concat()).expect("UTF-8");
                assert!(text.contains("probed"), "{more} logs nothing: {text}");
                hides(&text, &secrets);
            }
        }
    }
    assert_eq!(files(shop.project.path("").as_path()), before);
    assert_eq!(files(scratch.path()), Vec::<String>::new());
}

/// What of a key must not show: the lines of its PEM, and its bytes as numbers and as hexadecimal digits.
pub(super) fn secrets(key: &str) -> Vec<String> {
    let der = pem::parse(key).expect("a key").into_contents();
    // The secret number itself, in the middle of what surrounds it in PKCS #8.
    let secret = &der[40..60];
    let hex: Vec<String> = secret.iter().map(|byte| format!("{byte:02x}")).collect();
    let hex = hex.concat();
    let numbers: Vec<String> = secret.iter().map(u8::to_string).collect();
    let lines = key.lines().filter(|line| !line.starts_with("-----"));
    let mut secrets: Vec<String> = lines.map(str::to_owned).collect();
    secrets.extend([hex.to_uppercase(), hex, numbers.join(", ")]);
    secrets
}

#[track_caller]
pub(super) fn hides(text: &str, secrets: &[String]) {
    for secret in secrets {
        assert!(!text.contains(secret), "{text}");
    }
}

/// The files below a folder, with their contents.
fn files(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).expect("a folder").map(Result::unwrap) {
            if entry.path().is_dir() {
                folders.push(entry.path());
            } else {
                let text = fs::read_to_string(entry.path()).expect("text");
                found.push(format!("{}\n{text}", entry.path().display()));
            }
        }
    }
    found.sort();
    found
}

#[test]
fn keys_that_cannot_be_used_are_refused_without_a_word_of_them() {
    let shop = Shop::new("");
    let key = shop.project.read("fleet-client.key");
    let body: Vec<&str> = key
        .lines()
        .filter(|line| !line.starts_with("-----"))
        .collect();
    let encrypted = key.replace("PRIVATE KEY", "ENCRYPTED PRIVATE KEY");
    let half = key.lines().take(2).collect::<Vec<_>>().join("\n");
    let garbled = key.replace(body[0], &body[0].replacen("MI", "AA", 1));
    let server = Shop::serve(&shop.right());
    for (name, text, words) in [
        ("encrypted", encrypted, "its private key is encrypted"),
        ("half", half, "its private key cannot be used"),
        ("garbled", garbled, "its private key cannot be used"),
        ("empty", String::new(), "it holds no private key"),
        (
            "other",
            shop.project.read("partner-client.key"),
            "its private key does not belong to the certificate",
        ),
    ] {
        shop.project.write("odd.key", &text);
        let clients = "--client fleet=fleet-client.pem,odd.key";
        for loud in LOUD {
            let ran: Ran = shop.verify_as(clients, server.at, loud).ends(1);
            let _ = ran.says(words);
            hides(&ran.transcript(), &secrets(&key));
            assert!(ran.stdout.is_empty(), "{name}: {}", ran.transcript());
        }
    }
    assert_eq!(server.requests(), Vec::<String>::new());
}

#[cfg(unix)]
#[test]
fn a_key_that_everybody_may_read_is_warned_of() {
    use std::os::unix::fs::PermissionsExt as _;
    let shop = Shop::new("");
    let server = Shop::serve(&shop.right());
    let path = shop.project.path("fleet-client.key");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).expect("a file of ours");
    let words =
        "everybody on this machine may read the private key fleet-client.key; `chmod 600` it";
    let _ = shop.verify(server.at, "").ends(0).says(words);
    crate::verify::shop::close(&shop.project, "fleet-client.key");
    let ran = shop.verify(server.at, "").ends(0);
    assert!(!ran.stderr.contains("private key"), "{}", ran.transcript());
}
