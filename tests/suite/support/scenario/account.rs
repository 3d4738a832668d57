//! The account of a scenario, one thing after another.

use mtlsctl::config;
use mtlsctl::live::CaKind;
use mtlsctl::live::HostList;
use mtlsctl::live::Live;
use mtlsctl::live::LiveCa;
use mtlsctl::live::LiveZone;
use mtlsctl::live::Rules;
use mtlsctl::resource::CaId;
use mtlsctl::resource::CustomRule;
use mtlsctl::resource::EntryPoint;
use mtlsctl::resource::Issuer;
use mtlsctl::resource::RulesetId;
use mtlsctl::resource::ZoneName;

use crate::support::foreign::Foreign;
use crate::support::interpreter;
use crate::support::repository::bundle;
use crate::support::scenario::Scenario;

impl Scenario {
    /// Brings a CA of somebody else into the account.
    #[must_use]
    pub(crate) fn with_ca(self, name: &str, pem: &str) -> Self {
        self.with_object(name, CaKind::Uploaded, Some(pem))
    }

    /// Brings any object into the account's certificate store.
    #[must_use]
    pub(crate) fn with_object(mut self, name: &str, kind: CaKind, pem: Option<&str>) -> Self {
        let id = interpreter::ca_id(0xf00 + self.account.cas.len());
        if kind == CaKind::Uploaded {
            for zone in self.account.zones.values_mut() {
                let lists = zone.lists.get_or_insert_default();
                lists.insert(Issuer::Uploaded(id.clone()), HostList::default());
            }
        }
        self.account.cas.push(LiveCa {
            id,
            name: name.to_owned(),
            kind,
            bundle: pem.map(bundle),
            uploaded_on: None,
        });
        self
    }

    /// The only CA whose name begins so.
    pub(crate) fn ca(&self, name: &str) -> CaId {
        let mut found = self
            .account
            .cas
            .iter()
            .filter(|ca| ca.name.starts_with(name));
        let ca = found.next().unwrap_or_else(|| panic!("no CA {name}"));
        assert!(found.next().is_none(), "two CAs {name}");
        ca.id.clone()
    }

    /// Lists hosts for the only CA whose name begins so; the managed one is called by its name.
    #[must_use]
    pub(crate) fn listing(mut self, zone: &str, ca: &str, hosts: &[&str]) -> Self {
        let issuer = match ca {
            config::CLOUDFLARE_MANAGED => Issuer::CloudflareManaged,
            ca => Issuer::Uploaded(self.ca(ca)),
        };
        let hosts = hosts.iter().map(ToString::to_string).collect();
        let lists = self.zone(zone).lists.as_mut().expect("all lists");
        lists.insert(issuer, HostList(hosts));
        self
    }

    /// Puts somebody's rule at that place of a zone's list, from 0; its `ref` is its id.
    #[must_use]
    pub(crate) fn with_rule(
        mut self,
        zone: &str,
        at: usize,
        title: &str,
        rule: Foreign<'_>,
    ) -> Self {
        let zone = self.zone(zone);
        let id = interpreter::next_rule_id(zone);
        let foreign = rule.under(id, title);
        if let Some(Rules::NoEntryPoint) = zone.rules {
            zone.rules = Some(Rules::EntryPoint(EntryPoint {
                id: RulesetId::parse(&"e".repeat(32)).expect("the form of an id"),
                version: 1,
                rules: Vec::new(),
            }));
        }
        let Some(Rules::EntryPoint(entry)) = &mut zone.rules else {
            panic!("no entry point");
        };
        entry.rules.insert(at, foreign);
        self
    }

    /// Changes the live rule with this `ref`, as somebody in the dashboard would.
    #[must_use]
    pub(crate) fn tampered(
        mut self,
        zone: &str,
        reference: &str,
        by: impl FnOnce(&mut CustomRule),
    ) -> Self {
        let Some(Rules::EntryPoint(entry)) = &mut self.zone(zone).rules else {
            panic!("no entry point");
        };
        let rule = entry
            .rules
            .iter_mut()
            .find(|rule| rule.reference == reference);
        by(rule.unwrap_or_else(|| panic!("no rule {reference}")));
        self
    }

    /// Changes anything in the account.
    #[must_use]
    pub(crate) fn account_bent(mut self, by: impl FnOnce(&mut Live)) -> Self {
        by(&mut self.account);
        self
    }

    /// The rules of a zone, in their order.
    pub(crate) fn rules(&self, zone: &str) -> &[CustomRule] {
        let zone = &self.account.zones[&ZoneName::parse(zone).expect(zone)];
        zone.rules.as_ref().map_or(&[], Rules::as_slice)
    }

    pub(super) fn zone(&mut self, name: &str) -> &mut LiveZone {
        let name = ZoneName::parse(name).expect(name);
        self.account
            .zones
            .get_mut(&name)
            .expect("a zone of the account")
    }
}
