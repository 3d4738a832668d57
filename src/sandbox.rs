//! The `sandbox` stage.
