//! TLS probes: what a server does with one connection and one request, as a client sees it from outside.
//!
//! A [`Prober`] trusts the system's roots and those that it is given. It connects to a [`Target`], perhaps with
//! a [`Credential`], sends one [`Request`], and tells in a [`Probe`] whether it was asked for a certificate, of
//! which CAs, and what came back or what went wrong. It says what happened and never whether that is right:
//! that is for `verify`.
//!
//! No session is resumed, no redirect followed, and nothing is sent to a server whose certificate is not
//! trusted. Private keys stay in memory, and neither print nor log.

mod alert;
mod answer;
mod asked;
mod credential;
mod distinguished_name;
mod exchange;
mod failure;
mod heard;
mod probe;
mod prober;
mod target;

pub use alert::Alert;
pub use answer::Answer;
pub use asked::Asked;
pub use asked::Offered;
pub use credential::Credential;
pub use credential::InvalidCredential;
pub use distinguished_name::readable;
pub use distinguished_name::subject;
pub use failure::Distrust;
pub use failure::Failure;
pub use failure::Stage;
pub use probe::Probe;
pub use probe::Session;
pub use prober::InvalidRoots;
pub use prober::Prober;
pub use target::Family;
pub use target::Http;
pub use target::Request;
pub use target::Target;
