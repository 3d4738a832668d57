//! The part of the table of the API that is about rulesets. It is the same for zones and for the account,
//! but for the permissions.

use bytes::Bytes;
use http::Method;
use http::Request;
use jiff::Timestamp;
use serde_json::Value;

use crate::sandbox::account::Account;
use crate::sandbox::entry_point;
use crate::sandbox::envelope::Answer;
use crate::sandbox::envelope::Answered;
use crate::sandbox::envelope::Refusal;
use crate::sandbox::fields::Fields;
use crate::sandbox::ids::is_tag;
use crate::sandbox::level::Level;
use crate::sandbox::permission::Permission;
use crate::sandbox::permission::Permission::AccountRulesetsRead;
use crate::sandbox::permission::Permission::AccountRulesetsWrite;
use crate::sandbox::permission::Permission::AccountWafRead;
use crate::sandbox::permission::Permission::AccountWafWrite;
use crate::sandbox::permission::Permission::RedirectsRead;
use crate::sandbox::permission::Permission::RedirectsWrite;
use crate::sandbox::permission::Permission::ZoneWafRead;
use crate::sandbox::permission::Permission::ZoneWafWrite;
use crate::sandbox::phase::Phase;
use crate::sandbox::query::Query;
use crate::sandbox::route::wrong_method;
use crate::sandbox::rules;
use crate::sandbox::rulesets;
use crate::sandbox::rulesets::RulesetPath;
use crate::sandbox::token::Caller;

/// Answers a request whose path goes on with `rest` behind `…/rulesets`.
pub(crate) fn answer(
    account: &mut Account,
    level: Level<'_>,
    rest: &[&str],
    request: &Request<Bytes>,
    caller: &Caller,
    now: Timestamp,
) -> Answered {
    let path = request.uri().path();
    let query = &Query::parse(request.uri().query());
    let body = request.body();
    let is_write = *request.method() != Method::GET;
    let phase = phase_of(account, level, rest, body);
    caller.needs(&groups(level, phase, is_write), now)?;
    match (rest, request.method()) {
        ([], &Method::GET) => {
            let is_seen = |phase| {
                caller
                    .needs(&groups(level, Some(phase), false), now)
                    .is_ok()
            };
            rulesets::list(account, level, is_seen, query, path)
        }
        ([], &Method::POST) => rehearsable(account, query, |account| {
            rulesets::create(account, level, Fields::parse(body)?, path, now)
        }),
        (["phases", phase, "entrypoint"], &Method::GET) => {
            entry_point::read(account, level, phase, path)
        }
        (["phases", phase, "entrypoint"], &Method::PUT) => rehearsable(account, query, |account| {
            entry_point::replace(account, level, phase, Fields::parse(body)?, path, now)
        }),
        ([ruleset, rest @ ..], _) if is_tag(ruleset) => {
            let at = RulesetPath {
                level,
                ruleset,
                path,
            };
            one_ruleset(account, at, rest, request, query, now)
        }
        ([] | ["phases", _, "entrypoint"], _) => Err(wrong_method(request)),
        _ => Err(Refusal::no_route(path)),
    }
}

fn one_ruleset(
    account: &mut Account,
    at: RulesetPath<'_>,
    rest: &[&str],
    request: &Request<Bytes>,
    query: &Query,
    now: Timestamp,
) -> Answered {
    let body = request.body();
    match (rest, request.method()) {
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
        _ => Err(Refusal::no_route(at.path)),
    }
}

/// The phase that a request is about; `None` where it is about several, or about nothing there is.
fn phase_of(account: &Account, level: Level<'_>, rest: &[&str], body: &Bytes) -> Option<Phase> {
    match rest {
        [] => {
            let body: Value = serde_json::from_slice(body).ok()?;
            Phase::parse(body.get("phase")?.as_str()?).ok()?
        }
        ["phases", name, ..] => Phase::parse(name).ok()?,
        [id, ..] => {
            let mut rulesets = account.rulesets(level)?.iter();
            rulesets
                .find(|ruleset| ruleset.id == *id)
                .map(|ruleset| ruleset.phase)
        }
    }
}

/// The permission groups of which one is enough (API reference, section 5.3). Who may write may read.
fn groups(level: Level<'_>, phase: Option<Phase>, is_write: bool) -> Vec<Permission> {
    let (read, write): (&[Permission], &[Permission]) = match (level, phase) {
        (Level::Account, _) => (
            &[AccountWafRead, AccountRulesetsRead],
            &[AccountWafWrite, AccountRulesetsWrite],
        ),
        (Level::Zone(_), Some(Phase::CustomRules)) => (&[ZoneWafRead], &[ZoneWafWrite]),
        (Level::Zone(_), Some(Phase::Redirects)) => (&[RedirectsRead], &[RedirectsWrite]),
        (Level::Zone(_), None) => (
            &[ZoneWafRead, RedirectsRead],
            &[ZoneWafWrite, RedirectsWrite],
        ),
    };
    let read = if is_write { &[] } else { read };
    [write, read].concat()
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
        _ => Ok(Answer::Of(Value::Null)),
    }
}
