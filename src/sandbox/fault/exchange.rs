//! What becomes of one call while faults are armed: what the account does, and what comes back of it.
//!
//! Values in, values out: waiting, cutting and resetting are the server's.

use bytes::Bytes;
use http::HeaderValue;
use http::Request;
use http::Response;
use http::StatusCode;
use http::header::CONTENT_TYPE;
use jiff::SignedDuration;
use jiff::Timestamp;
use serde::Serialize;

use crate::sandbox::account::Account;
use crate::sandbox::envelope::Refusal;
use crate::sandbox::envelope::UNCONFIRMED;
use crate::sandbox::fault::Fault;
use crate::sandbox::fault::armed::Faults;
use crate::sandbox::fault::call::Call;
use crate::sandbox::fault::foreign::Moment;
use crate::sandbox::fault::kind::Ago;
use crate::sandbox::fault::kind::Failing;
use crate::sandbox::fault::kind::Kind;
use crate::sandbox::fault::past::Past;
use crate::sandbox::fault::writer;
use crate::sandbox::front;
use crate::sandbox::front::Admitted;
use crate::sandbox::rate_limit::RateLimiter;

/// What a call finds: the account, and what is kept beside it.
pub(crate) struct Desk<'a> {
    pub(crate) account: &'a mut Account,
    pub(crate) limiter: &'a mut RateLimiter,
    pub(crate) past: &'a mut Past,
    pub(crate) faults: &'a mut Faults,
}

/// What becomes of a call.
#[derive(Debug)]
pub(crate) struct Exchange {
    /// What the account, or what stands before it, has to say. Empty where the call never arrives.
    pub(crate) response: Response<Bytes>,
    pub(crate) delivery: Delivery,
    /// How long it is held back.
    pub(crate) hold: SignedDuration,
    /// The id of the token, if it is a known one.
    pub(crate) token: Option<String>,
    pub(crate) faults: Vec<Acted>,
}

/// A fault that acted on a call.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Acted {
    pub(crate) fault: Fault,
    /// Why somebody else's write was not possible.
    #[serde(skip_serializing_if = "Option::is_none")]
    not_done: Option<String>,
}

/// How much of the answer goes out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Delivery {
    Whole,
    /// Half of the body, and then the connection is closed.
    Half,
    /// Nothing: the connection is closed.
    Cut,
    /// Nothing: the connection is reset.
    Reset,
}

/// Answers a request as it comes from the network, with what the armed faults make of it.
///
/// A call that the rate limit refuses meets no fault. Neither the account nor its past has seen it.
pub(crate) fn exchange(desk: Desk<'_>, request: &Request<Bytes>, now: Timestamp) -> Exchange {
    let faults = desk.faults;
    let desk = Desk {
        faults: &mut *faults,
        ..desk
    };
    let exchange = met(desk, request, now);
    for Acted { fault, not_done } in &exchange.faults {
        if let Some(why) = not_done {
            faults.note_in_vain(fault, why);
        }
    }
    exchange
}

fn met(desk: Desk<'_>, request: &Request<Bytes>, now: Timestamp) -> Exchange {
    let Desk {
        account,
        limiter,
        past,
        faults,
    } = desk;
    let mut admitted = front::admit(account, limiter, request, now);
    let token = admitted.token_id().map(str::to_owned);
    let mut exchange = Exchange {
        response: Response::new(Bytes::new()),
        delivery: Delivery::Whole,
        hold: SignedDuration::ZERO,
        token,
        faults: Vec::new(),
    };
    if admitted.is_locked_out() {
        exchange.response = admitted.answer(account, request, now);
        return exchange;
    }
    past.begin(account, now);
    let call = Call::of(request, account);
    let acting = faults.decide(&call);
    admitted.revoke(&faults.revoked());
    exchange.faults = acting.iter().map(Acted::new).collect();
    exchange.hold = hold(&acting);
    foreign(
        &acting,
        &[Moment::BeforeRead, Moment::InWindow],
        account,
        &call,
        now,
        &mut exchange.faults,
    );
    let end = acting.iter().map(Fault::kind).find(|kind| kind.is_end());
    match end {
        Some(Kind::Reset) => {
            exchange.delivery = Delivery::Reset;
            past.end(account, now);
            return exchange;
        }
        Some(Kind::RateLimit(time)) => {
            admitted.lock_out(limiter, now, *time);
            exchange.response = admitted.answer(account, request, now);
            past.end(account, now);
            return exchange;
        }
        Some(Kind::LostReply) => exchange.delivery = Delivery::Cut,
        Some(Kind::HalfBody) => exchange.delivery = Delivery::Half,
        _ => {}
    }
    let failing = match end {
        Some(Kind::ServerError(failing) | Kind::Html(failing)) => Some(failing),
        _ => None,
    };
    if failing.is_none_or(|failing| failing.lands) {
        exchange.response = act(&acting, &admitted, account, past, &call, request, now);
        if exchange.response.status().is_success() {
            foreign(
                &acting,
                &[Moment::AfterWrite],
                account,
                &call,
                now,
                &mut exchange.faults,
            );
        }
    }
    match end {
        Some(Kind::ServerError(failing)) => {
            let words = failing.status.canonical_reason().unwrap_or("Server error");
            let refusal = Refusal::new(failing.status, UNCONFIRMED, words);
            exchange.response = account.refuse(refusal, request, now);
        }
        Some(Kind::Html(failing)) => {
            exchange.response = page(account.refuse(Refusal::forbidden(), request, now), *failing);
        }
        _ => {}
    }
    past.end(account, now);
    exchange
}

impl Acted {
    fn new(fault: &Fault) -> Self {
        Self {
            fault: fault.clone(),
            not_done: None,
        }
    }
}

/// Lets the account answer, or its past.
fn act(
    acting: &[Fault],
    admitted: &Admitted,
    account: &mut Account,
    past: &mut Past,
    call: &Call,
    request: &Request<Bytes>,
    now: Timestamp,
) -> Response<Bytes> {
    let Some(object) = call.object() else {
        return admitted.answer(account, request, now);
    };
    if call.is_read {
        let shown = match stale(acting) {
            Some(ago) => past.ago(ago, now).cloned(),
            None => past.veiled(&object, now).cloned(),
        };
        return match shown {
            Some(mut shown) => admitted.answer(&mut shown, request, now),
            None => admitted.answer(account, request, now),
        };
    }
    let Some(time) = slow(acting) else {
        return admitted.answer(account, request, now);
    };
    let before = account.clone();
    let response = admitted.answer(account, request, now);
    if response.status().is_success() {
        let until = now.checked_add(time).unwrap_or(Timestamp::MAX);
        past.hide(object, before, (now, until));
    }
    response
}

/// Lets somebody else write, at these moments.
fn foreign(
    acting: &[Fault],
    moments: &[Moment],
    account: &mut Account,
    call: &Call,
    now: Timestamp,
    acted: &mut [Acted],
) {
    for (fault, acted) in acting.iter().zip(acted) {
        if let Kind::ForeignWriter { moment, change } = fault.kind()
            && moments.contains(moment)
            && let Err(why) = writer::write(change, account, call, now)
        {
            acted.not_done = Some(why);
        }
    }
}

fn hold(acting: &[Fault]) -> SignedDuration {
    acting
        .iter()
        .fold(SignedDuration::ZERO, |hold, fault| match fault.kind() {
            Kind::Latency(time) => hold.saturating_add(*time),
            _ => hold,
        })
}

fn stale(acting: &[Fault]) -> Option<Ago> {
    acting.iter().find_map(|fault| match fault.kind() {
        Kind::StaleRead(ago) => Some(*ago),
        _ => None,
    })
}

fn slow(acting: &[Fault]) -> Option<SignedDuration> {
    acting.iter().find_map(|fault| match fault.kind() {
        Kind::SlowPropagation(time) => Some(*time),
        _ => None,
    })
}

/// The page that something on the way sends in place of an answer, with the headers of that answer.
fn page(mut response: Response<Bytes>, failing: Failing) -> Response<Bytes> {
    let Failing { status, lands: _ } = failing;
    let title = title(status);
    let page = format!(
        "<!DOCTYPE html>\n<html><head><title>{title}</title></head>\n<body><h1>{title}</h1></body></html>\n"
    );
    *response.status_mut() = status;
    *response.body_mut() = Bytes::from(page);
    response.headers_mut().insert(
        CONTENT_TYPE,
        HeaderValue::from_static("text/html; charset=UTF-8"),
    );
    response
}

fn title(status: StatusCode) -> String {
    let reason = status.canonical_reason().unwrap_or("Error");
    format!("{} {reason}", status.as_u16())
}
