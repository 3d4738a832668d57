//! Functions that make or search arrays and maps, and those of addresses.

use super::MAX_RESULT;
use super::textual::bytes;
use crate::expression::request::Value;
use crate::expression::value::Addresses;
use crate::expression::value::Text;

/// How many elements `split` makes at most.
const MAX_PARTS: usize = 128;

/// Strings or arrays, one after the other; not both.
pub(super) fn concat(values: &[&Value]) -> Option<Value> {
    match values {
        [] => None,
        [Value::Array(_), ..] => {
            let arrays = values.iter().map(|value| match value {
                Value::Array(items) => Some(items.as_slice()),
                _ => None,
            });
            let arrays: Option<Vec<&[Value]>> = arrays.collect();
            Some(Value::Array(arrays?.concat()))
        }
        _ => {
            let parts: Option<Vec<&[u8]>> = values.iter().map(|value| text(value)).collect();
            Some(bytes(parts?.concat()))
        }
    }
}

/// The elements of an array of strings with a separator between them.
pub(super) fn join(arguments: &[&Value]) -> Option<Value> {
    match arguments {
        [Value::Array(items), Value::Text(separator)] => {
            let separators = items.len().saturating_mul(separator.as_bytes().len());
            let items: Option<Vec<&[u8]>> = items.iter().map(text).collect();
            let items = items.filter(|_| separators <= MAX_RESULT)?;
            Some(bytes(items.join(separator.as_bytes())))
        }
        _ => None,
    }
}

/// The parts between a separator. With a limit, the last part is the remainder.
pub(super) fn split(arguments: &[&Value]) -> Option<Value> {
    let (text, separator, limit) = match arguments {
        [Value::Text(text), Value::Text(separator)] => (text, separator, None),
        [
            Value::Text(text),
            Value::Text(separator),
            Value::Integer(limit),
        ] => {
            let limit = usize::try_from(*limit).ok()?;
            (text, separator, Some(limit))
        }
        _ => return None,
    };
    let separator = separator.as_bytes();
    if separator.is_empty() || limit.is_some_and(|limit| !(1..=MAX_PARTS).contains(&limit)) {
        return None;
    }
    let mut parts = Vec::new();
    let mut rest = text.as_bytes();
    let found = |rest: &[u8]| rest.windows(separator.len()).position(|at| at == separator);
    while limit.is_none_or(|limit| parts.len() + 1 < limit) {
        let Some(at) = found(rest) else { break };
        let (part, after) = rest.split_at(at);
        parts.push(bytes(part.to_vec()));
        rest = after.get(separator.len()..).unwrap_or_default();
    }
    parts.push(bytes(rest.to_vec()));
    (parts.len() <= MAX_PARTS).then_some(Value::Array(parts))
}

pub(super) fn has_key(arguments: &[&Value]) -> Option<Value> {
    match arguments {
        [Value::Map(items), Value::Text(key)] => Some(items.contains_key(key).into()),
        _ => None,
    }
}

/// Whether one of the elements is the value. The documentation does not say whether it looks into
/// the arrays that a map may hold.
pub(super) fn has_value(arguments: &[&Value]) -> Option<Value> {
    let (items, sought): (Vec<&Value>, &Value) = match arguments {
        [Value::Array(items), sought] => (items.iter().collect(), sought),
        [Value::Map(items), sought] => (items.values().collect(), sought),
        _ => return None,
    };
    let comparable = |item: &&Value| matches!(item, Value::Text(_) | Value::Integer(_));
    (comparable(&sought) && items.iter().all(comparable)).then(|| items.contains(&sought).into())
}

/// The address of the network that an address lies in.
pub(super) fn cidr(arguments: &[&Value]) -> Option<Value> {
    match arguments {
        [
            Value::Address(address),
            Value::Integer(v4),
            Value::Integer(v6),
        ] => {
            let v4 = u32::try_from(*v4)
                .ok()
                .filter(|bits| (1..=32).contains(bits))?;
            let v6 = u32::try_from(*v6)
                .ok()
                .filter(|bits| (1..=128).contains(bits))?;
            let prefix = if address.is_ipv4() { v4 } else { v6 };
            Addresses::network(*address, prefix).map(|network| network.first().into())
        }
        _ => None,
    }
}

/// As [`cidr`] with the whole of an IPv4 address.
pub(super) fn cidr6(arguments: &[&Value]) -> Option<Value> {
    match arguments {
        [address, v6] => cidr(&[address, &Value::Integer(32), v6]),
        _ => None,
    }
}

fn text(value: &Value) -> Option<&[u8]> {
    match value {
        Value::Text(text) => Some(Text::as_bytes(text)),
        _ => None,
    }
}
