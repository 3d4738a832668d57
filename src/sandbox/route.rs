//! Which endpoint a request is for, which permission it needs, and who answers it: the table of the
//! API.

use bytes::Bytes;
use http::Method;
use http::Request;
use http::StatusCode;
use jiff::Timestamp;

use crate::sandbox::account::Account;
use crate::sandbox::certificate;
use crate::sandbox::entry_point;
use crate::sandbox::envelope::Answer;
use crate::sandbox::envelope::Answered;
use crate::sandbox::envelope::Refusal;
use crate::sandbox::fields::Fields;
use crate::sandbox::hostname_associations;
use crate::sandbox::ids::is_tag;
use crate::sandbox::permission::Permission;
use crate::sandbox::permission::Permission::AccountSslRead;
use crate::sandbox::permission::Permission::AccountSslWrite;
use crate::sandbox::permission::Permission::ZoneRead;
use crate::sandbox::permission::Permission::ZoneSslRead;
use crate::sandbox::permission::Permission::ZoneSslWrite;
use crate::sandbox::permission::Permission::ZoneWafRead;
use crate::sandbox::permission::Permission::ZoneWafWrite;
use crate::sandbox::query::Query;
use crate::sandbox::rules;
use crate::sandbox::rulesets;
use crate::sandbox::rulesets::RulesetPath;
use crate::sandbox::token::Caller;
use crate::sandbox::token::TokenKind;
use crate::sandbox::zone;

/// The base path of the API.
pub const BASE_PATH: &str = "/client/v4";

const READ_CAS: &[Permission] = &[AccountSslRead, AccountSslWrite];
const READ_HOSTS: &[Permission] = &[ZoneSslRead, ZoneSslWrite];
const READ_RULES: &[Permission] = &[ZoneWafRead, ZoneWafWrite];
const READ_ZONE: &[Permission] = &[ZoneRead, ZoneSslRead, ZoneSslWrite];

/// Answers a request that `caller` sent.
pub(crate) fn answer(
    account: &mut Account,
    request: &Request<Bytes>,
    caller: &Caller,
    now: Timestamp,
) -> Answered {
    let path = request.uri().path();
    let query = Query::parse(request.uri().query());
    let segments: Vec<&str> = match path
        .strip_prefix(BASE_PATH)
        .and_then(|rest| rest.strip_prefix('/'))
    {
        Some(rest) => rest.split('/').collect(),
        None => return Err(Refusal::no_route(path)),
    };
    match segments.as_slice() {
        ["user", "tokens", "verify"] => match *request.method() {
            Method::GET => caller.verify(TokenKind::User, now),
            _ => Err(wrong_method(request)),
        },
        ["accounts", id, rest @ ..] if is_tag(id) => {
            if *id != account.id() {
                return Err(Refusal::forbidden());
            }
            in_account(account, rest, request, &query, caller, now)
        }
        ["zones"] => match *request.method() {
            Method::GET => caller
                .needs(&[ZoneRead], now)
                .and_then(|()| zone::list(account, &query)),
            _ => Err(wrong_method(request)),
        },
        ["zones", id, "rulesets", rest @ ..] if is_tag(id) => {
            in_rulesets(account, id, rest, request, &query, caller, now)
                .map_err(Refusal::without_unconfirmed_codes)
        }
        ["zones", id, rest @ ..] if is_tag(id) => {
            in_zone(account, id, rest, request, &query, caller, now)
        }
        _ => Err(Refusal::no_route(path)),
    }
}

fn in_account(
    account: &mut Account,
    rest: &[&str],
    request: &Request<Bytes>,
    query: &Query,
    caller: &Caller,
    now: Timestamp,
) -> Answered {
    match (rest, request.method()) {
        (["tokens", "verify"], &Method::GET) => caller.verify(TokenKind::Account, now),
        (["mtls_certificates"], &Method::GET) => {
            caller.needs(READ_CAS, now)?;
            certificate::list(account, query, now)
        }
        (["mtls_certificates"], &Method::POST) => {
            caller.needs(&[AccountSslWrite], now)?;
            certificate::upload(account, Fields::parse(request.body())?, now)
        }
        (["mtls_certificates", id], &Method::GET) => {
            caller.needs(READ_CAS, now)?;
            certificate::read(account, id, now)
        }
        (["mtls_certificates", id], &Method::DELETE) => {
            caller.needs(&[AccountSslWrite], now)?;
            certificate::delete(account, id, now)
        }
        (["mtls_certificates", id, "associations"], &Method::GET) => {
            caller.needs(READ_CAS, now)?;
            certificate::associations(account, id, now)
        }
        (
            ["tokens", "verify"]
            | ["mtls_certificates"]
            | ["mtls_certificates", _]
            | ["mtls_certificates", _, "associations"],
            _,
        ) => Err(wrong_method(request)),
        _ => Err(Refusal::no_route(request.uri().path())),
    }
}

fn in_zone(
    account: &mut Account,
    zone_id: &str,
    rest: &[&str],
    request: &Request<Bytes>,
    query: &Query,
    caller: &Caller,
    now: Timestamp,
) -> Answered {
    let path = request.uri().path();
    match (rest, request.method()) {
        ([], &Method::GET) => {
            caller.needs(READ_ZONE, now)?;
            zone::read(account, zone_id, path)
        }
        (["certificate_authorities", "hostname_associations"], &Method::GET) => {
            caller.needs(READ_HOSTS, now)?;
            hostname_associations::read(account, zone_id, query, path, now)
        }
        (["certificate_authorities", "hostname_associations"], &Method::PUT) => {
            caller.needs(&[ZoneSslWrite], now)?;
            hostname_associations::replace(
                account,
                zone_id,
                Fields::parse(request.body())?,
                path,
                now,
            )
        }
        ([] | ["certificate_authorities", "hostname_associations"], _) => {
            Err(wrong_method(request))
        }
        _ => Err(Refusal::no_route(path)),
    }
}

fn in_rulesets(
    account: &mut Account,
    zone: &str,
    rest: &[&str],
    request: &Request<Bytes>,
    query: &Query,
    caller: &Caller,
    now: Timestamp,
) -> Answered {
    let path = request.uri().path();
    let body = request.body();
    let method = request.method();
    if *method == Method::GET {
        caller.needs(READ_RULES, now)?;
    } else {
        caller.needs(&[ZoneWafWrite], now)?;
    }
    match (rest, method) {
        ([], &Method::GET) => rulesets::list(account, zone, query, path),
        ([], &Method::POST) => rehearsable(account, query, |account| {
            rulesets::create(account, zone, Fields::parse(body)?, path, now)
        }),
        (["phases", phase, "entrypoint"], &Method::GET) => {
            entry_point::read(account, zone, phase, path)
        }
        (["phases", phase, "entrypoint"], &Method::PUT) => rehearsable(account, query, |account| {
            entry_point::replace(account, zone, phase, Fields::parse(body)?, path, now)
        }),
        ([ruleset, rest @ ..], method) if is_tag(ruleset) => {
            let at = RulesetPath {
                zone,
                ruleset,
                path,
            };
            match (rest, method) {
                ([], &Method::GET) => rulesets::read(account, at),
                ([], &Method::PUT) => rehearsable(account, query, |account| {
                    rulesets::replace(account, at, Fields::parse(body)?, now)
                }),
                ([], &Method::DELETE) => {
                    rehearsable(account, query, |account| rulesets::delete(account, at))
                }
                (["rules"], &Method::POST) => rehearsable(account, query, |account| {
                    rules::add(account, at, Fields::parse(body)?, now)
                }),
                (["rules", rule], &Method::PATCH) if is_tag(rule) => {
                    rehearsable(account, query, |account| {
                        rules::edit(account, at, rule, Fields::parse(body)?, now)
                    })
                }
                (["rules", rule], &Method::DELETE) if is_tag(rule) => {
                    rehearsable(account, query, |account| {
                        rules::delete(account, at, rule, now)
                    })
                }
                ([] | ["rules"], _) => Err(wrong_method(request)),
                (["rules", rule], _) if is_tag(rule) => Err(wrong_method(request)),
                _ => Err(Refusal::no_route(path)),
            }
        }
        ([] | ["phases", _, "entrypoint"], _) => Err(wrong_method(request)),
        _ => Err(Refusal::no_route(path)),
    }
}

/// Does a write, or with `dry_run=true` only finds out whether it would be done (API reference,
/// section 3.1).
fn rehearsable(
    account: &mut Account,
    query: &Query,
    write: impl FnOnce(&mut Account) -> Answered,
) -> Answered {
    if query.choice("dry_run", &["true", "false"])? != Some("true") {
        return write(account);
    }
    match write(&mut account.clone())? {
        Answer::Empty => Ok(Answer::Empty),
        _ => Ok(Answer::Of(serde_json::Value::Null)),
    }
}

fn wrong_method(request: &Request<Bytes>) -> Refusal {
    let message = format!("Method {} not available for that URI.", request.method());
    Refusal::new(StatusCode::METHOD_NOT_ALLOWED, 7001, message)
}
