//! What can happen to a call on its way, and which call is meant.

use bytes::Bytes;
use http::Response;
use mtlsctl::cloudflare::TransportError;

use crate::support::account::Recorded;

/// Which call is meant; all are counted from 1, since the last [`ModelAccount::forget_calls`].
#[derive(Debug, Clone, Copy)]
pub(crate) enum When {
    /// The n-th call.
    Call(usize),
    /// The n-th call that is no GET.
    Write(usize),
    /// The n-th call of a method whose path has this in it.
    To(&'static str, &'static str, usize),
}

/// What becomes of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    /// No connection comes about.
    Unreachable,
    /// The connection breaks on the way there.
    ResetBefore,
    /// The connection breaks on the way back.
    ResetAfter,
    /// It is done, and no answer comes.
    LostReply,
    /// It is done, and half of the answer comes.
    HalfBody,
    /// It is not done: a page that says 500.
    Broken,
    /// It is done, and the answer is a page that says 500.
    BrokenAfter,
    /// It is not done: too many requests, come back in so many seconds.
    Throttled(u64),
    /// It is not done, for want of a permission.
    Forbidden,
    /// It is not done, and no answer comes.
    LostRequest,
    /// It is not done, and whoever made it is gone.
    KilledBefore,
    /// It is done, and whoever made it is gone by the time of the answer.
    KilledAfter,
    /// It is a read, and shows what the first read of this path showed.
    Stale,
}

impl When {
    /// Whether the last of these calls is the one that is meant.
    pub(crate) fn is_last_of(self, calls: &[Recorded]) -> bool {
        let is_meant = |call: &&Recorded| match self {
            Self::Call(_) => true,
            Self::Write(_) => call.method != "GET",
            Self::To(method, part, _) => call.method == method && call.path.contains(part),
        };
        let (Self::Call(nth) | Self::Write(nth) | Self::To(_, _, nth)) = self;
        calls.last().is_some_and(|call| is_meant(&call))
            && calls.iter().filter(is_meant).count() == nth
    }
}

impl Fault {
    pub(crate) fn arrives(self) -> bool {
        match self {
            Self::Unreachable
            | Self::ResetBefore
            | Self::Broken
            | Self::Throttled(_)
            | Self::Forbidden
            | Self::LostRequest
            | Self::KilledBefore
            | Self::Stale => false,
            Self::ResetAfter
            | Self::LostReply
            | Self::HalfBody
            | Self::BrokenAfter
            | Self::KilledAfter => true,
        }
    }

    /// Whether it is the end of whoever made the call.
    pub(crate) fn kills(self) -> bool {
        matches!(self, Self::KilledBefore | Self::KilledAfter)
    }

    /// What the client gets to see, where the account gave this answer.
    pub(crate) fn spoil(
        self,
        answer: Option<Response<Bytes>>,
    ) -> Result<Response<Bytes>, TransportError> {
        let host = "the model".to_owned();
        let reason = "as the test has it".to_owned();
        let page = |status: u16, body: &'static str| {
            Response::builder()
                .status(status)
                .body(Bytes::from_static(body.as_bytes()))
                .expect("a response")
        };
        match self {
            Self::Unreachable => Err(TransportError::Connect { host, reason }),
            Self::ResetBefore | Self::ResetAfter => Err(TransportError::Broken { host, reason }),
            Self::Stale => Ok(answer.expect("read before")),
            Self::KilledBefore | Self::KilledAfter => unreachable!("nobody is there to see it"),
            Self::LostReply | Self::LostRequest => {
                Err(TransportError::TimedOut { host, seconds: 60 })
            }
            Self::HalfBody => {
                let mut answer = answer.expect("it arrives");
                let half = answer.body().len() / 2;
                answer.body_mut().truncate(half);
                Ok(answer)
            }
            Self::Broken | Self::BrokenAfter => Ok(page(500, "<html>Internal error</html>")),
            Self::Throttled(seconds) => {
                let body = r#"{"code":971,"message":"Please wait and consider throttling your request speed"}"#;
                let mut answer = page(429, body);
                answer.headers_mut().insert("retry-after", seconds.into());
                Ok(answer)
            }
            Self::Forbidden => Ok(page(
                403,
                r#"{"success":false,"errors":[{"code":10000,"message":"Authentication error"}],"messages":[],"result":null}"#,
            )),
        }
    }
}
