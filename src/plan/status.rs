//! Where each CA and each rotation stands, and the next date that matters.

use std::collections::BTreeSet;

use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;

use crate::desired::Content;
use crate::desired::Desired;
use crate::live::Live;
use crate::live::LiveCa;
use crate::plan::Allowed;
use crate::plan::Held;
use crate::plan::HeldBecause;
use crate::plan::cas;
use crate::plan::cas::Fate;
use crate::plan::overlap;
use crate::plan::overlap::Standings;
use crate::resource::Bundle;
use crate::resource::Issuer;
use crate::resource::KeyId;
use crate::resource::Name;

/// The CAs of the file and of the account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    /// The day that it is true for, in UTC.
    pub today: Date,
    /// Those of the file by name, then what else is in the account.
    pub cas: Vec<CaStatus>,
    /// What dates will bring, the next first.
    pub dates: Vec<Event>,
    /// How many CAs the account may hold.
    pub quota: usize,
    /// How many it holds.
    pub slots: usize,
}

/// One CA.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaStatus {
    /// What a plan calls it.
    pub label: String,
    /// Whether the file declares it.
    pub in_file: bool,
    /// The digest of its content; `None` where it has none that could be read.
    pub digest: Option<String>,
    /// The last moment at which all of its certificates are valid.
    pub not_after: Option<Timestamp>,
    /// Whole days until then, negative afterwards.
    pub days: Option<i64>,
    /// On how many hosts the file accepts its clients.
    pub declared: usize,
    /// How many hosts ask for its certificates, in the zones that the file speaks for.
    pub live: usize,
    /// On how many of them the rules of the file let its clients past.
    pub accepted: usize,
    /// Where it stands.
    pub state: State,
}

/// Where a CA stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum State {
    /// The file declares it, and the account does not have it yet.
    NotUploaded,
    /// Its new content waits for a free CA slot.
    WaitsForSlot,
    /// It is replaced on hosts and stays there until this day.
    Held {
        /// The first day on which some host lets go of it.
        until: Date,
    },
    /// It is there, and from this day it counts as absent.
    Retiring {
        /// The day.
        on: Date,
    },
    /// Its day has come.
    Retired {
        /// The day.
        on: Date,
        /// Whether the account still has it.
        is_live: bool,
    },
    /// It has left the file and goes with the next plan.
    Leaving,
    /// Its validity is over.
    Expired,
    /// Its validity ends within `min_validity`.
    Expires,
    /// It is there.
    Live,
    /// It is not in the file, and not ours.
    NotOurs,
}

/// Something that a date brings.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Event {
    /// The day, in UTC.
    pub on: Date,
    /// The CA.
    pub ca: String,
    /// What happens.
    pub what: What,
}

/// What a date brings for a CA.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum What {
    /// Its validity ends.
    Expires,
    /// It counts as absent.
    Retires,
    /// The overlap with its successor is over.
    MayGo,
}

/// Holds the CAs of the file against the account's, at a moment.
#[must_use]
pub fn status(desired: &Desired, live: &Live, at: Timestamp) -> Status {
    let survey = Survey {
        desired,
        live,
        at,
        standings: Standings::of(desired, live),
        held: overlap::overlap(desired, live, at, &Allowed::default()).held,
    };
    let declared = desired.cas.keys().map(|name| survey.declared(name));
    let is_other = |ca: &&LiveCa| {
        let bundle = ca.bundle.as_ref();
        ca.is_uploaded_ca() && bundle.is_none_or(|bundle| desired.ca_of(bundle).is_none())
    };
    let others = live.cas.iter().filter(is_other);
    let others = others.map(|ca| survey.undeclared(ca));
    let cas: Vec<CaStatus> = declared.chain(others).collect();
    Status {
        today: day(at),
        dates: survey.dates(&cas),
        cas,
        quota: desired.quota,
        slots: live.slots_used(),
    }
}

struct Survey<'a> {
    desired: &'a Desired,
    live: &'a Live,
    at: Timestamp,
    standings: Standings,
    held: Vec<Held>,
}

impl Survey<'_> {
    fn declared(&self, name: &Name) -> CaStatus {
        let ca = self.desired.cas.get(name);
        let bundle = ca.and_then(|ca| match &ca.content {
            Content::Uploaded(bundle) => Some(bundle),
            Content::CloudflareManaged => None,
        });
        let found = match bundle {
            Some(bundle) => self
                .live
                .ca_of(bundle)
                .map(|ca| Issuer::Uploaded(ca.id.clone())),
            None => Some(Issuer::CloudflareManaged),
        };
        let keys = match (bundle, ca) {
            (Some(bundle), _) => bundle.key_ids(),
            (None, Some(ca)) => ca.pins.clone(),
            (None, None) => BTreeSet::new(),
        };
        let label = name.to_string();
        let retire = ca.and_then(|ca| Some((ca.retire?, ca.is_retired)));
        let state = match (self.until(&label), retire, &found) {
            _ if self.waits(&label) => State::WaitsForSlot,
            (Some(until), _, _) => State::Held { until },
            (_, Some((on, true)), found) => State::Retired {
                on,
                is_live: found.is_some(),
            },
            (_, _, None) => State::NotUploaded,
            (_, Some((on, false)), _) => State::Retiring { on },
            _ => self.by_validity(bundle),
        };
        let hosts = self.desired.hosts.values();
        let declared = hosts.filter(|host| host.cas.contains(name)).count();
        self.row(label, bundle, (found.as_ref(), &keys), declared, state)
    }

    fn undeclared(&self, ca: &LiveCa) -> CaStatus {
        let label = cas::label(self.desired, ca);
        let state = match (self.until(&label), cas::fate(self.desired, ca)) {
            (Some(until), _) => State::Held { until },
            // While a new content waits for its slot, the old one has its name.
            (None, Fate::Goes(_)) if self.waits_in_place(ca) => State::Live,
            (None, Fate::Goes(_)) => State::Leaving,
            (None, Fate::Stays | Fate::NotOurs(_)) => State::NotOurs,
        };
        let issuer = Issuer::Uploaded(ca.id.clone());
        let keys = ca.bundle.as_ref().map(Bundle::key_ids).unwrap_or_default();
        let row = self.row(label, ca.bundle.as_ref(), (Some(&issuer), &keys), 0, state);
        CaStatus {
            in_file: false,
            ..row
        }
    }

    fn row(
        &self,
        label: String,
        bundle: Option<&Bundle>,
        (issuer, keys): (Option<&Issuer>, &BTreeSet<KeyId>),
        declared: usize,
        state: State,
    ) -> CaStatus {
        let hosts = |wanted: &dyn Fn(&overlap::Standing, &Issuer) -> bool| {
            let Some(issuer) = issuer else { return 0 };
            let hosts = self.standings.hosts();
            hosts.filter(|host| wanted(host, issuer)).count()
        };
        let not_after = bundle.map(Bundle::not_after);
        CaStatus {
            label,
            in_file: true,
            digest: bundle.map(|bundle| bundle.digest().to_owned()),
            not_after,
            days: not_after.map(|end| end.duration_since(self.at).as_hours().div_euclid(24)),
            declared,
            live: hosts(&|host, issuer| host.listed.contains(issuer)),
            accepted: hosts(&|host, issuer| host.is_ruled && host.accepts(issuer, keys)),
            state,
        }
    }

    fn by_validity(&self, bundle: Option<&Bundle>) -> State {
        let soon = self.at.checked_add(self.desired.guards.min_validity);
        match bundle.map(Bundle::not_after) {
            Some(end) if end < self.at => State::Expired,
            Some(end) if soon.is_ok_and(|soon| end < soon) => State::Expires,
            _ => State::Live,
        }
    }

    /// The first day on which a host lets go of a CA that is held.
    fn until(&self, label: &str) -> Option<Date> {
        let days = self.held.iter().filter_map(|held| match &held.because {
            HeldBecause::Overlap { until, ca, .. } if ca == label => Some(*until),
            _ => None,
        });
        days.min()
    }

    fn waits(&self, label: &str) -> bool {
        self.held.iter().any(|held| {
            matches!(held.because, HeldBecause::NoSlot { .. })
                && held.address.to_string() == format!("CA {label}")
        })
    }

    fn waits_in_place(&self, ca: &LiveCa) -> bool {
        ca.mark().is_some_and(|mark| self.waits(mark.name.as_str()))
    }

    /// The days to come, each CA's kinds of event once.
    fn dates(&self, cas: &[CaStatus]) -> Vec<Event> {
        let today = day(self.at);
        let mut dates: BTreeSet<Event> = BTreeSet::new();
        for held in &self.held {
            if let HeldBecause::Overlap { until, ca, .. } = &held.because {
                dates.insert(event(*until, ca, What::MayGo));
            }
        }
        for ca in cas.iter().filter(|ca| ca.state != State::NotOurs) {
            if let State::Retiring { on } = ca.state {
                dates.insert(event(on, &ca.label, What::Retires));
            }
            if let Some(end) = ca.not_after {
                dates.insert(event(day(end), &ca.label, What::Expires));
            }
        }
        let to_come = dates.into_iter().filter(|event| event.on >= today);
        to_come.collect()
    }
}

fn event(on: Date, ca: &str, what: What) -> Event {
    let ca = ca.to_owned();
    Event { on, ca, what }
}

/// The day of a moment, in UTC.
fn day(at: Timestamp) -> Date {
    TimeZone::UTC.to_datetime(at).date()
}
