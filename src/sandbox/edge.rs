//! The TLS edge of the offline account: what a visitor of its hosts meets.
//!
//! ```text
//!  serve_edge ─▶ Edge ─▶ View ─▶ Snapshot::answer ─▶ decide ─▶ answer
//!  (sockets)    (store,  (what has   (host, certificate,  (rules in  (page, JSON)
//!                clock)   arrived)    reading)             order)
//! ```
//!
//! - [`View`] takes note of an account and lets each single change arrive after a delay of its own: a list
//!   of hosts, the text of a rule, its place, a CA, a zone. Whatever order they arrive in, nothing is later
//!   than the lag, and nothing that arrived is replaced by something older.
//! - [`Snapshot`] is what has arrived, compiled: it answers a [`Visit`] with a [`Credential`] under a
//!   [`Reading`], as a value. No clock, no socket and no randomness below it.
//! - [`Edge`] keeps a view of the account in a folder up to date, with a throw-away CA for the certificates
//!   of the hosts; [`serve_edge`] has the sockets.
//! - [`ManagedCa`] stands for the CA that Cloudflare runs: there is a certificate to visit its hosts with, and
//!   one that was revoked.
//!
//! # What is assumed
//!
//! Each request is answered by what has arrived at that moment, also on a connection that was opened
//! before: the certificate that the connection showed stays, and whether it verifies is asked anew. A
//! connection that was opened when its host asked for no certificate has none for as long as it lasts,
//! since TLS has nothing by which it could be asked for later: its requests are those of a client without a
//! certificate. No session is ever resumed. The table of assumptions in [`crate::sandbox`] has the rest.

mod answer;
mod authority;
mod certificate_names;
mod credential;
mod decide;
mod delays;
mod host;
mod managed_ca;
mod page;
mod rank;
mod request;
mod rule;
mod server;
mod snapshot;
mod thing;
mod throw_away_ca;
mod tls;
mod view;
mod visit;
mod watch;

pub use credential::Credential;
pub use credential::InvalidCredential;
pub use delays::Delays;
pub use managed_ca::ManagedCa;
pub use server::serve_edge;
pub use snapshot::Snapshot;
pub use view::View;
pub use visit::Visit;
pub use watch::Edge;
pub use watch::EdgeError;
pub use watch::EdgeOptions;

/// Which certificates `cf.tls_client_auth.cert_verified` is true for, on a host that asks for one. Which of
/// the two holds, nobody outside Cloudflare can settle (API reference, section 4.2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reading {
    /// Those of CAs that are associated with this very host.
    #[default]
    PerHost,
    /// Those of any CA of the account.
    AccountWide,
}

impl Reading {
    /// The word for it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::PerHost => "per-host",
            Self::AccountWide => "account-wide",
        }
    }
}
