//! `init`: a starter file.

use std::fs::OpenOptions;
use std::io;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

use crate::cli::failure::Failure;
use crate::cli::terminal::Terminal;

/// The file that is written.
pub const STARTER: &str = include_str!("init/starter.yaml");

/// Write a commented starter file
///
/// Asks nothing, needs no account, and never overwrites a file. What is yours to fill in says FILL IN.
#[derive(Args)]
pub struct InitArgs {
    /// Where to write it
    #[arg(short, long, default_value = "mtls.yaml", value_name = "FILE")]
    file: PathBuf,
}

pub(super) fn run(args: &InitArgs, terminal: &Terminal) -> Result<ExitCode, Failure> {
    let path = args.file.display();
    let mut options = OpenOptions::new();
    let file = options.write(true).create_new(true).open(&args.file);
    let mut file = file.map_err(|error| {
        if error.kind() == io::ErrorKind::AlreadyExists {
            Failure::error(format!("{path} is there already, and nothing was written")).hint(
                "name another file with -f, or take over a live account with `mtlsctl import`",
            )
        } else {
            Failure::error(format!("{path} cannot be written: {error}"))
        }
    })?;
    file.write_all(STARTER.as_bytes())
        .and_then(|()| file.flush())
        .map_err(|error| Failure::error(format!("{path} could not be written whole: {error}")))?;
    terminal.say(&format!(
        "Wrote {path}. Next: fill in what says FILL IN, above all your CA's certificate; then run `mtlsctl \
         validate`, and `mtlsctl plan --sandbox` to try it without a token."
    ));
    Ok(ExitCode::SUCCESS)
}
