//! One thing that was expected and one that was seen.

use crate::handshake::Asked;
use crate::handshake::Offered;
use crate::verify::Expected;
use crate::verify::Seen;

/// One request to a host, as one client.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// The name of the client.
    pub client: String,
    /// What it counts as: `none`, `stranger`, or the CA that issued its certificate.
    pub counts_as: String,
    /// The request, such as `GET /`; of an access test that was not run, its path.
    pub request: String,
    /// Where the access test stands, if it is one.
    pub test: Option<String>,
    /// What should become of it; `None` where that cannot be told.
    pub expected: Option<Expected>,
    /// What became of it; `None` if it was not sent.
    pub seen: Option<Seen>,
    /// How the two stand to each other.
    pub standing: Standing,
}

/// How what was seen stands to what was expected.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// It is what was expected.
    AsExpected,
    /// It is not.
    Mismatch,
    /// Nothing was sent, for this reason.
    NotRun(String),
}

/// Whether a host asks for a client certificate, and for whose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asking {
    /// The CAs that it should ask for; none where it should not ask.
    pub(super) declared: Vec<Declared>,
    /// What it does.
    pub seen: Asked,
}

/// A CA that a host should ask for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Declared {
    pub(super) name: String,
    /// The subjects of its certificates; none where they are not known.
    pub(super) subjects: Vec<Offered>,
}

impl Asking {
    /// Whether it should ask.
    #[must_use]
    pub fn is_expected(&self) -> bool {
        !self.declared.is_empty()
    }

    /// The names of the CAs that it should ask for.
    #[must_use]
    pub fn declared(&self) -> Vec<String> {
        self.declared.iter().map(|ca| ca.name.clone()).collect()
    }

    /// The names of CAs that it should offer and does not. A server that offers none leaves open whose
    /// certificates it takes.
    #[must_use]
    pub fn missing(&self) -> Vec<String> {
        let Asked::Yes(offered) = &self.seen else {
            return Vec::new();
        };
        if offered.is_empty() {
            return Vec::new();
        }
        let missing = self.declared.iter().filter(|ca| {
            let is_known = !ca.subjects.is_empty();
            is_known && !ca.subjects.iter().any(|subject| offered.contains(subject))
        });
        missing.map(|ca| ca.name.clone()).collect()
    }

    /// How it stands.
    #[must_use]
    pub fn standing(&self) -> Standing {
        match (&self.seen, self.is_expected()) {
            (Asked::Unknown, _) => Standing::NotRun("no handshake got as far as that".to_owned()),
            (Asked::No, false) => Standing::AsExpected,
            (Asked::Yes(_), true) if self.missing().is_empty() => Standing::AsExpected,
            _ => Standing::Mismatch,
        }
    }
}
