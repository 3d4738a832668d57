//! Zones, tokens and routes (API reference, sections 5 and 6).

use bytes::Bytes;
use http::Request;
use jiff::SignedDuration;
use mtlsctl::sandbox::ACCOUNT_ID;
use mtlsctl::sandbox::Token;
use mtlsctl::sandbox::TokenKind;
use mtlsctl::sandbox::ZoneFacts;
use mtlsctl::sandbox::ZonePlan;
use mtlsctl::sandbox::ZoneStatus;
use mtlsctl::sandbox::respond;
use serde_json::Value;
use serde_json::json;

use crate::sandbox::world::Refused;
use crate::sandbox::world::Reply;
use crate::sandbox::world::World;
use crate::sandbox::world::certificate;
use crate::sandbox::world::entry_point;
use crate::sandbox::world::hosts;

fn names(zones: &Value) -> Vec<&str> {
    zones
        .as_array()
        .expect("a list")
        .iter()
        .map(|zone| zone["name"].as_str().expect("a name"))
        .collect()
}

#[test]
fn zones_come_in_pages() {
    let many: Vec<String> = (0..23)
        .map(|number| format!("z{number:02}.example"))
        .collect();
    let mut world = World::with_zones(&many.iter().map(String::as_str).collect::<Vec<_>>());

    let first = world.send("GET", "/zones", None);
    assert_eq!(names(&first.body["result"]).len(), 20);
    assert_eq!(
        first.body["result_info"],
        json!({"page": 1, "per_page": 20, "count": 20, "total_count": 23, "total_pages": 2})
    );
    let last = world.send("GET", "/zones?page=5&per_page=5", None);
    assert_eq!(
        names(&last.body["result"]),
        ["z20.example", "z21.example", "z22.example"]
    );
    assert_eq!(last.body["result_info"]["total_pages"], 5);
    let beyond = world.send("GET", "/zones?page=99", None);
    assert_eq!(beyond.body["result"], json!([]));
    assert_eq!(beyond.body["result_info"]["count"], 0);
}

#[test]
fn zones_are_filtered_and_sorted() {
    let mut world = World::new();
    let mut add = |name: &str, status, paused| {
        let facts = ZoneFacts {
            status,
            paused,
            plan: ZonePlan::Free,
            ..ZoneFacts::enterprise(name, world.now)
        };
        world.account.add_zone(facts);
    };
    add("pending.example", ZoneStatus::Pending, false);
    add("paused.example", ZoneStatus::Active, true);

    for (query, expected) in [
        ("name=example.com", vec!["example.com"]),
        ("name=EXAMPLE.com", vec!["example.com"]),
        (
            "name=ends_with:.example",
            vec!["paused.example", "pending.example"],
        ),
        (
            "name=not_equal:example.com&status=active",
            vec!["example.net", "paused.example"],
        ),
        ("name=contains_case_sensitive:PAUSED", vec![]),
        (
            "name=example.com&status=pending&match=any",
            vec!["example.com", "pending.example"],
        ),
        ("status=pending", vec!["pending.example"]),
        ("status=moved", vec![]),
        ("type=partial,secondary", vec![]),
        ("account.id=00000000000000000000000000000000", vec![]),
        (
            "order=status&direction=desc",
            vec![
                "pending.example",
                "paused.example",
                "example.net",
                "example.com",
            ],
        ),
    ] {
        assert_eq!(
            names(&world.get(&format!("/zones?{query}"))),
            expected,
            "{query}"
        );
    }
    let own = world.get(&format!("/zones?account.id={ACCOUNT_ID}&per_page=50"));
    assert_eq!(names(&own).len(), 4);
    let paused = world.get("/zones?name=paused.example")[0].clone();
    assert_eq!(paused["paused"], true);
    assert_eq!(paused["plan"]["legacy_id"], "free");
    assert_eq!(
        paused["account"],
        json!({"id": ACCOUNT_ID, "name": "Example Corp"})
    );
    let id = paused["id"].as_str().expect("an id").to_owned();
    assert_eq!(world.get(&format!("/zones/{id}")), paused);
}

#[test]
fn what_is_out_of_range_or_unknown_is_refused() {
    let mut world = World::new();
    let zone = world.zone("example.com");
    let unknown = "0123456789abcdef0123456789abcdef";
    #[rustfmt::skip]
    let rows: Vec<Refused<'_>> = vec![
        ("GET", "/zones?per_page=4".into(), None, 400, 9999, "per_page must be a number from 5 to 50, got \"4\""),
        ("GET", "/zones?per_page=51".into(), None, 400, 9999, "per_page"),
        ("GET", "/zones?page=0".into(), None, 400, 9999, "page must be a number from 1 on"),
        ("GET", "/zones?page=x".into(), None, 400, 9999, "page"),
        ("GET", "/zones?status=sleeping".into(), None, 400, 9999, "status must be one of"),
        ("GET", "/zones?order=age".into(), None, 400, 9999, "order"),
        ("POST", "/zones".into(), Some(json!({})), 405, 7001, "Method POST not available for that URI."),
        ("GET", format!("/zones/{unknown}"), None, 404, 7003, "Could not route to /client/v4/zones/0123"),
        ("GET", "/zones/example.com".into(), None, 404, 7003, "perhaps your object identifier is invalid?"),
        ("GET", format!("/zones/{}", zone.to_uppercase()), None, 404, 7003, "Could not route"),
        ("GET", format!("/zones/{zone}/firewall/rules"), None, 404, 7003, "Could not route"),
        ("GET", entry_point(unknown), None, 404, 7003, "Could not route"),
        ("GET", hosts(unknown), None, 404, 7003, "Could not route"),
        ("DELETE", hosts(&zone), None, 405, 7001, "Method DELETE"),
        ("POST", entry_point(&zone), None, 405, 7001, "Method POST"),
        ("PATCH", certificate("x"), Some(json!({})), 405, 7001, "Method PATCH"),
        ("PUT", certificate("x"), Some(json!({})), 405, 7001, "Method PUT"),
        ("GET", "/accounts/me/mtls_certificates".into(), None, 404, 7003, "Could not route"),
        ("GET", format!("/accounts/{unknown}/mtls_certificates"), None, 403, 10000, "Authentication error"),
        ("GET", "/nothing".into(), None, 404, 7003, "Could not route"),
    ];
    world.all_refused(rows);
    let reply = world.send("GET", "/nothing", None);
    assert_eq!(
        reply.body["errors"][1],
        json!({"code": 7000, "message": "No route for that URI"})
    );
}

fn with_header(world: &mut World, path: &str, header: Option<&str>) -> Reply {
    let mut request = Request::builder().uri(format!("/client/v4{path}"));
    if let Some(header) = header {
        request = request.header("authorization", header);
    }
    let request = request.body(Bytes::new()).expect("a request");
    Reply::decode(respond(
        &mut world.account,
        &mut world.limiter,
        &request,
        world.now,
    ))
}

#[test]
fn without_a_good_token_nothing_is_answered() {
    let mut world = World::new();
    for (header, status, code, words) in [
        (None, 401, 10000, "Authentication error"),
        (
            Some("Bearer not-a-token-of-this-account"),
            401,
            10000,
            "Authentication error",
        ),
        (Some("Bearer "), 400, 6003, "Invalid request headers"),
        (
            Some("Bearer two words"),
            400,
            6003,
            "Invalid request headers",
        ),
        (
            Some("Basic dXNlcjpwYXNz"),
            400,
            6003,
            "Invalid request headers",
        ),
    ] {
        let reply = with_header(&mut world, "/zones", header);
        reply.is_refused(status, code, words, &format!("{header:?}"));
    }
    let malformed = with_header(&mut world, "/zones", Some("Bearer"));
    assert_eq!(
        malformed.body["errors"][0]["error_chain"],
        json!([{"code": 6111, "message": "Invalid format for Authorization header"}])
    );
    let unknown = with_header(&mut world, "/user/tokens/verify", Some("Bearer unknown"));
    unknown.is_refused(401, 1000, "Invalid API Token", "verify");
}

#[test]
fn each_kind_of_token_is_verified_on_its_own_path() {
    let mut world = World::new();
    let user = "/user/tokens/verify".to_owned();
    let account = format!("/accounts/{ACCOUNT_ID}/tokens/verify");
    let reply = world.send("GET", &user, None);
    assert_eq!(
        reply.body["messages"][0]["message"],
        "This API Token is valid and active"
    );
    assert_eq!(reply.body["result"]["status"], "active");
    world.all_refused([("GET", account.clone(), None, 401, 1000, "Invalid API Token")]);

    world.secret = "owned-by-the-account".into();
    let id = world
        .account
        .add_token("owned-by-the-account", Token::full(TokenKind::Account));
    assert_eq!(world.get(&account), json!({"id": id, "status": "active"}));
    world.all_refused([("GET", user, None, 401, 1000, "Invalid API Token")]);
}

#[test]
fn an_inactive_token_verifies_as_such_and_does_nothing_else() {
    let mut world = World::new();
    let ends = world.now + SignedDuration::from_secs(60);
    world.account.add_token(
        "switched-off",
        Token {
            disabled: true,
            ..Token::full(TokenKind::User)
        },
    );
    world.account.add_token(
        "short-lived",
        Token {
            expires_on: Some(ends),
            ..Token::full(TokenKind::User)
        },
    );

    world.secret = "short-lived".into();
    assert_eq!(world.get("/user/tokens/verify")["status"], "active");
    assert_eq!(names(&world.get("/zones")).len(), 2);
    world.wait(60);
    for (secret, status) in [("short-lived", "expired"), ("switched-off", "disabled")] {
        world.secret = secret.into();
        assert_eq!(world.get("/user/tokens/verify")["status"], status);
        world.all_refused([(
            "GET",
            "/zones".into(),
            None,
            401,
            10000,
            "Authentication error",
        )]);
    }
}
