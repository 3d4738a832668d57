//! What a run tells while it goes on.

use std::time::Duration;

use crate::execute::Meanwhile;
use crate::execute::StepOutcome;
use crate::plan::Step;
use crate::plan::Wave;

/// Something that just happened in a run.
#[derive(Debug)]
pub enum Event<'a> {
    /// The run waits for the edge before a wave.
    Settling {
        /// The wave that comes after the wait.
        wave: &'a Wave,
        /// How long.
        wait: Duration,
    },
    /// A wave begins.
    WaveStarted {
        /// Which.
        wave: &'a Wave,
    },
    /// A step is about to be done.
    StepStarted {
        /// Which.
        step: &'a Step,
    },
    /// A step has been written, or has failed.
    StepEnded {
        /// Which.
        step: &'a Step,
        /// How.
        outcome: &'a StepOutcome,
        /// Cloudflare's name for the request that decided it, the header `cf-ray`, if one was answered.
        request: Option<&'a str>,
    },
    /// What was written does not show yet, or a CA still counts as in use.
    Waiting {
        /// The step that is waited for.
        step: &'a Step,
        /// How long it has been.
        waited: Duration,
    },
    /// Somebody changed rules of a zone, and the run goes on.
    Meanwhile {
        /// What they did.
        meanwhile: &'a Meanwhile,
    },
    /// Everything that a wave wrote has been read back.
    WaveDone {
        /// Which.
        wave: &'a Wave,
    },
}
