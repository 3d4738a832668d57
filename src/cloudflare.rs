//! The `cloudflare` stage.
