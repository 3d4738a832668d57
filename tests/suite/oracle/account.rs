//! What there is in an account, and what the steps of a plan make of it, with everything read once.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use mtlsctl::desired::Content;
use mtlsctl::desired::Desired;
use mtlsctl::live::HostList;
use mtlsctl::live::Live;
use mtlsctl::live::LiveZone;
use mtlsctl::plan::CaRef;
use mtlsctl::plan::Change;
use mtlsctl::plan::Place;
use mtlsctl::plan::Plan;
use mtlsctl::plan::RuleChange;
use mtlsctl::resource::Bundle;
use mtlsctl::resource::CaId;
use mtlsctl::resource::CustomRule;
use mtlsctl::resource::Hostname;
use mtlsctl::resource::Issuer;
use mtlsctl::resource::RuleBody;
use mtlsctl::resource::RulesetId;
use mtlsctl::resource::ZoneName;
use serde_json::Value;

use crate::oracle::clients::Callers;
use crate::oracle::clients::Cas;
use crate::oracle::clients::MANAGED;

/// An account, and a way through it.
pub(super) struct Course {
    pub(super) callers: Callers,
    pub(super) zones: BTreeMap<ZoneName, Zone>,
    /// The CAs in the account at first, the managed one among them.
    pub(super) cas: Cas,
    pub(super) waves: Vec<Vec<Work>>,
}

/// A zone at first.
pub(super) struct Zone {
    pub(super) lists: Vec<(Cas, BTreeSet<Hostname>)>,
    pub(super) rules: Vec<Rule>,
    /// Hosts that the file or the rules name, and all that are in lists at some time.
    pub(super) hosts: BTreeSet<Hostname>,
}

/// A rule as it is at some time.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Rule {
    /// What it is called by, in the account's words.
    pub(super) name: String,
    pub(super) text: String,
    pub(super) effect: Effect,
}

/// What a rule does with what it matches.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Effect {
    Block,
    Challenge,
    SkipRuleset,
    SkipPhase,
    Nothing,
    Execute(Vec<Rule>),
    Unknown,
}

/// What a step does.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Work {
    Upload(Cas),
    Delete(Cas),
    List {
        zone: ZoneName,
        ca: Cas,
        after: BTreeSet<Hostname>,
    },
    Rule {
        zone: ZoneName,
        edit: Edit,
    },
}

/// What a step does to a list of rules.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Edit {
    Insert(Rule, Place),
    Replace(Rule),
    Move(String, Place),
    Remove(String),
}

impl Course {
    pub(super) fn of(desired: &Desired, live: &Live, plan: &Plan) -> Self {
        let mut bundles: Vec<Bundle> = Vec::new();
        let mut ids: Vec<Option<&CaId>> = Vec::new();
        for ca in live.cas.iter().filter(|ca| ca.is_uploaded_ca()) {
            bundles.push(ca.bundle.clone().expect("one that can be read"));
            ids.push(Some(&ca.id));
        }
        let at_first = ids.len();
        for step in plan.steps() {
            if let Change::UploadCa { bundle, .. } = &step.change {
                bundles.push(bundle.clone());
                ids.push(None);
            }
        }
        let known = |id: &CaId| {
            let at = ids.iter().position(|one| *one == Some(id));
            MANAGED << (at.expect("a CA of the account") + 1)
        };
        let uploaded = |bundle: &Bundle| {
            let at = bundles.iter().position(|one| one == bundle);
            MANAGED << (at.expect("a CA that is uploaded") + 1)
        };
        let ca = |ca: &CaRef| match ca {
            CaRef::CloudflareManaged => MANAGED,
            CaRef::Known(id) => known(id),
            CaRef::UploadedBy(name) => match &desired.cas[name].content {
                Content::Uploaded(bundle) => uploaded(bundle),
                Content::CloudflareManaged => unreachable!("nobody uploads it"),
            },
        };
        let work = |change: &Change| match change {
            Change::UploadCa { bundle, .. } => Work::Upload(uploaded(bundle)),
            Change::DeleteCa { id, .. } => Work::Delete(known(id)),
            Change::ReplaceHosts {
                zone,
                ca: of,
                after,
                ..
            } => Work::List {
                zone: zone.clone(),
                ca: ca(of),
                after: hosts(after),
            },
            Change::Rule { zone, change } => Work::Rule {
                zone: zone.clone(),
                edit: edit(change),
            },
        };
        let waves = plan.waves.iter();
        let waves: Vec<Vec<Work>> = waves
            .map(|wave| wave.steps.iter().map(|step| work(&step.change)).collect())
            .collect();
        let issuer = |issuer: &Issuer| match issuer {
            Issuer::CloudflareManaged => MANAGED,
            Issuer::Uploaded(id) => known(id),
        };
        let read = live.zones.iter();
        let read = read.filter(|(_, zone)| zone.rules.is_some() && zone.lists.is_some());
        let zones = read.map(|(name, zone)| {
            let zone = Zone::of(zone, &issuer, desired, &waves);
            (name.clone(), zone)
        });
        let theirs = live.zones.values().flat_map(|zone| {
            let rules = zone
                .rules
                .as_ref()
                .map_or(&[][..], |rules| rules.as_slice());
            rules.iter().chain(zone.deployed.values().flatten())
        });
        let theirs = theirs.filter(|rule| rule.mark().is_none());
        let told = theirs.flat_map(|rule| key_ids(&rule.expression)).collect();
        Self {
            callers: Callers::of(desired, &bundles, &told),
            zones: zones.collect(),
            cas: (1 << (at_first + 1)) - 1,
            waves,
        }
    }
}

impl Zone {
    fn of(
        zone: &LiveZone,
        issuer: &dyn Fn(&Issuer) -> Cas,
        desired: &Desired,
        waves: &[Vec<Work>],
    ) -> Self {
        let name = &zone.zone.name;
        let lists = zone.lists.iter().flatten();
        let lists: Vec<(Cas, BTreeSet<Hostname>)> =
            lists.map(|(of, list)| (issuer(of), hosts(list))).collect();
        let rules = zone
            .rules
            .as_ref()
            .map_or(&[][..], |rules| rules.as_slice());
        let rules: Vec<Rule> = rules
            .iter()
            .map(|rule| Rule::live(rule, &zone.deployed))
            .collect();
        let declared = desired.hosts.iter();
        let declared = declared.filter(|(_, host)| host.zone == *name);
        let mut all: BTreeSet<Hostname> = declared.map(|(host, _)| host.clone()).collect();
        all.extend(lists.iter().flat_map(|(_, hosts)| hosts.clone()));
        for work in waves.iter().flatten() {
            if let Work::List { zone, after, .. } = work
                && zone == name
            {
                all.extend(after.clone());
            }
        }
        // What a rule puts in quotes and is a host of the zone.
        for rule in &rules {
            let quoted = rule.text.split('"').skip(1).step_by(2);
            let named = quoted.filter_map(|text| Hostname::parse(text).ok());
            all.extend(named.filter(|host| name.contains(host)));
        }
        Self {
            lists,
            rules,
            hosts: all,
        }
    }

    /// The CAs of a host.
    pub(super) fn cas_of(&self, host: &Hostname) -> Cas {
        let lists = self.lists.iter();
        let of = lists.filter(|(_, hosts)| hosts.contains(host));
        of.fold(0, |all, (ca, _)| all | ca)
    }
}

impl Rule {
    fn live(rule: &CustomRule, deployed: &BTreeMap<RulesetId, Vec<CustomRule>>) -> Self {
        let effect = match rule.action.as_str() {
            "execute" => {
                let id = rule.parameters["id"].as_str().expect("a ruleset");
                let id = RulesetId::parse(id).expect("the form of an id");
                match deployed.get(&id) {
                    Some(rules) => {
                        let none = BTreeMap::new();
                        Effect::Execute(rules.iter().map(|rule| Self::live(rule, &none)).collect())
                    }
                    None => Effect::Unknown,
                }
            }
            action => effect(action, &rule.parameters),
        };
        Self {
            name: rule.reference.clone(),
            text: rule.expression.clone(),
            effect: if rule.enabled {
                effect
            } else {
                Effect::Nothing
            },
        }
    }

    fn written(body: &RuleBody) -> Self {
        let effect = effect(&body.action, &body.parameters);
        Self {
            name: body.reference.clone(),
            text: body.expression.clone(),
            effect: if body.enabled {
                effect
            } else {
                Effect::Nothing
            },
        }
    }
}

/// Not each of these words is one that a file may say.
pub(super) fn effect(action: &str, parameters: &Value) -> Effect {
    match action {
        "block" => Effect::Block,
        "challenge" | "js_challenge" | "managed_challenge" => Effect::Challenge,
        "skip" if parameters["phase"] == "current" => Effect::SkipPhase,
        "skip" if parameters["ruleset"] == "current" => Effect::SkipRuleset,
        "log" | "skip" => Effect::Nothing,
        other => panic!("what does {other} do?"),
    }
}

/// What in a text has the form of a key id.
fn key_ids(text: &str) -> impl Iterator<Item = &str> {
    let quoted = text.split('"').skip(1).step_by(2);
    quoted.filter(|one| one.len() == 40 && one.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

fn edit(change: &RuleChange) -> Edit {
    match change {
        RuleChange::Create { rule, place } => Edit::Insert(Rule::written(rule), place.clone()),
        RuleChange::Replace { after, .. } => Edit::Replace(Rule::written(after)),
        RuleChange::Move { rule, place } => Edit::Move(rule.reference.clone(), place.clone()),
        RuleChange::Delete { rule } => Edit::Remove(rule.reference.clone()),
    }
}

/// The hosts of a list, each in its one spelling.
fn hosts(list: &HostList) -> BTreeSet<Hostname> {
    let hosts = list.0.iter();
    hosts
        .map(|host| Hostname::parse(host).expect(host))
        .collect()
}
