//! `apply --verify` and `--verify-each-wave`: the hosts during and after a run, on a right edge and on wrong ones.

use std::net::SocketAddr;

use serde_json::Value;

use crate::cli::schema::fits;
use crate::cli::schema::json;
use crate::cli::served::Served;
use crate::support::golden::golden;
use crate::support::project::Ran;
use crate::support::tls::Answers;
use crate::support::tls::Manner;
use crate::support::tls::Server;
use crate::verify::shop::HOST;
use crate::verify::shop::Shop;
use crate::verify::shop::told;

/// A CA may leave at once, so that one run is a whole rotation.
const TESTS: &str = "\
guards: { min_overlap: 0d }
tests:
  - { host: api.example.com, certificate: none, path: /healthz, expect: pass }
  - { host: api.example.com, certificate: none, expect: block }
";

/// A shop with its account and edge.
struct World {
    shop: Shop,
    served: Served,
}

impl World {
    fn start(edge: &str) -> Self {
        let mut shop = Shop::new(TESTS);
        let arguments = format!("--edge 127.0.0.1:0 --edge-seed 7 {edge}");
        let served = Served::start(&shop.project, &arguments);
        shop.project = served.environment(shop.project);
        let file = shop.project.read("mtls.yaml");
        let file = file.replace("9a7806061c88ada191ed06f989cc3dac", &served.account);
        shop.project.write("mtls.yaml", file);
        Self { shop, served }
    }

    /// The host gets the other CA, and loses its own.
    fn rotate(&self) {
        let file = self.shop.project.read("mtls.yaml");
        let rotated = file.replace("cas: [fleet], hosts", "cas: [partner], hosts");
        assert_ne!(rotated, file);
        self.shop.project.write("mtls.yaml", rotated);
    }

    /// Applies without looking.
    fn apply(&self) {
        let _ = self.shop.project.run("apply --yes --settle 0s").ends(0);
    }

    /// Applies, and looks at the edge that belongs to the account.
    #[track_caller]
    fn verified(&self, more: &str) -> Ran {
        let edge = self.served.edge.as_ref().expect("an edge");
        self.looked(&edge.ca, edge.at, more)
    }

    /// Applies, and looks at another server.
    #[track_caller]
    fn elsewhere(&self, server: &Server, more: &str) -> Ran {
        self.looked("web.pem", server.at, more)
    }

    #[track_caller]
    fn looked(&self, ca: &str, at: SocketAddr, more: &str) -> Ran {
        let ran = self.shop.project.run(&format!(
            "apply --yes --journal j --cacert {ca} --resolve {HOST}:{at} --timeout 5s \
             --client fleet=fleet-client.pem,fleet-client.key \
             --client partner=partner-client.pem,partner-client.key {more}"
        ));
        self.hides_keys(&ran);
        ran
    }

    /// Nothing of the keys shows, nor in the journal.
    #[track_caller]
    fn hides_keys(&self, ran: &Ran) {
        let project = &self.shop.project;
        let journal = std::fs::read_to_string(project.path("j")).unwrap_or_default();
        let text = ran.transcript() + &journal;
        for key in ["fleet-client.key", "partner-client.key"] {
            let key = project.read(key);
            let lines = key.lines().filter(|line| !line.starts_with("-----"));
            for secret in lines {
                assert!(!text.contains(secret), "{text}");
            }
        }
    }

    /// What the journal tells of the looks: after which wave, and how many mismatches.
    fn looks(&self) -> Vec<(Option<u64>, bool)> {
        let journal = self.shop.project.read("j");
        let lines = journal
            .lines()
            .map(|line| serde_json::from_str::<Value>(line).expect("an object a line"));
        lines
            .filter(|line| line["event"] == "verified")
            .map(|line| {
                let mismatched = line["mismatched"].as_u64().expect("a number");
                assert!(line["as_expected"].is_u64() && line["not_run"].is_u64());
                (line["wave"].as_u64(), mismatched == 0)
            })
            .collect()
    }
}

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
    let document = json(&ran.stdout);
    fits("outcome", &document);
    assert_eq!(document["outcome"], Value::Null);
    assert_eq!(document["verify"]["as_expected"], true);
    assert_eq!(document["verify"]["hosts"][0]["host"], HOST);

    let ran = world.shop.project.run("apply --yes --format json").ends(0);
    assert_eq!(json(&ran.stdout)["verify"], Value::Null);
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
    let document = json(&ran.stdout);
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
