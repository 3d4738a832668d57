//! `validate`: the file alone.

use std::process::ExitCode;

use clap::Args;

use crate::cli::failure::Failure;
use crate::cli::file;
use crate::cli::file::DateArgs;
use crate::cli::file::FileArgs;
use crate::cli::terminal::Terminal;
use crate::config;
use crate::config::UnsetAccount;
use crate::desired;
use crate::desired::Zones;
use crate::plan;
use crate::report::words;

/// Check the file, without an account
///
/// Reads mtls.yaml and its certificates and reports every problem at once, and judges its access tests on an
/// account that holds exactly what the file says. Nothing is sent anywhere: of the zones only the suffixes
/// listed under `zones` are checked.
#[derive(Args)]
pub struct ValidateArgs {
    #[command(flatten)]
    file: FileArgs,
    #[command(flatten)]
    date: DateArgs,
    /// Take warnings as errors, but for exceptions that the file asks for (`unless`)
    #[arg(long)]
    strict: bool,
}

pub(super) fn run(args: &ValidateArgs, terminal: &Terminal) -> Result<ExitCode, Failure> {
    let at = args.date.moment();
    let config = args.file.load(UnsetAccount::Allowed, terminal)?;
    let defects = config::defects(&config, at);
    file::warn(&config, &defects, terminal);
    let desired = desired::resolve(&config, &Zones::of_file(), at)
        .map_err(|problems| FileArgs::failure(&problems, terminal))?;
    let gaps = file::warn_of_gaps(&config, &desired, terminal);
    let failing = plan::failing_alone(&desired, at);
    if !failing.is_empty() {
        return Err(file::tests_failing(&config, &failing, terminal));
    }
    let path = args.file.path().display();
    let warnings = config.warnings.len() + defects.len() + gaps.open.len();
    if args.strict && warnings > 0 {
        let warnings = words::count(warnings, "warning");
        return Err(Failure::error(format!(
            "{path} has {warnings}, and --strict takes them as errors"
        )));
    }
    let checked = match &config.zones {
        Some(_) => {
            "Its hosts lie in the listed zones; whether the account has these zones was not checked."
        }
        None => "Offline: whether the account has the zones of its hosts was not checked.",
    };
    let mut sums = vec![
        words::count(desired.cas.len(), "CA"),
        words::count(desired.hosts.len(), "host"),
        words::count(desired.rules.len(), "rule"),
    ];
    if !desired.tests.is_empty() {
        sums.push(words::count(desired.tests.len(), "access test"));
    }
    let valid = format!("{path} is valid: {}.", words::list(&sums));
    let lines =
        [valid.as_str(), checked].map(|text| words::wrap(text, 0, terminal.width()).join("\n"));
    terminal.print(&(lines.join("\n") + "\n"))?;
    Ok(ExitCode::SUCCESS)
}
