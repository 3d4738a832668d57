//! Plans that were written down: what moves under them, what does not, and which bytes are one.

mod damaged; // bytes that are no plan any more
mod file; // what a file means, whatever it looks like
mod movements; // worlds in which something moved
mod worlds; // what holds in every world

use std::fmt::Write as _;

use mtlsctl::desired;
use mtlsctl::live::Live;
use mtlsctl::live::LiveZone;
use mtlsctl::plan::Allowed;
use mtlsctl::plan::Consent;
use mtlsctl::plan::Saved;
use mtlsctl::plan::saved::Planned;
use mtlsctl::report;
use mtlsctl::resource::AccountId;
use mtlsctl::resource::Hostname;
use serde_json::json;

use crate::plan::saved::movements::bent;
use crate::plan::saved::movements::movements;
use crate::plan::saved::movements::others;
use crate::plan::saved::movements::rule;
use crate::plan::saved::movements::zone;
use crate::plan::worlds::TWO;
use crate::support::foreign::acting;
use crate::support::foreign::block;
use crate::support::foreign::skip;
use crate::support::golden::golden;
use crate::support::scenario::Scenario;

const COM: &str = "example.com";
const NET: &str = "example.net";

/// The rule of ours that the plan changes.
const OURS: &str = "platform/require-certificate/1";

/// The plan of a world, written down with some consent.
fn saved_with(world: &Scenario, consent: &Consent) -> Saved {
    let desired = world.desired();
    let planned = Planned {
        plan: &world.plan().expect("a plan"),
        live: &world.observed(&desired),
        desired: &desired,
        file: &desired::digest(&world.config()).expect("a file without fault"),
        consent,
        allowed: &Allowed::default(),
    };
    Saved::of(&planned, report::saved::lines(planned.plan))
}

/// The plan of a world, written down.
pub(crate) fn saved(world: &Scenario) -> Saved {
    saved_with(world, &Consent::default())
}

/// What moved under a plan.
fn moved(saved: &Saved, now: &Scenario) -> Vec<String> {
    let desired = now.desired();
    let basis = saved.basis();
    let moved = basis.moved(&basis.again(&desired, &now.observed(&desired)));
    moved.iter().map(ToString::to_string).collect()
}

/// Two zones with rules and lists of ours and of others, and a file by which one of them gets a host.
fn world() -> Scenario {
    let disabled = |live: &mut Live| rule(live, COM, "Asleep").enabled = false;
    Scenario::agreed(TWO)
        .with_ca("Somebody's CA", "somebody.pem")
        .listing(COM, "Somebody", &["shop.example.com", "depot.example.com"])
        .with_rule(COM, 1, "Shop", block("http.host eq \"shop.example.com\""))
        .with_rule(COM, 2, "Asleep", block("ssl"))
        .with_rule(
            COM,
            3,
            "Answer",
            acting(
                "block",
                json!({ "response": { "status_code": 401, "content": "no", "content_type": "text/plain" } }),
                "http.request.uri.path eq \"/admin\"",
            ),
        )
        .with_rule(NET, 1, "Monitoring", skip("ip.src eq 192.0.2.7"))
        .account_bent(disabled)
        .edit(
            "pay.example.com]",
            "pay.example.com, new.example.com]",
        )
}

#[test]
fn whatever_a_plan_rests_on_is_told_when_it_moves() {
    let saved = saved(&world());
    let mut told = String::new();
    for (what, world) in movements() {
        let moved = moved(&saved, &world);
        assert!(!moved.is_empty(), "{what} is not told");
        let _ = writeln!(told, "{what}");
        for line in moved {
            let _ = writeln!(told, "  {line}");
        }
        assert_ne!(self::saved(&world).digest(), saved.digest(), "{what}");
    }
    golden("plan/saved/moved.txt", &told);
}

#[test]
fn what_was_read_and_cannot_be_read_any_more_is_told() {
    let world = world();
    let (saved, desired) = (saved(&world), world.desired());
    let then = saved.basis();
    let unread = |by: fn(&mut LiveZone), name: &str| {
        let mut live = world.observed(&desired);
        by(zone(&mut live, name));
        let moved = then.moved(&then.again(&desired, &live));
        moved.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    let lists = unread(|zone| zone.lists = None, NET);
    assert_eq!(
        lists,
        ["zone example.net was read for the plan, and could not be read now"]
    );
    let both = unread(|zone| (zone.lists, zone.rules) = (None, None), COM);
    assert_eq!(
        both,
        ["zone example.com was read for the plan, and could not be read now"]
    );
}

#[test]
fn whatever_else_changes_leaves_a_plan_as_it_is() {
    let saved = saved(&world());
    for (what, world) in others() {
        assert_eq!(moved(&saved, &world), [""; 0], "{what}");
        let now = self::saved(&world);
        assert_eq!(saved.steps_moved(&now), [""; 0], "{what}");
        assert_eq!(saved.digest(), now.digest(), "{what}");
    }
}

#[test]
fn steps_that_are_others_although_nothing_moved_are_told() {
    let saved = saved(&world());
    let disabled = bent(|live| rule(live, NET, OURS).enabled = false);
    assert_eq!(moved(&saved, &disabled), [""; 0]);
    assert_eq!(
        saved.steps_moved(&self::saved(&disabled)),
        [format!("now: change rule {OURS} in example.net")]
    );
    let done = world().edit("pay.example.com, new.example.com]", "pay.example.com]");
    let less = saved.steps_moved(&self::saved(&done));
    assert!(
        less.contains(&format!("not any more: change rule {OURS} in example.com")),
        "{less:?}"
    );
}

#[test]
fn a_date_that_comes_makes_other_steps_of_the_same_file() {
    let dated = world().edit("fleet-2025.pem }", "fleet-2025.pem, retire: 2026-07-01 }");
    let (before, after) = (saved(&dated), saved(&dated.clone().on("2026-07-01")));
    assert_eq!(before.file(), after.file());
    assert_eq!(moved(&before, &dated.clone().on("2026-07-01")), [""; 0]);
    assert!(!before.steps_moved(&after).is_empty());
    let on_the_eve = saved(&dated.on("2026-06-30"));
    assert_eq!(before.digest(), on_the_eve.digest());
}

#[test]
fn what_was_allowed_is_part_of_a_plan_and_comes_back() {
    let world = world();
    let consent = Consent {
        deletes: Some(3),
        opened: [Hostname::parse("api.example.com").expect("a host")].into(),
        ..Consent::default()
    };
    let (bare, allowed) = (saved(&world), saved_with(&world, &consent));
    assert_ne!(bare.digest(), allowed.digest());
    let read = Saved::read(allowed.text().as_bytes()).expect("a plan");
    assert_eq!(read, allowed);
    assert!(read.is_for(&world.account().account));
    assert!(!read.is_for(&AccountId::parse(&"0".repeat(32)).expect("an id")));
    assert_eq!(*read.consent(), consent);
}
