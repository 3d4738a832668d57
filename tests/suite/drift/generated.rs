//! What holds of the drift of worlds as chance makes them.

use std::cell::Cell;

use mtlsctl::drift::Extent;
use mtlsctl::drift::Grade;
use mtlsctl::plan::Plan;
use mtlsctl::plan::effect;
use proptest::prelude::Strategy;
use proptest::prelude::any;
use proptest::prop_oneof;
use proptest::sample::Index;
use proptest::sample::select;
use proptest::test_runner::Config;
use proptest::test_runner::RngSeed;
use proptest::test_runner::TestRunner;

use crate::drift::found;
use crate::plan::generated::Bend;
use crate::plan::generated::FileSpec;
use crate::plan::generated::account;
use crate::plan::generated::bend;
use crate::plan::generated::bent;
use crate::plan::generated::file;
use crate::plan::worlds::MANAGED;
use crate::plan::worlds::ONE;
use crate::plan::worlds::SPLIT;
use crate::plan::worlds::TWO;
use crate::support::interpreter;
use crate::support::scenario::Scenario;
use crate::support::verdicts::Moved;
use crate::support::verdicts::moved;

const SEED: u64 = 20_261_124;

/// A file that somebody wrote, on which most edits do something, or one as chance makes it.
#[derive(Debug, Clone)]
enum World {
    Written(&'static str),
    Drawn(FileSpec),
}

fn world() -> impl Strategy<Value = World> {
    prop_oneof![
        2 => select(vec![ONE, TWO, SPLIT, MANAGED]).prop_map(World::Written),
        1 => file().prop_map(World::Drawn),
    ]
}

/// What somebody does in the dashboard, to what is ours more often than not.
fn edit() -> impl Strategy<Value = Bend> {
    let index = any::<Index>;
    prop_oneof![
        2 => index().prop_map(Bend::Delete),
        4 => (index(), select(vec![0, 0, 1, 3, 4])).prop_map(|(a, b)| Bend::Rewrite(a, b)),
        2 => (index(), index()).prop_map(|(a, b)| Bend::Unlist(a, b)),
        2 => bend(),
    ]
}

/// Who gets further on the account than on the one that the plan leads to, by a reading of its own.
fn read(world: &Scenario, plan: &Plan) -> Moved {
    let desired = world.desired();
    let done = interpreter::run(plan, world.account()).expect("steps that can be taken");
    let seen = world.observed(&desired);
    let now = effect::state_now(&desired, &seen, world.at());
    let wanted = effect::state_now(&desired, &done, world.at());
    moved(&now, &wanted)
}

fn agrees(extent: Extent, readings: [bool; 2]) -> bool {
    match extent {
        Extent::Nobody => readings == [false, false],
        Extent::Possibly => readings != [false, false],
        Extent::Certainly => readings == [true, true],
    }
}

#[test]
fn after_a_run_there_is_none_and_after_an_edit_it_is_graded_as_verdicts_are() {
    let worlds = (world(), edit());
    let (drifted, graded) = (Cell::new(0), Cell::new(0));
    let config = Config {
        cases: 100,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(SEED),
        ..Config::default()
    };
    TestRunner::new(config)
        .run(&worlds, |(file, edit)| {
            let mut world = match &file {
                World::Written(text) => Scenario::new(text),
                World::Drawn(file) => account(file),
            };
            world.apply();
            let before = found(&world);
            assert!(before.is_none(), "{before:#?}");
            let world = bent(world, &edit);
            let plan = world.plan().expect("a plan");
            let drift = found(&world);
            assert_eq!(drift.differences.is_empty(), plan.is_empty(), "{edit:?}");
            if plan.is_empty() {
                assert_eq!(drift.fingerprint, None);
                return Ok(());
            }
            drifted.set(drifted.get() + 1);
            assert_eq!(
                Grade::of_shifts(&plan.safety.shifts),
                drift.grade,
                "{edit:?}"
            );
            let Moved {
                exposed,
                locked_out,
            } = read(&world, &plan);
            let Grade {
                exposed: one,
                locked_out: other,
            } = drift.grade;
            assert!(agrees(one, exposed), "{edit:?} {exposed:?} {drift:#?}");
            assert!(
                agrees(other, locked_out),
                "{edit:?} {locked_out:?} {drift:#?}"
            );
            // One of them is what the whole is graded by.
            let each = drift.differences.iter().map(|one| one.grade);
            let worst = each.fold([Extent::Nobody; 2], |[one, other], grade| {
                [one.max(grade.exposed), other.max(grade.locked_out)]
            });
            assert!(worst[0] >= one && worst[1] >= other, "{drift:#?}");
            graded.set(graded.get() + usize::from(!drift.grade.is_neutral()));
            Ok(())
        })
        .unwrap_or_else(|failure| panic!("seed {SEED}: {failure}"));
    assert!(drifted.get() > 50, "only {} drifted", drifted.get());
    assert!(graded.get() > 25, "only {} were graded", graded.get());
}
