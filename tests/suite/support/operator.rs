//! What `plan` and `apply` do, without a terminal: a file and an account in, a plan or an outcome out.

use std::io;
use std::path::Path;
use std::sync::Mutex;
use std::time::Duration;

use jiff::Timestamp;
use mtlsctl::cloudflare::Client;
use mtlsctl::cloudflare::Error;
use mtlsctl::cloudflare::Observer;
use mtlsctl::cloudflare::Retry;
use mtlsctl::cloudflare::Settings;
use mtlsctl::config;
use mtlsctl::config::Config;
use mtlsctl::config::Surroundings;
use mtlsctl::config::UnsetAccount;
use mtlsctl::desired::Desired;
use mtlsctl::execute::Event;
use mtlsctl::execute::Options;
use mtlsctl::execute::Outcome;
use mtlsctl::execute::Patience;
use mtlsctl::execute::StepOutcome;
use mtlsctl::execute::Stop;
use mtlsctl::execute::Stopped;
use mtlsctl::execute::Stopper;
use mtlsctl::execute::execute;
use mtlsctl::live::Live;
use mtlsctl::live::Reading;
use mtlsctl::observe::Observed;
use mtlsctl::observe::Unobserved;
use mtlsctl::observe::observe;
use mtlsctl::plan::Allowed;
use mtlsctl::plan::Plan;
use mtlsctl::plan::approve;
use mtlsctl::plan::plan;
use mtlsctl::resource::AccountId;
use mtlsctl::sandbox::ACCOUNT_ID;
use tokio::time::Instant;

use crate::support::account::ModelAccount;
use crate::support::account::NOW;
use crate::support::consent;

/// CAs of ours, whose keys were thrown away, and the one that another team brought to every new account.
const CAS: [&str; 5] = [
    include_str!("ca/0.pem"),
    include_str!("ca/1.pem"),
    include_str!("ca/2.pem"),
    include_str!("ca/3.pem"),
    include_str!("../../../src/sandbox/seed/legacy-partners.pem"),
];

/// The PEM text that a file calls `ca/<nth>.pem`.
pub(crate) fn pem(nth: usize) -> &'static str {
    CAS[nth]
}

/// Somebody with a file, a token and a shell.
pub(crate) struct Operator {
    pub(crate) account: ModelAccount,
    pub(crate) options: Options,
    client: Client,
    stopper: Stopper,
    stop: Stop,
    told: Mutex<Vec<(Instant, String)>>,
}

/// A file, and the account it was held against.
#[derive(Debug)]
pub(crate) struct Look {
    pub(crate) desired: Desired,
    pub(crate) live: Live,
    pub(crate) at: Timestamp,
    pub(crate) plan: Plan,
    /// Zones whose rules the token may not read.
    pub(crate) forbidden: usize,
}

impl Operator {
    pub(crate) fn of(account: &ModelAccount) -> Self {
        let retry = Retry {
            jitter: false,
            ..Retry::default()
        };
        let settings = Settings {
            retry,
            ..Settings::default()
        };
        let (stopper, stop) = Stopper::new();
        Self {
            account: account.clone(),
            options: Options {
                settle: Duration::ZERO,
                parallel: 10,
                read_back: Patience::DEFAULT,
                in_use: Patience::DEFAULT,
            },
            client: Client::new(account.clone(), settings),
            stopper,
            stop,
            told: Mutex::default(),
        }
    }

    /// Another one, in front of a new shell, at the same account.
    pub(crate) fn again(&self) -> Self {
        Self {
            options: self.options.clone(),
            ..Self::of(&self.account)
        }
    }

    /// The end with which a test presses Ctrl-C.
    pub(crate) fn stopper(&self) -> Stopper {
        self.stopper.clone()
    }

    /// What the run told, and when.
    pub(crate) fn told(&self) -> Vec<(Instant, String)> {
        self.told.lock().expect("no test failed meanwhile").clone()
    }

    /// Reads what planning needs, and plans.
    pub(crate) async fn look(&self, file: &str) -> Look {
        self.try_look(file)
            .await
            .unwrap_or_else(|error| panic!("{error}"))
    }

    /// Reads what planning needs, and plans; the file and the plan have to be without fault.
    pub(crate) async fn try_look(&self, file: &str) -> Result<Look, Error> {
        let config = load(file);
        let at: Timestamp = NOW.parse().expect("a timestamp");
        let account = AccountId::parse(ACCOUNT_ID).expect("an id");
        let reader = self.client.reader();
        let observer = Observer {
            reader: &reader,
            parallel: self.options.parallel,
            tell: &|| {},
        };
        let result = observe(&config, &account, &observer, at, &|_| ()).await;
        let Observed {
            desired,
            live,
            unread: forbidden,
            ..
        } = match result {
            Ok(seen) => seen,
            Err(Unobserved::Account(error)) => return Err(error),
            Err(Unobserved::File(problems)) => panic!("{file}\n{:?}", problems.problems),
        };
        let plan = plan(&desired, &live, at, &Allowed::default())
            .unwrap_or_else(|refusals| panic!("{refusals:?}"));
        Ok(Look {
            desired,
            live,
            at,
            plan,
            forbidden,
        })
    }

    /// Reads all zones, whatever planning needs.
    pub(crate) async fn everything(&self) -> Live {
        let account = AccountId::parse(ACCOUNT_ID).expect("an id");
        let reader = self.client.reader();
        let observer = Observer {
            reader: &reader,
            parallel: self.options.parallel,
            tell: &|| {},
        };
        let mut live = observer.account(&account).await.expect("an answer");
        let all = Reading {
            needed: live.zones.keys().cloned().collect(),
            ..Reading::default()
        };
        observer.rules(&mut live, &all).await.expect("an answer");
        observer.lists(&mut live, &all).await.expect("an answer");
        live
    }

    /// Runs the plan of a look, with the consent that guards ask for.
    pub(crate) async fn run(&self, look: &Look) -> Outcome {
        let Look {
            desired,
            live: account,
            at,
            plan,
            ..
        } = look;
        let consent = consent::to_guards(plan, desired, account, *at);
        let approved = approve(plan.clone(), desired, account, *at, &consent)
            .unwrap_or_else(|refusals| panic!("{refusals:?}"));
        let tell = |event: Event<'_>| {
            let line = (Instant::now(), describe(&event));
            self.told.lock().expect("no test failed").push(line);
        };
        let (reader, writer) = (self.client.reader(), self.client.writer());
        let outcome = execute(
            &approved,
            &look.live,
            (&reader, &writer),
            &self.options,
            &self.stop,
            &tell,
            None,
        )
        .await;
        check(&look.plan, &outcome);
        outcome
    }

    /// Plans and runs, counting calls from the first one of the run.
    pub(crate) async fn apply(&self, file: &str) -> Outcome {
        let look = self.look(file).await;
        self.run(&look).await
    }

    /// Plans and runs, and demands that it comes to its end.
    pub(crate) async fn converge(&self, file: &str) {
        let outcome = self.apply(file).await;
        assert!(outcome.is_complete(), "{outcome:?}");
        let after = self.look(file).await;
        assert!(after.plan.is_empty(), "{file}\n{:#?}", after.plan);
    }
}

/// What holds of every outcome: each step is accounted for, and the end says why.
#[track_caller]
fn check(plan: &Plan, outcome: &Outcome) {
    let (applied, failed, not_tried) = outcome.counts();
    assert_eq!(outcome.steps.len(), plan.steps().count());
    assert_eq!(applied + failed + not_tried, outcome.steps.len());
    if outcome.is_complete() {
        assert_eq!(failed + not_tried, 0, "{outcome:?}");
    }
    match outcome.stopped {
        Some(Stopped::Failed) => assert!(failed > 0, "{outcome:?}"),
        Some(Stopped::Closed) => panic!("there is no gate"),
        Some(Stopped::Interrupted) | None => {}
    }
}

/// The failures of an outcome as a person reads them.
pub(crate) fn words(outcome: &Outcome) -> Vec<String> {
    let failures = outcome.failures();
    failures.map(|(_, failure)| failure.to_string()).collect()
}

/// Whether what was wrong is that the account moved before anything was written.
#[track_caller]
pub(crate) fn is_stale(outcome: &Outcome) -> bool {
    assert!(outcome.failures().count() > 0, "{outcome:?}");
    !outcome.wrote && outcome.failures().all(|(_, failure)| failure.is_stale())
}

/// A file that has no fault.
#[track_caller]
fn load(file: &str) -> Config {
    // CAs go at once where a test is about something else.
    let guards = if file.contains("guards:") {
        ""
    } else {
        "\nguards: { min_overlap: 0d }\n"
    };
    let desk = Desk(format!("{file}{guards}"));
    config::load(Path::new("mtls.yaml"), &desk, UnsetAccount::Allowed)
        .unwrap_or_else(|problems| panic!("{file}\n{:?}", problems.problems))
}

/// A folder with the file and the CAs in it.
struct Desk(String);

impl Surroundings for Desk {
    fn variable(&self, _: &str) -> Option<String> {
        None
    }

    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        let name = path.to_string_lossy();
        if name == "mtls.yaml" {
            return Ok(self.0.clone().into_bytes());
        }
        let nth = name
            .strip_prefix("ca/")
            .and_then(|name| name.strip_suffix(".pem")?.parse::<usize>().ok());
        let pem = nth.and_then(|nth| CAS.get(nth));
        let found = pem.ok_or(io::ErrorKind::NotFound)?;
        Ok(found.as_bytes().to_vec())
    }
}

fn describe(event: &Event<'_>) -> String {
    match event {
        Event::Settling { wave, wait } => format!("settling {wait:?} before {}", wave.phase),
        Event::WaveStarted { wave } => format!("begin {}", wave.phase),
        Event::StepStarted { step } => format!("start {}", step.address),
        Event::StepEnded { step, outcome, .. } => {
            let became = match outcome {
                StepOutcome::Applied => "applied",
                StepOutcome::Failed(_) => "failed",
                StepOutcome::NotTried => "not tried",
            };
            format!("{became} {}", step.address)
        }
        Event::Waiting { step, .. } => format!("wait {}", step.address),
        Event::Meanwhile { meanwhile } => meanwhile.to_string(),
        Event::WaveDone { wave } => format!("done {}", wave.phase),
    }
}
