//! An account behind the client's door: the sandbox's state machine, a clock that costs nothing, and a
//! script of what goes wrong and of what others do meanwhile.
//!
//! Every call takes [`LATENCY`] and has its effect in the middle of it, so that what overlaps can be seen.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::time::Duration;

use bytes::Bytes;
use futures::FutureExt;
use futures::future::BoxFuture;
use futures::future::pending;
use http::Method;
use http::Request;
use http::Response;
use jiff::SignedDuration;
use jiff::Timestamp;
use mtlsctl::cloudflare::Transport;
use mtlsctl::cloudflare::TransportError;
use mtlsctl::sandbox::Account;
use mtlsctl::sandbox::BASE_PATH;
use mtlsctl::sandbox::Lag;
use mtlsctl::sandbox::Permission;
use mtlsctl::sandbox::RateLimiter;
use mtlsctl::sandbox::Token;
use mtlsctl::sandbox::TokenKind;
use mtlsctl::sandbox::respond;
use serde_json::Value;
use tokio::sync::Notify;
use tokio::time::Instant;
use tokio::time::sleep;

use crate::support::dashboard::Dashboard;
use crate::support::script::Fault;
use crate::support::script::When;

/// How long each call takes.
pub(crate) const LATENCY: Duration = Duration::from_millis(100);

/// When all tests take place.
pub(crate) const NOW: &str = "2027-01-04T09:00:00Z";

/// The account, shared by the client, the script and the test.
#[derive(Clone)]
pub(crate) struct ModelAccount(Arc<Mutex<State>>);

struct State {
    account: Account,
    limiter: RateLimiter,
    secret: String,
    opened: Instant,
    calls: Vec<Recorded>,
    /// The first answer of each path that was read.
    first_reads: BTreeMap<String, Response<Bytes>>,
    script: Vec<(When, Act)>,
    /// Whether calls from now on find nobody.
    is_away: bool,
    /// The account after each write that took effect.
    history: Vec<Account>,
    /// Rings when a fault is the end of whoever made the call.
    killed: Arc<Notify>,
}

/// A call that was made.
#[derive(Debug, Clone)]
pub(crate) struct Recorded {
    pub(crate) method: String,
    /// Path and query, below the base.
    pub(crate) path: String,
    pub(crate) body: Value,
    /// When it was sent, and when it was over.
    pub(crate) from: Instant,
    pub(crate) until: Instant,
    /// `None` where it was not answered.
    pub(crate) status: Option<u16>,
    /// The first of the API's error codes.
    pub(crate) code: u64,
}

enum Act {
    Before(Box<dyn FnOnce(&mut Dashboard<'_>) + Send>),
    After(Box<dyn FnOnce(&mut Dashboard<'_>) + Send>),
    Fault(Fault),
    Outage,
}

impl ModelAccount {
    /// A new Enterprise account, in which others are at home in the first zone.
    pub(crate) fn new(zones: &[&str], quota: usize) -> Self {
        let zones: Vec<String> = zones.iter().map(|zone| (*zone).to_owned()).collect();
        let mut account = Account::enterprise(&zones, quota);
        let secret = "a-token-of-the-tests".to_owned();
        account.add_token(&secret, Token::full(TokenKind::User));
        Self(Arc::new(Mutex::new(State {
            account,
            limiter: RateLimiter::default(),
            secret,
            opened: Instant::now(),
            calls: Vec::new(),
            first_reads: BTreeMap::new(),
            script: Vec::new(),
            is_away: false,
            history: Vec::new(),
            killed: Arc::new(Notify::new()),
        })))
    }

    /// The same account once more: what happens to one does not happen to the other.
    pub(crate) fn copy(&self) -> Self {
        self.as_it_was(&self.snapshot())
    }

    /// The account as it was at some moment, once more.
    pub(crate) fn as_it_was(&self, account: &Account) -> Self {
        let state = self.state();
        Self(Arc::new(Mutex::new(State {
            account: account.clone(),
            limiter: RateLimiter::default(),
            secret: state.secret.clone(),
            opened: state.opened,
            calls: Vec::new(),
            first_reads: BTreeMap::new(),
            script: Vec::new(),
            is_away: false,
            history: Vec::new(),
            killed: Arc::new(Notify::new()),
        })))
    }

    /// The account as it is.
    pub(crate) fn snapshot(&self) -> Account {
        self.state().account.clone()
    }

    /// The account after each write so far that took effect.
    pub(crate) fn history(&self) -> Vec<Account> {
        self.state().history.clone()
    }

    /// Waits for a fault that is the end of whoever made the call.
    pub(crate) async fn killed(&self) {
        let killed = Arc::clone(&self.state().killed);
        killed.notified().await;
    }

    /// Makes reads lag this many seconds behind writes: of host lists, of certificates, and of "in use".
    pub(crate) fn lag(&self, associations: i64, certificates: i64, in_use: i64) {
        let seconds = SignedDuration::from_secs;
        self.state().account.set_lag(Lag {
            associations: seconds(associations),
            certificates: seconds(certificates),
            in_use: seconds(in_use),
        });
    }

    /// Goes on with a token that lacks some permissions.
    pub(crate) fn without(&self, missing: &[Permission]) {
        let mut token = Token::full(TokenKind::User);
        token.permissions.retain(|one| !missing.contains(one));
        let mut state = self.state();
        state.secret = format!("a-token-of-the-tests-without-{}", missing.len());
        let secret = state.secret.clone();
        state.account.add_token(&secret, token);
    }

    /// Goes on with a token that lacks nothing.
    pub(crate) fn with_every_permission(&self) {
        self.without(&[]);
    }

    /// Lets something go wrong with a call.
    pub(crate) fn fault(&self, when: When, fault: Fault) {
        self.state().script.push((when, Act::Fault(fault)));
    }

    /// Lets no call arrive that is sent after this one took effect.
    pub(crate) fn outage(&self, when: When) {
        self.state().script.push((when, Act::Outage));
    }

    /// Ends an outage.
    pub(crate) fn mend(&self) {
        self.state().is_away = false;
    }

    /// Has somebody do something right before a call takes effect.
    pub(crate) fn before(&self, when: When, act: impl FnOnce(&mut Dashboard<'_>) + Send + 'static) {
        self.state().script.push((when, Act::Before(Box::new(act))));
    }

    /// Has somebody do something right after a call took effect.
    pub(crate) fn after(&self, when: When, act: impl FnOnce(&mut Dashboard<'_>) + Send + 'static) {
        self.state().script.push((when, Act::After(Box::new(act))));
    }

    /// Has somebody do something now.
    pub(crate) fn somebody<T>(&self, act: impl FnOnce(&mut Dashboard<'_>) -> T) -> T {
        let mut state = self.state();
        let now = state.now();
        act(&mut Dashboard::new(&mut state.account, now))
    }

    /// The calls so far.
    pub(crate) fn calls(&self) -> Vec<Recorded> {
        self.state().calls.clone()
    }

    /// The calls so far that were no GET.
    pub(crate) fn writes(&self) -> Vec<Recorded> {
        let mut calls = self.calls();
        calls.retain(|call| call.method != "GET");
        calls
    }

    /// Begins to count anew.
    pub(crate) fn forget_calls(&self) {
        let mut state = self.state();
        state.calls.clear();
        state.first_reads.clear();
        state.script.clear();
    }

    /// Whether everything of the script came about.
    pub(crate) fn script_is_done(&self) -> bool {
        self.state().script.is_empty()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().expect("no test failed meanwhile")
    }
}

impl State {
    fn now(&self) -> Timestamp {
        let start: Timestamp = NOW.parse().expect("a timestamp");
        start + SignedDuration::try_from(self.opened.elapsed()).expect("a short test")
    }

    /// Notes the call, and takes what the script has for it.
    fn begin(&mut self, request: &Request<Bytes>) -> (usize, Vec<Act>) {
        let at = Instant::now();
        self.calls.push(Recorded {
            method: request.method().to_string(),
            path: request.uri().to_string(),
            body: serde_json::from_slice(request.body()).unwrap_or_default(),
            from: at,
            until: at,
            status: None,
            code: 0,
        });
        let calls = &self.calls;
        let (now, later) = std::mem::take(&mut self.script)
            .into_iter()
            .partition::<Vec<_>, _>(|(when, _)| when.is_last_of(calls));
        self.script = later;
        (
            calls.len() - 1,
            now.into_iter().map(|(_, act)| act).collect(),
        )
    }

    /// Answers, and has others act around it; `None` where the request does not arrive.
    fn take_effect(
        &mut self,
        mut request: Request<Bytes>,
        acts: Vec<Act>,
    ) -> (Option<Response<Bytes>>, Option<Fault>) {
        let now = self.now();
        let mut fault = self.is_away.then_some(Fault::Unreachable);
        let mut later = Vec::new();
        for act in acts {
            match act {
                Act::Before(act) => act(&mut Dashboard::new(&mut self.account, now)),
                Act::After(act) => later.push(act),
                Act::Fault(one) => fault = Some(one),
                Act::Outage => self.is_away = true,
            }
        }
        let answer = fault.is_none_or(Fault::arrives).then(|| {
            let uri = format!("{BASE_PATH}{}", request.uri());
            *request.uri_mut() = uri.parse().expect("a path");
            let bearer = format!("Bearer {}", self.secret);
            let bearer = bearer.parse().expect("a header");
            request.headers_mut().insert("authorization", bearer);
            let answer = respond(&mut self.account, &mut self.limiter, &request, now);
            if request.method() != Method::GET {
                self.history.push(self.account.clone());
            }
            answer
        });
        for act in later {
            act(&mut Dashboard::new(&mut self.account, now));
        }
        (answer, fault)
    }
}

impl Transport for ModelAccount {
    fn send(
        &self,
        request: Request<Bytes>,
    ) -> BoxFuture<'_, Result<Response<Bytes>, TransportError>> {
        async move {
            let (number, acts) = self.state().begin(&request);
            sleep(LATENCY / 2).await;
            let path = request.uri().to_string();
            let is_read = request.method() == Method::GET;
            let (mut answer, fault) = self.state().take_effect(request, acts);
            if fault == Some(Fault::Stale) {
                answer = self.state().first_reads.get(&path).cloned();
            } else if let Some(answer) = answer.as_ref().filter(|_| is_read) {
                let answer = answer.clone();
                self.state().first_reads.entry(path).or_insert(answer);
            }
            if fault.is_some_and(Fault::kills) {
                self.state().killed.notify_one();
                pending::<()>().await;
            }
            sleep(LATENCY / 2).await;
            let answer = match (fault, answer) {
                (None, Some(answer)) => Ok(answer),
                (None, None) => unreachable!("only a fault keeps a request from arriving"),
                (Some(fault), answer) => fault.spoil(answer),
            };
            let mut state = self.state();
            let call = &mut state.calls[number];
            call.until = Instant::now();
            if let Ok(answer) = &answer {
                let body: Value = serde_json::from_slice(answer.body()).unwrap_or_default();
                call.status = Some(answer.status().as_u16());
                call.code = body["errors"][0]["code"].as_u64().unwrap_or(0);
            }
            answer
        }
        .boxed()
    }
}
