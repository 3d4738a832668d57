//! What the answers tell beside their bodies: how fast they are, what time it is, what is left of the budget.

use std::time::Duration;

use jiff::SignedDuration;

use crate::cloudflare::Heard;
use crate::cloudflare::Ratelimit;
use crate::doctor::Check;
use crate::doctor::State;

/// Answers that take longer make every command slow.
const SLOW: Duration = Duration::from_secs(2);
/// A clock may differ so far, which is what the header's whole seconds and the way here account for.
const NEAR: SignedDuration = SignedDuration::from_secs(30);
/// From here on dates are judged wrongly.
const FAR: SignedDuration = SignedDuration::from_hours(1);
/// Fewer calls left than this, and reading an account may have to wait.
const SCARCE: u64 = 200;

pub(super) fn latency(heard: &Heard) -> Check {
    let Some(median) = heard.median() else {
        return Check::new("connection", State::NotKnown, "no answer came");
    };
    let slowest = heard.took.iter().max().copied().unwrap_or_default();
    let sentence = format!(
        "the API answers, half of the calls within {} ms, the slowest took {} ms",
        median.as_millis(),
        slowest.as_millis()
    );
    if median < SLOW {
        Check::new("connection", State::Ok, sentence)
    } else {
        Check::new("connection", State::Warning, sentence)
            .remedy("expect slow commands; a proxy on the way may be the reason")
    }
}

pub(super) fn checks(heard: &Heard) -> Vec<Check> {
    vec![clock(heard.ahead), budget(heard.budget)]
}

/// Of an account that is on this machine.
pub(super) fn no_clock() -> Check {
    Check::new(
        "clock",
        State::NotKnown,
        "an offline account has the clock of this machine, and no budget",
    )
}

fn clock(ahead: Option<SignedDuration>) -> Check {
    let Some(ahead) = ahead else {
        return Check::new("clock", State::NotKnown, "no answer told the time");
    };
    let by = ahead.unsigned_abs().as_secs();
    let which = if ahead.is_negative() {
        "behind"
    } else {
        "ahead of"
    };
    let off = format!("this machine is {by} s {which} Cloudflare");
    let remedy =
        "set the clock (NTP): dates such as `retire` and the ends of certificates are judged by it";
    match ahead.abs() {
        skew if skew < NEAR => Check::new(
            "clock",
            State::Ok,
            format!(
                "within {} s of Cloudflare's, as exactly as its answers tell",
                NEAR.as_secs()
            ),
        ),
        skew if skew < FAR => Check::new("clock", State::Warning, off).remedy(remedy),
        _ => Check::new("clock", State::Problem, off).remedy(remedy),
    }
}

fn budget(budget: Option<Ratelimit>) -> Check {
    let Some(Ratelimit { left, resets_in }) = budget else {
        return Check::new("budget", State::NotKnown, "no answer told what is left");
    };
    let seconds = resets_in.as_secs();
    let sentence =
        format!("{left} calls left for the next {seconds} s, for all who share the token's limit");
    if left < SCARCE {
        Check::new("budget", State::Warning, sentence)
            .remedy("wait, or find out who else uses this user's or account's budget")
    } else {
        Check::new("budget", State::Ok, sentence)
    }
}
