//! What a survey reads beside rules and host lists: deployed rulesets, what gets requests past the rules,
//! and who uses a CA that asks nobody.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use serde_json::Value;

use super::gap::Gaps;
use super::gap::gone;
use super::gap::or_gap;
use crate::cloudflare::Error;
use crate::cloudflare::Observer;
use crate::live::AccessRule;
use crate::live::Live;
use crate::live::LiveZone;
use crate::live::Looked;
use crate::live::Neighbours;
use crate::live::Rules;
use crate::live::ZoneNeighbours;
use crate::resource::CaId;
use crate::resource::CustomRule;
use crate::resource::Issuer;
use crate::resource::RulesetId;
use crate::resource::Zone;
use crate::resource::ZoneName;

/// Fields that are about client certificates begin so.
const CERTIFICATE_FIELDS: &str = "cf.tls_client_auth.";

impl Observer<'_> {
    pub(super) async fn survey_deployed(
        &self,
        live: &mut Live,
        gaps: &mut Gaps,
    ) -> Result<(), Error> {
        let mut named = Vec::new();
        for zone in live.zones.values() {
            named.extend(
                deployed_by(zone)
                    .into_iter()
                    .map(|id| (zone.zone.clone(), id)),
            );
        }
        let read = self
            .each(named, |(zone, id)| async move {
                let rules = self.told(self.reader.ruleset(&zone.id, &id)).await;
                let rules = or_gap(rules, Looked::Deployed(id.clone()), Some(&zone.name))?;
                Ok((zone.name, id, rules))
            })
            .await?;
        for (name, id, rules) in read {
            match (gaps.fill(rules), live.zones.get_mut(&name)) {
                (Some(Some(rules)), Some(zone)) => {
                    zone.deployed.insert(id, rules);
                }
                (Some(None), _) => gaps.note(gone(Looked::Deployed(id), &name)),
                _ => {}
            }
        }
        Ok(())
    }

    pub(super) async fn survey_neighbours(
        &self,
        live: &Live,
        gaps: &mut Gaps,
    ) -> Result<Neighbours, Error> {
        let rules = self.told(self.reader.account_rules(&live.account)).await;
        let rules = gaps.fill(or_gap(rules, Looked::AccountRules, None)?);
        let access = self.reader.access_rules_of_account(&live.account);
        let access = self.told(access).await;
        let access = gaps.fill(or_gap(access, Looked::AccessRules, None)?);

        let concerned: Vec<Zone> = live
            .zones
            .values()
            .filter(|zone| is_concerned(zone))
            .map(|zone| zone.zone.clone())
            .collect();
        let mut zones: BTreeMap<ZoneName, ZoneNeighbours> = concerned
            .iter()
            .map(|zone| (zone.name.clone(), ZoneNeighbours::default()))
            .collect();
        let read = self
            .each(concerned.clone(), |zone| async move {
                let rules = self.told(self.reader.access_rules_of_zone(&zone.id)).await;
                let rules = or_gap(rules, Looked::AccessRules, Some(&zone.name))?;
                Ok((zone.name, rules))
            })
            .await?;
        for (name, rules) in read {
            zones.entry(name).or_default().access = gaps
                .fill(rules)
                .map(|rules| without(rules, access.as_deref().unwrap_or_default()));
        }
        let read = self
            .each(concerned.clone(), |zone| async move {
                let redirects = self.told(self.reader.redirects(&zone.id)).await;
                let redirects = or_gap(redirects, Looked::Redirects, Some(&zone.name))?;
                Ok((zone.name, redirects))
            })
            .await?;
        for (name, redirects) in read {
            zones.entry(name).or_default().redirects = gaps.fill(redirects);
        }
        let read = self
            .each(concerned, |zone| async move {
                let records = self.told(self.reader.records(&zone.id)).await;
                let records = or_gap(records, Looked::Records, Some(&zone.name))?;
                Ok((zone.name, records))
            })
            .await?;
        for (name, records) in read {
            zones.entry(name).or_default().records = gaps.fill(records);
        }
        Ok(Neighbours {
            rules,
            access,
            zones,
        })
    }

    /// Asks who uses the uploaded CAs that no list names; one that is gone by now is left out.
    pub(super) async fn survey_services(
        &self,
        live: &Live,
    ) -> Result<BTreeMap<CaId, BTreeSet<String>>, Error> {
        let read = self
            .each(idle_cas(live), |id| async move {
                match self
                    .told(self.reader.services_using(&live.account, &id))
                    .await
                {
                    Ok(services) => Ok(Some((id, services))),
                    Err(error) if error.is_no_certificate() => Ok(None),
                    Err(error) => Err(error),
                }
            })
            .await?;
        Ok(read.into_iter().flatten().collect())
    }
}

/// The custom rulesets that a zone's rules execute, switched off or not. A rule that names none in a form
/// that can be read is left to whoever looks at the rules.
fn deployed_by(zone: &LiveZone) -> BTreeSet<RulesetId> {
    let executed = |rule: &CustomRule| {
        let id = rule.parameters.get("id").and_then(Value::as_str)?;
        RulesetId::parse(id)
            .ok()
            .filter(|_| rule.action == "execute")
    };
    rules_of(zone).iter().filter_map(executed).collect()
}

/// Whether a zone has to do with client certificates: it asks for them somewhere, or a rule looks at
/// them.
fn is_concerned(zone: &LiveZone) -> bool {
    let mut lists = zone.lists.iter().flat_map(BTreeMap::values);
    let deployed = zone.deployed.values().flatten();
    let mut rules = rules_of(zone).iter().chain(deployed);
    lists.any(|list| !list.0.is_empty())
        || rules.any(|rule| rule.expression.contains(CERTIFICATE_FIELDS))
}

fn rules_of(zone: &LiveZone) -> &[CustomRule] {
    zone.rules.as_ref().map_or(&[], Rules::as_slice)
}

/// A zone's IP Access rules without those of the account, which its list may have in it.
fn without(mut rules: Vec<AccessRule>, of_account: &[AccessRule]) -> Vec<AccessRule> {
    let known: BTreeSet<&str> = of_account.iter().map(|rule| rule.id.as_str()).collect();
    rules.retain(|rule| !known.contains(rule.id.as_str()));
    rules
}

/// The uploaded CAs that have no host in any list that was read.
fn idle_cas(live: &Live) -> Vec<CaId> {
    let lists = || live.zones.values().filter_map(|zone| zone.lists.as_ref());
    let has_host = |id: &CaId| {
        let issuer = Issuer::Uploaded(id.clone());
        lists().any(|lists| lists.get(&issuer).is_some_and(|list| !list.0.is_empty()))
    };
    let uploaded = live.cas.iter().filter(|ca| ca.is_uploaded_ca());
    uploaded
        .map(|ca| ca.id.clone())
        .filter(|id| !has_host(id))
        .collect()
}
