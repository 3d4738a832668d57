//! What holds in every world.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::collections::BTreeSet;

use mtlsctl::desired::Content;
use mtlsctl::desired::Desired;
use mtlsctl::desired::Rule;
use mtlsctl::live::Live;
use mtlsctl::live::LiveCa;
use mtlsctl::live::LiveZone;
use mtlsctl::live::Rules;
use mtlsctl::plan::Change;
use mtlsctl::plan::compile;
use mtlsctl::resource::CustomRule;
use mtlsctl::resource::Hostname;
use mtlsctl::resource::Issuer;
use mtlsctl::resource::MarkedRule;
use mtlsctl::resource::ZoneName;
use proptest::collection::vec;
use proptest::test_runner::Config;
use proptest::test_runner::RngSeed;
use proptest::test_runner::TestRunner;

use crate::plan::generated::account;
use crate::plan::generated::bend;
use crate::plan::generated::bent;
use crate::plan::generated::file;
use crate::plan::generated::is_ours;
use crate::support::interpreter;
use crate::support::scenario::Scenario;

const SEED: u64 = 20_261_123;

fn config(cases: u32) -> Config {
    Config {
        cases,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(SEED),
        ..Config::default()
    }
}

/// An account that follows a file, is touched behind our back, and then has to follow another file.
#[test]
fn every_world_comes_to_agree_with_its_file() {
    let worlds = (file(), vec(bend(), 0..6), file());
    // Some changes no order of steps makes safely.
    let refused = Cell::new(0);
    TestRunner::new(config(100))
        .run(&worlds, |(first, bends, second)| {
            let mut world = account(&first);
            world.apply();
            let world = bends.iter().fold(world, bent).file(&second.text());
            if !world.plan().expect("a plan").safety.is_safe() {
                refused.set(refused.get() + 1);
                return Ok(());
            }
            let plan = world.approved().expect("nothing stands against it");
            assert_eq!(
                world.approved().as_ref(),
                Ok(&plan),
                "another plan for the same world"
            );
            let turned = world.clone().file(&second.turned().text());
            assert_eq!(
                turned.approved().as_ref(),
                Ok(&plan),
                "another plan for the same file"
            );

            let before = world.account();
            let after = interpreter::run(&plan, before)
                .unwrap_or_else(|why| panic!("{why}\n{}", world.text()));
            let desired = world.desired();
            nothing_foreign_changed(&desired, before, &after);
            agrees(&desired, &after);
            let uploads = plan
                .steps()
                .filter(|step| matches!(step.change, Change::UploadCa { .. }));
            assert_eq!(plan.slots.peak, before.slots_used() + uploads.count());
            assert_eq!(plan.slots.after, after.slots_used());

            let mut done = world.clone();
            done.apply();
            let again = done.approved().expect("nothing stands against it");
            assert!(
                again.is_empty(),
                "first:\n{}\nagain:\n{}",
                world.text(),
                done.text()
            );
            Ok(())
        })
        .unwrap_or_else(|failure| panic!("seed {SEED}: {failure}"));
    assert!(
        refused.get() < 20,
        "{} of 100 worlds were refused",
        refused.get()
    );
}

/// The rules of others keep their content and their order, the CAs of others are all there, and so are
/// the pairs that are not ours.
fn nothing_foreign_changed(desired: &Desired, before: &Live, after: &Live) {
    let cas = |live: &Live| -> Vec<LiveCa> {
        let foreign = live
            .cas
            .iter()
            .filter(|ca| !ca.name.starts_with("platform/"));
        let kept = foreign.filter(|ca| {
            ca.bundle
                .as_ref()
                .is_none_or(|bundle| desired.ca_of(bundle).is_none())
        });
        kept.cloned().collect()
    };
    assert_eq!(cas(after), cas(before));
    for (name, zone) in &before.zones {
        let after = &after.zones[name];
        if !desired.speaks_for(name) {
            assert_eq!(after.rules, zone.rules, "{name}");
        }
        let theirs = |zone: &LiveZone| -> Vec<CustomRule> {
            rules(zone)
                .iter()
                .filter(|rule| !is_ours(rule))
                .cloned()
                .collect()
        };
        assert_eq!(theirs(after), theirs(zone), "{name}");
        assert_eq!(
            pairs(desired, before, zone, after),
            pairs(desired, before, zone, zone),
            "{name}"
        );
    }
}

fn rules(zone: &LiveZone) -> &[CustomRule] {
    zone.rules.as_ref().map_or(&[], Rules::as_slice)
}

/// The pairs of a zone that are nobody's business but their owner's: a host that the file does not
/// declare and that no rule of ours spells out, with a CA that is not marked as ours.
fn pairs(
    desired: &Desired,
    before: &Live,
    was: &LiveZone,
    zone: &LiveZone,
) -> BTreeSet<(Issuer, String)> {
    let inside = desired.speaks_for(&zone.zone.name);
    let is_marked = |issuer: &Issuer| match issuer {
        Issuer::CloudflareManaged => false,
        Issuer::Uploaded(id) => before
            .ca(id)
            .is_none_or(|ca| ca.name.starts_with("platform/")),
    };
    let is_named = |host: &str| {
        let quoted = format!("\"{}\"", host.to_lowercase());
        rules(was)
            .iter()
            .any(|rule| is_ours(rule) && rule.expression.contains(&quoted))
    };
    let is_declared =
        |host: &str| Hostname::parse(host).is_ok_and(|host| desired.hosts.contains_key(&host));
    let mut pairs = BTreeSet::new();
    for (issuer, list) in zone.lists.iter().flatten() {
        for host in &list.0 {
            let is_new = matches!(issuer, Issuer::Uploaded(id) if before.ca(id).is_none());
            if !is_new && (!inside || !(is_marked(issuer) || is_named(host) || is_declared(host))) {
                pairs.insert((issuer.clone(), host.clone()));
            }
        }
    }
    pairs
}

/// Each declared host is listed for its CAs and for no other, and each rule covers its hosts once.
fn agrees(desired: &Desired, live: &Live) {
    for (host, declared) in &desired.hosts {
        let zone = &live.zones[&declared.zone];
        for (issuer, list) in zone.lists.as_ref().expect("all lists") {
            let name = desired
                .cas
                .iter()
                .find(|(_, ca)| match (issuer, &ca.content) {
                    (Issuer::CloudflareManaged, Content::CloudflareManaged) => true,
                    (Issuer::Uploaded(id), Content::Uploaded(bundle)) => {
                        live.ca(id).and_then(|ca| ca.bundle.as_ref()) == Some(bundle)
                    }
                    _ => false,
                });
            let wanted = name.is_some_and(|(name, _)| declared.cas.contains(name));
            assert_eq!(list.contains(host), wanted, "{host} for {issuer}");
        }
    }
    for (name, zone) in &live.zones {
        if desired.speaks_for(name) {
            assert_eq!(covered(zone), demanded(desired, name), "{name}");
            let first_skip = rules(zone).iter().position(CustomRule::may_let_past);
            let last_of_ours = rules(zone).iter().rposition(is_ours);
            assert!(
                first_skip.is_none_or(|skip| last_of_ours.is_none_or(|ours| ours < skip)),
                "{name}: a rule above ours lets requests past it"
            );
            assert!(
                is_in_order(desired, zone),
                "{name}: not in the order of the file"
            );
        }
    }
}

/// Whether rules that share a host stand in the order of the file.
fn is_in_order(desired: &Desired, zone: &LiveZone) -> bool {
    let ours = rules(zone).iter().filter(|rule| is_ours(rule));
    let seats: Vec<(usize, BTreeSet<Hostname>)> = ours
        .map(|rule| {
            let name = rule.mark().expect("ours").rule;
            let named = |rule: &Rule| MarkedRule::Declared(rule.name.clone()) == name;
            let nth = desired.rules.iter().position(named);
            (
                nth.expect("declared"),
                compile::hosts_named(&rule.expression),
            )
        })
        .collect();
    seats.iter().enumerate().all(|(at, (nth, hosts))| {
        seats[at..]
            .iter()
            .all(|(other, theirs)| nth <= other || hosts.is_disjoint(theirs))
    })
}

/// Rule, host and how often it is covered, as the account has it.
fn covered(zone: &LiveZone) -> BTreeMap<(String, Hostname), usize> {
    let mut covered = BTreeMap::new();
    for rule in rules(zone).iter().filter(|rule| is_ours(rule)) {
        let name = rule.mark().expect("ours").rule.to_string();
        for host in compile::hosts_named(&rule.expression) {
            *covered.entry((name.clone(), host)).or_default() += 1;
        }
    }
    covered
}

/// The same as the file has it.
fn demanded(desired: &Desired, zone: &ZoneName) -> BTreeMap<(String, Hostname), usize> {
    let rules = desired
        .rules
        .iter()
        .filter_map(|rule| Some((rule, rule.zones.get(zone)?)));
    rules
        .flat_map(|(rule, demand)| {
            demand
                .hosts
                .keys()
                .map(|host| (rule.name.to_string(), host.clone()))
        })
        .map(|key| (key, 1))
        .collect()
}

/// Adding a host to a rule of any size touches one rule, and taking one away touches one.
#[test]
fn packing_is_sticky() {
    let sizes = (1..400_usize, 0..400_usize, 0..30_usize);
    TestRunner::new(config(20))
        .run(&sizes, |(count, removed, width)| {
            let hosts = |names: &mut dyn Iterator<Item = usize>| -> String {
                let names = names.map(|n| format!("{}{n}.example.com", "x".repeat((n * width) % 40)));
                names.collect::<Vec<_>>().join(", ")
            };
            let file = |hosts: String| {
                format!(
                    "owner: platform\ncas:\n  - {{ name: a, certificates: fleet-2026.pem }}\nhostnames:\n  - {{ name: g, cas: [a], hosts: [{hosts}] }}\nrules:\n  - name: r\n"
                )
            };
            let mut world = Scenario::new(&file(hosts(&mut (0..count))));
            world.apply();
            let more = world.clone().file(&file(hosts(&mut (0..=count))));
            assert_eq!(rule_steps(&more), 1);
            if count > 1 {
                let removed = removed % count;
                let fewer = world.file(&file(hosts(&mut (0..count).filter(|n| *n != removed))));
                assert_eq!(rule_steps(&fewer), 1);
            }
            Ok(())
        })
        .unwrap_or_else(|failure| panic!("seed {SEED}: {failure}"));
}

fn rule_steps(world: &Scenario) -> usize {
    let plan = world.plan().expect("a plan");
    plan.steps()
        .filter(|step| matches!(step.change, Change::Rule { .. }))
        .count()
}
