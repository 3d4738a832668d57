//! The model of the edge: who gets in, and which rule decides.
//!
//! A [`State`] says what the edge would know of an account: its CAs, which hosts ask for certificates
//! of which of them, and the custom rules of its zones. A [`Client`] is a kind of caller, told apart by
//! who issued its certificate. [`presented`] says what of a request is fixed by zone, host and client;
//! a [`Model`] takes it through a rule list, for all values of what is not fixed at once, and gives the
//! [`Course`]: which rule decides for which of them.
//!
//! An [`AccessTest`] says what must become of some requests, and is judged on any state.
//!
//! Nobody outside Cloudflare can tell which certificates `cert_verified` is true for, so there are two
//! [`Reading`]s, and a claim holds only if it holds under both. Values in, values out.
//!
//! What is assumed: several CAs on one host are accepted together; account-level rules, IP Access rules,
//! redirects, Workers and resumed sessions are not part of it.

mod access_test;
mod asks;
mod ca;
mod client;
mod clients;
mod course;
mod explanation;
mod failure;
mod given;
mod kin;
mod model;
mod presented;
mod rule;
mod state;

pub use access_test::AccessTest;
pub use access_test::Credential;
pub(crate) use access_test::quoted;
pub use asks::Asks;
pub use asks::Reading;
pub use ca::Authority;
pub use ca::Ca;
pub use ca::Key;
pub use client::Client;
pub use client::Issued;
pub use client::KeyIds;
pub use client::Path;
pub use clients::clients;
pub use course::Course;
pub use course::Decision;
pub use course::Place;
pub use course::Verdict;
pub use explanation::Explained;
pub use explanation::Explanation;
pub use explanation::Matching;
pub use failure::Decider;
pub use failure::Failure;
pub use failure::Found;
pub use failure::Why;
pub use given::InvalidGiven;
pub use given::fields;
pub use given::given;
pub use given::is_tested;
pub use kin::HostTests;
pub use model::Model;
pub use presented::Presented;
pub use presented::presented;
pub use rule::CERTIFICATE_FIELDS;
pub use rule::Effect;
pub use rule::Rule;
pub use state::State;
pub use state::ZoneState;
