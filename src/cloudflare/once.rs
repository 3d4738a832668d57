//! Writing once although answers get lost: send, look, and only then send again.
//!
//! Expected flow, in a loop: a call fails, [`Once::failed`] says whether it may have taken effect and
//! waits, the writer looks at the account, and [`Doubt::settle`] says what that means.

use tokio::time::Instant;

use crate::cloudflare::Error;
use crate::cloudflare::Retry;
use crate::cloudflare::client;

/// The attempts at one write.
#[derive(Debug)]
pub(crate) struct Once<'a> {
    retry: &'a Retry,
    started: Instant,
    attempts: u32,
    in_doubt: bool,
}

/// A failure after which the write may be there.
#[derive(Debug)]
#[must_use = "a doubt has to be settled by looking"]
pub(crate) struct Doubt {
    error: Error,
    may_send_again: bool,
}

impl<'a> Once<'a> {
    pub(crate) fn new(retry: &'a Retry) -> Self {
        Self {
            retry,
            started: Instant::now(),
            attempts: 0,
            in_doubt: false,
        }
    }

    /// Takes the failure of one attempt, and waits where another may follow.
    ///
    /// `Err` gives the failure back where the write certainly is not there. A refusal that follows a lost
    /// answer is no such thing: it may well be about what that attempt has made.
    pub(crate) async fn failed(&mut self, error: Error) -> Result<Doubt, Error> {
        self.attempts += 1;
        let is_unclear = error.may_have_taken_effect();
        self.in_doubt |= is_unclear;
        if !self.in_doubt {
            return Err(error);
        }
        let again = if is_unclear && error.is_retryable() {
            let (elapsed, wish) = (self.started.elapsed(), error.retry_after());
            self.retry.delay(self.attempts, elapsed, wish)
        } else {
            None
        };
        if let Some(wait) = again {
            client::pause(&error, wait).await;
        }
        Ok(Doubt {
            error,
            may_send_again: again.is_some(),
        })
    }
}

impl Doubt {
    /// A failure that is final unless a look shows otherwise.
    pub(crate) fn last(error: Error) -> Self {
        Self {
            error,
            may_send_again: false,
        }
    }

    /// A look showed somebody else's write.
    pub(crate) fn overtaken(self) -> Error {
        Error::Overtaken {
            write: Box::new(self.error),
        }
    }

    /// What a look at the account means: done, or to be sent again (`None`), or failed.
    pub(crate) fn settle<T>(self, seen: Result<Option<T>, Error>) -> Result<Option<T>, Error> {
        match seen {
            Ok(None) if !self.may_send_again => Err(self.error),
            Ok(seen) => Ok(seen),
            Err(read) => Err(Error::InDoubt {
                write: Box::new(self.error),
                read: Box::new(read),
            }),
        }
    }
}
