//! What somebody may change under a run: their own rules, while the remaining steps stay safe.

use mtlsctl::live::Rules;
use mtlsctl::plan;
use mtlsctl::plan::Consent;
use mtlsctl::plan::Hindrance;
use mtlsctl::plan::Phase;
use mtlsctl::plan::Plan;
use mtlsctl::plan::goes_on;
use mtlsctl::plan::safety::Wrong;
use mtlsctl::resource::CustomRule;
use mtlsctl::resource::EntryPoint;
use mtlsctl::resource::Hostname;
use mtlsctl::resource::RulesetId;
use mtlsctl::resource::ZoneName;

use crate::plan::safe::handed_over_without_room;
use crate::plan::worlds::ONE;
use crate::support::consent;
use crate::support::foreign::block;
use crate::support::foreign::skip;
use crate::support::interpreter;
use crate::support::scenario::Scenario;

const ZONE: &str = "example.com";

/// Two rules with one CA.
const TWO_RULES: &str = "
owner: platform
cas:
  - { name: fleet-2026, certificates: fleet-2026.pem }
hostnames:
  - { name: public, cas: [fleet-2026], hosts: [api.example.com, pay.example.com] }
  - { name: inner, cas: [fleet-2026], hosts: [bus.example.com] }
rules:
  - { name: public, hostnames: [public] }
  - { name: inner, hostnames: [inner] }
";

/// A host goes from the first rule to the second, in two waves; two rules of others stand below them.
fn handed_over(rest: &str) -> Scenario {
    let others = [
        ("Bad network", block("ip.src in {192.0.2.0/24}")),
        ("Good network", skip("ip.src in {198.51.100.0/24}")),
    ];
    let mut world = Scenario::agreed(TWO_RULES);
    for (title, rule) in others {
        let at = world.rules(ZONE).len();
        world = world.with_rule(ZONE, at, title, rule);
    }
    let moved = TWO_RULES
        .replace("api.example.com, pay.example.com", "api.example.com")
        .replace("bus.example.com", "bus.example.com, pay.example.com");
    let world = world.file(&format!("{moved}{rest}"));
    let waves = world.plan().expect("a plan").waves;
    let phases: Vec<Phase> = waves.iter().map(|wave| wave.phase).collect();
    assert_eq!(phases, [Phase::Widen, Phase::Narrow]);
    world
}

/// Whether the plan goes on after its first waves where somebody bent the rules of the zone by then.
fn bent(
    world: &Scenario,
    when: (usize, &[&str]),
    bend: impl FnOnce(&mut Vec<CustomRule>),
) -> Result<(), Hindrance> {
    bent_in(world, when, 99, bend)
}

/// The same, where the rules are of that version by then.
fn bent_in(
    world: &Scenario,
    (done, interruptions): (usize, &[&str]),
    version: u64,
    bend: impl FnOnce(&mut Vec<CustomRule>),
) -> Result<(), Hindrance> {
    let desired = world.desired();
    let live = world.observed(&desired);
    let plan = world.plan().expect("a plan");
    let hosts = interruptions.iter();
    let consent = Consent {
        interruptions: hosts
            .map(|host| Hostname::parse(host).expect("a host"))
            .collect(),
        ..consent::to_guards(&plan, &desired, &live, world.at())
    };
    let before = Plan {
        waves: plan.waves[..done].to_vec(),
        ..Plan::default()
    };
    let approved = plan::approve(plan, &desired, &live, world.at(), &consent).expect("approved");
    let zone = ZoneName::parse(ZONE).expect("a zone");
    let account = interpreter::run(&before, &live).expect("the first waves");
    let known = account.zones[&zone].rules.clone().expect("read");
    let mut rules = known.as_slice().to_vec();
    bend(&mut rules);
    let read = Rules::EntryPoint(EntryPoint {
        id: RulesetId::parse(&"e".repeat(32)).expect("the form of an id"),
        version,
        rules,
    });
    goes_on((&approved, &live), done, &zone, (&known, &read))
}

fn place_of(rules: &[CustomRule], begins: &str) -> usize {
    let mut rules = rules.iter();
    let is_meant =
        |rule: &CustomRule| rule.reference.starts_with(begins) || rule.label().starts_with(begins);
    rules.position(is_meant).expect("a rule of that name")
}

#[test]
fn rules_of_others_may_come_go_change_and_move() {
    let world = handed_over("");
    let edits: [fn(&mut Vec<CustomRule>); 6] = [
        |_| {},
        |rules| rules.push(block("ip.src eq 203.0.113.9").numbered(0x77)),
        |rules| rules.insert(0, block("ip.src eq 203.0.113.9").numbered(0x77)),
        |rules| {
            rules.remove(place_of(rules, "Bad"));
        },
        |rules| {
            let at = place_of(rules, "Bad");
            "ip.src in {192.0.2.0/25}".clone_into(&mut rules[at].expression);
        },
        |rules| {
            let (bad, good) = (place_of(rules, "Bad"), place_of(rules, "Good"));
            rules.swap(bad, good);
        },
    ];
    for (nth, edit) in edits.into_iter().enumerate() {
        assert_eq!(bent(&world, (1, &[]), edit), Ok(()), "{nth}");
    }
}

#[test]
fn rules_of_ours_are_counted_on() {
    let world = handed_over("");
    let edits: [fn(&mut Vec<CustomRule>); 6] = [
        |rules| rules[0].enabled = false,
        |rules| rules[0].description.push_str(" by hand"),
        |rules| {
            let at = place_of(rules, "platform/inner");
            rules.remove(at);
        },
        |rules| {
            let [public, inner] = ["platform/public", "platform/inner"];
            let (public, inner) = (place_of(rules, public), place_of(rules, inner));
            rules.swap(public, inner);
        },
        // Deleted, and made anew.
        |rules| rules[0].id = interpreter::rule_id(0x77),
        // Another run of this program.
        |rules| {
            let mut another = rules[0].clone();
            another.id = interpreter::rule_id(0x77);
            "platform/public/2".clone_into(&mut another.reference);
            rules.push(another);
        },
    ];
    for (nth, edit) in edits.into_iter().enumerate() {
        let found = bent(&world, (1, &[]), edit);
        assert_eq!(found, Err(Hindrance::CountedOn), "{nth}");
    }
}

#[test]
fn rules_of_an_earlier_version_are_no_later_change() {
    let world = handed_over("");
    let add = |rules: &mut Vec<CustomRule>| {
        rules.push(block("ip.src eq 203.0.113.9").numbered(0x77));
    };
    let version = |version| bent_in(&world, (1, &[]), version, add);
    assert_eq!(version(1), Err(Hindrance::CountedOn));
    assert_eq!(version(99), Ok(()));
}

#[test]
fn what_the_rest_would_open_stops_it() {
    let between = |rules: &mut Vec<CustomRule>| {
        let at = place_of(rules, "platform/inner");
        assert!(place_of(rules, "platform/public") < at);
        let theirs = skip(r#"http.host eq "pay.example.com""#);
        rules.insert(at, theirs.numbered(0x77));
    };
    let world = handed_over("");
    let opens = bent(&world, (1, &[]), between).expect_err("it opens a host");
    let expected =
        "with that the remaining steps would open pay.example.com to clients without a certificate";
    assert_eq!(opens.to_string(), expected);
    // The file lets it stand open.
    let world = handed_over("guards: { may_open: [pay.example.com] }\n");
    assert_eq!(bent(&world, (1, &[]), between), Ok(()));
    // Where it stands open already, nothing is opened by us.
    let world = handed_over("");
    let above = |rules: &mut Vec<CustomRule>| {
        let theirs = skip(r#"http.host eq "pay.example.com""#);
        rules.insert(0, theirs.numbered(0x77));
    };
    assert_eq!(bent(&world, (1, &[]), above), Ok(()));
}

#[test]
fn an_access_test_that_would_fail_stops_it() {
    let world = handed_over(
        "tests:\n  - { host: api.example.com, certificate: none, path: /v1, expect: block }\n",
    );
    let above = |expression: &'static str| {
        move |rules: &mut Vec<CustomRule>| rules.insert(0, skip(expression).numbered(0x77))
    };
    let stops = bent(&world, (1, &[]), above(r#"http.host eq "api.example.com""#));
    let Err(Hindrance::Unsafe { violation }) = stops else {
        panic!("{stops:?}");
    };
    assert!(
        matches!(violation.wrong, Wrong::Failing { .. }),
        "{violation}"
    );
    // Not by what it does not ask about.
    let elsewhere = above(r#"http.host eq "api.example.com" and http.request.uri.path eq "/v2""#);
    assert_eq!(bent(&world, (1, &[]), elsewhere), Ok(()));
}

#[test]
fn a_moment_that_is_not_safe_stops_it_and_is_named_by_its_wave_of_the_plan() {
    // A managed certificate is verified as soon as the host asks, and stopped once there is our rule.
    let theirs = r#"http.host eq "api.example.com" and not cf.tls_client_auth.cert_verified"#;
    let world = Scenario::new(ONE);
    let stops = bent(&world, (1, &[]), |rules| {
        rules.push(block(theirs).numbered(0x77));
    });
    let Err(Hindrance::Unsafe { violation }) = stops else {
        panic!("{stops:?}");
    };
    assert!(
        matches!(violation.wrong, Wrong::Flicker { .. }),
        "{violation}"
    );
    assert_eq!(
        violation.when.as_ref().map(|when| when.wave),
        Some(1),
        "{violation}"
    );
    assert!(violation.to_string().contains("in wave 2"), "{violation}");
    let harmless = bent(&world, (1, &[]), |rules| {
        rules.push(block("ip.src eq 203.0.113.9").numbered(0x77));
    });
    assert_eq!(harmless, Ok(()));
}

#[test]
fn a_consent_to_interruptions_holds() {
    let world = handed_over_without_room();
    let violations = world.plan().expect("a plan").safety.violations;
    assert!(!violations.is_empty());
    let found = bent(&world, (0, &["pay.example.com"]), |rules| {
        rules.push(block("ip.src eq 203.0.113.9").numbered(0x77));
    });
    assert_eq!(found, Ok(()));
}
