//! Rate limit and headers (API reference, section 6).

use jiff::SignedDuration;
use mtlsctl::sandbox::RateLimiter;
use mtlsctl::sandbox::Token;
use mtlsctl::sandbox::TokenKind;

use crate::sandbox::world::World;

#[test]
fn every_answer_says_what_is_left() {
    let mut world = World::new();
    world.limiter = RateLimiter::default();
    let first = world.send("GET", "/zones", None);
    assert_eq!(first.header("ratelimit"), "\"default\";r=1199;t=300");
    assert_eq!(first.header("ratelimit-policy"), "\"burst\";q=1200;w=300");
    assert_eq!(first.header("content-type"), "application/json");
    assert_eq!(first.header("retry-after"), "");

    world.wait(60);
    let second = world.send("GET", "/nothing", None);
    assert_eq!(second.header("ratelimit"), "\"default\";r=1198;t=240");
    world.wait(240);
    let fresh = world.send("GET", "/zones", None);
    assert_eq!(
        fresh.header("ratelimit"),
        "\"default\";r=1199;t=300",
        "a new window"
    );
}

#[test]
fn too_many_calls_lock_the_token_out() {
    let mut world = World::new();
    world.limiter = RateLimiter::new(3, SignedDuration::from_mins(5));
    world
        .account
        .add_token("another-token", Token::full(TokenKind::User));
    world.wait(100);
    for left in ["2", "1", "0"] {
        let reply = world.send("GET", "/zones", None);
        assert_eq!(reply.status, 200);
        assert!(
            reply.header("ratelimit").contains(&format!("r={left};")),
            "{}",
            reply.header("ratelimit")
        );
    }
    world.wait(200);
    let words = "Please wait and consider throttling your request speed";
    for (seconds, retry_after) in [(0, "300"), (100, "200"), (199, "1")] {
        world.wait(seconds);
        let reply = world.send("GET", "/zones", None);
        reply.is_refused(429, 971, words, "locked out");
        assert_eq!(reply.header("retry-after"), retry_after);
        assert!(!reply.header("cf-ray").is_empty());
    }
    world.secret = "another-token".into();
    assert_eq!(
        world.send("GET", "/zones", None).status,
        200,
        "each token has its own budget"
    );
    world.secret = crate::sandbox::world::SECRET.into();
    world.wait(1);
    assert_eq!(world.send("GET", "/zones", None).status, 200);
}

#[test]
fn calls_without_a_known_token_share_one_budget() {
    let mut world = World::new();
    world.limiter = RateLimiter::new(1, SignedDuration::from_mins(5));
    for (secret, status) in [("unknown-1", 401), ("unknown-2", 429)] {
        world.secret = secret.into();
        assert_eq!(world.send("GET", "/zones", None).status, status);
    }
}

#[test]
fn the_ray_tells_calls_apart_and_is_no_accident() {
    let mut world = World::new();
    let ray =
        |world: &mut World, path: &str| world.send("GET", path, None).header("cf-ray").to_owned();
    let first = ray(&mut world, "/zones");
    assert_eq!(first.len(), 20);
    assert!(first.ends_with("-SBX"));
    assert_eq!(ray(&mut world, "/zones"), first, "same call, same moment");
    assert_ne!(ray(&mut world, "/zones?page=1"), first);
    world.wait(1);
    assert_ne!(ray(&mut world, "/zones"), first);
}
