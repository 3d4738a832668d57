//! What each failure says: (answer) → (words), and the questions it answers.

use mtlsctl::cloudflare::Client;
use mtlsctl::cloudflare::Error;
use mtlsctl::cloudflare::Retry;
use mtlsctl::cloudflare::Settings;
use mtlsctl::cloudflare::TransportError;
use mtlsctl::resource::Issuer;
use serde_json::json;

use crate::cloudflare::script::HTML;
use crate::cloudflare::script::Reply;
use crate::cloudflare::script::Script;
use crate::cloudflare::script::account;
use crate::cloudflare::script::broken;
use crate::cloudflare::script::ok;
use crate::cloudflare::script::page;
use crate::cloudflare::script::refused;
use crate::cloudflare::script::text;
use crate::cloudflare::script::timed_out;
use crate::cloudflare::script::unreachable;
use crate::cloudflare::script::with_header;
use crate::cloudflare::script::zone;

/// What comes of one answer when nothing is tried again.
async fn failure(reply: Reply) -> Error {
    let once = Settings {
        retry: Retry {
            attempts: 1,
            ..Retry::default()
        },
        ..Settings::default()
    };
    let client = Client::new(Script::new([reply]), once);
    let managed = Issuer::CloudflareManaged;
    let hosts = client.reader().hosts(&zone(), &managed).await;
    hosts.expect_err("a failure")
}

const CALL: &str =
    "GET /zones/023e105f4ecef8ad9ca31a8372d0c353/certificate_authorities/hostname_associations: ";

#[tokio::test]
#[expect(
    clippy::too_many_lines,
    reason = "one table, to be read from top to bottom"
)]
async fn every_answer_has_its_words() {
    let long = format!("<html>{}", "x".repeat(10_000));
    let long_words = format!(
        "answered 500: HTML instead of JSON: <html>{}…",
        "x".repeat(193)
    );
    let untrusted = TransportError::Untrusted {
        host: "api.cloudflare.com".into(),
        reason: "invalid peer certificate: UnknownIssuer".into(),
    };
    let too_large = TransportError::TooLarge {
        host: "api.cloudflare.com".into(),
        limit: 67_108_864,
    };
    let table = [
        (
            unreachable(),
            "cannot connect to api.cloudflare.com: connection refused",
        ),
        (
            timed_out(),
            "api.cloudflare.com gave no whole answer within 60 s",
        ),
        (
            broken(),
            "the connection to api.cloudflare.com broke: connection reset by peer",
        ),
        (
            Err(untrusted),
            "api.cloudflare.com is not trusted: invalid peer certificate: UnknownIssuer; if a proxy \
             inspects this network's traffic, add its CA to the system's trust store",
        ),
        (
            Err(too_large),
            "api.cloudflare.com answered with more than 64 MiB",
        ),
        (
            with_header(
                refused(403, 10000, "Authentication error"),
                "cf-ray",
                "8f2c-FRA",
            ),
            "answered 403 (cf-ray 8f2c-FRA): Authentication error (10000); the call needs the permission \
             `Zone · SSL and Certificates: Read`, and a wrong token is refused in the same words",
        ),
        (
            refused(
                404,
                7003,
                "Could not route to /zones, perhaps your object identifier is invalid?",
            ),
            "answered 404: Could not route to /zones, perhaps your object identifier is invalid? (7003)",
        ),
        (
            text(
                400,
                r#"{"success":false,"errors":[{"message":"a"},{"code":20217,"message":"b","source":{"pointer":"/kind"}}]}"#,
            ),
            "answered 400: a; b (20217) at `/kind`",
        ),
        (
            text(
                200,
                r#"{"success":false,"errors":[{"code":"1004","message":"no\u001b[31m\n way"}]}"#,
            ),
            "answered 200: no [31m way (1004)",
        ),
        (
            text(400, r#"{"success":false}"#),
            "answered 400: no reason was given",
        ),
        (
            with_header(
                text(
                    429,
                    r#"{"code": 971, "message": "Please wait and consider throttling your request speed"}"#,
                ),
                "retry-after",
                "287",
            ),
            "answered 429: Please wait and consider throttling your request speed (971); the token's \
             request budget is spent, come back in 287 s",
        ),
        (
            refused(429, 10100, "More than 1200 requests"),
            "answered 429: More than 1200 requests (10100); the token's request budget is spent, come \
             back in 5 minutes",
        ),
        (
            with_header(
                text(302, ""),
                "location",
                "https://login.example.net/?secret=1",
            ),
            "answered 302: a redirect to login.example.net, which is not followed; check the base URL",
        ),
        (
            with_header(text(301, ""), "location", "/client/v5"),
            "answered 301: a redirect to another path of the same host, which is not followed; check the base URL",
        ),
        (
            text(307, ""),
            "answered 307: a redirect to nowhere, which is not followed; check the base URL",
        ),
        (
            text(502, HTML),
            "answered 502: HTML instead of JSON: <!DOCTYPE html> <html><title>502 Bad Gateway</title></html>",
        ),
        (text(500, &long), long_words.as_str()),
        (
            text(200, "  \n"),
            "answered 200: an empty body instead of JSON",
        ),
        (
            text(200, r#"{"success":true,"result":{"hostna"#),
            r#"answered 200: truncated JSON: {"success":true,"result":{"hostna"#,
        ),
        (text(200, "hello\u{7}"), "answered 200: no JSON: hello"),
        (
            text(200, r#"{"hello":"world"}"#),
            r#"answered 200: JSON without the envelope of this API; check the base URL: {"hello":"world"}"#,
        ),
        (
            text(200, "[]"),
            "answered 200: JSON without the envelope of this API; check the base URL: []",
        ),
        (
            text(
                200,
                r#"{"success":true,"result":{"hostnames":["a.example.com",5]}}"#,
            ),
            r#"answered 200: `result.hostnames[1]` cannot be used: invalid type: integer `5`, expected a string: {"success":true,"result":{"hostnames":["a.example.com",5]}}"#,
        ),
        (
            text(204, ""),
            "answered 204: `result` cannot be used: it is null or missing",
        ),
    ];
    for (reply, words) in table {
        assert_eq!(failure(reply).await.to_string(), format!("{CALL}{words}"));
    }
}

#[tokio::test]
async fn a_value_that_cannot_be_used_is_shown_where_it_stands() {
    let mut zones: Vec<_> = (0..40)
        .map(|n| json!({ "id": format!("{n:032x}"), "name": format!("z{n}.example"), "status": "active" }))
        .collect();
    zones[30]["id"] = json!("short");
    let script = Script::new([page(zones, 1, 1, 40)]);
    let error = script
        .client()
        .reader()
        .zones(&account())
        .await
        .unwrap_err();
    let words = error.to_string();
    assert!(
        words.contains(
            "`result[30].id` cannot be used: `short` is no zone id: expected 32 lower-case"
        ),
        "{words}"
    );
    assert!(words.contains(r#"{"id":"short""#), "{words}");
    assert!(words.len() < 600, "{words}");
}

#[tokio::test]
async fn errors_answer_questions() {
    let error = failure(refused(404, 10003, "could not find entrypoint ruleset")).await;
    assert!(error.is_not_found() && error.is_no_entry_point() && error.code(10003));
    for reply in [
        refused(404, 7003, "Could not route"),
        refused(403, 10003, "could not find entrypoint ruleset"),
        text(404, HTML),
    ] {
        assert!(!failure(reply).await.is_no_entry_point());
    }
    assert!(
        failure(refused(403, 10000, "Authentication error"))
            .await
            .is_permission()
    );
    assert!(
        failure(refused(401, 10000, "Authentication error"))
            .await
            .is_permission()
    );
    // A page of a firewall on the way says nothing about the token.
    assert!(!failure(text(403, HTML)).await.is_permission());

    // (answer, may help to ask again, may have taken effect)
    let table = [
        (unreachable(), true, false),
        (timed_out(), true, true),
        (broken(), true, true),
        (refused(400, 20217, "no"), false, false),
        (refused(403, 10000, "no"), false, false),
        (refused(408, 1, "slow"), true, true),
        (refused(429, 971, "wait"), true, false),
        (refused(500, 1, "oops"), true, true),
        (text(502, HTML), true, true),
        (text(429, HTML), true, false),
        (text(200, HTML), false, true),
        (text(200, r#"{"success":tr"#), true, true),
        (text(200, ""), true, true),
        (ok(json!(null)), false, true),
        (text(302, ""), false, false),
    ];
    for (reply, again, effect) in table {
        let error = failure(reply).await;
        assert_eq!(error.is_retryable(), again, "{error}");
        assert_eq!(error.may_have_taken_effect(), effect, "{error}");
    }
}
