//! Findings about CAs and the slots they take.
//!
//! Only CAs that somebody uploaded: what else lives in the certificate store is other products' business.

mod certificates;
mod slots;

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::audit::Finding;
use crate::audit::Kind;
use crate::audit::Severity;
use crate::audit::Standard;
use crate::audit::Subject;
use crate::edge::Key;
use crate::live::Live;
use crate::live::LiveCa;
use crate::resource::Certificate;
use crate::resource::Hostname;
use crate::resource::Issuer;

/// How many hosts one finding names before the rest is counted.
const HOSTS_NAMED: usize = 4;

/// What is wrong with the account's CAs.
pub(super) fn findings(subject: &Subject, standard: &Standard) -> Vec<Finding> {
    let cas = uploaded(&subject.live);
    let mut found = Vec::new();
    for ca in &cas {
        if ca.certificates().is_empty() {
            found.push(unreadable(ca));
        }
        found.extend(certificates::findings(ca, &cas, standard));
        found.extend(slots::unused(ca, subject, standard));
    }
    found.extend(slots::quota(&cas, subject, standard));
    found
}

/// A CA that somebody uploaded.
struct Uploaded<'s> {
    ca: &'s LiveCa,
    /// What people call it; with its id where others are called the same.
    label: String,
    /// The hosts that ask for its certificates, as far as host lists were read.
    hosts: BTreeSet<String>,
}

impl Uploaded<'_> {
    fn certificates(&self) -> &[Certificate] {
        let bundle = self.ca.bundle.as_ref();
        bundle.map_or(&[], |bundle| bundle.certificates())
    }

    /// A finding about it.
    fn finding(&self, severity: Severity, kind: Kind, sentence: impl Into<String>) -> Finding {
        Finding::new(severity, kind, format!("CA {}", self.label), sentence)
    }

    /// Whether it is one of a host's CAs and has a certificate with this key that is valid at a moment.
    fn verifies(&self, host: &str, key: Key, at: Timestamp) -> bool {
        let is_valid = |one: &&Certificate| one.not_before() <= at && at <= one.not_after();
        let mut valid = self.certificates().iter().filter(is_valid);
        self.hosts.contains(host) && valid.any(|one| Key::of(one) == key)
    }
}

fn uploaded(live: &Live) -> Vec<Uploaded<'_>> {
    let cas = live.cas.iter().filter(|ca| ca.is_uploaded_ca());
    let mut named: BTreeMap<String, Vec<&LiveCa>> = BTreeMap::new();
    for ca in cas {
        let name = match ca.mark() {
            Some(mark) => mark.name.to_string(),
            None => ca.label().to_owned(),
        };
        named.entry(name).or_default().push(ca);
    }
    let labelled = named.into_iter().flat_map(|(name, cas)| {
        let is_shared = cas.len() > 1;
        cas.into_iter().map(move |ca| Uploaded {
            ca,
            label: if is_shared {
                format!("{name} ({})", ca.id)
            } else {
                name.clone()
            },
            hosts: hosts(live, ca),
        })
    });
    labelled.collect()
}

/// The hosts of a CA in all lists that were read, in their one spelling where they have one.
fn hosts(live: &Live, ca: &LiveCa) -> BTreeSet<String> {
    let issuer = Issuer::Uploaded(ca.id.clone());
    let zones = live.zones.values();
    let lists = zones.filter_map(|zone| zone.lists.as_ref()?.get(&issuer));
    let listed = lists.flat_map(|list| &list.0);
    let spelled = listed
        .map(|host| Hostname::parse(host).map_or_else(|_| host.clone(), |host| host.to_string()));
    spelled.collect()
}

fn unreadable(ca: &Uploaded<'_>) -> Finding {
    let finding = ca
        .finding(
            Severity::Low,
            Kind::NotAnalysed,
            "Its content could not be read: neither its dates nor its keys were checked.",
        )
        .remedy("look at its certificates in the dashboard, and replace it if they are damaged.");
    if ca.hosts.is_empty() {
        return finding;
    }
    finding.detail(format!(
        "Whose certificates are verified on {} is not known.",
        some_of(&ca.hosts)
    ))
}

/// `a, b, c, d and 3 more`.
fn some_of<'h>(hosts: impl IntoIterator<Item = &'h String>) -> String {
    let hosts: Vec<&str> = hosts.into_iter().map(String::as_str).collect();
    let (first, rest) = hosts.split_at(hosts.len().min(HOSTS_NAMED));
    match (first, rest.len()) {
        ([before @ .., last], 0) if !before.is_empty() => {
            format!("{} and {last}", before.join(", "))
        }
        (first, 0) => first.join(", "),
        (first, more) => format!("{} and {more} more", first.join(", ")),
    }
}

/// The day of a moment, in UTC.
fn day(moment: Timestamp) -> String {
    TimeZone::UTC.to_datetime(moment).date().to_string()
}
