//! Asking the model in a few words.

use mtlsctl::edge::Client;
use mtlsctl::edge::Model;
use mtlsctl::edge::Path;
use mtlsctl::edge::Presented;
use mtlsctl::edge::Reading;
use mtlsctl::edge::State;
use mtlsctl::edge::Verdict;
use mtlsctl::edge::clients;
use mtlsctl::edge::presented;
use mtlsctl::expression::Request;
use mtlsctl::resource::Hostname;
use mtlsctl::resource::ZoneName;

use crate::support::scenario::Scenario;

pub(super) const ZONE: &str = "example.com";
pub(super) const HOST: &str = "api.example.com";

/// An account with nothing in it but what a test puts there.
pub(super) fn nothing() -> Scenario {
    Scenario::new("owner: team\ncas: []\nhostnames: []\nrules: []\n")
}

/// An account as the edge sees it.
pub(super) struct Edge {
    pub(super) state: State,
}

impl Edge {
    pub(super) fn of(world: &Scenario) -> Self {
        let at = "2026-06-01T12:00:00Z".parse().expect("a moment");
        Self {
            state: world.account().state(at),
        }
    }

    /// The client of a name: `none`, `stranger`, `managed`, `revoked`, the name of a CA, or `below` and the
    /// name of a CA.
    pub(super) fn client(&self, name: &str) -> Client {
        let is_meant = |client: &Client| match (client, name) {
            (Client::None, "none") | (Client::Stranger, "stranger") => true,
            (Client::Managed { revoked, .. }, "managed" | "revoked") => {
                *revoked == (name == "revoked")
            }
            (Client::Issued(issued), _) => match issued.path {
                Path::Direct => issued.issuer == name,
                Path::Subordinate => format!("below {}", issued.issuer) == name,
            },
            _ => false,
        };
        let found = clients([&self.state]).into_iter().find(is_meant);
        found.unwrap_or_else(|| panic!("no client {name}"))
    }

    /// What is fixed of a request.
    pub(super) fn presented(&self, host: &str, client: &str, reading: Reading) -> Presented {
        let zone = ZoneName::parse(ZONE).expect("a zone");
        let name = Hostname::parse(host).expect("a host");
        let authorities = self.state.zones[&zone].hosts.get(&name);
        let asks = self.state.asks(&authorities.cloned().unwrap_or_default());
        presented(&zone, host, &self.client(client), &asks, reading)
    }

    /// What becomes of a client's requests, in words: one verdict, or each with an example.
    pub(super) fn verdict(&self, host: &str, client: &str, reading: Reading) -> String {
        let rules = &self.state.zones[&ZoneName::parse(ZONE).expect("a zone")].rules;
        let request = self.presented(host, client, reading);
        let fixed = Request::default().with("http.host", host);
        let mut model = Model::over(rules.as_slice(), &request.also, &fixed);
        let course = match model.course(rules, &request) {
            Ok(course) => course,
            Err(bound) => return bound.to_string(),
        };
        let witness = |verdict: Verdict| {
            let guard = model
                .witness(course.with(verdict))
                .expect("a small question")?;
            Some((verdict.word(), guard))
        };
        let found: Vec<_> = Verdict::ALL.into_iter().filter_map(witness).collect();
        match found.as_slice() {
            [(only, _)] => (*only).to_owned(),
            several => {
                let several = several
                    .iter()
                    .map(|(verdict, guard)| format!("{verdict} where {guard}"));
                several.collect::<Vec<_>>().join("; ")
            }
        }
    }

    /// The verdict, under both readings; one after the other where they differ.
    pub(super) fn on(&self, host: &str, client: &str) -> String {
        let [here, account] = Reading::BOTH.map(|reading| self.verdict(host, client, reading));
        if here == account {
            here
        } else {
            format!("{here} or {account}")
        }
    }
}
