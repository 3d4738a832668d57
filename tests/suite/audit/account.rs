//! An account to be audited: zones, CAs and host lists, on a day, by a standard.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use jiff::SignedDuration;
use jiff::Timestamp;
use mtlsctl::audit;
use mtlsctl::audit::Audit;
use mtlsctl::audit::Finding;
use mtlsctl::audit::Kind;
use mtlsctl::audit::Severity;
use mtlsctl::audit::Standard;
use mtlsctl::audit::Subject;
use mtlsctl::live::CaKind;
use mtlsctl::live::LiveZone;
use mtlsctl::live::Neighbours;
use mtlsctl::report;
use mtlsctl::resource::Bundle;
use mtlsctl::resource::CaId;
use mtlsctl::resource::ZoneName;
use rcgen::BasicConstraints;
use rcgen::CertificateParams;
use rcgen::DnType;
use rcgen::IsCa;
use rcgen::KeyPair;

use crate::support::golden::golden;
use crate::support::scenario::Scenario;

/// Columns of a terminal.
pub(crate) const WIDTH: usize = 80;

/// What was read of an account, and by what it is judged.
pub(crate) struct Account {
    world: Scenario,
    services: BTreeMap<CaId, BTreeSet<String>>,
    standard: Standard,
}

impl Account {
    /// One with three zones and nothing in them, at noon of 2026-06-01.
    pub(crate) fn new() -> Self {
        Self {
            world: Scenario::new(""),
            services: BTreeMap::new(),
            standard: Standard {
                at: moment("2026-06-01T12:00:00Z"),
                quota: 5,
                min_validity: SignedDuration::from_hours(30 * 24),
                accept: Vec::new(),
                tests: Vec::new(),
                issuers: Vec::new(),
                managed_key_ids: BTreeSet::new(),
            },
        }
    }

    /// With a CA of that name and content; nobody uses it.
    pub(crate) fn with(mut self, name: &str, content: Option<Bundle>) -> Self {
        self.world = self.world.with_object(name, CaKind::Uploaded, None);
        let mut id = None;
        self.world = self.world.account_bent(|live| {
            let ca = live.cas.last_mut().expect("the CA");
            ca.bundle = content;
            id = Some(ca.id.clone());
        });
        self.services.insert(id.expect("its id"), BTreeSet::new());
        self
    }

    /// With hosts of a zone that ask for the certificates of a CA.
    pub(crate) fn listing(mut self, zone: &str, ca: &str, hosts: &[&str]) -> Self {
        let id = self.world.ca(ca);
        self.world = self.world.listing(zone, ca, hosts);
        self.services.remove(&id);
        self
    }

    /// With a service that uses a CA.
    pub(crate) fn serving(mut self, ca: &str, service: &str) -> Self {
        let services = self.services.entry(self.world.ca(ca)).or_default();
        services.insert(service.to_owned());
        self
    }

    /// With something else about a zone.
    pub(crate) fn zone(mut self, name: &str, bend: impl FnOnce(&mut LiveZone)) -> Self {
        let name = ZoneName::parse(name).expect(name);
        self.world = self
            .world
            .account_bent(|live| bend(live.zones.get_mut(&name).expect("a zone")));
        self
    }

    /// With room for so many CAs.
    pub(crate) fn quota(mut self, quota: usize) -> Self {
        self.standard.quota = quota;
        self
    }

    /// What the audit comes to.
    pub(crate) fn audit(&self) -> Audit {
        let subject = Subject {
            live: self.world.account().clone(),
            neighbours: Neighbours::default(),
            services: self.services.clone(),
            unread: Vec::new(),
        };
        audit::audit(&subject, &self.standard)
    }

    /// The findings of one kind.
    pub(crate) fn found(&self, kind: Kind) -> Vec<Finding> {
        let mut findings = self.audit().findings;
        findings.retain(|finding| finding.kind == kind);
        findings
    }

    /// The findings of one kind, by how bad they are and what they are about.
    pub(crate) fn told(&self, kind: Kind) -> Vec<(Severity, String)> {
        let findings = self.found(kind).into_iter();
        findings.map(|one| (one.severity, one.object)).collect()
    }

    /// The findings of a kind read as the file `tests/suite/audit/findings/NAME.txt` says.
    #[track_caller]
    pub(crate) fn reads(&self, kind: Kind, name: &str) {
        let text = report::audit::findings(&self.found(kind), WIDTH);
        let plain = anstream::adapter::strip_str(&text).to_string();
        golden(&format!("audit/findings/{name}.txt"), &plain);
    }
}

/// A CA with a key of its own, valid from one day to before the other.
pub(crate) fn ca(name: &str, from: &str, until: &str) -> Bundle {
    keyed(name, from, until, &key())
}

/// A CA with that key.
pub(crate) fn keyed(name: &str, from: &str, until: &str, key: &KeyPair) -> Bundle {
    let mut params = CertificateParams::new(Vec::<String>::new()).expect("parameters");
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.distinguished_name.push(DnType::CommonName, name);
    let noon = |day: &str| {
        let seconds = moment(&format!("{day}T12:00:00Z")).as_second();
        std::time::UNIX_EPOCH + std::time::Duration::from_secs(seconds.try_into().expect(day))
    };
    params.not_before = noon(from).into();
    params.not_after = noon(until).into();
    let certificate = params.self_signed(key).expect("a certificate");
    Bundle::from_pem(&certificate.pem()).expect("a CA")
}

/// A new key.
pub(crate) fn key() -> KeyPair {
    KeyPair::generate().expect("a key")
}

/// One CA with the certificates of several.
pub(crate) fn together(bundles: &[Bundle]) -> Bundle {
    let pem: String = bundles.iter().map(Bundle::to_pem).collect();
    Bundle::from_pem(&pem).expect("CAs")
}

/// The CA in a file of `tests/fixtures`.
pub(crate) fn fixture(name: &str) -> Bundle {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures");
    let pem = std::fs::read_to_string(folder.join(name)).expect(name);
    Bundle::from_pem(&pem).expect(name)
}

/// A moment.
pub(crate) fn moment(text: &str) -> Timestamp {
    text.parse().expect(text)
}
