//! Which reads a survey makes: no more than it needs, no more at a time than it may.

use std::sync::atomic::AtomicUsize;
use std::sync::atomic::Ordering;

use mtlsctl::cloudflare::Client;
use mtlsctl::cloudflare::ManyReads;
use mtlsctl::cloudflare::Observer;
use mtlsctl::cloudflare::Survey;
use mtlsctl::resource::AccountId;
use mtlsctl::sandbox::ACCOUNT_ID;
use mtlsctl::sandbox::ZoneFacts;
use mtlsctl::sandbox::ZoneStatus;
use serde_json::json;

use crate::cloudflare::script::settings;
use crate::cloudflare::survey_world::COM;
use crate::cloudflare::survey_world::ENTRY;
use crate::cloudflare::survey_world::HOSTS;
use crate::cloudflare::survey_world::NET;
use crate::cloudflare::survey_world::execute;
use crate::cloudflare::survey_world::furnish;
use crate::cloudflare::survey_world::name;
use crate::cloudflare::survey_world::new_account;
use crate::cloudflare::survey_world::survey;
use crate::cloudflare::survey_world::survey_with;
use crate::support::account::ModelAccount;
use crate::support::account::NOW;
use crate::support::account::Recorded;

/// Whether a runtime of several threads can run it.
fn can_change_threads<T: Future + Send>(future: T) -> T {
    future
}

fn line(call: &Recorded) -> String {
    format!("{} {}", call.method, call.path)
}

#[tokio::test(start_paused = true)]
async fn nothing_is_asked_for_that_is_not_needed() {
    let account = new_account();
    survey(&account).await;
    let mut lines: Vec<String> = account.calls().iter().map(line).collect();
    lines.sort();
    lines.dedup();
    assert_eq!((lines.len(), account.calls().len()), (13, 13), "{lines:#?}");
    assert!(account.writes().is_empty());
    let about = |part: &str| lines.iter().filter(|line| line.contains(part)).count();
    assert_eq!((about(ENTRY), about(HOSTS)), (3, 4));
    assert_eq!((about("access_rules"), about("dns_records")), (2, 1));
    assert_eq!((about("dynamic_redirect"), about("associations?")), (1, 2));

    // With a rule about certificates the other zone is of interest, too.
    let account = new_account();
    account.somebody(|desk| {
        let expression = "not cf.tls_client_auth.cert_verified";
        desk.add_rule(
            NET,
            &json!({"action": "block", "expression": expression, "enabled": false}),
        );
    });
    let seen = survey(&account).await;
    assert_eq!(account.calls().len(), 16);
    assert_eq!(seen.neighbours.zones.len(), 2);
}

#[tokio::test(start_paused = true)]
async fn two_rules_that_deploy_one_ruleset_are_one_read() {
    let account = new_account();
    let (ruleset, _) = furnish(&account);
    account.somebody(|desk| desk.add_rule(COM, &execute(&ruleset, true)));
    let seen = survey(&account).await;
    assert_eq!(seen.live.zones[&name(COM)].deployed.len(), 1);
    let reads = account.calls();
    let reads = reads.iter().filter(|call| call.path.contains(&ruleset));
    assert_eq!(reads.count(), 1);
}

#[tokio::test(start_paused = true)]
async fn never_more_reads_are_under_way_than_allowed() {
    let mut surveys = Vec::new();
    for parallel in [1, 2, 5] {
        let account = new_account();
        furnish(&account);
        let seen = survey_with(&account, parallel, &[]).await;
        surveys.push(seen.expect("a survey"));
        // Zones and certificates are always read side by side.
        let calls = account.calls().split_off(2);
        let under_way = |at: &Recorded| {
            let overlaps = |one: &&Recorded| one.from <= at.from && at.from < one.until;
            calls.iter().filter(overlaps).count()
        };
        let most = calls.iter().map(under_way).max();
        assert_eq!(most, Some(parallel));
    }
    assert_eq!(surveys[0], surveys[1]);
    assert_eq!(surveys[0], surveys[2]);
}

#[tokio::test(start_paused = true)]
async fn active_zones_are_read_or_those_that_are_named() {
    let account = new_account();
    let add = |zone: &str, status, paused| {
        let facts = ZoneFacts {
            status,
            paused,
            ..ZoneFacts::enterprise(zone, NOW.parse().expect("a timestamp"))
        };
        account.somebody(|desk| desk.add_zone(facts));
    };
    add("paused.example", ZoneStatus::Active, true);
    add("pending.example", ZoneStatus::Pending, false);
    let read = |seen: &Survey| -> Vec<String> {
        let zones = seen.live.zones.values();
        zones
            .filter(|zone| zone.rules.is_some() && zone.lists.is_some())
            .map(|zone| zone.zone.name.to_string())
            .collect()
    };
    let seen = survey(&account).await;
    assert_eq!(read(&seen), [COM, NET, "paused.example"]);
    assert_eq!(seen.live.zones.len(), 4);
    let only = ["pending.example", NET, "elsewhere.example"];
    let seen = survey_with(&account, 4, &only).await.expect("a survey");
    assert_eq!(read(&seen), [NET, "pending.example"]);
    assert!(seen.unread.is_empty());
    assert_eq!(
        seen.services.len(),
        1,
        "no list was read in which it is used"
    );
}

#[tokio::test(start_paused = true)]
async fn many_reads_are_told_beforehand() {
    for (count, expected) in [(49, None), (50, Some(303))] {
        let zones: Vec<String> = (0..count).map(|n| format!("z{n:02}.example")).collect();
        let zones: Vec<&str> = zones.iter().map(String::as_str).collect();
        let account = ModelAccount::new(&zones, 5);
        let client = Client::new(account.clone(), settings());
        let reader = client.reader();
        let observer = Observer {
            reader: &reader,
            parallel: 10,
            tell: &|| {},
        };
        let id = AccountId::parse(ACCOUNT_ID).expect("an id");
        let heard = AtomicUsize::new(0);
        let many = |many: ManyReads| {
            assert_eq!((many.zones, many.cas), (count, 2));
            assert_eq!(account.calls().len(), 2, "beforehand");
            heard.store(many.calls, Ordering::Relaxed);
        };
        let survey = can_change_threads(observer.survey(&id, None, &many));
        let seen = survey.await.expect("a survey");
        assert_eq!(seen.live.zones.len(), count);
        let heard = heard.into_inner();
        assert_eq!(Some(heard).filter(|calls| *calls > 0), expected);
        assert!(account.calls().len() <= count * 6 + 5);
    }
}
