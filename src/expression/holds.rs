//! Whether a known value meets a condition, operator by operator
//! (<https://developers.cloudflare.com/ruleset-engine/rules-language/operators/#comparison-operators>).

use std::cmp::Ordering;
use std::net::IpAddr;

use super::pattern;
use super::request::Request;
use super::request::Value;
use super::tree::Condition;
use super::tree::Relation;
use super::truth::Truth;
use super::value::Literal;
use super::value::Member;
use super::wildcard;

impl Condition {
    /// Whether `value` meets it. Unknown if the two do not belong together, which Cloudflare
    /// refuses to store, or if the list is not in `request`.
    pub(super) fn holds(&self, value: &Value, request: &Request) -> Truth {
        match (self, value) {
            (
                Self::Relation {
                    relation,
                    value: literal,
                },
                value,
            ) => related(*relation, value, literal).into(),
            (Self::Contains(part), Value::Text(text)) => {
                contains(text.as_bytes(), part.as_bytes()).into()
            }
            (Self::Matches(expression), Value::Text(text)) => pattern::compile(expression)
                .map(|regex| regex.is_match(text.as_bytes()))
                .into(),
            (Self::Wildcard { pattern, strict }, Value::Text(text)) => {
                wildcard::pieces(pattern.as_bytes())
                    .map(|pieces| wildcard::matches(&pieces, *strict, text.as_bytes()))
                    .into()
            }
            (Self::OneOf(members), value) => one_of(members, value),
            (Self::InList(name), value) => request
                .list(name.as_str())
                .map_or(Truth::Unknown, |members| one_of(members, value)),
            _ => Truth::Unknown,
        }
    }
}

fn related(relation: Relation, value: &Value, literal: &Literal) -> Option<bool> {
    let ordering = match (value, literal) {
        (Value::Integer(value), Literal::Integer(literal)) => Some(value.cmp(literal)),
        (Value::Text(value), Literal::Text(literal)) => Some(value.cmp(literal)),
        (Value::Address(value), Literal::Address(literal)) => {
            // Addresses of two families are unequal, and neither is smaller.
            (value.is_ipv4() == literal.is_ipv4()).then(|| value.cmp(literal))
        }
        _ => return None,
    };
    Some(match relation {
        Relation::Equal => ordering == Some(Ordering::Equal),
        Relation::NotEqual => ordering != Some(Ordering::Equal),
        Relation::Less => ordering == Some(Ordering::Less),
        Relation::LessOrEqual => matches!(ordering, Some(Ordering::Less | Ordering::Equal)),
        Relation::Greater => ordering == Some(Ordering::Greater),
        Relation::GreaterOrEqual => matches!(ordering, Some(Ordering::Greater | Ordering::Equal)),
    })
}

fn contains(text: &[u8], part: &[u8]) -> bool {
    part.is_empty() || text.windows(part.len()).any(|window| window == part)
}

fn one_of(members: &[Member], value: &Value) -> Truth {
    Truth::any(
        members
            .iter()
            .map(|member| Truth::from(is_member(member, value))),
    )
}

fn is_member(member: &Member, value: &Value) -> Option<bool> {
    match (member, value) {
        (Member::Text(member), Value::Text(text)) => Some(member == text),
        (Member::Integers { first, last }, Value::Integer(value)) => {
            Some((first..=last).contains(&value))
        }
        (Member::Addresses(range), Value::Address(address)) => {
            Some(within(range.first(), *address, range.last()))
        }
        _ => None,
    }
}

fn within(first: IpAddr, address: IpAddr, last: IpAddr) -> bool {
    first.is_ipv4() == address.is_ipv4() && first <= address && address <= last
}
