//! What hosts should do seen from outside, and what they do: real connections, held against the model.
//!
//! A [`Scope`] says what is expected: a state of the account, the hosts, and access tests. [`Presenter`]s are the
//! clients: without a certificate, with a stranger's, and with those that the user gives. [`run()`] asks every
//! host as every client and gives a [`Report`]: what was expected, what was seen, and for each mismatch what,
//! why and what to do. Only [`run()`] waits for anything; everything else is values in, values out.

mod answered;
mod check;
mod expected;
mod failed;
mod finding;
mod judge;
mod presenter;
mod question;
mod real;
mod report;
mod run;
mod scope;
mod seen;

pub use check::Asking;
pub use check::Check;
pub use check::Standing;
pub use expected::Expected;
pub use finding::Finding;
pub use finding::Kind;
pub use presenter::NotIssued;
pub use presenter::Presenter;
pub use question::Wish;
pub use real::is_path;
pub use report::Counts;
pub use report::HostReport;
pub use report::Report;
pub use run::ANSWERS_NOBODY;
pub use run::Options;
pub use run::run;
pub use scope::Scope;
pub use scope::UnknownHost;
pub use seen::Seen;
