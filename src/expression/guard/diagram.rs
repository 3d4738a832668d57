//! Sets of guards as decision diagrams: each node asks for one variable and has a child for each of
//! its regions. Equal sets are the same node, so that a set is empty or everything only if it is
//! one of the two leaves.

use std::collections::BTreeMap;
use std::collections::HashMap;
use std::sync::Arc;

use thiserror::Error;

use crate::expression::truth::Truth;

/// A set of guards, of the [`Guards`](super::Guards) that made it; none by default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct GuardSet(u32);

impl GuardSet {
    /// No guard.
    pub const NONE: Self = Self(0);
    /// Every guard.
    pub const EVERY: Self = Self(1);
}

/// The question is too large to be answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Bound {
    /// More fields and tests than this.
    #[error("more than {limit} independent fields and tests")]
    Variables {
        /// How many there may be.
        limit: usize,
    },
    /// Too many ways in which they can come together.
    #[error("more than {limit} combinations of values to keep apart")]
    Combinations {
        /// How many are kept apart.
        limit: usize,
    },
    /// The tests of one field are too entangled.
    #[error("one field has tests that take more than {limit} steps to tell apart")]
    Texts {
        /// How many steps are taken.
        limit: usize,
    },
    /// Every example that was tried turned out to be impossible.
    #[error("no example among the first {limit} that were tried")]
    Examples {
        /// How many are tried.
        limit: usize,
    },
}

/// How the sets of two guards are combined.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Combination {
    Both,
    Either,
    One,
}

/// The most children that all nodes together have: four bytes each.
const MAX_CHILDREN: usize = 1 << 22;

/// The most results that are remembered: what two fields make together grows by multiplying.
const MAX_RESULTS: usize = 1 << 19;

#[derive(Clone, Debug, Default)]
pub(super) struct Diagram {
    /// The nodes behind the two leaves.
    nodes: Vec<Node>,
    known: HashMap<Node, GuardSet>,
    combined: HashMap<(Combination, GuardSet, GuardSet), GuardSet>,
    children: usize,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Node {
    variable: usize,
    children: Arc<[GuardSet]>,
}

impl Diagram {
    /// The guards of the child that belongs to their region of `variable`.
    pub(super) fn node(
        &mut self,
        variable: usize,
        children: Arc<[GuardSet]>,
    ) -> Result<GuardSet, Bound> {
        match children.first() {
            Some(first) if children.iter().all(|child| child == first) => return Ok(*first),
            Some(_) => {}
            None => return Ok(GuardSet::NONE),
        }
        let count = children.len();
        let node = Node { variable, children };
        if let Some(set) = self.known.get(&node) {
            return Ok(*set);
        }
        self.children += count;
        let place = u32::try_from(self.nodes.len() + 2);
        let place = place.ok().filter(|_| self.children <= MAX_CHILDREN);
        let set = GuardSet(place.ok_or(TOO_MANY)?);
        self.nodes.push(node.clone());
        self.known.insert(node, set);
        Ok(set)
    }

    pub(super) fn combine(
        &mut self,
        how: Combination,
        one: GuardSet,
        other: GuardSet,
    ) -> Result<GuardSet, Bound> {
        let (none, every) = (GuardSet::NONE, GuardSet::EVERY);
        let at_once = match how {
            Combination::Both | Combination::Either if one == other => Some(one),
            Combination::Both if one == none || other == none => Some(none),
            Combination::Both if one == every => Some(other),
            Combination::Both if other == every => Some(one),
            Combination::Either if one == every || other == every => Some(every),
            Combination::Either | Combination::One if one == none => Some(other),
            Combination::Either | Combination::One if other == none => Some(one),
            Combination::One if one == other => Some(none),
            _ => None,
        };
        if let Some(set) = at_once {
            return Ok(set);
        }
        let question = (how, one.min(other), one.max(other));
        if let Some(set) = self.combined.get(&question) {
            return Ok(*set);
        }
        let (first, second) = (self.opened(one), self.opened(other));
        let variables = [&first, &second].map(|node| node.as_ref().map(|node| node.variable));
        let variable = variables.iter().flatten().min().copied().unwrap_or(0);
        let asks = |node: Option<Node>| node.filter(|node| node.variable == variable);
        let (first, second) = (asks(first), asks(second));
        let width = [&first, &second]
            .into_iter()
            .flatten()
            .map(|node| node.children.len());
        let width = width.max().unwrap_or(0);
        let mut children = Vec::with_capacity(width);
        for region in 0..width {
            let child = |node: &Option<Node>, whole: GuardSet| match node {
                Some(asking) => asking.children.get(region).copied().unwrap_or(none),
                None => whole,
            };
            children.push(self.combine(how, child(&first, one), child(&second, other))?);
        }
        let set = self.node(variable, children.into())?;
        if self.combined.len() == MAX_RESULTS {
            return Err(TOO_MANY);
        }
        self.combined.insert(question, set);
        Ok(set)
    }

    /// The variable that a set asks for and its children; `None` for none and every.
    pub(super) fn asked(&self, set: GuardSet) -> Option<(usize, Arc<[GuardSet]>)> {
        self.opened(set)
            .map(|Node { variable, children }| (variable, children))
    }

    /// Whether all or none of the guards with these picks are in a set; `known` remembers.
    pub(super) fn truth(
        &self,
        set: GuardSet,
        picks: &BTreeMap<usize, usize>,
        known: &mut HashMap<GuardSet, Truth>,
    ) -> Truth {
        let Some((variable, children)) = self.asked(set) else {
            return (set == GuardSet::EVERY).into();
        };
        if let Some(truth) = known.get(&set) {
            return *truth;
        }
        let picked = picks
            .get(&variable)
            .and_then(|region| children.get(*region));
        let truth = if let Some(child) = picked {
            self.truth(*child, picks, known)
        } else {
            let mut truths = children
                .iter()
                .map(|child| self.truth(*child, picks, known));
            let first = truths.next().unwrap_or(Truth::Unknown);
            if truths.all(|truth| truth == first) {
                first
            } else {
                Truth::Unknown
            }
        };
        known.insert(set, truth);
        truth
    }

    fn opened(&self, set: GuardSet) -> Option<Node> {
        let index = usize::try_from(set.0).ok()?.checked_sub(2)?;
        self.nodes.get(index).cloned()
    }
}

const TOO_MANY: Bound = Bound::Combinations { limit: MAX_RESULTS };
