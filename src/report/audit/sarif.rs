//! Findings as SARIF 2.1.0, for systems that collect them from many tools.
//!
//! <https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html>. GitHub shows a result only with a
//! physical location, so each points to the first line of the file.
//! <https://docs.github.com/en/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning>

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::Value;
use serde_json::json;

use crate::audit::Acceptance;
use crate::audit::Audit;
use crate::audit::Finding;
use crate::audit::Kind;
use crate::audit::Severity;
use crate::report::shown::Failed;
use crate::report::words;

const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// The findings, the accepted ones among them as suppressed; `file` is the path that they are shown at,
/// relative to the root of the repository.
#[must_use]
pub fn sarif(audit: &Audit, file: &str) -> String {
    let counting = audit.findings.iter().map(|finding| (finding, None));
    let accepted = audit.accepted.iter();
    let accepted = accepted.map(|one| (&one.finding, Some(&one.acceptance)));
    let all: Vec<(&Finding, Option<&Acceptance>)> = counting.chain(accepted).collect();

    // The worst severity of each kind; a kind stands at its place among the rules.
    let mut kinds: BTreeMap<Kind, Severity> = BTreeMap::new();
    for (finding, _) in &all {
        let worst = kinds.entry(finding.kind).or_insert(finding.severity);
        *worst = finding.severity.max(*worst);
    }
    let rules: Vec<Value> = kinds
        .iter()
        .map(|(kind, worst)| rule(*kind, *worst))
        .collect();
    let mut told: BTreeMap<(Kind, &str), usize> = BTreeMap::new();
    let results: Vec<Value> = all
        .iter()
        .map(|(finding, acceptance)| {
            let place = kinds.range(..finding.kind).count();
            let nth = told.entry((finding.kind, &finding.object)).or_default();
            *nth += 1;
            result(finding, *acceptance, place, *nth, file)
        })
        .collect();
    log(&json!({
        "tool": tool(&rules),
        "results": results,
    }))
}

/// A failure: a run without results that was not successful.
#[must_use]
pub fn failure(failed: &Failed<'_>) -> String {
    let mut message = failed.text.to_owned();
    for hint in failed.hints {
        let _ = write!(message, " Help: {hint}");
    }
    log(&json!({
        "tool": tool(&[]),
        "invocations": [{
            "executionSuccessful": false,
            "exitCode": failed.exit_code,
            "toolExecutionNotifications": [{
                "level": "error",
                "message": { "text": words::visible(&message) },
            }],
        }],
        "results": [],
    }))
}

fn log(run: &Value) -> String {
    let log = json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [run],
    });
    format!("{log:#}\n")
}

fn tool(rules: &[Value]) -> Value {
    json!({ "driver": {
        "name": env!("CARGO_PKG_NAME"),
        "version": env!("CARGO_PKG_VERSION"),
        "rules": rules,
    }})
}

fn rule(kind: Kind, worst: Severity) -> Value {
    json!({
        "id": kind.id(),
        "shortDescription": { "text": kind.about() },
        "fullDescription": { "text": kind.about() },
        "help": { "text": kind.about() },
        "defaultConfiguration": { "level": level(worst) },
    })
}

fn result(
    finding: &Finding,
    acceptance: Option<&Acceptance>,
    rule: usize,
    nth: usize,
    file: &str,
) -> Value {
    let Finding {
        severity,
        kind,
        object,
        sentence,
        details,
        remedy,
        excerpt: _,
    } = finding;
    let mut message = format!("{object}: {sentence}");
    for detail in details {
        let _ = write!(message, " {detail}");
    }
    if !remedy.is_empty() {
        let _ = write!(message, " Fix: {remedy}");
    }
    // Several findings of a kind on one object are told apart by their order.
    let fingerprint = match nth {
        1 => format!("{}:{object}", kind.id()),
        nth => format!("{}:{object}:{nth}", kind.id()),
    };
    // If one result has a list of suppressions, all of them must (SARIF 2.1.0, section 3.27.23).
    let suppressions: Vec<Value> = acceptance
        .iter()
        .map(|one| json!({ "kind": "external", "justification": one.reason }))
        .collect();
    json!({
        "ruleId": kind.id(),
        "ruleIndex": rule,
        "level": level(*severity),
        "message": { "text": words::visible(&message) },
        "locations": [{
            "physicalLocation": {
                "artifactLocation": { "uri": uri(file) },
                "region": { "startLine": 1 },
            },
            "logicalLocations": [{ "fullyQualifiedName": object, "kind": "resource" }],
        }],
        // GitHub goes by the second one, and would take all results at one line for the same without it.
        "partialFingerprints": {
            "mtlsctl/v1": fingerprint,
            "primaryLocationLineHash": fingerprint,
        },
        "suppressions": suppressions,
    })
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low | Severity::Info => "note",
    }
}

/// A path as a relative reference, an absolute one as a `file` URI.
fn uri(path: &str) -> String {
    let mut uri = String::new();
    if path.starts_with('/') {
        uri.push_str("file://");
    }
    for byte in path.trim_start_matches("./").bytes() {
        match byte {
            b'/' | b'-' | b'.' | b'_' | b'~' => uri.push(char::from(byte)),
            byte if byte.is_ascii_alphanumeric() => uri.push(char::from(byte)),
            byte => {
                let _ = write!(uri, "%{byte:02X}");
            }
        }
    }
    uri
}
