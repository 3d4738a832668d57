//! `audit`: who gets in where on a live account, and what is wrong with that.

use std::collections::BTreeSet;
use std::path::Path;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use clap::Args;
use clap::ValueEnum;
use jiff::SignedDuration;

use crate::audit;
use crate::audit::Acceptance;
use crate::audit::Audit;
use crate::audit::Severity;
use crate::audit::Standard;
use crate::audit::Subject;
use crate::cli::account::AccountArgs;
use crate::cli::account::Connection;
use crate::cli::account::Wanted;
use crate::cli::account::account_of_environment;
use crate::cli::failure::FOUND;
use crate::cli::failure::Failure;
use crate::cli::file;
use crate::cli::file::DateArgs;
use crate::cli::look;
use crate::cli::progress::Progress;
use crate::cli::terminal::Terminal;
use crate::cli::time;
use crate::cloudflare::ManyReads;
use crate::cloudflare::Observer;
use crate::cloudflare::Survey;
use crate::config;
use crate::config::Config;
use crate::config::Guards;
use crate::config::UnsetAccount;
use crate::report;
use crate::report::words;
use crate::resource::AccountId;
use crate::resource::DEFAULT_QUOTA;
use crate::resource::ZoneName;

/// Show who gets in where, and what is wrong with that
///
/// Looks at an account, whoever made what is in it, and needs no file. Never changes anything. Exits with 2
/// when there is a finding at or above --fail-on that no file accepts.
#[derive(Args)]
pub struct AuditArgs {
    /// A desired-state file, for its account, `zones`, `quota`, `accept` and `min_validity`
    #[arg(short, long, value_name = "FILE")]
    file: Option<PathBuf>,
    /// The account, instead of the file's or `CLOUDFLARE_ACCOUNT_ID`
    #[arg(long = "account", value_name = "ID", value_parser = AccountId::parse)]
    account_id: Option<AccountId>,
    /// A zone to look at, instead of the file's or all of them; may be given several times
    #[arg(long = "zone", value_name = "ZONE", value_parser = ZoneName::parse)]
    zones: Vec<ZoneName>,
    #[command(flatten)]
    account: AccountArgs,
    #[command(flatten)]
    date: DateArgs,
    /// How many CAs the account may hold, instead of the file's `quota` or 5
    #[arg(long, value_name = "N", value_parser = quota)]
    quota: Option<usize>,
    /// Report CAs that expire sooner than this, instead of the file's `min_validity` or 30d
    #[arg(long, value_name = "DAYS", value_parser = time::days)]
    min_validity: Option<Duration>,
    /// The format
    #[arg(long, value_enum, default_value_t)]
    format: Format,
    /// The least severity that makes the exit code 2
    #[arg(long, value_name = "SEVERITY", value_enum, default_value_t)]
    fail_on: FailOn,
}

#[derive(Debug, Clone, Copy, Default, ValueEnum)]
enum Format {
    /// For people
    #[default]
    Text,
    /// For programs
    Json,
    /// For systems that collect findings of many tools
    Sarif,
}

#[derive(Debug, Clone, Copy, Default, ValueEnum)]
enum FailOn {
    High,
    #[default]
    Medium,
    Low,
    Info,
    Never,
}

impl FailOn {
    fn is_reached_by(self, severity: Severity) -> bool {
        match self {
            Self::High => severity >= Severity::High,
            Self::Medium => severity >= Severity::Medium,
            Self::Low => severity >= Severity::Low,
            Self::Info => severity >= Severity::Info,
            Self::Never => false,
        }
    }
}

fn quota(text: &str) -> Result<usize, String> {
    let slots = text.parse().ok().filter(|slots| *slots >= 1);
    slots.ok_or_else(|| "the number of CA certificates in the contract, from 1 on".to_owned())
}

pub(super) async fn run(args: &AuditArgs, terminal: &Terminal) -> Result<ExitCode, Failure> {
    let config = args.config(terminal)?;
    let wanted = args.wanted(config.as_ref())?;
    let connection = args.account.connect(&wanted, terminal)?;
    let only = args.only(config.as_ref());
    let subject = survey(args, &connection, only.as_ref(), terminal).await?;
    let unknown = only
        .iter()
        .flatten()
        .find(|zone| !subject.live.zones.contains_key(zone));
    if let Some(zone) = unknown {
        let failure = Failure::error(format!(
            "account {} has no zone {zone} that the token shows",
            connection.account
        ));
        return Err(look::about_zones(failure, &connection));
    }
    let audit = audit::audit(&subject, &args.standard(config.as_ref()));
    terminal.print(&args.shown(&audit, terminal))?;
    let mut counting = audit.findings.iter();
    let fails = counting.any(|finding| args.fail_on.is_reached_by(finding.severity));
    Ok(if fails {
        ExitCode::from(FOUND)
    } else {
        ExitCode::SUCCESS
    })
}

impl AuditArgs {
    fn config(&self, terminal: &Terminal) -> Result<Option<Config>, Failure> {
        let unset = if self.account_id.is_some() {
            UnsetAccount::Allowed
        } else {
            self.account.unset()
        };
        let path = self.file.as_deref();
        path.map(|path| file::load(path, unset, terminal))
            .transpose()
    }

    fn wanted(&self, config: Option<&Config>) -> Result<Wanted, Failure> {
        let of_file = config.map(Wanted::by);
        let quota = of_file.as_ref().map(|wanted| wanted.quota);
        let (zones, origin) = match &of_file {
            _ if !self.zones.is_empty() => (self.zones.clone(), "as --zone says"),
            Some(wanted) if !wanted.zones.is_empty() => (wanted.zones.clone(), wanted.origin),
            _ => (
                ZoneName::parse("example.com").into_iter().collect(),
                "nothing says which",
            ),
        };
        let of_file = of_file.and_then(|wanted| wanted.account);
        let account = match self.account_id.clone().or(of_file) {
            None if self.account.sandbox.is_none() => account_of_environment()?,
            account => account,
        };
        Ok(Wanted {
            account,
            zones,
            origin,
            quota: self.quota.or(quota).unwrap_or(DEFAULT_QUOTA),
        })
    }

    /// The zones to look at; `None` for all of them.
    fn only(&self, config: Option<&Config>) -> Option<BTreeSet<ZoneName>> {
        if !self.zones.is_empty() {
            return Some(self.zones.iter().cloned().collect());
        }
        let zones = config?.zones.as_ref()?;
        Some(zones.iter().map(|zone| zone.value.clone()).collect())
    }

    fn standard(&self, config: Option<&Config>) -> Standard {
        let default = || Guards::default().min_validity;
        let of_file = config.map(|config| config.guards.min_validity);
        let min_validity = self.min_validity.or(of_file).unwrap_or_else(default);
        let quota = self.quota.or(config.map(|config| config.quota));
        let accept = config.iter().flat_map(|config| &config.accept);
        Standard {
            at: self.date.moment(),
            quota: quota.unwrap_or(DEFAULT_QUOTA),
            min_validity: SignedDuration::try_from(min_validity).unwrap_or(SignedDuration::MAX),
            accept: accept.map(acceptance).collect(),
        }
    }

    fn shown(&self, audit: &Audit, terminal: &Terminal) -> String {
        let file = self.file.as_deref().unwrap_or(Path::new("mtls.yaml"));
        match self.format {
            Format::Text => report::audit::text(audit, terminal.width()),
            Format::Json => report::audit::json(audit),
            Format::Sarif => report::audit::sarif(audit, &file.to_string_lossy()),
        }
    }
}

fn acceptance(of_file: &config::Acceptance) -> Acceptance {
    let config::Acceptance {
        finding,
        object,
        reason,
        until,
    } = of_file;
    Acceptance {
        finding: finding.value.to_string(),
        object: object.value.clone(),
        reason: reason.clone(),
        until: until.value,
    }
}

/// Reads what an audit looks at, as far as the token allows.
async fn survey(
    args: &AuditArgs,
    connection: &Connection,
    only: Option<&BTreeSet<ZoneName>>,
    terminal: &Terminal,
) -> Result<Subject, Failure> {
    let reader = connection.client.reader();
    let before = connection.client.calls();
    let progress = Progress::reading(terminal);
    let tell = || progress.read(connection.client.calls() - before);
    let observer = Observer {
        reader: &reader,
        parallel: args.account.parallel(),
        tell: &tell,
    };
    let many = |reads: ManyReads| progress.say(terminal, &many_reads(reads));
    let result = observer.survey(&connection.account, only, &many).await;
    progress.end();
    let Survey {
        live,
        neighbours,
        services,
        unread,
    } = match result {
        Ok(survey) => survey,
        Err(error) => return Err(look::explain(&error, &reader, connection).await),
    };
    let calls = connection.client.calls() - before;
    terminal.say(&format!(
        "Read account {} with {}.",
        connection.account,
        words::count(usize::try_from(calls).unwrap_or(usize::MAX), "API call")
    ));
    Ok(Subject {
        live,
        neighbours,
        services,
        unread,
    })
}

fn many_reads(ManyReads { calls, zones, cas }: ManyReads) -> String {
    format!(
        "Reading takes up to {calls} API calls and more: {zones} zones with {cas} host lists each. Name the zones \
         that matter with --zone to make it cheaper."
    )
}
