//! `man`: manual pages.

use std::fs;
use std::io;
use std::path::Path;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use clap::Command;
use clap_mangen::Man;

use crate::cli;
use crate::cli::failure::Failure;
use crate::cli::terminal::Terminal;
use crate::report::words;

/// Write manual pages
///
/// Prints the main page, or with --out writes it and one for each command into a folder, for packagers.
#[derive(Args)]
pub struct ManArgs {
    /// The folder that gets all pages; it is made if it is not there
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

pub(super) fn run(args: &ManArgs, terminal: &Terminal) -> Result<ExitCode, Failure> {
    // `help` would have a page for each command once more.
    let mut command = cli::command().disable_help_subcommand(true);
    command.build();
    let Some(folder) = &args.out else {
        let page = page(&command).map_err(|error| Failure::caused(&error))?;
        terminal.print(&String::from_utf8_lossy(&page))?;
        return Ok(ExitCode::SUCCESS);
    };
    let written = fs::create_dir_all(folder).and_then(|()| write(&command, folder));
    let written = written.map_err(|error| {
        Failure::error(format!(
            "manual pages cannot be written into {}: {error}",
            folder.display()
        ))
    })?;
    terminal.say(&format!(
        "Wrote {} into {}.",
        words::count(written, "manual page"),
        folder.display()
    ));
    Ok(ExitCode::SUCCESS)
}

/// Writes the page of a command and those of its subcommands, and gives their number.
fn write(command: &Command, folder: &Path) -> io::Result<usize> {
    let name = command.get_display_name().unwrap_or(command.get_name());
    fs::write(folder.join(format!("{name}.1")), page(command)?)?;
    let mut written = 1;
    for one in command.get_subcommands() {
        written += write(one, folder)?;
    }
    Ok(written)
}

fn page(command: &Command) -> io::Result<Vec<u8>> {
    let mut page = Vec::new();
    Man::new(command.clone()).render(&mut page)?;
    Ok(page)
}
