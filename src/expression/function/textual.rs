//! Functions of one string, and of what can be written as one.

use crate::expression::request::Value;
use crate::expression::value::Text;

/// Only ASCII letters change.
pub(super) fn lower(arguments: &[&Value]) -> Option<Value> {
    match arguments {
        [Value::Text(text)] => Some(bytes(text.as_bytes().to_ascii_lowercase())),
        _ => None,
    }
}

/// Only ASCII letters change.
pub(super) fn upper(arguments: &[&Value]) -> Option<Value> {
    match arguments {
        [Value::Text(text)] => Some(bytes(text.as_bytes().to_ascii_uppercase())),
        _ => None,
    }
}

/// The bytes of a string, the elements of an array.
pub(super) fn len(arguments: &[&Value]) -> Option<Value> {
    let length = match arguments {
        [Value::Text(text)] => text.as_bytes().len(),
        [Value::Array(items)] => items.len(),
        _ => return None,
    };
    i64::try_from(length).ok().map(Value::Integer)
}

pub(super) fn starts_with(arguments: &[&Value]) -> Option<Value> {
    match arguments {
        [Value::Text(text), Value::Text(start)] => {
            Some(text.as_bytes().starts_with(start.as_bytes()).into())
        }
        _ => None,
    }
}

pub(super) fn ends_with(arguments: &[&Value]) -> Option<Value> {
    match arguments {
        [Value::Text(text), Value::Text(end)] => {
            Some(text.as_bytes().ends_with(end.as_bytes()).into())
        }
        _ => None,
    }
}

/// From a byte up to another, both counted from the end if they are negative. The documentation
/// does not say what lies beyond the string.
pub(super) fn substring(arguments: &[&Value]) -> Option<Value> {
    let (text, start, end) = match arguments {
        [Value::Text(text), Value::Integer(start)] => (text, *start, None),
        [
            Value::Text(text),
            Value::Integer(start),
            Value::Integer(end),
        ] => (text, *start, Some(*end)),
        _ => return None,
    };
    let length = text.as_bytes().len();
    let position = |index: i64| {
        let counted = usize::try_from(index.unsigned_abs()).ok()?;
        if index < 0 {
            length.checked_sub(counted)
        } else {
            Some(counted)
        }
    };
    let end = end.map_or(Some(length), position)?;
    let part = text.as_bytes().get(position(start)?..end)?;
    Some(bytes(part.to_vec()))
}

/// All occurrences of each of the bytes go.
pub(super) fn remove_bytes(arguments: &[&Value]) -> Option<Value> {
    match arguments {
        [Value::Text(text), Value::Text(unwanted)] => {
            let kept = text.as_bytes().iter().copied();
            let kept = kept.filter(|byte| !unwanted.as_bytes().contains(byte));
            Some(bytes(kept.collect()))
        }
        _ => None,
    }
}

pub(super) fn to_string(arguments: &[&Value]) -> Option<Value> {
    match arguments {
        [value @ (Value::Integer(_) | Value::Boolean(_) | Value::Address(_))] => {
            Some(Value::Text(Text::from(value.to_string())))
        }
        _ => None,
    }
}

pub(super) fn bytes(bytes: Vec<u8>) -> Value {
    Value::Text(Text::from(bytes))
}
