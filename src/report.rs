//! What the program says, as text.
//!
//! Values in, text out: nothing here prints. Colours are written as escape sequences into the text; the
//! stream that prints it takes them out where they are not wanted.

pub mod access_tests;
pub mod audit;
pub mod doctor;
pub mod effects;
pub mod explain;
pub mod gaps;
pub mod graph;
pub mod hosts;
pub mod layout;
pub mod outcome;
pub mod paint;
pub mod plan;
pub mod problem;
mod rule;
pub mod status;
pub mod words;
