//! The `desired` stage.
