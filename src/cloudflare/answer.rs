//! What an answer that is no success tells: which call, how, and why.

use std::fmt;
use std::time::Duration;

use http::StatusCode;

/// Which call was answered, and how.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// Method and path.
    pub call: String,
    /// The HTTP status.
    pub status: StatusCode,
    /// Cloudflare's name for the request, the header `cf-ray`: what its support asks for.
    pub ray: Option<String>,
    /// When the server wants to be asked again.
    pub retry_after: Option<Duration>,
}

/// One item of the envelope's `errors`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Its number, where it has one.
    pub code: Option<i64>,
    /// Its words, in one line.
    pub message: String,
    /// A JSON pointer into the request.
    pub pointer: Option<String>,
}

/// What a body is instead of an envelope.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Damage {
    /// Nothing at all.
    #[error("an empty body instead of JSON")]
    Empty,
    /// A page for people, from the edge or a proxy.
    #[error("HTML instead of JSON")]
    Html,
    /// JSON that breaks off.
    #[error("truncated JSON")]
    Truncated,
    /// Something else.
    #[error("no JSON")]
    NotJson,
    /// JSON, but not Cloudflare's envelope.
    #[error("JSON without the envelope of this API; check the base URL")]
    NoEnvelope,
}

impl fmt::Display for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: answered {}", self.call, self.status.as_u16())?;
        match &self.ray {
            Some(ray) => write!(f, " (cf-ray {ray})"),
            None => Ok(()),
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        if let Some(code) = self.code {
            write!(f, " ({code})")?;
        }
        match &self.pointer {
            Some(pointer) => write!(f, " at `{pointer}`"),
            None => Ok(()),
        }
    }
}

/// Whether a status says that the token is not enough.
pub(crate) fn is_permission(status: StatusCode) -> bool {
    status == StatusCode::FORBIDDEN || status == StatusCode::UNAUTHORIZED
}
