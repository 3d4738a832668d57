//! What stands before the account: who is calling, and whether they call too often.

use std::collections::BTreeSet;

use bytes::Bytes;
use http::Request;
use http::Response;
use jiff::SignedDuration;
use jiff::Timestamp;

use crate::sandbox::account::Account;
use crate::sandbox::envelope::Refusal;
use crate::sandbox::permission::Permission;
use crate::sandbox::rate_limit::Allowance;
use crate::sandbox::rate_limit::RateLimiter;
use crate::sandbox::token::Caller;

/// Calls without a known token are counted together under this name.
const STRANGERS: &str = "";

/// Answers a request as it comes from the network, the token in its `Authorization` header.
pub fn respond(
    account: &mut Account,
    limiter: &mut RateLimiter,
    request: &Request<Bytes>,
    now: Timestamp,
) -> Response<Bytes> {
    admit(account, limiter, request, now).answer(account, request, now)
}

/// Answers a request of a caller who is known already, or who is refused already.
pub(crate) fn respond_as(
    account: &mut Account,
    limiter: &mut RateLimiter,
    caller: Result<Caller, Refusal>,
    request: &Request<Bytes>,
    now: Timestamp,
) -> Response<Bytes> {
    Admitted::new(limiter, caller, now).answer(account, request, now)
}

/// Finds out who sends a request, and counts it.
pub(crate) fn admit(
    account: &Account,
    limiter: &mut RateLimiter,
    request: &Request<Bytes>,
    now: Timestamp,
) -> Admitted {
    let caller = account.authenticate(request.headers(), request.uri().path());
    Admitted::new(limiter, caller, now)
}

/// A call that was counted, and not answered yet.
pub(crate) struct Admitted {
    caller: Result<Caller, Refusal>,
    allowance: Allowance,
}

impl Admitted {
    fn new(limiter: &mut RateLimiter, caller: Result<Caller, Refusal>, now: Timestamp) -> Self {
        let allowance = limiter.count(name(&caller), now);
        Self { caller, allowance }
    }

    /// The id of the token; `None` for strangers.
    pub(crate) fn token_id(&self) -> Option<&str> {
        self.caller.as_ref().ok().map(Caller::token_id)
    }

    /// Whether the rate limit refuses it.
    pub(crate) fn is_locked_out(&self) -> bool {
        self.allowance.refusal().is_some()
    }

    /// Refuses it, and every call of its token for so long.
    pub(crate) fn lock_out(
        &mut self,
        limiter: &mut RateLimiter,
        now: Timestamp,
        time: SignedDuration,
    ) {
        self.allowance = limiter.lock_out(name(&self.caller), now, time);
    }

    /// Takes permissions from its token.
    pub(crate) fn revoke(&mut self, permissions: &BTreeSet<Permission>) {
        if let Ok(caller) = &mut self.caller {
            caller.revoke(permissions);
        }
    }

    /// The answer of an account.
    pub(crate) fn answer(
        &self,
        account: &mut Account,
        request: &Request<Bytes>,
        now: Timestamp,
    ) -> Response<Bytes> {
        let mut response = match (self.allowance.refusal(), &self.caller) {
            (Some(refusal), _) => account.refuse(refusal, request, now),
            (None, Err(refusal)) => account.refuse(refusal.clone(), request, now),
            (None, Ok(caller)) => account.answer(request, caller, now),
        };
        self.allowance.stamp(response.headers_mut());
        response
    }
}

/// What the rate limit counts by.
fn name(caller: &Result<Caller, Refusal>) -> &str {
    caller.as_ref().map_or(STRANGERS, Caller::token_id)
}
