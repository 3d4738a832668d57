//! What other people do in the account: rules, lists and CAs of their own, and things done to ours.

use mtlsctl::live::HostList;
use mtlsctl::live::Live;
use mtlsctl::live::LiveZone;
use mtlsctl::live::Rules;
use mtlsctl::resource::CustomRule;
use mtlsctl::resource::RulesetId;
use serde_json::json;

use crate::oracle::file::HOSTS;
use crate::oracle::random::Random;
use crate::support::foreign::Foreign;
use crate::support::foreign::acting;
use crate::support::foreign::block;
use crate::support::interpreter::next_rule_id;
use crate::support::scenario::Scenario;

const ZONES: [&str; 3] = ["example.com", "example.net", "example.org"];

/// The most rules that others have in a zone.
const MOST_RULES: usize = 4;

/// Somebody does something.
pub(super) fn act(world: Scenario, random: &mut Random) -> Scenario {
    match random.below(12) {
        0..6 => {
            let zone = zone(random);
            add_rule(world, random, zone)
        }
        6 => take_rule(world, random),
        7 | 8 => list(world, random),
        9 => {
            let somebody = world.account().cas.iter().any(|ca| ca.name == "Somebody");
            if somebody {
                list(world, random)
            } else {
                let pem = *random.one(&["somebody.pem", "fleet-2027.pem", "partners-root.pem"]);
                let bundle = crate::support::repository::bundle(pem);
                let taken = world.account().ca_of(&bundle).is_some();
                if taken {
                    world
                } else {
                    world.with_ca("Somebody", pem)
                }
            }
        }
        _ => tamper(world, random),
    }
}

/// Mostly the first zone, where most hosts are.
fn zone(random: &mut Random) -> &'static str {
    ZONES[*random.one(&[0, 0, 0, 0, 1, 2])]
}

/// Somebody adds a rule.
pub(super) fn add_rule(world: Scenario, random: &mut Random, zone: &str) -> Scenario {
    let rules = world.rules(zone);
    let theirs = rules.iter().filter(|rule| rule.mark().is_none()).count();
    if theirs >= MOST_RULES {
        return world;
    }
    let is_unreadable = |rule: &CustomRule| rule.action == "execute";
    let may_execute = !rules.iter().any(is_unreadable);
    let at = *random.one(&[0, rules.len(), rules.len() / 2]);
    let condition = condition(random);
    let rule = match random.below(16) {
        0..3 => acting("skip", json!({ "ruleset": "current" }), &condition),
        3 | 4 => acting("skip", json!({ "phase": "current" }), &condition),
        5 => acting("skip", json!({ "products": ["waf"] }), &condition),
        6 => acting("log", json!({}), &condition),
        7 | 8 => acting("managed_challenge", json!({}), &condition),
        9 => acting("js_challenge", json!({}), &condition),
        10 | 11 if may_execute => return execute(world, random, zone, at, &condition),
        _ => block(&condition),
    };
    world.with_rule(zone, at, "Theirs", rule)
}

/// One that deploys a ruleset, which can be read or not.
fn execute(
    world: Scenario,
    random: &mut Random,
    zone: &str,
    at: usize,
    condition: &str,
) -> Scenario {
    let id = RulesetId::parse(&"d".repeat(32)).expect("the form of an id");
    let parameters = json!({ "id": id.as_str() });
    let world = world.with_rule(
        zone,
        at,
        "Deploys",
        acting("execute", parameters, condition),
    );
    let deployed = random.chance(50).then(|| {
        let inner = self::condition(random);
        let first: Foreign<'_> = match random.below(3) {
            0 => acting("skip", json!({ "ruleset": "current" }), &inner),
            1 => acting("skip", json!({ "phase": "current" }), &inner),
            _ => acting("managed_challenge", json!({}), &inner),
        };
        let second = self::condition(random);
        vec![first.numbered(0xd1), block(&second).numbered(0xd2)]
    });
    let zone = zone.to_owned();
    world.account_bent(|account| {
        let deploying = &mut of(account, &zone).deployed;
        match deployed {
            Some(rules) => deploying.insert(id, rules),
            None => deploying.remove(&id),
        };
    })
}

/// What their rules match.
fn condition(random: &mut Random) -> String {
    let host = random.one(&HOSTS);
    let (path, method, country) = (
        r#"http.request.uri.path eq "/healthz""#,
        r#"http.request.method eq "POST""#,
        r#"ip.src.country eq "RU""#,
    );
    match random.below(10) {
        0 => path.to_owned(),
        1 => country.to_owned(),
        2 => format!("http.host eq \"{host}\""),
        3 => format!("http.host eq \"{host}\" and {path}"),
        4 => format!("lower(http.host) in {{\"{host}\" \"a.example.com\"}} and {method}"),
        5 | 6 => format!("http.host eq \"{host}\" and not cf.tls_client_auth.cert_verified"),
        7 => format!("cf.tls_client_auth.cert_verified and {country}"),
        8 => "cf.tls_client_auth.cert_revoked or not cf.tls_client_auth.cert_presented".to_owned(),
        _ => format!(
            "http.host eq \"{host}\" and cf.tls_client_auth.cert_issuer_ski in {{\"B75ED92A8C7157E8E7277A2F77FC7E94FE37F208\"}}"
        ),
    }
}

fn take_rule(world: Scenario, random: &mut Random) -> Scenario {
    let zone = zone(random);
    let rules = world.rules(zone);
    let theirs = rules.iter().position(|rule| rule.mark().is_none());
    match theirs {
        Some(at) => bent_rules(world, zone, |rules| {
            if at % 2 == 0 {
                rules.remove(at);
            } else {
                rules[at].enabled ^= true;
            }
        }),
        None => world,
    }
}

/// A list of one of the CAs gains or loses a host.
fn list(world: Scenario, random: &mut Random) -> Scenario {
    let host = *random.one(&HOSTS);
    let (_, zone) = host.split_once('.').expect("below a zone");
    let (spelled, nth) = (random.chance(10), random.below(20));
    world.account_bent(|account| {
        let lists = of(account, zone).lists.as_mut().expect("all lists");
        let nth = nth % lists.len();
        let HostList(list) = lists.values_mut().nth(nth).expect("a list");
        if !list.remove(host) {
            let spelled = if spelled {
                host.to_uppercase()
            } else {
                host.to_owned()
            };
            if !list.remove(&spelled) {
                list.insert(spelled);
            }
        }
    })
}

/// Somebody edits a rule of ours in the dashboard.
fn tamper(world: Scenario, random: &mut Random) -> Scenario {
    let zone = zone(random);
    let rules = world.rules(zone);
    let ours: Vec<usize> = (0..rules.len())
        .filter(|at| rules[*at].mark().is_some())
        .collect();
    if ours.is_empty() {
        return world;
    }
    let at = *random.one(&ours);
    let (how, host) = (random.below(8), *random.one(&HOSTS));
    let last = rules.len() - 1;
    let id = {
        let zone = mtlsctl::resource::ZoneName::parse(zone).expect(zone);
        next_rule_id(&world.account().zones[&zone])
    };
    bent_rules(world, zone, |rules| match how {
        0 => rules[at].enabled ^= true,
        1 => rules[at].expression = rules[at].expression.replacen("a.example", "x.example", 1),
        2 => {
            let narrower = format!(
                "({}) and http.request.method eq \"POST\"",
                rules[at].expression
            );
            rules[at].expression = narrower;
        }
        3 => {
            "managed_challenge".clone_into(&mut rules[at].action);
            rules[at].parameters = json!({});
        }
        4 => {
            "skip".clone_into(&mut rules[at].action);
            rules[at].parameters = json!({ "phase": "current" });
        }
        5 => {
            let rule = rules.remove(at);
            rules.insert(last, rule);
        }
        6 => {
            let mut copy = rules[at].clone();
            let mark = copy.mark().expect("ours");
            copy.reference = id.to_string();
            copy.id = id;
            copy.description = format!("Copy [{mark}]");
            copy.expression = copy.expression.replacen("a.example.com", host, 1);
            rules.push(copy);
        }
        _ => {
            rules.remove(at);
        }
    })
}

fn bent_rules(world: Scenario, zone: &str, by: impl FnOnce(&mut Vec<CustomRule>)) -> Scenario {
    world.account_bent(|account| {
        if let Some(Rules::EntryPoint(entry)) = &mut of(account, zone).rules {
            by(&mut entry.rules);
        }
    })
}

fn of<'a>(account: &'a mut Live, zone: &str) -> &'a mut LiveZone {
    let mut zones = account.zones.values_mut();
    let found = zones.find(|one| one.zone.name.as_str() == zone);
    found.expect("a zone of the account")
}

/// The same account without one of the rules or listed hosts.
pub(super) fn fewer(world: &Scenario) -> Vec<Scenario> {
    let mut fewer = Vec::new();
    for zone in ZONES {
        for at in 0..world.rules(zone).len() {
            fewer.push(bent_rules(world.clone(), zone, |rules| {
                rules.remove(at);
            }));
        }
        for host in HOSTS {
            let without = |account: &mut Live| {
                let lists = of(account, zone).lists.iter_mut().flatten();
                lists.for_each(|(_, list)| {
                    list.0.remove(host);
                });
            };
            let changed = world.clone().account_bent(without);
            if changed.account() != world.account() {
                fewer.push(changed);
            }
        }
    }
    fewer
}
