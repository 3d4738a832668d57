//! The files in which GitHub Actions takes a job summary and outputs, where the environment names them.
//!
//! <https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands>

use std::fs::OpenOptions;
use std::io;
use std::io::Write as _;

use crate::cli::terminal::Terminal;
use crate::report::github;

/// Adds to the job summary and to the outputs. What cannot be written is said, and ends nothing: a run that is over
/// must be told of all the same.
pub(super) fn tell(summary: &str, outputs: &[(&str, String)], terminal: &Terminal) {
    append("GITHUB_STEP_SUMMARY", &format!("{summary}\n"), terminal);
    append("GITHUB_OUTPUT", &github::outputs(outputs), terminal);
}

fn append(variable: &str, text: &str, terminal: &Terminal) {
    let path = std::env::var_os(variable).unwrap_or_default();
    if path.is_empty() {
        return;
    }
    let written = OpenOptions::new().append(true).create(true).open(&path);
    let written: io::Result<()> = written.and_then(|mut file| file.write_all(text.as_bytes()));
    if let Err(error) = written {
        let path = path.to_string_lossy();
        terminal.say(&format!(
            "careful: {path}, which {variable} names, cannot be written to: {error}"
        ));
    }
}
