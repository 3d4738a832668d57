//! Access tests as real requests, and what requests look like.

use crate::support::golden::golden;
use crate::support::tls::Answers;
use crate::support::tls::Manner;
use crate::verify::shop::Shop;

const TESTS: &str = "\
tests:
  - { host: api.example.com, certificate: none, path: /healthz, expect: pass }
  - { host: api.example.com, certificate: fleet, path: \"/v1?page=2\", expect: pass }
  - { host: api.example.com, certificate: none, path: /v1, given: { http.request.method: POST }, expect: block }
  - { host: api.example.com, certificate: fleet, path: /v1, given: { http.request.method: POST }, expect: pass }
  - { host: api.example.com, certificate: stranger, given: { http.user_agent: a-browser }, expect: block }
  - { host: api.example.com, certificate: none, given: { http.request.uri.query: debug=1 }, expect: block }
  - { host: api.example.com, certificate: none, given: { ip.src: 192.0.2.7 }, expect: block }
  - { host: api.example.com, certificate: none, path: \"/a b\", expect: block }
  - { host: api.example.com, certificate: partner, expect: block }
";

#[test]
fn access_tests_are_sent_as_they_say_and_what_cannot_be_is_told() {
    let shop = Shop::new(TESTS);
    let server = Shop::serve(&shop.right());
    let only_fleet = "--client fleet=fleet-client.pem,fleet-client.key";
    let ran = shop.verify_as(only_fleet, server.at, "").ends(0);
    golden("verify/golden/requests.txt", &ran.transcript());
    golden("verify/golden/requests_sent.txt", &sent(&server.requests()));
}

/// Requests as lines, whatever this version of the program calls itself.
fn sent(requests: &[String]) -> String {
    let version = env!("CARGO_PKG_VERSION");
    requests.join("\n").replace(version, "VERSION") + "\n"
}

#[test]
fn writes_that_would_get_in_are_sent_on_demand_only() {
    let shop = Shop::new(TESTS);
    let server = Shop::serve(&shop.right());
    let writes = || {
        let requests = server.requests();
        let posts = requests.iter().filter(|one| one.starts_with("POST"));
        posts.count()
    };
    let _ = shop.verify(server.at, "").ends(0);
    assert_eq!(writes(), 1, "{:?}", server.requests());
    let _ = shop.verify(server.at, "--send-writes").ends(0);
    assert_eq!(writes(), 3, "{:?}", server.requests());
}

#[test]
fn an_access_test_that_does_not_hold_is_a_mismatch_of_its_own() {
    let shop = Shop::new(TESTS);
    let server = Shop::serve(&Manner {
        answers: Answers::Always(403),
        ..shop.right()
    });
    let ran = shop.verify_as("", server.at, "").ends(2);
    golden("verify/golden/requests_wrong.txt", &ran.transcript());
}

#[test]
fn path_and_method_are_those_of_the_flags() {
    let shop = Shop::new("");
    let server = Shop::serve(&shop.right());
    let ran = shop
        .verify(server.at, "--path /healthz?x=1 --method HEAD")
        .ends(0);
    assert!(!ran.stdout.contains("block"), "{}", ran.transcript());
    let requests = server.requests();
    assert!(
        requests
            .iter()
            .all(|one| one.starts_with("HEAD /healthz?x=1 ")),
        "{requests:?}"
    );
}
