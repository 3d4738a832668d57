//! Whose side changed, as far as the account itself tells: by the seals of our rules, and by what they say.
//!
//! A rule that fits its seal says what the file said when it was last applied. So what contradicts such a rule was
//! changed outside, and what agrees with it while the file does not was changed in the file.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::rc::Rc;

use crate::desired::Content;
use crate::desired::Desired;
use crate::live::Live;
use crate::live::LiveCa;
use crate::live::Rules;
use crate::plan::CaRef;
use crate::plan::Field;
use crate::plan::Reason;
use crate::plan::compile;
use crate::plan::overlap;
use crate::plan::seal;
use crate::resource::Bundle;
use crate::resource::Hostname;
use crate::resource::Issuer;
use crate::resource::KeyId;
use crate::resource::MarkedRule;
use crate::resource::Name;
use crate::resource::RuleBody;
use crate::resource::RuleMark;
use crate::resource::Seal;
use crate::resource::ZoneName;

/// Whose side changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Side {
    /// The account is as it was applied: the file changed.
    FileChanged,
    /// Somebody else changed or deleted it in the account.
    ChangedOutside,
    /// Somebody else added it to the account.
    AddedOutside,
    /// Nothing in the account tells.
    NotTold,
}

/// A side, and whether a run that was stopped would leave the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Told {
    pub(super) side: Side,
    pub(super) may_be_stopped: bool,
}

impl Side {
    fn told(self) -> Told {
        Told {
            side: self,
            may_be_stopped: false,
        }
    }

    /// Or a run that was stopped left it so.
    fn or_stopped(self) -> Told {
        Told {
            side: self,
            may_be_stopped: true,
        }
    }
}

/// What our rules say.
pub(super) struct Sides<'a> {
    desired: &'a Desired,
    live: &'a Live,
    rules: BTreeMap<&'a ZoneName, Vec<Ours>>,
}

/// A live rule of ours.
struct Ours {
    mark: RuleMark,
    body: RuleBody,
    /// Whether what it matches is what was written, even if somebody switched it off or on.
    tells: bool,
    /// The hosts and key ids of each of its parts.
    clauses: Vec<(BTreeSet<Hostname>, Rc<BTreeSet<KeyId>>)>,
}

/// What our rules in a zone say of a CA on a host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Evidence {
    /// One that was left alone, or only switched off, accepts it by its key ids.
    Accepts,
    /// One of these names the host, and not its key ids.
    Refuses,
    /// One names the host, and tells nothing.
    Silent,
    /// None names the host.
    Nowhere,
}

impl<'a> Sides<'a> {
    pub(super) fn of(desired: &'a Desired, live: &'a Live) -> Self {
        let zones = live.zones.iter().map(|(name, zone)| {
            let rules = zone.rules.as_ref().map_or(&[][..], Rules::as_slice);
            let ours = rules.iter().filter_map(|rule| {
                let mark = rule.mark().filter(|mark| desired.is_ours(&mark.owner))?;
                let body = rule.body();
                let switched = RuleBody {
                    enabled: !body.enabled,
                    ..body.clone()
                };
                Some(Ours {
                    mark,
                    tells: seal::is_intact(&body) == Some(true)
                        || seal::is_intact(&switched) == Some(true),
                    clauses: overlap::clauses(&body.expression),
                    body,
                })
            });
            (name, ours.collect())
        });
        Self {
            desired,
            live,
            rules: zones.collect(),
        }
    }

    fn in_zone(&self, zone: &ZoneName) -> &[Ours] {
        self.rules.get(zone).map_or(&[], Vec::as_slice)
    }

    /// A declared CA is not in the account.
    pub(super) fn ca_missing(&self, name: &Name, bundle: &Bundle, live: &Live) -> Told {
        let mut marks = live.cas.iter().filter_map(LiveCa::mark);
        if marks.any(|mark| self.desired.is_ours(&mark.owner) && mark.name == *name) {
            return Side::FileChanged.told();
        }
        let keys = bundle.key_ids();
        let hosts = self.desired.hosts.iter();
        let hosts = hosts.filter(|(_, host)| host.cas.contains(name));
        let evidence: Vec<Evidence> = hosts
            .map(|(host, resolved)| self.evidence(&resolved.zone, host, &keys))
            .collect();
        if evidence.contains(&Evidence::Accepts) {
            Side::ChangedOutside.told()
        } else if evidence.contains(&Evidence::Silent) {
            Side::NotTold.told()
        } else {
            Side::FileChanged.told()
        }
    }

    /// A CA that carries our mark, or that the file retires, is in the account still.
    pub(super) fn ca_surplus() -> Told {
        Side::FileChanged.told()
    }

    /// A declared host is not in the list of a CA that is in the account.
    pub(super) fn pair_missing(&self, zone: &ZoneName, ca: &CaRef, host: &str) -> Told {
        match self.evidence_of(zone, ca, host) {
            Evidence::Accepts => Side::ChangedOutside.told(),
            Evidence::Refuses => Side::FileChanged.told(),
            Evidence::Nowhere if self.knows_no_such_host(zone) => Side::FileChanged.told(),
            Evidence::Silent | Evidence::Nowhere => Side::NotTold.told(),
        }
    }

    /// A host is in the list of a CA that the file does not give it.
    pub(super) fn pair_surplus(&self, zone: &ZoneName, ca: &CaRef, host: &str) -> Told {
        // Hosts leave the lists after the rules have let go of them.
        match self.evidence_of(zone, ca, host) {
            Evidence::Accepts => Side::FileChanged.told(),
            Evidence::Refuses => Side::AddedOutside.or_stopped(),
            Evidence::Nowhere if !self.in_zone(zone).is_empty() => Side::AddedOutside.or_stopped(),
            Evidence::Silent | Evidence::Nowhere => Side::NotTold.told(),
        }
    }

    /// A rule of the file is not in a zone.
    pub(super) fn rule_missing(&self, zone: &ZoneName, rule: &RuleBody) -> Told {
        let hosts = compile::hosts_named(&rule.expression);
        let naming: Vec<&Ours> = self
            .in_zone(zone)
            .iter()
            .filter(|one| {
                one.clauses
                    .iter()
                    .any(|(named, _)| !named.is_disjoint(&hosts))
            })
            .collect();
        if naming.iter().any(|one| !self.is_declared(&one.mark, zone)) {
            return Side::FileChanged.told();
        }
        match self.standing(zone, &hosts) {
            // Rules come after the lists.
            (true, _) if naming.is_empty() => Side::ChangedOutside.or_stopped(),
            (_, true) => Side::NotTold.told(),
            (_, false) => Side::FileChanged.told(),
        }
    }

    /// A rule of ours is not in the file.
    pub(super) fn rule_surplus(&self, zone: &ZoneName, rule: &RuleBody) -> Told {
        let mark = RuleMark::of(&rule.reference, &rule.description);
        if mark
            .as_ref()
            .is_some_and(|mark| mark.rule == MarkedRule::Bridge)
        {
            return Side::NotTold.or_stopped();
        }
        let mut all = self.in_zone(zone).iter();
        let is_other = |one: &Ours| one.body.reference != rule.reference;
        if all.any(|one| is_other(one) && Some(&one.mark) == mark.as_ref()) {
            return Side::AddedOutside.told();
        }
        match seal::is_intact(rule) {
            Some(true) => Side::FileChanged.told(),
            Some(false) | None => Side::NotTold.told(),
        }
    }

    /// A rule of ours is another than in the file.
    pub(super) fn rule_differs(live: &RuleBody, fields: &[Field]) -> Told {
        let is_described = !fields.contains(&Field::Description) || is_our_text(live);
        let decides = fields.iter().any(|field| *field != Field::Description);
        match seal::is_intact(live) {
            Some(true) if is_described || decides => Side::FileChanged.told(),
            Some(_) => Side::ChangedOutside.told(),
            // The description of a rule that was taken over may be anybody's.
            None if !is_described && RuleMark::parse(&live.reference).is_some() => {
                Side::ChangedOutside.told()
            }
            None => Side::NotTold.told(),
        }
    }

    /// A rule of ours stands in the wrong place.
    pub(super) fn misplaced(reason: &Reason) -> Told {
        match reason {
            Reason::Bypassed { .. } => Side::AddedOutside.told(),
            _ => Side::NotTold.told(),
        }
    }

    fn evidence_of(&self, zone: &ZoneName, ca: &CaRef, host: &str) -> Evidence {
        let Ok(host) = Hostname::parse(host) else {
            return Evidence::Nowhere;
        };
        self.evidence(zone, &host, &self.keys(ca))
    }

    fn evidence(&self, zone: &ZoneName, host: &Hostname, keys: &BTreeSet<KeyId>) -> Evidence {
        let mut evidence = Evidence::Nowhere;
        for one in self.in_zone(zone) {
            let clauses = one.clauses.iter();
            for (_, pins) in clauses.filter(|(named, _)| named.contains(host)) {
                let tells = one.tells && !pins.is_empty() && !keys.is_empty();
                if tells && keys.is_subset(pins) {
                    return Evidence::Accepts;
                }
                evidence = match (tells, evidence) {
                    (true, _) | (false, Evidence::Refuses) => Evidence::Refuses,
                    (false, _) => Evidence::Silent,
                };
            }
        }
        evidence
    }

    fn keys(&self, ca: &CaRef) -> BTreeSet<KeyId> {
        let declared = |content: &Content| {
            let mut cas = self.desired.cas.values();
            cas.find(|ca| ca.content == *content)
                .map(|ca| ca.pins.clone())
        };
        let keys = match ca {
            CaRef::CloudflareManaged => declared(&Content::CloudflareManaged),
            CaRef::Known(id) => {
                let bundle = self.live.ca(id).and_then(|ca| ca.bundle.as_ref());
                bundle.map(Bundle::key_ids)
            }
            CaRef::UploadedBy(name) => self.desired.cas.get(name).map(|ca| ca.pins.clone()),
        };
        keys.unwrap_or_default()
    }

    /// Whether what was applied in a zone said nothing of a host that no rule names: our rules there were left
    /// alone, or there never was anything.
    fn knows_no_such_host(&self, zone: &ZoneName) -> bool {
        let rules = self.in_zone(zone);
        let mut marks = self.live.cas.iter().filter_map(LiveCa::mark);
        let is_fresh = rules.is_empty() && !marks.any(|mark| self.desired.is_ours(&mark.owner));
        is_fresh || rules.iter().any(|one| one.tells)
    }

    fn is_declared(&self, mark: &RuleMark, zone: &ZoneName) -> bool {
        let MarkedRule::Declared(name) = &mark.rule else {
            return true;
        };
        let mut rules = self.desired.rules.iter();
        rules.any(|rule| rule.name == *name && rule.zones.contains_key(zone))
    }

    /// Whether all pairs of some hosts that the file declares are in the account, and whether any is.
    fn standing(&self, zone: &ZoneName, hosts: &BTreeSet<Hostname>) -> (bool, bool) {
        let lists = self
            .live
            .zones
            .get(zone)
            .and_then(|zone| zone.lists.as_ref());
        let (mut all, mut any) = (true, false);
        let declared = hosts
            .iter()
            .filter_map(|host| Some((host, self.desired.hosts.get(host)?)));
        for (host, declared) in declared {
            for ca in declared
                .cas
                .iter()
                .filter_map(|name| self.desired.cas.get(name))
            {
                let issuer = match &ca.content {
                    Content::CloudflareManaged => Some(Issuer::CloudflareManaged),
                    Content::Uploaded(bundle) => {
                        let found = self.live.ca_of(bundle);
                        found.map(|ca| Issuer::Uploaded(ca.id.clone()))
                    }
                };
                let list = issuer.and_then(|issuer| lists?.get(&issuer));
                let stands = list.is_some_and(|list| list.contains(host));
                all &= stands;
                any |= stands;
            }
        }
        (all && any, any)
    }
}

/// Whether a description begins as ours do.
fn is_our_text(rule: &RuleBody) -> bool {
    let Some(mark) = RuleMark::of(&rule.reference, &rule.description) else {
        return false;
    };
    let text = Seal::cut(&rule.description);
    let begins = format!("{}: managed by mtlsctl ({}), edit ", mark.rule, mark.owner);
    text.starts_with(&begins)
}
