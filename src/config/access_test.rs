//! The access tests of the file: who must get in, and who must not.

use serde_yaml::Spanned;

use crate::config::declared::Declared;
use crate::config::document::Fields;
use crate::config::document::List;
use crate::config::document::Scalar;
use crate::config::document::TestEntry;
use crate::config::document::Text;
use crate::config::entry;
use crate::config::problem::Fault;
use crate::config::problem::Problem;
use crate::config::source::Located;
use crate::config::source::Span;
use crate::config::source::place;
use crate::resource::Hostname;
use crate::resource::Name;

/// A request, and what is expected to become of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccessTest {
    /// Where the test stands.
    pub at: Span,
    /// A declared host.
    pub host: Located<Hostname>,
    /// What the client presents.
    pub certificate: Presented,
    /// The path of the request, perhaps with a query; begins with `/`, and is `/` where the file says nothing.
    pub path: String,
    /// Other fields of the request, in file order, each once.
    pub given: Vec<(Located<String>, Scalar)>,
    /// What must become of it.
    pub expect: Expectation,
}

/// What the client of an access test presents.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Presented {
    /// No certificate.
    None,
    /// A certificate whose issuer is not known here.
    Stranger,
    /// A certificate issued by a declared CA.
    IssuedBy(Name),
}

/// What must become of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Expectation {
    /// It reaches the origin.
    Pass,
    /// It is refused.
    Block,
    /// It is challenged.
    Challenge,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
enum TestFault {
    #[error("`{path}` is no path")]
    NoPath { path: String },
    #[error("`{field}` is what `{key}` says")]
    Said { field: String, key: &'static str },
}

impl Fault for TestFault {
    fn help(&self) -> Option<String> {
        Some(match self {
            Self::NoPath { .. } => "a path begins with `/`".into(),
            Self::Said { field, .. } => format!("take `{field}` out of `given`"),
        })
    }
}

/// Reads the access tests.
pub(super) fn read(
    entries: Option<List<TestEntry>>,
    declared: &Declared<'_>,
    problems: &mut Vec<Problem>,
) -> Vec<AccessTest> {
    entries
        .into_iter()
        .flat_map(|entries| entries.value)
        .filter_map(|entry| read_one(entry, declared, problems))
        .collect()
}

fn read_one(
    entry: Spanned<TestEntry>,
    declared: &Declared<'_>,
    problems: &mut Vec<Problem>,
) -> Option<AccessTest> {
    const WORDS: [(&str, Expectation); 3] = [
        ("pass", Expectation::Pass),
        ("block", Expectation::Block),
        ("challenge", Expectation::Challenge),
    ];
    let at = place(&entry);
    let entry = entry.value;
    let example = "host: api.example.com";
    let host = entry::required(entry.host, "host", example, at, problems)
        .and_then(|host| declared.host(&host, problems));
    let example = "certificate: none";
    let certificate = entry::required(entry.certificate, "certificate", example, at, problems)
        .and_then(|certificate| presented(&certificate, declared, problems));
    let path = match entry.path {
        None => Some("/".to_owned()),
        Some(path) if path.value.starts_with('/') => Some(path.value),
        Some(path) => {
            let at = place(&path);
            let path = path.value;
            problems.push(Problem::error(at, TestFault::NoPath { path }));
            None
        }
    };
    let given = entry
        .given
        .map_or_else(Vec::new, |fields| read_fields(fields, problems));
    report_said(&given, path.as_deref(), problems);
    let expect = entry::required(entry.expect, "expect", "expect: block", at, problems)
        .and_then(|expect| entry::word(&expect, &WORDS, problems));
    Some(AccessTest {
        at,
        host: host?,
        certificate: certificate?,
        path: path?,
        given,
        expect: expect?,
    })
}

/// Reports fields that the other keys of the test say already; without `path` it is `/`.
fn report_said(
    given: &[(Located<String>, Scalar)],
    path: Option<&str>,
    problems: &mut Vec<Problem>,
) {
    for (field, _) in given {
        let key = match field.value.as_str() {
            "http.host" | "cf.zone.name" => "host",
            "http.request.uri.path" => "path",
            "http.request.uri.query" | "http.request.uri"
                if path.is_some_and(|path| path.contains('?')) =>
            {
                "path"
            }
            _ => continue,
        };
        let fault = TestFault::Said {
            field: field.value.clone(),
            key,
        };
        problems.push(Problem::error(field.at, fault));
    }
}

fn presented(
    text: &Text,
    declared: &Declared<'_>,
    problems: &mut Vec<Problem>,
) -> Option<Presented> {
    match text.value.as_str() {
        "none" => Some(Presented::None),
        "unknown" | "stranger" => Some(Presented::Stranger),
        _ => declared
            .ca(text, problems)
            .map(|ca| Presented::IssuedBy(ca.value)),
    }
}

fn read_fields(fields: Fields, problems: &mut Vec<Problem>) -> Vec<(Located<String>, Scalar)> {
    fields
        .0
        .into_iter()
        .filter_map(|(field, value)| Some((entry::text(field, "given", problems)?, value)))
        .collect()
}
