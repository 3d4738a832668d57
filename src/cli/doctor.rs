//! `doctor`: whether token, account and file are fit for use.

use std::path::Path;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use jiff::Timestamp;

use crate::cli::account::AccountArgs;
use crate::cli::account::Connection;
use crate::cli::account::Wanted;
use crate::cli::account::account_of_environment;
use crate::cli::failure::Failure;
use crate::cli::file::Machine;
use crate::cli::format;
use crate::cli::format::Format;
use crate::cli::progress::Progress;
use crate::cli::terminal::Terminal;
use crate::cloudflare::Checkup;
use crate::cloudflare::Heard;
use crate::cloudflare::Observer;
use crate::cloudflare::Retry;
use crate::cloudflare::Settings;
use crate::config;
use crate::config::Config;
use crate::config::Problems;
use crate::config::Severity;
use crate::config::UnsetAccount;
use crate::doctor;
use crate::doctor::File;
use crate::doctor::Line;
use crate::doctor::Patient;
use crate::doctor::Planned;
use crate::doctor::Scope;
use crate::doctor::State;
use crate::observe::Unobserved;
use crate::observe::observe;
use crate::plan::Allowed;
use crate::plan::Consent;
use crate::plan::Refusal;
use crate::report;
use crate::report::words;
use crate::resource::AccountId;
use crate::resource::DEFAULT_QUOTA;
use crate::resource::Zone;
use crate::resource::ZoneName;

/// Where the file is looked for.
const USUAL: &str = "mtls.yaml";

/// Of an account that no file narrows down, so many zones are tried.
const ZONES_TRIED: usize = 10;

/// Check token, permissions, quota and reachability
///
/// Tries every kind of read that a plan needs, all in one run, and says of each whether it works and what to
/// do. Uses mtls.yaml if there is one. Never sends a write, so it can tell which permissions to read are
/// missing, and says so where only a write could tell more. Exits with 1 if something is a problem.
#[derive(Args)]
pub struct DoctorArgs {
    /// The desired-state file; without it mtls.yaml, if there is one
    #[arg(short, long, value_name = "FILE")]
    file: Option<PathBuf>,
    /// The account, instead of the file's or `CLOUDFLARE_ACCOUNT_ID`
    #[arg(long = "account", value_name = "ID", value_parser = AccountId::parse)]
    account_id: Option<AccountId>,
    #[command(flatten)]
    account: AccountArgs,
    /// The format
    #[arg(long, value_name = "FORMAT", default_value = "text", value_parser = format::one_of(format::OF_DATA))]
    format: Format,
}

pub(super) async fn run(args: &DoctorArgs, terminal: &Terminal) -> Result<ExitCode, Failure> {
    let at = Timestamp::now();
    let (file, config) = args.file();
    let quota = config.as_ref().map_or(DEFAULT_QUOTA, |config| config.quota);
    let mut patient = Patient {
        at,
        file,
        line: Line::Missing {
            reason: String::new(),
            remedy: String::new(),
        },
        quota,
        checkup: None,
        heard: Heard::default(),
        plan: None,
    };
    match args.connect(config.as_ref(), terminal) {
        Ok(connection) => {
            args.examine(&mut patient, config.as_ref(), &connection, terminal)
                .await;
        }
        Err(Failure { text, hints, .. }) => {
            patient.line = Line::Missing {
                reason: text,
                remedy: hints.join("; "),
            };
        }
    }
    let diagnosis = doctor::diagnose(&patient);
    if args.format.is_for_programs() {
        terminal.document(&report::doctor::json(&diagnosis))?;
    } else {
        terminal.print(&report::doctor::text(&diagnosis, terminal.width()))?;
    }
    Ok(ExitCode::from(u8::from(
        diagnosis.count(State::Problem) > 0,
    )))
}

impl DoctorArgs {
    pub(super) fn format(&self) -> Format {
        self.format
    }

    /// The file, if one was named or stands in its usual place.
    fn file(&self) -> (File, Option<Config>) {
        let path = match &self.file {
            Some(path) => path.clone(),
            None if Path::new(USUAL).is_file() => PathBuf::from(USUAL),
            None => return (File::None, None),
        };
        // Whose account it is, is told apart from whether the file is good.
        match config::load(&path, &Machine, UnsetAccount::Allowed) {
            Ok(config) => {
                let scope = scope(&config);
                (File::Read { path, scope }, Some(config))
            }
            Err(problems) => {
                let reason = first_problem(&problems);
                (File::Broken { path, reason }, None)
            }
        }
    }

    fn connect(&self, config: Option<&Config>, terminal: &Terminal) -> Result<Connection, Failure> {
        let of_file = config.map(Wanted::by);
        let named = self.account_id.clone().or_else(|| config?.account.clone());
        let account = match named {
            None if self.account.sandbox.is_none() => account_of_environment()?,
            account => account,
        };
        let wanted = match of_file {
            Some(wanted) => Wanted { account, ..wanted },
            None => Wanted {
                account,
                zones: ZoneName::parse("example.com").into_iter().collect(),
                origin: "nothing says which",
                quota: DEFAULT_QUOTA,
            },
        };
        // A trial that fails is an answer, too: it is not asked for many times.
        let settings = Settings {
            retry: Retry {
                attempts: 2,
                ..Retry::default()
            },
            ..Settings::default()
        };
        self.account.connect_with(&wanted, settings, terminal)
    }

    async fn examine(
        &self,
        patient: &mut Patient,
        config: Option<&Config>,
        connection: &Connection,
        terminal: &Terminal,
    ) {
        let account = connection.account.clone();
        patient.line = if connection.sandbox.is_some() {
            Line::Offline { account }
        } else {
            Line::Network { account }
        };
        let at = patient.at;
        let examine = async |observer: &Observer<'_>, _: &Progress| {
            let scope = config.map(scope);
            let choose = |zones: &[Zone]| tried(zones, scope.as_ref());
            let checkup = observer.check_up(&connection.account, &choose).await;
            let plan = match config {
                Some(config) if is_whole(&checkup) => {
                    planned(config, connection, observer, at).await
                }
                _ => None,
            };
            (checkup, plan)
        };
        let parallel = self.account.parallel();
        let ((checkup, plan), _) = connection.read(parallel, terminal, examine).await;
        patient.checkup = Some(checkup);
        patient.plan = plan;
        patient.heard = connection.client.heard();
    }
}

fn scope(config: &Config) -> Scope {
    let zones = config.zones.as_ref();
    let hosts = config.groups.iter().flat_map(|group| &group.hosts);
    Scope {
        owner: config.owner.clone(),
        zones: zones.map(|zones| zones.iter().map(|zone| zone.value.clone()).collect()),
        hosts: hosts.map(|host| host.value.clone()).collect(),
    }
}

/// The first thing that is wrong with a file, and how much more there is.
fn first_problem(problems: &Problems) -> String {
    let errors = problems.problems.iter();
    let mut errors = errors.filter(|problem| problem.severity == Severity::Error);
    let Some(first) = errors.next() else {
        return problems.to_string();
    };
    let line = first.at.map(|at| format!("line {}: ", at.line));
    let more = match errors.count() + problems.omitted {
        0 => String::new(),
        more => format!(" (and {})", words::count(more, "more problem")),
    };
    format!("{}{}{more}", line.unwrap_or_default(), first.message)
}

/// The zones of the file; without one, the first that are served.
fn tried(zones: &[Zone], scope: Option<&Scope>) -> Vec<Zone> {
    if let Some(scope) = scope {
        return doctor::needed(zones, scope);
    }
    let served = zones.iter().filter(|zone| zone.is_serving());
    served.take(ZONES_TRIED).cloned().collect()
}

/// Whether every trial went well, so that more of the same is worth reading.
fn is_whole(checkup: &Checkup) -> bool {
    checkup.account.is_some() && checkup.failures().next().is_none()
}

/// What the file would lead to; `None` where a read failed on the way.
async fn planned(
    config: &Config,
    connection: &Connection,
    observer: &Observer<'_>,
    at: Timestamp,
) -> Option<Planned> {
    let seen = match observe(config, &connection.account, observer, at, &|_| ()).await {
        Ok(seen) => seen,
        Err(Unobserved::Account(_)) => return None,
        Err(Unobserved::File(problems)) => {
            let reason = first_problem(&problems);
            return Some(Planned::Refused { reason, plan: None });
        }
    };
    let plan = match seen.plan(&Allowed::default()) {
        Ok(plan) => plan,
        Err(refusals) => {
            let reason = first(&refusals);
            return Some(Planned::Refused { reason, plan: None });
        }
    };
    let live = seen.live.clone();
    Some(match seen.approve(plan.clone(), &Consent::default()) {
        Ok(_) => Planned::Ready(Box::new((plan, live))),
        Err(refusals) => Planned::Refused {
            reason: first(&refusals),
            plan: Some(Box::new((plan, live))),
        },
    })
}

fn first(refusals: &[Refusal]) -> String {
    let first = refusals.first();
    first.map_or_else(String::new, |refusal| {
        report::plan::refusals(std::slice::from_ref(refusal), 1000)
    })
}
