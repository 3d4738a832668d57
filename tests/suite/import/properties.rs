//! Accounts as chance makes them: a file is made of each, and planning it changes nothing.

use std::collections::BTreeSet;

use mtlsctl::desired::Desired;
use mtlsctl::import::NotImported;
use mtlsctl::live::HostList;
use mtlsctl::live::Live;
use mtlsctl::live::Rules;
use mtlsctl::plan;
use mtlsctl::plan::Allowed;
use mtlsctl::plan::Change;
use mtlsctl::plan::Plan;
use mtlsctl::plan::RuleChange;
use mtlsctl::plan::compile;
use mtlsctl::resource::Hostname;
use mtlsctl::resource::RuleBody;
use proptest::collection::vec;
use proptest::prelude::any;
use proptest::sample::Index;
use proptest::test_runner::Config;
use proptest::test_runner::RngSeed;
use proptest::test_runner::TestRunner;

use crate::import::changes_nothing;
use crate::import::made_knowing;
use crate::plan::generated::account;
use crate::plan::generated::bend;
use crate::plan::generated::bent;
use crate::plan::generated::file;
use crate::support::interpreter;
use crate::support::scenario::Scenario;

const SEED: u64 = 20_261_124;

fn config(cases: u32) -> Config {
    Config {
        cases,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(SEED),
        ..Config::default()
    }
}

/// The account as if other people had made it by hand: no mark is left.
fn unmarked(world: Scenario) -> Scenario {
    world.account_bent(|account| {
        for (nth, ca) in account.cas.iter_mut().enumerate() {
            ca.name = format!("CA {nth}");
        }
        for zone in account.zones.values_mut() {
            let Some(Rules::EntryPoint(entry)) = &mut zone.rules else {
                continue;
            };
            for rule in &mut entry.rules {
                rule.reference = rule.id.to_string();
                rule.description = format!("Rule {}", rule.reference.trim_start_matches('0'));
            }
        }
    })
}

/// An account that somebody has made and others have touched has a file, and so has any without marks. From
/// there, taking one host away changes what is about that host and nothing else, and leaves nothing to do.
#[test]
fn a_file_made_of_any_account_changes_nothing() {
    let worlds = (file(), vec(bend(), 0..4), any::<bool>(), any::<Index>());
    let (mut files, mut adopted, mut taken) = (0, 0, 0);
    let counts = std::cell::RefCell::new((&mut files, &mut adopted, &mut taken));
    TestRunner::new(config(120))
        .run(&worlds, |(file, bends, is_marked, host)| {
            let mut world = account(&file);
            world.apply();
            let world = bends.iter().fold(world, bent);
            let world = if is_marked { world } else { unmarked(world) };
            let import = match made_knowing(&world) {
                Ok(import) => import,
                Err(error @ NotImported::WouldChange { .. }) if is_marked => {
                    // Somebody has bent what carries our mark into what no file says.
                    assert!(!bends.is_empty(), "{error}");
                    return Ok(());
                }
                Err(error) => panic!("{error}"),
            };
            let world = world.imported(&import);
            changes_nothing(&world);
            let mut counts = counts.borrow_mut();
            *counts.0 += 1;
            *counts.1 += usize::from(import.text.contains("adopt:"));
            *counts.2 += usize::from(without_one_host(&world, host));
            Ok(())
        })
        .unwrap_or_else(|failure| panic!("seed {SEED}: {failure}"));
    assert!(files > 80, "only {files} of 120 accounts have a file");
    assert!(adopted > 30, "only {adopted} files adopt rules");
    assert!(taken > 30, "only {taken} hosts could be taken away");
}

/// Takes a host away; false where there is none, or where no safe order is found.
fn without_one_host(world: &Scenario, which: Index) -> bool {
    let mut desired = world.desired();
    let hosts: Vec<Hostname> = desired.hosts.keys().cloned().collect();
    if hosts.is_empty() {
        return false;
    }
    let host = which.get(&hosts);
    desired.hosts.remove(host);
    for requirement in desired
        .rules
        .iter_mut()
        .flat_map(|rule| rule.zones.values_mut())
    {
        requirement.hosts.remove(host);
    }
    for rule in &mut desired.rules {
        rule.zones
            .retain(|_, requirement| !requirement.hosts.is_empty());
    }
    let planned = |live: &Live, desired: &Desired| {
        plan::plan(desired, live, world.at(), &Allowed::default()).expect("a plan")
    };
    let plan = planned(world.account(), &desired);
    if !plan.safety.is_safe() {
        return false;
    }
    is_about(&plan, host);
    let after = interpreter::run(&plan, world.account()).unwrap_or_else(|why| panic!("{why}"));
    let again = planned(&after, &desired);
    assert!(again.is_empty(), "{host}: {again:?}");
    true
}

/// Every step of a plan is about this host, and changes nothing for another.
fn is_about(plan: &Plan, host: &Hostname) {
    let only = BTreeSet::from([host.clone()]);
    for step in plan.steps() {
        let changed = match &step.change {
            Change::UploadCa { .. } | Change::DeleteCa { .. } => panic!("{}", step.address),
            Change::ReplaceHosts { before, after, .. } => {
                let (before, after) = (listed(before), listed(after));
                before.symmetric_difference(&after).cloned().collect()
            }
            Change::Rule { change, .. } => match change {
                RuleChange::Create { .. } => panic!("{}", step.address),
                RuleChange::Delete { rule } => named(rule),
                RuleChange::Move { rule, .. } => {
                    assert!(named(rule).contains(host), "{}", step.address);
                    only.clone()
                }
                RuleChange::Replace { before, after } => {
                    let (before, after) = (named(before), named(after));
                    before.symmetric_difference(&after).cloned().collect()
                }
            },
        };
        assert_eq!(changed, only, "{}", step.address);
    }
}

fn listed(list: &HostList) -> BTreeSet<Hostname> {
    let hosts = list.0.iter();
    hosts.filter_map(|one| Hostname::parse(one).ok()).collect()
}

fn named(rule: &RuleBody) -> BTreeSet<Hostname> {
    compile::hosts_named(&rule.expression)
}
