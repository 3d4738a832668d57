//! Which zone a host belongs to, in an account or by the file alone.

use crate::config::Config;
use crate::config::Problem;
use crate::desired::fault::ResolveFault;
use crate::resource::Hostname;
use crate::resource::Zone;
use crate::resource::ZoneName;
use crate::resource::ZoneStatus;
use crate::resource::zone::zone_of;

/// The zones that hosts are looked for in.
#[derive(Debug, Clone)]
pub struct Zones<'a>(Known<'a>);

#[derive(Debug, Clone)]
enum Known<'a> {
    /// All zones of the account.
    Account(Vec<&'a Zone>),
    /// What the file lists; where it lists none, a host's last two labels stand for its zone, which is
    /// good enough to check the rest of the file by.
    File,
}

impl<'a> Zones<'a> {
    /// The zones of an account.
    #[must_use]
    pub fn of_account(zones: impl IntoIterator<Item = &'a Zone>) -> Self {
        Self(Known::Account(zones.into_iter().collect()))
    }

    /// What the file itself says of zones.
    #[must_use]
    pub fn of_file() -> Self {
        Self(Known::File)
    }

    /// The zone of a host: the longest suffix at a label border among all active zones of the account.
    pub(super) fn zone(&self, config: &Config, host: &Hostname) -> Result<ZoneName, ResolveFault> {
        let listed = || config.zones.iter().flatten().map(|zone| &zone.value);
        let Known::Account(zones) = &self.0 else {
            return Ok(zone_of(host, listed())
                .cloned()
                .unwrap_or_else(|| last_two_labels(host)));
        };
        let name_of = |is_wanted: fn(&Zone) -> bool| {
            let wanted = zones.iter().filter(|zone| is_wanted(zone));
            zone_of(host, wanted.map(|zone| &zone.name))
        };
        let found = name_of(|zone| zone.status == ZoneStatus::Active);
        let Some(name) = found.or_else(|| name_of(|_| true)) else {
            return Err(ResolveFault::NoZone { host: host.clone() });
        };
        if let Some(zone) = zones
            .iter()
            .find(|zone| zone.name == *name && !zone.is_serving())
        {
            return Err(ResolveFault::not_serving(host, name, &zone.status));
        }
        if config.zones.is_some() && !listed().any(|zone| zone == name) {
            return Err(ResolveFault::ZoneNotListed {
                host: host.clone(),
                zone: name.clone(),
            });
        }
        Ok(name.clone())
    }

    /// Reports listed zones that the account does not have.
    pub(super) fn report_missing(&self, config: &Config, problems: &mut Vec<Problem>) {
        let Known::Account(zones) = &self.0 else {
            return;
        };
        for listed in config.zones.iter().flatten() {
            if !zones.iter().any(|zone| zone.name == listed.value) {
                let fault = ResolveFault::NoSuchZone {
                    zone: listed.value.clone(),
                };
                problems.push(Problem::error(listed.at, fault));
            }
        }
    }
}

/// What most people's zones look like: good for a first guess, wrong below `co.uk`.
#[must_use]
pub fn last_two_labels(host: &Hostname) -> ZoneName {
    let name = host.as_str();
    let start = name.rmatch_indices('.').nth(1).map_or(0, |(at, _)| at + 1);
    // The end of a host name with two labels or more is a host name.
    ZoneName::parse(&name[start..]).unwrap_or_else(|_| ZoneName::from(host.clone()))
}
