//! The one narrow door to the network.

use bytes::Bytes;
use futures::future::BoxFuture;
use http::Request;
use http::Response;

/// Sends one request and brings its answer, whatever it says. No retry, no redirect, no judgement.
pub trait Transport: Send + Sync {
    /// Sends `request`, whose target is a path and a query below the API's base URL, and which carries
    /// no credentials yet.
    fn send(
        &self,
        request: Request<Bytes>,
    ) -> BoxFuture<'_, Result<Response<Bytes>, TransportError>>;
}

/// Why there is no answer. What matters most is whether the request may have taken effect.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TransportError {
    /// No connection came about; the request was certainly not sent.
    #[error("cannot connect to {host}: {reason}")]
    Connect {
        /// Where to.
        host: String,
        /// The causes, outermost first.
        reason: String,
    },
    /// The other side's certificate is not trusted; the request was certainly not sent.
    #[error(
        "{host} is not trusted: {reason}; if a proxy inspects this network's traffic, add its CA to the system's trust store"
    )]
    Untrusted {
        /// Where to.
        host: String,
        /// The causes, outermost first.
        reason: String,
    },
    /// Sent, perhaps, and not answered in time.
    #[error("{host} gave no whole answer within {seconds} s")]
    TimedOut {
        /// Where to.
        host: String,
        /// How long it was given.
        seconds: u64,
    },
    /// Sent, perhaps, and the connection broke before the answer was whole.
    #[error("the connection to {host} broke: {reason}")]
    Broken {
        /// Where to.
        host: String,
        /// The causes, outermost first.
        reason: String,
    },
    /// Sent, and answered with more than anybody should read.
    #[error("{host} answered with more than {} MiB", limit / 1024 / 1024)]
    TooLarge {
        /// Where to.
        host: String,
        /// The most that is read.
        limit: usize,
    },
}

impl TransportError {
    /// Whether the request may have reached the other side.
    #[must_use]
    pub fn may_have_arrived(&self) -> bool {
        !matches!(self, Self::Connect { .. } | Self::Untrusted { .. })
    }

    /// Whether sending the same once more may help.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        !matches!(self, Self::Untrusted { .. } | Self::TooLarge { .. })
    }
}
