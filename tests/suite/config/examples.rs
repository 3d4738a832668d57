//! The files that newcomers copy: each loads from the disk, and nothing is odd about it.

use std::io;
use std::path::Path;

use jiff::Timestamp;
use mtlsctl::config::Config;
use mtlsctl::config::Surroundings;
use mtlsctl::config::UnsetAccount;
use mtlsctl::config::defects;
use mtlsctl::config::load;
use mtlsctl::config::read_file;

use crate::config::world::ACCOUNT;

struct Disk;

impl Surroundings for Disk {
    fn variable(&self, name: &str) -> Option<String> {
        (name == "CLOUDFLARE_ACCOUNT_ID").then(|| ACCOUNT.to_owned())
    }

    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        read_file(path)
    }
}

fn load_example(name: &str) -> Config {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(name);
    let config = load(&path, &Disk, UnsetAccount::Refused)
        .unwrap_or_else(|problems| panic!("{problems}: {:#?}", problems.problems));
    assert_eq!(config.warnings, [], "{name}");
    config
}

#[test]
fn every_example_loads_without_a_word() {
    let year: Timestamp = "2026-07-01T00:00:00Z".parse().expect("a moment");
    let late: Timestamp = "2098-12-31T00:00:00Z".parse().expect("a moment");
    for name in [
        "mtls.yaml.example",
        "examples/smallest.yaml",
        "examples/unpinned.yaml",
        "examples/two-cas.yaml",
        "examples/rotation/mtls.yaml",
    ] {
        let config = load_example(name);
        for moment in [year, late] {
            assert_eq!(defects(&config, moment), [], "{name}");
        }
    }
}

#[test]
fn the_long_example_has_something_in_every_section() {
    let config = load_example("mtls.yaml.example");
    assert_eq!(config.account.expect("an account").as_str(), ACCOUNT);
    assert_eq!(config.zones.expect("zones").len(), 2);
    assert_eq!(config.cas.len(), 4);
    assert!(config.cas.iter().any(|ca| ca.retire.is_some()));
    assert_eq!(config.groups.len(), 3);
    assert!(config.rules.iter().any(|rule| rule.unless.is_some()));
    assert!(config.rules.iter().any(|rule| rule.response.is_some()));
    assert_eq!(config.tests.len(), 5);
    assert_eq!(config.guards, mtlsctl::config::Guards::default());
    assert_eq!(config.accept.len(), 1);
}
