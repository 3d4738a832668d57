//! Who gets in where: a row for each group of hosts, a column for each client.

use crate::audit::case::Case;
use crate::audit::case::Inquiry;
use crate::edge::Client;
use crate::edge::Course;
use crate::edge::Reading;
use crate::edge::State;
use crate::edge::Verdict;
use crate::expression::Bound;
use crate::expression::GuardSet;
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

impl Coverage {
    /// The matrix of these cases.
    pub(super) fn of(cases: &[Case<'_>], clients: &[Client], state: &State) -> Self {
        Self {
            clients: clients.iter().map(ToString::to_string).collect(),
            rows: cases.iter().map(|case| Row::of(case, state)).collect(),
        }
    }
}

impl Row {
    fn of(case: &Case<'_>, state: &State) -> Self {
        let mut inquiry = case.inquire();
        let mut outcome =
            |client, reading| outcome(&mut inquiry, client, reading).unwrap_or(Outcome::Unknown);
        let cells = case.clients.iter().map(|client| Cell {
            per_host: outcome(client, Reading::PerHost),
            account_wide: outcome(client, Reading::AccountWide),
        });
        Self {
            zone: case.zone.clone(),
            hosts: case.hosts.clone(),
            cas: state.names(&case.authorities),
            cells: cells.collect(),
        }
    }
}

/// What becomes of a client's requests that no rule stops which has nothing to do with certificates.
fn outcome(
    inquiry: &mut Inquiry<'_, '_>,
    client: &Client,
    reading: Reading,
) -> Result<Outcome, Bound> {
    let course = inquiry.course(client, reading)?;
    let stopped = inquiry.stopped_otherwise(&course)?;
    let relevant = inquiry.without(course.possible, stopped)?;
    let mut found = verdicts(inquiry, &course, relevant)?;
    if found.is_empty() {
        // Rules that have nothing to do with certificates stop all of them, in one way or another.
        found = verdicts(inquiry, &course, course.possible)?;
    }
    Ok(match found.as_slice() {
        // There is no such request.
        [] => Outcome::Always(Verdict::Block),
        [only] => Outcome::Always(*only),
        _ => Outcome::Depends,
    })
}

/// What becomes of some of the requests.
fn verdicts(
    inquiry: &mut Inquiry<'_, '_>,
    course: &Course,
    some: GuardSet,
) -> Result<Vec<Verdict>, Bound> {
    let mut found = Vec::new();
    for verdict in Verdict::ALL {
        let guards = inquiry.both(some, course.with(verdict))?;
        if inquiry.is_any(guards)? {
            found.push(verdict);
        }
    }
    Ok(found)
}
