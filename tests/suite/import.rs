//! A file made from an account: what it says, what it leaves out, and that planning it changes nothing.

mod properties; // accounts as chance makes them

use std::collections::BTreeSet;
use std::path::Path;

use mtlsctl::import;
use mtlsctl::import::Import;
use mtlsctl::import::NotImported;
use mtlsctl::import::Wish;
use mtlsctl::live::CaKind;
use mtlsctl::live::HostList;
use mtlsctl::live::LiveCa;
use mtlsctl::resource::Bundle;
use mtlsctl::resource::Issuer;
use mtlsctl::resource::KeyId;
use mtlsctl::resource::Name;
use mtlsctl::resource::ZoneName;
use serde_json::json;

use crate::plan::worlds::MANAGED;
use crate::plan::worlds::ONE;
use crate::plan::worlds::SPLIT;
use crate::plan::worlds::TWO;
use crate::support::foreign::acting;
use crate::support::foreign::block;
use crate::support::foreign::skip;
use crate::support::golden::golden;
use crate::support::interpreter::ca_id;
use crate::support::repository::bundle;
use crate::support::scenario::Scenario;

const COM: &str = "example.com";
const NET: &str = "example.net";

/// An account of others, for which there is no file yet.
fn account() -> Scenario {
    Scenario::new(ONE)
}

fn wish(world: &Scenario, owner: Option<&str>) -> Wish {
    Wish {
        owner: owner.map(|owner| Name::parse(owner).expect(owner)),
        zones: None,
        quota: None,
        managed_key_ids: BTreeSet::new(),
        at: world.at(),
    }
}

fn made(world: &Scenario) -> Result<Import, NotImported> {
    import::import(world.account(), &wish(world, Some("platform")))
}

/// Made by somebody who knows the key ids of the managed CA, as generated files have them.
fn made_knowing(world: &Scenario) -> Result<Import, NotImported> {
    let key_id = KeyId::parse("A5AC554235DBA6D9").expect("a key id");
    let wish = Wish {
        managed_key_ids: BTreeSet::from([key_id]),
        ..wish(world, Some("platform"))
    };
    import::import(world.account(), &wish)
}

/// The file reads as `tests/suite/import/NAME.yaml`, and planning it changes nothing.
#[track_caller]
fn reads(world: &Scenario, owner: Option<&str>, name: &str) -> Import {
    let import = import::import(world.account(), &wish(world, owner)).expect("a file");
    golden(&format!("import/{name}.yaml"), &import.text);
    changes_nothing(&world.clone().imported(&import));
    let again = import::import(world.account(), &wish(world, owner));
    assert_eq!(
        again.as_ref(),
        Ok(&import),
        "the same account, another file"
    );
    import
}

#[track_caller]
fn changes_nothing(world: &Scenario) {
    let plan = world.approved().expect("nothing stands against it");
    assert!(plan.is_empty(), "{}", world.text());
}

/// The key id of a CA with one certificate.
fn key_id(pem: &str) -> String {
    let ids = bundle(pem).key_ids();
    ids.first().expect("a key id").to_string()
}

/// Requests to hosts without a certificate of these CAs.
fn pinned(hosts: &str, pems: &[&str]) -> String {
    let ids: Vec<String> = pems
        .iter()
        .map(|pem| format!("\"{}\"", key_id(pem)))
        .collect();
    format!(
        "({hosts} and not (cf.tls_client_auth.cert_verified and cf.tls_client_auth.cert_issuer_ski in {{{}}}))",
        ids.join(" ")
    )
}

#[test]
fn a_tidy_account() {
    let rule = pinned(
        "lower(http.host) in {\"api.example.com\"}",
        &["fleet-2026.pem"],
    );
    let world = account()
        .with_ca("Fleet 2026", "fleet-2026.pem")
        .listing(COM, "Fleet", &["api.example.com"])
        .with_rule(COM, 0, "Client certificates only", block(&rule))
        .with_rule(COM, 1, "Bad networks", block("ip.src eq 192.0.2.7"));
    let import = reads(&world, Some("platform"), "tidy");
    assert_eq!((import.hosts, import.rules), (1, 1));
    let paths: Vec<&String> = import.certificates.keys().collect();
    assert_eq!(paths, ["ca/fleet-2026.pem"]);
}

#[test]
fn an_account_that_a_file_has_made_needs_no_adoption() {
    let import = reads(&Scenario::agreed(TWO), None, "of_ours");
    assert!(!import.text.contains("adopt"), "{}", import.text);
    for file in [ONE, SPLIT, MANAGED] {
        let world = Scenario::agreed(file);
        let import = made(&world).expect("a file");
        assert!(!import.text.contains("adopt"), "{}", import.text);
        changes_nothing(&world.imported(&import));
    }
}

#[test]
fn rules_of_ours_in_other_words_are_adopted() {
    let world = Scenario::agreed(ONE).tampered(COM, "platform/require-certificate/1", |rule| {
        "Renamed in the dashboard".clone_into(&mut rule.description);
    });
    let import = made(&world).expect("a file");
    let entry = "- { zone: example.com, ref: platform/require-certificate/1 }";
    assert!(import.text.contains(entry), "{}", import.text);
    changes_nothing(&world.imported(&import));
}

/// An account in which many have been at work for years.
fn messy() -> Scenario {
    let world = account()
        .with_ca("Fleet (prod)", "fleet-2026.pem")
        .with_ca("", "partners.pem")
        .with_ca("fleet prod", "expired.pem")
        .with_ca("none", "no-key-id.pem")
        .with_ca("storefront/shop@0a1b2c3d", "somebody.pem")
        .with_object("workers", CaKind::Leaf, None)
        .account_bent(|account| {
            let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/ed25519.pem");
            let pem = std::fs::read_to_string(path).expect("a fixture");
            for (nth, bundle) in [Some(Bundle::from_pem(&pem).expect("a CA")), None]
                .into_iter()
                .enumerate()
            {
                let id = ca_id(0xa00 + nth);
                for zone in account.zones.values_mut() {
                    let lists = zone.lists.as_mut().expect("lists");
                    lists.insert(Issuer::Uploaded(id.clone()), HostList::default());
                }
                account.cas.push(LiveCa {
                    id,
                    name: ["Devices\n# Ed25519", "unreadable"][nth].to_owned(),
                    kind: CaKind::Uploaded,
                    bundle,
                    uploaded_on: Some("2026-01-02T03:04:05Z".parse().expect("a moment")),
                });
            }
        });
    let old = bundle("expired.pem");
    assert!(!old.key_ids().is_empty(), "the fixture has a key id");
    world
        .listing(COM, "Fleet", &["API.example.com", "pay.example.com", "*.example.com", "both.example.com"])
        .listing(COM, "fleet prod", &["old.example.com"])
        .listing(COM, "Devices", &["devices.example.com"])
        .listing(COM, "none", &["plain.example.com"])
        .listing(COM, "unreadable", &["odd.example.com"])
        .listing(COM, "cloudflare-managed", &["portal.example.com", "both.example.com"])
        .listing(NET, "Fleet", &["api.example.net", "shop.example.com"])
        .with_rule(COM, 0, "Office", skip("ip.src eq 192.0.2.7"))
        .with_rule(
            COM,
            1,
            "API: fleet only",
            block(&pinned("http.host in {\"api.example.com\" \"pay.example.com\"}", &["fleet-2026.pem"])),
        )
        .with_rule(COM, 2, "Old fleet", block(&pinned("http.host eq \"old.example.com\"", &["expired.pem"])))
        .with_rule(
            COM,
            3,
            "devices, any certificate",
            block("http.host eq \"devices.example.com\" and not cf.tls_client_auth.cert_verified"),
        )
        .with_rule(
            COM,
            4,
            "Unlisted",
            block("http.host eq \"www.example.com\" and not cf.tls_client_auth.cert_verified"),
        )
        .with_rule(COM, 5, "Everywhere", block("not cf.tls_client_auth.cert_verified and ssl"))
        .with_rule(
            COM,
            6,
            "By name",
            block("http.host eq \"api.example.com\" and cf.tls_client_auth.cert_subject_dn ne \"CN=a\""),
        )
        .with_rule(
            COM,
            7,
            "Wrong pin",
            block(&pinned("http.host eq \"api.example.com\"", &["partners.pem"])),
        )
        .with_rule(COM, 8, "Broken", block("cf.tls_client_auth.cert_verified and ("))
        .with_rule(
            COM,
            9,
            "Both",
            block(&pinned("http.host eq \"both.example.com\"", &["fleet-2026.pem"])),
        )
        .with_rule(COM, 10, "Plain text", block("http.request.uri.path eq \"/admin\""))
        .with_rule(
            NET,
            0,
            "Fleet only\n(net)",
            block(&pinned("lower(http.host) eq \"api.example.net\"", &["fleet-2026.pem"])),
        )
}

#[test]
fn a_messy_account() {
    let import = reads(&messy(), Some("platform"), "messy");
    assert!(import.text.contains("expired"), "{}", import.text);
    assert!(import.text.contains("Ed25519"), "{}", import.text);
}

#[test]
fn the_managed_ca_can_be_declared_once_its_key_ids_are_known() {
    let world = messy();
    let key_id = KeyId::parse("A5AC554235DBA6D963B9CDE0185CFAD6E3F55E9F").expect("a key id");
    let wish = Wish {
        managed_key_ids: BTreeSet::from([key_id]),
        ..wish(&world, Some("platform"))
    };
    let import = import::import(world.account(), &wish).expect("a file");
    assert!(
        import.text.contains("cloudflare-managed"),
        "{}",
        import.text
    );
    assert!(import.text.contains("both.example.com"), "{}", import.text);
    changes_nothing(&world.imported(&import));
}

#[test]
fn only_the_zones_that_were_wished_for_are_spoken_for() {
    let world = messy();
    let net = ZoneName::parse(NET).expect(NET);
    let wish = Wish {
        zones: Some(BTreeSet::from([net])),
        ..wish(&world, Some("platform"))
    };
    let import = import::import(world.account(), &wish).expect("a file");
    assert!(
        import.text.contains("zones: [example.net]\n"),
        "{}",
        import.text
    );
    assert_eq!((import.hosts, import.rules), (1, 1), "{}", import.text);
    changes_nothing(&world.imported(&import));
}

/// The same demand, as different people write it.
#[test]
fn rules_in_many_spellings_are_understood() {
    let fleet = key_id("fleet-2026.pem");
    let host = |name: &str| format!("{name}.example.com");
    let spellings = [
        ("plain", "http.host eq \"HOST\" and not (cf.tls_client_auth.cert_verified and cf.tls_client_auth.cert_issuer_ski eq \"KEY\")".to_owned()),
        ("lowered", "not (cf.tls_client_auth.cert_issuer_ski in {\"KEY\"} and cf.tls_client_auth.cert_verified) and lower(http.host) in {\"HOST\"}".to_owned()),
        ("split", "(http.host eq \"HOST\" and not cf.tls_client_auth.cert_verified) or (http.host eq \"HOST\" and cf.tls_client_auth.cert_issuer_ski ne \"KEY\")".to_owned()),
        ("presented", "http.host == \"HOST\" && (!cf.tls_client_auth.cert_presented || !cf.tls_client_auth.cert_verified || !(cf.tls_client_auth.cert_issuer_ski in {\"KEY\"}))".to_owned()),
        ("excepted", "http.host eq \"HOST\" and http.request.uri.path ne \"/healthz\" and not (cf.tls_client_auth.cert_verified and cf.tls_client_auth.cert_issuer_ski eq \"KEY\")".to_owned()),
        ("excepted-otherwise", "(http.host eq \"HOST\" and not ((cf.tls_client_auth.cert_verified and cf.tls_client_auth.cert_issuer_ski eq \"KEY\") or http.request.uri.path eq \"/healthz\"))".to_owned()),
    ];
    let hosts: Vec<String> = spellings.iter().map(|(name, _)| host(name)).collect();
    let hosts: Vec<&str> = hosts.iter().map(String::as_str).collect();
    let mut world = account()
        .with_ca("fleet", "fleet-2026.pem")
        .listing(COM, "fleet", &hosts)
        .listing(NET, "fleet", &["plain.example.net"]);
    for (nth, (name, text)) in spellings.iter().enumerate() {
        let text = text.replace("HOST", &host(name)).replace("KEY", &fleet);
        world = world.with_rule(COM, nth, &format!("Spelled: {name}"), block(&text));
    }
    let answer = json!({ "response": { "status_code": 403, "content_type": "text/plain", "content": "it's closed" } });
    let net = pinned("http.host eq \"plain.example.net\"", &["fleet-2026.pem"]);
    world = world
        .with_rule(NET, 0, "", acting("block", answer, &net))
        .with_rule(NET, 1, "Watched", acting("log", json!({}), &net))
        .tampered(NET, &format!("{:032x}", 2), |rule| rule.enabled = false);
    let import = reads(&world, Some("platform"), "spellings");
    assert_eq!(import.hosts, hosts.len() + 1);
    assert!(import.left_out.is_empty(), "{:?}", import.left_out);
}

#[test]
fn an_owner_is_needed() {
    let world = account();
    let error = import::import(world.account(), &wish(&world, None)).expect_err("no owner");
    assert_eq!(
        error.to_string(),
        "nothing says whose file it shall be: nothing in the account carries a mark"
    );
    let two = Scenario::agreed(ONE).with_ca(
        &format!("storefront/shop@{}", bundle("somebody.pem").digest()),
        "somebody.pem",
    );
    let error = import::import(two.account(), &wish(&two, None)).expect_err("two owners");
    assert_eq!(
        error.to_string(),
        "nothing says whose file it shall be: the account has marks of `platform`, `storefront`"
    );
}

#[test]
fn hosts_of_another_file_are_left_to_it() {
    let world = Scenario::agreed(ONE);
    let import =
        import::import(world.account(), &wish(&world, Some("storefront"))).expect("a file");
    assert_eq!((import.hosts, import.rules), (0, 0), "{}", import.text);
    let told: Vec<String> = import.left_out.iter().map(ToString::to_string).collect();
    let told = told.join("\n");
    assert!(told.contains("a rule of `platform` names it"), "{told}");
    assert!(told.contains("it belongs to `platform`"), "{told}");
    changes_nothing(&world.imported(&import));
}

#[test]
fn what_carries_our_mark_and_cannot_be_said_is_an_error() {
    let world = Scenario::agreed(ONE).tampered(COM, "platform/require-certificate/1", |rule| {
        "ssl".clone_into(&mut rule.expression);
    });
    let error = made(&world).expect_err("no file");
    assert_eq!(
        error.to_string(),
        "no file says this account as it is: rule `platform/require-certificate/1` of example.com would be changed, \
         since no file can say it: it does not test client certificates"
    );
}

#[test]
fn an_empty_account_makes_an_empty_file() {
    let import = reads(&account(), Some("platform"), "empty");
    assert_eq!((import.hosts, import.rules), (0, 0));
}
