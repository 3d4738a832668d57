//! One object that is not what the file says.

use std::fmt;

use crate::drift::Grade;
use crate::drift::Side;
use crate::plan::Field;
use crate::plan::Reason;
use crate::resource::ZoneName;

/// An object that is not what the file says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Which.
    pub object: Object,
    /// What is different.
    pub what: What,
    /// Whose side changed.
    pub side: Side,
    /// Whether a run that was stopped would leave the same.
    pub may_be_stopped: bool,
    /// What it does by itself, were everything else as the file says, on hosts on which all of it together changes
    /// something; where that is nothing, what would change were it alone put right; where only the sum has an
    /// effect, what all of it does together.
    pub grade: Grade,
    /// Whether another difference hides what it does: it shows only once that is put right.
    pub is_hidden: bool,
}

/// What is different from the file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Object {
    /// A CA, with its host lists.
    Ca {
        /// Its name in the file, else its name in the account.
        label: String,
        /// The hosts that cannot have it, or have it still.
        hosts: Vec<String>,
    },
    /// A host in the list of a CA.
    Pair {
        /// Where.
        zone: ZoneName,
        /// The CA's label.
        ca: String,
        /// The host, in the spelling of the account.
        host: String,
    },
    /// A custom rule of ours.
    Rule {
        /// Where.
        zone: ZoneName,
        /// Its `ref`.
        label: String,
    },
}

impl Object {
    /// Its zone; `None` for what belongs to the account.
    #[must_use]
    pub fn zone(&self) -> Option<&ZoneName> {
        match self {
            Self::Ca { .. } => None,
            Self::Pair { zone, .. } | Self::Rule { zone, .. } => Some(zone),
        }
    }
}

/// How it differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// The file has it, the account does not.
    Missing,
    /// The account has it, the file does not.
    Surplus,
    /// Both have it.
    Differs {
        /// The fields in which they differ.
        fields: Vec<Field>,
        /// A digest of the live rule and of the one that the file asks for, without what changes by the day.
        contents: [String; 2],
    },
    /// It stands in the wrong place.
    Misplaced {
        /// What is wrong with the place.
        reason: Reason,
    },
}

impl What {
    /// Whether nothing about requests can depend on it.
    #[must_use]
    pub fn is_for_people(&self) -> bool {
        matches!(self, Self::Differs { fields, .. } if fields == &[Field::Description])
    }
}

impl fmt::Display for Object {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ca { label, .. } => write!(f, "CA {label}"),
            Self::Pair { zone, ca, host } => write!(f, "{host} for CA {ca} in {zone}"),
            Self::Rule { zone, label } => write!(f, "rule {label} in {zone}"),
        }
    }
}
