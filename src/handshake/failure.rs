//! What goes wrong with a probe, told apart as people tell it apart.

use std::error::Error as StdError;
use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use jiff::Timestamp;
use rustls::CertificateError;
use rustls::OtherError;

use crate::handshake::Alert;

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// The name cannot be looked up.
    #[error("its name cannot be looked up: {reason}")]
    Unresolved {
        /// What the system said.
        reason: String,
    },
    /// The name has no address that may be taken.
    #[error("its name has no {family} address")]
    NoAddress {
        /// The kind of address.
        family: &'static str,
    },
    /// Nobody listens there.
    #[error("{at} refuses connections")]
    Refused {
        /// Where.
        at: SocketAddr,
    },
    /// There is no way there.
    #[error("no connection to {at}: {reason}")]
    NoConnection {
        /// Where.
        at: SocketAddr,
        /// What the system said.
        reason: String,
    },
    /// It comes to no end.
    #[error("it hangs {stage}: {} within {}", stage.lacks(), seconds(*after))]
    Hangs {
        /// While doing what.
        stage: Stage,
        /// How long it was waited for.
        after: Duration,
    },
    /// The connection broke.
    #[error("it breaks the connection off {stage}")]
    Reset {
        /// While doing what.
        stage: Stage,
    },
    /// The server said why it goes.
    #[error("it ends the connection {stage} with the TLS alert {alert}")]
    Alert {
        /// While doing what.
        stage: Stage,
        /// What it said.
        alert: Alert,
    },
    /// The server's certificate is not trusted.
    #[error("its server certificate {0}")]
    Untrusted(Distrust),
    /// It does not speak TLS.
    #[error("it does not speak TLS on this port")]
    NoTls,
    /// TLS came to an end for another reason.
    #[error("the TLS handshake fails: {reason}")]
    Tls {
        /// What the library said.
        reason: String,
    },
    /// It asks for a certificate, and takes none with a key like that of this client.
    #[error("it takes no signature that the key of this client can make")]
    KeptBack,
    /// It does not speak HTTP/2.
    #[error("it does not offer HTTP/2")]
    NoHttp2,
    /// What came is no HTTP answer.
    #[error("what it answers is no HTTP: {reason}")]
    NoHttp {
        /// What the library said.
        reason: String,
    },
    /// The request cannot be sent like this.
    #[error("there is no such request: {reason}")]
    Request {
        /// What is wrong with it.
        reason: String,
    },
}

/// How far a probe got.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stage {
    /// Looking the name up, and connecting.
    Connecting,
    /// In the TLS handshake.
    Handshake,
    /// After it: the request is sent, and the answer is awaited.
    Answer,
}

impl Stage {
    /// What there is none of where it comes to no end.
    fn lacks(self) -> &'static str {
        match self {
            Self::Connecting => "no connection",
            Self::Handshake => "no end of it",
            Self::Answer => "no whole answer",
        }
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Connecting => "while connecting",
            Self::Handshake => "in the TLS handshake",
            Self::Answer => "after the request",
        })
    }
}

/// What is wrong with a server certificate; follows *its server certificate*.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Distrust {
    /// Its time is over.
    #[error("expired{}", day(" on", *.0))]
    Expired(Option<Timestamp>),
    /// Its time has not come.
    #[error("is not valid yet{}", day(", only from", *.0))]
    NotYetValid(Option<Timestamp>),
    /// It is for other names.
    #[error("is not for this host but for {}", names(.0))]
    Name(Vec<String>),
    /// Its issuer is not trusted here.
    #[error("is not issued by a CA that is trusted here")]
    UnknownIssuer,
    /// It is no certificate that a server can show, whoever issued it; what it is or does follows *its server
    /// certificate*.
    #[error("{0}")]
    Unfit(String),
}

fn seconds(time: Duration) -> String {
    if time.subsec_millis() == 0 {
        format!("{} s", time.as_secs())
    } else {
        format!("{} ms", time.as_millis())
    }
}

fn day(word: &str, at: Option<Timestamp>) -> String {
    at.map_or_else(String::new, |at| format!("{word} {}", at.strftime("%F")))
}

fn names(names: &[String]) -> String {
    if names.is_empty() {
        "none at all".to_owned()
    } else {
        names.join(", ")
    }
}

impl Failure {
    /// What an I/O error of a connection means at some stage.
    pub(super) fn of(error: &io::Error, stage: Stage) -> Self {
        if let Some(tls) = error.get_ref().and_then(tls) {
            return Self::of_tls(tls, stage);
        }
        match error.kind() {
            io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::BrokenPipe
            | io::ErrorKind::NotConnected
            | io::ErrorKind::UnexpectedEof => Self::Reset { stage },
            _ => Self::Tls {
                reason: error.to_string(),
            },
        }
    }

    fn of_tls(error: &rustls::Error, stage: Stage) -> Self {
        match error {
            rustls::Error::AlertReceived(alert) => Self::Alert {
                stage,
                alert: Alert::of(*alert),
            },
            rustls::Error::InvalidCertificate(error) => Self::Untrusted(Distrust::of(error)),
            rustls::Error::InvalidMessage(_) | rustls::Error::PeerSentOversizedRecord
                if stage == Stage::Handshake =>
            {
                Self::NoTls
            }
            other => Self::Tls {
                reason: other.to_string(),
            },
        }
    }

    /// Whether any other client would meet the same, so that there is no use in asking again.
    #[must_use]
    pub fn is_for_everybody(&self) -> bool {
        match self {
            Self::Unresolved { .. }
            | Self::NoAddress { .. }
            | Self::Refused { .. }
            | Self::NoConnection { .. }
            | Self::Untrusted(_)
            | Self::NoTls
            | Self::NoHttp2 => true,
            Self::Hangs { stage, .. } => *stage != Stage::Answer,
            Self::Alert { alert, .. } => alert.is_for_everybody(),
            Self::Reset { .. }
            | Self::Tls { .. }
            | Self::KeptBack
            | Self::NoHttp { .. }
            | Self::Request { .. } => false,
        }
    }
}

impl Distrust {
    fn of(error: &CertificateError) -> Self {
        let at = |time: &rustls::pki_types::UnixTime| {
            let seconds = i64::try_from(time.as_secs()).ok()?;
            Timestamp::from_second(seconds).ok()
        };
        match error {
            CertificateError::Expired => Self::Expired(None),
            CertificateError::ExpiredContext { not_after, .. } => Self::Expired(at(not_after)),
            CertificateError::NotValidYet => Self::NotYetValid(None),
            CertificateError::NotValidYetContext { not_before, .. } => {
                Self::NotYetValid(at(not_before))
            }
            CertificateError::NotValidForName => Self::Name(Vec::new()),
            CertificateError::NotValidForNameContext { presented, .. } => {
                let plain = presented.iter().map(|name| plain(name));
                Self::Name(plain.collect())
            }
            CertificateError::UnknownIssuer => Self::UnknownIssuer,
            other => Self::Unfit(unfit(other)),
        }
    }
}

/// What is wrong with a certificate that is neither late, nor of another host, nor of an unknown issuer.
fn unfit(error: &CertificateError) -> String {
    let words = match error {
        CertificateError::BadEncoding => "cannot be read",
        CertificateError::BadSignature => {
            "carries a signature that does not fit, or of a key that is too short"
        }
        CertificateError::Revoked => "has been revoked",
        CertificateError::InvalidPurpose | CertificateError::InvalidPurposeContext { .. } => {
            NOT_FOR_SERVERS
        }
        CertificateError::UnsupportedSignatureAlgorithmContext { .. }
        | CertificateError::UnsupportedSignatureAlgorithmForPublicKeyContext { .. } => {
            "is signed in a way that is not trusted, such as with SHA-1"
        }
        CertificateError::Other(OtherError(inner)) => match inner.downcast_ref() {
            Some(webpki::Error::CaUsedAsEndEntity) => {
                "is that of a CA, which signs others and is shown by no server"
            }
            Some(webpki::Error::UnsupportedCriticalExtension) => {
                "has a critical extension that nobody knows"
            }
            // The verifier of the platform keeps its type to itself.
            None if format!("{inner:?}") == "EkuError" => NOT_FOR_SERVERS,
            _ => return format!("cannot be used: {inner}"),
        },
        other => return format!("cannot be used: {other}"),
    };
    words.to_owned()
}

const NOT_FOR_SERVERS: &str = "is not meant for servers (extended key usage)";

/// A name without the library's word for its kind, as in `DnsName("a.example.com")` or `IpAddress(192.0.2.1)`.
fn plain(name: &str) -> String {
    let inner = name
        .split_once('(')
        .and_then(|(_, rest)| rest.strip_suffix(')'));
    inner.unwrap_or(name).trim_matches('"').to_owned()
}

/// The TLS library's own error in what an I/O error wraps.
fn tls<'e>(error: &'e (dyn StdError + Send + Sync + 'static)) -> Option<&'e rustls::Error> {
    let mut next: Option<&'e (dyn StdError + 'static)> = Some(error);
    while let Some(error) = next {
        if let Some(found) = error.downcast_ref() {
            return Some(found);
        }
        next = error.source();
    }
    None
}
