//! Guards of what others have: hosts that are not ours, and rules that count on a CA of ours.

use mtlsctl::plan::Consent;
use mtlsctl::plan::Objection;
use mtlsctl::plan::guard::Reliance;
use mtlsctl::plan::guard::ReliedOn;

use crate::plan::guards::fleet;
use crate::plan::guards::hosts;
use crate::plan::guards::kinds;
use crate::plan::guards::none;
use crate::plan::guards::objections;
use crate::plan::worlds::ONE;
use crate::plan::worlds::TWO;
use crate::support::foreign::block;
use crate::support::golden::golden;
use crate::support::scenario::Scenario;

/// The key id of `fleet-2025`.
const FLEET_2025: &str = "3780FEF9334E5992E037CCD3C2A0D1992583EE1E";

/// That of `fleet-2026`.
const FLEET_2026: &str = "B75ED92A8C7157E8E7277A2F77FC7E94FE37F208";

const RULE: &str = "platform/certificates/1";

fn touching(names: &[&str]) -> Consent {
    Consent {
        side_effects: hosts(names),
        ..none()
    }
}

/// A CA comes into an account where somebody's rule takes any verified certificate.
fn somebody_unpinned(guards: &str) -> Scenario {
    Scenario::new(&format!("{ONE}{guards}"))
        .with_ca("somebody", "somebody.pem")
        .listing("example.net", "somebody", &["theirs.example.net"])
        .with_rule(
            "example.net",
            0,
            "theirs",
            block("http.host eq \"theirs.example.net\" and not cf.tls_client_auth.cert_verified"),
        )
}

#[test]
fn a_new_ca_that_would_open_somebodys_unpinned_host() {
    let reported = somebody_unpinned("");
    assert!(objections(&reported, &none()).is_empty());
    let text = reported.text_with(&none());
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let note = "somebody may change verdict on theirs.example.net, which neither the file nor a rule of ours names: \
                if certificates are verified against all CAs of the account";
    assert!(text.contains(note), "{text}");

    let refused = somebody_unpinned("guards: { side_effects: refuse }\n");
    assert_eq!(kinds(&refused, &none()), ["side effects"]);
    golden(
        "plan/refused_possible_side_effect.txt",
        &refused.text_with(&none()),
    );
    let another = touching(&["other.example.net"]);
    assert_eq!(kinds(&refused, &another), ["side effects"]);
    assert!(objections(&refused, &touching(&["theirs.example.net"])).is_empty());
}

/// Somebody listed a host of their own for our CA by hand.
fn listed_by_hand(file: &str) -> Scenario {
    Scenario::agreed(file)
        .listing(
            "example.com",
            "platform/fleet-2026",
            &["api.example.com", "pay.example.com", "shop.example.com"],
        )
        .with_rule(
            "example.com",
            1,
            "Shop",
            block("http.host eq \"shop.example.com\" and not cf.tls_client_auth.cert_verified"),
        )
}

#[test]
fn a_certain_side_effect_is_refused() {
    let world = listed_by_hand(ONE);
    assert_eq!(kinds(&world, &none()), ["side effects"]);
    golden("plan/refused_side_effect.txt", &world.text_with(&none()));
    assert!(objections(&world, &touching(&["shop.example.com"])).is_empty());
}

#[test]
fn what_changes_on_hosts_without_a_name_is_reported_only() {
    let world = Scenario::agreed(ONE)
        .tampered("example.com", "platform/require-certificate/1", |rule| {
            "not cf.tls_client_auth.cert_verified".clone_into(&mut rule.expression);
        })
        .file(&format!("{ONE}guards: {{ side_effects: refuse }}\n"));
    let plan = world.plan().expect("a plan");
    let nameless = plan
        .safety
        .shifts
        .iter()
        .any(|shift| shift.hosts.is_empty());
    assert!(nameless, "{}", world.text_with(&none()));
    assert!(objections(&world, &none()).is_empty());
}

/// `TWO` without its outgoing CA, which somebody's rule counts on.
fn outgoing(rule: &str) -> Scenario {
    Scenario::agreed(TWO)
        .with_rule("example.com", 1, "Legacy partners only", block(rule))
        .edit(
            "  - { name: fleet-2025, certificates: fleet-2025.pem }\n",
            "",
        )
        .edit("[fleet-2025, fleet-2026]", "[fleet-2026]")
}

#[test]
fn a_ca_whose_key_id_a_rule_of_others_names_is_not_deleted() {
    let world = outgoing(&format!(
        "http.host eq \"legacy.example.com\" and not cf.tls_client_auth.cert_issuer_ski eq \"{FLEET_2025}\""
    ));
    assert_eq!(kinds(&world, &none()), ["relied"]);
    golden("plan/refused_key_id.txt", &world.text_with(&none()));
    assert_eq!(kinds(&world, &touching(&["api.example.com"])), ["relied"]);
    assert!(objections(&world, &touching(&["legacy.example.com"])).is_empty());
}

#[test]
fn for_a_rule_without_hosts_stands_its_zone() {
    let world = outgoing(&format!(
        "ssl and cf.tls_client_auth.cert_issuer_ski in {{\"{FLEET_2025}\"}}"
    ));
    let [Objection::Relied(Reliance { hosts: named, .. })] = &objections(&world, &none())[..]
    else {
        panic!("{}", world.text_with(&none()));
    };
    assert_eq!(
        named
            .iter()
            .cloned()
            .collect::<std::collections::BTreeSet<_>>(),
        hosts(&["example.com"])
    );
    assert!(objections(&world, &touching(&["example.com"])).is_empty());
}

#[test]
fn a_rule_that_counts_on_nothing_that_goes_is_no_reason() {
    for rule in [
        format!("cf.tls_client_auth.cert_issuer_ski eq \"{FLEET_2026}\""),
        "http.host eq \"legacy.example.com\" and not cf.tls_client_auth.cert_verified".to_owned(),
        "http.host eq \"legacy.example.com\"".to_owned(),
    ] {
        assert!(objections(&outgoing(&rule), &none()).is_empty(), "{rule}");
    }
    let disabled = outgoing(&format!(
        "cf.tls_client_auth.cert_issuer_ski eq \"{FLEET_2025}\""
    ));
    let reference = disabled.rules("example.com")[1].reference.clone();
    let disabled = disabled.tampered("example.com", &reference, |rule| rule.enabled = false);
    assert!(objections(&disabled, &none()).is_empty());
}

#[test]
fn a_key_id_that_stays_with_another_ca_is_not_lost() {
    let file = ONE.replace("fleet-2026.pem", "partners.pem");
    let pinned = |pem: &str| {
        let bundle = crate::support::repository::bundle(pem);
        let id = bundle.key_ids().into_iter().next().expect("a key id");
        let rule = format!("cf.tls_client_auth.cert_issuer_ski eq \"{id}\"");
        let world = Scenario::agreed(&file).with_rule("example.com", 1, "Pinned", block(&rule));
        world.edit("partners.pem", "partners-issuing.pem")
    };
    assert!(objections(&pinned("partners-issuing.pem"), &none()).is_empty());
    assert_eq!(kinds(&pinned("partners-root.pem"), &none()), ["relied"]);
}

#[test]
fn a_ca_that_alone_makes_a_host_ask_is_not_deleted() {
    let rule = "http.host eq \"legacy.example.com\" and not cf.tls_client_auth.cert_presented";
    let world = outgoing(rule).listing(
        "example.com",
        "platform/fleet-2025",
        &["api.example.com", "pay.example.com", "legacy.example.com"],
    );
    let [Objection::Relied(Reliance { on, .. })] = &objections(&world, &none())[..] else {
        panic!("{}", world.text_with(&none()));
    };
    assert!(matches!(on, ReliedOn::Asking(_)), "{on:?}");
    golden("plan/refused_asking.txt", &world.text_with(&none()));
    assert!(objections(&world, &touching(&["legacy.example.com"])).is_empty());
    // Another CA makes it ask, too.
    let world = world.listing("example.com", "cloudflare-managed", &["legacy.example.com"]);
    assert!(!kinds(&world, &none()).contains(&"relied"));
}

/// A plan that every guard is against, but for the two that never are together.
pub(super) fn everything() -> Scenario {
    let rest = "  - { name: a, action: log, hostnames: [h0.example.com] }\n";
    let outgoing = "  - { name: fleet-2025, certificates: fleet-2025.pem }\n";
    let before = fleet(6, 0, rest)
        .replace(
            "  - { name: fleet-2027, certificates: fleet-2027.pem }\n",
            outgoing,
        )
        .replace("[fleet-2027]", "[fleet-2025, fleet-2026]");
    let after = fleet(5, 3, "guards: { min_validity: 36000d, min_overlap: 0d }\n")
        .replace("cas: [fleet-2027], ", "cas: [fleet-2026], ");
    let pinning = format!(
        "http.host eq \"legacy.example.com\" and cf.tls_client_auth.cert_issuer_ski eq \"{FLEET_2025}\""
    );
    // Pinned, so that the CA that comes makes no difference there.
    let shop = format!(
        "http.host eq \"shop.example.com\" and not (cf.tls_client_auth.cert_verified and \
         cf.tls_client_auth.cert_issuer_ski eq \"{FLEET_2026}\")"
    );
    let mut listed: Vec<String> = (0..6).map(|n| format!("h{n}.example.com")).collect();
    listed.push("shop.example.com".to_owned());
    let listed: Vec<&str> = listed.iter().map(String::as_str).collect();
    let world = Scenario::agreed(&before);
    assert!(
        world
            .rules("example.com")
            .iter()
            .any(|rule| rule.reference == RULE)
    );
    world
        .listing("example.com", "platform/fleet-2026", &listed)
        .with_rule("example.com", 2, "Shop", block(&shop))
        .with_rule("example.com", 3, "Legacy", block(&pinning))
        .file(&after)
}
