//! Seals: what rules say of what they were when they were written.

use std::cell::Cell;

use mtlsctl::plan::Change;
use mtlsctl::plan::RuleChange;
use mtlsctl::plan::seal::is_intact;
use mtlsctl::resource::MarkedRule;
use mtlsctl::resource::RuleBody;
use mtlsctl::resource::RuleMark;
use mtlsctl::resource::Seal;
use proptest::collection::vec;
use proptest::test_runner::Config;
use proptest::test_runner::RngSeed;
use proptest::test_runner::TestRunner;

use crate::plan::generated::account;
use crate::plan::generated::bend;
use crate::plan::generated::bent;
use crate::plan::generated::file;
use crate::plan::worlds::ONE;
use crate::support::scenario::Scenario;

const SEED: u64 = 20_261_125;
const RULE: &str = "platform/require-certificate/1";

fn unsealed() -> Scenario {
    Scenario::agreed(ONE).tampered("example.com", RULE, |rule| {
        let bare = Seal::cut(&rule.description);
        assert_ne!(bare, rule.description, "it has no seal");
        rule.description = bare;
    })
}

/// The rules that a plan writes.
fn written(world: &Scenario) -> Vec<RuleBody> {
    let plan = world.plan().expect("a plan");
    let written = plan.steps().filter_map(|step| match &step.change {
        Change::Rule { change, .. } => match change {
            RuleChange::Create { rule, .. } => Some(rule.clone()),
            RuleChange::Replace { after, .. } => Some(after.clone()),
            RuleChange::Move { .. } | RuleChange::Delete { .. } => None,
        },
        _ => None,
    });
    written.collect()
}

#[test]
fn a_missing_or_a_wrong_seal_alone_is_no_reason_for_a_step() {
    assert!(unsealed().plan().expect("a plan").is_empty());
    let wrong = Scenario::agreed(ONE).tampered("example.com", RULE, |rule| {
        let seal = Seal::parse("00000000").expect("a seal");
        rule.description = seal.renew(&rule.description);
    });
    assert!(wrong.plan().expect("a plan").is_empty());
}

#[test]
fn the_next_change_seals_and_says_nothing_of_it() {
    let added = "[api.example.com, pay.example.com, new.example.com]";
    for world in [unsealed(), Scenario::agreed(ONE)] {
        let world = world.edit("[api.example.com, pay.example.com]", added);
        let text = world.text();
        assert!(!text.contains("description"), "{text}");
        assert!(!text.contains("written as"), "{text}");
        let rules = written(&world);
        assert!(!rules.is_empty());
        for rule in rules {
            assert_eq!(is_intact(&rule), Some(true), "{rule:?}");
        }
    }
}

#[test]
fn what_is_written_fits_its_seal_on_the_way_too() {
    let worlds = (file(), vec(bend(), 0..3), file());
    let on_the_way = Cell::new(0);
    let config = Config {
        cases: 40,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(SEED),
        ..Config::default()
    };
    TestRunner::new(config)
        .run(&worlds, |(first, bends, second)| {
            let mut world = account(&first);
            world.apply();
            let world = bends.iter().fold(world, bent).file(&second.text());
            let rules = written(&world);
            let mut seen: Vec<&str> = Vec::new();
            for rule in &rules {
                let mark = RuleMark::of(&rule.reference, &rule.description);
                let is_bridge = mark.is_some_and(|mark| mark.rule == MarkedRule::Bridge);
                // One that was written without a seal keeps none on its way.
                let expected = if is_bridge || Seal::of(&rule.description).is_none() {
                    None
                } else {
                    Some(true)
                };
                assert_eq!(is_intact(rule), expected, "{rule:?}");
                let again = seen.contains(&rule.reference.as_str());
                on_the_way.set(on_the_way.get() + usize::from(again));
                seen.push(&rule.reference);
            }
            Ok(())
        })
        .unwrap_or_else(|failure| panic!("seed {SEED}: {failure}"));
    assert!(on_the_way.get() > 0, "no rule was written twice");
}
