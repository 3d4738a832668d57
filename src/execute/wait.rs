//! Waiting for something that lags: looks with growing pauses, and an end.

use std::time::Duration;

use tokio::time::Instant;

use crate::execute::Event;
use crate::execute::Failure;
use crate::execute::Patience;
use crate::execute::Run;
use crate::execute::Stop;
use crate::plan::Step;

/// How a wait ended, and after what time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Waited {
    /// It is so.
    Met,
    /// It was not so when the deadline came.
    TimedOut(Duration),
    /// Somebody asked to stop before it was so.
    Stopped(Duration),
}

impl Run<'_> {
    /// Looks until it is so, until the deadline, or until somebody asks to stop. The time that the looks
    /// take counts too.
    pub(super) async fn until(
        &self,
        step: &Step,
        patience: Patience,
        halt: &Stop,
        mut look: impl AsyncFnMut() -> Result<bool, Failure>,
    ) -> Result<Waited, Failure> {
        let started = Instant::now();
        for looks in 1.. {
            if look().await? {
                return Ok(Waited::Met);
            }
            let waited = started.elapsed();
            if halt.is_stopped() {
                return Ok(Waited::Stopped(waited));
            }
            let Some(wait) = patience.wait(looks, waited) else {
                return Ok(Waited::TimedOut(waited));
            };
            (self.tell)(Event::Waiting { step, waited });
            halt.sleep(wait).await;
            if halt.is_stopped() {
                break;
            }
        }
        Ok(Waited::Stopped(started.elapsed()))
    }
}
