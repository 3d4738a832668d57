//! Rules and CAs that the file takes over from somebody else.

use mtlsctl::plan::Refusal;
use mtlsctl::resource::CustomRule;

use crate::support::foreign::acting;
use crate::support::foreign::block;
use crate::support::foreign::skip;
use crate::support::scenario::Scenario;

/// A file that takes over the first rule of its zone.
const ADOPTING: &str = "
owner: platform
zones: [example.com]
cas:
  - { name: fleet, certificates: fleet-2026.pem }
hostnames:
  - { name: public-api, cas: [fleet], hosts: [api.example.com, pay.example.com] }
rules:
  - name: require-certificate
    adopt: [{ zone: example.com, ref: '00000000000000000000000000000001' }]
";

/// The same demand in somebody's words.
const THEIRS: &str = "(http.host eq \"pay.example.com\" or http.host eq \"api.example.com\") and (not \
                      cf.tls_client_auth.cert_verified or not cf.tls_client_auth.cert_issuer_ski in {\"KEY\"})";

fn theirs() -> String {
    let bundle = crate::support::repository::bundle("fleet-2026.pem");
    let key_id = bundle.key_ids().pop_first().expect("a key id");
    THEIRS.replace("KEY", key_id.as_str())
}

/// An account that somebody else has made, which is as the file says.
fn world() -> Scenario {
    Scenario::new(ADOPTING)
        .with_ca("Fleet", "fleet-2026.pem")
        .listing(
            "example.com",
            "Fleet",
            &["api.example.com", "pay.example.com"],
        )
        .with_rule("example.com", 0, "Only the fleet", block(&theirs()))
}

fn first(world: &Scenario) -> &CustomRule {
    &world.rules("example.com")[0]
}

#[track_caller]
fn changes_nothing(world: &Scenario) {
    let plan = world.approved().expect("a plan");
    assert!(plan.is_empty(), "{}", world.text());
}

#[test]
fn an_adopted_rule_that_says_what_the_file_says_is_left_as_it_is() {
    changes_nothing(&world());
    let below = world().with_rule("example.com", 0, "Office", skip("ip.src eq 192.0.2.7"));
    changes_nothing(&below);
}

#[test]
fn an_adopted_rule_is_changed_in_place_and_marked_with_the_first_change() {
    let before = first(&world()).clone();
    let mut world = world().edit(", pay.example.com]", "]");
    world.reads("adopted_rule_changed");
    world.apply();
    let after = first(&world).clone();
    assert_eq!(
        (&after.id, &after.reference),
        (&before.id, &before.reference)
    );
    assert!(
        after
            .description
            .ends_with(" [platform/require-certificate/1]"),
        "{}",
        after.description
    );
    assert_eq!(world.rules("example.com").len(), 1);
    changes_nothing(&world);

    let world = world.edit(
        "\n    adopt: [{ zone: example.com, ref: '00000000000000000000000000000001' }]",
        "",
    );
    changes_nothing(&world);
}

#[test]
fn an_adopted_rule_that_changes_is_brought_above_what_lets_requests_past() {
    let mut world = world()
        .with_rule("example.com", 0, "Office", skip("ip.src eq 192.0.2.7"))
        .edit(
            "- name: require-certificate",
            "- name: require-certificate\n    unless: ssl",
        );
    world.apply();
    let names: Vec<&str> = world
        .rules("example.com")
        .iter()
        .map(CustomRule::label)
        .collect();
    assert!(names[1] == "Office" && names.len() == 2, "{names:?}");
    changes_nothing(&world);
}

#[test]
fn any_change_of_what_an_adopted_rule_does_is_a_change() {
    for edit in [
        "pin: false",
        "enabled: false",
        "action: managed_challenge",
        "unless: ssl",
        "response: { status: 401, content_type: text/plain, content: 'no' }",
    ] {
        let mut world = world().edit(
            "- name: require-certificate",
            &format!("- name: require-certificate\n    {edit}"),
        );
        let plan = world.approved().expect("a plan");
        assert_eq!(plan.steps().count(), 1, "{edit}\n{}", world.text());
        world.apply();
        changes_nothing(&world);
    }
    let tampered = world().tampered("example.com", "00000000000000000000000000000001", |rule| {
        "log".clone_into(&mut rule.action);
    });
    assert_eq!(tampered.approved().expect("a plan").steps().count(), 1);
}

#[test]
fn a_rule_that_only_the_file_made_ours_is_left_alone_with_its_entry_gone() {
    let rules = ADOPTING.find("rules:").expect("rules");
    world()
        .file(&format!("{}rules: []\n", &ADOPTING[..rules]))
        .reads("adopted_rule_removed");
}

#[test]
fn an_adopted_rule_without_hosts_goes() {
    let file = ADOPTING.replace(
        "hosts: [api.example.com, pay.example.com] }",
        "hosts: [api.example.com] }\n  - { name: shop, cas: [fleet], hosts: [shop.example.com] }",
    );
    let file = file.replace("    adopt:", "    hostnames: [api.example.com]\n    adopt:");
    let two = file.replace(
        "[{ zone",
        "[{ zone: example.com, ref: '00000000000000000000000000000002' }, { zone",
    );
    let pay = theirs().replace("http.host eq \"pay.example.com\" or ", "");
    let mut world = world()
        .file(&two)
        .tampered("example.com", "00000000000000000000000000000001", |rule| {
            rule.expression.clone_from(&pay);
        })
        .with_rule(
            "example.com",
            1,
            "Pay",
            block(&pay.replace("api.example.com", "pay.example.com")),
        );
    world.apply();
    let names: Vec<&str> = world
        .rules("example.com")
        .iter()
        .map(CustomRule::label)
        .collect();
    assert_eq!(names, ["Only the fleet"], "{}", world.text());
    changes_nothing(&world);
}

#[test]
fn an_adopted_rule_that_is_not_there_is_told_and_made() {
    let missing = ADOPTING.replace("'00000000000000000000000000000001'", "gone");
    Scenario::new(&missing)
        .with_ca("Fleet", "fleet-2026.pem")
        .listing(
            "example.com",
            "Fleet",
            &["api.example.com", "pay.example.com"],
        )
        .reads("adopted_rule_missing");
}

#[test]
fn a_rule_of_another_owner_is_not_adopted() {
    let world = world().tampered("example.com", "00000000000000000000000000000001", |rule| {
        "Theirs [storefront/shop/1]".clone_into(&mut rule.description);
        "http.host eq \"shop.example.com\"".clone_into(&mut rule.expression);
    });
    let refusals = world.plan().expect_err("a refusal");
    assert!(
        matches!(refusals.as_slice(), [Refusal::AdoptsOfOther { .. }]),
        "{refusals:?}"
    );
    assert_eq!(
        refusals[0].to_string(),
        "rule require-certificate adopts rule storefront/shop/1 in example.com, which belongs to `storefront`"
    );
}

#[test]
fn a_rule_that_is_adopted_together_with_its_copy_keeps_both_apart() {
    let host = |name: &str| {
        format!("http.host eq \"{name}.example.com\" and not cf.tls_client_auth.cert_verified")
    };
    let file = ADOPTING.replace(
        "    adopt: [",
        "    pin: false\n    adopt: [{ zone: example.com, ref: '00000000000000000000000000000002' }, ",
    );
    let mut world = Scenario::new(&file)
        .with_ca("Fleet", "fleet-2026.pem")
        .listing(
            "example.com",
            "Fleet",
            &["api.example.com", "pay.example.com"],
        )
        .with_rule("example.com", 0, "One", block(&host("api")))
        .with_rule("example.com", 1, "Other", block(&host("pay")));
    changes_nothing(&world);
    world = world.edit("pin: false", "pin: true");
    world.apply();
    let marks: Vec<u32> = world
        .rules("example.com")
        .iter()
        .filter_map(|rule| Some(rule.mark()?.piece))
        .collect();
    assert_eq!(marks, [1, 2]);
    changes_nothing(&world);
}

#[test]
fn a_new_rule_is_not_put_below_an_adopted_one_that_is_bypassed() {
    let mut world = world()
        .with_rule("example.com", 0, "Office", skip("ip.src eq 192.0.2.7"))
        .edit(
            "rules:\n",
            "rules:\n  - { name: watch, action: log, pin: false }\n",
        );
    world.apply();
    assert_eq!(first(&world).reference, "platform/watch/1");
    changes_nothing(&world);
    let mut world = world.edit("  - { name: watch, action: log, pin: false }\n", "");
    world = world.file(&format!(
        "{ADOPTING}  - {{ name: watch, action: log, pin: false }}\n"
    ));
    changes_nothing(&world);
}

#[test]
fn an_adopted_ca_is_deleted_on_the_day_that_the_file_gives_it() {
    let file = "
owner: platform
zones: [example.com]
cas:
  - { name: fleet, certificates: fleet-2026.pem }
  - { name: old, certificates: fleet-2025.pem, retire: 2026-05-01 }
hostnames:
  - { name: public-api, cas: [fleet, old], hosts: [api.example.com] }
rules:
  - { name: watch, action: log, pin: false, adopt: [{ zone: example.com, ref: '00000000000000000000000000000001' }] }
";
    let watched = "http.host in {\"api.example.com\"} and not cf.tls_client_auth.cert_verified";
    Scenario::new(file)
        .with_ca("Fleet", "fleet-2026.pem")
        .with_ca("Old fleet", "fleet-2025.pem")
        .listing("example.com", "Fleet", &["api.example.com"])
        .listing("example.com", "Old", &["api.example.com"])
        .with_rule(
            "example.com",
            0,
            "Watch",
            acting("log", serde_json::json!({}), watched),
        )
        .reads("adopted_ca_retired");
}
