//! The `expression` stage.
