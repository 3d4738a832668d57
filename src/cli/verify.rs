//! `verify`: real connections to the hosts, with and without certificates.

use std::process::ExitCode;

use clap::Args;
use jiff::Timestamp;

use crate::cli::failure::FOUND;
use crate::cli::failure::Failure;
use crate::cli::file::FileArgs;
use crate::cli::format;
use crate::cli::format::Format;
use crate::cli::probing::ProbingArgs;
use crate::cli::terminal::Terminal;
use crate::config::UnsetAccount;
use crate::desired;
use crate::desired::Zones;
use crate::report;
use crate::report::verify::Origin;
use crate::resource::Hostname;
use crate::verify;
use crate::verify::Scope;

/// Connect to the hosts as their clients do, and compare
///
/// Opens real TLS connections to every host of the file: without a certificate, with one that nobody knows, and
/// with those that --client gives. Shows whether the host asks for a certificate and of which CAs, and who gets
/// in, held against what the file says on its own. The access tests of the file are sent as real requests. No
/// account is looked at, and no token needed. Private keys are read into memory, and are neither stored nor
/// logged. Exits with 2 when something is not as expected, a host that cannot be reached included.
#[derive(Args)]
pub struct VerifyArgs {
    #[command(flatten)]
    file: FileArgs,
    /// A host to connect to, instead of all of the file; may be given several times
    #[arg(long = "host", value_name = "HOST", value_parser = Hostname::parse)]
    hosts: Vec<Hostname>,
    #[command(flatten)]
    probing: ProbingArgs,
    /// How many hosts are asked at a time
    #[arg(long, value_name = "N", default_value_t = 8, value_parser = clap::value_parser!(u8).range(1..=64))]
    parallel: u8,
    /// How it is printed
    #[arg(long, value_name = "FORMAT", default_value = "text", value_parser = format::one_of(format::OF_TESTS))]
    format: Format,
}

pub(super) async fn run(args: &VerifyArgs, terminal: &Terminal) -> Result<ExitCode, Failure> {
    let at = Timestamp::now();
    let config = args.file.load(UnsetAccount::Allowed, terminal)?;
    let desired = desired::resolve(&config, &Zones::of_file(), at)
        .map_err(|problems| FileArgs::failure(&problems, terminal))?;
    let mut scope = Scope::of_file(&desired, at);
    let probing = args.probing.read(&scope, terminal)?;
    if !args.hosts.is_empty() {
        let only = scope.only(&args.hosts);
        scope = only.map_err(|error| {
            Failure::error(format!("`--host`: {error}"))
                .hint("leave --host out for all hosts of the file")
        })?;
    }
    let options = probing.options(&scope, at, usize::from(args.parallel))?;
    let seen = verify::run(&scope, &options).await;
    match args.format {
        Format::Json => terminal.document(&report::verify::json(&seen))?,
        Format::Junit => terminal.document(&report::verify::junit(&seen))?,
        _ => terminal.print(&report::verify::text(&seen, Origin::File, terminal.width()))?,
    }
    Ok(if seen.is_as_expected() {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(FOUND)
    })
}

impl VerifyArgs {
    /// How it was asked to print.
    pub(super) fn format(&self) -> Format {
        self.format
    }
}
