//! `drift`: what differs from the file, how bad that is, and whose side changed.

use std::process::ExitCode;

use clap::Args;
use clap::ValueEnum;

use crate::cli::account::AccountArgs;
use crate::cli::failure::FOUND;
use crate::cli::failure::Failure;
use crate::cli::file::DateArgs;
use crate::cli::file::FileArgs;
use crate::cli::format;
use crate::cli::format::Format;
use crate::cli::look::Look;
use crate::cli::terminal::Terminal;
use crate::drift::Kind;
use crate::drift::drift;
use crate::report;
use crate::report::shown::Drifted;

/// Show what differs from the file, how bad that is, and whose side changed
///
/// Reads the file and the account and compares them, as a plan would. Each difference is graded by who gets in:
/// exposed (somebody does who should not), locked out (somebody is stopped who should get in), both, or neutral.
/// The access tests of the file are judged on the account as it is. Never changes anything. Exits with 2 when
/// something counts by --fail-on; what waits for a date is no drift.
#[derive(Args)]
pub struct DriftArgs {
    #[command(flatten)]
    file: FileArgs,
    #[command(flatten)]
    date: DateArgs,
    #[command(flatten)]
    account: AccountArgs,
    /// How it is printed
    #[arg(long, value_name = "FORMAT", default_value = "text", value_parser = format::one_of(format::OF_CHANGES))]
    format: Format,
    /// What makes the exit code 2, separated by commas; an access test that does not hold always does, but with
    /// none
    #[arg(
        long,
        value_enum,
        value_delimiter = ',',
        default_value = "exposed,locked-out",
        value_name = "GRADES"
    )]
    fail_on: Vec<FailOn>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum FailOn {
    /// Somebody gets in who should not
    Exposed,
    /// Somebody is stopped who should get in
    LockedOut,
    /// A difference by which nobody changes verdict
    Neutral,
    /// Only access tests that do not hold
    Tests,
    /// Whatever there is
    Any,
    /// Nothing
    None,
}

pub(super) async fn run(args: &DriftArgs, terminal: &Terminal) -> Result<ExitCode, Failure> {
    let counted = args.counted()?;
    let look = Look::at(args.date.moment(), &args.file, &args.account, terminal).await?;
    let observed = &look.observed;
    let drift = drift(&observed.desired, &observed.live, observed.at).map_err(|refusals| {
        let text = report::plan::refusals(&refusals, terminal.err_width());
        Failure::error(text).of_plan(refusals)
    })?;
    let counts = drift.counts(&counted);
    let exit_code = if counts { FOUND } else { 0 };
    if args.format.is_for_programs() {
        let drifted = Drifted {
            owner: &observed.desired.owner,
            drift: &drift,
            counts,
            exit_code,
        };
        format::drift(args.format, &drifted, terminal)?;
    } else {
        terminal.print(&report::drift::text(&drift, counts, terminal.width()))?;
    }
    Ok(ExitCode::from(exit_code))
}

impl DriftArgs {
    /// How it was asked to print.
    pub(super) fn format(&self) -> Format {
        self.format
    }

    fn counted(&self) -> Result<Vec<Kind>, Failure> {
        let has = |one| self.fail_on.contains(&one);
        let is_none = has(FailOn::None);
        if is_none && self.fail_on.iter().any(|one| *one != FailOn::None) {
            return Err(Failure::error(
                "`--fail-on none` stands alone: with it nothing counts",
            ));
        }
        let kinds = [
            (FailOn::Exposed, Kind::Exposed),
            (FailOn::LockedOut, Kind::LockedOut),
            (FailOn::Neutral, Kind::Neutral),
        ];
        let any = has(FailOn::Any);
        let named = kinds.into_iter().filter(|(one, _)| any || has(*one));
        let mut counted: Vec<Kind> = named.map(|(_, kind)| kind).collect();
        if !is_none {
            counted.push(Kind::FailingTest);
        }
        Ok(counted)
    }
}
