//! One request, as the connection brings it.

use std::net::IpAddr;
use std::net::Ipv4Addr;

use http::HeaderMap;
use http::Method;
use http::Uri;
use http::Version;

/// One request to one host.
#[derive(Clone, Debug)]
pub struct Visit {
    /// The host as the client spells it, with the port if it names one.
    pub host: String,
    /// The method.
    pub method: Method,
    /// Path and query; a scheme and an authority in it count for nothing.
    pub uri: Uri,
    /// HTTP/1.0, HTTP/1.1 or HTTP/2.
    pub version: Version,
    /// The headers.
    pub headers: HeaderMap,
    /// Where it comes from.
    pub peer: IpAddr,
    /// The version of TLS by the name that rules give it, such as `TLSv1.3`.
    pub tls_version: &'static str,
}

impl Visit {
    /// A GET of some path on some host, with HTTP/1.1 over TLS 1.3, from the loopback address.
    #[must_use]
    pub fn to(host: &str, uri: Uri) -> Self {
        Self {
            host: host.to_owned(),
            method: Method::GET,
            uri,
            version: Version::HTTP_11,
            headers: HeaderMap::new(),
            peer: IpAddr::V4(Ipv4Addr::LOCALHOST),
            tls_version: "TLSv1.3",
        }
    }
}
