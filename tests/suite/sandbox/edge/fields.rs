//! What rules see: a rule with an expression as its only condition blocks where the expression is true.

use http::HeaderValue;
use http::Method;
use http::Version;
use mtlsctl::sandbox::edge::Reading;
use mtlsctl::sandbox::edge::Visit;
use serde_json::json;

use crate::sandbox::edge::pki::Pki;
use crate::sandbox::edge::visits::Arrived;
use crate::sandbox::edge::visits::associate;
use crate::sandbox::edge::visits::set_rules;
use crate::sandbox::edge::visits::verdict;
use crate::sandbox::edge::visits::visit;
use crate::sandbox::world::World;

const HOST: &str = "api.example.com";

/// The expressions of which a rule of their own does not match.
fn false_ones(expressions: &[String], visit: &Visit, with_certificate: bool) -> Vec<String> {
    let pki = Pki::shared();
    let mut world = World::new();
    let fleet = world.upload("fleet", &pki.fleet.pem());
    associate(&mut world, Some(&fleet), &[HOST]);
    let credential = with_certificate.then(|| pki.fleet.client().credential());
    let mut wrong = Vec::new();
    for expression in expressions {
        set_rules(
            &mut world,
            &json!([{"action": "block", "expression": expression}]),
        );
        let edge = Arrived::of(&world);
        let answer = edge.answer(visit, credential.as_ref(), Reading::PerHost);
        if verdict(&answer) != "block" {
            wrong.push(expression.clone());
        }
    }
    wrong
}

#[test]
fn what_rules_see_of_a_certificate() {
    let pki = Pki::shared();
    let serial = {
        let (_, parsed) = x509_parser::parse_x509_certificate(&pki.fleet.der())
            .map(|(rest, parsed)| (rest.len(), parsed.raw_serial_as_string().replace(':', "")))
            .expect("a certificate");
        parsed.to_uppercase()
    };
    let serial = serial.strip_prefix("00").unwrap_or(&serial).to_owned();
    let key_id = pki.fleet.key_id();
    let auth = "cf.tls_client_auth";
    let expressions = [
        format!("{auth}.cert_presented and {auth}.cert_verified and not {auth}.cert_revoked"),
        format!("{auth}.cert_issuer_ski eq \"{key_id}\""),
        // Without the byte that DER puts before a high one.
        format!("{auth}.cert_serial eq \"8F001B\""),
        format!("{auth}.cert_issuer_serial eq \"{serial}\""),
        format!("{auth}.cert_not_before eq \"Mar  1 00:00:00 2022 GMT\""),
        format!("{auth}.cert_not_after eq \"Jan  1 00:00:00 4096 GMT\""),
        format!("{auth}.cert_subject_dn eq r#\"CN=device 7,O=Example\\, Corp,C=US\"#"),
        format!("{auth}.cert_subject_dn_rfc2253 contains \"CN=device 7,\""),
        format!("{auth}.cert_subject_dn_legacy eq \"/C=US/O=Example, Corp/CN=device 7\""),
        format!("{auth}.cert_issuer_dn_legacy eq \"/C=US/O=Example, Corp/CN=Fleet\""),
        format!("{auth}.cert_issuer_dn_rfc2253 contains \"CN=Fleet,\""),
        format!("{auth}.cert_fingerprint_sha256 matches \"^[0-9a-f]{{64}}$\""),
        format!("{auth}.cert_fingerprint_sha1 matches \"^[0-9a-f]{{40}}$\""),
        format!("{auth}.cert_rfc9440 matches \"^:[A-Za-z0-9+/=]+:$\""),
        format!("{auth}.cert_chain_rfc9440 eq \"\" and not {auth}.cert_chain_rfc9440_too_large"),
        format!("not {auth}.cert_rfc9440_too_large"),
    ];
    let wrong = false_ones(&expressions, &visit(HOST, "/"), true);
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn without_a_certificate_all_is_empty_or_false() {
    let texts = [
        "chain_rfc9440",
        "fingerprint_sha1",
        "fingerprint_sha256",
        "issuer_dn",
        "issuer_dn_legacy",
        "issuer_dn_rfc2253",
        "issuer_serial",
        "issuer_ski",
        "not_after",
        "not_before",
        "rfc9440",
        "serial",
        "ski",
        "subject_dn",
        "subject_dn_legacy",
        "subject_dn_rfc2253",
    ];
    let truths = [
        "presented",
        "verified",
        "revoked",
        "rfc9440_too_large",
        "chain_rfc9440_too_large",
    ];
    let texts = texts.map(|name| format!("cf.tls_client_auth.cert_{name} eq \"\""));
    let truths = truths.map(|name| format!("not cf.tls_client_auth.cert_{name}"));
    let expressions: Vec<String> = texts.into_iter().chain(truths).collect();
    assert_eq!(
        false_ones(&expressions, &visit(HOST, "/"), false),
        Vec::<String>::new()
    );
    // A host that does not ask sees nothing, whatever the connection showed.
    let elsewhere = visit("www.example.com", "/");
    assert_eq!(
        false_ones(&expressions, &elsewhere, true),
        Vec::<String>::new()
    );
}

#[test]
fn what_rules_see_of_a_request() {
    let mut visit = visit("API.example.com:8443", "/a/Report.pdf?x=1&y=&x=2");
    visit.method = Method::POST;
    visit.version = Version::HTTP_2;
    visit.tls_version = "TLSv1.2";
    visit.peer = "::ffff:192.0.2.7".parse().expect("an address");
    let headers = [("user-agent", "probe/1"), ("x-one", "1"), ("cookie", "a=b")];
    for (name, value) in headers {
        visit.headers.insert(name, HeaderValue::from_static(value));
    }
    let expressions = [
        "http.host eq \"API.example.com:8443\"",
        "cf.edge.server_port eq 8443 and cf.zone.name eq \"example.com\" and ssl",
        "http.request.method eq \"POST\" and http.request.version eq \"HTTP/2\"",
        "http.request.uri eq \"/a/Report.pdf?x=1&y=&x=2\"",
        "http.request.uri.path eq \"/a/Report.pdf\" and http.request.uri.path.extension eq \"pdf\"",
        "http.request.uri.query eq \"x=1&y=&x=2\"",
        "http.request.full_uri eq \"https://API.example.com:8443/a/Report.pdf?x=1&y=&x=2\"",
        "raw.http.request.uri.path eq \"/a/Report.pdf\"",
        "http.request.uri.args[\"x\"][1] eq \"2\" and http.request.uri.args[\"y\"][0] eq \"\"",
        "any(http.request.uri.args.names[*] eq \"y\")",
        "http.request.headers[\"x-one\"][0] eq \"1\" and http.user_agent eq \"probe/1\"",
        "any(http.request.headers.names[*] eq \"x-one\") and any(http.request.headers.values[*] eq \"a=b\")",
        "http.cookie eq \"a=b\" and http.referer eq \"\" and http.x_forwarded_for eq \"\"",
        "ip.src in {192.0.2.0/24} and cf.tls_version eq \"TLSv1.2\"",
        "http.request.timestamp.sec eq 1795368750 and http.request.timestamp.msec eq 467",
    ];
    let expressions = expressions.map(str::to_owned);
    assert_eq!(
        false_ones(&expressions, &visit, false),
        Vec::<String>::new()
    );
    // Whoever names the port of HTTPS or none comes to that one.
    let plain = [String::from(
        "cf.edge.server_port eq 443 and http.host eq \"api.example.com\"",
    )];
    let plain_visit = crate::sandbox::edge::visits::visit(HOST, "/");
    assert_eq!(
        false_ones(&plain, &plain_visit, false),
        Vec::<String>::new()
    );
}
