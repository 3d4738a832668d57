//! What an audit reads of an account: all of it, as far as the token allows, and never half of it in
//! silence.

use mtlsctl::live::Unread;
use mtlsctl::live::ZoneNeighbours;
use mtlsctl::resource::RulesetId;
use mtlsctl::sandbox::Permission;

use crate::cloudflare::survey_world::COM;
use crate::cloudflare::survey_world::ENTRY;
use crate::cloudflare::survey_world::HOSTS;
use crate::cloudflare::survey_world::NET;
use crate::cloudflare::survey_world::furnish;
use crate::cloudflare::survey_world::name;
use crate::cloudflare::survey_world::new_account;
use crate::cloudflare::survey_world::survey;
use crate::cloudflare::survey_world::survey_with;
use crate::support::account::ModelAccount;
use crate::support::script::Fault;
use crate::support::script::When;

/// What was left unread, as a person would be told.
fn told(unread: &[Unread]) -> Vec<String> {
    let line = |one: &Unread| {
        let zone = one
            .zone
            .as_ref()
            .map_or("the account".into(), ToString::to_string);
        let needs = one.permission.as_deref().unwrap_or("no permission");
        format!("{} of {zone}: {needs}", one.what)
    };
    unread.iter().map(line).collect()
}

#[tokio::test(start_paused = true)]
async fn a_full_token_leaves_nothing_unread() {
    let account = new_account();
    let (ruleset, idle) = furnish(&account);
    let seen = survey(&account).await;
    assert_eq!(told(&seen.unread), [""; 0]);

    let com = &seen.live.zones[&name(COM)];
    assert_eq!(
        com.rules.as_ref().map(|rules| rules.as_slice().len()),
        Some(3)
    );
    let lists = com.lists.as_ref().expect("read");
    let hosts: Vec<_> = lists.values().flat_map(|list| &list.0).collect();
    assert_eq!(hosts.len(), 2, "{hosts:?}");
    let ruleset = RulesetId::parse(&ruleset).expect("an id");
    assert_eq!(com.deployed[&ruleset][0].action, "block");

    let beside = &seen.neighbours;
    assert_eq!(beside.rules.as_ref().expect("read")[0].action, "execute");
    let of_account = beside.access.as_ref().expect("read");
    assert_eq!(of_account.len(), 1);
    assert!(of_account[0].lets_past());
    let ZoneNeighbours {
        access,
        redirects,
        records,
    } = &beside.zones[&name(COM)];
    let access = access.as_ref().expect("read");
    assert_eq!(access.len(), 1, "the account's rule is not the zone's");
    assert_eq!(access[0].value, "T1");
    assert_eq!(redirects.as_ref().expect("read")[0].action, "redirect");
    let dns_only: Vec<_> = records
        .as_ref()
        .expect("read")
        .iter()
        .filter(|record| !record.proxied)
        .map(|record| record.name.as_str())
        .collect();
    assert_eq!(dns_only, ["api.example.com"]);

    // A zone that has nothing to do with client certificates is looked at no further.
    assert!(seen.live.zones[&name(NET)].rules.is_some());
    assert!(!beside.zones.contains_key(&name(NET)));
    let services: Vec<_> = seen.services.iter().collect();
    assert_eq!(services.len(), 1, "{services:?}");
    assert_eq!(services[0].0.as_str(), idle);
    assert!(services[0].1.is_empty());
}

#[tokio::test(start_paused = true)]
async fn what_the_token_may_not_read_is_named_with_its_permission() {
    use Permission as P;
    let cases: [(&[P], &str); 5] = [
        (
            &[
                P::AccountWafRead,
                P::AccountWafWrite,
                P::AccountRulesetsRead,
                P::AccountRulesetsWrite,
            ],
            "account-level rules of the account: Account · Account WAF: Read",
        ),
        (
            &[P::AccountAccessRulesRead, P::AccountAccessRulesWrite],
            "IP Access rules of the account: Account · Account Firewall Access Rules: Read",
        ),
        (
            &[P::FirewallServicesRead, P::FirewallServicesWrite],
            "IP Access rules of example.com: Zone · Firewall Services: Read",
        ),
        (
            &[P::RedirectsRead, P::RedirectsWrite],
            "Single Redirects of example.com: Zone · Single Redirect: Read",
        ),
        (
            &[P::DnsRead, P::DnsWrite],
            "DNS records of example.com: Zone · DNS: Read",
        ),
    ];
    let mut every = Vec::new();
    for (missing, words) in cases {
        let account = new_account();
        furnish(&account);
        account.without(missing);
        let seen = survey(&account).await;
        assert_eq!(told(&seen.unread), [words]);
        let beside = &seen.neighbours;
        let com = &beside.zones[&name(COM)];
        let unread = [
            beside.rules.is_none(),
            beside.access.is_none(),
            com.access.is_none(),
            com.redirects.is_none(),
            com.records.is_none(),
        ];
        assert_eq!(unread.iter().filter(|none| **none).count(), 1, "{words}");
        every.extend_from_slice(missing);
    }

    let account = new_account();
    furnish(&account);
    account.without(&every);
    let seen = survey(&account).await;
    let all: Vec<&str> = cases.iter().map(|(_, words)| *words).collect();
    assert_eq!(told(&seen.unread), all);
    assert!(seen.live.zones[&name(COM)].rules.is_some());
}

#[tokio::test(start_paused = true)]
async fn without_the_accounts_list_the_zones_list_keeps_its_rules() {
    let account = new_account();
    furnish(&account);
    account.without(&[
        Permission::AccountAccessRulesRead,
        Permission::AccountAccessRulesWrite,
    ]);
    let seen = survey(&account).await;
    let com = &seen.neighbours.zones[&name(COM)];
    let values: Vec<&str> = com
        .access
        .iter()
        .flatten()
        .map(|rule| rule.value.as_str())
        .collect();
    assert_eq!(values, ["198.51.100.0/24", "T1"]);
}

#[tokio::test(start_paused = true)]
async fn an_audit_of_nothing_is_no_audit() {
    for (missing, words) in [
        (
            [Permission::ZoneWafRead, Permission::ZoneWafWrite],
            "the call needs the permission `Zone · Zone WAF: Read`",
        ),
        (
            [Permission::ZoneSslRead, Permission::ZoneSslWrite],
            "the call needs the permission `Zone · SSL and Certificates: Read`",
        ),
        (
            [Permission::AccountSslRead, Permission::AccountSslWrite],
            "the call needs the permission `Account · SSL and Certificates: Read`",
        ),
    ] {
        let account = new_account();
        account.without(&missing);
        let error = survey_with(&account, 4, &[]).await.expect_err("refused");
        assert!(error.to_string().contains(words), "{error}");
    }
    // An account without active zones has nothing to be read.
    let account = ModelAccount::new(&[], 5);
    let seen = survey(&account).await;
    assert!(seen.live.zones.is_empty() && seen.unread.is_empty());
    assert_eq!(account.calls().len(), 5, "{:#?}", account.calls());
}

#[tokio::test(start_paused = true)]
async fn a_zone_that_may_not_be_read_leaves_the_others() {
    let account = new_account();
    account.fault(When::To("GET", ENTRY, 2), Fault::Forbidden);
    // The second list of the first zone; its first one is read, and still nothing is kept.
    account.fault(When::To("GET", HOSTS, 2), Fault::Forbidden);
    let seen = survey(&account).await;
    assert_eq!(
        told(&seen.unread),
        [
            "custom rules of example.net: Zone · Zone WAF: Read",
            "host lists of example.com: Zone · SSL and Certificates: Read",
        ]
    );
    let (com, net) = (&seen.live.zones[&name(COM)], &seen.live.zones[&name(NET)]);
    assert!(com.rules.is_some() && com.lists.is_none());
    assert!(net.rules.is_none() && net.lists.is_some());
    assert!(account.script_is_done());
    // Its rules still say that it has to do with certificates.
    assert!(seen.neighbours.zones.contains_key(&name(COM)));
    // No list that was read has a host of the CA.
    assert_eq!(seen.services.len(), 1);
    let services: Vec<_> = seen.services.values().flatten().collect();
    assert_eq!(services, ["api_shield"]);
}

#[tokio::test(start_paused = true)]
async fn a_deployed_ruleset_is_read_or_named() {
    let account = new_account();
    let (ruleset, _) = furnish(&account);
    let unread = |needs: &str| format!("custom ruleset {ruleset} of example.com: {needs}");
    account.fault(When::To("GET", leak(&ruleset), 1), Fault::Forbidden);
    let seen = survey(&account).await;
    let com = &seen.live.zones[&name(COM)];
    assert!(com.deployed.is_empty());
    assert_eq!(told(&seen.unread), [unread("Zone · Zone WAF: Read")]);

    account.forget_calls();
    // Deleted between the read of the rules and its own.
    let gone = ruleset.clone();
    account.before(When::To("GET", leak(&ruleset), 1), move |desk| {
        desk.delete_entry_point(COM);
        desk.delete_ruleset(COM, &gone);
    });
    let seen = survey(&account).await;
    assert_eq!(told(&seen.unread), [unread("no permission")]);
    assert!(seen.live.zones[&name(COM)].deployed.is_empty());
    assert!(account.script_is_done());
}

/// The path of one ruleset, for a script.
fn leak(ruleset: &str) -> &'static str {
    format!("/rulesets/{ruleset}").leak()
}

#[tokio::test(start_paused = true)]
async fn a_ca_that_goes_meanwhile_is_left_out() {
    let account = new_account();
    let (_, idle) = furnish(&account);
    account.before(When::To("GET", "/associations", 1), move |desk| {
        desk.delete_certificate(&idle);
    });
    let seen = survey(&account).await;
    assert!(seen.services.is_empty());
    assert!(account.script_is_done());
}

#[tokio::test(start_paused = true)]
async fn any_other_failure_ends_it() {
    for part in [ENTRY, HOSTS, "access_rules", "dns_records", "/associations"] {
        let account = new_account();
        furnish(&account);
        for nth in 1..=10 {
            account.fault(When::To("GET", part, nth), Fault::Broken);
        }
        let error = survey_with(&account, 2, &[]).await.expect_err(part);
        assert!(error.to_string().contains("answered 500"), "{error}");
    }
}
