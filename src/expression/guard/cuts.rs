//! What conditions ask of texts, integers and addresses, and the values at which their answers
//! change.

use std::net::IpAddr;

use super::case::Case;
use super::regular::Machine;
use super::subject::Asks;
use crate::expression::tree::Condition;
use crate::expression::tree::Relation;
use crate::expression::value::Literal;
use crate::expression::value::Member;
use crate::expression::value::Text;
use crate::expression::wildcard;
use crate::expression::wildcard::Piece;

/// What a condition asks of a text; `None` if it asks nothing of texts.
pub(super) fn text(condition: &Condition, case: Case) -> Option<Asks> {
    let patterns = |patterns, strict| Asks::Patterns {
        patterns,
        case,
        strict,
    };
    Some(match condition {
        Condition::Relation {
            relation,
            value: Literal::Text(value),
        } => match relation {
            Relation::Equal | Relation::NotEqual => patterns(vec![literal(value)], true),
            _ => Asks::Order {
                text: value.clone(),
                case,
            },
        },
        Condition::Contains(part) => {
            let pattern = [vec![Piece::Star], literal(part), vec![Piece::Star]].concat();
            patterns(vec![pattern], true)
        }
        Condition::Wildcard { pattern, strict } => {
            patterns(vec![wildcard::pieces(pattern.as_bytes())?], *strict)
        }
        Condition::OneOf(members) => {
            let literals: Option<Vec<_>> = members
                .iter()
                .map(|member| match member {
                    Member::Text(text) => Some(literal(text)),
                    _ => None,
                })
                .collect();
            patterns(literals.filter(|literals| !literals.is_empty())?, true)
        }
        Condition::Matches(pattern) => match Machine::of(pattern) {
            Some(machine) => Asks::Regular { machine, case },
            None => Asks::Beyond,
        },
        _ => return None,
    })
}

pub(super) fn literal(text: &Text) -> Vec<Piece> {
    text.as_bytes().iter().copied().map(Piece::Byte).collect()
}

/// The integers at which a condition changes its answer.
pub(super) fn integers(condition: &Condition) -> Option<Vec<i64>> {
    let cuts = |first: i64, last: i64| [Some(first), last.checked_add(1)];
    let cuts: Vec<_> = match condition {
        Condition::Relation {
            value: Literal::Integer(value),
            ..
        } => cuts(*value, *value).to_vec(),
        Condition::OneOf(members) => {
            let members: Option<Vec<_>> = members
                .iter()
                .map(|member| match member {
                    Member::Integers { first, last } => Some(cuts(*first, *last)),
                    _ => None,
                })
                .collect();
            members?.concat()
        }
        _ => return None,
    };
    Some(cuts.into_iter().flatten().collect())
}

/// The ranges of addresses that a condition names.
pub(super) fn addresses(condition: &Condition) -> Option<Vec<(IpAddr, IpAddr)>> {
    match condition {
        Condition::Relation {
            value: Literal::Address(address),
            ..
        } => Some(vec![(*address, *address)]),
        Condition::OneOf(members) => members
            .iter()
            .map(|member| match member {
                Member::Addresses(range) => Some((range.first(), range.last())),
                _ => None,
            })
            .collect(),
        _ => None,
    }
}

/// The first address of a range, and the one behind it unless the range goes up to the highest.
pub(super) fn ends((first, last): (IpAddr, IpAddr)) -> impl Iterator<Item = IpAddr> {
    let behind = match last {
        IpAddr::V4(last) => last
            .to_bits()
            .checked_add(1)
            .map(|bits| IpAddr::V4(bits.into())),
        IpAddr::V6(last) => last
            .to_bits()
            .checked_add(1)
            .map(|bits| IpAddr::V6(bits.into())),
    };
    [Some(first), behind].into_iter().flatten()
}
