//! One thing that an audit found: what, on which object, how bad, and what to do.

use std::fmt;
use std::ops::Range;

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Good to know.
    Info,
    /// Will hurt some day.
    Low,
    /// Protects less than it seems to, or will soon lock somebody out.
    Medium,
    /// Stands open, or locks somebody out.
    High,
}

impl Severity {
    /// The word for it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// The kinds of findings. Their ids are what `accept` in a file and other programs name: they never
/// change.
macro_rules! kinds {
    ($($kind:ident $id:literal $about:literal,)*) => {
        /// What kind of thing was found.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Kind {
            $(#[doc = $about] $kind,)*
        }

        impl Kind {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$kind,)*];

            /// The id, which never changes.
            #[must_use]
            pub fn id(self) -> &'static str {
                match self { $(Self::$kind => $id,)* }
            }

            /// What it means, in one sentence.
            #[must_use]
            pub fn about(self) -> &'static str {
                match self { $(Self::$kind => $about,)* }
            }
        }
    };
}

kinds! {
    FailingTest "failing-test" "An access test of the file does not hold.",
    Open "open" "A host asks for certificates, and no rule turns away clients that have none.",
    OnlyLogging "only-logging" "The rule that would turn clients away only logs them.",
    OnlyChallenging "only-challenging" "The rule challenges clients without a certificate instead of blocking them.",
    Disabled "disabled" "The rule that would turn clients away is disabled.",
    PartlyOpen "partly-open" "Some requests reach a protected host without a certificate.",
    Bypass "bypass" "A rule lets requests past the rule that would turn them away.",
    AnyCertificate "any-certificate" "A certificate that anybody can make gets in.",
    LetterCase "letter-case" "A host in another letter case is not protected.",
    HostPort "host-port" "A host with a port is not protected, if the edge keeps the port.",
    LockedOut "locked-out" "A rule asks for certificates on a host that does not.",
    NotAdmitted "not-admitted" "Clients of a CA of the host are turned away.",
    PinnedToRoot "pinned-to-root" "A rule names a root, and an intermediate below it issues.",
    Unpinned "unpinned" "Clients of CAs of other hosts may get in.",
    UnknownKeyId "unknown-key-id" "A rule names a key id that no CA of the account has.",
    ManagedLeftover "managed-leftover" "A host with an own CA still has the one that Cloudflare runs.",
    Revoked "revoked" "Revoked certificates of the CA that Cloudflare runs get in.",
    RevokedOwnCa "revoked-own-ca" "A rule relies on revocation, which there is not for own CAs.",
    NotAnalysed "not-analysed" "Something could not be analysed.",
    IpAllowed "ip-allowed" "An IP Access rule lets addresses past all custom rules.",
    AccountRules "account-rules" "Rules of the account run before those of its zones.",
    Redirect "redirect" "A redirect answers before custom rules run.",
    PausedZone "paused-zone" "The edge does not serve a zone with protected hosts.",
    DnsOnly "dns-only" "Requests to a protected host do not go through the edge.",
    CaExpired "ca-expired" "A CA is expired or not yet valid.",
    CaExpiring "ca-expiring" "A CA expires soon.",
    CaWeak "ca-weak" "A CA is easier to forge than it should be.",
    CaUnverifiable "ca-unverifiable" "A CA uses an algorithm that Cloudflare never verifies.",
    CaNoKeyId "ca-no-key-id" "A CA has no key id, so it cannot be pinned.",
    CaUnused "ca-unused" "A CA holds a slot of the quota, and no host uses it.",
    CaQuota "ca-quota" "There is no free slot for the next CA.",
    RuleQuota "rule-quota" "A zone has almost as many rules as its plan allows.",
    ExpressionSize "expression-size" "An expression is almost as long as it may be.",
}

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// How bad it is.
    pub severity: Severity,
    /// What kind of thing it is.
    pub kind: Kind,
    /// What it was found on: a host, `CA <name>`, `rule <zone>/<ref>`, `zone <name>` or `account`.
    pub object: String,
    /// What was found, as a sentence.
    pub sentence: String,
    /// More about it, each as a sentence or an example.
    pub details: Vec<String>,
    /// What to do about it, as a sentence.
    pub remedy: String,
    /// The expression that it is about.
    pub excerpt: Option<Excerpt>,
}

/// An expression, and where it matters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Excerpt {
    /// Whose it is, such as ``rule `Partners only` in example.com``.
    pub origin: String,
    /// Its text, as the account holds it.
    pub expression: String,
    /// The bytes of it that matter.
    pub mark: Range<usize>,
    /// What is said of them.
    pub label: String,
}

impl Finding {
    /// A finding with its sentence.
    #[must_use]
    pub fn new(
        severity: Severity,
        kind: Kind,
        object: impl Into<String>,
        sentence: impl Into<String>,
    ) -> Self {
        Self {
            severity,
            kind,
            object: object.into(),
            sentence: sentence.into(),
            details: Vec::new(),
            remedy: String::new(),
            excerpt: None,
        }
    }

    /// Says more.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<String>) -> Self {
        self.details.push(detail.into());
        self
    }

    /// Says what to do.
    #[must_use]
    pub fn remedy(self, remedy: impl Into<String>) -> Self {
        let remedy = remedy.into();
        Self { remedy, ..self }
    }

    /// Shows where.
    #[must_use]
    pub fn excerpt(self, excerpt: Option<Excerpt>) -> Self {
        Self { excerpt, ..self }
    }
}
