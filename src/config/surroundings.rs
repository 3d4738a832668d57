//! What the file may ask of the machine: environment variables and other files, nothing else.

use std::fs::File;
use std::io;
use std::io::Read as _;
use std::path::Path;

/// The environment and the files, as the caller lets them be seen.
pub trait Surroundings {
    /// The value of an environment variable; `None` if it is unset.
    fn variable(&self, name: &str) -> Option<String>;

    /// The bytes of a file, or those of its beginning when it has more than [`MOST_BYTES`].
    ///
    /// # Errors
    /// As reading a file fails.
    fn read(&self, path: &Path) -> io::Result<Vec<u8>>;
}

/// The largest desired-state file that is read, in bytes.
pub const MOST_BYTES: usize = 5 * 1024 * 1024;

/// Reads a file of the disk for [`Surroundings::read`]: one byte more than [`MOST_BYTES`] at the most,
/// so that a device without an end does no harm.
///
/// # Errors
/// As opening and reading a file fails.
pub fn read_file(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?
        .take(MOST_BYTES as u64 + 1)
        .read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// Replaces each `${NAME}`; any other text stays as it is.
///
/// # Errors
/// The first name that is unset, or set to nothing, as pipelines do with secrets they do not have.
pub(super) fn expand(text: &str, surroundings: &dyn Surroundings) -> Result<String, String> {
    let mut expanded = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find("${") {
        let (before, from) = rest.split_at(at);
        expanded.push_str(before);
        let end = from.find('}').unwrap_or(from.len());
        let name = &from[2..end];
        if end == from.len() || !is_variable(name) {
            expanded.push_str(&from[..2]);
            rest = &from[2..];
            continue;
        }
        let value = surroundings
            .variable(name)
            .filter(|value| !value.is_empty());
        expanded.push_str(&value.ok_or_else(|| name.to_owned())?);
        rest = &from[end + 1..];
    }
    expanded.push_str(rest);
    Ok(expanded)
}

fn is_variable(name: &str) -> bool {
    let mut bytes = name.bytes();
    bytes
        .next()
        .is_some_and(|b| b.is_ascii_alphabetic() || b == b'_')
        && bytes.all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

/// Why a file could not be read, in words that are the same on every system.
pub(super) fn reason(error: &io::Error) -> String {
    match error.kind() {
        io::ErrorKind::NotFound => "there is no such file".into(),
        io::ErrorKind::PermissionDenied => "permission denied".into(),
        io::ErrorKind::IsADirectory => "it is a folder".into(),
        _ => error.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use std::io;
    use std::path::Path;

    use super::Surroundings;
    use super::expand;

    struct One;

    impl Surroundings for One {
        fn variable(&self, name: &str) -> Option<String> {
            match name {
                "A" => Some("x${B}".into()),
                "EMPTY" => Some(String::new()),
                _ => None,
            }
        }

        fn read(&self, _: &Path) -> io::Result<Vec<u8>> {
            Err(io::ErrorKind::NotFound.into())
        }
    }

    #[test]
    fn only_whole_references_are_replaced_and_only_once() {
        for (text, expanded) in [
            ("ca/${A}.pem", "ca/x${B}.pem"),
            ("${A}${A}", "x${B}x${B}"),
            ("$A ${} ${a b} ${1} $${ ${A", "$A ${} ${a b} ${1} $${ ${A"),
        ] {
            assert_eq!(expand(text, &One).as_deref(), Ok(expanded), "{text}");
        }
        assert_eq!(expand("${NOPE}", &One), Err("NOPE".to_owned()));
        assert_eq!(expand("${EMPTY}", &One), Err("EMPTY".to_owned()));
    }
}
