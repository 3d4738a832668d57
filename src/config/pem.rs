//! The certificates that the file names: from a PEM file, or from PEM text in the file itself.

use std::fmt;
use std::io;
use std::path::Path;

use crate::config::document::Text;
use crate::config::problem::Fault;
use crate::config::problem::Problem;
use crate::config::source::Located;
use crate::config::source::blank_keys;
use crate::config::source::place;
use crate::config::surroundings::Surroundings;
use crate::config::surroundings::expand;
use crate::config::surroundings::reason;
use crate::resource::Bundle;
use crate::resource::InvalidBundle;

/// Where certificates were written.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Origin {
    /// A path, as it stands in the file: relative to the file's folder, `${NAME}` not replaced.
    File(String),
    /// In the file itself.
    Inline,
}

/// The largest PEM file that is read, in bytes.
const MOST_BYTES: usize = 1024 * 1024;

/// Why there are no certificates to be had. Never shows what a file holds, nor what `${NAME}` stands
/// for: the words end up in public logs.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum PemFault {
    #[error("no path and no certificate stands here")]
    Blank,
    #[error("the environment variable `{name}` is unset or empty")]
    Unset { name: String },
    #[error("{origin} cannot be read: {reason}")]
    Unreadable {
        origin: Origin,
        reason: String,
        /// Where paths count from, if that may be the reason.
        folder: Option<String>,
    },
    #[error("{origin} has more than {} MiB", MOST_BYTES / 1024 / 1024)]
    TooLarge { origin: Origin },
    #[error("{origin} is not text")]
    NotText { origin: Origin, der: bool },
    #[error("{origin} cannot be used: {source}")]
    Invalid {
        origin: Origin,
        source: InvalidBundle,
    },
}

impl Fault for PemFault {
    fn help(&self) -> Option<String> {
        const CA: &str =
            "expected is the certificate of the CA that issues the client certificates";
        Some(match self {
            Self::Blank => {
                "write the path of a PEM file, such as `ca/fleet-2026.pem`, or the PEM itself".into()
            }
            Self::Unset { name } => format!("set `{name}`, or write the path out"),
            Self::Unreadable { folder: None, .. } => "name a PEM file that can be read".into(),
            Self::Unreadable {
                folder: Some(folder),
                ..
            } => format!("paths count from the folder of this file, `{folder}`"),
            Self::TooLarge { .. } => CA.into(),
            Self::NotText { origin, der: true } => format!(
                "it looks like DER; make it PEM with `openssl x509 -inform der -in {} -out FILE.pem`",
                origin.path()
            ),
            Self::NotText { der: false, .. } => format!("{CA}, as PEM"),
            Self::Invalid { source, .. } => match source {
                InvalidBundle::PrivateKey { .. } => {
                    "a private key must never be uploaded: keep the certificate only, and replace the key if it was shared".into()
                }
                InvalidBundle::Leaf { .. } => {
                    format!("a leaf cannot issue client certificates; {CA}")
                }
                InvalidBundle::Damaged { .. } | InvalidBundle::Certificate { .. } => {
                    "copy it again from `-----BEGIN CERTIFICATE-----` to `-----END CERTIFICATE-----`".into()
                }
                _ => CA.into(),
            },
        })
    }
}

impl Origin {
    fn path(&self) -> &str {
        match self {
            Self::File(path) => path,
            Self::Inline => "the text",
        }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(f, "`{path}`"),
            Self::Inline => f.write_str("the PEM text here"),
        }
    }
}

/// The bundle that a path or a PEM text stands for.
pub(super) fn bundle(
    text: &Text,
    folder: &Path,
    surroundings: &dyn Surroundings,
    problems: &mut Vec<Problem>,
) -> Option<(Located<Bundle>, Origin)> {
    let at = place(text);
    let is_pem = text.value.contains("-----BEGIN");
    let (origin, pem) = if is_pem {
        (Origin::Inline, Ok(text.value.clone()))
    } else {
        let origin = Origin::File(text.value.clone());
        let pem = read(&text.value, &origin, folder, surroundings);
        (origin, pem)
    };
    let bundle = pem.and_then(|pem| {
        Bundle::from_pem(&pem).map_err(|source| PemFault::Invalid {
            origin: origin.clone(),
            source,
        })
    });
    match bundle {
        Ok(bundle) => Some((Located::new(bundle, at), origin)),
        // A key that stands in the file itself has been reported as such.
        Err(PemFault::Invalid {
            source: InvalidBundle::PrivateKey { .. },
            ..
        }) if is_pem => None,
        Err(fault) => {
            problems.push(Problem::error(at, fault));
            None
        }
    }
}

fn read(
    written: &str,
    origin: &Origin,
    folder: &Path,
    surroundings: &dyn Surroundings,
) -> Result<String, PemFault> {
    let origin = || origin.clone();
    if written.trim().is_empty() {
        return Err(PemFault::Blank);
    }
    let path = expand(written, surroundings).map_err(|name| PemFault::Unset { name })?;
    let bytes = surroundings
        .read(&folder.join(path))
        .map_err(|error| PemFault::Unreadable {
            origin: origin(),
            reason: reason(&error),
            folder: (error.kind() == io::ErrorKind::NotFound).then(|| shown(folder)),
        })?;
    if bytes.len() > MOST_BYTES {
        return Err(PemFault::TooLarge { origin: origin() });
    }
    // A DER certificate is an ASN.1 sequence with a length of two bytes.
    let der = bytes.starts_with(&[0x30, 0x82]);
    let text = String::from_utf8(bytes).map_err(|_| PemFault::NotText {
        origin: origin(),
        der,
    })?;
    Ok(blank_keys(&text).0)
}

fn shown(folder: &Path) -> String {
    if folder.as_os_str().is_empty() {
        return ".".into();
    }
    folder.display().to_string()
}
