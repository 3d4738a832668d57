//! Every state on the way: orders that are not the normal one, and changes that no order makes safely.

use mtlsctl::edge::Client;
use mtlsctl::edge::Verdict;
use mtlsctl::plan::Consent;
use mtlsctl::plan::Phase;
use mtlsctl::plan::safety::Violation;
use mtlsctl::plan::safety::Wrong;
use mtlsctl::report;

use crate::support::foreign::block;
use crate::support::foreign::skip;
use crate::support::golden::golden;
use crate::support::scenario::Scenario;

const FILE: &str = "
owner: platform
cas:
  - { name: fleet-2026, certificates: fleet-2026.pem }
  - { name: fleet-2027, certificates: fleet-2027.pem }
hostnames:
  - { name: public-api, cas: [fleet-2026], hosts: [api.example.com, pay.example.com] }
  - { name: internal, cas: [fleet-2027], hosts: [bus.example.com] }
rules:
  - { name: public, hostnames: [public-api] }
  - { name: inner, hostnames: [internal] }
";

const PUBLIC: &str = "{ name: public, hostnames: [public-api]";
const INNER: &str = "{ name: inner, hostnames: [internal]";

fn phases(world: &Scenario) -> Vec<String> {
    let plan = world.plan().expect("a plan");
    assert!(plan.safety.is_safe(), "{:?}", plan.safety.violations);
    plan.waves
        .iter()
        .map(|wave| wave.phase.to_string())
        .collect()
}

#[test]
fn the_normal_order_is_taken_where_it_is_safe() {
    let phases = phases(&Scenario::new(FILE));
    assert_eq!(phases, ["upload", "associate", "create or widen rules"]);
}

#[test]
fn a_rule_that_counts_on_a_pin_has_it_before_the_ca_comes() {
    // Without a pin, clients of the new CA would get in on every host that asks, until the pin is there.
    let unpinned = FILE.replace(
        "{ name: public, hostnames",
        "{ name: public, pin: false, hostnames",
    );
    let without = unpinned.replace(
        "  - { name: fleet-2027, certificates: fleet-2027.pem }\n",
        "",
    );
    let without = without.replace(
        "  - { name: internal, cas: [fleet-2027], hosts: [bus.example.com] }\n",
        "",
    );
    let without = without.replace("  - { name: inner, hostnames: [internal] }\n", "");
    let world = Scenario::agreed(&without).file(FILE);
    let plan = world.plan().expect("a plan");
    assert!(plan.safety.is_safe(), "{:?}", plan.safety.violations);
    let first = plan.waves.first().expect("a wave");
    assert_eq!(first.phase, Phase::Narrow, "{}", world.text());
    // And the edge has to have it by then, which no read can show.
    let upload = plan.waves.iter().find(|wave| wave.phase == Phase::Upload);
    assert!(upload.expect("an upload").settles_first);
    world.reads("pin_before_upload");
}

/// A host moves to a rule with another CA.
fn handed_over() -> Scenario {
    handed_over_in(FILE)
}

/// The same, where the exceptions of the two rules leave no room for both in one.
pub(super) fn handed_over_without_room() -> Scenario {
    let paths = |letter: &str| {
        let paths = (0..60).map(|nth| format!("\"/{}/{nth}\"", letter.repeat(30)));
        let paths: Vec<String> = paths.collect();
        format!("http.request.uri.path in {{{}}}", paths.join(" "))
    };
    let with = |file: &str, rule: &str, letter: &str| {
        let exception = format!("{rule}, unless: '{}' }}", paths(letter));
        file.replace(&format!("{rule} }}"), &exception)
    };
    let file = with(FILE, PUBLIC, "p");
    let file = with(&file, INNER, "i");
    assert_ne!(file, FILE);
    handed_over_in(&file)
}

fn handed_over_in(file: &str) -> Scenario {
    let moved = file
        .replace(
            "hosts: [api.example.com, pay.example.com]",
            "hosts: [api.example.com]",
        )
        .replace(
            "hosts: [bus.example.com]",
            "hosts: [bus.example.com, pay.example.com]",
        );
    Scenario::agreed(file).file(&moved)
}

#[test]
fn a_host_that_moves_between_rules_with_other_cas_goes_over_a_bridge() {
    handed_over().reads("handed_over");
}

#[test]
fn a_change_that_no_order_makes_safely_is_refused_and_says_why() {
    handed_over_without_room().reads("no_room_for_a_bridge");
}

#[test]
fn an_interruption_can_be_consented_to_host_by_host() {
    let world = handed_over_without_room();
    let consent = |hosts: &[&str]| Consent {
        interruptions: hosts
            .iter()
            .map(|host| mtlsctl::resource::Hostname::parse(host).expect("a host"))
            .collect(),
        ..Consent::default()
    };
    let approved = |hosts: &[&str]| world.approved_with(&consent(hosts)).is_ok();
    assert!(!approved(&[]));
    assert!(!approved(&["api.example.com"]));
    assert!(approved(&["pay.example.com"]));
}

#[test]
fn a_new_ca_that_opens_somebodys_host_is_in_the_headline() {
    let world = Scenario::new(FILE)
        .with_ca("somebody", "somebody.pem")
        .listing("example.net", "somebody", &["theirs.example.net"])
        .with_rule(
            "example.net",
            0,
            "theirs",
            block("http.host eq \"theirs.example.net\" and not cf.tls_client_auth.cert_verified"),
        );
    let plan = world.plan().expect("a plan");
    let text = report::effects::text(&plan.safety.shifts, 80);
    let text = anstream::adapter::strip_str(&text).to_string();
    golden("plan/opens_somebodys_host.txt", &text);
}

#[test]
fn the_edge_is_waited_for_only_where_it_could_make_a_difference() {
    let settles = |world: &Scenario| {
        let plan = world.plan().expect("a plan");
        let waves = plan.waves.iter();
        waves
            .map(|wave| (wave.phase, wave.settles_first))
            .collect::<Vec<_>>()
    };
    // A rule that counts on certificates the edge does not ask for yet would lock everybody out.
    assert_eq!(
        settles(&Scenario::new(FILE)),
        [
            (Phase::Upload, false),
            (Phase::Associate, false),
            (Phase::Widen, true)
        ]
    );
    // Hosts of one zone join their list, and another zone's rule gains a host: neither can tell.
    let apart = "
owner: platform
cas:
  - { name: fleet-2026, certificates: fleet-2026.pem }
hostnames:
  - { name: net, cas: [fleet-2026], hosts: [a.example.net] }
  - { name: com, cas: [fleet-2026], hosts: [a.example.com] }
rules:
  - { name: net, hostnames: [net] }
  - { name: com, hostnames: [com], response: { status: 401, content_type: text/plain, content: no } }
";
    let changed = apart
        .replace(
            "hosts: [a.example.net]",
            "hosts: [a.example.net, b.example.net]",
        )
        .replace(
            "  - { name: net, hostnames: [net] }",
            "  - { name: net, hostnames: [a.example.net] }",
        )
        .replace("status: 401", "status: 403");
    let world = Scenario::agreed(apart).file(&changed);
    assert_eq!(
        settles(&world),
        [(Phase::Associate, false), (Phase::Widen, false)]
    );
}

#[test]
fn only_what_is_looser_than_before_and_after_is_an_exposure() {
    let plan = handed_over_without_room().plan().expect("a plan");
    let violation = plan.safety.violations.first().expect("a violation");
    let Wrong::Gap { guard } = &violation.wrong else {
        panic!("{violation}");
    };
    let exposes = |before, during, after| {
        let wrong = Wrong::Flicker {
            client: Client::None,
            guard: guard.clone(),
            before,
            during,
            after,
        };
        let violation = Violation {
            wrong,
            ..violation.clone()
        };
        violation.exposes()
    };
    let (pass, challenge, block) = (Verdict::Pass, Verdict::Challenge, Verdict::Block);
    for (before, during, after, expected) in [
        (block, pass, block, true),
        (block, challenge, block, true),
        (challenge, pass, block, true),
        (block, pass, challenge, true),
        (pass, block, pass, false),
        (pass, challenge, block, false),
        (block, challenge, pass, false),
        (challenge, block, pass, false),
    ] {
        assert_eq!(
            exposes(before, during, after),
            expected,
            "{before:?} {during:?} {after:?}"
        );
    }
    assert!(!violation.exposes());
}

#[test]
fn a_rule_below_somebodys_skip_is_narrowed_before_it_is_moved_above() {
    let file = |hosts: &str| {
        format!(
            "
owner: platform
cas:
  - {{ name: fleet-2026, certificates: fleet-2026.pem }}
hostnames:
  - {{ name: public-api, cas: [fleet-2026], hosts: [{hosts}] }}
rules:
  - {{ name: public, hostnames: [{hosts}] }}
"
        )
    };
    let world = Scenario::agreed(&file("c.example.com"))
        .with_rule(
            "example.com",
            0,
            "theirs",
            skip("not cf.tls_client_auth.cert_presented"),
        )
        .file(&file("a.example.com"));
    let plan = world.plan().expect("a plan");
    assert!(plan.safety.is_safe(), "{:?}", plan.safety.violations);
}

#[test]
fn a_rule_may_change_its_action_before_its_pins() {
    let file = |cas: &str, rules: &str| {
        format!(
            "
owner: platform
cas:
  - {{ name: fleet-2026, certificates: fleet-2026.pem }}
  - {{ name: fleet-2027, certificates: fleet-2027.pem }}
hostnames:
  - {{ name: public-api, cas: [{cas}], hosts: [a.example.com] }}
rules:{rules}
"
        )
    };
    let before = "
  - { name: first, action: managed_challenge, hostnames: [a.example.com] }
  - { name: second, action: block }";
    let after = "
  - { name: first, action: managed_challenge, hostnames: [a.example.com], unless: http.request.method eq \"POST\" }
  - { name: second, action: managed_challenge }";
    let world =
        Scenario::agreed(&file("fleet-2026, fleet-2027", before)).file(&file("fleet-2027", after));
    let plan = world.plan().expect("a plan");
    assert!(plan.safety.is_safe(), "{:?}", plan.safety.violations);
}
