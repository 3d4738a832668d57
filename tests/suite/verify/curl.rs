//! What the real curl sees on the same hosts: the same statuses.

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::process::Command;

use crate::support::pki::ALWAYS;
use crate::support::pki::Authority;
use crate::support::tls::Asks;
use crate::support::tls::Manner;
use crate::verify::shop::HOST;
use crate::verify::shop::Shop;
use crate::verify::world::World;

/// Whether a program is there.
pub(super) fn has(program: &str, flag: &str) -> bool {
    let there = Command::new(program).arg(flag).output().is_ok();
    if !there {
        println!("{program} is not installed: not tried");
    }
    there
}

/// The status that curl gets; `None` where it gets none.
pub(super) fn status(shop: &Shop, at: SocketAddr, client: Option<&str>, http: &str) -> Option<u16> {
    let mut arguments = format!(
        "--silent --output answer --write-out %{{http_code}} --max-time 10 {http} --cacert web.pem \
         --connect-to {HOST}:443:{at}"
    );
    if let Some(client) = client {
        let _ = write!(arguments, " --cert {client}.pem --key {client}.key");
    }
    let _ = write!(arguments, " https://{HOST}/");
    let mut curl = shop.project.program("curl", arguments.split_whitespace());
    let output = curl.output().expect("curl");
    let status = String::from_utf8(output.stdout).expect("a number");
    status.parse().ok().filter(|status| *status != 0)
}

/// Checks that `verify` sees what curl sees, as every client.
#[track_caller]
pub(super) fn agrees(shop: &Shop, at: SocketAddr) {
    shop.give(
        "stranger",
        &Authority::new("Nobody").client("nobody", ALWAYS),
    );
    for (flag, http) in [("--http 1.1", "--http1.1"), ("--http 2", "--http2")] {
        let ran = shop.verify(at, &format!("{flag} --format json"));
        let report: serde_json::Value = serde_json::from_str(&ran.stdout).expect("JSON");
        let checks = report["hosts"][0]["checks"].as_array().expect("checks");
        let checks: Vec<_> = checks
            .iter()
            .filter(|one| one["access_test"].is_null())
            .collect();
        let clients = [
            ("none", None),
            ("stranger", Some("stranger")),
            ("fleet", Some("fleet-client")),
            ("partner", Some("partner-client")),
        ];
        assert_eq!(checks.len(), clients.len());
        for (check, (name, files)) in checks.into_iter().zip(clients) {
            assert_eq!(check["client"], name);
            let seen = check["status"]
                .as_u64()
                .and_then(|status| u16::try_from(status).ok());
            assert_eq!(
                seen,
                status(shop, at, files, http),
                "{name} {http}: {check}"
            );
        }
    }
}

#[test]
fn verify_sees_what_curl_sees() {
    if !has("curl", "--version") {
        return;
    }
    let shop = Shop::new("");
    for asks in [
        Asks::Anyone,
        Asks::For(""),
        Asks::For("Another CA"),
        Asks::Nobody,
        Asks::Strictly,
    ] {
        let server = Shop::serve(&Manner {
            asks,
            ..shop.right()
        });
        agrees(&shop, server.at);
    }
}

#[test]
fn verify_sees_what_curl_sees_at_the_edge() {
    if !has("curl", "--version") {
        return;
    }
    for reading in ["per-host", "account-wide"] {
        let world = World::start(&format!("--reading {reading}"));
        let edge = world.served.edge.as_ref().expect("an edge");
        let project = &world.shop.project;
        project.write("web.pem", project.read(&edge.ca));
        // Open at first, then closed to all but the host's own clients, then to all but those of the other CA.
        agrees(&world.shop, edge.at);
        world.apply();
        agrees(&world.shop, edge.at);
        world.rotate();
        world.apply();
        agrees(&world.shop, edge.at);
        let who = |client| status(&world.shop, edge.at, client, "");
        assert_eq!(who(Some("fleet-client")), Some(403));
        assert_eq!(who(Some("partner-client")), Some(200));
    }
}
