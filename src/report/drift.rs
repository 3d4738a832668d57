//! Drift as text, and what that has in common with other formats.

pub(super) mod items;
pub(super) mod text;
pub(super) mod words;

pub use text::text;
