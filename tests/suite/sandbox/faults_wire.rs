//! Faults of the network and of the server, as a plain client sees them over HTTP; and the record of them.

use std::io::Read as _;
use std::io::Write as _;
use std::net::TcpStream;
use std::time::Duration;

use mtlsctl::sandbox::TokenKind;
use secrecy::ExposeSecret as _;
use serde_json::Value;
use serde_json::json;

use crate::sandbox::faults_world::Wired;
use crate::sandbox::world::ca_pem;
use crate::sandbox::world::certificates;
use crate::sandbox::world::hosts;

#[test]
fn latency_holds_the_answer_back_and_not_the_deed() {
    let wired = Wired::with(&[]);
    let zone = wired.zone("example.com");
    wired.arm(&["{ fault: latency, on: put-hosts, times: 1, time: 400ms }"]);
    let body = json!({"hostnames": ["www.example.com"]});
    std::thread::scope(|scope| {
        let slow = scope.spawn(|| wired.send("PUT", &hosts(&zone), &body));
        std::thread::sleep(Duration::from_millis(200));
        assert_eq!(wired.listed(&hosts(&zone)), ["www.example.com"]);
        let seen = slow.join().expect("an answer");
        assert_eq!(seen.status, 200);
        assert!(seen.took >= Duration::from_millis(400), "{seen:?}");
    });
    let quick = wired.send("PUT", &hosts(&zone), &body);
    assert!(quick.took < Duration::from_millis(400), "{quick:?}");
}

#[test]
fn what_is_held_back_goes_out_when_the_server_ends() {
    let wired = Wired::with(&["{ fault: latency, on: any, time: 1h }"]);
    std::thread::scope(|scope| {
        let (address, token) = (wired.address.clone(), wired.token.clone());
        let held = scope.spawn(move || {
            let mut stream = TcpStream::connect(&address).expect("a connection");
            let request = format!(
                "GET /client/v4/zones HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {token}\r\n\r\n"
            );
            stream.write_all(request.as_bytes()).expect("sent");
            let mut answer = String::new();
            stream.read_to_string(&mut answer).expect("an answer");
            answer
        });
        while wired.fired() != [1] {
            std::thread::sleep(Duration::from_millis(10));
        }
        let took = wired.stop();
        assert!(took < Duration::from_secs(10), "{took:?}");
        let answer = held.join().expect("an answer");
        assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
    });
}

#[test]
fn a_lock_out_is_for_every_call_of_the_token_and_ends() {
    let wired = Wired::with(&["{ fault: rate-limit, on: get-zone, times: 1, time: 2s }"]);
    let zone = format!("/zones/{}", wired.zone("example.com"));
    let first = wired.send("GET", &zone, &Value::Null);
    assert_eq!(first.status, 429, "{first:?}");
    assert!(first.head.contains("\r\nretry-after: 2"), "{first:?}");
    assert!(first.body.contains("971"), "{first:?}");
    let other = wired.send("GET", "/zones", &Value::Null);
    assert_eq!(other.status, 429);
    let (mine, theirs) = (
        wired.token.clone(),
        wired.store.mint_token(&[], TokenKind::User),
    );
    let mut wired = wired;
    wired.token = theirs.expect("a token").expose_secret().to_owned();
    assert_eq!(wired.send("GET", "/zones", &Value::Null).status, 200);
    wired.token = mine;
    std::thread::sleep(Duration::from_millis(2100));
    assert_eq!(wired.send("GET", &zone, &Value::Null).status, 200);
}

#[test]
fn failures_of_the_server_come_before_the_deed_or_after_it() {
    for (fault, status, kind, lands) in [
        (
            "{ fault: server-error, on: put-hosts, times: 1 }",
            500,
            "application/json",
            false,
        ),
        (
            "{ fault: server-error, on: put-hosts, times: 1, status: 503, lands: true }",
            503,
            "application/json",
            true,
        ),
        (
            "{ fault: html, on: put-hosts, times: 1 }",
            502,
            "text/html",
            false,
        ),
        (
            "{ fault: html, on: put-hosts, times: 1, status: 200, lands: true }",
            200,
            "text/html",
            true,
        ),
    ] {
        let wired = Wired::with(&[fault]);
        let zone = wired.zone("example.com");
        let before = wired.listed(&hosts(&zone));
        let seen = wired.send(
            "PUT",
            &hosts(&zone),
            &json!({"hostnames": ["new.example.com"]}),
        );
        assert_eq!(seen.status, status, "{fault}: {seen:?}");
        assert!(
            seen.head.contains(kind) && seen.head.contains("cf-ray: "),
            "{fault}: {seen:?}"
        );
        let is_json =
            serde_json::from_str::<Value>(&seen.body).is_ok_and(|body| body["success"] == false);
        assert_eq!(is_json, kind == "application/json", "{seen:?}");
        let expected = if lands {
            vec!["new.example.com".to_owned()]
        } else {
            before
        };
        assert_eq!(wired.listed(&hosts(&zone)), expected, "{fault}");
    }
}

#[test]
fn connections_break_before_the_deed_after_it_and_in_the_middle_of_the_answer() {
    let put = |fault: &str| {
        let wired = Wired::with(&[fault]);
        let zone = wired.zone("example.com");
        let seen = wired.send(
            "PUT",
            &hosts(&zone),
            &json!({"hostnames": ["new.example.com"]}),
        );
        let has_landed = wired.listed(&hosts(&zone)) == ["new.example.com"];
        (seen, has_landed)
    };
    let (seen, has_landed) = put("{ fault: reset, on: put-hosts, times: 1 }");
    assert!(seen.is_reset && seen.status == 0 && !has_landed, "{seen:?}");
    let (seen, has_landed) = put("{ fault: lost-reply, on: put-hosts, times: 1 }");
    assert!(
        !seen.is_reset && seen.head.is_empty() && has_landed,
        "{seen:?}"
    );
    let (seen, has_landed) = put("{ fault: half-body, on: put-hosts, times: 1 }");
    assert!(seen.status == 200 && has_landed, "{seen:?}");
    assert_eq!(seen.body.len(), seen.length / 2, "{seen:?}");
    assert!(seen.body.starts_with('{') && seen.length > 20, "{seen:?}");
}

#[test]
fn the_record_has_every_call_and_no_secret() {
    let wired = Wired::with(&[
        "{ fault: lost-reply, on: list-zones, after: 1, times: 1 }",
        "{ fault: html, on: get-zone }",
    ]);
    let zone = wired.zone("example.com");
    wired.send("GET", "/zones?per_page=5", &Value::Null);
    wired.send("GET", &format!("/zones/{zone}"), &Value::Null);
    let body = json!({"ca": true, "certificates": ca_pem("mine"), "private_key": "-----BEGIN PRIVATE KEY-----"});
    wired.send("POST", &certificates(), &body);
    // A file with certificate and key, as people have them: refused, and not written down either.
    let both = ca_pem("both") + "-----BEGIN PRIVATE KEY-----";
    let slip = json!({"ca": true, "certificates": both});
    wired.send("POST", &certificates(), &slip);
    let mut wired = wired;
    let token = std::mem::replace(&mut wired.token, "no-token-of-this-account".to_owned());
    assert_eq!(wired.send("GET", "/zones", &Value::Null).status, 401);

    let record = wired.record();
    let told: Vec<_> = record
        .iter()
        .map(|line| {
            (
                line["status"].as_u64(),
                line["delivery"].as_str().expect("a word"),
                line["faults"].as_array().expect("a list").len(),
            )
        })
        .collect();
    assert_eq!(
        told,
        [
            (Some(200), "whole", 0),
            (None, "cut", 1),
            (Some(502), "whole", 1),
            (Some(200), "whole", 0),
            (Some(400), "whole", 0),
            (Some(401), "whole", 0)
        ]
    );
    let first = &record[0];
    assert_eq!(
        (&first["format_version"], &first["method"], &first["path"]),
        (&json!(1), &json!("GET"), &json!("/client/v4/zones"))
    );
    assert_eq!(first["response"]["success"], true);
    assert!(
        first["cf_ray"]
            .as_str()
            .is_some_and(|ray| ray.ends_with("-SBX"))
    );
    assert!(first["time"].is_string() && first["duration_ms"].is_u64());
    assert_eq!(record[1]["query"], "per_page=5");
    assert_eq!(record[1]["faults"][0]["fault"]["fault"], "lost-reply");
    assert!(
        record[2]["response"]
            .as_str()
            .is_some_and(|page| page.starts_with("<!DOCTYPE html>"))
    );
    assert_eq!(record[3]["request"]["certificates"], body["certificates"]);
    assert_eq!(record[3]["request"]["private_key"], "(left out)");
    assert_eq!(record[4]["request"]["certificates"], "(left out)");
    let id = &first["token"];
    assert!(id.as_str().is_some_and(|id| id.len() == 32));
    assert_eq!(
        (&record[3]["token"], &record[5]["token"]),
        (id, &Value::Null)
    );
    let all = serde_json::to_string(&record).expect("text");
    for secret in [token.as_str(), "no-token-of-this-account", "PRIVATE KEY"] {
        assert!(!all.contains(secret), "{secret}");
    }
}
