//! Drift as text and as JSON.

mod json;
mod text;
mod words;

pub use json::json;
pub use json::schema;
pub use text::text;
