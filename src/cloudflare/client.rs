//! Sends calls: paces them, repeats them where that can do no harm, counts and traces them.
//!
//! Knows nothing of what the answers mean. A call that must not be repeated blindly comes back with its
//! failure, and the writer looks what became of it.

use std::fmt;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering;
use std::time::Duration;

use bytes::Bytes;
use http::Response;
use jiff::Timestamp;
use serde::de::DeserializeOwned;
use tokio::time::Instant;

use crate::cloudflare::Budget;
use crate::cloudflare::Call;
use crate::cloudflare::Error;
use crate::cloudflare::Heard;
use crate::cloudflare::Reader;
use crate::cloudflare::Retry;
use crate::cloudflare::Transport;
use crate::cloudflare::TransportError;
use crate::cloudflare::Writer;
use crate::cloudflare::envelope;
use crate::cloudflare::envelope::Opened;
use crate::cloudflare::pace::Pace;
use crate::cloudflare::pace::Ratelimit;

/// How patient the client is, and how fast.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Settings {
    /// When calls are repeated.
    pub retry: Retry,
    /// How many may be sent in how long.
    pub budget: Budget,
}

/// The API, ready to be asked. Clones share the budget and the count.
#[derive(Clone)]
pub struct Client(Arc<Line>);

struct Line {
    transport: Box<dyn Transport>,
    retry: Retry,
    pace: Pace,
    calls: AtomicU64,
    heard: Mutex<Heard>,
}

impl Client {
    /// A client behind a transport.
    #[must_use]
    pub fn new(transport: impl Transport + 'static, settings: Settings) -> Self {
        let Settings { retry, budget } = settings;
        Self(Arc::new(Line {
            transport: Box::new(transport),
            retry,
            pace: Pace::new(budget),
            calls: AtomicU64::new(0),
            heard: Mutex::default(),
        }))
    }

    /// What can look.
    #[must_use]
    pub fn reader(&self) -> Reader {
        Reader::new(self.clone())
    }

    /// What can change things. To be made where a person has agreed to that, and nowhere else.
    #[must_use]
    pub fn writer(&self) -> Writer {
        Writer::new(self.clone())
    }

    /// How many requests were sent so far, repeated ones included.
    #[must_use]
    pub fn calls(&self) -> u64 {
        self.0.calls.load(Ordering::Relaxed)
    }

    /// What the answers so far have told beside their bodies.
    #[must_use]
    pub fn heard(&self) -> Heard {
        let heard = self.0.heard.lock();
        heard.unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn retry(&self) -> &Retry {
        &self.0.retry
    }

    /// Sends a call until it is answered clearly, or until it must not be sent again.
    pub(crate) async fn send<T: DeserializeOwned>(&self, call: &Call) -> Result<Opened<T>, Error> {
        let mut since = None;
        let mut sent = 0;
        loop {
            self.permit(call).await?;
            let first = *since.get_or_insert_with(Instant::now);
            sent += 1;
            let error = match self.attempt(call, sent).await {
                Ok(opened) => return Ok(opened),
                Err(error) => error,
            };
            let is_harmless = call.is_idempotent() || !error.may_have_taken_effect();
            if !(error.is_retryable() && is_harmless) {
                return Err(error);
            }
            let wish = error.retry_after();
            match self.0.retry.delay(sent, first.elapsed(), wish) {
                // The budget is closed for that long already, for everybody: waited for, and told, once.
                Some(_) if error.is_lockout() => {}
                Some(wait) => pause(&error, wait).await,
                None => return Err(error),
            }
        }
    }

    async fn permit(&self, call: &Call) -> Result<(), Error> {
        let patience = self.0.retry.deadline;
        self.0
            .pace
            .permit(patience)
            .await
            .map_err(|wait| Error::LockedOut {
                call: call.to_string(),
                wait,
            })
    }

    async fn attempt<T: DeserializeOwned>(
        &self,
        call: &Call,
        attempt: u32,
    ) -> Result<Opened<T>, Error> {
        self.0.calls.fetch_add(1, Ordering::Relaxed);
        let started = Instant::now();
        let answer = self.0.transport.send(call.request()).await;
        let took = started.elapsed();
        trace(call, attempt, took, &answer);
        let response = answer.map_err(|cause| Error::NoAnswer {
            call: call.to_string(),
            cause,
        })?;
        let now = Timestamp::now();
        let limit = ratelimit(&response);
        let heard = self.0.heard.lock();
        let mut heard = heard.unwrap_or_else(PoisonError::into_inner);
        heard.answer(&response, limit, (took, now));
        drop(heard);
        self.0.pace.learn(limit, envelope::lockout(&response, now));
        envelope::open(call, &response, now)
    }
}

/// Waits before a call is sent again, and says so where somebody may wonder.
pub(crate) async fn pause(error: &Error, wait: Duration) {
    let ms = milliseconds(wait);
    // Whoever waited a whole timeout for nothing wonders already.
    let was_silent = matches!(
        error,
        Error::NoAnswer {
            cause: TransportError::TimedOut { .. },
            ..
        }
    );
    if was_silent || wait >= Duration::from_secs(5) {
        tracing::warn!(target: "mtlsctl::api", ms, "Waiting before the next attempt: {error}.");
    } else {
        tracing::debug!(target: "mtlsctl::api", ms, "Waiting before the next attempt: {error}.");
    }
    tokio::time::sleep(wait).await;
}

/// As a number that JSON logs can hold.
fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

fn ratelimit(response: &Response<Bytes>) -> Option<Ratelimit> {
    Ratelimit::parse(response.headers().get("ratelimit")?.to_str().ok()?)
}

/// One line for each request: never a header but `cf-ray`, never a body.
fn trace(
    call: &Call,
    attempt: u32,
    took: Duration,
    answer: &Result<Response<Bytes>, TransportError>,
) {
    let (method, path) = (call.method(), call.target());
    let ms = milliseconds(took);
    match answer {
        Ok(response) => {
            let status = response.status().as_u16();
            let ray = response.headers().get("cf-ray");
            let ray = ray.and_then(|ray| ray.to_str().ok()).unwrap_or("-");
            tracing::debug!(target: "mtlsctl::api", %method, path, status, ms, ray, attempt, "Answered.");
        }
        Err(error) => {
            tracing::debug!(target: "mtlsctl::api", %method, path, %error, ms, attempt, "Not answered.");
        }
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client")
            .field("calls", &self.calls())
            .finish_non_exhaustive()
    }
}
