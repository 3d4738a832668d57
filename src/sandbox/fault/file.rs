//! A file of faults: a list in YAML, strict.

use serde_yaml::Error;
use serde_yaml::Spanned;

use crate::sandbox::fault::Fault;
use crate::sandbox::fault::entry::FaultEntry;

/// More is a slip, and would be slow.
const MOST: usize = 1_000;

/// A file of faults that cannot be used, or something in it that cannot.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", problems.join("\n"))]
pub struct InvalidFaultFile {
    /// Everything that is wrong, each with the file, the line and the column.
    pub problems: Vec<String>,
}

/// The faults in `text`, which comes from a file called `name`.
///
/// # Errors
/// What is wrong: everything, but for syntax, unknown keys and wrong types, which stand alone.
pub fn parse_faults(name: &str, text: &str) -> Result<Vec<Fault>, InvalidFaultFile> {
    let options = serde_yaml::options! {
        with_snippet: false,
        budget: serde_yaml::budget! {
            max_nodes: 100_000,
        },
        strict_booleans: true,
        reject_unsupported_tags: true,
        merge_keys: serde_yaml::options::MergeKeyPolicy::Error,
    };
    let stop = |problem: String| InvalidFaultFile {
        problems: vec![problem],
    };
    let is_blank = |line: &str| line.trim().is_empty() || line.trim_start().starts_with('#');
    if text.lines().all(is_blank) {
        return Ok(Vec::new());
    }
    let read = serde_yaml::from_str_with_options::<Vec<Spanned<FaultEntry>>>(text, options);
    let entries = read.map_err(|error| {
        let place = error
            .location()
            .map(|at| format!(":{}:{}", at.line(), at.column()));
        stop(format!(
            "{name}{}: {}",
            place.unwrap_or_default(),
            words(&error)
        ))
    })?;
    if entries.len() > MOST {
        return Err(stop(format!(
            "{name}: {} faults are more than the {MOST} that are taken",
            entries.len()
        )));
    }
    let (mut faults, mut problems) = (Vec::new(), Vec::new());
    for entry in entries {
        let at = entry.referenced;
        match Fault::check(entry.value) {
            Ok(fault) => faults.push(fault),
            Err(invalid) => problems.extend(
                invalid
                    .problems
                    .into_iter()
                    .map(|problem| format!("{name}:{}:{}: {problem}", at.line(), at.column())),
            ),
        }
    }
    if problems.is_empty() {
        Ok(faults)
    } else {
        Err(InvalidFaultFile { problems })
    }
}

/// What the parser has to say, without the place, which is said already.
fn words(error: &Error) -> String {
    if let Error::InvalidScalar { .. } = error {
        return "expected a number here".to_owned();
    }
    let words = error.render_with_formatter(&serde_yaml::UserMessageFormatter);
    match words.rsplit_once(" at line ") {
        Some((words, _)) => words.to_owned(),
        None => words,
    }
}
