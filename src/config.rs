//! The `config` stage.
