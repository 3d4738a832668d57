//! What holds after any sequence of calls.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::collections::BTreeSet;

use jiff::SignedDuration;
use mtlsctl::sandbox::Lag;
use proptest::sample::select;
use proptest::test_runner::Config;
use proptest::test_runner::RngSeed;
use proptest::test_runner::TestRunner;
use serde_json::Value;
use serde_json::json;

use crate::sandbox::calls::Call;
use crate::sandbox::calls::call;
use crate::sandbox::world::World;
use crate::sandbox::world::ca_pem;
use crate::sandbox::world::certificate;
use crate::sandbox::world::certificates;
use crate::sandbox::world::entry_point;
use crate::sandbox::world::hosts;
use crate::sandbox::world::hosts_of;

const SEED: u64 = 20_261_122;

/// The account under test and what was seen of it.
struct Run {
    world: World,
    pems: Vec<String>,
    com: String,
    net: String,
    version: u64,
}

impl Run {
    fn new(pems: &[String], lag: i64) -> Self {
        let mut world = World::new();
        let (com, net) = (world.zone("example.com"), world.zone("example.net"));
        let lag = SignedDuration::from_secs(lag);
        world.account.set_lag(Lag {
            associations: lag,
            certificates: SignedDuration::ZERO,
            in_use: lag,
        });
        Self {
            world,
            pems: pems.to_vec(),
            com,
            net,
            version: 0,
        }
    }

    /// Makes one call and says whether it was a write to the entry point that was done.
    fn call(&mut self, call: &Call) -> bool {
        let Some((method, path, body)) = self.request(call) else {
            return false;
        };
        let is_noise = matches!(call, Call::Noise { .. });
        let reply = self.world.send(method, &path, body);
        assert!(reply.status < 500, "{call:?}: {}", reply.body);
        if method == "DELETE" && reply.status == 204 {
            self.version = 0;
            return false;
        }
        !is_noise && reply.status == 200 && path.contains("/rulesets/")
    }

    /// The call with ids that exist, as far as there are any.
    fn request(&mut self, call: &Call) -> Option<(&'static str, String, Option<Value>)> {
        let entry = self.world.send("GET", &entry_point(&self.net), None).body["result"].clone();
        let ruleset = format!(
            "/zones/{}/rulesets/{}",
            self.net,
            entry["id"].as_str().unwrap_or("none")
        );
        let rule = |which: usize| {
            entry["rules"][which]["id"]
                .as_str()
                .unwrap_or("none")
                .to_owned()
        };
        let place = |position: Option<(usize, usize)>| match position {
            None => Value::Null,
            Some((0, which)) => json!({"before": rule(which)}),
            Some((1, which)) => json!({"after": rule(which)}),
            Some((2, _)) => json!({"before": ""}),
            Some((_, index)) => json!({"index": index}),
        };
        let define = |name: usize| json!({"ref": format!("r{name}"), "action": "block", "expression": "ssl"});
        let request = match call {
            Call::Wait { seconds } => {
                self.world.wait(*seconds);
                return None;
            }
            Call::Upload { pem } => {
                let pem = self.pems[*pem % self.pems.len()].as_str();
                (
                    "POST",
                    certificates(),
                    Some(json!({"ca": true, "certificates": pem})),
                )
            }
            Call::DeleteCertificate { which } => {
                ("DELETE", certificate(&self.own_certificate(*which)), None)
            }
            Call::Associate {
                which,
                hosts: wanted,
            } => {
                let wanted: Vec<String> = wanted
                    .iter()
                    .map(|host| format!("h{host}.example.net"))
                    .collect();
                let id = self.own_certificate(*which);
                let body = json!({"hostnames": wanted, "mtls_certificate_id": id});
                ("PUT", hosts(&self.net), Some(body))
            }
            Call::Replace { rules } => {
                let rules: Vec<Value> = rules
                    .iter()
                    .map(|(name, which)| {
                        let mut rule_sent = define(*name);
                        if *which < 2 {
                            rule_sent["id"] = json!(rule(*which));
                        }
                        rule_sent
                    })
                    .collect();
                (
                    "PUT",
                    entry_point(&self.net),
                    Some(json!({ "rules": rules })),
                )
            }
            Call::Add { name, position } => {
                let mut body = define(*name);
                if position.is_some() {
                    body["position"] = place(*position);
                }
                ("POST", format!("{ruleset}/rules"), Some(body))
            }
            Call::Edit {
                which,
                name,
                position,
                pure,
            } => {
                let mut body = if *pure { json!({}) } else { define(*name) };
                if position.is_some() {
                    body["position"] = place(*position);
                }
                (
                    "PATCH",
                    format!("{ruleset}/rules/{}", rule(*which)),
                    Some(body),
                )
            }
            Call::DeleteRule { which } => {
                ("DELETE", format!("{ruleset}/rules/{}", rule(*which)), None)
            }
            Call::DeleteRuleset => ("DELETE", ruleset, None),
            Call::Noise { method, tail, body } => {
                let body = serde_json::from_str(body)
                    .unwrap_or_else(|_| json!({"rules": body, "hostnames": [body]}));
                (*method, format!("/zones/{}{tail}", self.net), Some(body))
            }
        };
        Some(request)
    }

    fn own_certificate(&mut self, which: usize) -> String {
        let list = self.world.get(&certificates());
        let own: Vec<&Value> = list
            .as_array()
            .expect("a list")
            .iter()
            .filter(|one| one["name"] == "")
            .collect();
        own.get(which % own.len().max(1))
            .map_or("none", |one| one["id"].as_str().expect("an id"))
            .to_owned()
    }

    fn check(&mut self, written: bool) {
        let list = self.world.get(&certificates());
        let list = list.as_array().expect("a list");
        let slots = list
            .iter()
            .filter(|one| one["ca"] == true && one["type"] == "custom")
            .count();
        assert!(slots <= 5, "the quota is exceeded: {slots}");
        let contents: BTreeSet<String> = list
            .iter()
            .map(|one| one["certificates"].to_string())
            .collect();
        assert_eq!(contents.len(), list.len(), "some content exists twice");

        let kept = serde_json::to_value(&self.world.account).expect("JSON");
        for zone in kept["zones"].as_array().expect("zones") {
            for id in zone["associations"].as_object().expect("lists").keys() {
                assert!(
                    kept["certificates"][id]["deleted_on"].is_null(),
                    "a list of a certificate that is gone: {id}"
                );
            }
        }

        let reply = self.world.send("GET", &entry_point(&self.net), None);
        if reply.status == 404 {
            assert_eq!(
                (reply.body["errors"][0]["code"].as_u64(), self.version),
                (Some(10003), 0)
            );
            return;
        }
        let ruleset = reply.result();
        let rules = ruleset["rules"].as_array().expect("rules");
        for field in ["id", "ref"] {
            let unique: BTreeSet<String> =
                rules.iter().map(|rule| rule[field].to_string()).collect();
            assert_eq!(
                unique.len(),
                rules.len(),
                "{field} is not unique: {ruleset}"
            );
        }
        let version: u64 = ruleset["version"]
            .as_str()
            .and_then(|text| text.parse().ok())
            .expect("digits");
        assert_eq!(
            version,
            self.version + u64::from(written),
            "one more with each write, the same without"
        );
        self.version = version;
    }

    /// What others have, as they would read it.
    fn foreign(&mut self) -> BTreeMap<String, String> {
        let partners = self.world.certificate_named("legacy-partners");
        let mut seen = BTreeMap::new();
        for name in ["legacy-partners", "orders-worker", "Gateway inspection"] {
            let id = self.world.certificate_named(name);
            seen.insert(
                name.to_owned(),
                self.world.get(&certificate(&id)).to_string(),
            );
        }
        for path in [
            entry_point(&self.com),
            hosts(&self.com),
            hosts_of(&self.com, &partners),
        ] {
            let read = self.world.get(&path).to_string();
            seen.insert(path, read);
        }
        seen
    }
}

#[test]
fn no_sequence_of_calls_breaks_the_account() {
    let pems: Vec<String> = (0..7)
        .map(|number| ca_pem(&format!("CA {number}")))
        .collect();
    let config = Config {
        cases: 96,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(SEED),
        ..Config::default()
    };
    let calls = (
        proptest::collection::vec(call(), 1..60),
        select(vec![0_i64, 30]),
    );
    TestRunner::new(config)
        .run(&calls, |(calls, lag)| {
            let mut run = Run::new(&pems, lag);
            let before = run.foreign();
            for call in &calls {
                let written = run.call(call);
                run.check(written);
            }
            assert_eq!(run.foreign(), before, "what is not ours has changed");
            let text = serde_json::to_string(&run.world.account).expect("JSON");
            let read: mtlsctl::sandbox::Account = serde_json::from_str(&text).expect("an account");
            assert!(
                read == run.world.account,
                "the account does not survive being written and read"
            );
            Ok(())
        })
        .unwrap_or_else(|failure| panic!("seed {SEED}: {failure}"));
}

#[test]
fn any_text_can_be_sent() {
    let world = RefCell::new(World::new());
    let net = world.borrow_mut().zone("example.net");
    let path = format!("{}?dry_run=true", entry_point(&net));
    let config = Config {
        cases: 2000,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(SEED),
        ..Config::default()
    };
    // The characters that mean something in expressions and PEM, and some that need several bytes.
    let text = "([-\"r#(){}\\[\\]\\\\ \n\ta.ü€]|-----BEGIN CERTIFICATE-----\n|-----END CERTIFICATE-----\n){0,40}";
    TestRunner::new(config)
        .run(&text, |text| {
            let mut world = world.borrow_mut();
            let rule = json!({"action": "block", "expression": text});
            let reply = world.send("PUT", &path, Some(json!({"rules": [rule]})));
            assert!(
                [200, 400].contains(&reply.status),
                "{text:?}: {}",
                reply.body
            );
            let upload = json!({"ca": true, "certificates": text});
            assert_eq!(
                world.send("POST", &certificates(), Some(upload)).status,
                400,
                "{text:?}"
            );
            Ok(())
        })
        .unwrap_or_else(|failure| panic!("seed {SEED}: {failure}"));
}
