//! What is sent again, after how long, and when we give up.

use std::time::Duration;

use mtlsctl::cloudflare::Retry;
use mtlsctl::resource::Issuer;
use serde_json::json;

use crate::cloudflare::capture::capture;
use crate::cloudflare::script::HTML;
use crate::cloudflare::script::Script;
use crate::cloudflare::script::broken;
use crate::cloudflare::script::ok;
use crate::cloudflare::script::refused;
use crate::cloudflare::script::seconds;
use crate::cloudflare::script::text;
use crate::cloudflare::script::timed_out;
use crate::cloudflare::script::unreachable;
use crate::cloudflare::script::with_header;
use crate::cloudflare::script::zone;

fn plain() -> Retry {
    Retry {
        jitter: false,
        ..Retry::default()
    }
}

#[test]
fn waits_double_up_to_the_cap_and_end_with_the_attempts() {
    let retry = Retry {
        attempts: 8,
        ..plain()
    };
    let waits: Vec<_> = (1..=8)
        .map(|sent| {
            retry
                .delay(sent, Duration::ZERO, None)
                .map(|wait| wait.as_millis())
        })
        .collect();
    let expected = [500, 1000, 2000, 4000, 8000, 16000, 20000].map(Some);
    assert_eq!(waits[..7], expected);
    assert_eq!(waits[7], None);
}

#[test]
fn jitter_lengthens_a_wait_by_at_most_itself() {
    let retry = Retry::default();
    let waits: Vec<_> = (0..200)
        .map(|_| retry.delay(2, Duration::ZERO, None).unwrap())
        .collect();
    assert!(
        waits
            .iter()
            .all(|wait| (1000..=2000).contains(&wait.as_millis()))
    );
    assert!(waits.iter().any(|wait| *wait != waits[0]));
}

#[test]
fn the_servers_wish_wins_as_long_as_it_fits_the_deadline() {
    let retry = plain();
    assert_eq!(
        retry.delay(1, Duration::ZERO, Some(seconds(300))),
        Some(seconds(300))
    );
    assert_eq!(
        retry.delay(1, seconds(119), Some(seconds(300))),
        Some(seconds(300))
    );
    assert_eq!(retry.delay(1, seconds(121), Some(seconds(300))), None);
    assert_eq!(retry.delay(1, Duration::ZERO, Some(seconds(3600))), None);
    assert_eq!(
        retry.delay(1, Duration::ZERO, Some(Duration::ZERO)),
        Some(Duration::ZERO)
    );
    assert_eq!(retry.delay(1, Duration::MAX, None), None);
}

async fn hosts(script: &Script) -> Result<usize, String> {
    let managed = Issuer::CloudflareManaged;
    let hosts = script.client().reader().hosts(&zone(), &managed).await;
    hosts
        .map(|hosts| hosts.0.len())
        .map_err(|error| error.to_string())
}

#[tokio::test(start_paused = true)]
async fn a_read_is_sent_again_after_whatever_may_pass() {
    let good = || ok(json!({ "hostnames": ["a.example.com"] }));
    for bad in [
        unreachable(),
        timed_out(),
        broken(),
        refused(408, 1, "slow"),
        refused(429, 971, "wait"),
        refused(500, 1, "oops"),
        text(502, HTML),
        text(503, ""),
        text(200, r#"{"success":true,"result":{"host"#),
    ] {
        let words = format!("{bad:?}");
        let script = Script::new([bad.clone(), bad, good()]);
        assert_eq!(hosts(&script).await, Ok(1), "{words}");
        assert_eq!(script.times(), [0, 500, 1500], "{words}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_cannot_pass_is_sent_once() {
    for bad in [
        refused(400, 1, "no"),
        refused(403, 10000, "Authentication error"),
        refused(404, 7003, "Could not route"),
        text(200, HTML),
        text(302, ""),
        ok(json!(null)),
        ok(json!({ "hostnames": 5 })),
    ] {
        let words = format!("{bad:?}");
        let script = Script::new([bad]);
        assert!(hosts(&script).await.is_err(), "{words}");
        assert_eq!(script.sent().len(), 1, "{words}");
    }
}

#[tokio::test(start_paused = true)]
async fn patience_ends() {
    let script = Script::new(std::iter::repeat_with(broken).take(9));
    let words = hosts(&script).await.unwrap_err();
    assert!(
        words.ends_with("broke: connection reset by peer"),
        "{words}"
    );
    assert_eq!(script.times(), [0, 500, 1500, 3500, 7500]);
}

#[tokio::test(start_paused = true)]
async fn a_lockout_of_five_minutes_is_sat_out() {
    let locked = || with_header(refused(429, 971, "wait"), "retry-after", "300");
    let script = Script::new([locked(), ok(json!({ "hostnames": [] }))]);
    assert_eq!(hosts(&script).await, Ok(0));
    assert_eq!(script.times(), [0, 300_000]);

    let script = Script::new([locked(), locked()]);
    let words = hosts(&script).await.unwrap_err();
    assert!(
        words.ends_with("the token's request budget is spent, come back in 300 s"),
        "{words}"
    );
    assert_eq!(script.times(), [0, 300_000]);
}

#[tokio::test(start_paused = true)]
async fn a_lockout_that_is_too_long_ends_every_call_at_once() {
    let locked = with_header(refused(429, 971, "wait"), "retry-after", "3600");
    let script = Script::new([locked]);
    let client = script.client();
    let managed = Issuer::CloudflareManaged;
    let error = client.reader().hosts(&zone(), &managed).await.unwrap_err();
    assert!(
        error.to_string().ends_with("come back in 3600 s"),
        "{error}"
    );
    tokio::time::sleep(seconds(100)).await;
    let error = client.reader().hosts(&zone(), &managed).await.unwrap_err();
    assert!(
        error.to_string().ends_with(
            "not sent; Cloudflare refuses every call of this token for another 3500 s, come back then"
        ),
        "{error}"
    );
    assert_eq!(client.calls(), 1);
}

#[tokio::test(start_paused = true)]
async fn one_lockout_holds_for_all_clones_of_a_client() {
    let locked = with_header(refused(429, 971, "wait"), "retry-after", "60");
    let good = || ok(json!({ "hostnames": [] }));
    let script = Script::new([locked, good(), good(), good()]);
    let client = script.client();
    let managed = Issuer::CloudflareManaged;
    let (one, two) = (client.reader(), client.clone().reader());
    let zone = zone();
    let (captured, _guard) = capture(tracing::Level::WARN);
    let calls = futures::future::join3(
        one.hosts(&zone, &managed),
        async {
            tokio::time::sleep(seconds(1)).await;
            two.hosts(&zone, &managed).await
        },
        async {
            tokio::time::sleep(seconds(2)).await;
            two.hosts(&zone, &managed).await
        },
    )
    .await;
    assert!(calls.0.is_ok() && calls.1.is_ok() && calls.2.is_ok());
    assert_eq!(script.times(), [0, 60_000, 60_000, 60_000]);
    assert_eq!(client.calls(), 4);
    // Told once, not once for each that waits.
    let told = captured.text();
    assert_eq!(
        told.matches("budget is spent, waiting").count(),
        1,
        "{told}"
    );
    assert_eq!(told.lines().count(), 1, "{told}");
}

#[tokio::test(start_paused = true)]
async fn long_waits_are_told_and_short_ones_are_not() {
    let (captured, _guard) = capture(tracing::Level::WARN);
    let busy = || refused(503, 1, "overloaded");
    let good = ok(json!({ "hostnames": [] }));
    let script = Script::new([busy(), with_header(busy(), "retry-after", "30"), good]);
    assert_eq!(hosts(&script).await, Ok(0));
    assert_eq!(script.times(), [0, 500, 30_500]);
    let told = captured.text();
    assert_eq!(told.lines().count(), 1, "{told}");
    assert!(
        told.contains("Waiting before the next attempt") && told.contains("30000"),
        "{told}"
    );
}
