//! Changes on their way: each single one takes its own time, none is later than the lag, and nothing that
//! arrived is replaced by something older.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use jiff::SignedDuration;
use jiff::Timestamp;
use mtlsctl::sandbox::Store;
use mtlsctl::sandbox::edge::Delays;
use mtlsctl::sandbox::edge::Edge;
use mtlsctl::sandbox::edge::EdgeOptions;
use mtlsctl::sandbox::edge::Reading;
use mtlsctl::sandbox::edge::View;
use serde_json::Value;
use serde_json::json;

use crate::sandbox::edge::pki::Pki;
use crate::sandbox::edge::visits::associate;
use crate::sandbox::edge::visits::set_rules;
use crate::sandbox::edge::visits::verdict;
use crate::sandbox::edge::visits::visit;
use crate::sandbox::world::World;
use crate::sandbox::world::entry_point;

const HOST: &str = "api.example.com";
const LAG: Duration = Duration::from_secs(60);

fn rule(reference: &str, action: &str, path: &str) -> Value {
    let mut rule = json!({
        "ref": reference,
        "action": action,
        "expression": format!("http.request.uri.path eq \"{path}\""),
    });
    if action == "skip" {
        rule["action_parameters"] = json!({"ruleset": "current"});
    }
    rule
}

/// Which of the changes below the edge shows.
fn shown(view: &View, now: Timestamp) -> [bool; 5] {
    let snapshot = view.snapshot();
    let blocks = |path: &str| {
        let answer = snapshot.answer(&visit(HOST, path), None, Reading::PerHost, now);
        verdict(&answer) == "block"
    };
    // What one rule says changes at once, never by halves.
    assert_ne!(blocks("/edited/before"), blocks("/edited/after"));
    [
        snapshot.offered(HOST, Reading::PerHost).is_some(),
        blocks("/edited/after"),
        !blocks("/deleted"),
        !blocks("/moved"),
        blocks("/created"),
    ]
}

/// A list of hosts, a rule edited, one deleted, one moved above another, and one created.
fn before_and_after() -> (World, World) {
    let mut before = World::new();
    let fleet = before.upload("fleet", &Pki::shared().fleet.pem());
    set_rules(
        &mut before,
        &json!([
            rule("edited", "block", "/edited/before"),
            rule("deleted", "block", "/deleted"),
            rule("stays", "block", "/moved"),
            rule("moved", "skip", "/moved"),
        ]),
    );
    let mut after = World {
        account: before.account.clone(),
        ..World::new()
    };
    associate(&mut after, Some(&fleet), &[HOST]);
    set_rules(
        &mut after,
        &json!([
            rule("edited", "block", "/edited/after"),
            rule("moved", "skip", "/moved"),
            rule("stays", "block", "/moved"),
            rule("created", "block", "/created"),
        ]),
    );
    (before, after)
}

#[test]
fn within_the_lag_every_subset_of_the_changes_shows_up() {
    let (before, after) = before_and_after();
    let mut seen: BTreeSet<[bool; 5]> = BTreeSet::new();
    for seed in 0..60 {
        let mut delays = Delays::up_to(LAG, seed);
        let mut view = View::of(&before.account).noting(&after.account, before.now, &mut delays);
        assert_eq!(shown(&view, before.now), [false; 5]);
        let mut last = [false; 5];
        while let Some(arrival) = view.next_arrival() {
            let late = arrival.duration_since(before.now);
            assert!(
                late <= SignedDuration::try_from(LAG).expect("a length"),
                "seed {seed}: {late}"
            );
            view = view.at(arrival);
            let now = shown(&view, arrival);
            let gone_back = last
                .iter()
                .zip(now)
                .any(|(before, after)| *before && !after);
            assert!(!gone_back, "seed {seed}: {last:?}, then {now:?}");
            last = now;
            seen.insert(now);
        }
        assert_eq!(last, [true; 5], "seed {seed}");
    }
    // All 32, but that nothing has arrived is before the first of them.
    seen.insert([false; 5]);
    assert_eq!(seen.len(), 32, "{seen:?}");
}

#[test]
fn the_same_seed_gives_the_same_times_and_no_lag_none() {
    let (before, after) = before_and_after();
    let arrivals = |lag, seed| {
        let mut delays = Delays::up_to(lag, seed);
        let mut view = View::of(&before.account).noting(&after.account, before.now, &mut delays);
        let mut arrivals = Vec::new();
        while let Some(arrival) = view.next_arrival() {
            arrivals.push(arrival);
            view = view.at(arrival);
        }
        arrivals
    };
    assert_eq!(arrivals(LAG, 7), arrivals(LAG, 7));
    assert_ne!(arrivals(LAG, 7), arrivals(LAG, 8));
    assert!(arrivals(LAG, 7).len() > 4);
    assert_eq!(arrivals(Duration::ZERO, 7), [before.now]);
}

#[test]
fn a_later_write_supersedes_an_earlier_one() {
    let mut world = World::new();
    let version =
        |world: &mut World, path: &str| set_rules(world, &json!([rule("one", "block", path)]));
    let blocked = |view: &View, now| {
        let snapshot = view.snapshot();
        let paths = ["/0", "/1", "/2"];
        let found = paths.iter().position(|path| {
            let answer = snapshot.answer(&visit(HOST, path), None, Reading::PerHost, now);
            verdict(&answer) == "block"
        });
        found.expect("one of the three")
    };
    version(&mut world, "/0");
    let zero = world.account.clone();
    version(&mut world, "/1");
    let one = world.account.clone();
    version(&mut world, "/2");
    let two = world.account.clone();
    let mut courses = BTreeSet::new();
    for seed in 0..40 {
        let mut delays = Delays::up_to(LAG, seed);
        let later = world.now + SignedDuration::from_secs(20);
        let mut view = View::of(&zero)
            .noting(&one, world.now, &mut delays)
            .at(later);
        let mut course = vec![blocked(&view, later)];
        view = view.noting(&two, later, &mut delays);
        while let Some(arrival) = view.next_arrival() {
            assert!(arrival <= later + SignedDuration::from_secs(60));
            view = view.at(arrival);
            course.push(blocked(&view, arrival));
        }
        assert!(
            course.is_sorted() && course.ends_with(&[2]),
            "seed {seed}: {course:?}"
        );
        course.dedup();
        courses.insert(course);
    }
    // The first write is seen in between, or overtaken.
    assert!(
        courses.contains(&vec![0, 2]) && courses.contains(&vec![0, 1, 2]),
        "{courses:?}"
    );
}

#[test]
fn an_account_made_anew_arrives_piece_by_piece_too() {
    let (_, old) = before_and_after();
    let new = World::with_zones(&["example.org"]);
    let mut delays = Delays::up_to(LAG, 3);
    let mut view = View::of(&old.account).noting(&new.account, old.now, &mut delays);
    assert!(view.waiting() > 5);
    assert!(view.snapshot().serves(HOST) && !view.snapshot().serves("www.example.org"));
    view = view.at(old.now + SignedDuration::from_secs(60));
    assert_eq!(view.waiting(), 0);
    assert!(!view.snapshot().serves(HOST) && view.snapshot().serves("www.example.org"));
}

#[test]
fn an_entry_point_made_anew_is_the_same_list_to_the_edge() {
    let mut world = World::new();
    set_rules(&mut world, &json!([rule("old", "block", "/old")]));
    let before = world.account.clone();
    let zone = world.zone("example.com");
    let entry = world.get(&entry_point(&zone));
    let id = entry["id"].as_str().expect("an id");
    let deleted = world.send("DELETE", &format!("/zones/{zone}/rulesets/{id}"), None);
    assert_eq!(deleted.status, 204);
    set_rules(&mut world, &json!([rule("new", "block", "/new")]));
    let mut delays = Delays::up_to(Duration::ZERO, 0);
    let view = View::of(&before)
        .noting(&world.account, world.now, &mut delays)
        .at(world.now);
    let blocks = |path: &str| {
        let answer = view
            .snapshot()
            .answer(&visit(HOST, path), None, Reading::PerHost, world.now);
        verdict(&answer) == "block"
    };
    assert!(blocks("/new") && !blocks("/old"));
}

#[test]
fn a_change_that_is_noticed_late_set_out_when_it_was_written() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = Arc::new(Store::at(folder.path().join("sandbox")));
    store.reset(World::new().account).expect("written");
    let options = EdgeOptions {
        lag: LAG,
        ..EdgeOptions::default()
    };
    let edge = Edge::new(Arc::clone(&store), options).expect("an edge");
    let new = World::with_zones(&["example.org"]);
    store.reset(new.account).expect("written");
    // Nobody has looked since, until the lag has passed.
    let later = Timestamp::now() + LAG;
    let snapshot = edge.snapshot(later);
    assert!(!snapshot.serves(HOST) && snapshot.serves("www.example.org"));
}
