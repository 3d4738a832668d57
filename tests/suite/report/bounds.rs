//! Texts that would be too long, and plans as chance makes them.

use mtlsctl::plan::Plan;
use mtlsctl::plan::Wave;
use mtlsctl::report::json;
use mtlsctl::report::markdown;
use mtlsctl::report::markdown::LIMIT;
use proptest::collection::vec;
use proptest::test_runner::Config;
use proptest::test_runner::RngSeed;
use proptest::test_runner::TestRunner;

use crate::plan::generated::account;
use crate::plan::generated::bend;
use crate::plan::generated::bent;
use crate::plan::generated::file;
use crate::plan::worlds::TWO;
use crate::report::shown::Judged;
use crate::support::markdown::is_harmless;
use crate::support::scenario::Scenario;

const SEED: u64 = 20_261_124;

/// A plan with that many times as many steps in each of its waves, and that many times as many waves.
fn swollen(plan: &Plan, steps: usize, waves: usize) -> Plan {
    let wave = |wave: &Wave| Wave {
        steps: (0..steps).flat_map(|_| wave.steps.clone()).collect(),
        ..wave.clone()
    };
    Plan {
        waves: (0..waves)
            .flat_map(|_| plan.waves.iter().map(wave))
            .collect(),
        ..plan.clone()
    }
}

#[test]
fn a_plan_that_is_too_long_leaves_out_whole_steps_and_counts_them() {
    let judged = Judged::of(&Scenario::new(TWO));
    for (steps, waves) in [(100, 1), (1, 1000), (30, 30)] {
        let plan = swollen(&judged.plan, steps, waves);
        let all = plan.steps().count();
        let judged = Judged {
            digest: judged.digest.clone(),
            plan,
            account: judged.account.clone(),
            owner: judged.owner.clone(),
            refusals: Vec::new(),
        };
        let text = markdown::plan(&judged.planned());
        is_harmless(&text);
        assert!(text.len() > LIMIT * 9 / 10, "{} bytes", text.len());
        let shown = text
            .lines()
            .filter(|line| line.contains("</code>: "))
            .count();
        let counts = text.lines().filter_map(|line| {
            let (count, _) = line.strip_prefix("**")?.split_once(" step")?;
            count.parse::<usize>().ok()
        });
        assert_eq!(shown + counts.sum::<usize>(), all, "{steps} × {waves}");
    }
}

#[test]
fn every_plan_is_harmless_and_the_same_for_the_same_file() {
    let worlds = (file(), vec(bend(), 0..6), file());
    let config = Config {
        cases: 20,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(SEED),
        ..Config::default()
    };
    let schema = json::schema(json::Kind::Plan);
    let schema = jsonschema::validator_for(&schema).expect("a schema");
    TestRunner::new(config)
        .run(&worlds, |(first, bends, second)| {
            let mut world = account(&first);
            world.apply();
            let world = bends.iter().fold(world, bent).file(&second.text());
            let judged = Judged::of(&world);
            let text = markdown::plan(&judged.planned());
            is_harmless(&text);
            let document = json::plan(&judged.planned());
            let value = serde_json::from_str(&document).expect("JSON");
            let wrong = schema.iter_errors(&value).map(|error| error.to_string());
            let wrong: Vec<String> = wrong.collect();
            assert!(wrong.is_empty(), "{wrong:#?}");
            let turned = Judged::of(&world.clone().file(&second.turned().text()));
            assert_eq!(markdown::plan(&turned.planned()), text);
            assert_eq!(json::plan(&turned.planned()), document);
            Ok(())
        })
        .unwrap_or_else(|failure| panic!("seed {SEED}: {failure}"));
}
