//! What tests of several subjects share.

pub(crate) mod account; // an account behind the client's door
pub(crate) mod consent; // what guards ask for
pub(crate) mod dashboard; // somebody else at work in it
pub(crate) mod foreign; // rules of other people
pub(crate) mod golden; // expected texts in files
pub(crate) mod interpreter; // what the steps of a plan mean
pub(crate) mod markdown; // texts that must be harmless
pub(crate) mod operator; // plan and apply without a terminal
pub(crate) mod pki; // CAs and certificates made for a test
pub(crate) mod project; // a folder in which the binary is run
pub(crate) mod repository; // a folder in memory
pub(crate) mod scenario; // a declared world, bent in one place
pub(crate) mod script; // what can happen to a call
pub(crate) mod tls; // TLS servers, right and wrong
pub(crate) mod verdicts; // who gets in, held against two other states
