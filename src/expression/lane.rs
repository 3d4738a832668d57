//! The answers that `any` and `all` gather: one for each element of an unpacked array.

use super::request::Value;
use super::truth::Truth;

/// One answer per element.
#[derive(Clone, Debug)]
pub(super) enum Lane {
    /// The answers, in order.
    Each(Vec<Truth>),
    /// Not even their number is known.
    Unknown,
}

impl Lane {
    pub(super) fn of_booleans(value: &Value) -> Self {
        let Value::Array(items) = value else {
            return Self::Unknown;
        };
        let truths = items.iter().map(|item| match item {
            Value::Boolean(value) => Some(Truth::from(*value)),
            _ => None,
        });
        truths
            .collect::<Option<_>>()
            .map_or(Self::Unknown, Self::Each)
    }

    pub(super) fn negated(self) -> Self {
        match self {
            Self::Each(truths) => Self::Each(truths.into_iter().map(Truth::negated).collect()),
            Self::Unknown => Self::Unknown,
        }
    }

    /// Element by element, as far as the shortest lane goes, as in the published engine.
    pub(super) fn combined(lanes: Vec<Self>, combine: fn(Vec<Truth>) -> Truth) -> Self {
        let mut each = Vec::with_capacity(lanes.len());
        for lane in lanes {
            match lane {
                Self::Each(truths) => each.push(truths),
                Self::Unknown => return Self::Unknown,
            }
        }
        let shortest = each.iter().map(Vec::len).min().unwrap_or(0);
        let column = |at: usize| {
            let truths = each.iter().filter_map(|lane| lane.get(at).copied());
            combine(truths.collect())
        };
        Self::Each((0..shortest).map(column).collect())
    }
}
