//! `apply --verify` and `--verify-each-wave`: the hosts during and after a run, on a right edge and on wrong ones.

use serde_json::Value;
use serde_json::json;

use crate::cli::schema::fits;
use crate::cli::schema::json as parsed;
use crate::support::dashboard::outside;
use crate::support::golden::golden;
use crate::support::tls::Answers;
use crate::support::tls::Manner;
use crate::support::tls::Server;
use crate::verify::shop::HOST;
use crate::verify::shop::Shop;
use crate::verify::shop::told;
use crate::verify::world::World;

/// A server that lets everybody in.
fn open_to_all(shop: &Shop) -> Server {
    Shop::serve(&Manner {
        answers: Answers::Always(200),
        ..shop.right()
    })
}

#[test]
fn on_a_right_edge_a_run_ends_well_and_an_empty_plan_is_looked_at_too() {
    let world = World::start("--edge-lag 1s");
    let ran = world.verified("--verify --settle 1500ms").ends(0);
    assert!(ran.stdout.contains("Applied: "), "{}", ran.transcript());
    assert!(
        ran.stdout.contains(", 0 mismatches,"),
        "{}",
        ran.transcript()
    );
    assert_eq!(world.looks(), [(None, true)]);

    let ran = world.verified("--verify --format json").ends(0);
    let document = parsed(&ran.stdout);
    fits("outcome", &document);
    assert_eq!(document["outcome"], Value::Null);
    assert_eq!(document["verify"]["as_expected"], true);
    let host = &document["verify"]["hosts"][0];
    assert_eq!(host["host"], HOST);
    assert_eq!(host["checks"][0]["cloudflare"], true);

    let ran = world.shop.project.run("apply --yes --format json").ends(0);
    assert_eq!(parsed(&ran.stdout)["verify"], Value::Null);
}

#[test]
fn a_rotation_is_looked_at_after_every_wave_under_either_reading() {
    for reading in ["per-host", "account-wide"] {
        let world = World::start(&format!("--edge-lag 1s --reading {reading}"));
        world.apply();
        world.rotate();
        let ran = world.verified("--verify-each-wave --settle 1500ms").ends(0);
        assert!(
            ran.stdout.contains(", 0 mismatches,"),
            "{}",
            ran.transcript()
        );
        let looks = [(Some(1), true), (Some(2), true), (None, true)];
        assert_eq!(world.looks(), looks);
    }
}

#[test]
fn a_wrong_edge_stops_a_rotation_before_the_next_wave() {
    let world = World::start("");
    world.apply();
    world.rotate();
    let server = open_to_all(&world.shop);
    let before = world.shop.project.read("account/sandbox.json");
    let ran = world
        .elsewhere(&server, "--verify-each-wave --settle 1s")
        .ends(5);
    let transcript = told(&ran, server.at);
    let (_plan, rest) = transcript.split_once("\n\nStopped").expect("a report");
    golden("verify/golden/apply_stopped.txt", &format!("Stopped{rest}"));
    assert_eq!(world.looks(), [(Some(1), false)]);
    let journal = world.shop.project.read("j");
    let last = journal.lines().last().expect("a line");
    assert!(last.contains("\"result\":\"mismatch\""), "{last}");
    // The first wave was written, and nothing of the next.
    assert_ne!(world.shop.project.read("account/sandbox.json"), before);
    assert_eq!(journal.matches("wave_started").count(), 1, "{journal}");

    // The right edge lets it go on.
    let _ = world.verified("--verify-each-wave --settle 1s").ends(0);
}

#[test]
fn a_wrong_edge_is_told_after_a_run_in_every_format() {
    let world = World::start("");
    let server = open_to_all(&world.shop);
    let ran = world.elsewhere(&server, "--verify --settle 0s").ends(5);
    let said = "the plan was applied, but api.example.com does not do what it should";
    ran.says(said).says(
        "run `mtlsctl apply --verify` again: where nothing is left to change it only verifies",
    );
    assert!(
        ran.stdout.contains("[passes-everyone]"),
        "{}",
        ran.transcript()
    );

    let found = "nothing had to be changed, but api.example.com does not do what it should";
    let ran = world.elsewhere(&server, "--verify").ends(2);
    ran.says(found);
    let ran = world.elsewhere(&server, "--verify --format json").ends(2);
    let document = parsed(&ran.stdout);
    fits("outcome", &document);
    assert_eq!(document["exit_code"], 2);
    assert_eq!(document["error"], found);
    let finding = &document["verify"]["hosts"][0]["findings"][0];
    assert_eq!(finding["id"], "passes-everyone");
    let ran = world
        .elsewhere(&server, "--verify --format markdown")
        .ends(2);
    assert!(
        ran.stdout.contains("**Hosts, seen from outside:** 1 host:"),
        "{}",
        ran.transcript()
    );
    let ran = world.elsewhere(&server, "--verify --format github").ends(2);
    assert!(
        ran.stdout.contains("::error title=Hosts::api.example.com"),
        "{}",
        ran.transcript()
    );
}

#[test]
fn what_somebody_changed_meanwhile_is_told_beside_a_mismatch() {
    let world = World::start("");
    let theirs = "$MTLSCTL sandbox fault add foreign-writer --dir account --on put-hosts --times 1 \
                  --moment after-write --change add-rule --rule Theirs --action block --expression \
                  '(lower(http.host) eq \"api.example.com\" and http.request.uri.path eq \"/\")'";
    let _ = world.shop.project.shell(theirs).ends(0);
    let ran = world.verified("--verify --settle 0s").ends(5);
    ran.says("the plan was applied, but api.example.com does not do what it should").says(
        "somebody changed rules of example.com while the plan ran, and what is expected leaves that out",
    );
    // The account as it is by now explains it.
    let ran = world.verified("--verify --settle 0s");
    let ran = ran.ends(0);
    assert!(ran.stdout.contains("block (403)"), "{}", ran.transcript());
}

#[test]
fn rules_that_are_there_already_block_with_their_own_statuses() {
    let world = World::start("");
    world.apply();
    let theirs = json!({
        "action": "block", "description": "Theirs", "expression": "(http.request.uri.path eq \"/\")",
        "action_parameters": { "response": {
            "status_code": 451, "content": "no", "content_type": "text/plain",
        } },
    });
    outside(&world.shop.project, |desk| {
        desk.add_rule("example.com", &theirs);
        desk.move_rule("example.com", "Theirs", &json!({ "index": 1 }));
    });
    let ran = world.verified("--verify").ends(0);
    assert!(ran.stdout.contains("block (451)"), "{}", ran.transcript());
}

#[test]
fn what_cannot_be_looked_at_ends_it_before_anything_is_written() {
    let world = World::start("");
    let before = world.shop.project.read("account/sandbox.json");
    for (arguments, words) in [
        ("--cacert web.pem", "--verify"),
        ("--path /v1", "--verify-each-wave"),
        (
            "--verify --client a=gone.pem,fleet-client.key",
            "gone.pem cannot be read",
        ),
        ("--verify --cacert gone.pem", "gone.pem cannot be read"),
        (
            "--verify-each-wave --client partner=fleet-client.pem,fleet-client.key",
            "was not issued by a certificate of `partner`",
        ),
        (
            "--verify --sandbox=account",
            "`--verify` with --sandbox does not look names up, and api.example.com has no --resolve",
        ),
        (
            "--verify --resolve www.example.com:127.0.0.1:1",
            "this host is not among those that are connected to",
        ),
    ] {
        let ran = world.shop.project.run(&format!("apply --yes {arguments}"));
        let ran = ran.ends(1);
        let _ = ran.says(words);
        assert_eq!(world.shop.project.read("account/sandbox.json"), before);
    }
}
