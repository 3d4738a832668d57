//! Plans that were written down: what moves under them, what does not, and which bytes are one.

mod damaged; // bytes that are no plan any more
mod file; // what a file means, whatever it looks like
mod worlds; // what holds in every world

use std::fmt::Write as _;

use mtlsctl::desired;
use mtlsctl::live::CaKind;
use mtlsctl::live::HostList;
use mtlsctl::live::Live;
use mtlsctl::live::LiveZone;
use mtlsctl::live::Rules;
use mtlsctl::plan::Allowed;
use mtlsctl::plan::Consent;
use mtlsctl::plan::Saved;
use mtlsctl::plan::saved::Planned;
use mtlsctl::report;
use mtlsctl::resource::AccountId;
use mtlsctl::resource::CustomRule;
use mtlsctl::resource::EntryPoint;
use mtlsctl::resource::Hostname;
use mtlsctl::resource::Issuer;
use mtlsctl::resource::ZoneName;
use serde_json::json;

use crate::plan::worlds::TWO;
use crate::support::foreign::acting;
use crate::support::foreign::block;
use crate::support::foreign::skip;
use crate::support::golden::golden;
use crate::support::interpreter;
use crate::support::repository::bundle;
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

fn zone<'a>(live: &'a mut Live, name: &str) -> &'a mut LiveZone {
    let name = ZoneName::parse(name).expect(name);
    live.zones.get_mut(&name).expect("a zone")
}

fn entry<'a>(live: &'a mut Live, name: &str) -> &'a mut EntryPoint {
    match &mut zone(live, name).rules {
        Some(Rules::EntryPoint(entry)) => entry,
        other => panic!("{other:?}"),
    }
}

/// The only rule that people call so.
fn rule<'a>(live: &'a mut Live, zone: &str, label: &str) -> &'a mut CustomRule {
    let mut rules = entry(live, zone).rules.iter_mut();
    let is_it = |rule: &&mut CustomRule| rule.description == label || rule.reference == label;
    rules.find(is_it).expect(label)
}

fn delete(live: &mut Live, zone: &str, label: &str) {
    let id = rule(live, zone, label).id.clone();
    entry(live, zone).rules.retain(|rule| rule.id != id);
}

/// The list of the only CA whose name begins so.
fn list<'a>(live: &'a mut Live, name: &str, ca: &str) -> &'a mut HostList {
    let mut cas = live.cas.iter();
    let id = cas
        .find(|one| one.name.starts_with(ca))
        .expect(ca)
        .id
        .clone();
    let lists = zone(live, name).lists.as_mut().expect("lists");
    lists.get_mut(&Issuer::Uploaded(id)).expect("a list")
}

fn bent(by: impl FnOnce(&mut Live)) -> Scenario {
    world().account_bent(by)
}

/// Everything that a plan rests on, each moved in a world of its own.
fn movements() -> Vec<(&'static str, Scenario)> {
    [of_cas_and_lists(), of_rules()].concat()
}

fn of_cas_and_lists() -> Vec<(&'static str, Scenario)> {
    let ca = |live: &Live, name: &str| {
        let mut cas = live.cas.iter();
        cas.position(|one| one.name.starts_with(name)).expect(name)
    };
    vec![
        (
            "a CA comes",
            world().with_ca("Another CA", "fleet-2027.pem"),
        ),
        (
            "a CA that has no host goes",
            bent(|live| {
                list(live, COM, "Somebody").0.clear();
                let at = ca(live, "Somebody");
                let gone = Issuer::Uploaded(live.cas.remove(at).id);
                for zone in live.zones.values_mut() {
                    zone.lists.as_mut().expect("lists").remove(&gone);
                }
            }),
        ),
        (
            "a CA is called otherwise",
            bent(|live| {
                let at = ca(live, "Somebody");
                "Theirs".clone_into(&mut live.cas[at].name);
            }),
        ),
        (
            "a CA is another one under the same name",
            bent(|live| {
                let at = ca(live, "Somebody");
                live.cas[at].bundle = Some(bundle("fleet-2027.pem"));
            }),
        ),
        (
            "a host is listed for somebody's CA",
            bent(|live| {
                list(live, COM, "Somebody")
                    .0
                    .insert("more.example.com".to_owned());
            }),
        ),
        (
            "a host of ours is taken off a list in a zone that the plan does not touch",
            bent(|live| {
                list(live, NET, "platform/partners").0.clear();
            }),
        ),
        (
            "a host is listed for the managed CA",
            world().listing(NET, "cloudflare-managed", &["edi.example.net"]),
        ),
        (
            "a host is spelled otherwise",
            bent(|live| {
                let list = list(live, COM, "Somebody");
                list.0.remove("shop.example.com");
                list.0.insert("SHOP.example.com".to_owned());
            }),
        ),
    ]
}

fn of_rules() -> Vec<(&'static str, Scenario)> {
    vec![
        (
            "a rule of others comes",
            world().with_rule(COM, 0, "Office", skip("ip.src eq 192.0.2.8")),
        ),
        (
            "a rule of others goes",
            bent(|live| delete(live, COM, "Shop")),
        ),
        (
            "a rule of others is disabled",
            bent(|live| rule(live, COM, "Shop").enabled = false),
        ),
        (
            "a rule of others is enabled",
            bent(|live| rule(live, COM, "Asleep").enabled = true),
        ),
        (
            "a rule of others matches something else",
            bent(|live| {
                "http.host eq \"depot.example.com\""
                    .clone_into(&mut rule(live, COM, "Shop").expression);
            }),
        ),
        (
            "a rule of others cannot be read any more",
            bent(|live| "(http.host eq".clone_into(&mut rule(live, COM, "Shop").expression)),
        ),
        (
            "a rule of others does something else",
            bent(|live| "log".clone_into(&mut rule(live, COM, "Shop").action)),
        ),
        (
            "a rule of others answers otherwise",
            bent(|live| {
                rule(live, COM, "Answer").parameters["response"]["status_code"] = json!(403);
            }),
        ),
        (
            "two rules of others change places",
            bent(|live| entry(live, COM).rules.swap(1, 3)),
        ),
        ("our rule goes", bent(|live| delete(live, COM, OURS))),
        (
            "our rule is disabled",
            bent(|live| rule(live, COM, OURS).enabled = false),
        ),
        (
            "our rule matches something else",
            bent(|live| "ssl".clone_into(&mut rule(live, COM, OURS).expression)),
        ),
        (
            "our rule is put below others",
            bent(|live| entry(live, COM).rules.rotate_left(1)),
        ),
    ]
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

/// What may change under a plan, each in a world of its own.
fn others() -> Vec<(&'static str, Scenario)> {
    vec![
        ("nothing at all", world()),
        ("a day passes", world().on("2026-06-02")),
        (
            "rules of others were made anew",
            bent(|live| {
                let rules = entry(live, COM).rules.iter_mut();
                for (nth, rule) in (0x900..).zip(rules.filter(|rule| rule.mark().is_none())) {
                    rule.id = interpreter::rule_id(nth);
                    rule.reference = rule.id.to_string();
                    rule.version = 7;
                }
            }),
        ),
        (
            "the ruleset has another version",
            bent(|live| entry(live, COM).version += 12),
        ),
        (
            "a rule of others is called otherwise",
            bent(|live| "Storefront".clone_into(&mut rule(live, COM, "Shop").description)),
        ),
        (
            "a rule of others is laid out otherwise",
            bent(|live| {
                "(http.host\n  ==  \"shop.example.com\") # ours"
                    .clone_into(&mut rule(live, COM, "Shop").expression);
            }),
        ),
        (
            "a disabled rule of others says something else",
            bent(|live| "not ssl".clone_into(&mut rule(live, COM, "Asleep").expression)),
        ),
        (
            "a disabled rule of others goes",
            bent(|live| delete(live, COM, "Asleep")),
        ),
        (
            "a disabled rule of others comes",
            bent(|live| {
                let mut copy = rule(live, COM, "Asleep").clone();
                copy.id = interpreter::rule_id(0x901);
                copy.reference = copy.id.to_string();
                entry(live, COM).rules.insert(0, copy);
            }),
        ),
        (
            "a rule of others changes in a zone that the plan does not touch",
            bent(|live| {
                "ip.src eq 192.0.2.9".clone_into(&mut rule(live, NET, "Monitoring").expression);
            }),
        ),
        (
            "a rule of others comes in a zone that the plan does not touch",
            world().with_rule(NET, 0, "Office", block("http.host eq \"shop.example.net\"")),
        ),
        (
            "a CA was uploaded anew",
            bent(|live| {
                let mut cas = live.cas.iter_mut();
                let ca = cas
                    .find(|ca| ca.name.starts_with("Somebody"))
                    .expect("a CA");
                let old = std::mem::replace(&mut ca.id, interpreter::ca_id(0x902));
                let new = Issuer::Uploaded(ca.id.clone());
                for zone in live.zones.values_mut() {
                    let lists = zone.lists.as_mut().expect("lists");
                    let list = lists.remove(&Issuer::Uploaded(old.clone()));
                    lists.insert(new.clone(), list.expect("a list"));
                }
            }),
        ),
        (
            "a leaf certificate comes",
            world().with_object("orders-worker", CaKind::Leaf, None),
        ),
        (
            "another product brings a CA",
            world().with_object(
                "Gateway",
                CaKind::Product("gateway_managed".to_owned()),
                None,
            ),
        ),
        (
            "the description of the rule that is changed anyway is another one",
            bent(|live| "Mine".clone_into(&mut rule(live, COM, OURS).description)),
        ),
    ]
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
