//! What stands before the account: who is calling, and whether they call too often.

use bytes::Bytes;
use http::Request;
use http::Response;
use jiff::Timestamp;

use crate::sandbox::account::Account;
use crate::sandbox::envelope::Refusal;
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
    let caller = account.authenticate(request.headers(), request.uri().path());
    respond_as(account, limiter, caller, request, now)
}

/// Answers a request of a caller who is known already, or who is refused already.
pub(crate) fn respond_as(
    account: &mut Account,
    limiter: &mut RateLimiter,
    caller: Result<Caller, Refusal>,
    request: &Request<Bytes>,
    now: Timestamp,
) -> Response<Bytes> {
    let allowance = limiter.count(caller.as_ref().map_or(STRANGERS, Caller::token_id), now);
    let mut response = match (allowance.refusal(), caller) {
        (Some(refusal), _) | (None, Err(refusal)) => account.refuse(refusal, request, now),
        (None, Ok(caller)) => account.answer(request, &caller, now),
    };
    allowance.stamp(response.headers_mut());
    response
}
