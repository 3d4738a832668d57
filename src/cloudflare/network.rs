//! The transport over the network: HTTPS to one host, with the token.
//!
//! The only holder of the token in the crate. Follows no redirect, trusts the system's roots, and speaks
//! plain HTTP with nobody but this machine.

use std::error::Error as StdError;
use std::fmt;
use std::io;
use std::time::Duration;

use bytes::Bytes;
use bytes::BytesMut;
use futures::FutureExt as _;
use futures::future::BoxFuture;
use http::Request;
use http::Response;
use http::header::AUTHORIZATION;
use http::header::HeaderValue;
use reqwest::Url;
use secrecy::ExposeSecret as _;
use secrecy::SecretString;

use crate::cloudflare::Transport;
use crate::cloudflare::TransportError;

/// Where Cloudflare's API lives.
pub const DEFAULT_BASE_URL: &str = "https://api.cloudflare.com/client/v4";

const USER_AGENT: &str = concat!("mtlsctl/", env!("CARGO_PKG_VERSION"));

/// The longest body that is read, in bytes.
const BODY_LIMIT: usize = 64 << 20;

/// How long the network may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Timeouts {
    /// Until a connection stands.
    pub connect: Duration,
    /// Until the answer is whole, counted from the start.
    pub whole: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            whole: Duration::from_secs(60),
        }
    }
}

/// HTTPS to the API.
pub struct Network {
    client: reqwest::Client,
    base: String,
    host: String,
    authorization: HeaderValue,
    timeouts: Timeouts,
}

/// Why there can be no [`Network`]. Never holds the base URL, which may have a password in it, or the token.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidNetwork {
    /// The base URL cannot be read.
    #[error("the base URL is no URL: {reason}")]
    BaseUrl {
        /// What the parser met.
        reason: String,
    },
    /// The base URL has a scheme, query, user or fragment that does not belong there.
    #[error("the base URL must look like {DEFAULT_BASE_URL}: {surplus} does not belong there")]
    Surplus {
        /// What does not belong there.
        surplus: &'static str,
    },
    /// The token would travel in the clear.
    #[error(
        "the base URL must start with https://: over plain HTTP the token would be readable on its way to {host}"
    )]
    Plain {
        /// Where to.
        host: String,
    },
    /// The token is empty, or has a character that no header may have.
    #[error("the API token is {fault}")]
    Token {
        /// What is wrong with it; never the token.
        fault: &'static str,
    },
    /// TLS cannot be set up.
    #[error("TLS cannot be set up: {reason}")]
    Tls {
        /// The causes, outermost first.
        reason: String,
    },
}

impl Network {
    /// A transport to the API below `base_url`, such as [`DEFAULT_BASE_URL`].
    ///
    /// # Errors
    /// [`InvalidNetwork`]; nothing is sent yet.
    pub fn new(
        base_url: &str,
        token: &SecretString,
        timeouts: Timeouts,
    ) -> Result<Self, InvalidNetwork> {
        let base = checked(base_url)?;
        let authorization = bearer(token)?;
        // Fails where a provider is installed already, which then is this one: the tree has no other.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let mut client = reqwest::Client::builder()
            .user_agent(USER_AGENT)
            .redirect(reqwest::redirect::Policy::none())
            .referer(false)
            .connect_timeout(timeouts.connect)
            .timeout(timeouts.whole);
        if is_this_machine(&base) {
            client = client.no_proxy();
        }
        if base.scheme() == "http" {
            // A machine without any root certificate can talk to itself nevertheless.
            client = client.tls_certs_only([]);
        }
        Ok(Self {
            client: client.build().map_err(|error| InvalidNetwork::Tls {
                reason: causes(&error),
            })?,
            host: host_and_port(&base),
            base: base.as_str().trim_end_matches('/').to_owned(),
            authorization,
            timeouts,
        })
    }

    async fn exchange(&self, request: Request<Bytes>) -> Result<Response<Bytes>, TransportError> {
        let (head, body) = request.into_parts();
        let url = format!("{}{}", self.base, head.uri);
        let mut answer = self
            .client
            .request(head.method, url)
            .headers(head.headers)
            .header(AUTHORIZATION, self.authorization.clone())
            .body(body)
            .send()
            .await
            .map_err(|error| self.failure(error))?;
        let mut body = BytesMut::new();
        while let Some(chunk) = answer.chunk().await.map_err(|error| self.failure(error))? {
            if body.len() + chunk.len() > BODY_LIMIT {
                return Err(TransportError::TooLarge {
                    host: self.host.clone(),
                    limit: BODY_LIMIT,
                });
            }
            body.extend_from_slice(&chunk);
        }
        let mut response = Response::new(body.freeze());
        *response.status_mut() = answer.status();
        *response.headers_mut() = answer.headers().clone();
        Ok(response)
    }

    fn failure(&self, error: reqwest::Error) -> TransportError {
        let host = self.host.clone();
        let reason = causes(&error);
        if error.is_connect() {
            if is_distrust(&error) {
                return TransportError::Untrusted { host, reason };
            }
            return TransportError::Connect { host, reason };
        }
        if error.is_timeout() {
            let seconds = self.timeouts.whole.as_secs();
            return TransportError::TimedOut { host, seconds };
        }
        TransportError::Broken { host, reason }
    }
}

impl Transport for Network {
    fn send(
        &self,
        request: Request<Bytes>,
    ) -> BoxFuture<'_, Result<Response<Bytes>, TransportError>> {
        self.exchange(request).boxed()
    }
}

impl fmt::Debug for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Network")
            .field("host", &self.host)
            .finish_non_exhaustive()
    }
}

fn checked(base_url: &str) -> Result<Url, InvalidNetwork> {
    let base = Url::parse(base_url.trim()).map_err(|error| InvalidNetwork::BaseUrl {
        reason: error.to_string(),
    })?;
    let surplus = |surplus| Err(InvalidNetwork::Surplus { surplus });
    if !matches!(base.scheme(), "https" | "http") {
        return surplus("the scheme");
    }
    if !base.username().is_empty() || base.password().is_some() {
        return surplus("a user or password");
    }
    if base.query().is_some() {
        return surplus("a query");
    }
    if base.fragment().is_some() {
        return surplus("a fragment");
    }
    if base.scheme() == "http" && !is_this_machine(&base) {
        return Err(InvalidNetwork::Plain {
            host: host_and_port(&base),
        });
    }
    Ok(base)
}

fn is_this_machine(base: &Url) -> bool {
    let host = base.host_str().unwrap_or_default();
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost"
        || address
            .parse::<std::net::IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

fn host_and_port(base: &Url) -> String {
    let host = base.host_str().unwrap_or_default();
    match base.port() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    }
}

fn bearer(token: &SecretString) -> Result<HeaderValue, InvalidNetwork> {
    let token = token.expose_secret().trim();
    if token.is_empty() {
        return Err(InvalidNetwork::Token { fault: "empty" });
    }
    let is_plain = token.bytes().all(|byte| byte.is_ascii_graphic());
    let value = HeaderValue::try_from(format!("Bearer {token}"));
    match value {
        Ok(mut value) if is_plain => {
            value.set_sensitive(true);
            Ok(value)
        }
        _ => Err(InvalidNetwork::Token {
            fault: "not one word of plain ASCII characters",
        }),
    }
}

/// What lies below an error, outermost first. The error itself only repeats the URL.
fn causes(error: &reqwest::Error) -> String {
    let mut words: Vec<String> = Vec::new();
    let mut next = error.source();
    while let Some(cause) = next {
        let text = cause.to_string();
        // The HTTP library's own layer says no more than that there is a cause.
        let is_empty = text.starts_with("client error (");
        if !is_empty && words.last().is_none_or(|last| !last.contains(&text)) {
            words.push(text);
        }
        next = cause.source();
    }
    if words.is_empty() {
        words.push("no reason was given".to_owned());
    }
    words.join(": ")
}

/// Whether the other side's certificate is what stopped us: asking again would not help.
fn is_distrust(error: &(dyn StdError + 'static)) -> bool {
    if let Some(rustls::Error::InvalidCertificate(_)) = error.downcast_ref() {
        return true;
    }
    // What an I/O error wraps is not among its sources.
    let wrapped = error
        .downcast_ref::<io::Error>()
        .and_then(io::Error::get_ref);
    match wrapped {
        Some(inner) => is_distrust(inner),
        None => error.source().is_some_and(is_distrust),
    }
}
