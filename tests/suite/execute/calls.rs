//! How many calls it takes: a promise to people who have 1,200 of them in five minutes.

use mtlsctl::sandbox::Permission;
use serde_json::json;
use tokio::time::Instant;

use crate::execute::scenario::ONE_HOST;
use crate::execute::scenario::TWO_ZONES;
use crate::execute::scenario::ZONES;
use crate::support::account::LATENCY;
use crate::support::account::ModelAccount;
use crate::support::account::Recorded;
use crate::support::operator::Operator;
use crate::support::script::Fault;
use crate::support::script::When;

/// As many as are needed to see which zones are read.
const FIVE_ZONES: &[&str] = &[
    "a.example",
    "b.example",
    "c.example",
    "d.example",
    "example.com",
];

/// Three CAs and three hosts in two zones.
fn typical() -> String {
    TWO_ZONES
        .replace(
            "ca/1.pem }",
            "ca/1.pem }\n  - { name: three, certificates: ca/2.pem }",
        )
        .replace("[one, two]", "[one, two, three]")
        .replace("[api.example.com", "[api.example.com, pay.example.com")
}

/// Calls by kind: `GET zones`, `PUT hosts` and so on.
fn kinds(calls: &[Recorded]) -> String {
    let kind = |call: &Recorded| {
        let part = [
            ("hostname_associations", "hosts"),
            ("mtls_certificates", "CAs"),
            ("rulesets", "rules"),
            ("/zones?", "zones"),
        ];
        let found = part.iter().find(|(part, _)| call.path.contains(part));
        format!("{} {}", call.method, found.expect("a known kind").1)
    };
    let mut counts = std::collections::BTreeMap::new();
    for call in calls {
        *counts.entry(kind(call)).or_insert(0) += 1;
    }
    let counts: Vec<String> = counts
        .iter()
        .map(|(kind, count)| format!("{count} {kind}"))
        .collect();
    format!("{} = {}", calls.len(), counts.join(" + "))
}

#[tokio::test(start_paused = true)]
async fn a_typical_file_takes_this_many_calls() {
    let operator = Operator::of(&ModelAccount::new(ZONES, 5));
    let calls = |operator: &Operator| {
        let calls = kinds(&operator.account.calls());
        operator.account.forget_calls();
        calls
    };
    let file = typical();
    let rotated = file.replace("ca/2.pem", "ca/3.pem");
    let mut table = Vec::new();
    for (name, file) in [
        ("first", &file),
        ("again", &file),
        ("one CA replaced", &rotated),
    ] {
        let look = operator.look(file).await;
        table.push(format!("{name}: read {}", calls(&operator)));
        if !look.plan.is_empty() {
            assert!(operator.run(&look).await.is_complete());
            table.push(format!("{name}: apply {}", calls(&operator)));
        }
    }
    // Reading: zones, CAs, the rules of each zone, and a list for each zone and CA, the managed one
    // included. Applying: each write is looked at before and after; the rules of a zone once after all.
    let expected = [
        "first: read 8 = 1 GET CAs + 4 GET hosts + 2 GET rules + 1 GET zones",
        "first: apply 30 = 3 GET CAs + 12 GET hosts + 4 GET rules + 3 POST CAs + 2 POST rules + 6 PUT hosts",
        "again: read 14 = 1 GET CAs + 10 GET hosts + 2 GET rules + 1 GET zones",
        "one CA replaced: read 14 = 1 GET CAs + 10 GET hosts + 2 GET rules + 1 GET zones",
        "one CA replaced: apply 22 = 1 DELETE CAs + 2 GET CAs + 8 GET hosts + 4 GET rules + 2 PATCH rules + 1 POST CAs + 4 PUT hosts",
    ];
    assert_eq!(table, expected);
}

/// The zones whose rules and whose lists were read.
fn zones_read(operator: &Operator) -> (Vec<String>, Vec<String>) {
    let calls = operator.account.calls();
    let zones = |part: &str| -> Vec<String> {
        let named = FIVE_ZONES.iter().filter(|zone| {
            let id = operator.account.somebody(|desk| desk.zone(zone));
            calls
                .iter()
                .any(|call| call.path.contains(&id) && call.path.contains(part))
        });
        named.map(|zone| (*zone).to_owned()).collect()
    };
    (zones("entrypoint"), zones("hostname_associations"))
}

#[tokio::test(start_paused = true)]
async fn lists_are_read_where_they_are_needed_and_everywhere_before_a_ca_goes() {
    let operator = Operator::of(&ModelAccount::new(FIVE_ZONES, 5));
    let all: Vec<String> = FIVE_ZONES.iter().map(|zone| (*zone).to_owned()).collect();
    let both = vec!["a.example".to_owned(), "example.com".to_owned()];
    operator.look(ONE_HOST).await;
    // Somebody's rule tests certificates in the other zone, and the CA that comes may verify there.
    assert_eq!(zones_read(&operator), (all.clone(), both.clone()));

    operator.converge(ONE_HOST).await;
    operator.account.forget_calls();
    operator.look(ONE_HOST).await;
    assert_eq!(
        zones_read(&operator),
        (all.clone(), vec!["example.com".to_owned()])
    );

    operator
        .converge(&ONE_HOST.replace("api.example.com", "api.a.example"))
        .await;
    operator.account.forget_calls();
    // A rule of ours is still in the other zone.
    operator.look(ONE_HOST).await;
    assert_eq!(zones_read(&operator), (all.clone(), both));

    operator.account.forget_calls();
    operator
        .look(&ONE_HOST.replace("ca/0.pem", "ca/1.pem"))
        .await;
    assert_eq!(zones_read(&operator), (all.clone(), all));
}

#[tokio::test(start_paused = true)]
async fn zones_that_the_file_does_not_speak_for_are_looked_at_where_the_token_allows() {
    let file = ONE_HOST.replace("owner: team", "owner: team\nzones: [example.com]");
    let operator = Operator::of(&ModelAccount::new(FIVE_ZONES, 5));
    let others = FIVE_ZONES[..4].len();
    for zone in &FIVE_ZONES[1..3] {
        let id: &'static str = operator.account.somebody(|desk| desk.zone(zone)).leak();
        operator
            .account
            .fault(When::To("GET", id, 1), Fault::Forbidden);
    }
    let before = Instant::now();
    let look = operator.look(&file).await;
    assert_eq!(look.forbidden, 2);
    let (rules, lists) = zones_read(&operator);
    assert_eq!(rules.len(), others + 1);
    assert_eq!(lists, ["a.example", "d.example", "example.com"]);
    // Zones and CAs; rules; lists: each part side by side.
    assert_eq!(Instant::now() - before, LATENCY * 3);
}

#[tokio::test(start_paused = true)]
async fn a_zone_that_the_file_speaks_for_has_to_be_readable() {
    let operator = Operator::of(&ModelAccount::new(ZONES, 5));
    operator
        .account
        .without(&[Permission::ZoneWafRead, Permission::ZoneWafWrite]);
    let error = operator
        .try_look(ONE_HOST)
        .await
        .expect_err("no permission");
    assert!(
        error.to_string().contains("`Zone · Zone WAF: Read`"),
        "{error}"
    );
}

#[tokio::test(start_paused = true)]
async fn reading_is_whole_or_an_error() {
    // zones, CAs, two rule lists, four host lists: whichever fails for good, there is no smaller account.
    for call in 1..=8 {
        let operator = Operator::of(&ModelAccount::new(ZONES, 5));
        operator.account.fault(When::Call(call), Fault::Forbidden);
        assert!(operator.try_look(TWO_ZONES).await.is_err(), "call {call}");
    }
    let operator = Operator::of(&ModelAccount::new(ZONES, 5));
    operator.account.somebody(|desk| {
        desk.add_rule(
            "example.net",
            &json!({"action": "log", "expression": "(true)"}),
        );
    });
    let look = operator.look(TWO_ZONES).await;
    assert!(
        look.live
            .zones
            .values()
            .all(|zone| zone.rules.is_some() && zone.lists.is_some())
    );
}

#[tokio::test(start_paused = true)]
async fn a_zone_outside_the_file_that_may_not_be_read_is_no_error() {
    let file = ONE_HOST.replace("owner: team", "owner: team\nzones: [example.com]");
    for path in ["certificate_authorities", "rulesets"] {
        let operator = Operator::of(&ModelAccount::new(ZONES, 5));
        let id = operator.account.somebody(|desk| desk.zone("example.net"));
        let lists: &'static str = format!("{id}/{path}").leak();
        operator
            .account
            .fault(When::To("GET", lists, 1), Fault::Forbidden);
        let look = operator.try_look(&file).await.expect("no error");
        assert_eq!(look.forbidden, 1, "{path}");
    }
}
