//! Where a probe goes, and what it asks for.

use std::net::IpAddr;
use std::net::SocketAddr;

use http::HeaderName;
use http::HeaderValue;
use http::Method;

use crate::resource::Hostname;

/// A host, and where it is looked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// The host: the name in the TLS handshake and in the request.
    pub host: Hostname,
    /// Where to connect to; `None` looks the name up and takes port 443.
    pub at: Option<SocketAddr>,
    /// Which of the addresses of a name that is looked up are taken.
    pub family: Family,
}

/// Kinds of addresses.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Family {
    /// Both.
    #[default]
    Any,
    /// IPv4 only.
    Ipv4,
    /// IPv6 only.
    Ipv6,
}

impl Family {
    pub(super) fn takes(self, address: IpAddr) -> bool {
        match self {
            Self::Any => true,
            Self::Ipv4 => address.is_ipv4(),
            Self::Ipv6 => address.is_ipv6(),
        }
    }

    /// The word for its addresses.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Any => "IP",
            Self::Ipv4 => "IPv4",
            Self::Ipv6 => "IPv6",
        }
    }
}

/// Which HTTP is spoken.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Http {
    /// What the server prefers.
    #[default]
    Any,
    /// HTTP/1.1.
    One,
    /// HTTP/2.
    Two,
}

impl Http {
    /// The names that are offered in the handshake, the preferred first.
    pub(super) fn alpn(self) -> Vec<Vec<u8>> {
        let names: &[&[u8]] = match self {
            Self::Any => &[b"h2", b"http/1.1"],
            Self::One => &[b"http/1.1"],
            Self::Two => &[b"h2"],
        };
        names.iter().map(|name| name.to_vec()).collect()
    }
}

/// One request, without a body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The method.
    pub method: Method,
    /// The path, perhaps with a query; begins with `/`.
    pub path: String,
    /// Headers besides `Host`.
    pub headers: Vec<(HeaderName, HeaderValue)>,
    /// Which HTTP is spoken.
    pub http: Http,
}
