//! The `execute` stage.
