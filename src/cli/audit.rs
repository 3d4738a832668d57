//! `audit`: who gets in where on a live account, and what is wrong with that.

use std::collections::BTreeSet;
use std::path::Path;
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
use crate::cli::failure::FOUND;
use crate::cli::failure::Failure;
use crate::cli::format;
use crate::cli::format::Format;
use crate::cli::look;
use crate::cli::target;
use crate::cli::target::TargetArgs;
use crate::cli::terminal::Terminal;
use crate::cli::time;
use crate::config;
use crate::config::Config;
use crate::config::Guards;
use crate::desired;
use crate::edge::AccessTest;
use crate::plan;
use crate::report;
use crate::resource::DEFAULT_QUOTA;
use crate::resource::ZoneName;

/// Show who gets in where, and what is wrong with that
///
/// Looks at an account, whoever made what is in it, and needs no file. Never changes anything. Exits with 2
/// when there is a finding at or above --fail-on that no file accepts.
#[derive(Args)]
pub struct AuditArgs {
    #[command(flatten)]
    target: TargetArgs,
    /// A zone to look at, instead of the file's or all of them; may be given several times
    #[arg(long = "zone", value_name = "ZONE", value_parser = ZoneName::parse)]
    zones: Vec<ZoneName>,
    /// How many CAs the account may hold, instead of the file's `quota` or 5
    #[arg(long, value_name = "N", value_parser = quota)]
    quota: Option<usize>,
    /// Report CAs that expire sooner than this, instead of the file's `min_validity` or 30d
    #[arg(long, value_name = "DAYS", value_parser = time::days)]
    min_validity: Option<Duration>,
    /// How it is printed
    #[arg(long, value_name = "FORMAT", default_value = "text", value_parser = format::one_of(FORMATS))]
    format: Format,
    /// The least severity that makes the exit code 2
    #[arg(long, value_name = "SEVERITY", value_enum, default_value_t)]
    fail_on: FailOn,
}

const FORMATS: &[Format] = &[Format::Text, Format::Json, Format::Sarif];

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
    let config = args.target.config(terminal)?;
    let connection = args
        .target
        .connect(config.as_ref(), &args.zones, args.quota, terminal)?;
    let only = args.only(config.as_ref());
    let subject = args
        .target
        .survey(&connection, only.as_ref(), terminal)
        .await?;
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
    args.print(&audit, terminal)?;
    let mut counting = audit.findings.iter();
    let fails = counting.any(|finding| args.fail_on.is_reached_by(finding.severity));
    Ok(if fails {
        ExitCode::from(FOUND)
    } else {
        ExitCode::SUCCESS
    })
}

impl AuditArgs {
    /// How it was asked to print.
    pub(super) fn format(&self) -> Format {
        self.format
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
            at: self.target.moment(),
            quota: quota.unwrap_or(DEFAULT_QUOTA),
            min_validity: SignedDuration::try_from(min_validity).unwrap_or(SignedDuration::MAX),
            accept: accept.map(acceptance).collect(),
            tests: config.map_or_else(Vec::new, |config| self.tests(config)),
            issuers: config.map(target::issuers).unwrap_or_default(),
            managed_key_ids: config.map(target::managed_key_ids).unwrap_or_default(),
        }
    }

    /// The access tests of the file.
    fn tests(&self, config: &Config) -> Vec<AccessTest> {
        let file = config.source.path().file_name().unwrap_or_default();
        let file = file.to_string_lossy();
        let tests = desired::access_tests(config);
        let tests = tests.iter();
        tests
            .map(|test| plan::access_test(test, &file, self.target.moment()))
            .collect()
    }

    fn print(&self, audit: &Audit, terminal: &Terminal) -> Result<(), Failure> {
        let file = self.target.path().unwrap_or(Path::new("mtls.yaml"));
        match self.format {
            Format::Json => terminal.document(&report::audit::json(audit)),
            Format::Sarif => {
                terminal.document(&report::audit::sarif(audit, &file.to_string_lossy()))
            }
            _ => terminal.print(&report::audit::text(audit, terminal.width())),
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
