//! What holds of a saved plan in every world.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::collections::BTreeSet;

use mtlsctl::expression::Expression;
use mtlsctl::expression::parse;
use mtlsctl::live::Live;
use mtlsctl::live::Rules;
use mtlsctl::plan::Saved;
use mtlsctl::resource::CustomRule;
use mtlsctl::resource::Fingerprint;
use mtlsctl::resource::Issuer;
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
use crate::plan::saved::moved;
use crate::plan::saved::saved;
use crate::support::scenario::Scenario;

const SEED: u64 = 20_261_124;

type Content = Option<BTreeSet<Fingerprint>>;

/// A rule as the edge has it: whose, whether it takes part, what it matches and what it does.
type Said = (
    Option<String>,
    bool,
    Result<Expression, String>,
    String,
    String,
);

/// What a plan rests on by its definition, in a second reading of it.
#[derive(Debug, PartialEq)]
struct Rest {
    cas: Vec<(String, Content)>,
    lists: BTreeMap<(ZoneName, String, Content), BTreeSet<String>>,
    rules: BTreeMap<ZoneName, Vec<Said>>,
}

impl Rest {
    /// `read` are the zones whose lists were read for the plan, `touched` those that it touches.
    fn of(live: &Live, read: &BTreeSet<ZoneName>, touched: &BTreeSet<ZoneName>) -> Self {
        let content = |id| {
            live.ca(id)
                .and_then(|ca| Some(ca.bundle.as_ref()?.fingerprints()))
        };
        let uploaded = live.cas.iter().filter(|ca| ca.is_uploaded_ca());
        let mut cas: Vec<(String, Content)> = uploaded
            .map(|ca| (ca.name.clone(), content(&ca.id)))
            .collect();
        cas.sort();
        let mut lists = BTreeMap::new();
        let mut rules = BTreeMap::new();
        for (name, zone) in &live.zones {
            for (issuer, list) in zone.lists.iter().flatten() {
                let whose = match issuer {
                    Issuer::CloudflareManaged => ("managed".to_owned(), None),
                    Issuer::Uploaded(id) => (String::new(), content(id)),
                };
                if read.contains(name) && !list.0.is_empty() {
                    lists.insert((name.clone(), whose.0, whose.1), list.0.clone());
                }
            }
            if touched.contains(name) {
                let all = zone.rules.as_ref().map_or(&[][..], Rules::as_slice);
                let counting = all.iter().filter(|rule| rule.enabled || is_ours(rule));
                rules.insert(name.clone(), counting.map(said).collect());
            }
        }
        Self { cas, lists, rules }
    }
}

fn said(rule: &CustomRule) -> Said {
    let mark = rule.mark().filter(|_| is_ours(rule));
    (
        mark.map(|mark| mark.to_string()),
        rule.enabled,
        parse(&rule.expression).map_err(|_| rule.expression.clone()),
        rule.action.clone(),
        rule.parameters.to_string(),
    )
}

/// A plan from a bent account to another file, and that account after some more was done to it.
#[test]
fn a_plan_is_stale_if_and_only_if_what_it_rests_on_moved() {
    let worlds = (file(), vec(bend(), 0..3), file(), vec(bend(), 1..3));
    let (stale, same) = (Cell::new(0), Cell::new(0));
    let config = Config {
        cases: 25,
        failure_persistence: None,
        rng_seed: RngSeed::Fixed(SEED),
        ..Config::default()
    };
    TestRunner::new(config)
        .run(&worlds, |(first, bends, second, more)| {
            let mut world = account(&first);
            world.apply();
            let world = bends.iter().fold(world, bent).file(&second.text());
            let plan = saved(&world);
            let text = plan.text();
            let read = Saved::read(text.as_bytes());
            assert_eq!(read.as_ref(), Ok(&plan));
            assert_eq!(read.expect("a plan").text(), text);
            assert_eq!(moved(&plan, &world), [""; 0]);
            let turned = world.clone().file(&second.turned().text());
            assert_eq!(saved(&turned).text(), text, "other bytes for the same file");

            let (read, touched) = scope(&world);
            let after = more.iter().fold(world.clone(), bent);
            let rest =
                |world: &Scenario| Rest::of(&world.observed(&world.desired()), &read, &touched);
            let moved = moved(&plan, &after);
            let is_other = rest(&after) != rest(&world);
            assert_eq!(!moved.is_empty(), is_other, "{moved:?} {more:?}");
            let count = if is_other { &stale } else { &same };
            count.set(count.get() + 1);
            Ok(())
        })
        .unwrap_or_else(|failure| panic!("seed {SEED}: {failure}"));
    assert!(stale.get() > 8 && same.get() > 2, "{stale:?} {same:?}");
}

/// The zones whose lists were read, and those that the plan touches.
fn scope(world: &Scenario) -> (BTreeSet<ZoneName>, BTreeSet<ZoneName>) {
    let live = world.observed(&world.desired());
    let read = live.zones.iter().filter(|(_, zone)| zone.lists.is_some());
    let plan = world.plan().expect("a plan");
    let touched = plan.steps().filter_map(|step| step.change.zone());
    (
        read.map(|(name, _)| name.clone()).collect(),
        touched.cloned().collect(),
    )
}
