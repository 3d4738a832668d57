//! Drift as text and as JSON; what it has in common with other formats.

pub(super) mod items;
mod json;
pub(super) mod text;
mod words;

pub use json::json;
pub use json::schema;
pub use text::text;
