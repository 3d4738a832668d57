//! What tests of several subjects share.

pub(crate) mod golden; // expected texts in files
