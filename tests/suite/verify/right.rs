//! Hosts that do as the file says, in every format, over both versions of HTTP and both kinds of addresses.

use crate::cli::schema::fits;
use crate::cli::schema::json;
use crate::support::golden::golden;
use crate::support::pki::ALWAYS;
use crate::support::tls::Asks;
use crate::support::tls::Manner;
use crate::support::tls::Server;
use crate::verify::shop::Shop;

const TESTS: &str = "\
tests:
  - { host: api.example.com, certificate: none, path: /healthz, expect: pass }
  - { host: api.example.com, certificate: fleet, path: /v1, expect: pass }
  - { host: api.example.com, certificate: none, given: { ip.src: 192.0.2.7 }, expect: block }
";

#[test]
fn a_host_that_does_as_the_file_says_is_as_expected_in_every_format() {
    let shop = Shop::new(TESTS);
    let server = Shop::serve(&Manner {
        asks: Asks::For(""),
        ..shop.right()
    });
    for format in ["text", "json", "junit"] {
        let ran = shop
            .verify(server.at, &format!("--format {format}"))
            .ends(0);
        golden(
            &format!("verify/golden/right_{format}.txt"),
            &ran.transcript(),
        );
        if format == "json" {
            fits("verify", &json(&ran.stdout));
        }
    }
}

#[test]
fn a_server_that_names_no_ca_is_told_and_no_mismatch() {
    let shop = Shop::new("");
    let server = Shop::serve(&shop.right());
    let ran = shop.verify(server.at, "").ends(0);
    assert!(
        ran.stdout.contains("yes, names no CA"),
        "{}",
        ran.transcript()
    );
}

#[test]
fn both_versions_of_http_are_spoken() {
    let shop = Shop::new("");
    let server = Shop::serve(&shop.right());
    for (flag, version) in [
        ("", "HTTP/2"),
        ("--http 2", "HTTP/2"),
        ("--http 1.1", "HTTP/1.1"),
    ] {
        let before = server.requests().len();
        let ran = shop
            .verify(server.at, &format!("--format json {flag}"))
            .ends(0);
        let agreed = format!("\"http\": \"{version}\"");
        assert!(ran.stdout.contains(&agreed), "{}", ran.transcript());
        let since = server.requests().split_off(before);
        assert_eq!(since.len(), 4, "{since:?}");
        let debug = version.trim_end_matches(".0");
        assert!(since.iter().all(|one| one.contains(debug)), "{since:?}");
    }
}

#[test]
fn ipv6_addresses_are_taken_in_brackets() {
    let shop = Shop::new("");
    let manner = Manner {
        listens: "[::1]:0",
        ..shop.right()
    };
    let Some(server) = Server::start(&manner) else {
        println!("this machine has no IPv6: not tried");
        return;
    };
    let ran = shop.verify(server.at, "").ends(0);
    assert!(ran.stdout.contains("0 mismatches"), "{}", ran.transcript());
}

#[test]
fn the_order_of_hosts_is_that_of_their_names_however_many_are_asked_at_a_time() {
    let shop = Shop::new("");
    let hosts: Vec<String> = (0..6).map(|n| format!("h{n}.example.com")).collect();
    let file = shop.project.read("mtls.yaml");
    let file = file.replace("[api.example.com]", &format!("[{}]", hosts.join(", ")));
    shop.project.write("mtls.yaml", file);
    let leaves: Vec<_> = hosts
        .iter()
        .map(|host| shop.web.server(host, ALWAYS))
        .collect();
    let servers: Vec<_> = leaves
        .iter()
        .map(|leaf| Shop::serve(&Manner::right(leaf, &shop.fleet)))
        .collect();
    let resolve: Vec<String> = hosts
        .iter()
        .zip(&servers)
        .map(|(host, server)| format!("--resolve {host}:{}", server.at))
        .collect();
    let resolve = resolve.join(" ");
    let run = |parallel: usize| {
        let ran = shop.project.run(&format!(
            "verify --cacert web.pem --parallel {parallel} {resolve}"
        ));
        ran.ends(0).stdout
    };
    let one = run(1);
    assert_eq!(one, run(6));
    let order: Vec<usize> = hosts
        .iter()
        .map(|host| one.find(host).expect("a row"))
        .collect();
    assert!(order.is_sorted(), "{one}");
}
