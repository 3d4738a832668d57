//! Which permission each endpoint asks for (API reference, section 5.3).

use mtlsctl::sandbox::ACCOUNT_ID;
use mtlsctl::sandbox::Permission;
use serde_json::json;

use crate::sandbox::world::World;
use crate::sandbox::world::access_rules;
use crate::sandbox::world::account_entry_point;
use crate::sandbox::world::certificate;
use crate::sandbox::world::certificates;
use crate::sandbox::world::entry_point;
use crate::sandbox::world::hosts;
use crate::sandbox::world::records;
use crate::sandbox::world::redirects;

/// An id that nothing has.
const NOTHING: &str = "0123456789abcdef0123456789abcdef";

/// A method, a path, and the permissions of which one is enough.
type Needs = Vec<(&'static str, String, Vec<Permission>)>;

/// What is asked for, but for what stands beside custom rules.
fn needs_of_what_is_ours(world: &mut World) -> Needs {
    use Permission::AccountSslRead;
    use Permission::AccountSslWrite;
    use Permission::RedirectsRead;
    use Permission::RedirectsWrite;
    use Permission::ZoneRead;
    use Permission::ZoneSslRead;
    use Permission::ZoneSslWrite;
    use Permission::ZoneWafRead;
    use Permission::ZoneWafWrite;

    let zone = world.zone("example.com");
    let rulesets = format!("/zones/{zone}/rulesets");
    let ruleset = world.get(&entry_point(&zone))["id"]
        .as_str()
        .expect("an id")
        .to_owned();
    let rule = format!("{rulesets}/{ruleset}/rules/{NOTHING}");
    #[rustfmt::skip]
    let needs = vec![
        ("GET", "/zones".into(), vec![ZoneRead]),
        ("GET", format!("/zones/{zone}"), vec![ZoneRead, ZoneSslRead, ZoneSslWrite]),
        ("GET", certificates(), vec![AccountSslRead, AccountSslWrite]),
        ("POST", certificates(), vec![AccountSslWrite]),
        ("GET", certificate("x"), vec![AccountSslRead, AccountSslWrite]),
        ("DELETE", certificate("x"), vec![AccountSslWrite]),
        ("GET", format!("{}/associations", certificate("x")), vec![AccountSslRead, AccountSslWrite]),
        ("GET", hosts(&zone), vec![ZoneSslRead, ZoneSslWrite]),
        ("PUT", hosts(&zone), vec![ZoneSslWrite]),
        ("GET", rulesets.clone(), vec![ZoneWafRead, ZoneWafWrite, RedirectsRead, RedirectsWrite]),
        ("POST", rulesets.clone(), vec![ZoneWafWrite, RedirectsWrite]),
        ("GET", format!("{rulesets}/{NOTHING}"), vec![ZoneWafRead, ZoneWafWrite, RedirectsRead, RedirectsWrite]),
        ("GET", entry_point(&zone), vec![ZoneWafRead, ZoneWafWrite]),
        ("PUT", entry_point(&zone), vec![ZoneWafWrite]),
        ("GET", format!("{rulesets}/{ruleset}"), vec![ZoneWafRead, ZoneWafWrite]),
        ("PUT", format!("{rulesets}/{ruleset}"), vec![ZoneWafWrite]),
        ("DELETE", format!("{rulesets}/{ruleset}?dry_run=true"), vec![ZoneWafWrite]),
        ("POST", format!("{rulesets}/{ruleset}/rules"), vec![ZoneWafWrite]),
        ("PATCH", rule.clone(), vec![ZoneWafWrite]),
        ("DELETE", rule, vec![ZoneWafWrite]),
    ];
    needs
}

/// What is asked for beside custom rules.
fn needs_of_neighbours(world: &mut World) -> Needs {
    use Permission::AccountAccessRulesRead;
    use Permission::AccountAccessRulesWrite;
    use Permission::AccountRulesetsRead;
    use Permission::AccountRulesetsWrite;
    use Permission::AccountWafRead;
    use Permission::AccountWafWrite;
    use Permission::DnsRead;
    use Permission::DnsWrite;
    use Permission::FirewallServicesRead;
    use Permission::FirewallServicesWrite;
    use Permission::RedirectsRead;
    use Permission::RedirectsWrite;

    let zone = world.zone("example.com");
    let entry = redirects(&zone);
    let made = world.put(&entry, json!({}))["id"].clone();
    let redirects = format!("/zones/{zone}/rulesets/{}", made.as_str().expect("an id"));
    let of_account = format!("/accounts/{ACCOUNT_ID}/rulesets");
    let (access, of_all) = (
        access_rules(&format!("/zones/{zone}")),
        access_rules(&format!("/accounts/{ACCOUNT_ID}")),
    );
    let read_account = vec![
        AccountWafRead,
        AccountWafWrite,
        AccountRulesetsRead,
        AccountRulesetsWrite,
    ];
    #[rustfmt::skip]
    let needs = vec![
        ("GET", redirects.clone(), vec![RedirectsRead, RedirectsWrite]),
        ("PUT", redirects.clone(), vec![RedirectsWrite]),
        ("POST", format!("{redirects}/rules"), vec![RedirectsWrite]),
        ("GET", entry.clone(), vec![RedirectsRead, RedirectsWrite]),
        ("PUT", entry.clone(), vec![RedirectsWrite]),
        ("GET", of_account.clone(), read_account.clone()),
        ("POST", of_account.clone(), vec![AccountWafWrite, AccountRulesetsWrite]),
        ("GET", format!("{of_account}/{NOTHING}"), read_account.clone()),
        ("GET", account_entry_point(), read_account),
        ("PUT", account_entry_point(), vec![AccountWafWrite, AccountRulesetsWrite]),
        ("GET", access.clone(), vec![FirewallServicesRead, FirewallServicesWrite]),
        ("POST", access.clone(), vec![FirewallServicesWrite]),
        ("DELETE", format!("{access}/{NOTHING}"), vec![FirewallServicesWrite]),
        ("GET", of_all.clone(), vec![AccountAccessRulesRead, AccountAccessRulesWrite]),
        ("POST", of_all.clone(), vec![AccountAccessRulesWrite]),
        ("DELETE", format!("{of_all}/{NOTHING}"), vec![AccountAccessRulesWrite]),
        ("GET", records(&zone), vec![DnsRead, DnsWrite]),
        ("POST", records(&zone), vec![DnsWrite]),
        ("DELETE", format!("{}/{NOTHING}", records(&zone)), vec![DnsWrite]),
    ];
    needs
}

#[test]
fn every_endpoint_asks_for_its_permission() {
    let mut world = World::new();
    let mut table = needs_of_what_is_ours(&mut world);
    table.extend(needs_of_neighbours(&mut world));
    for permission in Permission::ALL {
        world.limit_to(&[permission]);
        for (method, path, enough) in &table {
            let reply = world.send(method, path, None);
            let refused = reply.status == 403 && reply.body["errors"][0]["code"] == 10000;
            assert_eq!(
                refused,
                !enough.contains(&permission),
                "{permission}: {method} {path}: {}",
                reply.body
            );
        }
    }
    for permission in Permission::ALL {
        assert_eq!(permission.name().parse(), Ok(permission));
    }
    let unknown = "Zone Edit"
        .parse::<Permission>()
        .expect_err("there is no such group");
    assert!(
        unknown
            .to_string()
            .starts_with("no permission group is called `Zone Edit`; there are: `Zone Read`, ")
    );
}
