//! What a run came to, host by host.

use crate::handshake::Session;
use crate::resource::Hostname;
use crate::resource::ZoneName;
use crate::verify::Asking;
use crate::verify::Check;
use crate::verify::Finding;
use crate::verify::Standing;

/// Everything that was expected and seen, hosts by their names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// The hosts.
    pub hosts: Vec<HostReport>,
    /// What is to be known of clients, by their names.
    pub remarks: Vec<(String, String)>,
}

/// What one host does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostReport {
    /// The host.
    pub host: Hostname,
    /// Its zone.
    pub zone: ZoneName,
    /// What the first handshake that came to its end agreed on.
    pub session: Option<Session>,
    /// Whether it asks for a certificate.
    pub asking: Asking,
    /// The requests, in the order in which they were sent.
    pub checks: Vec<Check>,
    /// What is wrong, and what to do about it.
    pub findings: Vec<Finding>,
    /// What is as expected, and still to be known.
    pub notes: Vec<String>,
}

/// How many checks came out how.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// As expected.
    pub as_expected: usize,
    /// Not as expected.
    pub mismatched: usize,
    /// Not run.
    pub not_run: usize,
}

impl Report {
    /// Whether nothing is wrong. What was not run says nothing.
    #[must_use]
    pub fn is_as_expected(&self) -> bool {
        self.hosts.iter().all(|host| host.findings.is_empty())
    }

    /// The checks, counted; whether a host asks is one of them.
    #[must_use]
    pub fn counts(&self) -> Counts {
        let mut counts = Counts::default();
        for host in &self.hosts {
            let asking = host.asking.standing();
            let requests = host.checks.iter().map(|check| &check.standing);
            for standing in std::iter::once(&asking).chain(requests) {
                *match standing {
                    Standing::AsExpected => &mut counts.as_expected,
                    Standing::Mismatch => &mut counts.mismatched,
                    Standing::NotRun(_) => &mut counts.not_run,
                } += 1;
            }
        }
        counts
    }
}
