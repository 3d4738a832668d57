//! Which endpoint a request is for, which permission it needs, and who answers it: the table of the
//! API.

use bytes::Bytes;
use http::Method;
use http::Request;
use http::StatusCode;
use jiff::Timestamp;

use crate::sandbox::access_rule;
use crate::sandbox::account::Account;
use crate::sandbox::certificate;
use crate::sandbox::dns_record;
use crate::sandbox::envelope::Answered;
use crate::sandbox::envelope::Refusal;
use crate::sandbox::fields::Fields;
use crate::sandbox::hostname_associations;
use crate::sandbox::ids::is_tag;
use crate::sandbox::level::Level;
use crate::sandbox::permission::Permission;
use crate::sandbox::permission::Permission::AccountAccessRulesRead;
use crate::sandbox::permission::Permission::AccountAccessRulesWrite;
use crate::sandbox::permission::Permission::AccountSslRead;
use crate::sandbox::permission::Permission::AccountSslWrite;
use crate::sandbox::permission::Permission::DnsRead;
use crate::sandbox::permission::Permission::DnsWrite;
use crate::sandbox::permission::Permission::FirewallServicesRead;
use crate::sandbox::permission::Permission::FirewallServicesWrite;
use crate::sandbox::permission::Permission::ZoneRead;
use crate::sandbox::permission::Permission::ZoneSslRead;
use crate::sandbox::permission::Permission::ZoneSslWrite;
use crate::sandbox::query::Query;
use crate::sandbox::ruleset_routes;
use crate::sandbox::token::Caller;
use crate::sandbox::token::TokenKind;
use crate::sandbox::zone;

/// The base path of the API.
pub const BASE_PATH: &str = "/client/v4";

const READ_CAS: &[Permission] = &[AccountSslRead, AccountSslWrite];
const READ_HOSTS: &[Permission] = &[ZoneSslRead, ZoneSslWrite];
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
            match rest {
                ["rulesets", rest @ ..] => {
                    ruleset_routes::answer(account, Level::Account, rest, request, caller, now)
                        .map_err(Refusal::without_unconfirmed_codes)
                }
                _ => in_account(account, rest, request, &query, caller, now),
            }
        }
        ["zones"] => match *request.method() {
            Method::GET => caller
                .needs(&[ZoneRead], now)
                .and_then(|()| zone::list(account, &query)),
            _ => Err(wrong_method(request)),
        },
        ["zones", id, "rulesets", rest @ ..] if is_tag(id) => {
            ruleset_routes::answer(account, Level::Zone(id), rest, request, caller, now)
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
        (["firewall", "access_rules", "rules", rest @ ..], _) => {
            in_access_rules(account, Level::Account, rest, request, query, caller, now)
        }
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
        (["firewall", "access_rules", "rules", rest @ ..], _) => {
            let level = Level::Zone(zone_id);
            in_access_rules(account, level, rest, request, query, caller, now)
        }
        (["dns_records", rest @ ..], _) => {
            in_records(account, zone_id, rest, request, query, caller, now)
        }
        ([] | ["certificate_authorities", "hostname_associations"], _) => {
            Err(wrong_method(request))
        }
        _ => Err(Refusal::no_route(path)),
    }
}

/// IP Access rules, of a zone or of the account.
fn in_access_rules(
    account: &mut Account,
    level: Level<'_>,
    rest: &[&str],
    request: &Request<Bytes>,
    query: &Query,
    caller: &Caller,
    now: Timestamp,
) -> Answered {
    let path = request.uri().path();
    let (read, write) = match level {
        Level::Account => (AccountAccessRulesRead, AccountAccessRulesWrite),
        Level::Zone(_) => (FirewallServicesRead, FirewallServicesWrite),
    };
    match (rest, request.method()) {
        ([], &Method::GET) => {
            caller.needs(&[read, write], now)?;
            access_rule::list(account, level, query, path)
        }
        ([], &Method::POST) => {
            caller.needs(&[write], now)?;
            let fields = Fields::parse(request.body())?;
            access_rule::create(account, level, fields, path, now)
        }
        ([id], &Method::DELETE) if is_tag(id) => {
            caller.needs(&[write], now)?;
            access_rule::delete(account, level, id, path)
        }
        ([], _) => Err(wrong_method(request)),
        ([id], _) if is_tag(id) => Err(wrong_method(request)),
        _ => Err(Refusal::no_route(path)),
    }
}

fn in_records(
    account: &mut Account,
    zone: &str,
    rest: &[&str],
    request: &Request<Bytes>,
    query: &Query,
    caller: &Caller,
    now: Timestamp,
) -> Answered {
    let path = request.uri().path();
    match (rest, request.method()) {
        ([], &Method::GET) => {
            caller.needs(&[DnsRead, DnsWrite], now)?;
            dns_record::list(account, zone, query, path)
        }
        ([], &Method::POST) => {
            caller.needs(&[DnsWrite], now)?;
            let fields = Fields::parse(request.body())?;
            dns_record::create(account, zone, fields, path, now)
        }
        ([id], &Method::DELETE) if is_tag(id) => {
            caller.needs(&[DnsWrite], now)?;
            dns_record::delete(account, zone, id, path)
        }
        ([], _) => Err(wrong_method(request)),
        ([id], _) if is_tag(id) => Err(wrong_method(request)),
        _ => Err(Refusal::no_route(path)),
    }
}

pub(crate) fn wrong_method(request: &Request<Bytes>) -> Refusal {
    let message = format!("Method {} not available for that URI.", request.method());
    Refusal::new(StatusCode::METHOD_NOT_ALLOWED, 7001, message)
}
