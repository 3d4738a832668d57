//! Why the sandbox on disk cannot be used, and what to do about it.

use std::io;
use std::path::Display;
use std::path::Path;
use std::path::PathBuf;

use crate::sandbox::account::FORMAT_VERSION;

/// Why the sandbox on disk cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The folder cannot be made.
    #[error("cannot create the sandbox folder {}; name a folder that can be written to", path.display())]
    Folder {
        /// The folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// There is no sandbox in the folder.
    #[error("there is no sandbox in {0}; `mtlsctl sandbox reset --dir {0}` makes one", path.display())]
    Missing {
        /// The folder.
        path: PathBuf,
    },
    /// The lock cannot be had.
    #[error("cannot lock {}; the sandbox needs a folder that can be written to", path.display())]
    Lock {
        /// The lock file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file cannot be read.
    #[error("cannot read the sandbox from {}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file cannot be written; the old state is intact.
    #[error("cannot write the sandbox to {}; nothing was changed", path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The file is not a sandbox.
    #[error("{} is not a readable sandbox; `mtlsctl sandbox reset --dir {}` starts it anew", path.display(), folder(path))]
    Corrupt {
        /// The file.
        path: PathBuf,
        /// Where it stops making sense.
        source: serde_json::Error,
    },
    /// The file was written by a newer mtlsctl.
    #[error(
        "{} has format version {found}, this mtlsctl reads up to {FORMAT_VERSION}; `mtlsctl sandbox reset --dir {}` \
         starts it anew",
        path.display(),
        folder(path)
    )]
    Version {
        /// The file.
        path: PathBuf,
        /// The version it says.
        found: u32,
    },
}

/// The folder of the sandbox that a file belongs to.
fn folder(file: &Path) -> Display<'_> {
    file.parent().unwrap_or(file).display()
}
