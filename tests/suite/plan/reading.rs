//! What is read of an account: enough to plan, and no more.

use mtlsctl::plan::reading;
use mtlsctl::resource::Zone;
use mtlsctl::resource::ZoneId;
use mtlsctl::resource::ZoneName;
use mtlsctl::resource::ZoneStatus;

use crate::plan::worlds::ONE;
use crate::plan::worlds::TWO;
use crate::support::scenario::Scenario;

/// The zones whose host lists are read.
fn lists(world: &Scenario) -> Vec<String> {
    let desired = world.desired();
    let live = world.observed(&desired);
    let read = live.zones.iter().filter(|(_, zone)| zone.lists.is_some());
    read.map(|(name, _)| name.to_string()).collect()
}

/// An account with so many more zones.
fn large(world: Scenario, zones: usize) -> Scenario {
    world.account_bent(|account| {
        for n in 0..zones {
            let name = ZoneName::parse(&format!("zone-{n}.example")).expect("a name");
            let mut zone = account.zones.values().next().expect("a zone").clone();
            zone.zone = Zone {
                id: ZoneId::parse(&format!("{:032x}", n + 100)).expect("the form of an id"),
                name: name.clone(),
                status: ZoneStatus::Active,
                paused: false,
                rule_quota: Some(1000),
            };
            zone.rules = None;
            account.zones.insert(name, zone);
        }
    })
}

#[test]
fn lists_are_read_where_hosts_are_declared_or_a_rule_of_ours_is() {
    let world = large(Scenario::agreed(TWO), 200);
    assert_eq!(lists(&world), ["example.com", "example.net"]);
    let fewer = world.edit(", edi.example.net]", "]");
    assert_eq!(lists(&fewer), ["example.com", "example.net"]);
}

#[test]
fn lists_are_read_everywhere_when_a_ca_may_be_deleted() {
    let world = large(Scenario::agreed(ONE), 200).edit("fleet-2026.pem", "fleet-2027.pem");
    assert_eq!(lists(&world).len(), 203);
}

#[test]
fn other_zones_are_looked_at_only_in_accounts_of_moderate_size() {
    let read = |zones: usize| {
        let world = large(Scenario::new(ONE), zones);
        let desired = world.desired();
        let reading = reading::rules_to_read(&desired, world.account());
        assert_eq!(reading.needed.len(), 2);
        (reading.optional.len(), reading.skipped)
    };
    assert_eq!(read(0), (1, 0));
    assert_eq!(read(147), (148, 0));
    assert_eq!(read(148), (0, 149));
}
