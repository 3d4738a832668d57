//! Who has to present what, on the hosts of one zone.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use crate::expression::Expression;
use crate::resource::Hostname;
use crate::resource::KeyId;

/// What a rule demands on the hosts of one zone, before it is written as expressions.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Requirement {
    /// Whose certificates get past the rule, by host.
    pub hosts: BTreeMap<Hostname, Accepts>,
    /// Requests that the rule leaves alone.
    pub unless: Option<Expression>,
}

impl Eq for Requirement {}

/// The certificates that get past a rule on one host.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Accepts {
    /// The key ids of the issuers; `None` takes any certificate that the edge could verify.
    pub pins: Option<BTreeSet<KeyId>>,
    /// Whether the host accepts clients of the managed CA, whose certificates can be revoked.
    pub revocable: bool,
}
