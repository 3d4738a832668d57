//! The desired-state file as commands take it: where it is, and the day it is read for.

use std::fmt::Write as _;
use std::io;
use std::path::Path;
use std::path::PathBuf;

use clap::Args;
use jiff::Timestamp;

use crate::cli::failure::Failure;
use crate::cli::terminal::Terminal;
use crate::cli::time;
use crate::config;
use crate::config::Config;
use crate::config::Problem;
use crate::config::Problems;
use crate::config::Surroundings;
use crate::config::UnsetAccount;
use crate::desired::Desired;
use crate::plan;
use crate::plan::FailedTest;
use crate::report;
use crate::report::gaps::GapWarnings;
use crate::report::words;

/// Which file.
#[derive(Args)]
pub(crate) struct FileArgs {
    /// The desired-state file
    #[arg(short, long, default_value = "mtls.yaml", value_name = "FILE")]
    file: PathBuf,
}

/// As of when the file is read. Not for commands that write: a date that has not come must not act.
#[derive(Args)]
pub(crate) struct DateArgs {
    /// Judge dates as of 00:00 UTC of this day instead of now, such as 2099-01-31
    #[arg(long, value_name = "DATE", value_parser = time::day)]
    at: Option<Timestamp>,
}

impl DateArgs {
    /// The moment that dates are judged by.
    pub(super) fn moment(&self) -> Timestamp {
        self.at.unwrap_or_else(Timestamp::now)
    }
}

impl FileArgs {
    /// A file that another argument names.
    pub(super) fn at(path: &Path) -> Self {
        Self {
            file: path.to_owned(),
        }
    }

    /// The file's path as given.
    pub(super) fn path(&self) -> &Path {
        &self.file
    }

    /// Loads the file and shows its warnings on stderr.
    pub(super) fn load(&self, unset: UnsetAccount, terminal: &Terminal) -> Result<Config, Failure> {
        load(&self.file, unset, terminal)
    }

    /// Problems of the file, shown with their lines.
    pub(super) fn failure(problems: &Problems, terminal: &Terminal) -> Failure {
        let Problems {
            source,
            problems: all,
            omitted,
        } = problems;
        let mut text = report::problem::render(source, all, true, terminal.err_width());
        text.push_str(&problems.to_string());
        if *omitted > 0 {
            let _ = write!(text, "; the first {} are shown", all.len());
        }
        Failure::error(text).of_file(problems.clone(), problems.to_string())
    }
}

/// Loads a file and shows its warnings on stderr.
pub(super) fn load(
    path: &Path,
    unset: UnsetAccount,
    terminal: &Terminal,
) -> Result<Config, Failure> {
    let config = config::load(path, &Machine, unset)
        .map_err(|problems| FileArgs::failure(&problems, terminal))?;
    warn(&config, &config.warnings, terminal);
    Ok(config)
}

/// Shows problems that are no errors.
pub(super) fn warn(config: &Config, warnings: &[Problem], terminal: &Terminal) {
    if !warnings.is_empty() {
        let width = terminal.err_width();
        terminal.show(&report::problem::render(
            &config.source,
            warnings,
            true,
            width,
        ));
    }
}

/// Shows which requests get in on declared hosts without a certificate.
pub(super) fn warn_of_gaps(config: &Config, desired: &Desired, terminal: &Terminal) -> GapWarnings {
    let gaps = report::gaps::warnings(config, &plan::gaps(desired));
    for warnings in [&gaps.open, &gaps.excepted] {
        warn(config, warnings, terminal);
    }
    gaps
}

/// Access tests that do not hold on what the file says.
pub(super) fn tests_failing(
    config: &Config,
    failing: &[FailedTest],
    terminal: &Terminal,
) -> Failure {
    let problems = report::access_tests::problems(failing);
    let source = &config.source;
    let mut text = report::problem::render(source, &problems, true, terminal.err_width());
    let count = words::count(problems.len(), "access test");
    let verb = if problems.len() == 1 { "does" } else { "do" };
    let path = source.path().display();
    let sentence = format!("{count} of `{path}` {verb} not hold on what the file says");
    text.push_str(&sentence);
    let problems = Problems {
        source: source.clone(),
        problems,
        omitted: 0,
    };
    Failure::error(text).of_file(problems, sentence)
}

/// This machine: its environment and its files.
pub(super) struct Machine;

impl Surroundings for Machine {
    fn variable(&self, name: &str) -> Option<String> {
        std::env::var(name).ok()
    }

    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        config::read_file(path)
    }
}
