//! What is known of one request: the values of its fields, and the lists of the account.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::net::IpAddr;

use super::value::Literal;
use super::value::Member;
use super::value::Text;

/// The value of a field, or of what a function makes of it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Value {
    /// A boolean, such as `ssl`.
    Boolean(bool),
    /// An integer, such as `cf.edge.server_port`.
    Integer(i64),
    /// A string, such as `http.host`.
    Text(Text),
    /// An address, such as `ip.src`.
    Address(IpAddr),
    /// An array, such as `http.request.headers.names`.
    Array(Vec<Value>),
    /// A map, such as `http.request.headers`.
    Map(BTreeMap<Text, Value>),
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Boolean(value)
    }
}

impl From<i64> for Value {
    fn from(value: i64) -> Self {
        Self::Integer(value)
    }
}

impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Self::Text(value.into())
    }
}

impl From<IpAddr> for Value {
    fn from(value: IpAddr) -> Self {
        Self::Address(value)
    }
}

impl From<Literal> for Value {
    fn from(literal: Literal) -> Self {
        match literal {
            Literal::Text(text) => Self::Text(text),
            Literal::Integer(value) => Self::Integer(value),
            Literal::Address(address) => Self::Address(address),
        }
    }
}

impl fmt::Display for Value {
    /// As a literal of the language where it has one.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Boolean(value) => write!(f, "{value}"),
            Self::Integer(value) => write!(f, "{value}"),
            Self::Text(text) => write!(f, "{text}"),
            Self::Address(address) => write!(f, "{address}"),
            Self::Array(items) => f.debug_list().entries(items.iter().map(Shown)).finish(),
            Self::Map(items) => {
                let items = items.iter().map(|(key, value)| (Shown(key), Shown(value)));
                f.debug_map().entries(items).finish()
            }
        }
    }
}

/// Lets a list print its items as [`fmt::Display`] does.
struct Shown<T>(T);

impl<T: fmt::Display> fmt::Debug for Shown<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

/// What is known of a request. A field that was never mentioned is unknown, which is not the same
/// as missing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Request {
    fields: BTreeMap<String, Option<Value>>,
    lists: BTreeMap<String, Vec<Member>>,
}

impl Request {
    /// The same request, with the value of one more field known.
    #[must_use]
    pub fn with(mut self, field: impl Into<String>, value: impl Into<Value>) -> Self {
        self.fields.insert(field.into(), Some(value.into()));
        self
    }

    /// The same request, known not to have the field
    /// (<https://developers.cloudflare.com/ruleset-engine/rules-language/values/#notes>).
    #[must_use]
    pub fn without(mut self, field: impl Into<String>) -> Self {
        self.fields.insert(field.into(), None);
        self
    }

    /// The same request, with the members of a list known; its name is written without `$`.
    #[must_use]
    pub fn with_list(mut self, name: impl Into<String>, members: Vec<Member>) -> Self {
        self.lists.insert(name.into(), members);
        self
    }

    /// Whether the value of a field is known, or that the request does not have it.
    #[must_use]
    pub fn knows(&self, field: &str) -> bool {
        self.fields.contains_key(field)
    }

    pub(super) fn field(&self, name: &str) -> Reading<'_> {
        match self.fields.get(name) {
            None => Reading::Unknown,
            Some(None) => Reading::Missing,
            Some(Some(value)) => Reading::Known(Cow::Borrowed(value)),
        }
    }

    pub(super) fn list(&self, name: &str) -> Option<&[Member]> {
        self.lists.get(name).map(Vec::as_slice)
    }
}

/// What comes of looking a value up.
#[derive(Clone, Debug)]
pub(super) enum Reading<'r> {
    /// The value.
    Known(Cow<'r, Value>),
    /// The request has none.
    Missing,
    /// It may have any, or none.
    Unknown,
}

impl Reading<'_> {
    pub(super) fn of(value: Value) -> Self {
        Self::Known(Cow::Owned(value))
    }
}
