//! Over generated worlds: applying a file leaves nothing to do, whatever was there before; what is not
//! ours stays as it was, byte for byte; and no call is made that the API has to refuse.
//!
//! `MTLSCTL_WORLDS` says how many worlds.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::time::Duration;

use mtlsctl::desired::Content;
use mtlsctl::plan::Change;
use mtlsctl::plan::Held;
use mtlsctl::plan::HeldBecause;
use mtlsctl::plan::RuleChange;
use mtlsctl::resource::CustomRule;
use mtlsctl::resource::Issuer;
use proptest::test_runner::Config;
use proptest::test_runner::RngSeed;
use proptest::test_runner::TestRunner;
use serde_json::Value;
use serde_json::json;
use tokio::runtime::Builder;
use tokio::time::sleep;

use crate::execute::worlds::Deed;
use crate::execute::worlds::World;
use crate::execute::worlds::world;
use crate::support::account::ModelAccount;
use crate::support::dashboard::Dashboard;
use crate::support::operator::Look;
use crate::support::operator::Operator;
use crate::support::operator::pem;

const SEED: u64 = 20_270_104;

/// How many worlds where nothing else is said: a few seconds of them; CI may ask for more.
const WORLDS: u32 = 100;

#[test]
fn applying_a_file_leaves_nothing_to_do_and_nobody_else_notices() {
    let cases = std::env::var("MTLSCTL_WORLDS").map_or(WORLDS, |worlds| {
        worlds.parse().expect("MTLSCTL_WORLDS is a number")
    });
    let config = Config {
        cases,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(SEED),
        ..Config::default()
    };
    let kinds = RefCell::new(BTreeMap::new());
    let run = TestRunner::new(config).run(&world(), |world| {
        let runtime = Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .expect("a runtime");
        runtime.block_on(live_through(&world, &kinds));
        Ok(())
    });
    run.unwrap_or_else(|error| panic!("seed {SEED}: {error}"));
    let kinds = kinds.into_inner();
    println!("seed {SEED}, {cases} worlds: {kinds:?}");
    let refused = kinds.get(REFUSED).copied().unwrap_or_default();
    // In these files rules of all actions meet on one host, and hosts go from one to the other.
    assert!(
        refused * 2 < usize::try_from(cases).expect("not that many"),
        "{kinds:?}"
    );
    // Two files in each world: were they different, and did they need everything?
    let often = usize::try_from(cases / 50).expect("not that many");
    for kind in KINDS {
        assert!(kinds.get(kind).copied() >= Some(often), "{kind}: {kinds:?}");
    }
}

/// Worlds whose second file no order of steps reaches safely.
const REFUSED: &str = "refused";

/// What a step does, in a word or two.
const KINDS: [&str; 9] = [
    "upload",
    "associate",
    "dissociate",
    "create rule",
    "change rule",
    "move rule",
    "delete rule",
    "delete CA",
    "held CA",
];

fn count(look: &Look, kinds: &RefCell<BTreeMap<&'static str, usize>>) {
    let steps = look.plan.steps().map(|step| match &step.change {
        Change::UploadCa { .. } => "upload",
        Change::DeleteCa { .. } => "delete CA",
        Change::ReplaceHosts { before, after, .. } if before.0.is_subset(&after.0) => "associate",
        Change::ReplaceHosts { .. } => "dissociate",
        Change::Rule { change, .. } => match change {
            RuleChange::Create { .. } => "create rule",
            RuleChange::Replace { .. } => "change rule",
            RuleChange::Move { .. } => "move rule",
            RuleChange::Delete { .. } => "delete rule",
        },
    });
    let is_listed = |held: &&Held| matches!(held.because, HeldBecause::StillListed { .. });
    let held = look.plan.held.iter().filter(is_listed).map(|_| "held CA");
    for kind in steps.chain(held) {
        *kinds.borrow_mut().entry(kind).or_default() += 1;
    }
}

async fn live_through(world: &World, kinds: &RefCell<BTreeMap<&'static str, usize>>) {
    let mut operator = Operator::of(&ModelAccount::new(world.zones(), 5));
    if world.lags {
        operator.account.lag(75, 90, 90);
    }
    for (file, deeds) in world.files.iter().zip(&world.others) {
        let text = file.text(world.zones);
        for deed in deeds {
            operator.account.somebody(|desk| act(desk, world, deed));
        }
        // Until reads show what others did.
        sleep(Duration::from_secs(100)).await;
        let others = operator.account.somebody(|desk| of_others(desk, world));
        operator = operator.again();
        operator.account.forget_calls();

        let look = operator.look(&text).await;
        if !look.plan.safety.is_safe() {
            *kinds.borrow_mut().entry(REFUSED).or_default() += 1;
            return;
        }
        count(&look, kinds);
        let outcome = operator.run(&look).await;
        assert!(outcome.is_complete(), "{text}\n{outcome:?}");
        no_call_was_in_vain(&operator, world.lags, &text);

        let look = operator.look(&text).await;
        assert!(look.plan.is_empty(), "{text}\n{:#?}", look.plan);
        everything_is_there(&look, &text);
        let after = operator.account.somebody(|desk| of_others(desk, world));
        assert_eq!(after, others, "{text}");
    }
}

/// Does what others do, where it is still to be done.
fn act(desk: &mut Dashboard<'_>, world: &World, deed: &Deed) {
    let zone = |nth: &usize| world.zones()[nth % world.zones];
    let with = |mut hosts: Vec<String>, zone: &str, host: &usize| {
        // The host may be one that a file declares.
        let name = ["theirs", "h0", "portal"][*host];
        let host = format!("{name}.{zone}");
        if !hosts.contains(&host) {
            hosts.push(host);
        }
        hosts
    };
    match deed {
        Deed::Rule {
            zone: nth,
            action,
            at_top,
        } => {
            let mut rule = json!({
                "action": action,
                "expression": "(ip.src in {198.51.100.0/24})",
                "description": format!("Their {action}"),
            });
            if *action == "skip" {
                rule["action_parameters"] = json!({"ruleset": "current"});
            }
            desk.add_rule(zone(nth), &rule);
            if *at_top {
                desk.move_rule(zone(nth), "Their", &json!({"index": 1}));
            }
        }
        Deed::Host { zone: nth, host } => {
            if let Some(ca) = desk.certificate("legacy-partners") {
                let hosts = with(desk.hosts(zone(nth), Some(&ca)), zone(nth), host);
                let hosts: Vec<&str> = hosts.iter().map(String::as_str).collect();
                desk.set_hosts(zone(nth), Some(&ca), &hosts);
            }
        }
        Deed::Managed { zone: nth, host } => {
            let hosts = with(desk.hosts(zone(nth), None), zone(nth), host);
            let hosts: Vec<&str> = hosts.iter().map(String::as_str).collect();
            desk.set_hosts(zone(nth), None, &hosts);
        }
        Deed::Upload => {
            let there = desk.certificates();
            // Content 3 may be there under our name, or under theirs.
            let is_same = |one: &Value| one["serial_number"] == SERIAL_OF_THEIRS;
            if !there.iter().any(is_same) {
                desk.upload("theirs", pem(3));
            }
        }
    }
}

/// What is not ours to decide: without the declared hosts, and without CAs that a file retires.
fn of_others(desk: &mut Dashboard<'_>, world: &World) -> Value {
    let retired = world.retired();
    let names = [(3, "theirs"), (4, "legacy-partners")];
    let consented: Vec<&str> = names
        .iter()
        .filter(|(content, _)| retired.contains(content))
        .map(|(_, name)| *name)
        .collect();
    desk.of_others(world.zones(), &world.declared(), &consented)
}

/// The API refuses nothing: it is asked for what is known to be absent, and that is all.
fn no_call_was_in_vain(operator: &Operator, lags: bool, file: &str) {
    for call in operator.account.calls() {
        let status = call.status.expect("answered");
        let is_absent = match (call.method.as_str(), status, call.code) {
            ("GET", 404, 10003) => call.path.ends_with("/entrypoint"),
            // The read-back of a deletion.
            ("GET", 404, 1472) => call.path.contains("/mtls_certificates/"),
            // Still in use, although nothing uses it any more.
            ("DELETE", 400, _) => lags && call.path.contains("/mtls_certificates/"),
            _ => false,
        };
        assert!(status < 400 || is_absent, "{file}\n{call:?}");
    }
}

/// Each declared host is listed for its CAs and for no other declared one, and each rule is there.
fn everything_is_there(look: &Look, file: &str) {
    let Look { desired, live, .. } = look;
    for (host, wanted) in &desired.hosts {
        let zone = &live.zones[&wanted.zone];
        let lists = zone.lists.as_ref().expect("read");
        for (name, ca) in &desired.cas {
            let issuer = match &ca.content {
                Content::CloudflareManaged => Some(Issuer::CloudflareManaged),
                Content::Uploaded(bundle) => {
                    live.ca_of(bundle).map(|ca| Issuer::Uploaded(ca.id.clone()))
                }
            };
            let list = issuer.and_then(|issuer| lists.get(&issuer));
            let is_listed = list.is_some_and(|list| list.contains(host));
            assert_eq!(
                is_listed,
                wanted.cas.contains(name),
                "{host} and {name}\n{file}"
            );
        }
    }
    for (name, zone) in live
        .zones
        .iter()
        .filter(|(name, _)| desired.speaks_for(name))
    {
        let rules = zone.rules.as_ref().expect("read").as_slice();
        let marks = rules.iter().filter_map(CustomRule::mark);
        let mut there: Vec<_> = marks
            .filter(|mark| mark.owner == desired.owner)
            .map(|mark| mark.rule.to_string())
            .collect();
        there.sort();
        let wanted = desired
            .rules
            .iter()
            .filter(|rule| rule.zones.contains_key(name));
        let mut wanted: Vec<_> = wanted.map(|rule| rule.name.to_string()).collect();
        wanted.sort();
        assert_eq!(there, wanted, "{name}\n{file}");
    }
}

/// Of `ca/3.pem`, as the API writes it.
const SERIAL_OF_THEIRS: &str = "34196587922298881958944678574093742295125433186";
