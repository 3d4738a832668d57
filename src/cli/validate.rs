//! `validate`: the file alone.

use std::process::ExitCode;

use clap::Args;

use crate::cli::failure::Failure;
use crate::cli::file;
use crate::cli::file::DateArgs;
use crate::cli::file::FileArgs;
use crate::cli::format;
use crate::cli::format::Format;
use crate::cli::terminal::Terminal;
use crate::config;
use crate::config::Problem;
use crate::config::UnsetAccount;
use crate::desired;
use crate::desired::Zones;
use crate::plan;
use crate::report;
use crate::report::check::Checked;
use crate::report::check::Declares;
use crate::report::check::Judged;
use crate::report::check::judged;
use crate::report::shown::Failed;
use crate::report::shown::Faulty;
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
    /// How it is printed
    #[arg(long, value_name = "FORMAT", default_value = "text", value_parser = format::one_of(format::OF_TESTS))]
    format: Format,
}

/// What was found out, as far as it went.
#[derive(Default)]
struct Found {
    problems: Vec<Problem>,
    declares: Option<Declares>,
    tests: Vec<Judged>,
    /// Whether the file says in which zones its hosts lie.
    lists_zones: bool,
}

pub(super) fn run(args: &ValidateArgs, terminal: &Terminal) -> Result<ExitCode, Failure> {
    let mut found = Found::default();
    let checked = args.check(&mut found, terminal);
    args.print(&found, checked.as_ref().err(), terminal)?;
    checked?;
    Ok(ExitCode::SUCCESS)
}

impl ValidateArgs {
    /// How it was asked to print.
    pub(super) fn format(&self) -> Format {
        self.format
    }

    fn check(&self, found: &mut Found, terminal: &Terminal) -> Result<(), Failure> {
        let at = self.date.moment();
        let config = self.file.load(UnsetAccount::Allowed, terminal)?;
        found.lists_zones = config.zones.is_some();
        found.problems.clone_from(&config.warnings);
        let defects = config::defects(&config, at);
        file::warn(&config, &defects, terminal);
        found.problems.extend(defects);
        let desired = desired::resolve(&config, &Zones::of_file(), at)
            .map_err(|problems| FileArgs::failure(&problems, terminal))?;
        found.declares = Some(Declares::of(&desired));
        let gaps = file::warn_of_gaps(&config, &desired, terminal);
        found.problems.extend(gaps.open);
        let warnings = found.problems.len();
        found.problems.extend(gaps.excepted);
        let failing = plan::failing_alone(&desired, at);
        found.tests = judged(&desired, &failing, at);
        if !failing.is_empty() {
            return Err(file::tests_failing(&config, &failing, terminal));
        }
        if self.strict && warnings > 0 {
            let path = self.file.path().display();
            let warnings = words::count(warnings, "warning");
            return Err(Failure::error(format!(
                "{path} has {warnings}, and --strict takes them as errors"
            )));
        }
        Ok(())
    }

    fn print(
        &self,
        found: &Found,
        failed: Option<&Failure>,
        terminal: &Terminal,
    ) -> Result<(), Failure> {
        match failed {
            None if self.format.is_for_programs() => self.document(found, None, terminal),
            None => terminal.print(&self.text(found, terminal.width())),
            Some(failed) if self.format.is_for_programs() => failed.shown("validate", |told| {
                let problems = failed.problems();
                self.document(found, Some((told, problems)), terminal)
            }),
            Some(_) => Ok(()),
        }
    }

    fn document(
        &self,
        found: &Found,
        failed: Option<(&Failed<'_>, &[Problem])>,
        terminal: &Terminal,
    ) -> Result<(), Failure> {
        let mut problems = found.problems.clone();
        let of_failure = failed.iter().flat_map(|(_, problems)| *problems);
        problems.extend(of_failure.cloned());
        problems.sort_by_key(|problem| problem.at);
        let file = self.file.path().to_string_lossy();
        let checked = Checked {
            file: Faulty {
                file: &file,
                problems: &problems,
            },
            declares: found.declares,
            tests: &found.tests,
            failed: failed.map(|(failed, _)| failed),
        };
        terminal.document(&match self.format {
            Format::Junit => report::junit::check(&checked),
            _ => report::json::check(&checked),
        })
    }

    fn text(&self, found: &Found, width: usize) -> String {
        let checked = if found.lists_zones {
            "Its hosts lie in the listed zones; whether the account has these zones was not checked."
        } else {
            "Offline: whether the account has the zones of its hosts was not checked."
        };
        let path = self.file.path().display();
        let sums = found.declares.map_or_else(Vec::new, sums);
        let valid = format!("{path} is valid: {}.", words::list(&sums));
        let lines = [valid.as_str(), checked].map(|text| words::wrap(text, 0, width).join("\n"));
        lines.join("\n") + "\n"
    }
}

fn sums(declares: Declares) -> Vec<String> {
    let Declares {
        cas,
        hosts,
        rules,
        tests,
    } = declares;
    let mut sums = vec![
        words::count(cas, "CA"),
        words::count(hosts, "host"),
        words::count(rules, "rule"),
    ];
    if tests > 0 {
        sums.push(words::count(tests, "access test"));
    }
    sums
}
