//! What the steps of a plan mean: an account before, an account after. It shares no code with the
//! executor, and it refuses whatever Cloudflare would refuse, in words that name the step.

use std::collections::BTreeMap;

use mtlsctl::expression;
use mtlsctl::live::CaKind;
use mtlsctl::live::HostList;
use mtlsctl::live::Live;
use mtlsctl::live::LiveCa;
use mtlsctl::live::LiveZone;
use mtlsctl::live::Rules;
use mtlsctl::plan::CaRef;
use mtlsctl::plan::Change;
use mtlsctl::plan::Place;
use mtlsctl::plan::Plan;
use mtlsctl::plan::RuleChange;
use mtlsctl::resource::Bundle;
use mtlsctl::resource::CaId;
use mtlsctl::resource::CustomRule;
use mtlsctl::resource::EXPRESSION_LIMIT;
use mtlsctl::resource::EntryPoint;
use mtlsctl::resource::Issuer;
use mtlsctl::resource::Name;
use mtlsctl::resource::RuleBody;
use mtlsctl::resource::RuleId;
use mtlsctl::resource::RulesetId;
use mtlsctl::resource::ZoneName;

/// The account after the plan, or the step that cannot be done.
pub(crate) fn run(plan: &Plan, account: &Live) -> Result<Live, String> {
    let mut run = Run {
        account: account.clone(),
        uploaded: BTreeMap::new(),
    };
    for step in plan.steps() {
        run.step(&step.change)
            .map_err(|why| format!("{}: {why}", step.address))?;
    }
    Ok(run.account)
}

/// The `n`th CA id of a test.
pub(crate) fn ca_id(n: usize) -> CaId {
    CaId::parse(&format!("00000000-0000-4000-8000-{n:012x}")).expect("the form of an id")
}

/// The `n`th rule id of a test.
pub(crate) fn rule_id(n: usize) -> RuleId {
    RuleId::parse(&format!("{n:032x}")).expect("the form of an id")
}

/// The first rule id above those that a zone has.
pub(crate) fn next_rule_id(zone: &LiveZone) -> RuleId {
    let rules = zone.rules.as_ref().map_or(&[][..], Rules::as_slice);
    let taken = rules
        .iter()
        .map(|rule| usize::from_str_radix(rule.id.as_str(), 16).expect("an id of a test"));
    rule_id(taken.max().unwrap_or(0) + 1)
}

struct Run {
    account: Live,
    uploaded: BTreeMap<Name, CaId>,
}

impl Run {
    fn step(&mut self, change: &Change) -> Result<(), String> {
        match change {
            Change::UploadCa { mark, bundle } => {
                let id = self.upload(&mark.to_string(), bundle)?;
                self.uploaded.insert(mark.name.clone(), id);
                Ok(())
            }
            Change::ReplaceHosts {
                zone,
                ca,
                before,
                after,
            } => self.replace_hosts(zone, ca, before, after),
            Change::Rule { zone, change } => change_rules(self.zone(zone)?, change),
            Change::DeleteCa { id, name } => self.delete(id, name),
        }
    }

    /// The same content is never taken twice.
    fn upload(&mut self, name: &str, bundle: &Bundle) -> Result<CaId, String> {
        let cas = &mut self.account.cas;
        if cas.iter().any(|ca| ca.bundle.as_ref() == Some(bundle)) {
            return Err("this certificate already exists".to_owned());
        }
        let free = (1..1000)
            .map(ca_id)
            .find(|id| cas.iter().all(|ca| ca.id != *id));
        let id = free.expect("ids enough");
        cas.push(LiveCa {
            id: id.clone(),
            name: name.to_owned(),
            kind: CaKind::Uploaded,
            bundle: Some(bundle.clone()),
            uploaded_on: None,
        });
        for zone in self.account.zones.values_mut() {
            let lists = zone.lists.get_or_insert_default();
            lists.insert(Issuer::Uploaded(id.clone()), HostList::default());
        }
        Ok(id)
    }

    fn replace_hosts(
        &mut self,
        zone: &ZoneName,
        ca: &CaRef,
        before: &HostList,
        after: &HostList,
    ) -> Result<(), String> {
        let issuer = match ca {
            CaRef::CloudflareManaged => Issuer::CloudflareManaged,
            CaRef::Known(id) => Issuer::Uploaded(id.clone()),
            CaRef::UploadedBy(name) => {
                let id = self.uploaded.get(name);
                Issuer::Uploaded(id.ok_or("the CA is not uploaded")?.clone())
            }
        };
        let lists = self.zone(zone)?.lists.as_mut().ok_or("no lists")?;
        let list = lists.get_mut(&issuer).ok_or("no such CA")?;
        if list != before {
            return Err(format!("expected {before:?}, found {list:?}"));
        }
        if list == after {
            return Err("changes nothing".to_owned());
        }
        list.clone_from(after);
        Ok(())
    }

    /// Not while some list names it.
    fn delete(&mut self, id: &CaId, name: &str) -> Result<(), String> {
        let at = self
            .account
            .cas
            .iter()
            .position(|ca| ca.id == *id && ca.name == name);
        let at = at.ok_or("no such CA")?;
        let issuer = Issuer::Uploaded(id.clone());
        for zone in self.account.zones.values_mut() {
            let lists = zone.lists.as_mut().ok_or("no lists")?;
            if lists.remove(&issuer).is_some_and(|list| !list.0.is_empty()) {
                return Err(format!("in use in {}", zone.zone.name));
            }
        }
        self.account.cas.remove(at);
        Ok(())
    }

    fn zone(&mut self, name: &ZoneName) -> Result<&mut LiveZone, String> {
        let zone = self.account.zones.get_mut(name);
        zone.ok_or_else(|| format!("no zone {name}"))
    }
}

/// One call: the ruleset is one version further, and the other rules are as they were.
fn change_rules(zone: &mut LiveZone, change: &RuleChange) -> Result<(), String> {
    let id = next_rule_id(zone);
    let rules = zone.rules.as_mut().ok_or("the rules were not read")?;
    if let (Rules::NoEntryPoint, RuleChange::Create { .. }) = (&rules, change) {
        *rules = Rules::EntryPoint(EntryPoint {
            id: RulesetId::parse(&"e".repeat(32)).expect("the form of an id"),
            version: 0,
            rules: Vec::new(),
        });
    }
    let Rules::EntryPoint(entry) = rules else {
        return Err("no entry point".to_owned());
    };
    entry.version += 1;
    let list = &mut entry.rules;
    match change {
        RuleChange::Create { rule, place } => {
            if list.iter().any(|one| one.reference == rule.reference) {
                return Err("this ref is taken".to_owned());
            }
            let rule = stored(id, 1, rule)?;
            insert(list, rule, place)
        }
        RuleChange::Replace { before, after } => {
            let at = position(list, &after.reference)?;
            if list[at].body() != *before {
                return Err(format!("expected {before:?}, found {:?}", list[at].body()));
            }
            let changed = stored(list[at].id.clone(), list[at].version + 1, after)?;
            if changed.body() == *before {
                return Err("changes nothing".to_owned());
            }
            list[at] = changed;
            Ok(())
        }
        RuleChange::Move { rule, place } => {
            let order: Vec<RuleId> = list.iter().map(|one| one.id.clone()).collect();
            let at = position(list, &rule.reference)?;
            let moved = list.remove(at);
            if moved.body() != *rule {
                return Err(format!("expected {rule:?}, found {moved:?}"));
            }
            insert(list, moved, place)?;
            if list.iter().map(|one| &one.id).eq(&order) {
                return Err("stays where it is".to_owned());
            }
            Ok(())
        }
        RuleChange::Delete { rule } => {
            let at = position(list, &rule.reference)?;
            if list.remove(at).body() != *rule {
                return Err("another rule has this ref".to_owned());
            }
            Ok(())
        }
    }
}

fn position(list: &[CustomRule], reference: &str) -> Result<usize, String> {
    let at = list.iter().position(|rule| rule.reference == reference);
    at.ok_or_else(|| format!("no rule {reference}"))
}

fn insert(list: &mut Vec<CustomRule>, rule: CustomRule, place: &Place) -> Result<(), String> {
    let at = match place {
        Place::First => 0,
        Place::After(reference) => position(list, reference)? + 1,
    };
    list.insert(at, rule);
    Ok(())
}

/// A rule as the account keeps it, if it takes it.
fn stored(id: RuleId, version: u64, body: &RuleBody) -> Result<CustomRule, String> {
    let RuleBody {
        reference,
        description,
        action,
        parameters,
        expression,
        enabled,
    } = body.clone();
    expression::parse(&expression).map_err(|error| format!("{error}: {expression}"))?;
    let length = expression::normalised_length(&expression);
    if length > EXPRESSION_LIMIT {
        return Err(format!("expression size {length}"));
    }
    Ok(CustomRule {
        id,
        reference,
        version,
        action,
        parameters,
        expression,
        description,
        enabled,
    })
}
