//! Who changes verdict by a plan.

use std::collections::BTreeMap;

use crate::edge::Client;
use crate::edge::Model;
use crate::edge::Reading;
use crate::edge::Verdict;
use crate::expression::Bound;
use crate::expression::Guard;
use crate::plan::safety::passage::Ends;
use crate::resource::Hostname;
use crate::resource::ZoneName;

/// Requests of one kind of client that end up with another verdict on some hosts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shift {
    /// In which zone.
    pub zone: ZoneName,
    /// On which hosts; none stands for any other host of the zone.
    pub hosts: Vec<Hostname>,
    /// Whose requests.
    pub client: Client,
    /// The verdict before.
    pub before: Verdict,
    /// The verdict afterwards.
    pub after: Verdict,
    /// An example; `None` where it is so for all that had the verdict before.
    pub only: Option<Guard>,
    /// Whether it is so under both readings.
    pub certainty: Certainty,
}

/// Under which readings something is so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Certainty {
    /// Under both.
    Certain,
    /// Under this one only.
    Possible(Reading),
}

/// Who changes verdict on some hosts, under one reading.
pub(super) fn of(
    (zone, hosts): (&ZoneName, &[Hostname]),
    clients: &[Client],
    Ends { now, end }: &Ends,
    model: &mut Model,
) -> Result<Vec<Shift>, Bound> {
    let mut shifts = Vec::new();
    for (client, (now, end)) in clients.iter().zip(now.iter().zip(end.iter())) {
        for (before, now) in Verdict::ALL.into_iter().zip(now) {
            for (after, end) in Verdict::ALL.into_iter().zip(end) {
                if before == after {
                    continue;
                }
                let guards = model.both(*now, *end)?;
                let Some(example) = model.witness(guards)? else {
                    continue;
                };
                let others = model.without(*now, *end)?;
                let is_all = model.witness(others)?.is_none();
                shifts.push(Shift {
                    zone: zone.clone(),
                    hosts: hosts.to_vec(),
                    client: client.clone(),
                    before,
                    after,
                    only: (!is_all).then_some(example),
                    certainty: Certainty::Certain,
                });
            }
        }
    }
    Ok(shifts)
}

/// The shifts under each reading, told once where the readings agree.
pub(super) fn under_both(shifts: Vec<Vec<Shift>>) -> Vec<Shift> {
    let [here, account] = <[Vec<Shift>; 2]>::try_from(shifts).unwrap_or_default();
    let same = |one: &Shift, other: &Shift| {
        one.client == other.client && one.before == other.before && one.after == other.after
    };
    let only = |shifts: &[Shift], others: &[Shift], reading| {
        let alone = shifts
            .iter()
            .filter(|one| !others.iter().any(|other| same(one, other)));
        let alone = alone.cloned().map(|shift| Shift {
            certainty: Certainty::Possible(reading),
            ..shift
        });
        alone.collect::<Vec<_>>()
    };
    let mut joined: Vec<Shift> = here
        .iter()
        .filter_map(|one| {
            let other = account.iter().find(|other| same(one, other))?;
            // It is so for all only if it is under both.
            Some(if one.only.is_none() { other } else { one }.clone())
        })
        .collect();
    joined.extend(only(&here, &account, Reading::PerHost));
    joined.extend(only(&account, &here, Reading::AccountWide));
    joined
}

/// Shifts that are the same on several groups of hosts of a zone become one.
pub(super) fn joined(shifts: Vec<Shift>) -> Vec<Shift> {
    let mut joined: BTreeMap<(Verdict, Verdict, Certainty, Client, ZoneName, String), Shift> =
        BTreeMap::new();
    let mut others = Vec::new();
    for shift in shifts {
        if shift.hosts.is_empty() {
            others.push(shift);
            continue;
        }
        let only = shift.only.as_ref().map(ToString::to_string);
        let key = (
            shift.after,
            shift.before,
            shift.certainty,
            shift.client.clone(),
            shift.zone.clone(),
            only.unwrap_or_default(),
        );
        match joined.get_mut(&key) {
            Some(one) => {
                one.hosts.extend(shift.hosts);
                one.hosts.sort();
            }
            None => {
                joined.insert(key, shift);
            }
        }
    }
    joined.into_values().chain(others).collect()
}
