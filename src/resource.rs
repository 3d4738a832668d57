//! The `resource` stage.
