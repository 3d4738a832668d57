//! What no plan does unless somebody says so: each guard just below, at and above its limit, and the flag that
//! lifts it.

mod beside; // hosts of others, and rules that count on a CA of ours
mod together; // all guards at once

use std::collections::BTreeSet;

use jiff::Timestamp;
use mtlsctl::plan::Consent;
use mtlsctl::plan::Objection;
use mtlsctl::plan::Refusal;
use mtlsctl::resource::Bundle;
use mtlsctl::resource::Hostname;
use mtlsctl::resource::Name;

use crate::plan::worlds::ONE;
use crate::plan::worlds::SPLIT;
use crate::support::consent::granting;
use crate::support::foreign::block;
use crate::support::golden::golden;
use crate::support::scenario::Scenario;

/// What the guards have against a plan, and nothing else does.
fn objections(world: &Scenario, consent: &Consent) -> Vec<Objection> {
    let refusals = world.approved_with(consent).err().unwrap_or_default();
    let objections = refusals.into_iter().map(|refusal| match refusal {
        Refusal::Guarded { objection } => *objection,
        other => panic!("{other}"),
    });
    objections.collect()
}

/// The kinds of what the guards have against a plan.
fn kinds(world: &Scenario, consent: &Consent) -> Vec<&'static str> {
    let objections = objections(world, consent);
    objections.iter().map(kind).collect()
}

fn kind(objection: &Objection) -> &'static str {
    match objection {
        Objection::Deletions { .. } => "deletions",
        Objection::Unprotected { .. } => "unprotected",
        Objection::ChangedHosts { .. } => "changed hosts",
        Objection::Opened { .. } => "opened",
        Objection::SideEffects { .. } => "side effects",
        Objection::Relied(_) => "relied",
        Objection::Expiring { .. } => "expiring",
    }
}

fn none() -> Consent {
    Consent::default()
}

fn hosts(names: &[&str]) -> BTreeSet<Hostname> {
    let hosts = names
        .iter()
        .map(|name| Hostname::parse(name).expect("a host"));
    hosts.collect()
}

fn changing(count: usize) -> Consent {
    Consent {
        changed_hosts: Some(count),
        ..none()
    }
}

fn opening(names: &[&str]) -> Consent {
    Consent {
        opened: hosts(names),
        ..none()
    }
}

/// A file with so many hosts, of which the first few accept a second CA too.
fn fleet(count: usize, both: usize, rest: &str) -> String {
    let name = |n: usize| format!("h{n}.example.com");
    let list = |from: usize, to: usize| (from..to).map(name).collect::<Vec<_>>().join(", ");
    let group = |name: &str, cas: &str, hosts: String| match hosts.as_str() {
        "" => String::new(),
        hosts => format!("  - {{ name: {name}, cas: [{cas}], hosts: [{hosts}] }}\n"),
    };
    format!(
        "
owner: platform
zones: [example.com, example.net]
cas:
  - {{ name: fleet-2026, certificates: fleet-2026.pem }}
  - {{ name: fleet-2027, certificates: fleet-2027.pem }}
hostnames:
  - {{ name: other, cas: [fleet-2027], hosts: [other.example.net] }}
{}{}rules:
  - {{ name: certificates, hostnames: [{}] }}
{rest}",
        group("both", "fleet-2026, fleet-2027", list(0, both)),
        group("one", "fleet-2026", list(both, count)),
        list(0, count)
    )
}

/// So many protected hosts, on some of which clients of a second CA begin to get in.
fn changed(of: usize, changed: usize, guards: &str) -> Scenario {
    Scenario::agreed(&fleet(of, 0, "")).file(&fleet(of, changed, guards))
}

#[test]
fn a_share_of_the_protected_hosts_may_change() {
    for (of, count, expected) in [
        (10, 2, vec![]),
        (10, 3, vec![]),
        (10, 4, vec!["changed hosts"]),
        (4, 2, vec![]), // two are no share of anything
        (4, 3, vec!["changed hosts"]),
    ] {
        assert_eq!(
            kinds(&changed(of, count, ""), &none()),
            expected,
            "{count} of {of}"
        );
    }
    let world = changed(10, 4, "");
    assert_eq!(kinds(&world, &changing(3)), ["changed hosts"]);
    assert!(objections(&world, &changing(4)).is_empty());
    golden(
        "plan/refused_changed_hosts.txt",
        &world.text_with(&changing(3)),
    );
}

#[test]
fn a_number_of_changed_hosts_is_what_it_says() {
    let guards = "guards: { max_changed_hosts: 1 }\n";
    assert!(objections(&changed(10, 1, guards), &none()).is_empty());
    assert_eq!(
        kinds(&changed(10, 2, guards), &none()),
        ["changed hosts"],
        "fewer than three"
    );
    let wide = "guards: { max_changed_hosts: 80% }\n";
    assert!(objections(&changed(10, 8, wide), &none()).is_empty());
    assert_eq!(kinds(&changed(10, 9, wide), &none()), ["changed hosts"]);
}

#[test]
fn hosts_that_were_not_protected_are_onboarded_without_a_question() {
    assert!(objections(&Scenario::new(&fleet(10, 0, "")), &none()).is_empty());
    // Those of a rule that only logs were not protected either.
    let watched = fleet(10, 0, "").replace("certificates, host", "certificates, action: log, host");
    let enforced = Scenario::agreed(&watched).file(&fleet(10, 0, ""));
    assert!(objections(&enforced, &none()).is_empty());
}

/// The file with rules that only log, which nobody misses.
fn watching(rules: &[&str]) -> String {
    let rules = rules.iter();
    let rules =
        rules.map(|name| format!("  - {{ name: {name}, action: log, hostnames: [public-api] }}\n"));
    format!("{ONE}{}", rules.collect::<String>())
}

#[test]
fn one_plan_deletes_few_objects() {
    let three = Scenario::agreed(&watching(&["a", "b", "c"]));
    let left =
        |rules: &[&str], guards: &str| three.clone().file(&format!("{}{guards}", watching(rules)));
    let deleting = |count| Consent {
        deletes: Some(count),
        ..none()
    };
    assert!(objections(&left(&["a", "b"], ""), &none()).is_empty());
    let two = left(&["a"], "");
    assert_eq!(kinds(&two, &none()), ["deletions"]);
    assert_eq!(kinds(&two, &deleting(1)), ["deletions"]);
    assert!(objections(&two, &deleting(2)).is_empty());
    let guards = "guards: { max_deletes: 2 }\n";
    assert!(objections(&left(&["a"], guards), &none()).is_empty());
    assert_eq!(kinds(&left(&[], guards), &none()), ["deletions"]);
    let none_at_all = "guards: { max_deletes: 0 }\n";
    assert_eq!(
        kinds(&left(&["a", "b"], none_at_all), &none()),
        ["deletions"]
    );
}

#[test]
fn cas_and_rules_are_counted_together() {
    let ca = "  - { name: fleet-2025, certificates: fleet-2025.pem }\n";
    let file = watching(&["a"]).replace("cas:\n", &format!("cas:\n{ca}"));
    let file = file.replace("cas: [fleet-2026]", "cas: [fleet-2025, fleet-2026]");
    let world = Scenario::agreed(&file).file(ONE);
    let [Objection::Deletions { objects, limit: 1 }] = &objections(&world, &none())[..] else {
        panic!("{}", world.text_with(&none()));
    };
    assert_eq!(objects.len(), 2);
    golden("plan/refused_deletions.txt", &world.text_with(&none()));
}

#[test]
fn a_rule_whose_hosts_others_take_over_is_no_loss() {
    let renamed = Scenario::agreed(&watching(&["a", "b", "c"])).file(&watching(&["x", "y", "z"]));
    assert!(objections(&renamed, &none()).is_empty());
    let guards = "guards: { max_deletes: 0 }\n";
    let joined = &SPLIT[..SPLIT.find("  - name: inner\n").expect("the second rule")];
    let joined = joined.replace(
        "hostnames: [api.example.com, pay.example.com]",
        "hostnames: [public-api, inner-api]",
    );
    let world = Scenario::agreed(SPLIT).file(&format!("{joined}{guards}"));
    assert!(objections(&world, &none()).is_empty());
    // One that only logs takes nothing over from one that blocks.
    let weaker = ONE.replace(
        "name: require-certificate",
        "{ name: renamed, action: log }",
    );
    let world = Scenario::agreed(ONE).file(&format!("{weaker}{guards}"));
    assert!(kinds(&world, &none()).contains(&"deletions"));
}

#[test]
fn a_ca_that_ends_soon_is_not_uploaded() {
    // It ends with the year 2019.
    let world = Scenario::new(ONE).edit("fleet-2026.pem", "expired.pem");
    let on = |day| world.clone().on(day);
    let expiring = |name| Consent {
        expiring: BTreeSet::from([Name::parse(name).expect("a name")]),
        ..none()
    };
    assert!(objections(&on("2019-12-01"), &none()).is_empty());
    assert!(objections(&on("2019-12-02"), &none()).is_empty());
    let late = on("2019-12-03");
    assert_eq!(kinds(&late, &none()), ["expiring"]);
    assert_eq!(kinds(&late, &expiring("fleet-2027")), ["expiring"]);
    assert!(objections(&late, &expiring("fleet-2026")).is_empty());
    golden("plan/refused_expiring.txt", &late.text_with(&none()));
    let guards = format!("{ONE}guards: {{ min_validity: 29d }}\n");
    let shorter = late.file(&guards).edit("fleet-2026.pem", "expired.pem");
    assert!(objections(&shorter, &none()).is_empty());
}

#[test]
fn a_ca_that_is_there_already_may_end_soon() {
    let mut world = Scenario::new(ONE)
        .edit("fleet-2026.pem", "expired.pem")
        .on("2019-06-01");
    world.apply();
    let world = world
        .on("2019-12-30")
        .edit("pay.example.com]", "pay.example.com, bus.example.com]");
    assert!(!world.plan().expect("a plan").is_empty());
    assert!(objections(&world, &none()).is_empty());
}

#[test]
fn the_last_renewal_of_a_key_counts() {
    let key = rcgen::KeyPair::generate().expect("a key");
    let other = rcgen::KeyPair::generate().expect("a key");
    let ca = |key: &rcgen::KeyPair, year: i32| {
        let mut params = rcgen::CertificateParams::new(Vec::<String>::new()).expect("parameters");
        params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        params.not_before = rcgen::date_time_ymd(2020, 1, 1);
        params.not_after = rcgen::date_time_ymd(year, 1, 1);
        params.self_signed(key).expect("a certificate").pem()
    };
    let until = |pem: &[String]| {
        let bundle = Bundle::from_pem(&pem.concat()).expect("a bundle");
        bundle.verifies_until()
    };
    let year = |year: i32| -> Timestamp { format!("{year}-01-01T00:00:00Z").parse().expect("it") };
    assert_eq!(until(&[ca(&key, 2030), ca(&key, 2040)]), year(2040));
    assert_eq!(until(&[ca(&key, 2040), ca(&other, 2030)]), year(2030));
}

/// The fleet without its last few hosts.
fn without(count: usize, lost: usize) -> Scenario {
    Scenario::agreed(&fleet(count, 0, "")).file(&fleet(count - lost, 0, ""))
}

#[test]
fn most_of_the_protected_hosts_do_not_get_lost() {
    for (count, lost, expected) in [
        (6, 3, vec!["opened", "changed hosts"]),
        (6, 4, vec!["opened", "unprotected"]),
        (3, 2, vec!["opened"]), // more than half, and fewer than three
        (4, 3, vec!["opened", "unprotected"]),
    ] {
        assert_eq!(
            kinds(&without(count, lost), &none()),
            expected,
            "{lost} of {count}"
        );
    }
    let world = without(6, 4);
    assert_eq!(kinds(&world, &changing(3)), ["opened", "unprotected"]);
    assert_eq!(kinds(&world, &changing(4)), ["opened"]);
    let open: Vec<String> = (2..6).map(|n| format!("h{n}.example.com")).collect();
    let open: Vec<&str> = open.iter().map(String::as_str).collect();
    assert_eq!(kinds(&world, &opening(&open)), ["unprotected"]);
    // What may be open is not only counted any more.
    golden("plan/refused_most_hosts.txt", &world.text_with(&none()));
    golden(
        "plan/refused_unprotected.txt",
        &world.text_with(&opening(&open[1..])),
    );
}

#[test]
fn an_empty_file_of_hosts() {
    let empty =
        "owner: platform\nzones: [example.com, example.net]\ncas: []\nhostnames: []\nrules: []\n";
    let world = Scenario::agreed(ONE).file(empty);
    assert_eq!(
        kinds(&world, &none()),
        ["opened", "unprotected", "deletions"]
    );
    golden("plan/refused_empty_file.txt", &world.text_with(&none()));
    let refusals = world.approved_with(&none()).unwrap_err();
    let consent = refusals.iter().fold(none(), granting);
    assert!(objections(&world, &consent).is_empty());
}

#[test]
fn rules_that_only_log_from_now_on_protect_nobody() {
    let log = ONE.replace(
        "name: require-certificate",
        "{ name: require-certificate, action: log }",
    );
    let world = Scenario::agreed(ONE).file(&log);
    assert_eq!(kinds(&world, &none()), ["opened", "unprotected"]);
    let challenge = log.replace("action: log", "action: managed_challenge");
    let world = Scenario::agreed(ONE).file(&challenge);
    assert!(objections(&world, &none()).is_empty());
    // A challenge kept people out, too.
    let world = Scenario::agreed(&challenge).file(&log);
    assert_eq!(kinds(&world, &none()), ["opened", "unprotected"]);
}

#[test]
fn a_host_line_lost_in_a_merge() {
    let world = without(4, 1);
    assert_eq!(kinds(&world, &none()), ["opened"]);
    golden("plan/refused_opened.txt", &world.text_with(&none()));
    assert_eq!(kinds(&world, &opening(&["h2.example.com"])), ["opened"]);
    assert!(objections(&world, &opening(&["h3.example.com"])).is_empty());
    let listed = "guards: { may_open: [h3.example.com] }\n";
    let world = world.file(&fleet(3, 0, listed));
    assert!(objections(&world, &none()).is_empty());
}

#[test]
fn only_what_the_flag_names_is_opened() {
    let world = without(6, 2);
    let [Objection::Opened { hosts }] = &objections(&world, &opening(&["h4.example.com"]))[..]
    else {
        panic!("{}", world.text_with(&opening(&["h4.example.com"])));
    };
    assert_eq!(hosts[..], [Hostname::parse("h5.example.com").expect("it")]);
}

#[test]
fn a_host_that_others_close_to_some_callers_is_opened_all_the_same() {
    let somebody = |world: Scenario, at| {
        let network = block("ip.src in {192.0.2.0/24}");
        world.with_rule("example.com", at, "A bad network", network)
    };
    assert_eq!(kinds(&somebody(without(4, 1), 0), &none()), ["opened"]);
    assert_eq!(kinds(&somebody(without(4, 1), 1), &none()), ["opened"]);
    // What others close to everybody does not stand open.
    let closed = without(4, 1).with_rule(
        "example.com",
        1,
        "Not for anybody",
        block("http.host eq \"h3.example.com\""),
    );
    assert!(objections(&closed, &none()).is_empty());
}

#[test]
fn what_is_opened_for_some_requests_heads_the_headline_and_is_not_refused() {
    let world = changed(4, 1, "").edit(
        "hostnames: [h0.example.com, h1.example.com, h2.example.com, h3.example.com] }",
        "hostnames: [h0.example.com, h1.example.com, h2.example.com] }\n  - { name: partly, \
         hostnames: [h3.example.com], unless: http.request.uri.path eq \"/healthz\" }",
    );
    assert!(objections(&world, &none()).is_empty());
    let text = world.text_with(&none());
    let at = |words: &str| {
        text.find(words)
            .unwrap_or_else(|| panic!("{words} in {text}"))
    };
    assert!(at("h3.example.com") < at("  h0.example.com"), "{text}");
}
