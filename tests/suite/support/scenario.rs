//! A declared world and an account: declare, agree, bend one thing, read the plan.

mod account; // what the account holds, one thing after another

use std::collections::BTreeMap;
use std::path::PathBuf;

use jiff::Timestamp;
use mtlsctl::config;
use mtlsctl::config::Config;
use mtlsctl::config::Problems;
use mtlsctl::config::UnsetAccount;
use mtlsctl::desired;
use mtlsctl::desired::Desired;
use mtlsctl::desired::Zones;
use mtlsctl::import::Import;
use mtlsctl::live::HostList;
use mtlsctl::live::Live;
use mtlsctl::live::LiveZone;
use mtlsctl::live::Rules;
use mtlsctl::plan;
use mtlsctl::plan::Allowed;
use mtlsctl::plan::Consent;
use mtlsctl::plan::Plan;
use mtlsctl::plan::Refusal;
use mtlsctl::plan::reading;
use mtlsctl::report;
use mtlsctl::resource::AccountId;
use mtlsctl::resource::Issuer;
use mtlsctl::resource::Zone;
use mtlsctl::resource::ZoneId;
use mtlsctl::resource::ZoneName;
use mtlsctl::resource::ZoneStatus;

use crate::support::consent;
use crate::support::golden::golden;
use crate::support::interpreter;
use crate::support::repository::Imported;

/// What every file of a test begins with.
const HEAD: &str = "version: 1\naccount: 9a7806061c88ada191ed06f989cc3dac\n";

/// Rotations that are done at once, where a test is about something else.
const AT_ONCE: &str = "guards: { min_overlap: 0d }\n";

fn with_head(file: &str) -> String {
    let guards = if file.contains("guards:") {
        ""
    } else {
        AT_ONCE
    };
    format!("{HEAD}{file}\n{guards}")
}

/// The zones of the account.
pub(crate) const ZONES: [&str; 3] = ["example.com", "example.net", "example.org"];

/// A desired-state file, an account, and the day.
#[derive(Clone)]
pub(crate) struct Scenario {
    file: String,
    account: Live,
    at: Timestamp,
    allowed: Allowed,
    /// CA files that lie beside the file, apart from those of the fixtures.
    certificates: BTreeMap<String, String>,
}

impl Scenario {
    /// A file, and an account that has its zones and nothing else.
    pub(crate) fn new(file: &str) -> Self {
        let zones = (1..).zip(ZONES).map(|(n, name)| {
            let name = ZoneName::parse(name).expect(name);
            let zone = Zone {
                id: ZoneId::parse(&format!("{n:032x}")).expect("the form of an id"),
                name: name.clone(),
                status: ZoneStatus::Active,
                paused: false,
                rule_quota: Some(1000),
            };
            let live = LiveZone {
                zone,
                rules: Some(Rules::NoEntryPoint),
                lists: Some(BTreeMap::from([(
                    Issuer::CloudflareManaged,
                    HostList::default(),
                )])),
                deployed: BTreeMap::new(),
            };
            (name, live)
        });
        Self {
            file: with_head(file),
            account: Live {
                account: AccountId::parse(&"9a780606".repeat(4)).expect("the form of an id"),
                cas: Vec::new(),
                zones: zones.collect(),
            },
            at: "2026-06-01T12:00:00Z".parse().expect("a moment"),
            allowed: Allowed::default(),
            certificates: BTreeMap::new(),
        }
    }

    /// A file, and an account that agrees with it.
    pub(crate) fn agreed(file: &str) -> Self {
        let mut world = Self::new(file);
        world.apply();
        world
    }

    /// The account as it is.
    pub(crate) fn account(&self) -> &Live {
        &self.account
    }

    /// The moment.
    pub(crate) fn at(&self) -> Timestamp {
        self.at
    }

    /// The file, read; it has no error.
    pub(crate) fn config(&self) -> Config {
        let path = PathBuf::from("/repo/mtls.yaml");
        let files = Imported {
            text: &self.file,
            certificates: &self.certificates,
        };
        config::load(&path, &files, UnsetAccount::Refused)
            .unwrap_or_else(|problems| panic!("{}", rendered(&problems)))
    }

    /// What the file says on that day, or what is wrong with it in this account.
    pub(crate) fn resolved(&self) -> Result<Desired, Problems> {
        desired::resolve(
            &self.config(),
            &Zones::of_account(self.account.zones()),
            self.at,
        )
    }

    /// What the file says on that day; nothing is wrong with it.
    pub(crate) fn desired(&self) -> Desired {
        self.resolved()
            .unwrap_or_else(|problems| panic!("{}", rendered(&problems)))
    }

    /// What is read of the account for this file: nothing that the reading rules do not ask for.
    pub(crate) fn observed(&self, desired: &Desired) -> Live {
        let mut live = self.account.clone();
        for zone in live.zones.values_mut() {
            zone.rules = None;
            zone.lists = None;
        }
        let rules = reading::rules_to_read(desired, &live);
        for name in rules.needed.union(&rules.optional) {
            let read = self.account.zones[name].rules.clone();
            live.zones.get_mut(name).expect("a zone").rules = read;
        }
        let lists = reading::lists_to_read(desired, &live);
        for name in lists.needed.union(&lists.optional) {
            let read = self.account.zones[name].lists.clone();
            live.zones.get_mut(name).expect("a zone").lists = read;
        }
        live
    }

    /// The plan.
    pub(crate) fn plan(&self) -> Result<Plan, Vec<Refusal>> {
        let desired = self.desired();
        plan::plan(&desired, &self.observed(&desired), self.at, &self.allowed)
    }

    /// The plan that nothing stands against, given the consent that guards ask for.
    pub(crate) fn approved(&self) -> Result<Plan, Vec<Refusal>> {
        let desired = self.desired();
        let live = self.observed(&desired);
        let plan = plan::plan(&desired, &live, self.at, &self.allowed)?;
        let consent = consent::to_guards(&plan, &desired, &live, self.at);
        plan::approve(plan, &desired, &live, self.at, &consent)
            .map(|approved| approved.plan().clone())
    }

    /// The plan that nothing stands against, given that consent.
    pub(crate) fn approved_with(&self, consent: &Consent) -> Result<Plan, Vec<Refusal>> {
        let desired = self.desired();
        let live = self.observed(&desired);
        let plan = plan::plan(&desired, &live, self.at, &self.allowed)?;
        plan::approve(plan, &desired, &live, self.at, consent)
            .map(|approved| approved.plan().clone())
    }

    /// Does what the plan says.
    pub(crate) fn apply(&mut self) {
        let plan = self
            .approved()
            .unwrap_or_else(|refusals| panic!("{refusals:?}\n{}", self.file));
        let before = self.account.cas.clone();
        self.account = interpreter::run(&plan, &self.account)
            .unwrap_or_else(|why| panic!("{why}\n{}", self.file));
        for ca in &mut self.account.cas {
            if before.iter().all(|known| known.id != ca.id) {
                ca.uploaded_on = Some(self.at);
            }
        }
    }

    /// Changes a passage of the file, which stands there exactly once.
    #[must_use]
    pub(crate) fn edit(mut self, from: &str, to: &str) -> Self {
        assert_eq!(
            self.file.matches(from).count(),
            1,
            "`{from}` in {}",
            self.file
        );
        self.file = self.file.replace(from, to);
        self
    }

    /// Puts another file in its place.
    #[must_use]
    pub(crate) fn file(mut self, file: &str) -> Self {
        self.file = with_head(file);
        self
    }

    /// Puts a file in its place that was made from an account, with rotations done at once.
    #[must_use]
    pub(crate) fn imported(mut self, import: &Import) -> Self {
        self.file = format!("{}{AT_ONCE}", import.text);
        self.certificates = import.certificates.clone();
        self
    }

    /// Has CAs that are replaced stay for that long.
    #[must_use]
    pub(crate) fn overlapping(self, time: &str) -> Self {
        self.edit("min_overlap: 0d", &format!("min_overlap: {time}"))
    }

    /// Lets a CA go at once, whatever `min_overlap` says.
    #[must_use]
    pub(crate) fn allowing_short_overlap(mut self, ca: &str) -> Self {
        self.allowed.cas.insert(ca.to_owned());
        self
    }

    /// Lets it be another day.
    #[must_use]
    pub(crate) fn on(mut self, day: &str) -> Self {
        self.at = format!("{day}T00:00:00Z").parse().expect(day);
        self
    }

    /// What people read who gave the consent that guards ask for: the plan, or what stands against it.
    pub(crate) fn text(&self) -> String {
        Self::read(self.approved())
    }

    /// What people read who gave that consent.
    pub(crate) fn text_with(&self, consent: &Consent) -> String {
        Self::read(self.approved_with(consent))
    }

    fn read(approved: Result<Plan, Vec<Refusal>>) -> String {
        const WIDTH: usize = 80;
        let text = match approved {
            Ok(plan) => report::plan::text(&plan, WIDTH),
            Err(refusals) => report::plan::refusals(&refusals, WIDTH),
        };
        anstream::adapter::strip_str(&text).to_string()
    }

    /// The plan reads as the file `tests/suite/plan/NAME.txt` says, and leaves nothing to be done.
    #[track_caller]
    pub(crate) fn reads(&self, name: &str) {
        golden(&format!("plan/{name}.txt"), &self.text());
        if self.approved().is_ok() {
            let mut done = self.clone();
            done.apply();
            let again = done.approved().expect("nothing stands against it");
            assert!(
                again.is_empty(),
                "is not done after one run:\n{}",
                done.text()
            );
        }
    }
}

/// Problems as people read them.
pub(crate) fn rendered(problems: &Problems) -> String {
    report::problem::render(&problems.source, &problems.problems, false, 80)
}
