//! A diagnosis as text and as JSON.

mod json;
mod text;

pub use json::Document;
pub use json::json;
pub use text::text;
