//! Ctrl-C and SIGTERM during a run: the first asks it to stop, the second ends it at once.

#[cfg(unix)]
use tokio::signal::unix::Signal;
#[cfg(unix)]
use tokio::signal::unix::SignalKind;

use crate::execute::Stopper;

/// Ctrl-C and SIGTERM, from the moment this is made: none is lost between two waits, and none ends the
/// process by itself any more.
pub(super) struct Signals {
    #[cfg(unix)]
    kinds: [Option<Signal>; 2],
}

#[cfg(unix)]
impl Signals {
    pub(super) fn listen() -> Self {
        let kinds = [SignalKind::interrupt(), SignalKind::terminate()];
        Self {
            kinds: kinds.map(|kind| tokio::signal::unix::signal(kind).ok()),
        }
    }

    /// Ready at the next one.
    pub(super) async fn next(&mut self) {
        let [interrupt, terminate] = &mut self.kinds;
        tokio::select! {
            () = received(interrupt) => {}
            () = received(terminate) => {}
        }
    }
}

#[cfg(unix)]
async fn received(signal: &mut Option<Signal>) {
    match signal {
        Some(signal) => {
            signal.recv().await;
        }
        // Where it cannot be listened to it has kept its usual effect.
        None => std::future::pending().await,
    }
}

#[cfg(not(unix))]
impl Signals {
    pub(super) fn listen() -> Self {
        Self {}
    }

    /// Ready at the next Ctrl-C.
    pub(super) async fn next(&mut self) {
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending().await
        }
    }
}

/// Asks `stopper` at the first signal, and is ready at the second.
pub(super) async fn watch(mut signals: Signals, stopper: Stopper, say: impl Fn(&str)) {
    signals.next().await;
    stopper.stop();
    say("stopping: the call in flight is finished first (again to quit at once)");
    signals.next().await;
}
