//! What hosts do, as `JUnit` XML: a test suite for each host, a test case for each check.
//!
//! There is no standard; this keeps to what the systems that collect such files have in common.

use std::fmt::Write as _;

use crate::handshake::Asked;
use crate::verify::Check;
use crate::verify::HostReport;
use crate::verify::Report;
use crate::verify::Standing;

/// A case as it stands in a suite.
struct Case {
    name: String,
    standing: Standing,
    /// What was expected and seen.
    message: String,
}

/// Everything, always in the same order, with a newline at its end.
#[must_use]
pub fn junit(report: &Report) -> String {
    let counts = report.counts();
    let mut out = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let tests = counts.as_expected + counts.mismatched + counts.not_run;
    let _ = writeln!(
        out,
        "<testsuites name=\"mtlsctl verify\" tests=\"{tests}\" failures=\"{}\" errors=\"0\" skipped=\"{}\">",
        counts.mismatched, counts.not_run
    );
    for host in &report.hosts {
        suite(&mut out, host);
    }
    out.push_str("</testsuites>\n");
    out
}

fn suite(out: &mut String, host: &HostReport) {
    let cases: Vec<Case> = std::iter::once(asking(host))
        .chain(host.checks.iter().map(case))
        .collect();
    let count = |is_meant: fn(&Standing) -> bool| {
        let meant = cases.iter().filter(|case| is_meant(&case.standing));
        meant.count()
    };
    let name = escaped(host.host.as_str());
    let _ = writeln!(
        out,
        "  <testsuite name=\"{name}\" tests=\"{}\" failures=\"{}\" errors=\"0\" skipped=\"{}\">",
        cases.len(),
        count(|standing| *standing == Standing::Mismatch),
        count(|standing| matches!(standing, Standing::NotRun(_)))
    );
    let advice = advice(host);
    for case in cases {
        let head = format!(
            "    <testcase classname=\"{name}\" name=\"{}\"",
            escaped(&case.name)
        );
        let message = escaped(&case.message);
        let _ = match case.standing {
            Standing::AsExpected => writeln!(out, "{head}/>"),
            Standing::Mismatch => writeln!(
                out,
                "{head}>\n      <failure message=\"{message}\">{}</failure>\n    </testcase>",
                escaped(&advice)
            ),
            Standing::NotRun(reason) => writeln!(
                out,
                "{head}>\n      <skipped message=\"{}\"/>\n    </testcase>",
                escaped(&reason)
            ),
        };
    }
    out.push_str("  </testsuite>\n");
}

fn asking(host: &HostReport) -> Case {
    let seen = match &host.asking.seen {
        Asked::Unknown => "not known",
        Asked::No => "no",
        Asked::Yes(_) => "yes",
    };
    let message = match host.asking.missing().as_slice() {
        [] => format!("seen: {seen}"),
        missing => format!("does not offer {}", missing.join(", ")),
    };
    Case {
        name: if host.asking.is_expected() {
            format!(
                "asks for certificates of {}",
                host.asking.declared().join(", ")
            )
        } else {
            "asks for no certificate".to_owned()
        },
        standing: host.asking.standing(),
        message,
    }
}

fn case(check: &Check) -> Case {
    let what = format!("{} as {}", check.request, check.client);
    let seen = check.seen.as_ref();
    let seen = seen.map_or_else(|| "nothing".to_owned(), ToString::to_string);
    let expected = check.expected.as_ref().map(ToString::to_string);
    Case {
        name: match &check.test {
            Some(test) => format!("access test in {test}: {what}"),
            None => what,
        },
        standing: check.standing.clone(),
        message: format!("expected {}, got {seen}", expected.unwrap_or_default()),
    }
}

/// All that is wrong with a host, and what to do.
fn advice(host: &HostReport) -> String {
    let findings = host.findings.iter().map(|finding| {
        format!(
            "{}\nwhy: {}\ndo: {}\n",
            finding.what, finding.why, finding.remedy
        )
    });
    findings.collect()
}

/// As text in XML; characters that XML cannot have are left out.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\n' => out.push('\n'),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => {}
            c => out.push(c),
        }
    }
    out
}
