//! The literal values of the language, and names. Each can only hold what can be printed and read
//! again.

use std::fmt;
use std::net::IpAddr;
use std::net::Ipv4Addr;
use std::net::Ipv6Addr;

/// The name of a field, a function or a list.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name(String);

impl Name {
    /// The caller has made sure that `text` is a name.
    pub(super) fn new(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// The name as it is written, without the `$` of a list.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A string: bytes, since an escape can spell any byte.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Text(Vec<u8>);

impl Text {
    /// The bytes, escapes resolved.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl From<&str> for Text {
    fn from(text: &str) -> Self {
        Self(text.as_bytes().to_vec())
    }
}

impl From<String> for Text {
    fn from(text: String) -> Self {
        Self(text.into_bytes())
    }
}

impl From<Vec<u8>> for Text {
    fn from(bytes: Vec<u8>) -> Self {
        Self(bytes)
    }
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Text(\"{}\")", self.0.escape_ascii())
    }
}

/// A value that stands for itself.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Literal {
    /// A string.
    Text(Text),
    /// An integer.
    Integer(i64),
    /// An IPv4 or IPv6 address.
    Address(IpAddr),
}

/// A member of a set in braces.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Member {
    /// A string.
    Text(Text),
    /// The integers from `first` to `last`, both included; one integer if they are equal.
    Integers {
        /// The smallest.
        first: i64,
        /// The largest, not smaller than `first`.
        last: i64,
    },
    /// One address, a range or a network.
    Addresses(Addresses),
}

/// Consecutive addresses of one family: a single one, a range, or a network.
///
/// How they were written is forgotten: `10.0.0.0/31` and `10.0.0.0..10.0.0.1` are equal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Addresses {
    first: IpAddr,
    last: IpAddr,
}

impl Addresses {
    pub(super) fn single(address: IpAddr) -> Self {
        Self {
            first: address,
            last: address,
        }
    }

    /// `None` if the ends are of two families or in the wrong order.
    pub(super) fn range(first: IpAddr, last: IpAddr) -> Option<Self> {
        (first.is_ipv4() == last.is_ipv4() && first <= last).then_some(Self { first, last })
    }

    /// The network that `address` lies in; `None` if the prefix is longer than the address.
    pub(super) fn network(address: IpAddr, prefix: u32) -> Option<Self> {
        let host_bits = width(address).checked_sub(prefix)?;
        let host = u128::MAX.checked_shr(128 - host_bits).unwrap_or(0);
        let base = bits(address) & !host;
        Some(Self {
            first: like(address, base),
            last: like(address, base | host),
        })
    }

    /// The lowest address.
    #[must_use]
    pub fn first(&self) -> IpAddr {
        self.first
    }

    /// The highest address.
    #[must_use]
    pub fn last(&self) -> IpAddr {
        self.last
    }
}

impl fmt::Display for Addresses {
    /// The shortest of the three notations that says it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { first, last } = self;
        let varying = bits(*first) ^ bits(*last);
        let is_network = varying & varying.wrapping_add(1) == 0 && bits(*first) & varying == 0;
        if first == last {
            write!(f, "{first}")
        } else if is_network {
            write!(f, "{first}/{}", width(*first) - varying.count_ones())
        } else {
            write!(f, "{first}..{last}")
        }
    }
}

fn width(address: IpAddr) -> u32 {
    if address.is_ipv4() { 32 } else { 128 }
}

fn bits(address: IpAddr) -> u128 {
    match address {
        IpAddr::V4(address) => u128::from(address.to_bits()),
        IpAddr::V6(address) => address.to_bits(),
    }
}

/// The address of these bits, in the family of `model`.
fn like(model: IpAddr, bits: u128) -> IpAddr {
    match model {
        #[expect(
            clippy::cast_possible_truncation,
            reason = "the bits of an IPv4 address fit into 32"
        )]
        IpAddr::V4(_) => Ipv4Addr::from_bits(bits as u32).into(),
        IpAddr::V6(_) => Ipv6Addr::from_bits(bits).into(),
    }
}
