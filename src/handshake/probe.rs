//! What came of one probe.

use crate::handshake::Answer;
use crate::handshake::Asked;
use crate::handshake::Failure;

/// One connection and one request, as the client saw it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Probe {
    /// What was agreed on, if the handshake came to its end.
    pub session: Option<Session>,
    /// Whether the server asked for a client certificate.
    pub asked: Asked,
    /// The answer, or why there is none.
    pub answer: Result<Answer, Failure>,
}

/// What a TLS handshake agreed on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    /// `TLS 1.3` or `TLS 1.2`.
    pub tls: &'static str,
    /// `HTTP/2` or `HTTP/1.1`.
    pub http: &'static str,
}
