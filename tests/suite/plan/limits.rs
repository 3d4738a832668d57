//! Long rules and full quotas.

use mtlsctl::expression;
use mtlsctl::plan::Change;
use mtlsctl::plan::Plan;
use mtlsctl::resource::EXPRESSION_LIMIT;

use crate::plan::worlds::ONE;
use crate::support::scenario::Scenario;

/// A file with these hosts in one group.
fn many(hosts: &[String]) -> String {
    ONE.replace("api.example.com, pay.example.com", &hosts.join(", "))
}

fn numbered(count: usize) -> Vec<String> {
    (0..count)
        .map(|n| format!("device-gateway-{n:05}.example.com"))
        .collect()
}

fn rule_steps(plan: &Plan) -> usize {
    plan.steps()
        .filter(|step| matches!(step.change, Change::Rule { .. }))
        .count()
}

#[test]
fn three_hundred_hosts_take_as_few_rules_as_fit() {
    let world = Scenario::agreed(&many(&numbered(300)));
    let lengths: Vec<usize> = world
        .rules("example.com")
        .iter()
        .map(|rule| expression::normalised_length(&rule.expression))
        .collect();
    assert_eq!(lengths.len(), 3);
    assert!(
        lengths.iter().all(|length| *length <= EXPRESSION_LIMIT),
        "{lengths:?}"
    );
    assert!(world.plan().expect("a plan").is_empty());
}

#[test]
fn one_host_more_or_less_touches_one_rule_of_many() {
    let world = Scenario::agreed(&many(&numbered(300)));
    let mut more = numbered(300);
    more.push("aaa-first-by-name.example.com".to_owned());
    world.clone().file(&many(&more)).reads("host_added_to_many");
    let mut fewer = numbered(300);
    fewer.remove(7);
    world
        .clone()
        .file(&many(&fewer))
        .reads("host_removed_from_many");
    let mut both = more;
    both.remove(7);
    let plan = world.file(&many(&both)).plan().expect("a plan");
    assert!(rule_steps(&plan) <= 3, "{plan:?}");
}

#[test]
fn a_host_goes_where_there_is_room_before_a_rule_is_made_for_it() {
    let hosts = numbered(300);
    let mut world = Scenario::agreed(&many(&hosts));
    let first: Vec<String> = hosts
        .iter()
        .filter(|host| !world.rules("example.com")[0].expression.contains(*host))
        .cloned()
        .collect();
    world = world.file(&many(&first));
    world.apply();
    assert_eq!(world.rules("example.com").len(), 2);
    let mut more = first;
    more.push("aaa-first-by-name.example.com".to_owned());
    world = world.file(&many(&more));
    world.apply();
    assert_eq!(world.rules("example.com").len(), 2);
}

#[test]
fn a_longer_unless_pushes_hosts_out_of_every_full_rule() {
    let mut world = Scenario::agreed(&many(&numbered(300))).edit(
        "- name: require-certificate",
        "- name: require-certificate\n    unless: http.host eq \"device-gateway-00150.example.com\" and http.request.uri.path in {\"/healthz\" \"/readyz\"}",
    );
    world.apply();
    assert!(world.plan().expect("a plan").is_empty(), "{}", world.text());
    assert_eq!(world.rules("example.com").len(), 3);
}

#[test]
fn pins_and_exceptions_that_leave_no_room_are_an_error() {
    let paths: Vec<String> = (0..160)
        .map(|n| format!(" \"/open/for/everybody/{n:04}\""))
        .collect();
    let paths = paths.concat();
    Scenario::agreed(ONE)
        .edit(
            "- name: require-certificate",
            &format!(
                "- name: require-certificate\n    unless: http.request.uri.path in {{{paths} }}"
            ),
        )
        .reads("no_room");
}

#[test]
fn a_full_quota_is_refused_with_the_names_of_what_fills_it() {
    Scenario::agreed(ONE)
        .with_ca("Somebody's CA", "somebody.pem")
        .edit("owner: platform", "owner: platform\nquota: 2")
        .edit("fleet-2026.pem", "fleet-2027.pem")
        .reads("quota_refused");
}

#[test]
fn an_account_beyond_its_quota_can_still_be_emptied() {
    Scenario::agreed(ONE)
        .with_ca("Somebody's CA", "somebody.pem")
        .edit("owner: platform", "owner: platform\nquota: 1")
        .reads("quota_exceeded_without_upload");
}
