//! The rules of ours, as they stand now and as a plan leaves them.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use crate::desired::Desired;
use crate::live::Live;
use crate::live::Rules;
use crate::plan::Address;
use crate::plan::Change;
use crate::plan::Plan;
use crate::plan::RuleChange;
use crate::plan::compile;
use crate::plan::ownership;
use crate::resource::Hostname;
use crate::resource::MarkedRule;
use crate::resource::RuleBody;
use crate::resource::RuleMark;
use crate::resource::ZoneName;

/// Rules of ours, by zone and `ref`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct OurRules(BTreeMap<(ZoneName, String), OurRule>);

/// What of a rule matters to guards.
#[derive(Debug, Clone, PartialEq, Eq)]
struct OurRule {
    enabled: bool,
    action: String,
    hosts: BTreeSet<Hostname>,
}

impl OurRules {
    /// Those that are there now.
    pub(super) fn now(desired: &Desired, live: &Live) -> Self {
        let zones = live.zones.iter();
        let marked = zones.flat_map(|(name, zone)| {
            let rules = zone.rules.as_ref().map_or(&[][..], Rules::as_slice);
            let ours = rules
                .iter()
                .filter(|rule| ownership::is_our_rule(desired, name, rule));
            ours.map(move |rule| {
                let key = (name.clone(), rule.reference.clone());
                (key, OurRule::of(&rule.body()))
            })
        });
        Self(marked.collect())
    }

    /// Those that a plan leaves.
    pub(super) fn after(&self, plan: &Plan) -> Self {
        let mut rules = self.clone();
        for step in plan.steps() {
            if let Change::Rule { zone, change } = &step.change {
                rules.take(zone, change);
            }
        }
        rules
    }

    fn take(&mut self, zone: &ZoneName, change: &RuleChange) {
        let key = |reference: &str| (zone.clone(), reference.to_owned());
        match change {
            RuleChange::Create { rule: body, .. } | RuleChange::Replace { after: body, .. } => {
                self.0.insert(key(&body.reference), OurRule::of(body));
            }
            RuleChange::Move { .. } => {}
            RuleChange::Delete { rule } => {
                self.0.remove(&key(&rule.reference));
            }
        }
    }

    /// The hosts on which an enabled rule turns requests away.
    pub(super) fn protected(&self) -> BTreeSet<Hostname> {
        let rules = self.0.values().filter(|rule| rule.turns_away());
        rules.flat_map(|rule| rule.hosts.iter().cloned()).collect()
    }

    /// Those that are gone `after` a plan. A temporary rule is nobody's loss, nor is one all of whose hosts
    /// other rules take over, as when it is renamed: what it did is still done.
    pub(super) fn lost(&self, after: &Self) -> Vec<Address> {
        let gone = self.0.iter().filter(|(key, rule)| {
            let mark = RuleMark::parse(&key.1);
            let is_bridge = mark.is_some_and(|mark| mark.rule == MarkedRule::Bridge);
            !after.0.contains_key(*key) && !is_bridge && !self.is_taken_over(&key.0, rule, after)
        });
        let addresses = gone.map(|((zone, label), _)| Address::Rule {
            zone: zone.clone(),
            label: label.clone(),
        });
        addresses.collect()
    }

    fn is_taken_over(&self, zone: &ZoneName, lost: &OurRule, after: &Self) -> bool {
        let gains = |host: &Hostname| {
            let mut here = after.0.iter().filter(|(key, _)| key.0 == *zone);
            here.any(|(key, rule)| {
                let before = self.0.get(key);
                rule.hosts.contains(host)
                    && before.is_none_or(|before| !before.hosts.contains(host))
                    && rule.action == lost.action
                    && (rule.enabled || !lost.enabled)
            })
        };
        !lost.hosts.is_empty() && lost.hosts.iter().all(gains)
    }
}

impl OurRule {
    fn of(body: &RuleBody) -> Self {
        Self {
            enabled: body.enabled,
            action: body.action.clone(),
            hosts: compile::hosts_named(&body.expression),
        }
    }

    /// Whether it stops anybody; `log` does not.
    fn turns_away(&self) -> bool {
        let stops = ["block", "challenge", "js_challenge", "managed_challenge"];
        self.enabled && stops.contains(&self.action.as_str())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::OurRule;
    use super::OurRules;
    use crate::resource::Hostname;
    use crate::resource::ZoneName;

    fn rules(references: &[&str]) -> OurRules {
        let zone = ZoneName::parse("example.com").unwrap();
        let host = Hostname::parse("api.example.com").unwrap();
        let rule = OurRule {
            enabled: true,
            action: "block".to_owned(),
            hosts: [host].into(),
        };
        let rules = references
            .iter()
            .map(|one| ((zone.clone(), (*one).to_owned()), rule.clone()));
        OurRules(rules.collect())
    }

    #[test]
    fn a_temporary_rule_is_nobodys_loss() {
        let now = rules(&["platform/public/1", "platform/~bridge/1", "3fa8c1"]);
        let none = OurRules(BTreeMap::new());
        let lost: Vec<String> = now.lost(&none).iter().map(ToString::to_string).collect();
        assert_eq!(
            lost,
            [
                "rule 3fa8c1 in example.com",
                "rule platform/public/1 in example.com"
            ]
        );
        assert!(now.lost(&now).is_empty());
    }
}
