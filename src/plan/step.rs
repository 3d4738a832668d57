//! One step of a plan: what is changed, and why.

use std::fmt;

use jiff::civil::Date;

use crate::live::HostList;
use crate::plan::Address;
use crate::plan::CaRef;
use crate::resource::Bundle;
use crate::resource::CaId;
use crate::resource::CaMark;
use crate::resource::RuleBody;
use crate::resource::ZoneName;

/// One change of the account, done by one call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Step {
    /// What it is about.
    pub address: Address,
    /// What it does.
    pub change: Change,
    /// Why. For the reader; nothing is decided by it.
    pub reason: Reason,
}

/// What a step does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// Uploads a CA.
    UploadCa {
        /// The name it gets.
        mark: CaMark,
        /// Its content.
        bundle: Bundle,
    },
    /// Replaces the host list of a CA in a zone.
    ReplaceHosts {
        /// Where.
        zone: ZoneName,
        /// Whose list.
        ca: CaRef,
        /// The list that the step expects to find.
        before: HostList,
        /// The list that it leaves.
        after: HostList,
    },
    /// Changes the custom rules of a zone.
    Rule {
        /// Where.
        zone: ZoneName,
        /// How.
        change: RuleChange,
    },
    /// Deletes a CA.
    DeleteCa {
        /// Which.
        id: CaId,
        /// Its name in the account.
        name: String,
    },
}

/// What a step does to one rule of a zone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RuleChange {
    /// Creates it, and the zone's entry point where there is none.
    Create {
        /// The rule.
        rule: RuleBody,
        /// Where in the list.
        place: Place,
    },
    /// Replaces its definition; it keeps id, ref and place.
    Replace {
        /// The rule as it is before this step.
        before: RuleBody,
        /// The rule as it is after it.
        after: RuleBody,
    },
    /// Moves it, unchanged.
    Move {
        /// The rule.
        rule: RuleBody,
        /// Where in the list.
        place: Place,
    },
    /// Deletes it.
    Delete {
        /// The rule.
        rule: RuleBody,
    },
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.change.word(), self.address)
    }
}

impl Change {
    /// What is done to the object, in one word.
    #[must_use]
    pub fn word(&self) -> &'static str {
        match self {
            Self::UploadCa { .. } => "upload",
            Self::ReplaceHosts { before, after, .. } if after.0.is_superset(&before.0) => "add",
            Self::ReplaceHosts { .. } => "remove",
            Self::Rule { change, .. } => match change {
                RuleChange::Create { .. } => "create",
                RuleChange::Replace { .. } => "change",
                RuleChange::Move { .. } => "move",
                RuleChange::Delete { .. } => "delete",
            },
            Self::DeleteCa { .. } => "delete",
        }
    }

    /// The zone in which it happens; `None` for what belongs to the account.
    #[must_use]
    pub fn zone(&self) -> Option<&ZoneName> {
        match self {
            Self::UploadCa { .. } | Self::DeleteCa { .. } => None,
            Self::ReplaceHosts { zone, .. } | Self::Rule { zone, .. } => Some(zone),
        }
    }
}

/// A place in a zone's list of rules.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// Above every other rule.
    First,
    /// Right below the rule with this `ref`.
    After(String),
}

/// Why a step is taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// The file declares it and the account does not have it.
    Missing,
    /// The file gives the CA of this name a new content.
    NewContent,
    /// Both have it, and these fields differ.
    Differs {
        /// Which, in the order of [`Field`].
        fields: Vec<Field>,
    },
    /// The file does not declare it, or not any more.
    NotDeclared,
    /// A date in the file has come.
    Retired {
        /// The date.
        on: Date,
    },
    /// A rule above it could let requests past it.
    Bypassed {
        /// That rule's description or `ref`.
        by: String,
    },
    /// Two rules for one host stand in another order than in the file.
    OutOfOrder {
        /// The rule that the file names first.
        first: String,
    },
    /// Only on the way: so that every verdict is the old or the new one at every moment.
    OnTheWay,
    /// It was only on the way.
    Served,
}

/// A field of a rule in which file and account differ.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Field {
    /// What it matches.
    Expression,
    /// What happens then.
    Action,
    /// What the action needs to know.
    Parameters,
    /// Whether it takes part.
    Enabled,
    /// What the dashboard shows as its name.
    Description,
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Expression => "expression",
            Self::Action => "action",
            Self::Parameters => "response",
            Self::Enabled => "enabled",
            Self::Description => "description",
        })
    }
}
