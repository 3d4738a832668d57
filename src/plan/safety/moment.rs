//! A state that a plan can pass through, as one host can tell it from others.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::edge::Authority;
use crate::edge::Rule;
use crate::expression::GuardSet;
use crate::plan::effect;
use crate::plan::safety::ground::Ground;
use crate::plan::safety::ground::Work;
use crate::plan::safety::kin::Kin;

/// A state.
#[derive(Debug, Clone)]
pub(in crate::plan) struct Moment {
    /// The CAs in the account.
    pub(in crate::plan) cas: BTreeSet<Authority>,
    /// Those of the host.
    pub(in crate::plan) authorities: BTreeSet<Authority>,
    /// The zone's rules.
    rules: Vec<Arc<Rule>>,
}

/// What becomes of each client's requests in a state: for each verdict the guards on which it is that.
pub(super) type Verdicts = Vec<[GuardSet; 3]>;

/// What of a state a host can tell: the CAs of the account and its own, and the rules that can be about it.
pub(super) type Seen = (Cas, Cas, Vec<usize>);

/// Some CAs.
pub(super) type Cas = BTreeSet<Authority>;

impl Moment {
    /// As it is now.
    pub(super) fn now(kin: &Kin<'_>, ground: &Ground<'_>) -> Self {
        Self {
            cas: ground.cas_now.clone(),
            authorities: kin.authorities.clone(),
            rules: ground.rules_now.clone(),
        }
    }

    /// With these CAs in the account, these of the host, and these rules.
    pub(in crate::plan) fn of(
        cas: BTreeSet<Authority>,
        authorities: BTreeSet<Authority>,
        rules: Vec<Arc<Rule>>,
    ) -> Self {
        Self {
            cas,
            authorities,
            rules,
        }
    }

    /// After some steps of a wave have taken effect: of each it is told whether it has.
    pub(super) fn after<'w>(
        &self,
        steps: impl Iterator<Item = (&'w Work, bool)>,
        kin: &Kin<'_>,
    ) -> Self {
        let mut after = self.clone();
        let mut edits = Vec::new();
        for (work, is_taken) in steps {
            match work {
                Work::Rules(edit) => edits.push((edit, is_taken)),
                _ if is_taken => after.take(work, kin),
                _ => {}
            }
        }
        if !edits.is_empty() {
            after.rules = effect::arranged(&self.rules, &edits);
        }
        after
    }

    /// Lets a step that is about CAs take effect.
    fn take(&mut self, work: &Work, kin: &Kin<'_>) {
        match work {
            Work::Upload(authority) => {
                self.cas.insert(authority.clone());
            }
            Work::Delete(authority) => {
                self.cas.remove(authority);
                self.authorities.remove(authority);
            }
            Work::Hosts {
                authority, after, ..
            } => {
                let is_listed = kin.hosts.first().is_some_and(|host| after.contains(host));
                if is_listed {
                    self.authorities.insert(authority.clone());
                } else {
                    self.authorities.remove(authority);
                }
            }
            Work::Rules(_) => {}
        }
    }

    /// The rules that can be about a host.
    pub(super) fn rules(&self, kin: &Kin<'_>) -> Vec<&Rule> {
        let rules = self.rules.iter().filter(|rule| kin.is_about(rule));
        rules.map(AsRef::as_ref).collect()
    }

    /// What of it a host can tell.
    pub(super) fn seen(&self, kin: &Kin<'_>) -> Seen {
        let rules = self.rules.iter().filter(|rule| kin.is_about(rule));
        (
            self.cas.clone(),
            self.authorities.clone(),
            rules.map(address).collect(),
        )
    }
}

/// Where a rule is kept: each is read once.
pub(super) fn address(rule: &Arc<Rule>) -> usize {
    Arc::as_ptr(rule).addr()
}
