//! `completions`: what shells complete.

use std::process::ExitCode;

use clap::Args;
use clap::ValueEnum;
use clap_complete::Shell;
use clap_complete::generate;

use crate::cli;
use crate::cli::failure::Failure;
use crate::cli::terminal::Terminal;

/// Print what a shell completes
///
/// Knows all commands, options and their values. Says below how each shell takes it.
#[derive(Args)]
pub struct CompletionsArgs {
    /// The shell
    #[arg(value_enum)]
    shell: Which,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Which {
    /// Into ~/.local/share/bash-completion/completions/mtlsctl
    Bash,
    /// Into a folder of $fpath, as _mtlsctl
    Zsh,
    /// Into ~/.config/fish/completions/mtlsctl.fish
    Fish,
    /// To be called from $PROFILE
    Powershell,
}

pub(super) fn run(args: &CompletionsArgs, terminal: &Terminal) -> Result<ExitCode, Failure> {
    let shell = match args.shell {
        Which::Bash => Shell::Bash,
        Which::Zsh => Shell::Zsh,
        Which::Fish => Shell::Fish,
        Which::Powershell => Shell::PowerShell,
    };
    let mut script = Vec::new();
    generate(shell, &mut cli::command(), cli::NAME, &mut script);
    terminal.print(&String::from_utf8_lossy(&script))?;
    Ok(ExitCode::SUCCESS)
}
