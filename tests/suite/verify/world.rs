//! A shop whose account is served, with its edge, and runs of `apply` that look at the hosts.

use std::net::SocketAddr;

use serde_json::Value;

use crate::cli::served::Served;
use crate::support::project::Ran;
use crate::support::tls::Server;
use crate::verify::keys::hides;
use crate::verify::keys::secrets;
use crate::verify::shop::HOST;
use crate::verify::shop::Shop;

/// A CA may leave at once, so that one run is a whole rotation.
const TESTS: &str = "\
guards: { min_overlap: 0d }
tests:
  - { host: api.example.com, certificate: none, path: /healthz, expect: pass }
  - { host: api.example.com, certificate: none, expect: block }
";

/// A shop with its account and edge.
pub(super) struct World {
    pub(super) shop: Shop,
    pub(super) served: Served,
}

impl World {
    pub(super) fn start(edge: &str) -> Self {
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
    pub(super) fn rotate(&self) {
        let file = self.shop.project.read("mtls.yaml");
        let rotated = file.replace("cas: [fleet], hosts", "cas: [partner], hosts");
        assert_ne!(rotated, file);
        self.shop.project.write("mtls.yaml", rotated);
    }

    /// Applies without looking.
    pub(super) fn apply(&self) {
        let _ = self.shop.project.run("apply --yes --settle 0s").ends(0);
    }

    /// Applies, and looks at the edge that belongs to the account.
    #[track_caller]
    pub(super) fn verified(&self, more: &str) -> Ran {
        let edge = self.served.edge.as_ref().expect("an edge");
        self.looked(&edge.ca, edge.at, more)
    }

    /// Applies, and looks at another server.
    #[track_caller]
    pub(super) fn elsewhere(&self, server: &Server, more: &str) -> Ran {
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
            hides(&text, &secrets(&project.read(key)));
        }
    }

    /// What the journal tells of the looks: after which wave, and how many mismatches.
    pub(super) fn looks(&self) -> Vec<(Option<u64>, bool)> {
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
