//! Whether anything answers, what the token is, and whether the account is there.

use jiff::SignedDuration;
use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::cloudflare::AccountCheckup;
use crate::cloudflare::Checkup;
use crate::cloudflare::Error;
use crate::cloudflare::TokenKind;
use crate::cloudflare::TokenState;
use crate::cloudflare::TokenStatus;
use crate::doctor::Check;
use crate::doctor::Line;
use crate::doctor::OF_LINE;
use crate::doctor::Patient;
use crate::doctor::State;
use crate::doctor::wire;
use crate::resource::AccountId;

/// What was found, and what there is to look at further.
pub(super) struct Found<'p> {
    pub(super) checks: Vec<Check>,
    /// The account, where it is worth looking into.
    pub(super) account: Option<&'p AccountCheckup>,
    /// What was not looked at, but for what rests on the account.
    pub(super) unasked: Vec<&'static str>,
}

/// A token that ends sooner than this is worth a warning.
const SOON: SignedDuration = SignedDuration::from_hours(30 * 24);

pub(super) fn checks<'p>(
    patient: &Patient,
    checkup: &'p Checkup,
    account: &AccountId,
) -> Found<'p> {
    let is_offline = matches!(patient.line, Line::Offline { .. });
    let mut found = Found {
        checks: Vec::new(),
        account: None,
        unasked: Vec::new(),
    };
    if let Some(error) = checkup
        .token
        .as_ref()
        .err()
        .filter(|error| error.is_no_answer_of_the_api())
    {
        found.checks.push(no_api(error));
        found.unasked.extend(OF_LINE);
        return found;
    }
    if is_offline {
        let sentence = "an offline account answers, without a token";
        found
            .checks
            .push(Check::new("connection", State::Ok, sentence));
    } else {
        found.checks.push(wire::latency(&patient.heard));
        found.checks.push(token(&checkup.token, patient.at));
    }
    let Some(seen) = &checkup.account else {
        found.unasked.push("the account");
        return found;
    };
    if let Some(error) = [seen.zones.as_ref().err(), seen.cas.as_ref().err()]
        .into_iter()
        .flatten()
        .find(|error| error.is_no_answer_of_the_api())
    {
        found.checks.push(no_api(error));
        found.unasked.push("the account");
        return found;
    }
    let (check, is_there) = in_account(checkup, seen, account);
    found.checks.push(check);
    if is_there {
        found.account = Some(seen);
    }
    found
}

fn no_api(error: &Error) -> Check {
    let remedy = match error {
        Error::NoAnswer { .. } => {
            "check the network, a proxy (HTTPS_PROXY) and CLOUDFLARE_BASE_URL from this machine"
        }
        Error::LockedOut { .. } => "come back then; others may share the budget of this token",
        error if error.is_lockout() => {
            "come back in five minutes; others may share the budget of this token"
        }
        _ => {
            "something else than Cloudflare's API answers: check a proxy on the way and CLOUDFLARE_BASE_URL"
        }
    };
    Check::new("connection", State::Problem, error.to_string()).remedy(remedy)
}

fn token(token: &Result<TokenState, Error>, at: Timestamp) -> Check {
    let check = |state, sentence: String| Check::new("token", state, sentence);
    let state = match token {
        Ok(state) => state,
        Err(error @ Error::TokenRefused { .. }) => {
            return check(State::Problem, error.to_string()).remedy(
                "check the token for a typing error and the account id, or make a new token in the dashboard",
            );
        }
        Err(error) => {
            return check(
                State::NotKnown,
                format!("it could not be verified: {error}"),
            );
        }
    };
    let whose = match state.kind {
        TokenKind::User => "a user's token",
        TokenKind::Account => "a token of the account itself",
    };
    match (&state.status, state.expires_on) {
        (TokenStatus::Disabled, _) => {
            check(State::Problem, format!("{whose}, and somebody disabled it"))
                .remedy("enable it in the dashboard, or make a new one")
        }
        (TokenStatus::Expired, _) => check(State::Problem, format!("{whose}, and it is expired"))
            .remedy("make a new one, or give this one a later end in the dashboard"),
        (TokenStatus::Other(word), _) => check(
            State::Warning,
            format!("{whose}, with a status that is not known here: {word}"),
        ),
        (TokenStatus::Active, None) => check(State::Ok, format!("{whose}, active, without an end")),
        (TokenStatus::Active, Some(end)) => {
            let day = TimeZone::UTC.to_datetime(end).date();
            let sentence = format!("{whose}, active until {day}");
            if end.duration_since(at) < SOON {
                check(State::Warning, sentence)
                    .remedy("give it a later end, or make a new one before that day")
            } else {
                check(State::Ok, sentence)
            }
        }
    }
}

/// Whether the account is there at all. A wrong id and a token without any permission on the account give
/// the same answers.
fn in_account(checkup: &Checkup, seen: &AccountCheckup, account: &AccountId) -> (Check, bool) {
    let no_zones = match &seen.zones {
        Ok(zones) => zones.is_empty(),
        Err(error) => error.is_permission() || error.is_not_found(),
    };
    let no_cas = seen
        .cas
        .as_ref()
        .is_err_and(|error| error.is_permission() || error.is_not_found());
    let is_its_own = checkup
        .token
        .as_ref()
        .is_ok_and(|token| token.kind == TokenKind::Account);
    if no_zones && no_cas && !is_its_own {
        let sentence = format!(
            "nothing of account {account} shows: either the id is wrong, or the token lacks all permissions on it"
        );
        let check = Check::new("account", State::Problem, sentence).remedy(
            "compare the id with the one in the dashboard's address; if it is right, edit the token and include \
             this account and its zones",
        );
        return (check, false);
    }
    let sentence = format!("{account} answers");
    (Check::new("account", State::Ok, sentence), true)
}

/// Reads that failed for another reason than a permission: the first, and how many more.
pub(super) fn other_failures(checkup: &Checkup) -> Option<Check> {
    let others: Vec<&Error> = checkup
        .failures()
        .filter(|error| !error.is_permission())
        .collect();
    let (first, more) = others.split_first()?;
    let sentence = match more.len() {
        0 => format!("a read failed: {first}"),
        more => format!("{} reads failed, the first: {first}", more + 1),
    };
    let check = Check::new("reads", State::Problem, sentence);
    Some(check.remedy("run again; if it stays, ask Cloudflare's support with the cf-ray"))
}
