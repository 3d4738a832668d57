//! Who gets in where: a row for each group of hosts, a column for each client.

use crate::edge::Reading;
use crate::edge::Verdict;
use crate::resource::Hostname;
use crate::resource::ZoneName;

/// The matrix.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Coverage {
    /// The clients, in the words of [`crate::edge::Client`]: first the one without a certificate, then the
    /// stranger.
    pub clients: Vec<String>,
    /// The hosts; those that nothing tells apart share a row.
    pub rows: Vec<Row>,
}

/// Hosts that nothing tells apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// Their zone.
    pub zone: ZoneName,
    /// The hosts; empty for *any other host* of the zone.
    pub hosts: Vec<Hostname>,
    /// The names of the CAs whose certificates they ask for.
    pub cas: Vec<String>,
    /// One for each client.
    pub cells: Vec<Cell>,
}

/// What becomes of one client's requests, leaving aside those that rules stop that have nothing to do with
/// certificates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cell {
    /// If certificates are verified against the host's CAs only.
    pub per_host: Outcome,
    /// If they are verified against all CAs of the account.
    pub account_wide: Outcome,
}

/// What becomes of some requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The same for all of them.
    Always(Verdict),
    /// It depends on the request.
    Depends,
    /// It could not be found out.
    Unknown,
}

impl Cell {
    /// Under one reading.
    #[must_use]
    pub fn under(&self, reading: Reading) -> Outcome {
        match reading {
            Reading::PerHost => self.per_host,
            Reading::AccountWide => self.account_wide,
        }
    }
}
