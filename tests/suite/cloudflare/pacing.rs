//! The request budget, in simulated time.

use std::time::Duration;

use mtlsctl::cloudflare::Budget;
use mtlsctl::cloudflare::pace::Ratelimit;
use mtlsctl::resource::Issuer;
use proptest::collection::vec;
use proptest::prelude::ProptestConfig;
use proptest::prelude::prop_oneof;
use proptest::prelude::proptest;
use proptest::strategy::Just;
use proptest::strategy::Strategy;
use proptest::test_runner::RngSeed;
use serde_json::json;

use crate::cloudflare::script::Reply;
use crate::cloudflare::script::Script;
use crate::cloudflare::script::ok;
use crate::cloudflare::script::with_header;
use crate::cloudflare::script::zone;

#[test]
fn the_header_tells_what_is_left() {
    let limit = |left, seconds| {
        Some(Ratelimit {
            left,
            resets_in: Duration::from_secs(seconds),
        })
    };
    for (header, expected) in [
        ("\"default\";r=50;t=30", limit(50, 30)),
        ("default; r=0; t=300", limit(0, 300)),
        ("\"default\";t=30;r=50", limit(50, 30)),
        ("\"burst\";r=900;t=200, \"default\";r=3;t=9", limit(3, 9)),
        ("\"default\";r=50", None),
        ("\"default\";r=-1;t=30", None),
        ("", None),
        ("r=x;t=y", None),
    ] {
        assert_eq!(Ratelimit::parse(header), expected, "{header}");
    }
}

#[test]
fn what_is_left_is_spread_once_it_gets_scarce() {
    for (left, seconds, gap_ms) in [
        (1200, 300, 0),
        (60, 300, 0),
        (59, 59, 1000),
        (10, 30, 3000),
        (1, 30, 30_000),
        (0, 30, 30_000),
    ] {
        let limit = Ratelimit {
            left,
            resets_in: Duration::from_secs(seconds),
        };
        assert_eq!(limit.gap().as_millis(), gap_ms, "{limit:?}");
    }
}

#[test]
fn a_budget_that_makes_no_sense_does_no_harm() {
    let budget = |calls, burst, seconds| Budget {
        calls,
        burst,
        window: Duration::from_secs(seconds),
    };
    assert_eq!(Budget::default().interval().as_nanos(), 333_333_334);
    assert!(!budget(0, 0, 0).interval().is_zero());
    assert_eq!(budget(1, 5, 10).interval(), Duration::from_secs(10));
    assert_eq!(
        budget(2, 1, u64::MAX).interval().as_nanos(),
        u128::from(u64::MAX)
    );
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap()
}

fn good() -> Reply {
    ok(json!({ "hostnames": [] }))
}

/// Sends bursts of calls, each after a pause, and returns when each call went out.
fn run(bursts: &[(u64, usize)], replies: Vec<Reply>) -> Vec<u128> {
    let script = Script::new(replies);
    runtime().block_on(async {
        let reader = script.client().reader();
        let managed = Issuer::CloudflareManaged;
        for (pause_ms, calls) in bursts {
            tokio::time::sleep(Duration::from_millis(*pause_ms)).await;
            let zone = zone();
            let calls = (0..*calls).map(|_| reader.hosts(&zone, &managed));
            for outcome in futures::future::join_all(calls).await {
                outcome.unwrap();
            }
        }
    });
    script.times()
}

fn most_in_a_window(times: &[u128], window_ms: u128) -> usize {
    (0..times.len())
        .map(|first| {
            let end = times[first] + window_ms;
            times[first..].iter().take_while(|at| **at <= end).count()
        })
        .max()
        .unwrap_or(0)
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: 12,
        rng_seed: RngSeed::Fixed(1200),
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn no_five_minutes_see_more_than_1200_calls(
        bursts in vec(
            (prop_oneof![Just(0), 0_u64..5_000, 0_u64..400_000], prop_oneof![1_usize..5, 1_usize..700]),
            1..8,
        )
        .prop_filter("some calls", |bursts| bursts.iter().map(|(_, calls)| calls).sum::<usize>() > 0)
    ) {
        let calls = bursts.iter().map(|(_, calls)| calls).sum();
        let times = run(&bursts, std::iter::repeat_with(good).take(calls).collect());
        assert_eq!(times.len(), calls);
        assert!(most_in_a_window(&times, 300_000) <= 1200, "{bursts:?}");
    }
}

#[test]
fn a_burst_goes_out_at_once_and_the_rest_evenly() {
    let times = run(
        &[(0, 2400)],
        std::iter::repeat_with(good).take(2400).collect(),
    );
    assert_eq!(times[299], 0);
    assert!(times[300] > 300, "{}", times[300]);
    let most = most_in_a_window(&times, 300_000);
    assert!((1190..=1200).contains(&most), "{most}");
    // 2,100 calls at three per second.
    assert!((700_000..703_000).contains(&times[2399]), "{}", times[2399]);
}

#[test]
fn what_others_have_used_is_learned_from_the_answers() {
    let limited = |header| with_header(good(), "ratelimit", header);
    let plenty = "\"default\";r=600;t=200";
    // Ten calls left for 20 s, one after another, then plenty again.
    let replies = vec![
        limited("\"default\";r=10;t=20"),
        limited("\"default\";r=9;t=18"),
        limited(plenty),
        limited(plenty),
    ];
    let one_by_one = [(0, 1), (0, 1), (0, 1), (0, 1)];
    assert_eq!(run(&one_by_one, replies), [0, 2000, 4000, 4000]);
    // Nothing left: nobody is asked until the reset.
    let replies = vec![limited("\"default\";r=0;t=45"), good()];
    assert_eq!(run(&[(0, 1), (0, 1)], replies), [0, 45_000]);
    // The gap ends with the window that it was learned in.
    let replies = vec![limited("\"default\";r=1;t=20"), good(), good()];
    assert_eq!(run(&[(0, 1), (0, 1), (0, 1)], replies), [0, 20_000, 20_000]);
}
