//! From text to the document: YAML syntax, known keys, kinds of values. One fault ends it.

use serde::Deserialize;
use serde_yaml::Error;

use crate::config::document::Document;
use crate::config::document::Version;
use crate::config::entry::nearest;
use crate::config::problem::Fault;
use crate::config::problem::Problem;
use crate::config::source::Source;
use crate::config::source::Span;
use crate::config::source::place;

/// The version of the file that this program reads.
const VERSION: &str = "1";

/// Why a text is no document.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum StructureFault {
    #[error("the file is empty")]
    Empty,
    #[error("version `{version}` is not known")]
    UnknownVersion { version: String },
    #[error("`{key}` is no key of this place")]
    UnknownKey {
        key: String,
        known: Vec<&'static str>,
    },
    #[error("the key `{key}` stands here twice")]
    DuplicateKey { key: String },
    #[error("expected {expected} here")]
    WrongKind {
        expected: String,
        help: &'static str,
    },
    #[error("a value is missing here")]
    NoValue,
    #[error("a second YAML document begins here")]
    SecondDocument,
    #[error("`<<` (YAML merge key) is not taken here")]
    MergeKey,
    #[error("the YAML tag `{tag}` is not taken here")]
    Tag { tag: String },
    #[error("no anchor (`&…`) of this name stands above")]
    UnknownAnchor,
    #[error("the file unfolds into more than is read: too many aliases, values or levels")]
    TooMuch,
    #[error("this is not YAML: {reason}")]
    Syntax { reason: String },
}

impl Fault for StructureFault {
    fn help(&self) -> Option<String> {
        let help = match self {
            Self::Empty => {
                "the smallest file has `version`, `account`, `owner`, `cas`, `hostnames` and `rules`"
            }
            Self::UnknownVersion { .. } => {
                return Some(format!(
                    "this mtlsctl reads `version: {VERSION}`; a later file needs a later mtlsctl"
                ));
            }
            Self::UnknownKey { key, known } => {
                return Some(match nearest(key, known) {
                    Some(close) => format!("did you mean `{close}`?"),
                    None => format!("known here are `{}`", known.join("`, `")),
                });
            }
            Self::DuplicateKey { .. } => "keep one of them",
            Self::WrongKind { help, .. } => help,
            Self::NoValue => "write a value, or remove the key",
            Self::SecondDocument => {
                "one file holds one document: remove the `---`, or split the file"
            }
            Self::MergeKey => "write the keys out; aliases of whole values (`*name`) are taken",
            Self::Tag { .. } => "remove the tag",
            Self::UnknownAnchor => "a text that begins with `*` needs quotes",
            Self::TooMuch => "write the values out instead of repeating them through aliases",
            Self::Syntax { .. } => {
                "check indentation, quotes and brackets; a text with `: `, ` #` or a leading special character needs quotes"
            }
        };
        Some(help.to_owned())
    }
}

/// Reads the document, or reports the first thing in it that is no YAML, no known key or not of the kind
/// that its key asks for.
pub(super) fn parse(source: &Source, problems: &mut Vec<Problem>) -> Option<Document> {
    let text = source.text();
    let is_blank = |line: &str| line.trim().is_empty() || line.trim_start().starts_with('#');
    if text.lines().all(is_blank) {
        problems.push(Problem::error(None, StructureFault::Empty));
        return None;
    }
    let read = from_yaml::<Version>(text).and_then(|Version { version }| match version {
        Some(version) if version.value != VERSION => Ok(Err(version)),
        _ => from_yaml::<Document>(text).map(Ok),
    });
    problems.push(match read {
        Ok(Ok(document)) => return Some(document),
        Ok(Err(version)) => {
            let at = place(&version);
            let version = version.value;
            Problem::error(at, StructureFault::UnknownVersion { version })
        }
        Err(error) => problem(source, &error),
    });
    None
}

fn from_yaml<'a, T: Deserialize<'a>>(text: &'a str) -> Result<T, Error> {
    let options = serde_yaml::options! {
        with_snippet: false,
        budget: serde_yaml::budget! {
            max_nodes: 100_000,
        },
        strict_booleans: true,
        reject_unsupported_tags: true,
        merge_keys: serde_yaml::options::MergeKeyPolicy::Error,
        alias_limits: serde_yaml::alias_limits! {
            max_total_replayed_events: 100_000,
        },
    };
    serde_yaml::from_str_with_options(text, options)
}

fn problem(source: &Source, error: &Error) -> Problem {
    let at = error.location().map(|location| source.span(location));
    let fault = match fault(error) {
        StructureFault::WrongKind { .. } if at.is_some_and(|at| is_null(source.text(), at)) => {
            StructureFault::NoValue
        }
        fault => fault,
    };
    Problem::error(at, fault)
}

/// Whether there is no value at this place. A block collection has no width there either, but its first
/// key or dash follows.
fn is_null(text: &str, at: Span) -> bool {
    match text.get(at.start..at.end) {
        Some("") => {
            let line = text[at.start..].lines().next().unwrap_or_default();
            let rest = line.trim_start_matches(':').trim();
            rest.is_empty() || rest.starts_with(['#', ',', ']', '}'])
        }
        Some(word) => matches!(word, "~" | "null" | "Null" | "NULL"),
        None => false,
    }
}

fn fault(error: &Error) -> StructureFault {
    match error {
        Error::AliasError { error, .. } | Error::WithSnippet { error, .. } => fault(error),
        Error::SerdeUnknownField {
            field, expected, ..
        } => StructureFault::UnknownKey {
            key: field.clone(),
            known: expected.clone(),
        },
        Error::DuplicateMappingKey { key, .. } => StructureFault::DuplicateKey {
            key: key.clone().unwrap_or_default(),
        },
        Error::MultipleDocuments { .. } => StructureFault::SecondDocument,
        Error::Unexpected { expected, .. } => wrong_kind(expected),
        Error::SerdeInvalidType { expected, .. } => wrong_kind(expected),
        Error::InvalidScalar { .. } => wrong_kind("a whole number"),
        Error::InvalidBooleanStrict { .. } => wrong_kind("boolean"),
        Error::NullIntoString { .. } => StructureFault::NoValue,
        Error::MergeKeyNotAllowed { .. } => StructureFault::MergeKey,
        Error::UnsupportedTag { tag, .. } => StructureFault::Tag { tag: tag.clone() },
        Error::InvalidBinaryBase64 { .. }
        | Error::BinaryNotUtf8 { .. }
        | Error::TaggedScalarCannotDeserializeIntoString { .. } => wrong_kind("string scalar"),
        Error::UnknownAnchor { .. } => StructureFault::UnknownAnchor,
        Error::Budget { .. }
        | Error::AliasReplayLimitExceeded { .. }
        | Error::AliasExpansionLimitExceeded { .. }
        | Error::AliasReplayStackDepthExceeded { .. }
        | Error::AliasReplayCounterOverflow { .. }
        | Error::RecursiveReferencesRequireWeakTypes { .. } => StructureFault::TooMuch,
        Error::Message { msg, .. } | Error::ExternalMessage { msg, .. } => {
            // The parser has no variant of its own for this one.
            if msg.contains("recursion limit") {
                return StructureFault::TooMuch;
            }
            let reason = msg.clone();
            StructureFault::Syntax { reason }
        }
        other => StructureFault::Syntax {
            reason: other.render_with_formatter(&serde_yaml::UserMessageFormatter),
        },
    }
}

/// The YAML library's word for what it expected, in ours.
fn wrong_kind(expected: &str) -> StructureFault {
    let (expected, help) = match expected {
        "sequence start" => (
            "a list",
            "write `[a, b]`, or `- a` and `- b` on lines of their own",
        ),
        "mapping start" => (
            "keys with values",
            "write `key: value` lines, or `{ key: value }`",
        ),
        "string scalar" => ("a text", "write one value; quotes make any text one"),
        "boolean" => ("`true` or `false`", "no other spelling is taken"),
        "a whole number" => ("a whole number", "write digits only"),
        other => (other, "see mtls.yaml.example for the form"),
    };
    StructureFault::WrongKind {
        expected: expected.to_owned(),
        help,
    }
}
