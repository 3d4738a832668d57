//! From a path to text: what can be wrong with a file before anybody reads what it says.

use std::path::Path;
use std::string::FromUtf8Error;

use crate::config::problem::Fault;
use crate::config::problem::Problem;
use crate::config::source::Source;
use crate::config::source::Span;
use crate::config::surroundings::MOST_BYTES;
use crate::config::surroundings::Surroundings;
use crate::config::surroundings::reason;

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
enum FileFault {
    #[error("the file cannot be read: {reason}")]
    Unreadable { reason: String },
    #[error("the file has more than {} MiB", MOST_BYTES / 1024 / 1024)]
    TooLarge,
    #[error("this is not UTF-8 text")]
    NotUtf8,
    #[error("a private key stands in this file")]
    PrivateKey,
}

impl Fault for FileFault {
    fn help(&self) -> Option<String> {
        Some(
            match self {
                Self::Unreadable { .. } => {
                    "name the desired-state file with `-f FILE`; without it, `mtls.yaml` is read"
                }
                Self::TooLarge => "is it the file you meant? name another with `-f FILE`",
                Self::NotUtf8 => "save the file as UTF-8; a desired-state file is YAML",
                Self::PrivateKey => {
                    "remove it, and replace the key: whoever reads this file has it"
                }
            }
            .into(),
        )
    }
}

/// The text of the file; empty or cut short where it cannot be had, which is reported.
pub(super) fn read(
    path: &Path,
    surroundings: &dyn Surroundings,
    problems: &mut Vec<Problem>,
) -> Source {
    let fault = match surroundings.read(path) {
        Ok(bytes) if bytes.len() > MOST_BYTES => FileFault::TooLarge,
        Ok(bytes) => match String::from_utf8(bytes) {
            Ok(text) => return Source::new(path, &text),
            Err(error) => return not_utf8(path, &error, problems),
        },
        Err(error) => FileFault::Unreadable {
            reason: reason(&error),
        },
    };
    problems.push(Problem::error(None, fault));
    Source::new(path, "")
}

fn not_utf8(path: &Path, error: &FromUtf8Error, problems: &mut Vec<Problem>) -> Source {
    let good = &error.as_bytes()[..error.utf8_error().valid_up_to()];
    let source = Source::new(path, &String::from_utf8_lossy(good));
    let at = Span::at_end(source.text());
    problems.push(Problem::error(at, FileFault::NotUtf8));
    source
}

/// Reports the private keys that stand in the file.
pub(super) fn report_private_keys(source: &Source, problems: &mut Vec<Problem>) {
    for key in source.keys() {
        problems.push(Problem::error(*key, FileFault::PrivateKey));
    }
}
