//! What the program says, as text, for programs and for the places where changes are discussed.
//!
//! Values in, text out: nothing here prints. Colours are written as escape sequences into the text; the
//! stream that prints it takes them out where they are not wanted.

pub mod access_tests;
pub mod audit;
pub mod check;
pub mod doctor;
pub mod drift;
pub mod effects;
pub mod explain;
pub mod gaps;
pub mod github;
pub mod graph;
pub mod hosts;
pub mod journal;
pub mod json;
pub mod junit;
pub mod layout;
pub mod markdown;
pub mod outcome;
pub mod paint;
pub mod plan;
pub mod problem;
mod rule;
pub mod saved;
pub mod shown;
pub mod stale;
pub mod status;
pub mod verify;
pub mod words;
