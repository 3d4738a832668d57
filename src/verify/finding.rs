//! What is wrong with a host, and what to do about it.

/// One mismatch; several requests that show the same are one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// What kind it is.
    pub kind: Kind,
    /// What is wrong, as a sentence about the host.
    pub what: String,
    /// What was seen, request by request.
    pub evidence: Vec<String>,
    /// Why that is so, as far as it can be told from outside.
    pub why: String,
    /// What to do.
    pub remedy: String,
}

/// The kinds of mismatches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// The host cannot be reached.
    Unreachable,
    /// Its server certificate is not trusted.
    UntrustedServer,
    /// Nothing comes back.
    Hangs,
    /// The connection breaks.
    Resets,
    /// It does not speak what it should: no TLS, no HTTP/2, no HTTP.
    Protocol,
    /// It does not ask for a client certificate.
    DoesNotAsk,
    /// It asks although no CA is declared.
    AsksUnexpectedly,
    /// It asks for certificates of other CAs.
    WrongCa,
    /// It blocks everyone.
    BlocksEveryone,
    /// It lets everyone in.
    PassesEveryone,
    /// It blocks somebody who should get in.
    Blocks,
    /// It lets somebody in who should not get in.
    Passes,
    /// It challenges where it should not, or does something else where it should challenge.
    Challenge,
}

impl Kind {
    /// The word for it, for programs.
    #[must_use]
    pub fn id(self) -> &'static str {
        match self {
            Self::Unreachable => "unreachable",
            Self::UntrustedServer => "untrusted-server-certificate",
            Self::Hangs => "hangs",
            Self::Resets => "resets",
            Self::Protocol => "protocol",
            Self::DoesNotAsk => "does-not-ask",
            Self::AsksUnexpectedly => "asks-unexpectedly",
            Self::WrongCa => "asks-with-wrong-ca",
            Self::BlocksEveryone => "blocks-everyone",
            Self::PassesEveryone => "passes-everyone",
            Self::Blocks => "blocks",
            Self::Passes => "passes",
            Self::Challenge => "challenge",
        }
    }
}
