//! Findings about CAs and the slots they take.

use mtlsctl::audit::Kind;
use mtlsctl::audit::Severity;
use mtlsctl::resource::Bundle;
use mtlsctl::resource::CaMark;
use mtlsctl::resource::Name;
use mtlsctl::resource::ZoneStatus;

use crate::audit::account::Account;
use crate::audit::account::ca;
use crate::audit::account::fixture;
use crate::audit::account::key;
use crate::audit::account::keyed;
use crate::audit::account::together;

const HOSTS: [&str; 2] = ["api.example.com", "pay.example.com"];

/// A CA that is good for a long time.
fn sound(name: &str) -> Bundle {
    ca(name, "2025-01-01", "2045-01-01")
}

/// An account with one CA.
fn with(content: Bundle) -> Account {
    Account::new().with("fleet", Some(content))
}

/// An account with one CA, for whose certificates two hosts ask.
fn used(content: Bundle) -> Account {
    with(content).listing("example.com", "fleet", &HOSTS)
}

#[test]
fn a_sound_account_has_no_findings_about_its_cas() {
    let account = used(ca("Fleet", "2025-01-01", "2045-01-01"));
    let audit = account.audit();
    let about_cas = audit
        .findings
        .iter()
        .filter(|one| one.object.starts_with("CA "));
    assert_eq!(about_cas.count(), 0, "{:?}", audit.findings);
}

#[test]
fn an_expired_ca_is_told_with_the_hosts_that_ask_for_it() {
    let expired = ca("Fleet 2020", "2020-01-01", "2026-05-31");
    used(expired.clone()).reads(Kind::CaExpired, "ca-expired");
    with(expired).reads(Kind::CaExpired, "ca-expired-unused");
    let valid = ca("Fleet 2020", "2020-01-01", "2026-06-02");
    assert_eq!(used(valid).told(Kind::CaExpired), []);
}

#[test]
fn a_ca_that_is_not_yet_valid_is_told_with_every_certificate_it_concerns() {
    let early = together(&[
        ca("Fleet Root", "2026-06-02", "2046-01-01"),
        ca("Fleet Issuing", "2026-07-01", "2036-01-01"),
        ca("Fleet Old", "2016-01-01", "2036-01-01"),
    ]);
    used(early).reads(Kind::CaExpired, "ca-expired-not-yet-valid");
    let valid = ca("Fleet Root", "2026-06-01", "2046-01-01");
    assert_eq!(used(valid).told(Kind::CaExpired), []);
}

#[test]
fn a_renewal_with_the_same_key_keeps_the_hosts_of_an_expired_ca_open() {
    let key = key();
    let account = used(keyed("Fleet", "2020-01-01", "2026-05-31", &key)).with(
        "renewed",
        Some(keyed("Fleet", "2026-01-01", "2046-01-01", &key)),
    );
    let severities = |account: &Account| account.told(Kind::CaExpired)[0].0;
    assert_eq!(severities(&account), Severity::High, "on no host yet");
    let account = account.listing("example.com", "renewed", &HOSTS[..1]);
    account.reads(Kind::CaExpired, "ca-expired-partly-renewed");
    let account = account.listing("example.com", "renewed", &HOSTS);
    account.reads(Kind::CaExpired, "ca-expired-renewed");
    let another = used(ca("Fleet", "2020-01-01", "2026-05-31"))
        .with("renewed", Some(sound("Fleet")))
        .listing("example.com", "renewed", &HOSTS);
    assert_eq!(severities(&another), Severity::High, "another key");
}

#[test]
fn a_ca_that_ends_within_the_wanted_validity_is_told_with_its_days() {
    let ending = |day: &str| used(ca("Fleet 2016", "2016-01-01", day));
    ending("2026-06-20").reads(Kind::CaExpiring, "ca-expiring");
    with(ca("Fleet 2016", "2016-01-01", "2026-06-02"))
        .reads(Kind::CaExpiring, "ca-expiring-unused");
    assert_eq!(ending("2026-07-01").told(Kind::CaExpiring), []);
    assert_eq!(ending("2026-06-30").told(Kind::CaExpiring).len(), 1);
    assert_eq!(ending("2026-05-31").told(Kind::CaExpiring), []);
}

#[test]
fn a_ca_with_a_short_key_is_weak() {
    used(fixture("weak.pem")).reads(Kind::CaWeak, "ca-weak");
    assert_eq!(used(fixture("bundle.pem")).told(Kind::CaWeak), []);
}

#[test]
fn a_ca_of_an_algorithm_that_is_never_verified_is_worse_where_hosts_ask_for_it() {
    used(fixture("ed25519.pem")).reads(Kind::CaUnverifiable, "ca-unverifiable");
    let unused = with(fixture("ed25519.pem"));
    assert_eq!(
        unused.told(Kind::CaUnverifiable),
        [(Severity::Medium, "CA fleet".to_owned())]
    );
    assert_eq!(used(fixture("bundle.pem")).told(Kind::CaUnverifiable), []);
}

#[test]
fn a_ca_without_a_key_id_is_worse_where_hosts_ask_for_it() {
    used(fixture("no-key-id.pem")).reads(Kind::CaNoKeyId, "ca-no-key-id");
    let unused = with(fixture("no-key-id.pem"));
    assert_eq!(
        unused.told(Kind::CaNoKeyId),
        [(Severity::Low, "CA fleet".to_owned())]
    );
    assert_eq!(used(fixture("bundle.pem")).told(Kind::CaNoKeyId), []);
}

#[test]
fn a_ca_that_nothing_uses_is_told_only_if_all_host_lists_were_read() {
    let unused = || Account::new().with("fleet", Some(sound("Fleet")));
    unused().reads(Kind::CaUnused, "ca-unused");
    let told = |account: Account| account.told(Kind::CaUnused).len();
    assert_eq!(
        told(unused().listing("example.net", "fleet", &["api.example.net"])),
        0
    );
    assert_eq!(told(unused().serving("fleet", "gateway")), 0);
    let unread = |status: ZoneStatus| {
        unused().zone("example.net", |zone| {
            zone.zone.status = status;
            zone.lists = None;
        })
    };
    assert_eq!(told(unread(ZoneStatus::Active)), 0);
    // A pending zone can have host lists, too.
    assert_eq!(told(unread(ZoneStatus::Pending)), 0);
    let zones = ["example.com", "example.net", "example.org"];
    let nothing = zones.into_iter().fold(unused(), |account, zone| {
        account.zone(zone, |zone| {
            zone.zone.status = ZoneStatus::Moved;
            zone.lists = None;
        })
    });
    assert_eq!(told(nothing), 0);
}

#[test]
fn a_ca_that_was_not_asked_about_is_not_called_unused() {
    let account =
        Account::new()
            .with("fleet", Some(sound("Fleet")))
            .listing("example.com", "fleet", &[]);
    assert_eq!(account.told(Kind::CaUnused), []);
}

#[test]
fn a_ca_that_cannot_be_read_is_not_analysed() {
    let account = Account::new().with("fleet", None);
    account
        .listing("example.com", "fleet", &HOSTS)
        .reads(Kind::NotAnalysed, "not-analysed-ca");
    assert_eq!(with(fixture("bundle.pem")).told(Kind::NotAnalysed), []);
}

#[test]
fn a_full_quota_leaves_no_room_for_a_rotation() {
    let full = Account::new()
        .with("one", Some(sound("One")))
        .with("two", Some(sound("Two")));
    full.quota(2).reads(Kind::CaQuota, "ca-quota");
    let room = |quota: usize| {
        let account = Account::new().with("one", Some(sound("One"))).quota(quota);
        account.told(Kind::CaQuota)
    };
    assert_eq!(room(1), [(Severity::Medium, "account".to_owned())]);
    assert_eq!(room(2), []);
}

#[test]
fn more_cas_than_the_quota_are_told_as_such() {
    let over = Account::new()
        .with("one", Some(sound("One")))
        .with("two", Some(sound("Two")))
        .with("three", Some(sound("Three")));
    over.quota(2).reads(Kind::CaQuota, "ca-quota-exceeded");
}

#[test]
fn the_last_slot_is_told_only_with_a_rotation_in_sight() {
    let ending = |day: &str| {
        Account::new()
            .with("fleet", Some(ca("Fleet", "2020-01-01", day)))
            .with("later", Some(ca("Later", "2020-01-01", "2026-10-01")))
            .with("partners", Some(sound("Partners")))
            .quota(4)
    };
    ending("2026-09-01").reads(Kind::CaQuota, "ca-quota-runway");
    assert_eq!(ending("2026-09-01").quota(5).told(Kind::CaQuota), []);
    let first = |day: &str| {
        ending(day)
            .found(Kind::CaQuota)
            .pop()
            .map(|one| one.sentence)
    };
    assert!(first("2026-12-01").is_some_and(|sentence| sentence.contains("CA later")));
    let far = Account::new()
        .with("fleet", Some(ca("Fleet", "2020-01-01", "2026-11-29")))
        .quota(2);
    assert_eq!(far.told(Kind::CaQuota), []);
    let near = Account::new()
        .with("fleet", Some(ca("Fleet", "2020-01-01", "2026-11-28")))
        .quota(2);
    assert_eq!(
        near.told(Kind::CaQuota),
        [(Severity::Low, "account".to_owned())]
    );
}

#[test]
fn a_marked_ca_is_called_by_its_name_and_those_called_alike_have_their_ids() {
    let content = ca("Fleet", "2020-01-01", "2026-05-31");
    let name = |text: &str| Name::parse(text).expect(text);
    let mark = CaMark::new(&name("platform"), &name("fleet-2020"), &content);
    let account = Account::new()
        .with(&mark.to_string(), Some(content.clone()))
        .with("partners", Some(content.clone()))
        .with("partners", Some(content));
    let objects: Vec<String> = account
        .told(Kind::CaExpired)
        .into_iter()
        .map(|(_, object)| object)
        .collect();
    assert_eq!(objects[0], "CA fleet-2020");
    assert!(
        objects[1].starts_with("CA partners (00000000-"),
        "{objects:?}"
    );
    assert_ne!(objects[1], objects[2]);
}

#[test]
fn many_hosts_are_counted() {
    let hosts = ["a", "b", "c", "d", "e", "f"].map(|name| format!("{name}.example.com"));
    let hosts: Vec<&str> = hosts.iter().map(String::as_str).collect();
    let account =
        with(ca("Fleet", "2020-01-01", "2026-05-31")).listing("example.com", "fleet", &hosts);
    let finding = account.found(Kind::CaExpired).pop().expect("a finding");
    let named = "a.example.com, b.example.com, c.example.com, d.example.com and 2 more;";
    assert!(finding.details[0].contains(named), "{:?}", finding.details);
}

#[test]
fn what_is_listed_and_is_no_host_of_the_zone_is_told_and_counts_for_nobody() {
    let listing = |entries: &[&str]| {
        let world = Account::new().with("fleet", Some(sound("Fleet")));
        world.listing("example.net", "fleet", entries)
    };
    let odd = listing(&["*.example.net", "api.example.com"]);
    assert_eq!(
        odd.told(Kind::NotAnalysed),
        [(Severity::Medium, "zone example.net".to_owned())]
    );
    assert_eq!(odd.told(Kind::Open), []);
    let plain = listing(&["api.example.net"]);
    assert_eq!(plain.told(Kind::NotAnalysed), []);
    assert_eq!(plain.told(Kind::Open).len(), 1);
}
