//! A look from outside between two waves: whether the run may go on.

use futures::future::BoxFuture;

/// Somebody who looks whether a wave did what it should, where reading back what was written cannot show it.
pub trait Gate: Sync {
    /// Whether it looks after this wave of the plan, counted from 0. The run lets the edge catch up before.
    fn looks_after(&self, wave: usize) -> bool;

    /// Whether the run may go on after this wave, counted from 0. It changes nothing, and is dropped half-way where
    /// somebody asks the run to stop.
    fn is_open(&self, wave: usize) -> BoxFuture<'_, bool>;
}
