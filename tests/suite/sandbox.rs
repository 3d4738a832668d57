//! Tests of the offline account.
