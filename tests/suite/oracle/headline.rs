//! Who ends up elsewhere, against what a plan says of it.
//!
//! The only place here that names a type of the model of the edge, since a plan tells of clients by it.

use mtlsctl::edge;
use mtlsctl::edge::Key;
use mtlsctl::edge::KeyIds;
use mtlsctl::edge::Path;
use mtlsctl::edge::Verdict;
use mtlsctl::plan::safety::Certainty;
use mtlsctl::plan::safety::Shift;
use mtlsctl::resource::Hostname;
use mtlsctl::resource::ZoneName;

use crate::oracle::clients::Client;
use crate::oracle::clients::Kind;
use crate::oracle::clients::READINGS;
use crate::oracle::clients::Reading;
use crate::oracle::host::Verdicts;
use crate::oracle::judge::first;
use crate::oracle::language::GUARDS;
use crate::oracle::language::Guards;
use crate::oracle::language::guard;

/// The shifts of a plan, and which of them some class was found for.
pub(super) struct Headline<'p> {
    shifts: &'p [Shift],
    is_founded: Vec<bool>,
}

/// What becomes of some clients on one host.
pub(super) struct Ends<'a> {
    pub(super) zone: &'a ZoneName,
    /// `None` is any other host of the zone.
    pub(super) host: Option<&'a Hostname>,
    pub(super) clients: &'a [Client],
    pub(super) now: &'a Verdicts,
    pub(super) end: &'a Verdicts,
}

impl<'p> Headline<'p> {
    pub(super) fn new(shifts: &'p [Shift]) -> Self {
        Self {
            shifts,
            is_founded: vec![false; shifts.len()],
        }
    }

    /// Holds what happens on one host against the shifts.
    pub(super) fn check(&mut self, ends: &Ends<'_>) -> Result<(), String> {
        for class in 0..ends.now.len() {
            for before in 0..3 {
                for after in (0..3).filter(|after| *after != before) {
                    self.class(ends, class, before, after)?;
                }
            }
        }
        Ok(())
    }

    fn class(
        &mut self,
        ends: &Ends<'_>,
        class: usize,
        before: usize,
        after: usize,
    ) -> Result<(), String> {
        let (client, reading) = (class / READINGS.len(), class % READINGS.len());
        let moved = |reading: usize| -> Guards {
            let class = client * READINGS.len() + reading;
            ends.now[class][before] & ends.end[class][after]
        };
        let Some(example) = first(moved(reading)) else {
            return Ok(());
        };
        let client = &ends.clients[client];
        let said = || {
            format!(
                "clients {} on {:?} of {} ({}, {:?}): {} → {}",
                client.name(),
                ends.host.map(ToString::to_string),
                ends.zone,
                guard(example % GUARDS),
                READINGS[reading],
                Verdict::ALL[before].word(),
                Verdict::ALL[after].word()
            )
        };
        let mut is_told = false;
        for (nth, shift) in self.shifts.iter().enumerate() {
            let is_meant = shift.zone == *ends.zone
                && ends
                    .host
                    .map_or(shift.hosts.is_empty(), |host| shift.hosts.contains(host))
                && is(&shift.client, client)
                && shift.before == Verdict::ALL[before]
                && shift.after == Verdict::ALL[after];
            let is_under = match shift.certainty {
                Certainty::Certain => true,
                Certainty::Possible(edge::Reading::PerHost) => {
                    READINGS[reading] == Reading::PerHost
                }
                Certainty::Possible(edge::Reading::AccountWide) => {
                    READINGS[reading] == Reading::AccountWide
                }
            };
            if !is_meant || !is_under {
                continue;
            }
            is_told = true;
            self.is_founded[nth] = true;
            if shift.certainty == Certainty::Certain
                && moved(1 - reading) == 0
                && !client.is_stranger()
            {
                return Err(format!("{} is called certain", said()));
            }
            if shift.only.is_none() && ends.now[class][before] & !ends.end[class][after] != 0 {
                return Err(format!("{} is not so for all requests", said()));
            }
        }
        if is_told {
            Ok(())
        } else {
            Err(format!("{} is not told", said()))
        }
    }

    /// A shift that no class was found for. Clients of a managed CA whose key ids nobody has told may go by any
    /// in the plan's words, and by one only here.
    pub(super) fn unfounded(&self) -> Option<&'p Shift> {
        let is_told = |client: &edge::Client| match client {
            edge::Client::Managed { key_ids, .. } => matches!(key_ids, KeyIds::OneOf(_)),
            _ => true,
        };
        let found = self.shifts.iter().zip(&self.is_founded);
        let mut unfounded =
            found.filter(|(shift, is_founded)| !**is_founded && is_told(&shift.client));
        unfounded.next().map(|(shift, _)| shift)
    }
}

/// Whether a client of the plan is that of the oracle.
fn is(told: &edge::Client, client: &Client) -> bool {
    match (told, &client.kind) {
        (edge::Client::None, Kind::None) | (edge::Client::Stranger, Kind::Stranger) => true,
        (edge::Client::Managed { revoked, .. }, Kind::Managed { is_revoked }) => {
            revoked == is_revoked
        }
        (edge::Client::Issued(issued), Kind::Issued { issuer, is_below }) => {
            issued.key == Key::of(issuer) && (issued.path == Path::Subordinate) == *is_below
        }
        _ => false,
    }
}
