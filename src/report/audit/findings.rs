//! Findings as text, the worst first; those that differ in nothing but their object are told once.

use std::fmt::Write as _;

use anstyle::Style;

use crate::audit::Finding;
use crate::audit::Severity;
use crate::report::audit::excerpt;
use crate::report::audit::labelled;
use crate::report::paint;
use crate::report::paint::paint;
use crate::report::words;

/// How many objects of one finding are named before the rest is counted.
const OBJECTS_NAMED: usize = 4;

/// Each finding with all that is known of it, for a terminal of that width.
#[must_use]
pub fn findings(findings: &[Finding], width: usize) -> String {
    let mut told: Vec<(&Finding, Vec<&str>)> = Vec::new();
    for finding in findings {
        let alike = told.iter_mut().find(|(first, _)| is_alike(first, finding));
        match alike {
            Some((_, objects)) => objects.push(&finding.object),
            None => told.push((finding, vec![&finding.object])),
        }
    }
    let texts = told
        .iter()
        .map(|(finding, objects)| one(finding, objects, width));
    texts.collect::<Vec<_>>().join("\n")
}

/// Whether two findings say the same of different objects.
fn is_alike(one: &Finding, other: &Finding) -> bool {
    let Finding {
        severity,
        kind,
        object: _,
        sentence,
        details,
        remedy,
        excerpt,
    } = one;
    (*severity, *kind) == (other.severity, other.kind)
        && *sentence == other.sentence
        && *details == other.details
        && *remedy == other.remedy
        && *excerpt == other.excerpt
}

fn one(finding: &Finding, objects: &[&str], width: usize) -> String {
    let Finding {
        severity,
        kind,
        object: _,
        sentence,
        details,
        remedy,
        excerpt,
    } = finding;
    let label = format!("{severity}  {}  ", kind.id());
    let painted = format!(
        "{}  {}  ",
        paint(style(*severity), severity),
        paint(paint::HEADING, kind.id())
    );
    let mut out = labelled(&label, &named(objects), width).replacen(&label, &painted, 1);
    for line in words::wrap(sentence, 2, width) {
        let _ = writeln!(out, "{line}");
    }
    for detail in details {
        out.push_str(&labelled("  - ", detail, width));
    }
    if let Some(excerpt) = excerpt {
        out.push_str(&excerpt::text(excerpt, width));
    }
    if !remedy.is_empty() {
        let fix = paint(paint::HEADING, "fix:").to_string();
        out.push_str(&labelled("  fix: ", remedy, width).replacen("fix:", &fix, 1));
    }
    out
}

/// `a, b, c, d and 3 more`.
fn named(objects: &[&str]) -> String {
    let mut names: Vec<String> = objects.iter().map(ToString::to_string).collect();
    if names.len() > OBJECTS_NAMED {
        names.truncate(OBJECTS_NAMED);
        names.push(format!("{} more", objects.len() - OBJECTS_NAMED));
    }
    words::list(&names)
}

fn style(severity: Severity) -> Style {
    match severity {
        Severity::High => paint::WRONG,
        Severity::Medium => paint::CAREFUL,
        Severity::Low => paint::HEADING,
        Severity::Info => paint::ASIDE,
    }
}

/// `2 high, 1 medium, 3 low findings; 1 accepted.`
pub(super) fn sums(findings: &[Finding], accepted: usize) -> String {
    let all = [
        Severity::High,
        Severity::Medium,
        Severity::Low,
        Severity::Info,
    ];
    let counts: Vec<String> = all
        .into_iter()
        .filter_map(|severity| {
            let of_it = findings.iter().filter(|one| one.severity == severity);
            let count = of_it.count();
            (count > 0).then(|| format!("{count} {severity}"))
        })
        .collect();
    let sums = match findings.len() {
        0 => "No findings".to_owned(),
        1 => format!("{} finding", counts.join(", ")),
        _ => format!("{} findings", counts.join(", ")),
    };
    let accepted = match accepted {
        0 => String::new(),
        accepted => format!("; {accepted} accepted"),
    };
    format!("{}\n", paint(paint::HEADING, format!("{sums}{accepted}.")))
}
