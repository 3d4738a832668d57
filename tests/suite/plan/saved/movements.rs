//! Worlds in which something has moved since the plan was made, by its side or under it.

use mtlsctl::live::CaKind;
use mtlsctl::live::HostList;
use mtlsctl::live::Live;
use mtlsctl::live::LiveZone;
use mtlsctl::live::Rules;
use mtlsctl::resource::CustomRule;
use mtlsctl::resource::EntryPoint;
use mtlsctl::resource::Issuer;
use mtlsctl::resource::ZoneName;
use serde_json::json;

use crate::plan::saved::COM;
use crate::plan::saved::NET;
use crate::plan::saved::OURS;
use crate::plan::saved::world;
use crate::support::foreign::block;
use crate::support::foreign::skip;
use crate::support::interpreter;
use crate::support::repository::bundle;
use crate::support::scenario::Scenario;

pub(super) fn zone<'a>(live: &'a mut Live, name: &str) -> &'a mut LiveZone {
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
pub(super) fn rule<'a>(live: &'a mut Live, zone: &str, label: &str) -> &'a mut CustomRule {
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

pub(super) fn bent(by: impl FnOnce(&mut Live)) -> Scenario {
    world().account_bent(by)
}

/// Everything that a plan rests on, each moved in a world of its own.
pub(super) fn movements() -> Vec<(&'static str, Scenario)> {
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

/// What may change under a plan, each in a world of its own.
pub(super) fn others() -> Vec<(&'static str, Scenario)> {
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
