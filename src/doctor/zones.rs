//! The zones that the file needs, and how they stand; without a file, the zones that there are.

use crate::cloudflare::AccountCheckup;
use crate::doctor::Check;
use crate::doctor::Scope;
use crate::doctor::State;
use crate::resource::Hostname;
use crate::resource::Zone;
use crate::resource::ZoneName;
use crate::resource::ZoneStatus;
use crate::resource::zone::zone_of;

pub(super) fn checks(seen: &AccountCheckup, scope: Option<&Scope>) -> Vec<Check> {
    let Ok(zones) = &seen.zones else {
        return Vec::new();
    };
    match scope {
        Some(scope) => of_file(zones, scope),
        None => vec![of_account(zones)],
    }
}

/// The zones of an account that a file needs: those that it lists, and those of its hosts.
#[must_use]
pub fn needed(zones: &[Zone], scope: &Scope) -> Vec<Zone> {
    let is_listed = |zone: &Zone| {
        let listed = scope.zones.as_ref();
        listed.is_some_and(|listed| listed.contains(&zone.name))
    };
    let is_of_host = |zone: &Zone| scope.hosts.iter().any(|host| of(host, zones) == Some(zone));
    let needed = zones
        .iter()
        .filter(|zone| is_listed(zone) || is_of_host(zone));
    needed.cloned().collect()
}

/// The zone of a host: an active one, else one of another status.
fn of<'z>(host: &Hostname, zones: &'z [Zone]) -> Option<&'z Zone> {
    let among = |is_wanted: fn(&Zone) -> bool| {
        let names = zones.iter().filter(|zone| is_wanted(zone));
        zone_of(host, names.map(|zone| &zone.name))
    };
    let name = among(|zone| zone.status == ZoneStatus::Active).or_else(|| among(|_| true))?;
    zones.iter().find(|zone| zone.name == *name)
}

fn of_file(zones: &[Zone], scope: &Scope) -> Vec<Check> {
    let mut checks = Vec::new();
    let mut served: Vec<&ZoneName> = Vec::new();
    let needed = needed(zones, scope);
    for zone in &needed {
        if zone.is_serving() {
            served.push(&zone.name);
        } else {
            checks.push(not_served(zone, zones, scope));
        }
    }
    for listed in scope.zones.iter().flatten() {
        if !needed.iter().any(|zone| zone.name == *listed) {
            let sentence =
                "the file lists it, and the account does not have it or the token does not show it";
            let check = Check::new("zone", State::Problem, sentence).of(listed.as_str());
            checks.push(
                check.remedy("check the name and the account, or let the token include this zone"),
            );
        }
    }
    checks.extend(without_zone(zones, scope));
    if !served.is_empty() {
        let names: Vec<&str> = served.iter().map(|name| name.as_str()).collect();
        let sentence = format!("found and served: {}", short(&names));
        checks.insert(0, Check::new("zone", State::Ok, sentence));
    }
    checks
}

fn not_served(zone: &Zone, zones: &[Zone], scope: &Scope) -> Check {
    let hosts = scope.hosts.iter();
    let hosts = hosts.filter(|host| of(host, zones) == Some(zone)).count();
    let (what, remedy) = standing(zone);
    let (state, sentence) = if hosts == 0 {
        (State::Warning, format!("found, but it {what}"))
    } else {
        let hosts = if hosts == 1 { "host" } else { "hosts" };
        let sentence =
            format!("found, but it {what}: what the file says of its {hosts} cannot take effect");
        (State::Problem, sentence)
    };
    Check::new("zone", state, sentence)
        .of(zone.name.as_str())
        .remedy(remedy)
}

/// What keeps a zone from being served, and what to do about that.
fn standing(zone: &Zone) -> (String, &'static str) {
    match &zone.status {
        ZoneStatus::Active => (
            "is paused: traffic goes past Cloudflare".to_owned(),
            "resume it in the dashboard (Overview), or take its hosts out of the file",
        ),
        ZoneStatus::Pending | ZoneStatus::Initializing => (
            format!(
                "is {}: its name servers do not point to Cloudflare yet",
                zone.status
            ),
            "change the name servers at the registrar, or wait until the zone is active",
        ),
        ZoneStatus::Moved => (
            "has moved: its name servers point elsewhere".to_owned(),
            "point them back at the registrar, or take its hosts out of the file",
        ),
        ZoneStatus::Other(word) => (
            format!("has a status that is not known here: {word}"),
            "look at it in the dashboard",
        ),
    }
}

/// Hosts of the file that lie in no zone of the account.
fn without_zone(zones: &[Zone], scope: &Scope) -> Option<Check> {
    let lost = scope.hosts.iter().filter(|host| of(host, zones).is_none());
    let lost: Vec<&str> = lost.map(Hostname::as_str).collect();
    if lost.is_empty() {
        return None;
    }
    let sentence = format!(
        "no zone of the account that the token shows holds {}",
        short(&lost)
    );
    let check = Check::new("hosts", State::Problem, sentence);
    Some(check.remedy("check the names and the account, or let the token include their zones"))
}

fn of_account(zones: &[Zone]) -> Check {
    let served = zones.iter().filter(|zone| zone.is_serving()).count();
    let others: Vec<String> = zones
        .iter()
        .filter(|zone| !zone.is_serving())
        .map(|zone| match (&zone.status, zone.paused) {
            (ZoneStatus::Active, _) => format!("{} is paused", zone.name),
            (status, _) => format!("{} is {status}", zone.name),
        })
        .collect();
    let others: Vec<&str> = others.iter().map(String::as_str).collect();
    let of_all = format!("the token shows {} of them, {served} served", zones.len());
    if zones.is_empty() {
        let check = Check::new("zone", State::Warning, "the token shows none");
        return check.remedy("let the token include the zones of this account");
    }
    let sentence = match others.as_slice() {
        [] => of_all,
        others => format!("{of_all}; {}", short(others)),
    };
    Check::new("zone", State::Ok, sentence)
}

/// The first few, and how many more.
pub(super) fn short(items: &[&str]) -> String {
    const NAMED: usize = 5;
    let (named, rest) = items.split_at(items.len().min(NAMED));
    match rest.len() {
        0 => named.join(", "),
        more => format!("{} and {more} more", named.join(", ")),
    }
}
