//! Where rulesets are kept: in a zone, or in the account for all of its zones.

use crate::sandbox::envelope::Refusal;
use crate::sandbox::ids::Ids;
use crate::sandbox::phase::Phase;
use crate::sandbox::phase::not_entitled;
use crate::sandbox::ruleset::Ruleset;
use crate::sandbox::ruleset::RulesetKind;
use crate::sandbox::zone::ZonePlan;

/// Whose rulesets a request is about.
#[derive(Clone, Copy)]
pub(crate) enum Level<'a> {
    /// The account's. They run before those of any zone (API reference, section 3.8).
    Account,
    /// Those of the zone of this id.
    Zone(&'a str),
}

/// The rulesets of one level, to change.
pub(crate) struct RulesetHome<'a> {
    pub(crate) rulesets: &'a mut Vec<Ruleset>,
    pub(crate) ids: &'a mut Ids,
    pub(crate) terms: Terms,
}

/// What may be in the rulesets of a level.
#[derive(Clone, Copy)]
pub(crate) struct Terms {
    /// The kind of its entry points.
    pub(crate) entry: RulesetKind,
    /// What is paid for.
    pub(crate) plan: ZonePlan,
}

impl Level<'_> {
    /// The phase of this name. Refuses what is no phase, and what cannot be had here.
    pub(crate) fn phase(self, name: &str) -> Result<Phase, Refusal> {
        let phase = Phase::parse(name)?.filter(|phase| self.has(*phase));
        phase.ok_or_else(|| not_entitled(name))
    }

    /// Whether there can be rules of this phase.
    pub(crate) fn has(self, phase: Phase) -> bool {
        match self {
            Self::Account => phase == Phase::CustomRules,
            Self::Zone(_) => true,
        }
    }
}

impl Terms {
    /// Those of the account: account-level rules need an Enterprise plan (API reference, section 3.5).
    pub(crate) const ACCOUNT: Self = Self {
        entry: RulesetKind::Root,
        plan: ZonePlan::Enterprise,
    };

    /// Those of a zone.
    pub(crate) fn of_zone(plan: ZonePlan) -> Self {
        Self {
            entry: RulesetKind::Zone,
            plan,
        }
    }

    /// What the level is called in messages.
    pub(crate) fn level(self) -> &'static str {
        match self.entry {
            RulesetKind::Root => "account",
            RulesetKind::Zone | RulesetKind::Custom => "zone",
        }
    }
}
