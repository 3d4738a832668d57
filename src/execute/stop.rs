//! Being asked to stop: by a signal, or because another lane failed.

use std::time::Duration;

use tokio::sync::watch;

/// The end that asks.
#[derive(Debug, Clone)]
pub struct Stopper(watch::Sender<bool>);

/// The end that looks. Calls in flight are never cut; whoever would begin something looks first.
#[derive(Debug, Clone)]
pub struct Stop {
    asked: Vec<watch::Receiver<bool>>,
    own: watch::Sender<bool>,
}

impl Stopper {
    /// A pair of ends.
    #[must_use]
    pub fn new() -> (Self, Stop) {
        let (sender, receiver) = watch::channel(false);
        (
            Self(sender.clone()),
            Stop {
                asked: vec![receiver],
                own: sender,
            },
        )
    }

    /// Asks everybody to stop.
    pub fn stop(&self) {
        self.0.send_replace(true);
    }
}

impl Stop {
    /// A stop of its own that also follows this one.
    #[must_use]
    pub(crate) fn child(&self) -> Self {
        let (own, receiver) = watch::channel(false);
        let mut asked = self.asked.clone();
        asked.push(receiver);
        Self { asked, own }
    }

    /// Asks those who follow this end.
    pub(crate) fn stop(&self) {
        self.own.send_replace(true);
    }

    /// Whether somebody asked.
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        self.asked.iter().any(|asked| *asked.borrow())
    }

    /// Waits that long, or until somebody asks.
    pub async fn sleep(&self, wait: Duration) {
        let asked = self.asked.clone().into_iter().map(|mut one| {
            Box::pin(async move {
                if one.wait_for(|asked| *asked).await.is_err() {
                    // Nobody is left who could ask.
                    std::future::pending::<()>().await;
                }
            })
        });
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            _ = futures::future::select_all(asked) => {}
        }
    }
}
