//! The `live` stage.
