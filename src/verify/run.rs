//! The run itself: every host is asked as every client, some hosts at a time.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::time::Duration;

use futures::StreamExt as _;
use futures::stream;

use crate::handshake::Asked;
use crate::handshake::Failure;
use crate::handshake::Family;
use crate::handshake::Probe;
use crate::handshake::Prober;
use crate::handshake::Target;
use crate::resource::Hostname;
use crate::resource::ZoneName;
use crate::verify::Asking;
use crate::verify::Check;
use crate::verify::HostReport;
use crate::verify::Presenter;
use crate::verify::Report;
use crate::verify::Scope;
use crate::verify::Seen;
use crate::verify::Standing;
use crate::verify::Wish;
use crate::verify::judge;
use crate::verify::question;
use crate::verify::question::Item;
use crate::verify::question::Question;

/// How a run goes.
#[derive(Debug, Clone)]
pub struct Options {
    /// Who connects, and which server certificates it trusts.
    pub prober: Prober,
    /// The clients, in the order in which each host is asked as them.
    pub presenters: Vec<Presenter>,
    /// What requests look like.
    pub wish: Wish,
    /// Where to connect to, for hosts whose names are not looked up.
    pub addresses: BTreeMap<Hostname, SocketAddr>,
    /// Which addresses are taken of names that are looked up.
    pub family: Family,
    /// How long each stage of a request may take: connecting, the handshake, the answer.
    pub limit: Duration,
    /// How many hosts are asked at a time, at least 1; each is asked one request at a time.
    pub parallel: usize,
    /// The statuses that count as blocked; `None` for 403 and what the rules for the host answer with.
    pub blocked: Option<BTreeSet<u16>>,
}

/// Why a request is not sent where one before it found the host out of reach; the finding of that one says more.
pub const ANSWERS_NOBODY: &str = "the host answers nobody";

/// The status that Cloudflare blocks with unless a rule says another.
///
/// <https://developers.cloudflare.com/ruleset-engine/rules-language/actions/>
const BLOCKED: u16 = 403;

/// Asks every host of a scope as every client. Changes nothing, and always comes to an end: a host that gives no
/// answer is a finding like any other.
pub async fn run(scope: &Scope, options: &Options) -> Report {
    // Collected, so that the whole may be sent between threads: the compiler sees it of a list, not of an iterator.
    let hosts = scope.hosts.iter();
    let examined: Vec<_> = hosts
        .map(|(host, zone)| examine(scope, options, host, zone))
        .collect();
    let hosts = stream::iter(examined).buffered(options.parallel.max(1));
    let presenters = options.presenters.iter();
    Report {
        hosts: hosts.collect().await,
        remarks: presenters
            .filter_map(|one| Some((one.name().to_owned(), one.remark()?.to_owned())))
            .collect(),
    }
}

async fn examine(scope: &Scope, options: &Options, host: &Hostname, zone: &ZoneName) -> HostReport {
    let target = Target {
        host: host.clone(),
        at: options.addresses.get(host).copied(),
        family: options.family,
    };
    let blocked = options.blocked.clone().unwrap_or_else(|| {
        let mut blocked = scope.responses.get(host).cloned().unwrap_or_default();
        blocked.insert(BLOCKED);
        blocked
    });
    let (mut session, mut seen) = (None, Asked::Unknown);
    let mut checks = Vec::new();
    let mut is_vain = false;
    for item in question::questions(scope, &options.presenters, &options.wish, host, zone) {
        let question = match item {
            Item::NotAsked(check) => {
                checks.push(check);
                continue;
            }
            Item::Asked(question) if is_vain => {
                checks.push(unsent(question));
                continue;
            }
            Item::Asked(question) => question,
        };
        let credential = question.presenter.credential();
        let probe = options
            .prober
            .probe(&target, credential, &question.request, options.limit);
        let Probe {
            session: agreed,
            asked,
            answer,
        } = probe.await;
        let answers = checks.iter().any(|check| judge::verdict(check).is_some());
        is_vain = !answers && answer.as_ref().is_err_and(Failure::is_for_everybody);
        session = session.or(agreed);
        checks.push(sent(question, Seen::of(answer, &asked, &blocked)));
        seen = heard(seen, asked);
    }
    let asking = Asking {
        declared: question::declared(scope, host, zone),
        seen,
    };
    let judged = judge::judge(host, &asking, &checks);
    HostReport {
        host: host.clone(),
        zone: zone.clone(),
        session,
        findings: judged.findings,
        notes: judged.notes,
        asking,
        checks,
    }
}

/// What two connections together tell: a host that once does not ask does not ask everybody.
fn heard(before: Asked, now: Asked) -> Asked {
    match (before, now) {
        (Asked::No, _) | (_, Asked::No) => Asked::No,
        (Asked::Unknown, now) => now,
        (before, _) => before,
    }
}

fn sent(question: Question<'_>, seen: Seen) -> Check {
    let Question {
        presenter,
        request,
        expected,
        test,
    } = question;
    let is_right = seen
        .verdict()
        .is_some_and(|verdict| expected.allows(verdict));
    Check {
        client: presenter.name().to_owned(),
        counts_as: presenter.counts_as().to_owned(),
        request: question::shown(&request),
        test,
        expected: Some(expected),
        seen: Some(seen),
        standing: if is_right {
            Standing::AsExpected
        } else {
            Standing::Mismatch
        },
    }
}

fn unsent(question: Question<'_>) -> Check {
    Check {
        client: question.presenter.name().to_owned(),
        counts_as: question.presenter.counts_as().to_owned(),
        request: question::shown(&question.request),
        test: question.test,
        expected: Some(question.expected),
        seen: None,
        standing: Standing::NotRun(ANSWERS_NOBODY.to_owned()),
    }
}
