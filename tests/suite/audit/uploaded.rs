//! Findings about CAs, on the sandbox: which account shows them, and which one close by does not. Their words
//! are held in `cas`.

use mtlsctl::audit::Kind;

use super::world::HOST;
use super::world::World;

/// An account with that CA on the host.
fn with(name: &str) -> World {
    World::new().ca(name, &[HOST])
}

#[test]
fn a_ca_is_told_with_what_is_wrong_with_it() {
    let sound = with("fleet-2026");
    for (kind, name) in [
        (Kind::CaExpired, "expired"),
        (Kind::CaWeak, "weak"),
        (Kind::CaUnverifiable, "ed25519"),
        (Kind::CaNoKeyId, "no-key-id"),
    ] {
        let object = format!("CA {name}");
        let _ = with(name).shows(kind, &[object.as_str()], &sound);
    }
}

#[test]
fn a_ca_that_ends_within_the_time_that_the_standard_asks_for_is_told() {
    let years = |years: i64| with("fleet-2026").min_validity(years * 365);
    let _ = years(120).shows(
        Kind::CaExpiring,
        &["CA fleet-2026", "CA legacy-partners"],
        &years(1),
    );
}

#[test]
fn a_ca_that_no_host_list_names_is_told() {
    let unused = World::new().ca("fleet-2026", &[]);
    let _ = unused.shows(Kind::CaUnused, &["CA fleet-2026"], &with("fleet-2026"));
}

#[test]
fn an_account_without_a_free_slot_is_told() {
    // Somebody's CA takes the first of five.
    let three = ["fleet-2025", "fleet-2026", "fleet-2027"];
    let world = |more: &[&str]| {
        let names = three.iter().chain(more);
        names.fold(World::new(), |world, name| world.ca(name, &[]))
    };
    let _ = world(&["somebody"]).shows(Kind::CaQuota, &["account"], &world(&[]));
}
